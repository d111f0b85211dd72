"""Approval Studio's review counts and project states in our words, and back.

An asset has no status of its own, only counts: of open review tasks, of approvals, of rejections. They never
say in which order they came, so the careful reading wins:

- a project that is completed or archived ends the matter, whatever was decided before: completed. So what
  we write as completed is read as completed;
- one rejection makes the asset rejected, even if others have approved it or still have to decide, because
  `approved` would send unfinished work to print;
- else an open review task means in review, an approval approved, and nothing at all not started.

`OnHold` only moves a project to another lane, its reviews go on. A project `InTransit` is on its way to or
from the archive: nothing can be said of it, nor of an asset without counts.

On the way back only a project's state can be written: active for both ways of being open, completed for
completed. Decisions are made by reviewers, so there is nothing to write for them; nor is there for expired
and cancelled, because `OnHold` would be read as open and `Completed` as completed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from proofbridge.domain.items import ReviewStatus

from .enums import ProjectState, SettableState

PROJECT_STATE: Final[Mapping[ReviewStatus, SettableState | None]] = {
    ReviewStatus.NOT_STARTED: SettableState.ACTIVE,
    ReviewStatus.IN_REVIEW: SettableState.ACTIVE,
    ReviewStatus.APPROVED: None,
    ReviewStatus.APPROVED_WITH_CHANGES: None,
    ReviewStatus.CHANGES_REQUESTED: None,
    ReviewStatus.REJECTED: None,
    ReviewStatus.COMPLETED: SettableState.COMPLETED,
    ReviewStatus.EXPIRED: None,
    ReviewStatus.CANCELLED: None,
}

SHOWN: Final = frozenset(
    {
        ReviewStatus.NOT_STARTED,
        ReviewStatus.IN_REVIEW,
        ReviewStatus.APPROVED,
        ReviewStatus.REJECTED,
        ReviewStatus.COMPLETED,
    }
)
"""What `review_status` can return."""

_ENDED: Final = frozenset({ProjectState.COMPLETED, ProjectState.ARCHIVED})


class _Counts(Protocol):
    """What is looked at of `models.ReviewCounts`; a count that is missing is zero."""

    @property
    def pending_count(self) -> int | None: ...

    @property
    def approved_count(self) -> int | None: ...

    @property
    def rejected_count(self) -> int | None: ...


def review_status(counts: _Counts | None, state: ProjectState | str | None) -> ReviewStatus | None:
    """Return our status for an asset's counts and its project's state; None where nothing can be said.

    A state that is unknown, or None, is taken as open: the counts decide.
    """
    if state in _ENDED:
        return ReviewStatus.COMPLETED
    if state == ProjectState.IN_TRANSIT or counts is None:
        return None
    if counts.rejected_count:
        return ReviewStatus.REJECTED
    if counts.pending_count:
        return ReviewStatus.IN_REVIEW
    return ReviewStatus.APPROVED if counts.approved_count else ReviewStatus.NOT_STARTED


def project_state(status: ReviewStatus) -> SettableState | None:
    """Return the project state that can be written for our status; None where there is none."""
    return PROJECT_STATE[status]
