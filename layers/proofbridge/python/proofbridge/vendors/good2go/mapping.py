"""Good2Go's job statuses in our words, and back.

`new` is a job on which nobody has decided, so it is not started (an assumption: the documentation doesn't say
what a job is while its review task is out). `pending` and `processing` belong to the vendor's workflow and
can't be assigned, so both ways of being open become `new` on the way back. Good2Go knows no approval with
changes: it is written as `change-requested`, because `approved` would send unfinished work to print. A
cancelled job has no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proofbridge.domain.items import ReviewStatus

from .enums import AssignableJobStatus, JobStatus

REVIEW_STATUS: Final[Mapping[JobStatus, ReviewStatus]] = {
    JobStatus.NEW: ReviewStatus.NOT_STARTED,
    JobStatus.PENDING: ReviewStatus.IN_REVIEW,
    JobStatus.PROCESSING: ReviewStatus.IN_REVIEW,
    JobStatus.APPROVED: ReviewStatus.APPROVED,
    JobStatus.REJECTED: ReviewStatus.REJECTED,
    JobStatus.CHANGE_REQUESTED: ReviewStatus.CHANGES_REQUESTED,
    JobStatus.DONE: ReviewStatus.COMPLETED,
    JobStatus.EXPIRED: ReviewStatus.EXPIRED,
}

JOB_STATUS: Final[Mapping[ReviewStatus, AssignableJobStatus | None]] = {
    ReviewStatus.NOT_STARTED: AssignableJobStatus.NEW,
    ReviewStatus.IN_REVIEW: AssignableJobStatus.NEW,
    ReviewStatus.APPROVED: AssignableJobStatus.APPROVED,
    ReviewStatus.APPROVED_WITH_CHANGES: AssignableJobStatus.CHANGE_REQUESTED,
    ReviewStatus.CHANGES_REQUESTED: AssignableJobStatus.CHANGE_REQUESTED,
    ReviewStatus.REJECTED: AssignableJobStatus.REJECTED,
    ReviewStatus.COMPLETED: AssignableJobStatus.DONE,
    ReviewStatus.EXPIRED: AssignableJobStatus.EXPIRED,
    ReviewStatus.CANCELLED: None,
}


def review_status(status: JobStatus | str | None) -> ReviewStatus | None:
    """Return our status for a job's; None for one that is absent or unknown."""
    return REVIEW_STATUS.get(status) if isinstance(status, JobStatus) else None


def job_status(status: ReviewStatus) -> AssignableJobStatus | None:
    """Return the job status that can be written for ours; None where Good2Go has no counterpart."""
    return JOB_STATUS[status]
