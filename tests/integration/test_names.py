"""Two dropped files never become one proof by their names: what each vendor holds, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from proofbridge.domain.items import Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.outcomes import Outcome, Status
from tests.integration.bridge import Bridge
from tests.integration.cloud import UPLOAD_QUEUES, Call, KilledError
from tests.integration.site import Site
from tests.integration.test_relay_vendors import (
    GOOD2GO,
    ONE_VENDOR,
    ROBOHEAD,
    STUDIO,
    TABLES,
    queued,
    take_in,
)

ONE, TWO = b"%PDF one", b"%PDF two"
LEASE_SECONDS = 961
TO_STUDIO: dict[str, Any] = {"project": "PRJARTWORK"}


def tables(**more: Any) -> dict[str, Any]:
    """Return what a destination says of all vendors, with more said of each."""
    return {vendor: {**dict[str, Any](table), **more} for vendor, table in TABLES.items()}  # type: ignore[call-overload]


@pytest.fixture
def everywhere(bridge: Bridge, studio: Site, robohead: Site) -> Bridge:
    bridge.join(STUDIO, studio)
    bridge.join(ROBOHEAD, robohead)
    return bridge


@pytest.fixture
def to_studio(bridge: Bridge, studio: Site) -> Bridge:
    bridge.join(STUDIO, studio)
    bridge.destine(**ONE_VENDOR, **{STUDIO: TO_STUDIO})
    return bridge


def relay_everywhere(bridge: Bridge, event: Mapping[str, Any]) -> None:
    """Bring a file to all of its vendors, until nothing of it waits."""
    sent = list(take_in(bridge, dict(event)).values())
    while sent:
        for delivery in sent:
            bridge.deliver(delivery)
        sent = [delivery for vendor in UPLOAD_QUEUES for delivery in queued(bridge, vendor)]


def relay(bridge: Bridge, event: dict[str, Any]) -> Outcome:
    """Bring a file to its one vendor; what the vendor processes is left to it."""
    (delivery,) = take_in(bridge, event).values()
    return bridge.deliver(delivery)


def held(bridge: Bridge, studio: Site, robohead: Site) -> dict[Vendor, list[tuple[str, list[str]]]]:
    """Return the proofs at each vendor: what each is called, and the hashes of its versions."""
    state = robohead.see("state")
    hashes = {file["id"]: file["sha256"] for file in state["files"]}
    return {
        GOOD2GO: [(job["name"], [v["sha256"] for v in job["versions"]]) for job in bridge.good2go.jobs()],
        STUDIO: assets(studio),
        ROBOHEAD: [
            (item["file_name"], [hashes[version["file_id"]] for version in item["versions"]])
            for review in state["reviews"]
            for item in review["items"]
        ],
    }


def assets(studio: Site) -> list[tuple[str, list[str]]]:
    """Return the proofs at Approval Studio: what each is called, and the hashes of its versions."""
    found: dict[str, tuple[str, list[str]]] = {}
    for asset in studio.see("state")["assets"]:
        found.setdefault(asset["first_uid"], (asset["name"], []))[1].append(asset["sha256"])
    return list(found.values())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CASES: dict[str, tuple[dict[str, Any], tuple[str, str], list[str], bool]] = {
    # what the destination says, two files of the same bytes, their names there, and whether all take both
    "one name in two folders": (tables(), ("a/label.pdf", "b/label.pdf"), ["label.pdf", "label.pdf"], False),
    "one text for two names": (
        {"pattern": "{order}_{side}.pdf", **tables(name="{file.order}")},
        ("4711_front.pdf", "4711_back.pdf"),
        ["4711.pdf", "4711.pdf"],
        False,
    ),
    "letters' case, and an accent written in two ways": (
        tables(),
        ("Caf\u00e9.pdf", "cafe\u0301.PDF"),
        ["Caf\u00e9.pdf", "cafe\u0301.PDF"],
        False,
    ),
    "a text that tells them apart": (
        tables(name="{file.folder} {file.name}"),
        ("a/label.pdf", "b/label.pdf"),
        ["a label.pdf", "b label.pdf"],
        True,
    ),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.soak] if case == "one text for two names" else [])
        for case in sorted(CASES)
    ],
)
def test_vendors_hold_what_is_documented_when_two_files_of_the_same_bytes_are_dropped(
    everywhere: Bridge, studio: Site, robohead: Site, case: str
) -> None:
    """Two proofs where names are no matter; at Approval Studio the second is refused, or told apart."""
    studio.settings(file_names="alike")
    says, files, names, all_take_both = CASES[case]
    everywhere.destine(**ONE_VENDOR, tracking=None, **says)
    for name in files:
        relay_everywhere(everywhere, everywhere.drop(ONE, name))
    both = [(name, [sha256(ONE)]) for name in names]
    at_studio = both if all_take_both else both[:1]
    assert held(everywhere, studio, robohead) == {GOOD2GO: both, STUDIO: at_studio, ROBOHEAD: both}
    first, second = files
    for vendor in (GOOD2GO, STUDIO, ROBOHEAD):
        receipt = everywhere.object(f"receipts/labels/{second}.{vendor}.json")
        report = everywhere.object(f"errors/labels/{second}.{vendor}.json")
        if vendor is STUDIO and not all_take_both:
            assert receipt is None
            assert f"in the project PRJARTWORK, the name {names[1]!r}" in report["problem"]
            assert f"belongs to drop/labels/{first};" in report["problem"]
            assert "under another name" in report["what_to_do"]
            assert '"{file.folder} {file.name}"' in report["what_to_do"]
        else:
            assert report is None
            assert (receipt["sha256"], receipt["version"]) == (sha256(ONE), 1)


def test_names_that_may_be_the_same_are_kept_apart_when_the_vendor_tells_them_apart(
    to_studio: Bridge, studio: Site
) -> None:
    assert relay(to_studio, to_studio.drop(ONE, "Caf\u00e9.pdf")).fate is Status.RELAYED
    assert relay(to_studio, to_studio.drop(TWO, "cafe\u0301.PDF")).fate is Status.REFUSED
    assert assets(studio) == [("Caf\u00e9.pdf", [sha256(ONE)])]


def test_each_drop_is_a_proof_of_its_own_when_the_destination_wants_it_so(
    to_studio: Bridge, studio: Site
) -> None:
    to_studio.destine(**ONE_VENDOR, version="new", **{STUDIO: TO_STUDIO})
    expected = []
    for data in (ONE, TWO):
        event = to_studio.drop(data, "label.pdf")
        time = event["time"]
        assert relay(to_studio, event).fate is Status.RELAYED
        expected.append((f"label {time[:10]} {time[11:19].replace(':', '.')}.pdf", [sha256(data)]))
        to_studio.clock.advance(seconds=1)
    assert assets(studio) == expected


def test_file_is_sent_when_it_is_told_apart_and_retried_and_keeps_that_name(
    to_studio: Bridge, studio: Site
) -> None:
    assert relay(to_studio, to_studio.drop(ONE, "a/label.pdf")).fate is Status.RELAYED
    (delivery,) = take_in(to_studio, to_studio.drop(ONE, "b/label.pdf")).values()
    assert to_studio.deliver(delivery).fate is Status.REFUSED
    entry = to_studio.ledger.get(delivery.key)
    assert entry is not None
    assert (entry.state, entry.unclear) == (EffectState.PARKED, False)
    # As `proofbridge uploads retry` does it.
    to_studio.destine(**ONE_VENDOR, **{STUDIO: {**TO_STUDIO, "name": "{file.folder} {file.name}"}})
    assert to_studio.ledger.reopen(entry, EffectState.WAITING, delivery.to_message(), to_studio.clock.now())
    assert to_studio.deliver(delivery).fate is Status.RELAYED
    to_studio.destine(**ONE_VENDOR, **{STUDIO: TO_STUDIO})
    asked = len(studio.requests("list_projects"))
    assert relay(to_studio, to_studio.drop(TWO, "b/label.pdf")).fate is Status.RELAYED
    assert assets(studio) == [("label.pdf", [sha256(ONE)]), ("b label.pdf", [sha256(ONE), sha256(TWO)])]
    assert len(studio.requests("list_projects")) == asked, "the name is known to be the proof's"


@pytest.mark.parametrize("killed_at", ["taking the name", "storing the asset"])
def test_name_is_kept_for_a_file_whose_relay_was_killed(
    to_studio: Bridge, studio: Site, killed_at: str
) -> None:
    (delivery,) = take_in(to_studio, to_studio.drop(ONE, "a/label.pdf")).values()
    strikes = is_check_of_a_name if killed_at == "taking the name" else is_asset
    to_studio.cloud.fail_where(strikes, KilledError())
    with pytest.raises(KilledError):
        to_studio.deliver(delivery)
    to_studio.cloud.revive()
    assert relay(to_studio, to_studio.drop(ONE, "b/label.pdf")).fate is Status.REFUSED
    to_studio.clock.advance(seconds=LEASE_SECONDS)
    assert to_studio.deliver(delivery).fate is Status.RELAYED
    assert assets(studio) == [("label.pdf", [sha256(ONE)])]


def is_check_of_a_name(call: Call) -> bool:
    return call.key.startswith("NAME#") and "checked" in str(call.params["UpdateExpression"])


def is_asset(call: Call) -> bool:
    return call.operation == "PutItem" and call.key.startswith("ITEM#")


def test_other_files_asset_is_not_taken_for_that_of_a_file_which_never_had_the_name(
    to_studio: Bridge, studio: Site
) -> None:
    """Both have the same name, size and moment, and nothing is noted of the one that arrived."""
    first, second = (
        delivery
        for name in ("a/label.pdf", "b/label.pdf")
        for delivery in take_in(to_studio, to_studio.drop(ONE, name)).values()
    )
    for delivery, strikes in ((first, is_name), (second, is_asset)):
        to_studio.cloud.fail_where(strikes, KilledError())
        with pytest.raises(KilledError):
            to_studio.deliver(delivery)
        to_studio.cloud.revive()
    to_studio.clock.advance(seconds=LEASE_SECONDS)
    assert to_studio.deliver(first).fate is Status.REFUSED
    assert to_studio.deliver(second).fate is Status.RELAYED
    assert assets(studio) == [("label.pdf", [sha256(ONE)])]


def is_name(call: Call) -> bool:
    return call.key.startswith("NAME#")


def test_projects_of_one_name_are_told_apart_by_their_ids(to_studio: Bridge, studio: Site) -> None:
    """The project is found by its name, or made, only when the file is sent."""
    table = {"project_name": "Spring", "create": True, "owners": ["USROWNER"]}
    to_studio.destine(**ONE_VENDOR, **{STUDIO: table})
    assert relay(to_studio, to_studio.drop(ONE, "a/label.pdf")).fate is Status.RELAYED
    assert relay(to_studio, to_studio.drop(TWO, "b/label.pdf")).fate is Status.REFUSED
    (project,) = (each["uid"] for each in studio.see("state")["projects"] if each["name"] == "Spring")
    report = to_studio.object("errors/labels/b/label.pdf.json")
    assert f"in the project {project} ('Spring'), the name 'label.pdf'" in report["problem"]
    studio.act("set-state", project=project, state="Completed")
    assert relay(to_studio, to_studio.drop(TWO, "c/label.pdf")).fate is Status.RELAYED
    assert assets(studio) == [("label.pdf", [sha256(ONE)]), ("label.pdf", [sha256(TWO)])]


def test_file_surely_did_not_arrive_when_only_its_project_or_name_could_not_be_looked_up(
    to_studio: Bridge, studio: Site
) -> None:
    studio.fault("list_projects", "drop_before", times=9)
    to_studio.patience_seconds = 0.3
    (delivery,) = take_in(to_studio, to_studio.drop(ONE)).values()
    assert to_studio.deliver(delivery).fate is Status.DEFERRED
    assert to_studio.state_of(delivery.key) == EffectState.WAITING
    assert studio.effects("upload_asset") == []


# -- a review that is named


def test_files_of_one_review_are_found_again_and_told_apart_by_their_names(
    everywhere: Bridge, robohead: Site
) -> None:
    """The review is an item of its first file's proof when the second looks for what it has sent."""
    everywhere.destine(**ONE_VENDOR, tracking=None, **{ROBOHEAD: {"project": 501, "reviewers": [102]}})
    assert relay(everywhere, everywhere.drop(ONE, "front.pdf")).fate is Status.RELAYED
    (review,) = robohead.see("state")["reviews"]
    everywhere.destine(**ONE_VENDOR, tracking=None, **{ROBOHEAD: {"review": review["id"]}})
    robohead.fault("update_review", "drop_after")
    (delivery,) = take_in(everywhere, everywhere.drop(ONE, "back.pdf")).values()
    assert everywhere.deliver(delivery).fate is Status.DEFERRED
    assert relay(everywhere, everywhere.drop(TWO, "below/back.pdf")).fate is Status.REFUSED
    assert relay(everywhere, everywhere.drop(TWO, "other/front.pdf")).fate is Status.REFUSED
    assert everywhere.deliver(delivery).fate is Status.RELAYED
    report = everywhere.object("errors/labels/below/back.pdf.json")
    assert (
        f"in the review {review['id']}, the name 'back.pdf' belongs to drop/labels/back.pdf"
        in (report["problem"])
    )
    (review,) = robohead.see("state")["reviews"]
    assert [item["file_name"] for item in review["items"]] == ["front.pdf", "back.pdf"]
