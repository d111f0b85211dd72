"""Received files: kept on disk, hashed and counted while they stream in, so memory use is constant."""

from __future__ import annotations

import hashlib
import io
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE_BYTES: Final = 1 << 20


class Blob(io.FileIO):
    """A file being received. After `close()`, `sha256` (hexadecimal) and `size_bytes` describe it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "xb")
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()

    def write(self, data: ReadableBuffer, /) -> int:
        """Append the whole of `data`."""
        self._hash.update(data)
        view = memoryview(data)
        while view:
            written = super().write(view) or 0
            self.size_bytes += written
            view = view[written:]
        return len(memoryview(data))

    @property
    def sha256(self) -> str:
        """The hash of what was written so far."""
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Read the closed file piece by piece."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


class BlobStore:
    """A temporary directory of blobs, gone on `close()`."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="proofbridge-simulator-")
        self.directory = Path(self._directory.name)
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create(self) -> Blob:
        """Open a new, empty blob for writing."""
        return Blob(self.directory / f"{next(self._numbers):06d}")

    def discard(self, blob: Blob) -> None:
        """Close and delete a blob."""
        blob.close()
        blob.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Delete every blob."""
        self._directory.cleanup()
