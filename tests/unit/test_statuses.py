"""Each vendor's table of statuses, in full, in both directions: what is written, and what it is read as."""

from __future__ import annotations

import itertools

import pytest

from proofbridge.config.loader import VendorSettings
from proofbridge.config.statuses import shown_statuses, taken_statuses
from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.vendors.approval_studio import mapping as approval_studio
from proofbridge.vendors.approval_studio.enums import ProjectState
from proofbridge.vendors.approval_studio.models import ReviewCounts
from proofbridge.vendors.good2go import mapping as good2go
from proofbridge.vendors.good2go.enums import JobStatus
from proofbridge.vendors.goodday.mapping import StatusTable
from proofbridge.vendors.goodday.models import Task
from proofbridge.vendors.robohead import mapping as robohead
from proofbridge.vendors.robohead.enums import ApprovalReviewStatus, FeedbackReviewStatus, ReviewType

NEW, OPEN, YES, YES_BUT, CHANGES, NO, DONE, LATE, OFF = ReviewStatus

GOOD2GO = {
    NEW: ("new", NEW),
    OPEN: ("new", NEW),
    YES: ("approved", YES),
    YES_BUT: ("change-requested", CHANGES),
    CHANGES: ("change-requested", CHANGES),
    NO: ("rejected", NO),
    DONE: ("done", DONE),
    LATE: ("expired", LATE),
    OFF: None,
}
FEEDBACK = {
    NEW: (FeedbackReviewStatus.NOT_STARTED, NEW),
    OPEN: (FeedbackReviewStatus.IN_PROGRESS, OPEN),
    **dict.fromkeys((YES, YES_BUT, CHANGES, NO, DONE), (FeedbackReviewStatus.COMPLETED, DONE)),
    LATE: None,
    OFF: None,
}
APPROVAL = {
    NEW: (ApprovalReviewStatus.NOT_STARTED, NEW),
    OPEN: (ApprovalReviewStatus.IN_PROGRESS, OPEN),
    YES: (ApprovalReviewStatus.APPROVED, YES),
    YES_BUT: (ApprovalReviewStatus.APPROVED_WITH_CHANGES, YES_BUT),
    **dict.fromkeys((CHANGES, NO), (ApprovalReviewStatus.DENIED, NO)),
    DONE: None,
    LATE: None,
    OFF: None,
}
STUDIO = {
    **dict.fromkeys((NEW, OPEN), "Active"),
    DONE: "Completed",
    **dict.fromkeys((YES, YES_BUT, CHANGES, NO, LATE, OFF)),
}
SETTINGS = VendorSettings.model_validate(
    {
        "goodday": {
            "statuses": {
                "not_started": ["STNEW"],
                "in_review": ["STREV", "STPRF"],
                "changes_requested": ["STCHG"],
                "completed": ["STDONE"],
                "cancelled": ["STCNC"],
            }
        }
    }
)


@pytest.mark.parametrize("status", ReviewStatus)
def test_good2go_is_given_and_read_as_its_table_says(status: ReviewStatus) -> None:
    written = good2go.job_status(status)
    expected = GOOD2GO[status]
    if written is None:
        assert expected is None
    else:
        assert (written, good2go.review_status(JobStatus(written))) == expected


def test_good2go_means_what_its_table_says() -> None:
    assert {str(status): good2go.review_status(status) for status in JobStatus} == {
        "new": NEW,
        "pending": OPEN,
        "processing": OPEN,
        "approved": YES,
        "rejected": NO,
        "change-requested": CHANGES,
        "done": DONE,
        "expired": LATE,
    }


@pytest.mark.parametrize(
    ("review_type", "table"), [(ReviewType.FEEDBACK, FEEDBACK), (ReviewType.APPROVAL, APPROVAL)]
)
@pytest.mark.parametrize("status", ReviewStatus)
def test_robohead_is_given_and_read_as_its_tables_say(
    review_type: ReviewType,
    table: dict[ReviewStatus, tuple[FeedbackReviewStatus | ApprovalReviewStatus, ReviewStatus] | None],
    status: ReviewStatus,
) -> None:
    written = robohead.robohead_status(review_type, status)
    expected = table[status]
    if written is None:
        assert expected is None
    else:
        assert (written, robohead.review_status(written)) == expected


@pytest.mark.parametrize("status", ReviewStatus)
def test_project_is_given_and_read_as_its_table_says(status: ReviewStatus) -> None:
    written = approval_studio.project_state(status)
    assert written == STUDIO[status]
    if written is not None:
        # Its counts say whether an open one has been started.
        for pending, read in ((0, NEW), (1, OPEN)):
            counts = ReviewCounts(pending_count=pending)
            shown = approval_studio.review_status(counts, ProjectState(written.value))
            assert shown is (DONE if status is DONE else read)


@pytest.mark.parametrize("status", sorted(SETTINGS.goodday.statuses))
def test_task_is_read_as_it_was_given_by_any_of_its_ids(status: ReviewStatus) -> None:
    statuses = SETTINGS.goodday.statuses
    table = StatusTable({each: ours for ours, ids in statuses.items() for each in ids})
    for status_id in statuses[status]:
        task = Task.model_validate({"id": "T", "status": {"id": status_id}, "momentClosed": "2020-01-01"})
        assert table.review_status(task) is status


@pytest.mark.parametrize(
    ("vendor", "taken"),
    [
        (Vendor.GOOD2GO, set(ReviewStatus) - {OFF}),
        (Vendor.APPROVAL_STUDIO, {NEW, OPEN, DONE}),
        (Vendor.GOODDAY, {NEW, OPEN, CHANGES, DONE, OFF}),
        (Vendor.ROBOHEAD, set(ReviewStatus) - {LATE, OFF}),
        (Vendor.AWS, set()),
    ],
)
def test_vendor_takes_what_its_table_has_a_word_for(vendor: Vendor, taken: set[ReviewStatus]) -> None:
    assert taken_statuses(vendor, SETTINGS) == taken


def test_vendors_show_all_that_their_tables_can_say_and_no_more() -> None:
    assert shown_statuses(Vendor.GOOD2GO, SETTINGS) == {NEW, OPEN, YES, NO, CHANGES, DONE, LATE}
    assert shown_statuses(Vendor.ROBOHEAD, SETTINGS) == {NEW, OPEN, YES, YES_BUT, NO, DONE}
    assert shown_statuses(Vendor.AWS, SETTINGS) == set()
    assert shown_statuses(Vendor.APPROVAL_STUDIO, SETTINGS) == {
        shown
        for state in (*ProjectState, None)
        for pending, yes, no in itertools.product((0, 1), repeat=3)
        if (shown := approval_studio.review_status(_counts(pending, yes, no), state)) is not None
    }
    table = StatusTable({})
    unnamed = {
        table.review_status(Task.model_validate({"id": "T", "systemStatus": number, "momentClosed": closed}))
        for number in (None, 1, 2, 5)
        for closed in (None, "2020-01-01")
    }
    assert shown_statuses(Vendor.GOODDAY, VendorSettings()) == unnamed
    assert shown_statuses(Vendor.GOODDAY, SETTINGS) == unnamed | {CHANGES, OFF}


def _counts(pending: int, approved: int, rejected: int) -> ReviewCounts:
    return ReviewCounts(pending_count=pending, approved_count=approved, rejected_count=rejected)
