from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pydantic import TypeAdapter
from werkzeug.formparser import parse_form_data

from proofbridge.vendors.errors import Happened, SourceError, VendorConnectionError
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.multipart import (
    PIECE_BYTES,
    Body,
    BytesBody,
    BytesSource,
    FilePart,
    FileSource,
    MultipartForm,
    Source,
)
from proofbridge.vendors.operation import Operation, RetryPolicy
from tests.unit.vendors.local_vendor import LocalVendor, Received, Reply
from tests.unit.vendors.manual_clock import ManualClock

UPLOAD = Operation("files.upload", "POST", "/upload", "", retry_safe=False, transfer=True)
REPEATABLE = Operation("files.replace", "PUT", "/upload", "", retry_safe=True, transfer=True)
ANY: TypeAdapter[Any] = TypeAdapter(Any)


class CountingSource:
    """Gives `given_bytes` although it announces `size_bytes`, and counts what was opened and closed."""

    def __init__(self, size_bytes: int, given_bytes: int | None = None) -> None:
        self.size_bytes = size_bytes
        self.given_bytes = size_bytes if given_bytes is None else given_bytes
        self.streams: list[_Zeros] = []

    def open(self) -> BinaryIO:
        stream = _Zeros(self.given_bytes)
        self.streams.append(stream)
        return stream


class _Zeros(io.BytesIO):
    """Zeros without the memory for them."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= PIECE_BYTES
        piece = bytes(min(size, self.left))
        self.left -= len(piece)
        return piece


class BrokenSource:
    """Fails after some bytes, or when opened."""

    size_bytes = 10_000_000

    def __init__(self, good_bytes: int | None) -> None:
        self.good_bytes = good_bytes

    def open(self) -> BinaryIO:
        if self.good_bytes is None:
            raise PermissionError("/private/path")
        stream = _Zeros(self.good_bytes)
        stream_read = stream.read

        def read(size: int | None = -1, /) -> bytes:
            piece = stream_read(size)
            if not piece:
                raise OSError("the disk is gone")
            return piece

        stream.read = read  # type: ignore[method-assign]
        return stream


@pytest.fixture
def api(vendor: LocalVendor, manual_clock: ManualClock) -> Iterator[VendorApi]:
    made = VendorApi(
        "testing",
        vendor.url,
        headers=dict,
        secrets=tuple,
        retries=RetryPolicy(chance=lambda: 1.0),
        clock=manual_clock.clock,
    )
    yield made
    made.close()


def part(source: Source, name: str = "proof.pdf") -> FilePart:
    return FilePart("filekey", name, "application/pdf", source)


def all_of(body: Body, size: int = PIECE_BYTES) -> bytes:
    pieces = []
    while piece := body.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    return b"".join(pieces)


def parsed(
    data: bytes, content_type: str
) -> tuple[dict[str, list[str]], dict[str, tuple[str | None, str, bytes]]]:
    """Read a form as a server does."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    _, fields, files = parse_form_data(environ)
    found = {
        name: (file.filename, file.content_type or "", file.stream.read()) for name, file in files.items()
    }
    for file in files.values():
        file.close()
    return {name: fields.getlist(name) for name in fields}, found


@pytest.mark.parametrize(
    "size_bytes", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7]
)
@pytest.mark.parametrize("read_bytes", [1 << 14, PIECE_BYTES])
def test_length_is_exact_when_form_has_a_file(size_bytes: int, read_bytes: int) -> None:
    data = bytes(range(256)) * (size_bytes // 256 + 1)
    data = data[:size_bytes]
    form = MultipartForm([("a", "1"), ("task[due_at]", "ü\r\n--x")], part(BytesSource(data)))
    body = form.body()
    sent = all_of(body, read_bytes)
    body.close()
    assert len(sent) == len(body) == body.handed_out_bytes
    fields, files = parsed(sent, form.content_type)
    assert fields == {"a": ["1"], "task[due_at]": ["ü\r\n--x"]}
    assert files == {"filekey": ("proof.pdf", "application/pdf", data)}


def test_length_is_exact_when_form_has_no_file() -> None:
    form = MultipartForm([("name", "x"), ("size", "12"), ("name", "y")])
    body = form.body()
    sent = all_of(body, 7)
    assert len(sent) == len(body)
    assert parsed(sent, form.content_type) == ({"name": ["x", "y"], "size": ["12"]}, {})


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain.pdf", b"plain.pdf"),
        ("Größe 日本.pdf", "Größe 日本.pdf".encode()),
        ('a"b.pdf', b"a%22b.pdf"),
        ("a\r\nX-Evil: 1.pdf", b"a%0D%0AX-Evil: 1.pdf"),
        ("back\\slash.pdf", b"back_slash.pdf"),
        ("100%.pdf", b"100%.pdf"),
    ],
)
def test_file_name_is_written_as_browsers_do_when_it_is(name: str, written: bytes) -> None:
    body = MultipartForm([], part(BytesSource(b"x"), name)).body()
    assert b'name="filekey"; filename="' + written + b'"\r\n' in all_of(body)


def test_bytes_body_hands_out_all_when_read_in_pieces() -> None:
    body = BytesBody(b"0123456789")
    assert [body.read(4), body.read(4), body.read(4), body.read(4)] == [b"0123", b"4567", b"89", b""]
    assert BytesBody(b"01").read() == b"01"
    assert body.handed_out_bytes == len(body) == 10


def test_every_attempt_sends_the_whole_file_when_upload_is_repeated(
    api: VendorApi, vendor: LocalVendor
) -> None:
    source = CountingSource(3_000_000)
    form = MultipartForm([("a", "1")], part(source))
    vendor.answer(Reply(429), Reply(429, headers={"Retry-After": "1"}))
    api.read(UPLOAD, ANY, form=form)
    assert len(vendor.received) == 3
    for request in vendor.received:
        assert_exact(request, 3_000_000)
    assert len(source.streams) == 3
    assert all(stream.closed for stream in source.streams)


def test_every_attempt_sends_the_whole_file_when_connection_was_lost(
    api: VendorApi, vendor: LocalVendor
) -> None:
    source = CountingSource(500_000)
    vendor.answer(Reply(fault="drop"), Reply(503))
    api.read(REPEATABLE, ANY, form=MultipartForm([], part(source)))
    assert len(vendor.received) == 3
    for request in vendor.received:
        assert_exact(request, 500_000)


def assert_exact(request: Received, size_bytes: int) -> None:
    assert "Transfer-Encoding" not in request.headers
    assert int(request.headers["Content-Length"]) == len(request.body)
    _, files = parsed(request.body, request.headers["Content-Type"])
    assert len(files["filekey"][2]) == size_bytes


@pytest.mark.parametrize(
    ("given_bytes", "words"),
    [(999_999, "ended after 999999 of 1000000"), (1_000_001, "more than the announced")],
)
def test_upload_is_broken_off_when_source_has_another_size(
    api: VendorApi, vendor: LocalVendor, given_bytes: int, words: str
) -> None:
    source = CountingSource(1_000_000, given_bytes)
    with pytest.raises(SourceError, match=words) as caught:
        api.read(UPLOAD, ANY, form=MultipartForm([], part(source)), item="file 'x'")
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.transient
    assert source.streams[0].closed
    api.read(UPLOAD, ANY, form=MultipartForm([], part(BytesSource(b"x"))))
    broken, whole = vendor.wait_for(2)
    assert len(broken.body) < int(broken.headers["Content-Length"])  # its end was never sent
    assert_exact(whole, 1)
    assert broken.connection != whole.connection


def test_upload_is_broken_off_when_source_fails(api: VendorApi) -> None:
    with pytest.raises(SourceError, match="could not be read \\(OSError\\)") as caught:
        api.read(UPLOAD, ANY, form=MultipartForm([], part(BrokenSource(3_000_000))))
    assert caught.value.happened is Happened.UNKNOWN


def test_source_error_hides_paths_when_source_cannot_be_opened(api: VendorApi) -> None:
    with pytest.raises(SourceError, match="PermissionError") as caught:
        api.read(UPLOAD, ANY, form=MultipartForm([], part(BrokenSource(None))))
    assert "/private/path" not in str(caught.value)


def test_nothing_happened_when_upload_could_not_connect(manual_clock: ManualClock) -> None:
    api = VendorApi("testing", "http://127.0.0.1:1", headers=dict, secrets=tuple, clock=manual_clock.clock)
    source = CountingSource(10)
    with pytest.raises(VendorConnectionError) as caught:
        api.read(UPLOAD, ANY, form=MultipartForm([], part(source)))
    assert caught.value.happened is Happened.NO
    assert not source.streams
    api.close()


@pytest.mark.usefixtures("vendor")
def test_progress_reaches_the_whole_when_file_is_sent(api: VendorApi) -> None:
    seen: list[tuple[int, int | None]] = []
    form = MultipartForm(
        [],
        part(BytesSource(b"x" * (2 * PIECE_BYTES + 5))),
        progress=lambda done, total: seen.append((done, total)),
    )
    api.read(UPLOAD, ANY, form=form)
    total = 2 * PIECE_BYTES + 5
    assert seen == [(PIECE_BYTES, total), (2 * PIECE_BYTES, total), (total, total)]


def test_memory_stays_constant_when_file_is_large(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.keep_bodies = False
    form = MultipartForm([], part(CountingSource(200_000_000)))
    tracemalloc.start()
    try:
        api.read(UPLOAD, ANY, form=form)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 12_000_000  # client and server together


def test_file_on_disk_is_sent_when_named(api: VendorApi, vendor: LocalVendor, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 " * 1000)
    source = FileSource(path)
    api.read(UPLOAD, ANY, form=MultipartForm([], part(source)))
    assert_exact(vendor.received[0], 9000)
    path.write_bytes(b"longer" * 9000)
    with pytest.raises(SourceError):
        api.read(UPLOAD, ANY, form=MultipartForm([], part(source)))
