"""Reading a dropped file from S3: the bytes of one version, also where the answers are cut off."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, IncompleteReadError

from proofbridge.domain.files.drops import FileDrop
from proofbridge.stores import file_source
from proofbridge.stores.file_source import (
    MAX_BREAKS,
    PIECE_BYTES,
    STALL_SECONDS,
    FileChangedError,
    HashedSource,
)
from tests.integration.cut_off_s3 import CutOffS3, cut_off_s3
from tests.unit.observations import START

SIZE = 5 * PIECE_BYTES + 777
DATA = random.Random(7).randbytes(SIZE)  # noqa: S311 - any bytes will do
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[CutOffS3]:
    with cut_off_s3(DATA) as s3:
        yield s3


@pytest.fixture
def s3(s3_server: CutOffS3) -> CutOffS3:
    s3_server.reset(DATA)
    return s3_server


def source_of(s3: CutOffS3, size_bytes: int = SIZE) -> HashedSource:
    return HashedSource(s3.client, FileDrop("bucket", "drop/labels/a.pdf", "v7", "01", size_bytes, START))


def read_all(source: HashedSource) -> bytes:
    stream = source.open()
    try:
        return b"".join(iter(lambda: stream.read(PIECE_BYTES), b""))
    finally:
        stream.close()


def test_read_asks_once_for_the_dropped_version_when_nothing_breaks(s3: CutOffS3) -> None:
    source = source_of(s3)
    assert read_all(source) == DATA
    (asked,) = s3.asked
    assert "versionId=v7" in asked["Path"]
    assert (source.sha256, source.read_bytes) == (SHA256, SIZE)


@pytest.mark.parametrize(
    "cuts",
    [
        [0],
        [1],
        [PIECE_BYTES],
        [PIECE_BYTES + 1, 0, 0, 5],
        [2 * PIECE_BYTES - 1, 2 * PIECE_BYTES, SIZE - 4 * PIECE_BYTES],
        [SIZE - 1],
        [PIECE_BYTES + 1, -503, -500, 0, -503],
        [-503],
    ],
)
def test_read_goes_on_by_range_of_the_same_content_when_it_is_cut_off(s3: CutOffS3, cuts: list[int]) -> None:
    s3.cuts.extend(cuts)
    source = source_of(s3)
    assert read_all(source) == DATA
    assert source.sha256 == SHA256
    assert len(s3.asked) == len(cuts) + 1
    again = [asked for asked in s3.asked if "Range" in asked]
    starts = [int(asked["Range"].removeprefix("bytes=").removesuffix("-")) for asked in again]
    assert starts == sorted(starts)
    assert len(again) == len(cuts) or cuts == [-503]
    assert all("versionId=v7" in asked["Path"] for asked in s3.asked)
    assert {asked["If-Match"] for asked in again} <= {s3.etag}


def test_hash_goes_on_right_when_only_the_hash_is_wanted_and_the_read_is_cut_off(s3: CutOffS3) -> None:
    s3.cuts.extend([PIECE_BYTES + 3, 9])
    source = source_of(s3)
    assert source.hash_all() == SHA256
    assert source.sent_bytes == 0


def test_what_is_read_to_be_sent_counts_in_every_attempt(s3: CutOffS3) -> None:
    source = source_of(s3)
    first, second = source.open(), source.open()
    assert len(first.read(3)) + len(second.read(4)) == source.sent_bytes == 7
    assert source.read_bytes == 4


def test_whole_rest_is_read_when_no_size_is_given(s3: CutOffS3) -> None:
    s3.cuts.append(3 * PIECE_BYTES)
    stream = source_of(s3).open()
    assert stream.read(5) == DATA[:5]
    assert stream.read() == DATA[5:]
    assert stream.read() == stream.read(9) == b""
    stream.close()


def test_read_gives_up_when_it_is_cut_off_again_and_again(s3: CutOffS3) -> None:
    s3.cuts.extend([1] * (MAX_BREAKS + 5))
    with pytest.raises(IncompleteReadError):
        read_all(source_of(s3))
    assert len(s3.asked) == MAX_BREAKS + 1


def test_read_gives_up_when_no_byte_has_come_for_long(s3: CutOffS3, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 10_000, STALL_SECONDS + 1))
    s3.cuts.extend([PIECE_BYTES, 0, 0])
    stream = source_of(s3).open()
    assert stream.read(PIECE_BYTES) == DATA[:PIECE_BYTES]
    monkeypatch.setattr(file_source, "monotonic", lambda: next(moments))
    with pytest.raises(IncompleteReadError):
        stream.read(PIECE_BYTES)
    assert len(s3.asked) == 1
    stream.close()


def test_read_goes_on_when_it_was_cut_off_while_the_vendor_took_its_time(
    s3: CutOffS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 ends a connection that rests; that nothing was read meanwhile was not its fault."""
    now = 0.0
    monkeypatch.setattr(file_source, "monotonic", lambda: now)
    s3.cuts.extend([PIECE_BYTES, 0])
    stream = source_of(s3).open()
    assert stream.read(PIECE_BYTES) == DATA[:PIECE_BYTES]
    now += STALL_SECONDS + 1
    assert stream.read(PIECE_BYTES) == DATA[PIECE_BYTES : 2 * PIECE_BYTES]
    stream.close()


def test_read_ends_at_once_when_s3_refuses_it(s3: CutOffS3) -> None:
    s3.cuts.extend([PIECE_BYTES, -403])
    with pytest.raises(ClientError, match="403"):
        read_all(source_of(s3))
    assert len(s3.asked) == 2


def test_read_ends_when_the_object_was_overwritten_meanwhile(s3: CutOffS3) -> None:
    """A bucket without versions keeps the id `null` for each content."""
    s3.cuts.append(PIECE_BYTES)
    stream = source_of(s3).open()
    assert stream.read(PIECE_BYTES) == DATA[:PIECE_BYTES]
    s3.data = b"x" * SIZE
    with pytest.raises(ClientError, match="412"):
        stream.read(PIECE_BYTES)
    stream.close()


def test_read_ends_when_the_rest_does_not_begin_where_it_was_broken_off(s3: CutOffS3) -> None:
    s3.cuts.append(PIECE_BYTES)
    s3.ignores_ranges = True
    stream = source_of(s3).open()
    assert stream.read(PIECE_BYTES) == DATA[:PIECE_BYTES]
    with pytest.raises(FileChangedError, match="instead of bytes 1048576-5243656/5243657"):
        stream.read(PIECE_BYTES)
    stream.close()


@pytest.mark.parametrize("announced", [SIZE - 1, SIZE + 1])
def test_read_ends_at_once_when_the_size_is_not_the_one_that_was_announced(
    s3: CutOffS3, announced: int
) -> None:
    with pytest.raises(FileChangedError):
        read_all(source_of(s3, announced))
