from __future__ import annotations

import subprocess
import sys

import pytest

from proofbridge.domain.items import OPEN_STATUSES, Decision, ReviewStatus
from proofbridge.vendors.robohead import mapping
from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    FeedbackReviewStatus,
    ReviewerStatus,
    ReviewType,
)


def test_every_status_has_a_meaning_when_tables_are_walked() -> None:
    assert set(mapping.REVIEW_STATUS) == {*FeedbackReviewStatus, *ApprovalReviewStatus}
    assert set(mapping.FEEDBACK_STATUS) == set(mapping.APPROVAL_STATUS) == set(ReviewStatus)
    assert set(mapping.DECISION) == set(ReviewerStatus)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (FeedbackReviewStatus.NOT_STARTED, ReviewStatus.NOT_STARTED),
        (FeedbackReviewStatus.IN_PROGRESS, ReviewStatus.IN_REVIEW),
        (FeedbackReviewStatus.COMPLETED, ReviewStatus.COMPLETED),
        (ApprovalReviewStatus.NOT_STARTED, ReviewStatus.NOT_STARTED),
        (ApprovalReviewStatus.IN_PROGRESS, ReviewStatus.IN_REVIEW),
        (ApprovalReviewStatus.APPROVED, ReviewStatus.APPROVED),
        (ApprovalReviewStatus.APPROVED_WITH_CHANGES, ReviewStatus.APPROVED_WITH_CHANGES),
        (ApprovalReviewStatus.DENIED, ReviewStatus.REJECTED),
        (None, None),
    ],
)
def test_review_status_is_ours_when_read(
    status: FeedbackReviewStatus | ApprovalReviewStatus | None, meaning: ReviewStatus | None
) -> None:
    assert mapping.review_status(status) is meaning


@pytest.mark.parametrize("review_type", list(ReviewType))
def test_status_comes_back_the_same_when_written_and_read(review_type: ReviewType) -> None:
    for ours in ReviewStatus:
        theirs = mapping.robohead_status(review_type, ours)
        if theirs is not None and ours in mapping.REVIEW_STATUS.values():
            back = mapping.review_status(theirs)
            decided = review_type is ReviewType.FEEDBACK and ours not in OPEN_STATUSES
            assert back is (ReviewStatus.COMPLETED if decided else ours)


@pytest.mark.parametrize(
    ("review_type", "ours", "theirs"),
    [
        (ReviewType.FEEDBACK, ReviewStatus.APPROVED, FeedbackReviewStatus.COMPLETED),
        (ReviewType.FEEDBACK, ReviewStatus.CHANGES_REQUESTED, FeedbackReviewStatus.COMPLETED),
        (ReviewType.FEEDBACK, ReviewStatus.EXPIRED, None),
        (ReviewType.APPROVAL, ReviewStatus.APPROVED, ApprovalReviewStatus.APPROVED),
        (ReviewType.APPROVAL, ReviewStatus.CHANGES_REQUESTED, ApprovalReviewStatus.DENIED),
        (ReviewType.APPROVAL, ReviewStatus.REJECTED, ApprovalReviewStatus.DENIED),
        (ReviewType.APPROVAL, ReviewStatus.COMPLETED, None),
        (ReviewType.APPROVAL, ReviewStatus.CANCELLED, None),
    ],
)
def test_robohead_status_depends_on_the_type_when_written(
    review_type: ReviewType, ours: ReviewStatus, theirs: FeedbackReviewStatus | ApprovalReviewStatus | None
) -> None:
    assert mapping.robohead_status(review_type, ours) is theirs


def test_only_three_statuses_are_decisions_when_reviewers_are_read() -> None:
    decided = {status: mapping.decision(status) for status in ReviewerStatus if mapping.decision(status)}
    assert decided == {
        ReviewerStatus.APPROVED: Decision.APPROVED,
        ReviewerStatus.REJECTED: Decision.REJECTED,
        ReviewerStatus.APPROVED_WITH_CHANGES: Decision.APPROVED_WITH_CHANGES,
    }
    assert mapping.decision(None) is None
    assert mapping.decision("12") is None


def test_mapping_needs_nothing_but_the_standard_library_when_imported() -> None:
    code = (
        "import sys, proofbridge.vendors.robohead.mapping;"
        "print(sorted({'requests', 'pydantic', 'urllib3', 'boto3'} & set(sys.modules)))"
    )
    found = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert found.stdout.strip() == "[]"
