"""Dropped objects taken in: names, events, sidecars, odd files; what becomes of each, and what is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage, drop_key
from proofbridge.domain.items import Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.intake import Arrived
from proofbridge.uploads.outcomes import Status
from tests.integration.bridge import CUSTOMER, TRACKING, Bridge
from tests.integration.cloud import BUCKET, UPLOADS, KilledError

PATTERN = "{customer}_{order}_{revision}.pdf"
OTHER = "other@brand.test"
NOWHERE = "http://127.0.0.1:9"


def sidecar(bridge: Bridge, data: Any, name: str = "summer-ale.pdf") -> dict[str, Any]:
    """Put a sidecar beside a file; returns S3's event."""
    return bridge.drop(data if isinstance(data, bytes) else json.dumps(data).encode(), f"{name}.json")


def tags(bridge: Bridge, event: dict[str, Any]) -> dict[str, str]:
    """Return the tags of a dropped version."""
    drop = FileDrop.from_event(event)
    answer = bridge.cloud.s3.get_object_tagging(Bucket=BUCKET, Key=drop.key, VersionId=drop.version_id)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def handed_on(bridge: Bridge) -> list[UploadMessage]:
    """Take what was handed on to Good2Go."""
    return [UploadMessage.from_message(letter.body) for letter in bridge.letters()]


def delayed(bridge: Bridge) -> list[tuple[dict[str, Any], int]]:
    """Take the files that look again for their sidecar, and how long each is kept back."""
    return [(json.loads(letter.body), letter.delay_seconds) for letter in bridge.cloud.letters(UPLOADS)]


def error_of(bridge: Bridge, event: dict[str, Any]) -> Any:
    """Return what errors/ says of a file."""
    key = FileDrop.from_event(event).key.removeprefix("drop/")
    return bridge.object(f"errors/{key}.json")


def state_of(bridge: Bridge, event: dict[str, Any]) -> str:
    """Return the ledger's word of the taking in."""
    return bridge.state_of(drop_key(FileDrop.from_event(event)))


# -- names


NAMES: list[tuple[str, bytes, Arrived]] = [
    ("summer-ale.pdf", b"%PDF", Arrived.HANDED_ON),
    ("a+b (1) ü%20.pdf", b"%PDF", Arrived.HANDED_ON),
    ("2026/märz/größe & maß.tiff", b"II*", Arrived.HANDED_ON),
    ("no-ending", b"x", Arrived.HANDED_ON),
    ("data.json", b"{}", Arrived.HANDED_ON),
    ("summer-ale.pdf.json", b"{}", Arrived.SIDECAR),
    ("summer-ale.pdf.json.json", b"{}", Arrived.SIDECAR),
    ("data.json.json", b"", Arrived.SIDECAR),
    ("._summer-ale.pdf.json", b"x", Arrived.IGNORED),
    ("summer-ale.pdf.json.part", b"{", Arrived.IGNORED),
    ("summer-ale.pdf.JSON", b"{}", Arrived.REFUSED),
    (".DS_Store", b"x", Arrived.IGNORED),
    ("~$brief.docx", b"x", Arrived.IGNORED),
    ("Thumbs.db", b"x", Arrived.IGNORED),
    ("artwork.pdf.part", b"x", Arrived.IGNORED),
    ("sub/", b"", Arrived.IGNORED),
    ("empty.pdf", b"", Arrived.REFUSED),
]


@pytest.mark.parametrize(("name", "data", "arrived"), NAMES)
def test_object_is_taken_for_what_its_name_says(
    bridge: Bridge, name: str, data: bytes, arrived: Arrived
) -> None:
    event = bridge.drop(data, name)
    assert bridge.take_in(event) is arrived
    sent = handed_on(bridge)
    assert [each.drop for each in sent] == [FileDrop.from_event(event)] * (arrived is Arrived.HANDED_ON)
    assert (error_of(bridge, event) is not None) == (arrived is Arrived.REFUSED)
    states = {Arrived.IGNORED: "ignored", Arrived.REFUSED: "refused", Arrived.SIDECAR: "kept"}
    state = states.get(arrived)
    assert tags(bridge, event).get("proofbridge-state") == state


def test_odd_file_is_reported_when_the_destination_says_so(bridge: Bridge) -> None:
    bridge.destine(temporary_files="report", empty_files="ignore")
    event = bridge.drop(b"x", "a.pdf.part")
    assert bridge.take_in(event) is Arrived.REFUSED
    assert error_of(bridge, event)["problem"] == "drop/labels/a.pdf.part is a temporary file"
    assert state_of(bridge, event) == EffectState.PARKED
    assert bridge.take_in(bridge.drop(b"", "b.pdf")) is Arrived.IGNORED


def test_file_is_refused_when_it_is_larger_than_its_destination_takes(bridge: Bridge) -> None:
    bridge.destine(max_size_mb=1)
    event = bridge.drop(b"x" * 1_000_001)
    assert bridge.take_in(event) is Arrived.REFUSED
    assert "has 1,000,001 bytes; its destination takes up to 1 MB" in error_of(bridge, event)["problem"]
    assert bridge.take_in(bridge.drop(b"x" * 1_000_000)) is Arrived.HANDED_ON


def test_name_without_its_fields_waits_for_a_sidecar_that_says_them(bridge: Bridge) -> None:
    bridge.destine(pattern=PATTERN)
    event = bridge.drop(b"%PDF")
    assert bridge.take_in(event) is Arrived.WAITING
    assert "not of the form" in error_of(bridge, event)["problem"]
    assert "summer-ale.pdf.json" in error_of(bridge, event)["what_to_do"]
    fields = {"customer": "ACME", "order": "7", "revision": "a"}
    said = sidecar(bridge, {"fields": fields})
    with bridge.cloud.counted() as calls:
        assert bridge.take_in(said) is Arrived.SIDECAR
    assert calls.index("DeleteObject") < calls.index("SendMessage"), "a vendor's error would be taken away"
    (delivery,) = handed_on(bridge)
    assert delivery.wishes == {"fields": fields}
    assert error_of(bridge, event) is None
    assert state_of(bridge, event) == EffectState.DONE


def test_names_fields_stand_in_messages_and_tasks(bridge: Bridge) -> None:
    bridge.destine(
        pattern=PATTERN,
        message="Order {file.order}",
        tracking={**TRACKING, "title": "{file.customer}, revision {file.revision}"},
    )
    assert bridge.relay(bridge.drop(b"%PDF", "ACME_4711_v2.pdf")).fate is Status.RELAYED
    assert "Order 4711" in [entry["comments"] for entry in bridge.good2go.job()["changelogs"]]
    (task,) = bridge.actions(Vendor.GOODDAY)
    assert task.params["title"] == "ACME, revision v2"


# -- tags


def test_tags_of_the_customer_are_kept_when_a_file_is_tagged(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    drop = FileDrop.from_event(event)
    own = {"TagSet": [{"Key": "order", "Value": "4711"}, {"Key": "proofbridge-state", "Value": "old"}]}
    bridge.cloud.s3.put_object_tagging(
        Bucket=BUCKET,
        Key=drop.key,
        VersionId=drop.version_id,
        Tagging=own,  # type: ignore[arg-type]
    )
    bridge.relay(event)
    assert tags(bridge, event) == {"order": "4711", "proofbridge-state": "relayed"}


def test_file_with_ten_tags_of_its_owners_is_left_as_it_is(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    drop = FileDrop.from_event(event)
    own = [{"Key": f"k{number}", "Value": "v"} for number in range(10)]
    bridge.cloud.s3.put_object_tagging(
        Bucket=BUCKET,
        Key=drop.key,
        VersionId=drop.version_id,
        Tagging={"TagSet": own},  # type: ignore[typeddict-item]
    )
    assert bridge.relay(event).fate is Status.RELAYED
    assert tags(bridge, event) == {f"k{number}": "v" for number in range(10)}


# -- sidecars: before, after, never, wrong


def test_sidecar_counts_when_it_came_before_its_file(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=300)
    assert bridge.take_in(sidecar(bridge, {"recipient": OTHER})) is Arrived.SIDECAR
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.RELAYED
    assert bridge.good2go.job()["c_email"] == OTHER
    assert delayed(bridge) == []


def test_sidecar_counts_at_once_when_it_comes_within_the_grace_time(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=300)
    event = bridge.drop(b"%PDF")
    assert bridge.take_in(event) is Arrived.WAITING
    assert tags(bridge, event)["proofbridge-state"] == "waiting"
    assert handed_on(bridge) == []
    ((later, delay_seconds),) = delayed(bridge)
    assert 290 < delay_seconds <= 301
    bridge.clock.advance(seconds=60)
    assert bridge.take_in(sidecar(bridge, {"recipient": OTHER})) is Arrived.SIDECAR
    (delivery,) = handed_on(bridge)
    assert delivery.wishes == {"recipient": OTHER}
    assert bridge.deliver(delivery).fate is Status.RELAYED
    # The message that was to look again finds all done.
    bridge.clock.advance(seconds=241)
    assert bridge.take_in(later) is Arrived.HANDED_ON
    (again,) = handed_on(bridge)
    assert bridge.deliver(again).fate is Status.DUPLICATE
    assert len(bridge.good2go.jobs()) == 1


def test_file_goes_without_a_sidecar_when_none_comes_in_time(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=2000)
    event = bridge.drop(b"%PDF")
    waits = [bridge.take_in(event)]
    delays = []
    while not (sent := handed_on(bridge)):
        ((event, delay_seconds),) = delayed(bridge)
        delays.append(delay_seconds)
        bridge.clock.advance(seconds=delay_seconds)
        waits.append(bridge.take_in(event))
    assert waits == [Arrived.WAITING] * 3 + [Arrived.HANDED_ON]
    assert max(delays) == 900, "SQS keeps nothing back for longer"
    assert bridge.deliver(sent[0]).fate is Status.RELAYED
    assert bridge.good2go.job()["c_email"] == CUSTOMER


def test_old_sidecar_gives_way_when_a_newer_one_comes_for_the_next_version(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=300)
    sidecar(bridge, {"recipient": OTHER})
    bridge.relay(bridge.drop(b"%PDF one"))
    bridge.clock.advance(hours=5)
    event = bridge.drop(b"%PDF number two")
    assert bridge.take_in(event) is Arrived.WAITING
    bridge.clock.advance(seconds=301)
    ((later, _),) = delayed(bridge)
    assert bridge.take_in(later) is Arrived.HANDED_ON
    (delivery,) = handed_on(bridge)
    assert delivery.wishes == {"recipient": OTHER}, "none came: the old one still stands"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"{", "the file: Invalid JSON"),
        ({"recipiant": OTHER}, "recipiant: is unknown"),
        ({"recipient": "nobody"}, "recipient: 'nobody' is no e-mail address"),
        ({"folder": "Proofs"}, "folder: String should match pattern"),
        ({"due": "soon"}, "due: 'soon' is no due rule"),
        (b'{"message": "' + b"x" * 70_000 + b'"}', "the file: has more than 65,536 bytes"),
    ],
)
def test_file_waits_until_its_sidecar_is_right(bridge: Bridge, said: Any, problem: str) -> None:
    sidecar(bridge, said)
    event = bridge.drop(b"%PDF")
    assert bridge.take_in(event) is Arrived.WAITING
    assert handed_on(bridge) == []
    assert delayed(bridge) == []
    report = error_of(bridge, event)
    assert report["problem"].startswith(f"drop/labels/summer-ale.pdf.json: {problem}")
    todo = "Put a correct summer-ale.pdf.json beside the file: it is waiting for that."
    assert report["what_to_do"] == todo
    assert (state_of(bridge, event), tags(bridge, event)["proofbridge-state"]) == ("waiting", "waiting")
    assert bridge.take_in(sidecar(bridge, {"recipient": OTHER})) is Arrived.SIDECAR
    (delivery,) = handed_on(bridge)
    assert bridge.deliver(delivery).fate is Status.RELAYED
    assert error_of(bridge, event) is None
    assert tags(bridge, event)["proofbridge-state"] == "relayed"
    assert bridge.good2go.job()["c_email"] == OTHER


def test_tag_of_a_sidecar_tells_whether_a_file_has_waited_for_it(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=60)
    early = sidecar(bridge, {"message": "Early"}, "other.pdf")
    assert bridge.take_in(early) is Arrived.SIDECAR
    assert tags(bridge, early)["proofbridge-state"] == "kept", "for the file that comes next"
    bridge.take_in(bridge.drop(b"%PDF"))
    timely = sidecar(bridge, {"message": "Timely"})
    for _ in range(2):
        assert bridge.take_in(timely) is Arrived.SIDECAR
        assert tags(bridge, timely)["proofbridge-state"] == "read", "also when its event is repeated"
    late = sidecar(bridge, {"message": "Late"})
    bridge.take_in(late)
    assert tags(bridge, late)["proofbridge-state"] == "kept", "the file has been handed on"
    assert [each.wishes for each in handed_on(bridge)] == [{"message": "Timely"}]


def test_sidecar_in_other_letters_is_no_proof_and_is_told_its_name(bridge: Bridge) -> None:
    event = sidecar(bridge, {}, "summer-ale.pdf")
    event["detail"]["object"]["key"] = "drop/labels/summer-ale.pdf.Json"
    assert bridge.take_in(event) is Arrived.REFUSED
    report = error_of(bridge, event)
    assert "only looks like the sidecar of summer-ale.pdf" in report["problem"]
    assert "summer-ale.pdf.json" in report["what_to_do"]


def test_file_of_json_has_a_sidecar_of_its_own(bridge: Bridge) -> None:
    sidecar(bridge, {"message": "Look"}, "data.json")
    assert bridge.take_in(bridge.drop(b"{}", "data.json")) is Arrived.HANDED_ON
    assert [each.wishes for each in handed_on(bridge)] == [{"message": "Look"}]


def test_both_versions_go_on_in_order_when_both_waited_for_the_sidecar(bridge: Bridge) -> None:
    sidecar(bridge, b"{")
    events = [bridge.drop(data) for data in (b"%PDF one", b"%PDF number two")]
    assert [bridge.take_in(event) for event in events] == [Arrived.WAITING] * 2
    bridge.take_in(sidecar(bridge, {}))
    assert [bridge.deliver(each).fate for each in handed_on(bridge)] == [Status.RELAYED] * 2
    assert bridge.good2go.job()["version"] == 2


def test_sidecar_that_comes_while_the_wrong_one_is_read_is_not_missed(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar(bridge, b"{")
    event = bridge.drop(b"%PDF")
    put = bridge.files.wait

    def correct_meanwhile(drop: FileDrop, event: Mapping[str, Any]) -> None:
        sidecar(bridge, {"recipient": OTHER})
        del bridge.cloud.calls[-1]  # the customer's, not ours
        put(drop, event)

    monkeypatch.setattr(bridge.files, "wait", correct_meanwhile)
    assert bridge.take_in(event) is Arrived.HANDED_ON
    (delivery,) = handed_on(bridge)
    assert delivery.wishes == {"recipient": OTHER}


def test_metadata_override_without_a_wait_and_a_sidecar_overrides_them(bridge: Bridge) -> None:
    bridge.destine(sidecar_grace_seconds=300)
    key = "drop/labels/summer-ale.pdf"
    event = bridge.drop(b"%PDF")
    version = bridge.cloud.s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"%PDF", Metadata={"proofbridge-recipient": OTHER, "mtime": "1"}
    )["VersionId"]
    event["detail"]["object"]["version-id"] = version
    assert bridge.take_in(event) is Arrived.HANDED_ON
    assert handed_on(bridge)[0].wishes == {"recipient": OTHER}
    sidecar(bridge, {"message": "Look."})
    assert bridge.take_in(event) is Arrived.HANDED_ON
    assert handed_on(bridge)[0].wishes == {"message": "Look."}


def test_nothing_is_lost_when_the_intake_is_killed_at_any_call(bridge: Bridge) -> None:
    sidecar(bridge, b"{")
    event = bridge.drop(b"%PDF")
    for operation in ("PutObject", "PutItem", "UpdateItem"):
        bridge.cloud.kill_at(operation)
        with pytest.raises(KilledError):
            bridge.take_in(event)
        bridge.cloud.revive()
    assert bridge.take_in(event) is Arrived.WAITING
    bridge.take_in(sidecar(bridge, {}))
    assert len(handed_on(bridge)) == 1


# -- events


def test_one_proof_with_every_content_once_when_events_are_repeated_and_mixed(bridge: Bridge) -> None:
    one, two, same, three = (
        bridge.drop(data) for data in (b"%PDF one", b"%PDF number two", b"%PDF number two", b"%PDF no 3")
    )
    fates = []
    for event in (one, one, two, same, two, one, three, same, three):
        bridge.take_in(event)
        fates += [bridge.deliver(each).fate for each in handed_on(bridge)]
    assert fates == [
        *(
            Status.RELAYED,
            Status.DUPLICATE,
            Status.RELAYED,
            Status.UNCHANGED,
            Status.DUPLICATE,
            Status.DUPLICATE,
        ),
        *(Status.RELAYED, Status.DUPLICATE, Status.DUPLICATE),
    ]
    assert tags(bridge, same)["proofbridge-state"] == "unchanged"
    job = bridge.good2go.job()
    assert job["version"] == 3
    assert len({version["sha256"] for version in job["versions"]}) == 3
    assert tags(bridge, one)["proofbridge-state"] == "relayed"


def test_version_is_relayed_when_the_file_was_deleted_meanwhile(bridge: Bridge) -> None:
    """A deletion in a bucket that keeps versions hides the file; what was dropped is still there."""
    event = bridge.drop(b"%PDF")
    bridge.cloud.s3.delete_object(Bucket=BUCKET, Key=FileDrop.from_event(event).key)
    assert bridge.relay(event).fate is Status.RELAYED


def test_revisions_become_versions_of_one_proof_in_their_own_order(bridge: Bridge) -> None:
    bridge.destine(pattern=PATTERN, version="revision")
    fates = [
        bridge.relay(bridge.drop(name.encode() * size, f"ACME_7_{name}.pdf")).fate
        for size, name in enumerate(("v1", "v3", "v2", "v10"), 3)
    ]
    assert fates == [Status.RELAYED, Status.RELAYED, Status.OUTDATED, Status.RELAYED]
    assert bridge.good2go.job()["version"] == 3
    assert bridge.relay(bridge.drop(b"another order", "ACME_8_v1.pdf")).fate is Status.RELAYED
    assert len(bridge.good2go.jobs()) == 2


def test_every_drop_becomes_a_proof_of_its_own_when_the_destination_says_so(bridge: Bridge) -> None:
    bridge.destine(version="new")
    data = (b"%PDF one", b"%PDF number two", b"%PDF number two")
    fates = [bridge.relay(bridge.drop(each)).fate for each in data]
    assert fates == [Status.RELAYED, Status.RELAYED, Status.UNCHANGED]
    assert [job["version"] for job in bridge.good2go.jobs()] == [1, 1]
    assert len({action.proof_id for action in bridge.actions(Vendor.GOODDAY)}) == 2


# -- afterwards


@pytest.mark.parametrize("after", ["keep", "delete", "move:relayed", "move:relayed/2026"])
def test_file_is_left_removed_or_moved_when_it_is_relayed(bridge: Bridge, after: str) -> None:
    bridge.destine(after=after)
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.RELAYED
    listed = bridge.cloud.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    files = {each["Key"] for each in listed if not each["Key"].startswith("receipts/")}
    moved = f"{after.removeprefix('move:')}/labels/summer-ale.pdf"
    assert files == {"keep": {"drop/labels/summer-ale.pdf"}, "delete": set()}.get(after, {moved})
    drop = FileDrop.from_event(event)
    kept = bridge.cloud.s3.get_object(Bucket=BUCKET, Key=drop.key, VersionId=drop.version_id)
    assert kept["Body"].read() == b"%PDF", "an older version can be had back"


def test_newer_file_stays_when_the_one_before_it_is_to_be_removed(bridge: Bridge) -> None:
    bridge.destine(after="delete")
    older, newer = bridge.drop(b"%PDF one"), bridge.drop(b"%PDF number two")
    assert bridge.relay(older).fate is Status.RELAYED
    key = FileDrop.from_event(newer).key
    assert bridge.cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"%PDF number two"


def test_refused_file_is_never_removed(bridge: Bridge) -> None:
    bridge.destine(after="delete")
    bridge.good2go.settings(max_file_bytes=3)
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.REFUSED
    key = FileDrop.from_event(event).key
    assert bridge.cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"%PDF"
    assert tags(bridge, event)["proofbridge-state"] == "refused"


# -- waiting


def test_file_arrives_when_its_vendor_was_down_for_a_day(bridge: Bridge) -> None:
    """Every delivery is acknowledged and its copy waits, so that the dead-letter queue is never near."""
    up, bridge.connections = bridge.connections, bridge.connect(good2go=NOWHERE)
    bridge.patience_seconds = 0.01
    began = bridge.clock.now()
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.DEFERRED
    delays = []
    while bridge.clock.now() - began < timedelta(hours=1):
        (letter,) = bridge.letters()
        delays.append(letter.delay_seconds)
        bridge.clock.advance(seconds=letter.delay_seconds)
        assert bridge.deliver(UploadMessage.from_message(letter.body)).fate is Status.DEFERRED
    assert delays[:3] == sorted(set(delays[:3])), "they grow"
    assert max(delays) <= 900, "SQS keeps nothing back for longer"
    bridge.clock.advance(hours=23)
    (letter,) = bridge.letters()
    assert bridge.deliver(UploadMessage.from_message(letter.body)).fate is Status.DEFERRED
    tagged = [call for call in bridge.cloud.calls if call.operation == "PutObjectTagging"]
    assert len(tagged) == 1, "it is said once that a file waits"
    bridge.connections, bridge.patience_seconds = up, 5
    (letter,) = bridge.letters()
    bridge.clock.advance(seconds=letter.delay_seconds)
    assert bridge.deliver(UploadMessage.from_message(letter.body)).fate is Status.RELAYED
    assert len(bridge.good2go.jobs()) == 1
    assert tags(bridge, event)["proofbridge-state"] == "relayed"


# -- what real folders hold


def test_file_arrives_when_its_key_is_as_long_as_s3_allows(bridge: Bridge) -> None:
    """Keys of tables, and those of records beside the file, have no room for all of it."""
    name = "ü" * 90 + "/" + "a" * 200 + "/" + "b" * 200 + "/" + "c" * 200 + "/"
    name += "d" * (1024 - len(f"drop/labels/{name}.pdf".encode())) + ".pdf"
    bridge.destine(after="move:relayed")
    event = bridge.drop(b"%PDF", name)
    assert bridge.relay(event).fate is Status.RELAYED
    assert bridge.relay(bridge.drop(b"%PDF two", name[:-5] + "e.pdf")).fate is Status.RELAYED
    assert len(bridge.good2go.jobs()) == 2
    listed = [each["Key"] for each in bridge.cloud.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert sorted(key.partition("/")[0] for key in listed) == ["receipts", "receipts", "relayed", "relayed"]
    assert max(len(key.encode()) for key in listed) <= 1024


def test_error_is_told_when_the_key_of_a_file_is_as_long_as_s3_allows(bridge: Bridge) -> None:
    name = "a" * (1024 - len("drop/labels/.pdf")) + ".pdf"
    assert bridge.take_in(bridge.drop(b"", name)) is Arrived.REFUSED
    (error,) = bridge.cloud.s3.list_objects_v2(Bucket=BUCKET, Prefix="errors/")["Contents"]
    assert bridge.object(error["Key"])["file"] == f"drop/labels/{name}"
    assert len(error["Key"]) <= 1024


def test_moved_file_keeps_its_tags_and_metadata_when_it_is_copied_by_parts(bridge: Bridge) -> None:
    bridge.destine(after="move:relayed")
    event = bridge.drop(b"%PDF" * 3_000_000)
    drop = FileDrop.from_event(event)
    bridge.cloud.s3.copy_object(
        Bucket=BUCKET,
        Key=drop.key,
        CopySource={"Bucket": BUCKET, "Key": drop.key},
        MetadataDirective="REPLACE",
        Metadata={"job": "4711"},
        ContentType="application/x-of-its-own",
        TaggingDirective="REPLACE",
        Tagging="customer=ACME",
    )
    head = bridge.cloud.s3.head_object(Bucket=BUCKET, Key=drop.key)
    event["detail"]["object"]["version-id"] = head["VersionId"]
    assert bridge.relay(event).fate is Status.RELAYED
    where: Any = {"Bucket": BUCKET, "Key": "relayed/labels/summer-ale.pdf"}
    moved = bridge.cloud.s3.head_object(**where)
    assert (moved["Metadata"], moved["ContentType"]) == ({"job": "4711"}, "application/x-of-its-own")
    tagged = bridge.cloud.s3.get_object_tagging(**where)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tagged} == {
        "customer": "ACME",
        "proofbridge-state": "relayed",
    }


def test_move_that_breaks_off_leaves_nothing_half_copied_and_is_made_up_for(bridge: Bridge) -> None:
    bridge.destine(after="move:relayed")
    event = bridge.drop(b"%PDF" * 3_000_000)
    bridge.take_in(event)
    (delivery,) = handed_on(bridge)
    refused = ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your rate"}}, "UploadPartCopy")
    bridge.cloud.fail("UploadPartCopy", refused)
    with bridge.cloud.counted() as calls, pytest.raises(ClientError, match="SlowDown"):
        bridge.deliver(delivery)
    assert (calls.count("CreateMultipartUpload"), calls.count("AbortMultipartUpload")) == (1, 1)
    assert "Uploads" not in bridge.cloud.s3.list_multipart_uploads(Bucket=BUCKET)
    where: Any = {"Bucket": BUCKET, "Key": FileDrop.from_event(event).key}
    assert bridge.cloud.s3.head_object(**where)["ContentLength"] == 12_000_000
    bridge.cloud.revive()
    bridge.clock.advance(minutes=90)
    assert bridge.deliver(delivery).fate is Status.RELAYED
    assert len(bridge.good2go.jobs()) == 1
    moved = bridge.cloud.s3.head_object(Bucket=BUCKET, Key="relayed/labels/summer-ale.pdf")
    assert moved["ContentLength"] == 12_000_000
    with pytest.raises(ClientError, match="404"):
        bridge.cloud.s3.head_object(**where)


def test_older_version_alone_is_moved_when_a_newer_one_lies_there(bridge: Bridge) -> None:
    bridge.destine(after="move:relayed")
    older, newer = bridge.drop(b"%PDF one"), bridge.drop(b"%PDF number two")
    assert bridge.relay(older).fate is Status.RELAYED
    places = ("relayed/labels/summer-ale.pdf", "drop/labels/summer-ale.pdf")
    lies = [bridge.cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in places]
    assert lies == [b"%PDF one", b"%PDF number two"]
    assert bridge.relay(newer).fate is Status.RELAYED
    moved = bridge.cloud.s3.get_object(Bucket=BUCKET, Key=places[0])["Body"].read()
    assert moved == b"%PDF number two"


def test_every_drop_becomes_a_proof_when_their_events_are_mixed(bridge: Bridge) -> None:
    bridge.destine(version="new")
    older, newer = bridge.drop(b"%PDF one"), bridge.drop(b"%PDF number two")
    assert [bridge.relay(each).fate for each in (newer, older)] == [Status.RELAYED, Status.RELAYED]
    assert bridge.relay(newer).fate is Status.DUPLICATE
    assert len(bridge.good2go.jobs()) == 2


@pytest.mark.parametrize("grace", [0, 60])
def test_relayed_file_stays_relayed_when_its_event_comes_again_after_its_sidecar_changed(
    bridge: Bridge, grace: int
) -> None:
    bridge.destine(sidecar_grace_seconds=grace)
    sidecar(bridge, {"message": "Look"})
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.RELAYED
    if grace:
        bridge.cloud.s3.delete_object(Bucket=BUCKET, Key="drop/labels/summer-ale.pdf.json")
    else:
        sidecar(bridge, b"{")
    assert bridge.take_in(event) is Arrived.HANDED_ON
    assert tags(bridge, event)["proofbridge-state"] == "relayed"
    assert error_of(bridge, event) is None
    assert state_of(bridge, event) == "done"
    assert bridge.files.waiting(BUCKET, "drop/labels/summer-ale.pdf") == []


def test_message_is_ascii_when_a_sidecar_says_what_no_queue_takes(bridge: Bridge) -> None:
    sidecar(bridge, json.dumps({"message": "ü\uffff"}, ensure_ascii=False).encode())
    bridge.take_in(bridge.drop(b"%PDF"))
    (letter,) = bridge.letters()
    assert letter.body.isascii()
    assert UploadMessage.from_message(letter.body).wishes == {"message": "ü\uffff"}


def test_sidecar_is_read_when_a_byte_order_mark_stands_before_it(bridge: Bridge) -> None:
    sidecar(bridge, b'\xef\xbb\xbf{"message": "Look"}')
    bridge.take_in(bridge.drop(b"%PDF"))
    assert [each.wishes for each in handed_on(bridge)] == [{"message": "Look"}]
