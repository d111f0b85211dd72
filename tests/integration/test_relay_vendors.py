"""One drop for several vendors: each its own item of one proof; and a vendor that processes files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from proofbridge.actions.perform import Status as Performed
from proofbridge.config.loader import load_config
from proofbridge.config.reminders.people import Contact
from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.stores.dropped_files import FileState
from proofbridge.uploads.outcomes import Outcome, Status
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import CUSTOMER, FOLDER, Bridge
from tests.integration.cloud import BUCKET, UPLOAD_QUEUES
from tests.integration.site import Site
from tests.integration.test_intake import tags

STUDIO, ROBOHEAD, GOOD2GO = Vendor.APPROVAL_STUDIO, Vendor.ROBOHEAD, Vendor.GOOD2GO
DATA = b"%PDF artwork" * 99
SHA256 = hashlib.sha256(DATA).hexdigest()
TABLES = {
    GOOD2GO: {"recipient": CUSTOMER, "folder": FOLDER},
    STUDIO: {"project": "PRJARTWORK", "reviewers": ["USRREV", CUSTOMER]},
    ROBOHEAD: {"project": 501, "reviewers": [102]},
}
ONE_VENDOR = {"vendor": None, "recipient": None, "folder": None}


@pytest.fixture
def everywhere(bridge: Bridge, studio: Site, robohead: Site) -> Bridge:
    """A destination that names all three vendors."""
    bridge.join(STUDIO, studio)
    bridge.join(ROBOHEAD, robohead)
    bridge.destine(**ONE_VENDOR, **TABLES)
    return bridge


@pytest.fixture
def to_studio(bridge: Bridge, studio: Site) -> Bridge:
    """A destination that names Approval Studio."""
    bridge.join(STUDIO, studio)
    bridge.destine(**ONE_VENDOR, **{STUDIO: TABLES[STUDIO]})
    return bridge


def take_in(bridge: Bridge, event: dict[str, Any]) -> dict[Vendor, UploadMessage]:
    """Take a drop in; returns what each vendor's upload queue was given."""
    bridge.take_in(event)
    return {vendor: delivery for vendor in UPLOAD_QUEUES for delivery in queued(bridge, vendor)}


def queued(bridge: Bridge, vendor: Vendor) -> list[UploadMessage]:
    """Take what waits in a vendor's upload queue."""
    return [UploadMessage.from_message(letter.body) for letter in bridge.cloud.letters(UPLOAD_QUEUES[vendor])]


def lying(bridge: Bridge) -> list[str]:
    """Return where the dropped file lies."""
    listed = bridge.cloud.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    return [each["Key"] for each in listed if each["Key"].startswith(("drop/", "relayed/"))]


def run(bridge: Bridge, vendor: Vendor) -> Outcome:
    """Relay what waits in a vendor's upload queue; there is one file."""
    (delivery,) = queued(bridge, vendor)
    return bridge.deliver(delivery)


def test_each_vendor_gets_its_own_item_of_the_same_proof(
    everywhere: Bridge, studio: Site, robohead: Site
) -> None:
    everywhere.destine(**ONE_VENDOR, **TABLES, after="move:relayed")
    event = everywhere.drop(DATA)
    sent = take_in(everywhere, event)
    assert list(sent) == [GOOD2GO, STUDIO, ROBOHEAD]
    assert len({delivery.key for delivery in sent.values()}) == 3
    assert everywhere.deliver(sent[GOOD2GO]).fate is Status.RELAYED
    assert "proofbridge-state" not in tags(everywhere, event), "not all of its vendors have it"
    assert everywhere.deliver(sent[ROBOHEAD]).fate is Status.RELAYED
    assert everywhere.deliver(sent[STUDIO]).fate is Status.RELAYED
    for vendor in (STUDIO, ROBOHEAD):
        assert lying(everywhere) == ["drop/labels/summer-ale.pdf"]
        assert run(everywhere, vendor).fate is Status.RELAYED
    assert tags(everywhere, event)["proofbridge-state"] == "relayed"
    assert lying(everywhere) == ["relayed/labels/summer-ale.pdf"], "once all have it"
    refs = {
        vendor: everywhere.items.of_proof(everywhere.proof_id, vendor)
        for vendor in (GOOD2GO, STUDIO, ROBOHEAD)
    }
    assert {vendor: len(items) for vendor, items in refs.items()} == dict.fromkeys(refs, 1)
    for vendor, (ref,) in refs.items():
        receipt = everywhere.object(f"receipts/labels/summer-ale.pdf.{vendor}.json")
        assert (receipt["vendor"], receipt["item"], receipt["sha256"]) == (vendor, ref.id, SHA256)
        assert (receipt["version"], receipt["bytes"], receipt["attempts"]) == (1, len(DATA), 1)
    (asset,) = studio._see("state")["assets"]
    assert asset["sha256"] == SHA256
    assert len(robohead._see("state")["reviews"]) == 1


MONA = {"name": "Mona", "email": "mona@studio.test", "approval-studio": "USRREV", "robohead": 103}


def test_every_vendor_asks_its_own_reviewers_and_none_is_sent_the_file_before_all_can(
    everywhere: Bridge, studio: Site, robohead: Site
) -> None:
    everywhere.config = everywhere.config.model_copy(update={"people": (Contact.model_validate(MONA),)})
    everywhere.drop(b'{"reviewers": ["second@brand.test"]}', "summer-ale.pdf.json")
    assert take_in(everywhere, everywhere.drop(DATA)) == {}
    problem = everywhere.object("errors/labels/summer-ale.pdf.json")["problem"]
    assert problem.startswith("drop/labels/summer-ale.pdf.json: reviewers.0: ")
    assert "(for robohead; what is its alone goes into a table 'robohead')" in problem
    right = b'{"reviewers": ["Mona"], "approval-studio": {"reviewers": ["Mona", "second@brand.test"]}}'
    sent = take_in(everywhere, everywhere.drop(right, "summer-ale.pdf.json"))
    for delivery in sent.values():
        assert everywhere.deliver(delivery).fate is Status.RELAYED
    run(everywhere, STUDIO)
    everywhere.settle()
    assert [task["assigned_to"] for task in everywhere.good2go.job()["tasks"]] == [CUSTOMER, MONA["email"]]
    asked = [(task["user_uid"], task["email"]) for task in studio.see("state")["tasks"]]
    assert asked == [("USRREV", None), (None, "second@brand.test")]
    (review,) = robohead.see("state")["reviews"]
    assert list(review["stages"][0]["reviewers"]) == ["103"]


def test_task_is_made_once_and_names_every_vendors_proof(everywhere: Bridge) -> None:
    for delivery in take_in(everywhere, everywhere.drop(DATA)).values():
        everywhere.deliver(delivery)
    actions = everywhere.actions(Vendor.GOODDAY)
    assert [action.name for action in actions] == [
        ActionName.GOODDAY_CREATE_TASK,
        ActionName.GOODDAY_COMMENT,
        ActionName.GOODDAY_COMMENT,
    ]
    assert len({action.key for action in actions}) == 3
    for action in actions:
        everywhere.perform(action)
    task = everywhere.goodday.task()
    assert task["deadline"] is not None
    said = " ".join(message["text"] for message in task["messages"])
    job = everywhere.good2go.job()["guid"]
    assert job in said
    assert CUSTOMER in said


@pytest.mark.parametrize("first", [GOOD2GO, STUDIO, ROBOHEAD])
def test_task_is_made_by_whoever_has_the_file_first(everywhere: Bridge, first: Vendor) -> None:
    sent = take_in(everywhere, everywhere.drop(DATA))
    for vendor in (first, *(other for other in sent if other != first)):
        everywhere.deliver(sent[vendor])
    everywhere.deliver(sent[first])  # again
    tracking = everywhere.actions(Vendor.GOODDAY)
    assert [action.name for action in tracking] == [
        ActionName.GOODDAY_CREATE_TASK,
        *[ActionName.GOODDAY_COMMENT] * 2,
    ]


def test_task_is_made_when_the_first_vendor_refuses_the_file(everywhere: Bridge) -> None:
    everywhere.good2go.settings(max_file_bytes=3)
    for delivery in take_in(everywhere, everywhere.drop(DATA)).values():
        everywhere.deliver(delivery)
    for action in everywhere.actions(Vendor.GOODDAY):
        assert everywhere.perform(action).fate is Performed.DONE
    said = [message["text"] for message in everywhere.goodday.task()["messages"]]
    assert len(said) == 2
    assert any("RoboHead review" in text for text in said), "RoboHead shows no link"


def test_each_vendors_new_version_is_told_once_on_the_task(everywhere: Bridge, studio: Site) -> None:
    routes = load_config(Path(__file__).parents[2] / "config").routes
    everywhere.config = everywhere.config.model_copy(update={"routes": routes})
    everywhere.destine(**ONE_VENDOR, **{vendor: TABLES[vendor] for vendor in (GOOD2GO, STUDIO)})
    for data in (DATA, DATA + b"2"):
        for delivery in take_in(everywhere, everywhere.drop(data)).values():
            assert everywhere.deliver(delivery).fate is Status.RELAYED
        assert run(everywhere, STUDIO).fate is Status.RELAYED
        everywhere.settle()
    task = everywhere.goodday.task()
    told = [each["text"] for each in task["messages"] if "Version 2" in (each["text"] or "")]
    assert ["by Good2Go" in text for text in told].count(True) == 1
    assert len(told) == 2, "one for each vendor"
    (newer,) = [each["uid"] for each in studio.see("state")["assets"] if each["version"] == 2]
    assert [newer in text for text in told].count(True) == 1, "its link is another one now"


def test_other_vendors_go_on_when_one_refuses_the_file(everywhere: Bridge) -> None:
    everywhere.destine(**ONE_VENDOR, **TABLES, after="delete")
    everywhere.good2go.settings(max_file_bytes=3)
    event = everywhere.drop(DATA)
    sent = take_in(everywhere, event)
    assert everywhere.deliver(sent[GOOD2GO]).fate is Status.REFUSED
    report = everywhere.object("errors/labels/summer-ale.pdf.good2go.json")
    assert (report["vendor"], "too large" in report["problem"]) == (GOOD2GO, True)
    assert everywhere.deliver(sent[ROBOHEAD]).fate is Status.RELAYED
    everywhere.deliver(sent[STUDIO])
    for vendor in (STUDIO, ROBOHEAD):
        run(everywhere, vendor)
    assert tags(everywhere, event)["proofbridge-state"] == "refused"
    assert lying(everywhere) == ["drop/labels/summer-ale.pdf"], "one of them does not have it"
    drop = FileDrop.from_event(event)
    assert everywhere.files.states(BUCKET, drop.key, drop.version_id) == {
        GOOD2GO: FileState.REFUSED,
        ROBOHEAD: FileState.RELAYED,
        STUDIO: FileState.RELAYED,
    }


def test_other_vendors_go_on_when_one_is_down(everywhere: Bridge) -> None:
    until = everywhere.clock.advance(hours=1)
    everywhere.clock.advance(hours=-1)
    everywhere.gates.close(GOOD2GO, until)
    sent = take_in(everywhere, everywhere.drop(DATA))
    assert everywhere.deliver(sent[GOOD2GO]).fate is Status.DEFERRED
    assert everywhere.deliver(sent[ROBOHEAD]).fate is Status.RELAYED
    everywhere.clock.advance(hours=1)
    assert run(everywhere, GOOD2GO).fate is Status.RELAYED


# -- processing


def test_reviewers_are_asked_once_the_asset_is_processed_and_not_before(
    to_studio: Bridge, studio: Site
) -> None:
    studio.settings(processing_seconds=60)
    event = to_studio.drop(DATA)
    (delivery,) = take_in(to_studio, event).values()
    assert to_studio.deliver(delivery).fate is Status.RELAYED
    delays = []
    for _ in range(3):
        (letter,) = to_studio.cloud.letters(UPLOAD_QUEUES[STUDIO])
        delays.append(letter.delay_seconds)
        outcome = to_studio.deliver(UploadMessage.from_message(letter.body))
        assert outcome == Outcome(Status.DEFERRED, "approval-studio is still processing it")
    assert delays == sorted(set(delays)), "it is asked less and less often"
    assert to_studio.object("receipts/labels/summer-ale.pdf.json") is None
    assert tags(to_studio, event)["proofbridge-state"] == "waiting"
    studio.advance(60)
    assert run(to_studio, STUDIO).fate is Status.RELAYED
    assert to_studio.object("receipts/labels/summer-ale.pdf.json")["sha256"] == SHA256
    assert tags(to_studio, event)["proofbridge-state"] == "relayed"
    asked = [a for a in to_studio.actions(STUDIO) if a.name is ActionName.STUDIO_CREATE_REVIEW_TASK]
    (task,) = asked
    assert task.params["reviewers"] == ["USRREV", CUSTOMER]
    assert task.target == to_studio.ref_at(STUDIO)
    to_studio.perform(task)
    tasks = studio._see("state")["tasks"]
    assert len(tasks) == 2


def test_watch_is_over_when_it_is_told_again(to_studio: Bridge) -> None:
    (delivery,) = take_in(to_studio, to_studio.drop(DATA)).values()
    to_studio.deliver(delivery)
    (watch,) = queued(to_studio, STUDIO)
    assert to_studio.deliver(watch).fate is Status.RELAYED
    assert to_studio.deliver(watch).fate is Status.DUPLICATE
    tasks = [a for a in to_studio.actions(STUDIO) if a.name is ActionName.STUDIO_CREATE_REVIEW_TASK]
    assert len(tasks) == 1


def test_file_is_refused_when_its_processing_fails(to_studio: Bridge, studio: Site) -> None:
    studio.settings(processing="fail")
    event = to_studio.drop(DATA)
    (delivery,) = take_in(to_studio, event).values()
    to_studio.deliver(delivery)
    assert run(to_studio, STUDIO).fate is Status.REFUSED
    report = to_studio.object("errors/labels/summer-ale.pdf.json")
    assert "could not process summer-ale.pdf" in report["problem"]
    assert "drop it again" in report["what_to_do"]
    assert tags(to_studio, event)["proofbridge-state"] == "refused"
    assert not [a for a in to_studio.actions(STUDIO) if a.name is ActionName.STUDIO_CREATE_REVIEW_TASK]


def test_same_file_is_sent_again_when_its_processing_had_failed(to_studio: Bridge, studio: Site) -> None:
    studio.settings(processing="fail")
    for data in (DATA, DATA):
        (delivery,) = take_in(to_studio, to_studio.drop(data)).values()
        assert to_studio.deliver(delivery).fate is Status.RELAYED
        run(to_studio, STUDIO)
        studio.settings(processing="succeed")
    assert to_studio.object("receipts/labels/summer-ale.pdf.json")["version"] == 2
    assert to_studio.object("errors/labels/summer-ale.pdf.json") is None
    (again,) = take_in(to_studio, to_studio.drop(DATA)).values()
    assert to_studio.deliver(again).fate is Status.UNCHANGED


def test_newer_version_can_be_dropped_again_when_an_older_one_fails_late(
    to_studio: Bridge, studio: Site
) -> None:
    """What fails by then is no longer what counts."""
    studio.settings(processing="fail")
    watches = []
    for data in (DATA, DATA + b"2"):
        (delivery,) = take_in(to_studio, to_studio.drop(data)).values()
        to_studio.deliver(delivery)
        watches += queued(to_studio, STUDIO)
    older, _ = watches
    assert to_studio.deliver(older).fate is Status.REFUSED
    (again,) = take_in(to_studio, to_studio.drop(DATA + b"2")).values()
    assert to_studio.deliver(again).fate is Status.UNCHANGED


def test_what_was_wrong_goes_when_the_next_version_stands_at_its_vendors(everywhere: Bridge) -> None:
    everywhere.drop(b"{", "summer-ale.pdf.json")
    everywhere.take_in(everywhere.drop(DATA))
    assert everywhere.object("errors/labels/summer-ale.pdf.json") is not None
    everywhere.drop(b"{}", "summer-ale.pdf.json")
    everywhere.deliver(take_in(everywhere, everywhere.drop(DATA + b"2"))[GOOD2GO])
    assert everywhere.object("errors/labels/summer-ale.pdf.json") is None


def test_what_was_wrong_goes_when_the_bytes_are_those_that_the_vendor_has(everywhere: Bridge) -> None:
    everywhere.deliver(take_in(everywhere, everywhere.drop(DATA))[GOOD2GO])
    everywhere.good2go.settings(max_file_bytes=3)
    refused = take_in(everywhere, everywhere.drop(DATA + b"2"))[GOOD2GO]
    assert everywhere.deliver(refused).fate is Status.REFUSED
    assert everywhere.object("errors/labels/summer-ale.pdf.good2go.json") is not None
    again = take_in(everywhere, everywhere.drop(DATA))[GOOD2GO]
    assert everywhere.deliver(again).fate is Status.UNCHANGED
    assert everywhere.object("errors/labels/summer-ale.pdf.good2go.json") is None


def test_file_is_refused_when_it_is_processed_for_more_than_three_days(
    to_studio: Bridge, studio: Site
) -> None:
    studio.settings(processing_seconds=9e6)
    (delivery,) = take_in(to_studio, to_studio.drop(DATA)).values()
    to_studio.deliver(delivery)
    assert run(to_studio, STUDIO).fate is Status.DEFERRED
    to_studio.clock.advance(days=3, minutes=1)
    assert run(to_studio, STUDIO).fate is Status.REFUSED
    assert "still processing" in to_studio.object("errors/labels/summer-ale.pdf.json")["problem"]


def test_new_version_takes_the_place_of_the_asset_before_it(to_studio: Bridge, studio: Site) -> None:
    """Each version is an asset of its own there; the proof's changes are those of the newest."""
    for data in (DATA, DATA + b"2"):
        (delivery,) = take_in(to_studio, to_studio.drop(data)).values()
        assert to_studio.deliver(delivery).fate is Status.RELAYED
        assert run(to_studio, STUDIO).fate is Status.RELAYED
    assets = studio._see("state")["assets"]
    assert [asset["version"] for asset in assets] == [1, 2]
    (ref,) = to_studio.items.of_proof(to_studio.proof_id, STUDIO)
    receipt = to_studio.object("receipts/labels/summer-ale.pdf.json")
    assert (receipt["item"], receipt["version"]) == (ref.id, 2)
    to_studio.settle()
    stored = to_studio.items.get(ref)
    assert stored is not None
    assert (stored.observation.version, stored.turns.get("version")) == (2, 1)


# -- faults: after each the vendor holds one item, and the receipt agrees


UPLOADS_OF = {GOOD2GO: "upload", STUDIO: "upload_asset", ROBOHEAD: "upload_file"}
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("drop_before", {}),
    ("drop_after", {}),
    ("truncate", {}),
    ("garbage", {}),
    ("slow", {"seconds": 0.05}),
    ("status", {"status": 429, "retry_after": "30"}),
    ("status", {"status": 500}),
]


@pytest.mark.parametrize(("fault", "details"), FAULTS)
@pytest.mark.parametrize("vendor", [GOOD2GO, STUDIO, ROBOHEAD])
def test_one_item_with_the_right_bytes_when_its_upload_goes_wrong(
    bridge: Bridge, studio: Site, robohead: Site, vendor: Vendor, fault: str, details: dict[str, Any]
) -> None:
    sites = {GOOD2GO: bridge.good2go, STUDIO: studio, ROBOHEAD: robohead}
    for each in (STUDIO, ROBOHEAD):
        bridge.join(each, sites[each])
    bridge.destine(**ONE_VENDOR, **{vendor: TABLES[vendor]})
    sites[vendor].fault(UPLOADS_OF[vendor], fault, **details)
    take = take_in(bridge, bridge.drop(DATA))
    fates = [bridge.deliver(take[vendor]).fate]
    while waiting := queued(bridge, vendor):
        assert len(fates) < 12, fates
        bridge.clock.advance(seconds=60)
        sites[vendor].advance(60)
        fates += [bridge.deliver(delivery).fate for delivery in waiting]
    assert fates[-1] is Status.RELAYED
    receipt = bridge.object("receipts/labels/summer-ale.pdf.json")
    assert (receipt["sha256"], receipt["version"], receipt["bytes"]) == (SHA256, 1, len(DATA))
    assert [receipt["item"]] == held(sites[vendor], vendor)


def held(site: Site, vendor: Vendor) -> list[str]:
    """Return the ids of the proofs that a vendor holds, each of the right bytes."""
    state = site._see("state")
    match vendor:
        case Vendor.GOOD2GO:
            return [job["guid"] for job in site.jobs() if job["versions"][0]["sha256"] == SHA256]
        case Vendor.APPROVAL_STUDIO:
            return [asset["uid"] for asset in state["assets"] if asset["sha256"] == SHA256]
        case _:
            return [str(review["id"]) for review in state["reviews"]]
