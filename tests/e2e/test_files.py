"""Real files through local AWS to every vendor that takes files: one item each, and true receipts."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.demo.artwork import label
from local.demo.world import World
from proofbridge.domain.items import Vendor
from tests.e2e.allowed_calls import allowed_calls, is_allowed, physical_names

CONFIG = Path(__file__).parents[2] / "config"
RELAY = "RelayUploadFunction"
MIB = 1024 * 1024
DESTINATIONS = """
[[destinations]]
prefix = "everywhere"
pattern = "{kind}.{ending}"
[destinations.good2go]
recipient = "customer@brand.test"
[destinations.approval-studio]
project_name = "Everything {file.kind}"
create = true
owners = ["USROWNER"]
reviewers = ["USRREV", "outside@brand.test"]
[destinations.robohead]
project = 501
reviewers = [102]

[[destinations]]
prefix = "large"
after = "move:relayed"
[destinations.good2go]
recipient = "customer@brand.test"
mode = "stream"
[destinations.approval-studio]
project_name = "Everything large"
create = true
owners = ["USROWNER"]
reviewers = ["USRREV"]
[destinations.robohead]
project = 501
reviewers = [102]
"""
VENDORS = (Vendor.GOOD2GO, Vendor.APPROVAL_STUDIO, Vendor.ROBOHEAD)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    config = tmp_path_factory.mktemp("config")
    for path in CONFIG.glob("*.toml"):
        shutil.copy(path, config)
    with (config / "destinations.toml").open("a", encoding="utf-8") as destinations:
        destinations.write(DESTINATIONS)
    with LocalAws(config=config, concurrency=1) as aws:
        world = World(aws)
        try:
            yield world
        finally:
            world.close()


def png() -> bytes:
    """A real image of 64 by 64 grey dots."""
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(64)) for y in range(64))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        )
    )


def tiff() -> bytes:
    """A real image of 8 by 8 grey dots, without compression."""
    fields = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 110), (277, 1), (278, 8), (279, 64)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
    head = struct.pack("<2sHIH", b"II", 42, 8, len(fields)) + entries + struct.pack("<I", 0)
    return head.ljust(110, b"\0") + bytes(range(64))


def archive() -> bytes:
    """A zip with two files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("front.png", png())
        packed.writestr("back.pdf", label(2))
    return buffer.getvalue()


def receipt(world: World, name: str) -> Any:
    data = world.object(f"receipts/{name}.json")
    return None if data is None else json.loads(data)


def wait_for(world: World, names: list[str], version: int = 1) -> dict[str, Any]:
    """Return the receipts, once all are there. What a vendor processes is asked for after some seconds."""
    ends_at = time.monotonic() + 180
    while time.monotonic() < ends_at:
        found = {name: receipt(world, name) for name in names}
        if all(each is not None and each["version"] == version for each in found.values()):
            world.aws.wait_idle(120)
            return found
        time.sleep(0.2)  # a message that is kept back for seconds tells nobody when it comes
    raise AssertionError(found)


def held(world: World, vendor: Vendor) -> list[tuple[str, int, str]]:
    """Return the item, version and SHA-256 of everything that a vendor holds."""
    state = world._see(vendor, "state")
    if vendor is Vendor.GOOD2GO:
        jobs = (job for job in state["jobs"] if not job["is_folder"])
        return [(job["guid"], job["version"], job["versions"][-1]["sha256"]) for job in jobs]
    if vendor is Vendor.APPROVAL_STUDIO:
        return [(each["uid"], each["version"], each["sha256"]) for each in state["assets"]]
    files = {each["id"]: each["sha256"] for each in state["files"]}
    return [
        (str(review["id"]), item["versions"][-1]["number"], files[item["versions"][-1]["file_id"]])
        for review in state["reviews"]
        for item in review["items"]
    ]


FILES = {"carton.pdf": label(1), "front.png": png(), "scan.tiff": tiff(), "set.zip": archive()}


def test_every_vendor_holds_each_file_once_and_the_receipts_agree(world: World) -> None:
    for name, data in FILES.items():
        world.s3.put_object(Bucket=world.bucket, Key=f"drop/everywhere/{name}", Body=data)
    receipts = wait_for(world, [f"everywhere/{name}.{vendor}" for name in FILES for vendor in VENDORS])
    for vendor in VENDORS:
        told = {
            (each["item"], each["version"], each["sha256"])
            for name, each in receipts.items()
            if name.endswith(f".{vendor}")
        }
        assert set(held(world, vendor)) == told
        assert len(held(world, vendor)) == len(FILES)
        assert {sha256 for _, _, sha256 in told} == {
            hashlib.sha256(data).hexdigest() for data in FILES.values()
        }


def test_next_version_stands_at_every_vendor_when_new_bytes_are_dropped(world: World) -> None:
    data = label(7)
    world.s3.put_object(Bucket=world.bucket, Key="drop/everywhere/carton.pdf", Body=data)
    receipts = wait_for(world, [f"everywhere/carton.pdf.{vendor}" for vendor in VENDORS], version=2)
    sha256 = hashlib.sha256(data).hexdigest()
    for vendor in VENDORS:
        found = receipts[f"everywhere/carton.pdf.{vendor}"]
        assert (found["version"], found["sha256"]) == (2, sha256)
        assert (found["item"], 2, sha256) in held(world, vendor)


def test_reviewers_were_asked_at_approval_studio(world: World) -> None:
    tasks = world._see(Vendor.APPROVAL_STUDIO, "state")["tasks"]
    assert len(tasks) == 2 * (len(FILES) + 1), "a user and somebody outside, for each version of each file"


@pytest.mark.soak
def test_300_megabytes_of_noise_arrive_at_every_vendor_and_are_moved(world: World) -> None:
    block = random.Random(7).randbytes(MIB)  # noqa: S311 - any bytes will do
    digest = hashlib.sha256()
    upload = world.s3.create_multipart_upload(Bucket=world.bucket, Key="drop/large/noise.bin")
    where = {"Bucket": world.bucket, "Key": "drop/large/noise.bin", "UploadId": upload["UploadId"]}
    parts = []
    for number in range(1, 5):
        piece = bytes([number]) + (block * 75)[1:]
        digest.update(piece)
        part = world.s3.upload_part(**where, PartNumber=number, Body=piece)
        parts.append({"ETag": part["ETag"], "PartNumber": number})
    world.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    receipts = wait_for(world, [f"large/noise.bin.{vendor}" for vendor in VENDORS])
    for vendor in VENDORS:
        found = receipts[f"large/noise.bin.{vendor}"]
        assert (found["bytes"], found["sha256"], found["attempts"]) == (300 * MIB, digest.hexdigest(), 1)
        assert (found["item"], 1, digest.hexdigest()) in held(world, vendor)
    assert (
        world.s3.head_object(Bucket=world.bucket, Key="relayed/large/noise.bin")["ContentLength"] == 300 * MIB
    )


def test_nothing_went_wrong_on_the_way_and_the_role_suffices(world: World) -> None:
    assert world.violations() == []
    assert [each for each in world.aws.invocations() if each["error"]] == []
    allowed = allowed_calls(RELAY, physical_names(world.aws.client("cloudformation")))
    made = {
        (
            call["action"],
            call["resource"].rpartition("/")[2] if "://" in call["resource"] else call["resource"],
        )
        for call in world.aws.aws_calls()
        if call["function"] == RELAY
    }
    assert {call for call in made if not is_allowed(call, allowed)} == set()
