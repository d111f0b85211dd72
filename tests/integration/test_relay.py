"""Relaying dropped files to a simulated Good2Go: each version once, with its receipt or what was wrong."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from proofbridge.domain.files.drops import FileDrop, NoDropError, proof_id_of
from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.stores.inbox import Source
from proofbridge.stores.items import Origin
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.intake import Arrived
from proofbridge.uploads.outcomes import Outcome, Status
from tests.integration.bridge import CUSTOMER, FOLDER, SECRETS, TRACKING, Bridge
from tests.integration.cloud import BUCKET, KilledError
from tests.integration.listing import listed

RECEIPT = "receipts/labels/summer-ale.pdf.json"
ERROR = "errors/labels/summer-ale.pdf.json"
NOWHERE = "http://127.0.0.1:9"


def key_of(event: dict[str, Any]) -> str:
    """The ledger's key of a drop."""
    drop = FileDrop.from_event(event)
    return f"upload|{drop.bucket}/{drop.key}|{drop.version_id}|good2go"


def proof_of(event: dict[str, Any]) -> str:
    """The proof that a dropped file belongs to."""
    drop = FileDrop.from_event(event)
    return proof_id_of(f"{drop.bucket}/{drop.key}")


def uploads(bridge: Bridge) -> list[str]:
    """What took effect at Good2Go for files, in order."""
    operations = [effect["operation"] for effect in bridge.good2go.effects()]
    return [name for name in operations if name in {"upload", "upload_revision"}]


def waiting(bridge: Bridge) -> dict[str, Any]:
    """Return the one file that waits in the uploads queue."""
    (letter,) = bridge.letters()
    event: dict[str, Any] = json.loads(letter.body)
    return event


# -- new


def test_proof_knows_its_destination_and_recipient_when_its_file_was_dropped(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"%PDF artwork"))
    assert bridge.items.origin(bridge.proof_id) == Origin("labels", CUSTOMER)
    assert bridge.items.origin("PB-unknown") is None


def test_file_becomes_a_job_when_it_is_dropped(bridge: Bridge) -> None:
    data = b"%PDF artwork" * 999
    event = bridge.drop(data)
    assert bridge.relay(event).fate is Status.RELAYED
    job = bridge.good2go.job()
    (version,) = job["versions"]
    drop = FileDrop.from_event(event)
    assert version["sha256"] == hashlib.sha256(data).hexdigest()
    assert (version["name"], version["type"], version["via"]) == (
        "summer-ale.pdf",
        "application/pdf",
        "filekey",
    )
    assert (version["puid"], job["parent_guid"], job["c_email"]) == (proof_of(event), FOLDER, CUSTOMER)
    (task,) = job["tasks"]
    due_at = datetime.fromisoformat(task["due_at"])
    assert (task["assigned_to"], task["category"]) == (CUSTOMER, "review-task")
    assert (due_at.date() - drop.dropped_at.date(), due_at.hour) == (timedelta(days=3), 17)


def test_receipt_says_what_became_of_the_file(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    job = bridge.good2go.job()
    receipt = bridge.object(RECEIPT)
    drop = FileDrop.from_event(event)
    assert receipt["relayed_at"] > receipt["dropped_at"]
    assert 0 < receipt["seconds"] < 60
    assert {name: receipt[name] for name in receipt if not name.endswith(("_at", "seconds"))} == {
        "file": drop.key,
        "version_id": drop.version_id,
        "sha256": hashlib.sha256(b"%PDF").hexdigest(),
        "bytes": 4,
        "vendor": "good2go",
        "item": job["guid"],
        "version": 1,
        "url": receipt["url"],
        "proof": proof_of(event),
        "attempts": 1,
    }
    assert job["guid"] in receipt["url"]
    assert bridge.object(ERROR) is None


def test_job_is_stored_linked_tracked_and_read_when_it_is_new(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    bridge.relay(event)
    proof_id = proof_of(event)
    stored = bridge.stored(Vendor.GOOD2GO)
    assert (stored.proof_id, stored.observation.ref.id) == (proof_id, bridge.good2go.job()["guid"])
    (link,) = bridge.received()
    assert (link.source, link.id) == (Source.LINK, f"link-{proof_id}")
    (track,) = bridge.actions(Vendor.GOODDAY)
    assert (track.key, track.proof_id) == (f"track|{proof_id}", proof_id)
    assert track.params["title"] == "Proof: summer-ale"
    assert CUSTOMER in track.params["message"]
    assert stored.observation.url is not None
    assert stored.observation.url in track.params["message"]
    (look,) = bridge.actions(Vendor.GOOD2GO)
    assert (look.name, look.target) == ("observe", stored.observation.ref)
    assert bridge.state_of(key_of(event)) == EffectState.DONE


def test_task_is_not_asked_for_when_the_destination_has_no_tracking(bridge: Bridge) -> None:
    bridge.destine(tracking=None, folder=None)
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.RELAYED
    assert bridge.actions(Vendor.GOODDAY) == []
    assert bridge.good2go.job()["parent_guid"] is None


def test_decision_that_came_before_the_link_is_carried_over(bridge: Bridge) -> None:
    """The vendor's webhook overtakes our own bookkeeping of the upload."""
    event = bridge.drop(b"%PDF")
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        bridge.relay(event)
    bridge.cloud.revive()
    guid = bridge.good2go.job()["guid"]
    bridge.good2go.act("approve", job=guid, comment="Quick!")
    gateway = bridge.connections.good2go(bridge.deadline())
    (seen,) = listed(gateway)
    bridge.note(gateway.observe(seen.ref))
    bridge.settle()
    assert bridge.goodday.tasks() == []
    bridge.clock.advance(seconds=961)
    assert bridge.relay(event).fate is Status.RELAYED
    bridge.settle()
    assert bridge.goodday.task()["status"]["name"] == "Done"
    assert len(bridge.goodday.effects("update_status")) == 1


@pytest.mark.parametrize("name", ["größe & maß (2).pdf", "a b+c%20d.pdf", 'q"uote.pdf', "x" * 240 + ".pdf"])
def test_file_keeps_its_name_when_it_is_unusual(bridge: Bridge, name: str) -> None:
    assert bridge.relay(bridge.drop(b"%PDF", name)).fate is Status.RELAYED
    assert bridge.good2go.job()["name"] == name
    assert bridge.object(f"receipts/labels/{name}.json")["file"] == f"drop/labels/{name}"


# -- versions


def test_file_becomes_the_next_version_when_its_bytes_are_new(bridge: Bridge) -> None:
    guid = bridge.start_proof(b"%PDF one")
    outcome = bridge.relay(bridge.drop(b"%PDF number two"))
    assert outcome.fate is Status.RELAYED
    job = bridge.good2go.job()
    assert (job["guid"], job["version"]) == (guid, 2)
    assert job["versions"][1]["sha256"] == hashlib.sha256(b"%PDF number two").hexdigest()
    assert bridge.object(RECEIPT)["version"] == 2
    bridge.settle()
    assert bridge.stored(Vendor.GOOD2GO).observation.version == 2
    assert len(bridge.goodday.tasks()) == 1
    assert bridge.goodday.task()["status"]["name"] == "In review"


def test_review_begins_anew_when_a_version_follows_a_decision(bridge: Bridge) -> None:
    guid = bridge.start_proof(b"%PDF one")
    bridge.good2go.act("reject", job=guid)
    bridge.read_job()
    bridge.settle()
    bridge.relay(bridge.drop(b"%PDF number two"))
    bridge.settle()
    assert bridge.stored(Vendor.GOOD2GO).observation.status is ReviewStatus.NOT_STARTED
    (task,) = bridge.good2go.job()["tasks"]
    assert (task["assigned_to"], task["job_status"]) == (CUSTOMER, None)


def test_nothing_is_sent_when_the_bytes_are_the_same(bridge: Bridge) -> None:
    bridge.start_proof(b"%PDF one")
    before = (
        bridge.good2go.requests(),
        bridge.cloud.s3.get_object(Bucket=BUCKET, Key=RECEIPT)["LastModified"],
    )
    event = bridge.drop(b"%PDF one")
    assert bridge.relay(event) == Outcome(Status.UNCHANGED, "the same bytes as version 1")
    assert bridge.good2go.requests() == before[0]
    assert bridge.state_of(key_of(event)) == EffectState.HELD
    assert bridge.relay(event).fate is Status.DUPLICATE
    # What comes next is still a version of the same job.
    assert bridge.relay(bridge.drop(b"%PDF two")).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload_revision"]


def test_file_becomes_the_next_version_when_only_its_bytes_differ_and_not_their_number(
    bridge: Bridge,
) -> None:
    bridge.start_proof(b"%PDF one")
    assert bridge.relay(bridge.drop(b"%PDF two")).fate is Status.RELAYED
    assert bridge.good2go.job()["versions"][1]["sha256"] == hashlib.sha256(b"%PDF two").hexdigest()
    record = bridge.cloud.record(f"DROP#{BUCKET}/drop/labels/summer-ale.pdf", Vendor.GOOD2GO)
    assert record["sha256"]["S"] == hashlib.sha256(b"%PDF two").hexdigest()


def test_file_is_not_read_twice_when_its_size_tells_that_it_is_new(bridge: Bridge) -> None:
    bridge.start_proof(b"%PDF one")
    event = bridge.drop(b"%PDF number two")
    before = len(bridge.cloud.calls)
    bridge.relay(event)
    read = [call.key for call in bridge.cloud.calls[before:] if call.operation == "GetObject"]
    assert read.count("drop/labels/summer-ale.pdf") == 1


def test_older_drop_is_left_out_when_a_newer_one_was_relayed(bridge: Bridge) -> None:
    older, newer = bridge.drop(b"%PDF one"), bridge.drop(b"%PDF number two")
    assert bridge.relay(newer).fate is Status.RELAYED
    assert bridge.relay(older) == Outcome(Status.OUTDATED, "a newer file of this proof has been relayed")
    assert uploads(bridge) == ["upload"]
    assert bridge.good2go.job()["versions"][0]["sha256"] == hashlib.sha256(b"%PDF number two").hexdigest()


def test_older_drop_is_left_out_when_the_newer_one_had_the_same_bytes_as_before(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"%PDF one"))
    between, newest = bridge.drop(b"%PDF number two"), bridge.drop(b"%PDF one")
    assert bridge.relay(newest).fate is Status.UNCHANGED
    assert bridge.relay(between).fate is Status.OUTDATED
    assert uploads(bridge) == ["upload"]


def test_nothing_happens_when_the_event_comes_again(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF")
    assert [bridge.relay(event).fate for _ in range(3)] == [
        Status.RELAYED,
        Status.DUPLICATE,
        Status.DUPLICATE,
    ]
    assert uploads(bridge) == ["upload"]
    assert len(bridge.actions(Vendor.GOODDAY)) == 1


def test_files_of_other_names_are_proofs_of_their_own(bridge: Bridge) -> None:
    """Those of one name in two folders too."""
    for name in ("a.pdf", "b.pdf", "below/b.pdf"):
        assert bridge.relay(bridge.drop(b"%PDF same", name)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"] * 3
    tasks = bridge.actions(Vendor.GOODDAY)
    assert (len({action.proof_id for action in tasks}), len({action.key for action in tasks})) == (3, 3)


def test_second_version_waits_when_the_first_is_on_its_way(bridge: Bridge) -> None:
    first, second = bridge.drop(b"%PDF one"), bridge.drop(b"%PDF number two")
    drop = FileDrop.from_event(first)
    now = bridge.clock.now()
    place = f"{drop.bucket}/{drop.key}", Vendor.GOOD2GO
    assert bridge.relays.claim(place, drop, now, now + timedelta(seconds=960)).is_ours
    assert bridge.relay(second).fate is Status.DEFERRED
    assert uploads(bridge) == []
    bridge.relays.release(place, now + timedelta(seconds=960), drop, in_doubt=False, ended=False)
    assert bridge.relay(first).fate is Status.RELAYED
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload", "upload_revision"]


def test_next_version_has_its_turn_when_a_file_was_refused(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "status", status=422)
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.REFUSED
    assert bridge.relay(bridge.drop(b"%PDF number two")).fate is Status.RELAYED


# -- refused, and said


def test_file_is_refused_when_no_destination_is_for_it(bridge: Bridge) -> None:
    event = bridge.drop(b"%PDF", prefix="flyers/2026")
    assert bridge.take_in(event) is Arrived.REFUSED
    report = bridge.object("errors/flyers/2026/summer-ale.pdf.json")
    assert report["problem"].endswith("the destinations are: drop/labels/")
    assert "config/destinations.toml" in report["what_to_do"]
    assert report["file"] == "drop/flyers/2026/summer-ale.pdf"
    assert bridge.good2go.requests() == []
    assert bridge.cloud.s3.get_object(Bucket=BUCKET, Key=report["file"])["Body"].read() == b"%PDF"


def test_file_is_refused_when_it_is_empty(bridge: Bridge) -> None:
    assert bridge.take_in(bridge.drop(b"")) is Arrived.REFUSED
    assert bridge.object(ERROR)["problem"] == "drop/labels/summer-ale.pdf is empty"
    assert bridge.good2go.requests() == []


@pytest.mark.parametrize("taken_in", [False, True])
def test_file_is_refused_when_it_was_removed_before_its_turn(bridge: Bridge, *, taken_in: bool) -> None:
    event = bridge.drop(b"%PDF")
    drop = FileDrop.from_event(event)
    if taken_in:
        bridge.take_in(event)
    bridge.cloud.s3.delete_object(Bucket=BUCKET, Key=drop.key, VersionId=drop.version_id)
    if taken_in:
        assert bridge.relay(waiting(bridge)).fate is Status.REFUSED
        assert bridge.state_of(key_of(event)) == EffectState.HELD
    else:
        assert bridge.take_in(event) is Arrived.REFUSED
    assert "was removed before it could be relayed" in bridge.object(ERROR)["problem"]
    assert bridge.good2go.requests() == []


def test_file_is_refused_with_the_vendors_words_when_the_vendor_refuses_it(bridge: Bridge) -> None:
    bridge.good2go.settings(max_file_bytes=3)
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.REFUSED
    report = bridge.object(ERROR)
    assert "The file is too large" in report["problem"]
    assert "drop the file again" in report["what_to_do"]
    assert bridge.state_of(key_of(event)) == EffectState.PARKED
    assert bridge.relay(event).fate is Status.DUPLICATE
    assert bridge.letters() == []
    # Put right and dropped again: relayed.
    bridge.good2go.settings(max_file_bytes=None)
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.RELAYED


def test_event_of_something_else_is_no_drop(bridge: Bridge) -> None:
    with pytest.raises(NoDropError):
        bridge.relay({"detail": {}})


# -- waiting for the vendor


def test_file_waits_when_the_vendor_limits_calls(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "status", status=429, retry_after="3600")
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.DEFERRED
    assert bridge.gates.closed_until(Vendor.GOOD2GO, bridge.clock.now()) is not None
    assert bridge.state_of(key_of(event)) == EffectState.WAITING
    calls = len(bridge.good2go.requests())
    (letter,) = bridge.letters()
    assert letter.delay_seconds == 900
    again = json.loads(letter.body)
    assert bridge.relay(again).fate is Status.DEFERRED, "the gate is closed"
    assert len(bridge.good2go.requests()) == calls
    bridge.advance(hours=2)
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"]
    assert bridge.object(RECEIPT)["attempts"] == 2


def test_file_waits_and_is_relayed_later_when_nobody_listens(bridge: Bridge) -> None:
    up, bridge.connections = bridge.connections, bridge.connect(good2go=NOWHERE)
    bridge.patience_seconds = 0.2
    event = bridge.drop(b"%PDF")
    assert bridge.relay(event).fate is Status.DEFERRED
    assert bridge.state_of(key_of(event)) == EffectState.WAITING
    bridge.connections, bridge.patience_seconds = up, 5
    assert bridge.relay(waiting(bridge)).fate is Status.RELAYED
    assert uploads(bridge) == ["upload"]


def test_file_is_relayed_with_the_new_token_when_the_old_one_is_refused(bridge: Bridge) -> None:
    bridge.connections.good2go(bridge.deadline())
    bridge.good2go.settings(token="g2g-new")
    bridge.put_secret(Vendor.GOOD2GO, {**SECRETS[Vendor.GOOD2GO], "token": "g2g-new"})
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.RELAYED
    assert bridge.good2go.job()["versions"][0]["sha256"] == hashlib.sha256(b"%PDF").hexdigest()


def test_file_waits_when_no_token_is_accepted(bridge: Bridge) -> None:
    bridge.good2go.settings(token="g2g-new")
    assert bridge.relay(bridge.drop(b"%PDF")).fate is Status.DEFERRED
    assert bridge.gates.closed_until(Vendor.GOOD2GO, bridge.clock.now()) is not None


def test_file_is_refused_when_it_has_waited_for_more_than_three_days(bridge: Bridge) -> None:
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(days=9))
    bridge.relay(bridge.drop(b"%PDF"))
    event = waiting(bridge)
    bridge.clock.advance(days=3, minutes=1)
    assert bridge.relay(event).fate is Status.REFUSED
    report = bridge.object(ERROR)
    assert report["problem"].startswith("it has waited since")
    assert "Retry it, or drop the file again, when the vendor can be reached." in report["what_to_do"]
    assert bridge.letters() == []


def test_texts_are_filled_in_when_a_file_is_relayed(bridge: Bridge) -> None:
    tracking = {**TRACKING, "title": "{file.name} v{file.version} " + "x" * 170}
    bridge.destine(message="Look at {file.stem} v{file.version}, {{please}}.", tracking=tracking)
    bridge.relay(bridge.drop(b"%PDF", "summer {x}.pdf"))
    said = [entry["comments"] for entry in bridge.good2go.job()["changelogs"]]
    assert "Look at summer {x} v1, {please}." in said
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert action.params["title"].startswith("summer {x}.pdf v1 xxx")
    bridge.relay(bridge.drop(b"%PDF number two", "summer {x}.pdf"))
    said = [entry["comments"] for entry in bridge.good2go.job()["changelogs"]]
    assert "Look at summer {x} v2, {please}." in said


def test_title_is_cut_to_what_a_task_can_have(bridge: Bridge) -> None:
    bridge.destine(tracking={**TRACKING, "title": "{file.stem} ({file.name})"})
    bridge.relay(bridge.drop(b"%PDF", "x" * 200 + ".pdf"))
    bridge.settle()
    assert bridge.goodday.task()["name"] == ("x" * 200 + " (" + "x" * 200)[:255]
