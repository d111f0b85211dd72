"""The drop folder, and what became of its files."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from proofbridge.domain.files.drops import FileDrop, PendingDrop, UploadedVersion
from proofbridge.domain.items import Vendor
from proofbridge.stores.drop_folder import DropFolder, FileGoneError
from proofbridge.stores.places import Places
from tests.integration.cloud import BUCKET, Cloud
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB, START, at

KEY = "drop/labels/größe & maß.pdf"
PLACE = f"{BUCKET}/{KEY}", Vendor.GOOD2GO
RELAYED = UploadedVersion(KEY, "0001", "ab" * 32, 9, str(JOB), 2)


def put(cloud: Cloud, data: bytes) -> FileDrop:
    version = cloud.s3.put_object(Bucket=BUCKET, Key=KEY, Body=data)["VersionId"]
    return FileDrop(BUCKET, KEY, version, "0001", len(data), START)


@pytest.fixture
def folder(cloud: Cloud) -> DropFolder:
    return DropFolder(cloud.s3)


@pytest.fixture
def relays(cloud: Cloud) -> Places:
    return Places(cloud.dynamodb, "state")


# -- the folder


def test_file_is_there_when_it_was_dropped(folder: DropFolder, cloud: Cloud) -> None:
    drop = put(cloud, b"one")
    with cloud.counted() as calls:
        folder.metadata(drop)
    assert calls == ["HeadObject"]


def test_file_is_gone_when_its_version_was_deleted(folder: DropFolder, cloud: Cloud) -> None:
    drop = put(cloud, b"one")
    cloud.s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=drop.version_id)
    with pytest.raises(FileGoneError):
        folder.metadata(drop)


def test_version_is_still_there_when_a_newer_one_or_a_deletion_hides_it(
    folder: DropFolder, cloud: Cloud
) -> None:
    drop = put(cloud, b"one")
    put(cloud, b"two")
    cloud.s3.delete_object(Bucket=BUCKET, Key=KEY)
    folder.metadata(drop)
    assert folder.source(drop).open().read() == b"one"


def test_other_errors_come_through_when_a_file_is_looked_for(folder: DropFolder, cloud: Cloud) -> None:
    drop = put(cloud, b"one")
    denied = ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")
    cloud.fail("HeadObject", denied)
    with pytest.raises(ClientError):
        folder.metadata(drop)


def test_bytes_are_hashed_as_they_are_read_and_anew_each_time(folder: DropFolder, cloud: Cloud) -> None:
    source = folder.source(put(cloud, b"one two three"))
    assert (source.size_bytes, source.sha256) == (13, None)
    stream = source.open()
    assert stream.read(3) == b"one"
    stream.close()
    assert source.sha256 == hashlib.sha256(b"one").hexdigest()
    stream = source.open()
    assert (stream.read(4), stream.read()) == (b"one ", b"two three")
    stream.close()
    assert source.sha256 == hashlib.sha256(b"one two three").hexdigest()


def test_whole_file_is_hashed_when_only_its_hash_is_wanted(folder: DropFolder, cloud: Cloud) -> None:
    data = b"x" * (1024 * 1024 + 7)
    source = folder.source(put(cloud, data))
    assert source.hash_all() == source.sha256 == hashlib.sha256(data).hexdigest()


def test_receipts_and_errors_lie_beside_the_drop_folder_by_the_files_name(
    folder: DropFolder, cloud: Cloud
) -> None:
    drop = put(cloud, b"one")
    folder.put_receipt(drop, '{"ü": 1}')
    folder.put_error(drop, "{}")
    receipt = cloud.s3.get_object(Bucket=BUCKET, Key="receipts/labels/größe & maß.pdf.json")
    assert receipt["Body"].read().decode() == '{"ü": 1}'
    assert receipt["ContentType"] == "application/json"
    assert cloud.s3.get_object(Bucket=BUCKET, Key="errors/labels/größe & maß.pdf.json")


@pytest.mark.parametrize("vendor", ["", "good2go"])
def test_what_is_said_of_a_newer_version_stays_when_an_older_one_comes_to_its_end(
    folder: DropFolder, cloud: Cloud, vendor: str
) -> None:
    older = put(cloud, b"one")
    newer = dataclasses.replace(older, version_id="v2", sequencer=f"{older.sequencer}1")
    ending = f".{vendor}.json" if vendor else ".json"

    def said(records: str) -> list[str]:
        found = cloud.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{records}/labels/").get("Contents", [])
        bodies = [cloud.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"] for each in found]
        assert all(each["Key"].endswith(ending) for each in found)
        return [body.read().decode() for body in bodies]

    folder.put_error(newer, "wrong with the newer", vendor)
    folder.put_receipt(older, "the older's", vendor)
    assert (said("receipts"), said("errors")) == (["the older's"], ["wrong with the newer"])
    folder.put_error(older, "wrong with the older", vendor)
    folder.clear_error(older, vendor)
    assert said("errors") == ["wrong with the newer"]
    folder.put_receipt(newer, "the newer's", vendor)
    assert (said("receipts"), said("errors")) == (["the newer's"], [])
    folder.put_receipt(older, "the older's again", vendor)
    folder.put_error(older, "wrong with the older", vendor)
    assert (said("receipts"), said("errors")) == (["the newer's"], [])


# -- what became of the files


def test_one_delivery_at_a_time_has_the_claim(relays: Places, cloud: Cloud, clock: TickingClock) -> None:
    drop = put(cloud, b"one")
    now = clock.now()
    until = now + timedelta(seconds=960)
    with cloud.counted() as calls:
        assert relays.claim(PLACE, drop, now, until).is_ours
    assert calls == ["UpdateItem"]
    assert not relays.claim(PLACE, drop, now, until).is_ours
    turn = relays.claim(PLACE, drop, until + timedelta(seconds=1), until + timedelta(seconds=960))
    assert turn.is_ours
    assert turn.before is None, "a claim is no outcome"


def test_claim_ends_when_it_is_released_or_the_outcome_noted(
    relays: Places, cloud: Cloud, clock: TickingClock
) -> None:
    drop, now = put(cloud, b"one"), clock.now()
    until = now + timedelta(seconds=960)
    assert relays.claim(PLACE, drop, now, until).is_ours
    relays.release(PLACE, until, drop, in_doubt=False, ended=False)
    assert relays.claim(PLACE, drop, now, until).is_ours
    relays.put(PLACE, RELAYED)
    for _ in range(2):
        turn = relays.claim(PLACE, drop, now, until)
        assert turn.is_ours
        assert turn.before == RELAYED, "the next claim keeps what was noted"
        relays.release(PLACE, until, drop, in_doubt=False, ended=False)


def test_claim_of_somebody_else_stays_when_an_old_one_is_released(
    relays: Places, cloud: Cloud, clock: TickingClock
) -> None:
    drop, now = put(cloud, b"one"), clock.now()
    assert relays.claim(PLACE, drop, now, at(0) - timedelta(days=9)).is_ours
    later = now + timedelta(seconds=960)
    assert relays.claim(PLACE, drop, now, later).is_ours
    relays.release(PLACE, at(0) - timedelta(days=9), drop, in_doubt=False, ended=False)
    assert not relays.claim(PLACE, drop, now, later).is_ours


@pytest.mark.parametrize("crashed", [True, False])
def test_other_version_gets_no_claim_when_one_is_in_doubt(
    relays: Places, cloud: Cloud, clock: TickingClock, *, crashed: bool
) -> None:
    drop, other, now = put(cloud, b"one"), put(cloud, b"two"), clock.now()
    until = now + timedelta(seconds=960)
    assert relays.claim(PLACE, drop, now, until).is_ours
    if not crashed:
        relays.release(PLACE, until, drop, in_doubt=True, ended=False)
    later = until + timedelta(hours=1)
    assert not relays.claim(PLACE, other, later, later).is_ours
    assert relays.claim(PLACE, drop, later, later).is_ours, "itself may try again"
    assert not relays.give_up(PLACE, other.version_id)
    assert relays.give_up(PLACE, drop.version_id)
    assert not relays.give_up(PLACE, drop.version_id)
    assert relays.claim(PLACE, other, later + timedelta(seconds=1), later).is_ours


def test_other_version_gets_the_claim_when_one_was_noted_or_released(
    relays: Places, cloud: Cloud, clock: TickingClock
) -> None:
    drop, other, now = put(cloud, b"one"), put(cloud, b"two"), clock.now()
    until = now + timedelta(seconds=960)
    assert relays.claim(PLACE, drop, now, until).is_ours
    relays.release(PLACE, until, drop, in_doubt=False, ended=False)
    assert relays.claim(PLACE, other, now, until).is_ours
    relays.put(PLACE, RELAYED)
    assert relays.claim(PLACE, drop, now, until).is_ours


def test_drops_are_expected_from_when_they_were_first_handed_on_until_they_end(
    relays: Places, cloud: Cloud, clock: TickingClock
) -> None:
    one, two, now = put(cloud, b"one"), put(cloud, b"two"), clock.now()
    until = now + timedelta(seconds=960)
    for drop, moment in ((one, now), (two, now), (one, until)):
        relays.expect(PLACE, drop, moment)
    turn = relays.claim(PLACE, one, now, until)
    assert turn.is_ours
    assert (turn.before, turn.in_doubt) == (None, None)
    assert sorted(turn.expected, key=lambda each: each.version_id) == sorted(
        (PendingDrop(drop.key, drop.version_id, drop.sequencer, now) for drop in (one, two)),
        key=lambda each: each.version_id,
    )
    relays.release(PLACE, until, one, in_doubt=False, ended=True)
    turn = relays.claim(PLACE, two, now, until)
    assert turn.is_ours
    assert [each.version_id for each in turn.expected] == [two.version_id]
    relays.put(PLACE, RELAYED, [one.version_id, two.version_id, one.version_id])
    turn = relays.claim(PLACE, one, now, until)
    assert turn.is_ours
    assert (turn.before, turn.expected) == (RELAYED, ())
