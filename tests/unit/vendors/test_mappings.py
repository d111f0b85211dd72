from __future__ import annotations

from typing import Any

import pytest

from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.good2go.enums import AssignableJobStatus, JobStatus
from proofbridge.vendors.good2go.mapping import JOB_STATUS, REVIEW_STATUS, job_status, review_status
from proofbridge.vendors.goodday.mapping import StatusTable
from proofbridge.vendors.goodday.models import Status, Task

TABLE = StatusTable(
    {
        "In review": ReviewStatus.IN_REVIEW,
        "Done": ReviewStatus.APPROVED,
        "Finished": ReviewStatus.APPROVED,
        "STX": ReviewStatus.REJECTED,
    }
)
STATUSES = [
    Status(id="ST1", name="in REVIEW"),
    Status(id="ST2", name="Finished"),
    Status(id="ST3", name="done"),
    Status(id="STX", name=None),
]


def test_every_job_status_has_a_meaning_when_walked() -> None:
    assert set(REVIEW_STATUS) == set(JobStatus)
    assert set(JOB_STATUS) == set(ReviewStatus)


@pytest.mark.parametrize("status", list(AssignableJobStatus))
def test_job_status_stays_the_same_when_taken_there_and_back(status: AssignableJobStatus) -> None:
    ours = review_status(JobStatus(status.value))
    assert ours is not None
    assert job_status(ours) is status


def test_job_status_is_the_safe_one_when_there_is_no_exact_one() -> None:
    assert job_status(ReviewStatus.APPROVED_WITH_CHANGES) is AssignableJobStatus.CHANGE_REQUESTED
    assert job_status(ReviewStatus.IN_REVIEW) is AssignableJobStatus.NEW
    assert job_status(ReviewStatus.CANCELLED) is None


@pytest.mark.parametrize("unknown", ["on-hold", "approved.", None])
def test_job_status_means_nothing_when_unknown(unknown: str | None) -> None:
    assert review_status(unknown) is None


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"status": {"id": "ST1", "name": "IN review"}}, ReviewStatus.IN_REVIEW),
        ({"status": {"id": "STX", "name": "Whatever"}, "systemStatus": 1}, ReviewStatus.REJECTED),
        ({"status": {"id": "ST9", "name": "Done"}, "momentClosed": "2020-01-01"}, ReviewStatus.APPROVED),
        ({"status": {"id": "ST9", "name": "Shipped"}, "momentClosed": "2020-01-01"}, ReviewStatus.COMPLETED),
        ({"status": {"id": "ST9", "name": "New"}, "systemStatus": 1}, ReviewStatus.NOT_STARTED),
        ({"status": {"id": "ST9", "name": "Printing"}, "systemStatus": 2}, ReviewStatus.IN_REVIEW),
        ({"status": {"id": "ST9", "name": ""}, "systemStatus": 1}, ReviewStatus.NOT_STARTED),
        ({"systemStatus": None}, ReviewStatus.IN_REVIEW),
    ],
)
def test_task_status_is_told_when_table_or_signs_say(task: dict[str, Any], expected: ReviewStatus) -> None:
    assert TABLE.review_status(Task.model_validate({"id": "T", **task})) is expected


def test_more_system_statuses_are_known_when_given() -> None:
    table = StatusTable({}, system_status={6: ReviewStatus.CANCELLED})
    assert table.review_status(Task.model_validate({"id": "T", "systemStatus": 6})) is ReviewStatus.CANCELLED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ReviewStatus.IN_REVIEW, "ST1"),
        (ReviewStatus.APPROVED, "ST3"),
        (ReviewStatus.REJECTED, "STX"),
        (ReviewStatus.EXPIRED, None),
    ],
)
def test_status_id_is_found_when_customer_has_the_status(status: ReviewStatus, expected: str | None) -> None:
    assert TABLE.status_id(status, STATUSES) == expected


def test_status_id_is_none_when_customer_lacks_the_named_status() -> None:
    assert StatusTable({"Gone": ReviewStatus.APPROVED}).status_id(ReviewStatus.APPROVED, STATUSES) is None
