"""Files whose upload was accepted and the answer lost, or whose relay was killed: one job, one version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.stores.inbox import Source
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.outcomes import Status
from tests.contract.uploads import new_version
from tests.integration.bridge import CUSTOMER, FOLDER, Bridge
from tests.integration.cloud import BUCKET, KilledError
from tests.integration.test_relay import ERROR, RECEIPT, key_of, uploads, waiting

LEASE_SECONDS = 961


@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_job_is_found_when_the_answer_to_its_upload_was_lost(bridge: Bridge, fault: str) -> None:
    bridge.good2go.fault("upload", fault)
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.DEFERRED
    assert bridge.state_of(key_of(event)) == EffectState.UNKNOWN
    assert bridge.object(RECEIPT) is None
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"]
    receipt = bridge.object(RECEIPT)
    assert (receipt["item"], receipt["version"]) == (bridge.good2go.job()["guid"], 1)
    assert receipt["sha256"] == bridge.good2go.job()["versions"][0]["sha256"]
    bridge.settle()
    assert len(bridge.goodday.tasks()) == 1


def test_job_is_made_when_the_upload_never_arrived(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_before")
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.DEFERRED
    assert bridge.state_of(key_of(event)) == EffectState.UNKNOWN
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"]


@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_version_is_found_when_the_answer_to_its_upload_was_lost(bridge: Bridge, fault: str) -> None:
    bridge.start_proof(b"%PDF one")
    bridge.good2go.fault("upload_revision", fault)
    assert bridge.relay(bridge.drop(b"%PDF number two")).fate is Status.DEFERRED
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload_revision"]
    assert bridge.object(RECEIPT)["version"] == 2
    bridge.settle()
    assert bridge.stored(Vendor.GOOD2GO).observation.version == 2


def test_version_is_made_when_its_upload_never_arrived(bridge: Bridge) -> None:
    bridge.start_proof(b"%PDF one")
    bridge.good2go.fault("upload_revision", "drop_before")
    bridge.relay(bridge.drop(b"%PDF number two"))
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload_revision"]


def test_other_file_of_the_same_name_is_not_taken_for_ours(bridge: Bridge) -> None:
    """Somebody has put a file of this name, but another size, into the same folder by hand."""
    other = bridge.drop(b"%PDF another size")
    bridge.relay(other)
    forget_all(bridge)
    bridge.good2go.fault("upload", "drop_before")
    bridge.relay(bridge.drop(b"%PDF"))
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload"]


def test_job_of_another_proof_is_not_taken_for_ours(bridge: Bridge) -> None:
    """Two places in the drop folder hold a file of the same name and size for the same vendor's folder."""
    destination = bridge.config.destinations[0]
    others = (destination, destination.model_copy(update={"prefix": "posters"}))
    bridge.config = bridge.config.model_copy(update={"destinations": others})
    bridge.relay(bridge.drop(b"%PDF"))
    bridge.good2go.fault("upload", "drop_before")
    bridge.relay(bridge.drop(b"%PDF", prefix="posters"))
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload"]


def forget_all(bridge: Bridge) -> None:
    """Begin with empty tables, as if what is at the vendor were not ours."""
    for record in bridge.cloud.records("state"):
        key = {"pk": record["pk"], "sk": record["sk"]}
        bridge.cloud.dynamodb.delete_item(TableName="state", Key=key)


def test_file_stays_unknown_when_it_can_not_be_looked_up_for_now(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_after")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    bridge.good2go.fault("list_jobs", "status", status=429, retry_after="3600")
    assert bridge.relay(waiting(bridge)).fate is Status.DEFERRED
    assert bridge.state_of(key_of(event)) == EffectState.UNKNOWN
    bridge.advance(hours=2)
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"]


def test_file_waits_without_a_question_when_it_never_arrived_and_can_not_be_sent_now(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_before")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    bridge.good2go.fault("upload", "status", status=429, retry_after="3600")
    assert bridge.relay(waiting(bridge)).fate is Status.DEFERRED
    assert bridge.state_of(key_of(event)) == EffectState.WAITING


def test_file_is_refused_at_once_when_it_never_arrived_and_is_refused_now(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_before")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    bridge.good2go.settings(max_file_bytes=3)
    assert bridge.relay(waiting(bridge)).fate is Status.REFUSED
    assert "too large" in bridge.object(ERROR)["problem"]
    assert bridge.state_of(key_of(event)) == EffectState.PARKED


def test_error_says_to_look_first_when_the_vendor_refuses_to_be_asked(bridge: Bridge) -> None:
    """Dropped again at once, the file would be there twice."""
    bridge.good2go.fault("upload", "drop_after")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    bridge.good2go.fault("list_jobs", "status", status=403)
    assert bridge.relay(waiting(bridge)).fate is Status.REFUSED
    assert bridge.object(ERROR)["what_to_do"].startswith("Look at the vendor whether it has arrived")


def test_error_says_to_look_first_when_the_file_is_removed_while_it_may_be_there(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_after")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    found = event["detail"]["object"]
    bridge.cloud.s3.delete_object(Bucket=BUCKET, Key=found["key"], VersionId=found["version-id"])
    assert bridge.relay(waiting(bridge)).fate is Status.REFUSED
    assert bridge.object(ERROR)["what_to_do"].startswith("Look at the vendor whether it has arrived")
    entry = bridge.ledger.get(key_of(event))
    assert entry is not None
    assert entry.unclear


def test_newer_version_waits_when_nobody_knows_whether_the_first_arrived(bridge: Bridge) -> None:
    """Else it would become a job of its own beside the one that the lost answer was about."""
    bridge.good2go.fault("upload", "drop_after")
    bridge.relay(bridge.drop(b"%PDF one"))
    first = waiting(bridge)
    assert bridge.relay(bridge.drop(b"%PDF number two")).fate is Status.DEFERRED
    assert uploads(bridge) == ["upload"]
    second = waiting(bridge)
    assert bridge.relay(first).fate is Status.RELAYED
    assert bridge.relay(second).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload_revision"]
    assert len(bridge.good2go.jobs()) == 1


def test_newer_version_has_its_turn_when_the_first_is_given_up(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_after")
    bridge.relay(bridge.drop(b"%PDF one"))
    first = waiting(bridge)
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(days=3))
    bridge.clock.advance(days=3, minutes=1)
    bridge.good2go.fault("list_jobs", "status", status=429, retry_after="1000")
    assert bridge.relay(first).fate is Status.REFUSED
    assert "Look at the vendor whether it has arrived" in bridge.object(ERROR)["what_to_do"]
    bridge.clock.advance(hours=1)
    assert bridge.relay(bridge.drop(b"%PDF number two")).fate is Status.RELAYED


# -- killed


KILLS: list[tuple[str, str, str]] = [
    ("PutItem", "ITEM#", ""),
    ("PutItem", "PROOF#", ""),
    ("UpdateItem", "ITEM#", ""),
    ("PutItem", "good2go#job#", ""),
    ("SendMessage", "", "goodday.create_task"),
    ("SendMessage", "", "observe"),
    ("UpdateItem", "DROP#", "sha256"),
    ("PutObject", "receipts/", ""),
]


@pytest.mark.parametrize(("operation", "key", "message"), KILLS)
def test_one_job_is_made_and_tracked_when_the_relay_is_killed_after_the_upload(
    bridge: Bridge, operation: str, key: str, message: str
) -> None:
    event = bridge.drop(b"%PDF")
    bridge.cloud.kill_at(operation, key, message=message)
    with pytest.raises(KilledError):
        bridge.relay(event)
    bridge.cloud.revive()
    assert bridge.relay(event).fate is not Status.REFUSED
    bridge.clock.advance(seconds=LEASE_SECONDS)
    assert bridge.relay(event).fate in {Status.RELAYED, Status.DUPLICATE}
    bridge.settle()
    assert uploads(bridge) == ["upload"]
    assert len(bridge.goodday.effects("create_task")) == 1
    assert bridge.ref_at(Vendor.GOOD2GO).id == bridge.good2go.job()["guid"]
    assert bridge.ref_at(Vendor.GOODDAY).id == bridge.goodday.task()["id"]
    assert bridge.object(RECEIPT)["item"] == bridge.good2go.job()["guid"]
    assert bridge.state_of(key_of(event)) == EffectState.DONE
    links = [r for r in bridge.cloud.records("inbox") if r["source"]["S"] == Source.LINK]
    assert len(links) == 1


@pytest.mark.parametrize(
    ("operation", "key", "message"),
    [("PutItem", "good2go#job#", ""), ("UpdateItem", "DROP#", "sha256"), ("PutObject", "receipts/", "")],
)
def test_one_version_is_made_when_the_relay_is_killed_after_the_upload(
    bridge: Bridge, operation: str, key: str, message: str
) -> None:
    bridge.start_proof(b"%PDF one")
    event = bridge.drop(b"%PDF number two")
    bridge.cloud.kill_at(operation, key, message=message)
    with pytest.raises(KilledError):
        bridge.relay(event)
    bridge.cloud.revive()
    bridge.clock.advance(seconds=LEASE_SECONDS)
    assert bridge.relay(event).fate in {Status.RELAYED, Status.DUPLICATE}
    bridge.settle()
    assert uploads(bridge) == ["upload", "upload_revision"]
    assert bridge.object(RECEIPT)["version"] == 2
    assert bridge.state_of(key_of(event)) == EffectState.DONE
    assert [effect["status"] for effect in bridge.goodday.effects("update_status")] == ["STREV"]


def test_one_job_is_made_when_the_ledger_could_not_be_told_in_the_end(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    kill_at_the_end(bridge)
    with pytest.raises(KilledError):
        bridge.relay(event)
    bridge.cloud.revive()
    bridge.clock.advance(seconds=LEASE_SECONDS)
    assert bridge.relay(event).fate is Status.DUPLICATE
    assert uploads(bridge) == ["upload"]
    assert bridge.object(RECEIPT) is not None
    assert bridge.state_of(key_of(event)) == EffectState.DONE, "else it would count as stuck"


def kill_at_the_end(bridge: Bridge) -> None:
    """Kill the relay at the second write to the ledger: the first began the effect."""
    writes: list[Any] = []

    def is_second(call: Any) -> bool:
        if call.operation == "UpdateItem" and call.key.startswith("EFFECT#upload"):
            writes.append(call)
        return len(writes) == 2

    bridge.cloud.fail_where(is_second, KilledError())


def test_letters_of_a_waiting_file_are_its_delivery_and_its_history(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_before")
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    (letter,) = bridge.letters()
    carried = UploadMessage.from_message(letter.body)
    assert carried.waited.times == 1
    assert (carried.drop, carried.vendor) == (FileDrop.from_event(event), Vendor.GOOD2GO)


# -- which of several it is


def begin_twins(bridge: Bridge, *lost: str) -> list[UploadMessage]:
    """Begin to relay files of one name and size from as many folders; so is each answer lost."""
    twins = []
    for number, fault in enumerate(lost):
        bridge.take_in(bridge.drop(b"%PDF", f"{number}/label.pdf"))
        (letter,) = bridge.letters()
        bridge.good2go.fault("upload", fault)
        assert bridge.deliver(UploadMessage.from_message(letter.body)).fate is Status.DEFERRED
        (letter,) = bridge.letters()
        twins.append(UploadMessage.from_message(letter.body))
    return twins


def test_job_is_not_taken_for_ours_while_a_file_that_looks_the_same_is_on_its_way(bridge: Bridge) -> None:
    """One of the two has arrived, and Good2Go does not show which."""
    arrived, absent = begin_twins(bridge, "drop_after", "drop_before")
    for _ in range(2):
        assert bridge.deliver(absent).fate is Status.DEFERRED
        assert bridge.deliver(arrived).fate is Status.DEFERRED
    assert bridge.state_of(absent.key) == EffectState.UNKNOWN
    assert uploads(bridge) == ["upload"]
    bridge.good2go.settings(puid_in_responses=True)
    assert bridge.deliver(absent).fate is Status.RELAYED
    assert bridge.deliver(arrived).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload"]
    assert len({bridge.object(f"receipts/labels/{n}/label.pdf.json")["item"] for n in (0, 1)}) == 2


def test_person_is_asked_when_several_jobs_may_be_the_file(bridge: Bridge) -> None:
    first, second = begin_twins(bridge, "drop_after", "drop_after")
    assert bridge.deliver(first).fate is Status.REFUSED
    report = bridge.object("errors/labels/0/label.pdf.json")
    assert "2 of its name and size came there at that time" in report["problem"]
    assert all(job["guid"] in report["problem"] for job in bridge.good2go.jobs())
    entry = bridge.ledger.get(first.key)
    assert entry is not None
    assert (entry.state, entry.unclear) == (EffectState.PARKED, True)
    bridge.good2go.act("delete", job=bridge.good2go.jobs()[0]["guid"])
    assert bridge.deliver(second).fate is Status.RELAYED


@pytest.mark.parametrize(
    ("by_hand", "found"),
    [
        ({}, True),
        ({"recipient": "other@brand.test"}, False),
        ({"hours": 3}, False),
    ],
)
def test_job_put_there_by_hand_is_told_from_ours_as_far_as_good2go_shows_it(
    bridge: Bridge, by_hand: dict[str, Any], *, found: bool
) -> None:
    """By whom it is for, and by the time: what came long after the attempt is none of it."""
    bridge.good2go.fault("upload", "drop_before")
    bridge.relay(bridge.drop(b"%PDF", "label.pdf"))
    hours = by_hand.pop("hours", 0)
    bridge.good2go.fault("list_jobs", "status", status=429, retry_after="5")
    assert bridge.relay(waiting(bridge)).fate is Status.DEFERRED, "that it was asked is no attempt"
    bridge.advance(hours=hours, seconds=60)  # the gate is closed by the clock on the wall
    vendor = bridge.connections.uploads(Vendor.GOOD2GO, bridge.deadline())
    told = {"recipient": CUSTOMER, "folder": FOLDER, **by_hand}
    other = vendor.upload(*new_version(b"%PDF", name="label.pdf", **told))
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    item = bridge.object("receipts/labels/label.pdf.json")["item"]
    assert (item == other.ref.id) is found
    assert uploads(bridge) == ["upload"] * (1 if found else 2)
