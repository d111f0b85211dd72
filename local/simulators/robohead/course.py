"""The course of a review in RoboHead: it starts, its stages follow each other, it completes."""

from __future__ import annotations

from typing import Final

from local.simulators.robohead.account import Account, Review, Stage
from local.simulators.robohead.settings import settings_of
from local.simulators.robohead.words import (
    FINISHED,
    Autocomplete,
    Progress,
    ReviewerStatus,
    ReviewStatus,
    ReviewType,
    StageStatus,
    VersionStatus,
)
from local.simulators.vendor import RefusedError

_CONFLICT = 409

DECISIONS: Final = {
    ReviewerStatus.APPROVED: VersionStatus.APPROVED,
    ReviewerStatus.REJECTED: VersionStatus.DENIED,
    ReviewerStatus.APPROVED_WITH_CHANGES: VersionStatus.APPROVED_WITH_CHANGES,
}
_COMPLETED_AS: Final = {
    VersionStatus.APPROVED: ReviewStatus.COMPLETED,
    VersionStatus.APPROVED_WITH_CHANGES: ReviewStatus.COMPLETED_WITH_CHANGES,
    VersionStatus.DENIED: ReviewStatus.COMPLETED_DENIED,
}


class Course:
    """Moves reviews along. Which event starts a review and a stage is not documented: see `start`."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def start_due(self) -> None:
        """Start the reviews whose start date has come."""
        for review in self._account.reviews.values():
            self.start(review)

    def start(self, review: Review) -> list[str]:
        """Start a review that has items and stages, on its start date; returns who gets e-mail."""
        today = self._account.now.date()
        waits = review.start is not None and review.start > today
        if review.status != ReviewStatus.NOT_STARTED or waits or not review.items or not review.stages:
            return []
        review.status = ReviewStatus.IN_PROGRESS
        return self._start_stage(review.stages[0])

    def restart(self, review: Review) -> list[str]:
        """Ask everybody again, because there is a new version; returns who gets e-mail."""
        for stage in review.stages:
            stage.status = StageStatus.NOT_STARTED
            stage.reviewers = dict.fromkeys(stage.reviewers, ReviewerStatus.INITIAL)
        review.status = ReviewStatus.NOT_STARTED
        return self.start(review)

    def respond(self, review: Review, user_id: int, status: ReviewerStatus) -> list[str]:
        """Let a reviewer of a stage in progress be that far; returns who gets e-mail.

        RefusedError 409 if nobody asks the user, or the review's type does not know the decision.
        """
        stage = next(
            (s for s in review.stages if s.status == StageStatus.IN_PROGRESS and user_id in s.reviewers), None
        )
        if stage is None:
            raise RefusedError(_CONFLICT, f"review {review.id} does not wait for user {user_id}")
        if (status in DECISIONS) != (review.type == ReviewType.APPROVAL) and status in FINISHED:
            raise RefusedError(_CONFLICT, f"a review of type {review.type} is not answered by {status.name}")
        stage.reviewers[user_id] = status
        outcome = _outcome(review)
        for item in review.items:
            item.current.status = outcome
        emails: list[str] = []
        if all(each in FINISHED for each in stage.reviewers.values()):
            stage.status = StageStatus.COMPLETED
            following = next((s for s in review.stages if s.status == StageStatus.NOT_STARTED), None)
            emails = [] if following is None else self._start_stage(following)
        self._complete(review, outcome)
        return emails

    def progress(self, review: Review) -> Progress:
        """Return how far the files of a review are."""
        if not review.items:
            return Progress.NOT_UPLOADED
        if settings_of(self._account.simulator).file_processing == "fail":
            return Progress.PROCESSING_FAILED
        if review.status == ReviewStatus.NOT_STARTED:
            return Progress.PROCESSED
        if review.status == ReviewStatus.IN_PROGRESS:
            return Progress.REVIEWERS_NOTIFIED
        return Progress.COMPLETE

    def _start_stage(self, stage: Stage) -> list[str]:
        stage.status = StageStatus.IN_PROGRESS
        stage.reviewers = dict.fromkeys(stage.reviewers, ReviewerStatus.NOTIFIED)
        asked = [self._account.users[user_id].email for user_id in stage.reviewers]
        return [*asked, *(self._account.users[user_id].email for user_id in stage.cc_user_ids)]

    def _complete(self, review: Review, outcome: VersionStatus) -> None:
        if any(stage.status != StageStatus.COMPLETED for stage in review.stages):
            return
        allowed = {
            Autocomplete.ALL_FINISH: {*VersionStatus},
            Autocomplete.NEVER: set[VersionStatus](),
            Autocomplete.ALL_APPROVE: {VersionStatus.APPROVED},
            Autocomplete.ALL_APPROVE_OR_WITH_CHANGES: {
                VersionStatus.APPROVED,
                VersionStatus.APPROVED_WITH_CHANGES,
            },
        }
        if outcome in allowed[review.autocomplete]:
            review.status = _COMPLETED_AS.get(outcome, ReviewStatus.COMPLETED)


def _outcome(review: Review) -> VersionStatus:
    """Return what the reviewers have made of the versions: the worst that one of them said."""
    given = [status for stage in review.stages for status in stage.reviewers.values()]
    if ReviewerStatus.REJECTED in given:
        return VersionStatus.DENIED
    if any(status not in DECISIONS for status in given):
        return VersionStatus.PENDING
    if ReviewerStatus.APPROVED_WITH_CHANGES in given:
        return VersionStatus.APPROVED_WITH_CHANGES
    return VersionStatus.APPROVED
