"""Files to be dropped, as they lie about on people's machines: each that can't be is told why."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proofbridge_cli.local_files import Candidate, CantDropError, fit_names, opened
from proofbridge_cli.screen import one_line, shell_word


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "there is no such file"),
        (Path.mkdir, "it is a folder"),
        (fifo, "it is a pipe"),
        (bound_socket, "it is a socket"),
        (lambda path: path.symlink_to("/dev/null"), "it is a device"),
        (lambda path: path.symlink_to("nothing"), "there is no such file"),
        (loop, "it can't be read: Too many levels of symbolic links"),
        (Path.touch, "it is empty"),
    ],
)
def test_reason_is_told_when_a_path_can_not_be_dropped(
    make: Callable[[Path], object], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    make(path)
    with pytest.raises(CantDropError) as caught, opened(path, "drop/labels/a.pdf"):
        pytest.fail("it was opened")
    assert str(caught.value) == why
    assert caught.value.what_to_do.endswith(".")


@pytest.fixture
def nobody() -> Iterator[None]:
    """Be nobody where the tests are run by root, who may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.mark.usefixtures("nobody")
def test_reason_is_told_when_a_file_may_not_be_read() -> None:
    with (
        pytest.raises(CantDropError, match="you may not read it"),
        opened(Path("/proc/1/environ"), "drop/a/b"),
    ):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".hidden.pdf", "it is a hidden file"),
        ("~$carton.docx", "it is a temporary file"),
        ("carton.pdf.part", "it is a temporary file"),
    ],
)
def test_odd_file_is_told_before_it_is_sent(name: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF")
    with pytest.raises(CantDropError, match=why), opened(path, f"drop/labels/{name}"):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    "change", [lambda f: f.write(b"!"), lambda f: f.truncate(3)], ids=["grows", "shrinks"]
)
def test_reading_ends_when_the_file_changes_meanwhile(
    change: Callable[[object], object], tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF artwork")
    with opened(path, "drop/labels/a.pdf") as file:
        assert file.read(4) == b"%PDF"
        with path.open("ab") as writer:
            change(writer)
        with pytest.raises(CantDropError, match="it was written to meanwhile") as caught:
            file.read(4)
    assert file.problem is caught.value


def test_file_is_read_to_its_end_when_it_is_removed_or_replaced_meanwhile(tmp_path: Path) -> None:
    path, new = tmp_path / "a.pdf", tmp_path / "new.pdf"
    for replace in (path.unlink, functools.partial(new.rename, path)):
        path.write_bytes(b"%PDF old")
        new.write_bytes(b"%PDF new!")
        with opened(path, "drop/labels/a.pdf") as file:
            replace()
            assert file.read() == b"%PDF old"


def names(*paths: Path | str) -> list[tuple[str, str | None]]:
    """Return the paths that are to be dropped, each with what is wrong with it."""
    candidates = [Candidate(Path(path), f"drop/labels/{Path(path).name}") for path in paths]
    return [(str(each.path), None if wrong is None else str(wrong)) for each, wrong in fit_names(candidates)]


def test_file_counts_once_when_it_is_named_twice(tmp_path: Path) -> None:
    file, link = tmp_path / "a.pdf", tmp_path / "sub" / "a.pdf"
    file.write_bytes(b"%PDF")
    link.parent.mkdir()
    link.symlink_to(file)
    assert names(file, f"{tmp_path}/./a.pdf", link) == [(str(file), None)]


def test_none_is_dropped_when_two_have_one_name_and_the_others_are(tmp_path: Path) -> None:
    one, other, third = tmp_path / "1" / "a.pdf", tmp_path / "2" / "a.pdf", tmp_path / "1" / "b.pdf"
    for path in (one, other, third):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(str(path).encode())
    told = "{} has the same name, so one would be the next version of the other"
    assert names(one, other, third, tmp_path / "3" / "b.pdf") == [
        (str(one), told.format(other)),
        (str(other), told.format(one)),
        (str(third), None),
        (str(tmp_path / "3" / "b.pdf"), None),
    ]


def test_name_is_refused_when_s3_can_not_take_it(tmp_path: Path) -> None:
    for name, why in (
        (os.fsdecode(b"lat\xe9in.pdf"), "its name is not UTF-8, as S3 wants it"),
        ("é" * 508 + ".pdf", "its name in the bucket would have 1,032 bytes, and S3 takes 1,024"),
        ("é" * 504 + ".pdf", None),
    ):
        assert names(tmp_path / name) == [(str(tmp_path / name), why)]


def test_sidecars_come_first() -> None:
    assert [path for path, _ in names("a.pdf", "b.pdf.json", "b.pdf")] == ["b.pdf.json", "a.pdf", "b.pdf"]


def test_hostile_name_stays_one_harmless_line_and_can_be_copied_into_a_shell() -> None:
    name = os.fsdecode("a\n\x1b[31m'\u202eü😀\\".encode() + b"\xe9")
    assert one_line(name) == "a��[31m'�ü😀\\�"
    assert shell_word("a b'c.pdf") == "'a b'\"'\"'c.pdf'"
    assert shell_word("a.pdf") == "a.pdf"
    quoted = shell_word(name)
    assert quoted.isascii()
    assert quoted.isprintable()
    assert eval(f"b{quoted.removeprefix('$')}") == os.fsencode(name)  # noqa: S307 - bash reads it as Python does
