from __future__ import annotations

import hashlib
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from local.simulators import Simulator, serve
from proofbridge.vendors.errors import Happened, InvalidRequestError, SourceError
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource, FileSource
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.inputs import FileUpload
from tests.contract.proofs import effects
from tests.contract.robohead_calls import new_review, pdf


class Zeros:
    """A long source that lies nowhere."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes

    def open(self) -> BinaryIO:
        left = self.size_bytes

        class Stream(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                nonlocal left
                piece = bytes(min(left, size or 0))
                left -= len(piece)
                return piece

        return Stream()


def test_file_arrives_whole_when_uploaded(
    robohead: RoboHead, robohead_simulator: Simulator, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 10_000
    path = tmp_path / "artwork"
    path.write_bytes(data)
    done: list[tuple[int, int | None]] = []
    uploaded = robohead.files.upload(
        LocalFile(FileSource(path), 'Größe "1".pdf'),
        FileUpload(temp_id=3),
        progress=lambda now, total: done.append((now, total)),
    )
    (file,) = robohead_simulator.vendor.state()["files"]
    assert (file["id"], file["size_bytes"]) == (uploaded.file_id, len(data))
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    assert "Größe" in file["name"]
    assert (uploaded.file_name, uploaded.file_size) == (file["name"], "2.56 MB")
    assert done[-1] == (len(data), len(data))
    assert [now for now, _ in done] == sorted({now for now, _ in done})


def test_empty_file_arrives_when_uploaded(robohead: RoboHead, robohead_simulator: Simulator) -> None:
    robohead.files.upload(LocalFile(BytesSource(b""), "Empty.pdf"))
    (file,) = robohead_simulator.vendor.state()["files"]
    assert file["size_bytes"] == 0


def test_memory_stays_small_when_file_is_large(robohead: RoboHead, robohead_simulator: Simulator) -> None:
    tracemalloc.start()
    try:
        robohead.files.upload(LocalFile(Zeros(200_000_000), "Large.tif"))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 30_000_000  # the simulator, in this very process, included
    (file,) = robohead_simulator.vendor.state()["files"]
    assert file["size_bytes"] == 200_000_000


def test_file_becomes_the_next_version_when_name_decides(robohead: RoboHead) -> None:
    made = new_review(robohead)
    again = robohead.files.upload(
        pdf("Label.pdf", b"better"), FileUpload(review_id=made, add_version_by_file_name=True)
    )
    other = robohead.files.upload(pdf("Label.pdf", b"best"), FileUpload(review_id=made))
    (item,) = robohead.reviews.get(made).review_items
    assert (item.version, item.file_id) == (2, again.file_id)
    assert other.file_id != again.file_id


def test_upload_has_no_effect_when_source_is_shorter_than_it_said() -> None:
    class Short(Zeros):
        def open(self) -> BinaryIO:
            return BytesIO(b"short")

    with serve("robohead") as simulator:
        with (
            RoboHead(api_key="rh-local-key", base_url=simulator.url) as client,
            pytest.raises(SourceError) as caught,
        ):
            client.files.upload(LocalFile(Short(1_000), "Label.pdf"))
        assert caught.value.happened is Happened.UNKNOWN
    assert effects(simulator) == []  # it has ended, so whatever it was still reading is over


@pytest.mark.parametrize("name", ["", "x" * 256, "\udcff.pdf"])
def test_file_is_refused_before_sending_when_its_name_is_wrong(
    robohead: RoboHead, robohead_simulator: Simulator, name: str
) -> None:
    with pytest.raises(InvalidRequestError, match="1 to 255"):
        robohead.files.upload(pdf(name))
    assert robohead_simulator.requests.entries() == []
