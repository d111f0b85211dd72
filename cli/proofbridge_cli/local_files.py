"""Files of this machine that are to be dropped: which can't be, and why; and how one is read."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from proofbridge.domain.files.drops import FileDrop
from proofbridge.stores.drop_folder import MAX_KEY_BYTES
from proofbridge.uploads.ignored_files import IgnoreReason, ignore_reason
from proofbridge.uploads.sidecars import file_of_sidecar

_NO_FILES: Final = (
    (stat.S_ISDIR, "it is a folder", "Name the files in it, or pack them into one."),
    (stat.S_ISFIFO, "it is a pipe", "Save what comes out of it as a file."),
    (stat.S_ISSOCK, "it is a socket", "Name a file."),
    (stat.S_ISBLK, "it is a device", "Name a file."),
    (stat.S_ISCHR, "it is a device", "Name a file."),
)
_REMEDIES: Final = {
    IgnoreReason.EMPTY: "Drop it once it is whole.",
    IgnoreReason.HIDDEN: "Such files are left out of the drop folder: rename it.",
    IgnoreReason.TEMPORARY: "Drop it once it is whole, under its final name.",
}


class CantDropError(Exception):
    """A file can't be dropped: why, and what to do."""

    def __init__(self, why: str, what_to_do: str) -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is to be dropped under a key of the drop bucket."""

    path: Path
    key: str

    @property
    def is_there(self) -> bool:
        """Whether there is anything of that name."""
        try:
            self.path.stat()
        except (OSError, ValueError):
            return False
        return True

    def is_same_as(self, other: Candidate) -> bool:
        """Whether both name one and the same file."""
        try:
            return self.path.samefile(other.path)
        except (OSError, ValueError):
            return self.path == other.path


def fit_names(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, CantDropError | None]]:
    """Yield each file once, sidecars first, with what is wrong with its name."""
    namesakes: dict[str, list[Candidate]] = {}
    for each in candidates:
        of_its_name = namesakes.setdefault(each.key, [])
        if not any(each.is_same_as(other) for other in of_its_name):
            of_its_name.append(each)
    once = [each for of_its_name in namesakes.values() for each in of_its_name]
    for each in sorted(once, key=lambda each: file_of_sidecar(each.key) is None):
        others = [other for other in namesakes[each.key] if other is not each and other.is_there]
        yield each, _wrong_name(each.key, others if each.is_there else [])


def _wrong_name(key: str, others: Sequence[Candidate]) -> CantDropError | None:
    if others:
        return CantDropError(
            f"{others[0].path} has the same name, so one would be the next version of the other",
            "Drop one by one, or rename one.",
        )
    try:
        size_bytes = len(key.encode())
    except UnicodeEncodeError:
        return CantDropError("its name is not UTF-8, as S3 wants it", "Rename it.")
    if size_bytes > MAX_KEY_BYTES:
        return CantDropError(
            f"its name in the bucket would have {size_bytes:,} bytes, and S3 takes {MAX_KEY_BYTES:,}",
            "Give it a shorter one.",
        )
    return None


@contextmanager
def opened(path: Path, key: str) -> Iterator[UnchangingFile]:
    """Open a file to be dropped under a key.

    CantDropError where it can't be read, or would not get further than the bucket.
    """
    try:
        _expect_file(path.stat())
        # It may have become a pipe since: who opens one would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    with ExitStack() as ends:
        ends.callback(os.close, descriptor)
        _expect_file(os.fstat(descriptor))
        file = UnchangingFile(descriptor)
        oddity = ignore_reason(FileDrop("", key, "", "", file.size_bytes, datetime.now(UTC)))
        if oddity is not None:
            raise CantDropError(f"it is {oddity}", _REMEDIES.get(oddity, "Rename it."))
        yield file


class UnchangingFile(io.FileIO):
    """A file as it was when it was opened.

    Who reads on in one that was written to meanwhile gets CantDropError, which also stands in `problem`: no
    mixture of two files gets to its end.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "rb", closefd=False)
        found = os.fstat(descriptor)
        self._was = _stamp(found)
        self.size_bytes = found.st_size
        self.problem: CantDropError | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to so many bytes."""
        try:
            data = super().read(-1 if size is None else size) or b""
        except OSError as error:
            self.problem = _unreadable(error)
            raise self.problem from None
        if _stamp(os.fstat(self.fileno())) != self._was:
            self.problem = CantDropError("it was written to meanwhile", "Drop it once it is whole.")
            raise self.problem
        return data


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns


def _expect_file(found: os.stat_result) -> None:
    for is_no_file, why, what_to_do in _NO_FILES:
        if is_no_file(found.st_mode):
            raise CantDropError(why, what_to_do)


def _unreadable(error: OSError | ValueError) -> CantDropError:
    match error:
        case FileNotFoundError() | NotADirectoryError() | ValueError():
            return CantDropError("there is no such file", "Check its name.")
        case PermissionError():
            return CantDropError("you may not read it", "Change its permissions, or ask its owner to.")
        case _:
            return CantDropError(f"it can't be read: {error.strerror}", "Copy it elsewhere, and drop that.")
