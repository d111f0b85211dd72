"""RoboHead's statuses in our words, and back.

A review that asks for comments knows no decision, so every way of being decided completes it on the way back.
One that asks for approval knows no request for changes: that is written as denied, since a new version is
needed; and it can't be completed without a decision. Nothing at RoboHead stands for expired or cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proofbridge.domain.items import Decision, ReviewStatus

from .enums import ApprovalReviewStatus, FeedbackReviewStatus, ReviewerStatus, ReviewType

REVIEW_STATUS: Final[Mapping[FeedbackReviewStatus | ApprovalReviewStatus, ReviewStatus]] = {
    FeedbackReviewStatus.NOT_STARTED: ReviewStatus.NOT_STARTED,
    FeedbackReviewStatus.IN_PROGRESS: ReviewStatus.IN_REVIEW,
    FeedbackReviewStatus.COMPLETED: ReviewStatus.COMPLETED,
    ApprovalReviewStatus.NOT_STARTED: ReviewStatus.NOT_STARTED,
    ApprovalReviewStatus.IN_PROGRESS: ReviewStatus.IN_REVIEW,
    ApprovalReviewStatus.APPROVED: ReviewStatus.APPROVED,
    ApprovalReviewStatus.APPROVED_WITH_CHANGES: ReviewStatus.APPROVED_WITH_CHANGES,
    ApprovalReviewStatus.DENIED: ReviewStatus.REJECTED,
}

FEEDBACK_STATUS: Final[Mapping[ReviewStatus, FeedbackReviewStatus | None]] = {
    ReviewStatus.NOT_STARTED: FeedbackReviewStatus.NOT_STARTED,
    ReviewStatus.IN_REVIEW: FeedbackReviewStatus.IN_PROGRESS,
    ReviewStatus.APPROVED: FeedbackReviewStatus.COMPLETED,
    ReviewStatus.APPROVED_WITH_CHANGES: FeedbackReviewStatus.COMPLETED,
    ReviewStatus.CHANGES_REQUESTED: FeedbackReviewStatus.COMPLETED,
    ReviewStatus.REJECTED: FeedbackReviewStatus.COMPLETED,
    ReviewStatus.COMPLETED: FeedbackReviewStatus.COMPLETED,
    ReviewStatus.EXPIRED: None,
    ReviewStatus.CANCELLED: None,
}

APPROVAL_STATUS: Final[Mapping[ReviewStatus, ApprovalReviewStatus | None]] = {
    ReviewStatus.NOT_STARTED: ApprovalReviewStatus.NOT_STARTED,
    ReviewStatus.IN_REVIEW: ApprovalReviewStatus.IN_PROGRESS,
    ReviewStatus.APPROVED: ApprovalReviewStatus.APPROVED,
    ReviewStatus.APPROVED_WITH_CHANGES: ApprovalReviewStatus.APPROVED_WITH_CHANGES,
    ReviewStatus.CHANGES_REQUESTED: ApprovalReviewStatus.DENIED,
    ReviewStatus.REJECTED: ApprovalReviewStatus.DENIED,
    ReviewStatus.COMPLETED: None,
    ReviewStatus.EXPIRED: None,
    ReviewStatus.CANCELLED: None,
}

DECISION: Final[Mapping[ReviewerStatus, Decision | None]] = {
    ReviewerStatus.INITIAL: None,
    ReviewerStatus.NOTIFIED: None,
    ReviewerStatus.APPROVED: Decision.APPROVED,
    ReviewerStatus.REJECTED: Decision.REJECTED,
    ReviewerStatus.APPROVED_WITH_CHANGES: Decision.APPROVED_WITH_CHANGES,
    ReviewerStatus.OPENED: None,
    ReviewerStatus.BEGAN: None,
    ReviewerStatus.COMPLETED: None,
}


def review_status(status: FeedbackReviewStatus | ApprovalReviewStatus | None) -> ReviewStatus | None:
    """Return our status for a review's; None for one that is absent or unknown."""
    return None if status is None else REVIEW_STATUS[status]


def robohead_status(
    review_type: ReviewType, status: ReviewStatus
) -> FeedbackReviewStatus | ApprovalReviewStatus | None:
    """Return the status that a review of this type can be given for ours; None where there is none."""
    return FEEDBACK_STATUS[status] if review_type is ReviewType.FEEDBACK else APPROVAL_STATUS[status]


def decision(status: ReviewerStatus | str | None) -> Decision | None:
    """Return what a reviewer decided; None while that is open, or when the status is unknown."""
    return DECISION[status] if isinstance(status, ReviewerStatus) else None
