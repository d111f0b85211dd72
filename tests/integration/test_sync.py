"""Polling simulated vendors: what differs is noted, nothing else is written, the cursor comes last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.polling.sync import OVERLAP, Ending, Swept
from tests.integration.bridge import Bridge

BOTH = [Vendor.GOOD2GO, Vendor.GOODDAY]


def sync(bridge: Bridge, vendor: Vendor = Vendor.GOOD2GO) -> Swept:
    """Poll a vendor, as its schedule does."""
    return bridge.sync(vendor)


@pytest.fixture
def synced(bridge: Bridge) -> Bridge:
    """A proof, and both vendors polled so that nothing is new."""
    bridge.start_proof()
    for vendor in BOTH:
        sync(bridge, vendor)
    bridge.settle()
    return bridge


def test_everything_is_listed_when_a_vendor_is_polled_first(bridge: Bridge) -> None:
    for name in ("a.pdf", "b.pdf"):
        bridge.relay(bridge.drop(b"%PDF", name))
    before = bridge.clock.now()
    assert bridge.cursors.get(Vendor.GOOD2GO).moment is None
    assert sync(bridge).listed == 2
    cursor = bridge.cursors.get(Vendor.GOOD2GO).moment
    assert cursor is not None
    assert before < cursor <= bridge.clock.now()


def test_missed_decision_is_repaired_when_its_webhook_never_came(synced: Bridge) -> None:
    guid = synced.good2go.job()["guid"]
    synced.good2go.act("request-changes", job=guid, comment="Less sun.", webhook="silent")
    assert sync(synced) == Swept(listed=1, noted=1)
    synced.settle()
    observation = synced.stored(Vendor.GOOD2GO).observation
    assert observation.status is ReviewStatus.CHANGES_REQUESTED
    assert observation.comment == "Less sun."
    assert synced.goodday.task()["status"]["name"] == "Changes requested"
    assert sync(synced).noted == 0
    assert len(synced.goodday.effects("update_status")) == 1


def test_only_what_differs_is_noted(synced: Bridge) -> None:
    synced.relay(synced.drop(b"%PDF other", "other.pdf"))
    synced.settle()
    (one, other) = synced.good2go.jobs()
    synced.good2go.act("approve", job=other["guid"])
    swept = sync(synced)
    assert (swept.listed, swept.noted) == (2, 1)
    (event,) = synced.received()
    assert event.ref.id == other["guid"]
    del one


@pytest.mark.parametrize("vendor", BOTH)
def test_nothing_is_written_but_the_cursor_when_nothing_differs(synced: Bridge, vendor: Vendor) -> None:
    with synced.cloud.counted() as calls:
        assert sync(synced, vendor) == Swept(listed=1, noted=0)
    # The cursor, the gate, the one item; then the cursor.
    assert [call for call in calls if call != "GetSecretValue"] == [
        "GetItem",
        "GetItem",
        "BatchGetItem",
        "PutItem",
    ]
    assert synced.received() == []


def test_item_is_not_read_in_full_when_its_list_entry_says_nothing_new(synced: Bridge) -> None:
    before = len(synced.good2go.requests())
    sync(synced)
    assert [r["operation"] for r in synced.good2go.requests()[before:]] == ["list_jobs"]


def test_only_recent_changes_are_asked_for_with_an_overlap(synced: Bridge) -> None:
    cursor = synced.cursors.get(Vendor.GOOD2GO).moment
    assert cursor is not None
    synced.advance(hours=1)
    sync(synced)
    query = synced.good2go.requests("list_jobs")[-1]["query"]
    looked_back_to = cursor - OVERLAP
    assert f"start_date={looked_back_to:%Y-%m-%dT%H%%3A%M%%3A%S}" in query
    assert "date_for=updated_at" in query
    assert sync(synced).listed == 0, "long unchanged by now"


@pytest.mark.parametrize("vendor", BOTH)
def test_change_within_the_overlap_is_found_though_the_cursor_is_past_it(
    synced: Bridge, vendor: Vendor
) -> None:
    """The vendor's clock is a minute behind ours."""
    site = synced.good2go if vendor is Vendor.GOOD2GO else synced.goodday
    synced.advance(hours=1)
    sync(synced, vendor)
    site.advance(-60)
    if vendor is Vendor.GOOD2GO:
        site.act("approve", job=site.job()["guid"])
    else:
        site.act("set-status", task=site.task()["id"], status="STDONE")
    assert sync(synced, vendor) == Swept(listed=1, noted=1)


def test_all_pages_are_read_when_there_are_many(bridge: Bridge) -> None:
    bridge.good2go.settings(per_page=2)
    for number in range(5):
        bridge.relay(bridge.drop(b"%PDF", f"{number}.pdf"))
    assert sync(bridge).listed == 5


def test_closed_task_is_not_taken_for_deleted(synced: Bridge) -> None:
    synced.goodday.act("set-status", task=synced.goodday.task()["id"], status="STDONE")
    assert sync(synced, Vendor.GOODDAY).noted == 1
    synced.settle()
    observation = synced.stored(Vendor.GOODDAY).observation
    assert (observation.status, observation.deleted) == (ReviewStatus.COMPLETED, False)


# -- failures


def test_cursor_stays_when_the_list_fails(synced: Bridge) -> None:
    cursor = synced.cursors.get(Vendor.GOOD2GO)
    synced.good2go.fault("list_jobs", "status", status=429, retry_after="3600")
    assert sync(synced).ending is Ending.FAILED
    assert synced.cursors.get(Vendor.GOOD2GO) == cursor


def test_cursor_stays_when_a_poll_fails_in_the_middle_and_the_next_repairs_the_rest(bridge: Bridge) -> None:
    for name in ("a.pdf", "b.pdf"):
        bridge.relay(bridge.drop(b"%PDF", name))
    bridge.settle()
    sync(bridge)
    bridge.settle()
    cursor = bridge.cursors.get(Vendor.GOOD2GO)
    for job in bridge.good2go.jobs():
        bridge.good2go.act("approve", job=job["guid"])
    bridge.good2go.fault("get_job", "status", status=429, retry_after="600", after=1)
    assert sync(bridge).ending is Ending.FAILED
    assert bridge.cursors.get(Vendor.GOOD2GO) == cursor
    assert len(bridge.received()) == 1
    assert sync(bridge) == Swept(0, 0, Ending.GATE_CLOSED)
    bridge.advance(seconds=660)
    assert sync(bridge).listed == 2
    assert len({event.item for event in bridge.received()}) == 2


class UnnotedError(RuntimeError):
    """The Inbox could not be written to."""


def test_cursor_stays_when_the_inbox_can_not_be_written_to(synced: Bridge) -> None:
    cursor = synced.cursors.get(Vendor.GOOD2GO).moment
    synced.good2go.act("approve", job=synced.good2go.job()["guid"])
    synced.cloud.fail("PutItem", UnnotedError(), "good2go#job#")
    with pytest.raises(UnnotedError):
        sync(synced)
    assert synced.cursors.get(Vendor.GOOD2GO).moment == cursor
    assert sync(synced).noted == 1


def test_item_is_noted_by_its_list_entry_when_the_vendor_will_not_show_it(
    synced: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    synced.good2go.act("approve", job=synced.good2go.job()["guid"])
    synced.good2go.fault("get_job", "status", status=403)
    assert sync(synced) == Swept(listed=1, noted=1)
    assert '"ItemsUnreadable": 1' in capsys.readouterr().out
    synced.settle()
    assert synced.goodday.task()["status"]["name"] == "Done"


@pytest.mark.parametrize("status", [401, 429])
def test_poll_ends_when_the_vendor_refuses_every_call(synced: Bridge, status: int) -> None:
    synced.good2go.act("approve", job=synced.good2go.job()["guid"])
    details: dict[str, Any] = {"retry_after": "3600"} if status == 429 else {}
    synced.good2go.fault("get_job", "status", status=status, times=None, **details)
    assert sync(synced).ending is Ending.FAILED
    assert synced.received() == []
    assert synced.gates.closed_until(Vendor.GOOD2GO, synced.clock.now()) is not None
    assert synced.gates.closed_until(Vendor.GOODDAY, synced.clock.now()) is None


def test_vendor_is_left_alone_when_its_gate_is_closed(synced: Bridge) -> None:
    cursor = synced.cursors.get(Vendor.GOOD2GO).moment
    synced.good2go.act("approve", job=synced.good2go.job()["guid"])
    before = len(synced.good2go.requests())
    synced.gates.close(Vendor.GOOD2GO, synced.clock.now() + timedelta(minutes=10))
    assert sync(synced) == Swept(0, 0, Ending.GATE_CLOSED)
    assert len(synced.good2go.requests()) == before
    assert synced.cursors.get(Vendor.GOOD2GO).moment == cursor
    synced.advance(minutes=11)
    assert sync(synced).noted == 1
