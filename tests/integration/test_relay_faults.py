"""What goes wrong on the way to each vendor: after it the vendor holds one item, of the right versions.

A row is a vendor, and what happens at which of its calls. The first version of a file meets the fault, then
the second one does.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.config.loader import Config
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.stores.circuits import CircuitState
from proofbridge.stores.locks import Locks
from proofbridge.uploads.outcomes import Outcome, Status
from proofbridge.vendors.circuit_breaker import FAILURES_OF_AN_OUTAGE
from tests.integration.bridge import CUSTOMER, FOLDER, Bridge
from tests.integration.cloud import UPLOAD_QUEUES
from tests.integration.site import Site

NAME = "summer-ale.pdf"
SIZES = (300_000, 300_001)
MAX_ROUNDS = 25
Version = tuple[int, str]


@dataclass(frozen=True)
class At:
    """A vendor: its destination, its calls for a first and for a further version, and what it holds."""

    vendor: Vendor
    destination: dict[str, Any]
    held: Callable[[Site], list[tuple[str, list[Version]]]]
    calls: dict[str, tuple[str, str]] = field(default_factory=dict)


def jobs(site: Site) -> list[tuple[str, list[Version]]]:
    """Return the ids of Good2Go's jobs, and their versions."""
    return [
        (job["guid"], [(number, each["sha256"]) for number, each in enumerate(job["versions"], 1)])
        for job in site.jobs()
    ]


def assets(site: Site) -> list[tuple[str, list[Version]]]:
    """Return Approval Studio's assets: the id of each one's newest version, and its versions."""
    families: dict[str, list[Any]] = {}
    for asset in site._see("state")["assets"]:
        families.setdefault(asset["first_uid"], []).append(asset)
    return [
        (family[-1]["uid"], [(each["version"], each["sha256"]) for each in family])
        for family in families.values()
    ]


def items(site: Site) -> list[tuple[str, list[Version]]]:
    """Return RoboHead's reviews by their items, and the items' versions."""
    state = site._see("state")
    content = {file["id"]: file["sha256"] for file in state["files"]}
    return [
        (str(review["id"]), [(each["number"], content[each["file_id"]]) for each in item["versions"]])
        for review in state["reviews"]
        for item in review["items"]
    ]


GOOD2GO = At(
    Vendor.GOOD2GO,
    {"vendor": "good2go", "folder": FOLDER, "recipient": CUSTOMER, "mode": "stream"},
    jobs,
    {"upload": ("upload", "upload_revision")},
)
STUDIO = At(
    Vendor.APPROVAL_STUDIO,
    {"vendor": "approval-studio", "project": "PRJARTWORK", "reviewers": ["USRREV"]},
    assets,
    {"upload": ("upload_asset", "upload_asset"), "read": ("get_asset", "get_asset")},
)
ROBOHEAD = At(
    Vendor.ROBOHEAD,
    {"vendor": "robohead", "project": 501, "reviewers": [102]},
    items,
    {
        "upload": ("upload_file", "upload_file"),
        "name": ("add_review", "update_review"),
        "read": ("get_review", "get_review"),
    },
)

UPLOAD_FAULTS: dict[str, dict[str, Any]] = {
    "drop at the first byte": {"fault": "drop_before"},
    "drop at byte 100,000": {"fault": "drop_body", "bytes": 100_000},
    "accept, then drop": {"fault": "drop_after"},
    "half an answer": {"fault": "truncate"},
    "429": {"fault": "status", "status": 429, "retry_after": "600"},
    "500": {"fault": "status", "status": 500},
    "slow": {"fault": "slow_body", "seconds": 60},
}
NAME_FAULTS: dict[str, dict[str, Any]] = {
    "drop at the first byte": {"fault": "drop_before"},
    "accept, then drop": {"fault": "drop_after"},
    "500": {"fault": "status", "status": 500},
}
READ_FAULTS: dict[str, dict[str, Any]] = {"refused": {"fault": "status", "status": 403}}
"""What happens when only the reading back of what was uploaded goes wrong."""
FAULTS = {"upload": UPLOAD_FAULTS, "name": NAME_FAULTS, "read": READ_FAULTS}
ROWS = [
    pytest.param(at, call, details, id=f"{at.vendor}: {call}: {name}")
    for at in (GOOD2GO, STUDIO, ROBOHEAD)
    for call in sorted(at.calls)
    for name, details in sorted(FAULTS[call].items())
]


@pytest.fixture
def site_of(bridge: Bridge, studio: Site, robohead: Site) -> Callable[[At], Site]:
    """Make a vendor the one that files go to; gives its site."""

    def prepare(at: At) -> Site:
        destination = {"prefix": "labels", "due": "+3 days 17:00 UTC", **at.destination}
        bridge.config = Config.model_validate({"destinations": [destination]})
        bridge.patience_seconds = 60
        if at.vendor is Vendor.GOOD2GO:
            return bridge.good2go
        return bridge.join(at.vendor, studio if at.vendor is Vendor.APPROVAL_STUDIO else robohead)

    return prepare


def content(size: int) -> bytes:
    """Return a file that is like no other."""
    return random.Random(size).randbytes(size)  # noqa: S311 - any bytes will do


def deliver(bridge: Bridge, at: At, site: Site, data: bytes, late: str | None = None) -> list[Outcome]:
    """Drop a file, and run what its queue brings until nothing waits; time passes as the queue keeps it back.

    `late` is a call whose answer doesn't come in time, but which the vendor carries out.
    """
    bridge.take_in(bridge.drop(data, NAME))
    outcomes: list[Outcome] = []
    effects = len(site.effects())
    while letters := bridge.cloud.letters(UPLOAD_QUEUES[at.vendor]):
        assert len(outcomes) < MAX_ROUNDS, outcomes
        for letter in letters:
            bridge.clock.advance(seconds=letter.delay_seconds)
            site.advance(letter.delay_seconds)
            if late is not None and not outcomes:
                bridge.patience_seconds = 1.5
            outcomes.append(bridge.deliver(UploadMessage.from_message(letter.body)))
            bridge.patience_seconds = 60
            if late is not None and len(outcomes) == 1:
                _wait_for_effect(site, late, effects)
    return outcomes


def _wait_for_effect(site: Site, operation: str, after: int) -> None:
    """Return once the vendor has carried a call out, however busy this machine is."""
    ends_at = time.monotonic() + 20
    while operation not in {effect["operation"] for effect in site.effects()[after:]}:
        assert time.monotonic() < ends_at, f"{operation} did not take effect"


def check(bridge: Bridge, at: At, site: Site, files: list[bytes]) -> None:
    """The vendor holds one item whose versions are the files, and the receipt agrees with it."""
    versions = [(number, hashlib.sha256(data).hexdigest()) for number, data in enumerate(files, 1)]
    ((item, held),) = at.held(site)
    assert held == versions
    receipt = bridge.object(f"receipts/labels/{NAME}.json")
    told = receipt["vendor"], receipt["item"], receipt["version"], receipt["sha256"], receipt["bytes"]
    assert told == (at.vendor, item, *versions[-1], len(files[-1]))
    assert bridge.object(f"errors/labels/{NAME}.json") is None


@pytest.mark.parametrize(("at", "call", "details"), ROWS)
def test_vendor_holds_each_version_once_when_its_call_goes_wrong(
    bridge: Bridge, site_of: Callable[[At], Site], at: At, call: str, details: dict[str, Any]
) -> None:
    site = site_of(at)
    files = [content(size) for size in SIZES]
    for number, data in enumerate(files):
        operation = at.calls[call][number]
        # A further version's item is read before anything is sent, which is not what this is about.
        read_before = number if call == "read" else 0
        site.fault(operation, after=read_before, **details)
        late = operation if details["fault"] == "slow_body" else None
        outcomes = deliver(bridge, at, site, data, late)
        assert outcomes[0].fate is Status.DEFERRED
        assert Status.RELAYED in {outcome.fate for outcome in outcomes}
        check(bridge, at, site, files[: number + 1])


@pytest.mark.parametrize("at", [GOOD2GO, STUDIO, ROBOHEAD], ids=lambda at: str(at.vendor))
def test_vendor_holds_each_version_once_when_s3_breaks_off(
    bridge: Bridge, site_of: Callable[[At], Site], at: At
) -> None:
    site = site_of(at)
    files = [content(size) for size in SIZES]
    for number, data in enumerate(files):
        bridge.cloud.cuts = [123_456, 0, 77_777]
        outcomes = deliver(bridge, at, site, data)
        assert outcomes[0].fate is Status.RELAYED
        assert bridge.cloud.cuts == []
        check(bridge, at, site, files[: number + 1])


@pytest.mark.parametrize("at", [GOOD2GO, STUDIO, ROBOHEAD], ids=lambda at: str(at.vendor))
def test_file_is_sent_again_when_s3_breaks_off_too_often(
    bridge: Bridge, site_of: Callable[[At], Site], at: At
) -> None:
    site = site_of(at)
    data = content(SIZES[0])
    bridge.cloud.cuts = [50_000] + [0] * 20
    bridge.take_in(bridge.drop(data, NAME))
    (letter,) = bridge.cloud.letters(UPLOAD_QUEUES[at.vendor])
    outcome = bridge.deliver(UploadMessage.from_message(letter.body))
    assert outcome.fate is Status.DEFERRED
    assert "could not be read" in str(outcome.reason)
    bridge.cloud.cuts = []
    (letter,) = bridge.cloud.letters(UPLOAD_QUEUES[at.vendor])
    assert bridge.deliver(UploadMessage.from_message(letter.body)).fate is Status.RELAYED
    ((_, held),) = at.held(site)
    assert held == [(1, hashlib.sha256(data).hexdigest())]
    site.forget()  # that a body ended early, which no documentation has


def test_large_file_is_fetched_and_its_receipt_agrees(bridge: Bridge, site_of: Callable[[At], Site]) -> None:
    """Moto in memory has no address that the vendor could fetch from, so the vendor says that it can't."""
    by_link = dataclasses.replace(GOOD2GO, destination={**GOOD2GO.destination, "mode": "auto"})
    site = site_of(by_link)
    settings = bridge.config.vendors.model_copy(
        update={"good2go": bridge.config.vendors.good2go.model_copy(update={"url_above_mb": 0})}
    )
    bridge.config = bridge.config.model_copy(update={"vendors": settings})
    site.settings(fetch_timeout_seconds=0.001)
    data = content(SIZES[0])
    assert deliver(bridge, by_link, site, data)[0].fate is Status.RELAYED
    assert [each["status"] for each in site.requests("upload")] == [422, 200]
    check(bridge, by_link, site, [data])


@pytest.mark.parametrize("at", [STUDIO, ROBOHEAD], ids=lambda at: str(at.vendor))
def test_item_is_made_once_when_the_secret_is_changed_before_it_was_read_back(
    bridge: Bridge, site_of: Callable[[At], Site], monkeypatch: pytest.MonkeyPatch, at: At
) -> None:
    site = site_of(at)
    data = content(SIZES[0])
    site.fault(at.calls["read"][0], "status", status=401, times=2)  # the second is for a token made anew
    monkeypatch.setattr(bridge.connections, "renew", lambda _: True)
    deliver(bridge, at, site, data)
    check(bridge, at, site, [data])


def test_gate_stays_open_when_files_wait_for_what_is_not_the_vendors(
    bridge: Bridge, site_of: Callable[[At], Site]
) -> None:
    """Another function makes the project that all of them need."""
    needs_project = {"project_name": "Spring", "create": True, "owners": ["USROWNER"]}
    site_of(dataclasses.replace(STUDIO, destination={"vendor": "approval-studio", **needs_project}))
    now = bridge.clock.now()
    locks = Locks(bridge.cloud.dynamodb, "state")
    assert locks.take("project|approval-studio|Spring", now, now + timedelta(minutes=15))
    for number in range(FAILURES_OF_AN_OUTAGE + 1):
        bridge.take_in(bridge.drop(b"%PDF", f"{number}.pdf"))
        (letter,) = bridge.cloud.letters(UPLOAD_QUEUES[Vendor.APPROVAL_STUDIO])
        outcome = bridge.deliver(UploadMessage.from_message(letter.body))
        assert "is being made" in str(outcome.reason)
        bridge.cloud.letters(UPLOAD_QUEUES[Vendor.APPROVAL_STUDIO])
    assert bridge.gates.get(Vendor.APPROVAL_STUDIO) == CircuitState()


DELETED: dict[Vendor, tuple[str, str, Callable[[str], Any]]] = {
    Vendor.GOOD2GO: ("delete", "job", str),
    Vendor.APPROVAL_STUDIO: ("delete-asset", "asset", str),
    Vendor.ROBOHEAD: ("delete", "review", int),
}


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("at", [GOOD2GO, STUDIO, ROBOHEAD], ids=lambda at: str(at.vendor))
def test_file_becomes_a_new_item_of_its_proof_when_the_one_before_was_deleted(
    bridge: Bridge, site_of: Callable[[At], Site], at: At, *, lost: bool
) -> None:
    """Deleted by hand, for good; the key must not be lost with it. The next version goes on from there."""
    site = site_of(at)
    deliver(bridge, at, site, content(SIZES[0]))
    gone = bridge.ref_at(at.vendor)
    delete, kind, as_id = DELETED[at.vendor]
    site.act(delete, **{kind: as_id(gone.id)})
    bridge.note(dataclasses.replace(bridge.stored(at.vendor).observation, deleted=True))
    bridge.settle()
    if lost:
        site.fault(at.calls.get("name", at.calls["upload"])[0], "drop_after")
    files = [content(SIZES[0]), content(SIZES[1])]
    for number, data in enumerate(files):
        deliver(bridge, at, site, data)
        there = [each for each in at.held(site) if each[0] != gone.id]
        receipt = bridge.object(f"receipts/labels/{NAME}.json")
        versions = [(n, hashlib.sha256(each).hexdigest()) for n, each in enumerate(files[: number + 1], 1)]
        assert there == [(receipt["item"], versions)]
        assert bridge.ref_at(at.vendor).id == receipt["item"]


@pytest.mark.parametrize("asked", ["there", "silent"])
def test_file_is_refused_when_a_404_is_not_about_the_item_before(
    bridge: Bridge, site_of: Callable[[At], Site], asked: str
) -> None:
    """A folder, say, or somebody's address: as a new item the file would be there beside the old one."""
    site = site_of(GOOD2GO)
    deliver(bridge, GOOD2GO, site, content(SIZES[0]))
    site.fault("upload_revision", "status", status=404)
    if asked == "silent":
        site.fault("get_job", "status", status=403)
    (outcome,) = deliver(bridge, GOOD2GO, site, content(SIZES[1]))
    assert outcome.fate is Status.REFUSED
    assert [len(versions) for _, versions in jobs(site)] == [1]


def test_version_is_sent_once_when_another_project_has_the_name_by_now(
    bridge: Bridge, site_of: Callable[[At], Site]
) -> None:
    by_name = {"project_name": "Artwork", "create": True, "owners": ["USRREV"]}
    at = dataclasses.replace(STUDIO, destination={"vendor": "approval-studio", **by_name})
    site = site_of(at)
    deliver(bridge, at, site, content(SIZES[0]))
    site.act("set-state", project="PRJARTWORK", state="Completed")
    site.fault("upload_asset", "drop_after")
    deliver(bridge, at, site, content(SIZES[1]))
    assert [len(versions) for _, versions in at.held(site)] == [1, 1]
