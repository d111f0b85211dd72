"""Reading everything, going on where a run was cut short, and two runs at once."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import Decision, ItemKind, ItemRef, Observation, ReviewStatus, Vendor
from proofbridge.polling.sync import Ending, Swept
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.inputs import ExternalReviewCreate
from proofbridge.vendors.robohead.client import RoboHead
from tests.contract.approval_studio_calls import SEEDED, new_asset, new_review
from tests.contract.robohead_calls import new_review as robohead_review
from tests.integration.bridge import CUSTOMER, MORE_SECRETS, Bridge
from tests.integration.crowds import crowd
from tests.integration.site import Site

DUE = datetime(2099, 3, 5, tzinfo=UTC)


@pytest.fixture
def jobs(bridge: Bridge, good2go_server: Simulator) -> list[ItemRef]:
    """Six jobs at Good2Go, on pages of two, all of them stored."""
    bridge.good2go.settings(per_page=2)
    crowd(good2go_server, Vendor.GOOD2GO, 6)
    assert bridge.sync(Vendor.GOOD2GO) == Swept(6, 6)
    bridge.settle()
    return [ItemRef(Vendor.GOOD2GO, ItemKind.JOB, job["guid"]) for job in bridge.good2go.jobs()]


def studio_client(site: Site) -> ApprovalStudio:
    """Return a client of the simulated Approval Studio."""
    login = MORE_SECRETS[Vendor.APPROVAL_STUDIO]
    return ApprovalStudio(base_url=site.url, username=login["username"], password=login["password"])


def stored_of(bridge: Bridge, ref: ItemRef) -> Observation:
    """Return what is stored of an item."""
    stored = bridge.items.get(ref)
    assert stored is not None
    return stored.observation


def status_of(bridge: Bridge, ref: ItemRef) -> ReviewStatus | None:
    """Return the status that is stored of an item."""
    return stored_of(bridge, ref).status


# -- everything


def test_deleted_job_is_noticed_when_everything_is_read(jobs: list[ItemRef], bridge: Bridge) -> None:
    bridge.good2go.act("delete", job=jobs[2].id, webhook="silent")
    bridge.advance(hours=1)
    assert bridge.sync(Vendor.GOOD2GO).noted == 0, "no filter shows it"
    assert bridge.sync(Vendor.GOOD2GO, everything=True) == Swept(5, 1)
    bridge.settle()
    stored = bridge.items.get(jobs[2])
    assert stored is not None
    assert stored.observation.deleted
    assert bridge.sync(Vendor.GOOD2GO, everything=True) == Swept(5, 0)


def test_missed_change_is_noticed_when_everything_is_read(
    jobs: list[ItemRef], bridge: Bridge, good2go_server: Simulator
) -> None:
    """A job that no filter showed in time: its moment lies before the cursor."""
    bridge.advance(hours=1)
    bridge.sync(Vendor.GOOD2GO)
    with good2go_server.lock:
        job = good2go_server.vendor._account.jobs[jobs[4].id]  # type: ignore[attr-defined]
        job.status, job.updated_at = "approved", job.updated_at + timedelta(seconds=1)
    assert bridge.sync(Vendor.GOOD2GO).noted == 0
    assert bridge.sync(Vendor.GOOD2GO, everything=True).noted == 1
    bridge.settle()
    assert status_of(bridge, jobs[4]) is ReviewStatus.APPROVED


def test_task_that_left_its_project_is_looked_at_when_everything_is_read(
    bridge: Bridge, goodday_server: Simulator
) -> None:
    crowd(goodday_server, Vendor.GOODDAY, 2)
    bridge.sync(Vendor.GOODDAY)
    bridge.settle()
    ref = ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK00001")
    with goodday_server.lock:
        goodday_server.vendor._workspace.tasks[ref.id].project_id = "PRJARC"  # type: ignore[attr-defined]
    bridge.goodday.act("set-status", task=ref.id, status="STDONE")
    assert bridge.sync(Vendor.GOODDAY).noted == 0, "it is on no list that is asked for"
    assert bridge.sync(Vendor.GOODDAY, everything=True) == Swept(1, 1)
    bridge.settle()
    assert status_of(bridge, ref) is ReviewStatus.COMPLETED


def test_nothing_is_taken_for_deleted_when_a_project_can_not_be_read(
    bridge: Bridge, goodday_server: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    crowd(goodday_server, Vendor.GOODDAY, 2)
    bridge.sync(Vendor.GOODDAY)
    bridge.settle()
    bridge.goodday.fault("list_project_tasks", "status", status=403, times=None)
    assert bridge.sync(Vendor.GOODDAY, everything=True) == Swept(0, 0)
    assert '"ListsUnreadable": 1' in capsys.readouterr().out
    assert status_of(bridge, ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK00001")) is ReviewStatus.NOT_STARTED


def test_reading_everything_goes_on_when_the_gate_was_closed_at_its_time(
    jobs: list[ItemRef], bridge: Bridge
) -> None:
    bridge.good2go.act("delete", job=jobs[0].id, webhook="silent")
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(minutes=3))
    assert bridge.sync(Vendor.GOOD2GO, everything=True) == Swept(0, 0, Ending.GATE_CLOSED)
    bridge.advance(minutes=5)
    assert bridge.sync(Vendor.GOOD2GO).noted == 1, "by the next tick, which is for changes"


# -- cut short


def test_nothing_is_looked_at_when_no_time_is_left(jobs: list[ItemRef], bridge: Bridge) -> None:
    bridge.good2go.act("approve", job=jobs[0].id, webhook="silent")
    known = bridge.cursors.get(Vendor.GOOD2GO).moment
    assert bridge.sync(Vendor.GOOD2GO, seconds_left=15).ending is Ending.TIME_UP
    assert bridge.cursors.get(Vendor.GOOD2GO).moment == known
    assert bridge.sync(Vendor.GOOD2GO).noted == 1


@pytest.mark.parametrize("everything", [False, True])
def test_run_goes_on_behind_the_last_page_when_the_one_before_was_cut_short(
    jobs: list[ItemRef], bridge: Bridge, *, everything: bool
) -> None:
    for ref in jobs:
        bridge.good2go.advance(2)
        bridge.good2go.act("approve", job=ref.id, webhook="silent")
    began = bridge.clock.now()
    # Pages of two, of which each begins with the last job of the one before: the third job is on page two.
    bridge.good2go.fault("get_job", "status", status=429, retry_after="600", after=3)
    assert bridge.sync(Vendor.GOOD2GO, everything=everything).ending is Ending.FAILED
    assert len(bridge.received()) == 3
    bridge.settle()
    bridge.advance(minutes=11)
    before = len(bridge.good2go.requests("list_jobs"))
    assert bridge.sync(Vendor.GOOD2GO).noted == 3
    asked = bridge.good2go.requests("list_jobs")[before:]
    assert len(asked) < 5 + (5 if everything else 0), "not from the beginning"
    progress = bridge.cursors.get(Vendor.GOOD2GO)
    assert (progress.changes, progress.everything) == (None, None)
    assert progress.moment is not None
    # What was known when the list was first asked: what changed while the run lay idle is read next.
    assert began <= progress.moment < began + timedelta(minutes=1)
    bridge.settle()
    assert {status_of(bridge, ref) for ref in jobs} == {ReviewStatus.APPROVED}


def test_missing_items_are_all_looked_for_when_time_runs_out_among_them(
    jobs: list[ItemRef], bridge: Bridge
) -> None:
    for ref in jobs[:4]:
        bridge.good2go.act("delete", job=ref.id, webhook="silent")
    bridge.good2go.fault("get_job", "status", status=429, retry_after="60", after=2)
    assert bridge.sync(Vendor.GOOD2GO, everything=True).ending is Ending.FAILED
    assert len(bridge.received()) == 2
    bridge.advance(minutes=2)
    assert bridge.sync(Vendor.GOOD2GO).noted == 2
    assert bridge.cursors.get(Vendor.GOOD2GO).everything is None


# -- at once


def test_nothing_happens_twice_when_two_runs_overlap(jobs: list[ItemRef], bridge: Bridge) -> None:
    bridge.good2go.act("request-changes", job=jobs[1].id, comment="Less sun.", webhook="silent")
    first = bridge.cursors.get

    def another_run_meanwhile(vendor: Vendor) -> object:
        progress = first(vendor)
        bridge.cursors.get = first  # type: ignore[method-assign]
        assert bridge.sync(vendor).noted == 1
        return progress

    bridge.cursors.get = another_run_meanwhile  # type: ignore[method-assign,assignment]
    assert bridge.sync(Vendor.GOOD2GO).ending is Ending.OVERTAKEN
    bridge.settle()
    stored = bridge.items.get(jobs[1])
    assert stored is not None
    assert stored.turns["status"] == 1
    assert bridge.sync(Vendor.GOOD2GO).noted == 0


@pytest.mark.parametrize("skew_seconds", [-5, 5])
def test_change_is_found_once_when_the_vendors_clock_is_five_seconds_off(
    jobs: list[ItemRef], bridge: Bridge, skew_seconds: int
) -> None:
    bridge.good2go.advance(skew_seconds)
    found = 0
    for ref in jobs:
        bridge.good2go.act("approve", job=ref.id, webhook="silent")
        bridge.advance(seconds=150)  # longer than the overlap
        found += bridge.sync(Vendor.GOOD2GO).noted
        bridge.settle()
    assert found == len(jobs)


def test_cursor_never_lies_ahead_when_a_run_is_for_a_later_moment(
    jobs: list[ItemRef], bridge: Bridge
) -> None:
    later = bridge.clock.now() + timedelta(days=1)
    bridge.sync(Vendor.GOOD2GO, at=later)
    moment = bridge.cursors.get(Vendor.GOOD2GO).moment
    assert moment is not None
    assert moment <= bridge.clock.now()
    assert jobs


# -- Approval Studio and RoboHead


def test_reviewers_and_who_decided_come_from_the_tasks_of_approval_studio(
    bridge: Bridge, studio: Site
) -> None:
    bridge.join(Vendor.APPROVAL_STUDIO, studio)
    with contextlib.closing(studio_client(studio)) as client:
        asset = new_asset(client)
        tasks = [
            new_review(client, asset, due_date=DUE),
            client.tasks.review_externally(
                ExternalReviewCreate(project_uid=SEEDED, email=CUSTOMER, asset_uids=(asset,))
            ).task_uid,
        ]
    ref = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, asset)
    assert bridge.sync(Vendor.APPROVAL_STUDIO).noted == 2, "the project and its asset"
    bridge.settle()
    waiting = stored_of(bridge, ref)
    assert [person.id for person in waiting.reviewers or ()] == [CUSTOMER, "reviewer@brand.test"]
    assert (waiting.due_at, waiting.project) == (DUE, SEEDED)
    studio.act("approve", task=tasks[0], webhook="silent")
    assert bridge.sync(Vendor.APPROVAL_STUDIO).noted >= 1
    bridge.settle()
    assert [person.id for person in stored_of(bridge, ref).reviewers or ()] == [CUSTOMER]
    studio.act("approve", task=tasks[1], webhook="silent")
    bridge.sync(Vendor.APPROVAL_STUDIO)
    bridge.settle()
    decided = stored_of(bridge, ref)
    assert (decided.status, decided.reviewers) == (ReviewStatus.APPROVED, ())
    assert decided.decided_by == f"{CUSTOMER}, reviewer@brand.test"
    assert bridge.sync(Vendor.APPROVAL_STUDIO).noted == 0


def test_review_of_robohead_is_read_in_full_when_its_row_differs(bridge: Bridge, robohead: Site) -> None:
    bridge.join(Vendor.ROBOHEAD, robohead)
    with contextlib.closing(RoboHead(base_url=robohead.url, api_key="rh-local-key")) as client:
        ref = ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, str(robohead_review(client)))
    assert bridge.sync(Vendor.ROBOHEAD) == Swept(1, 1)
    bridge.settle()
    robohead.act("approve", review=int(ref.id))
    assert bridge.sync(Vendor.ROBOHEAD) == Swept(1, 1)
    bridge.settle()
    seen = stored_of(bridge, ref)
    assert seen.status is ReviewStatus.APPROVED
    assert [person.decision for person in seen.reviewers or ()] == [Decision.APPROVED]
    before = len(robohead.requests())
    assert bridge.sync(Vendor.ROBOHEAD) == Swept(1, 0)
    assert [each["operation"] for each in robohead.requests()[before:]] == ["list_reviews"]
