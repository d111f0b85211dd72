from __future__ import annotations

import itertools
from typing import Any

import pytest

from proofbridge.domain.items import Decision, Person, ReviewStatus
from proofbridge.vendors.good2go.gateway import observation, people
from proofbridge.vendors.good2go.models import Job, Task
from tests.unit.observations import JOB, START


def task(task_id: int, **fields: Any) -> Task:
    return Task.model_validate({"id": task_id, "assigned_to": "a@b.test", "status": "new", **fields})


def test_newest_task_of_a_person_counts_in_whatever_order_they_come() -> None:
    tasks = [
        task(1, status="done", job_status="approved"),
        task(3, status="paused"),
        task(2, status="done", job_status="rejected"),
    ]
    for order in itertools.permutations(tasks):
        assert people(order) == (Person("a@b.test", task_id="3"),)


@pytest.mark.parametrize(
    ("fields", "decision"),
    [
        ({"status": "done", "job_status": "approved"}, Decision.APPROVED),
        ({"status": "done", "job_status": "change-requested"}, Decision.CHANGES_REQUESTED),
        ({"status": "done", "job_status": "rejected"}, Decision.REJECTED),
        ({"status": "done", "job_status": "done"}, None),
        ({"status": "done", "job_status": "archived"}, None),
        ({"status": "done"}, None),
        ({"status": "processing", "job_status": "approved"}, None),
    ],
)
def test_person_has_decided_only_when_the_task_is_done_with_a_decision(
    fields: dict[str, Any], decision: Decision | None
) -> None:
    (person,) = people([task(1, **fields)])
    assert person.decision is decision
    assert (person.task_id is None) == (fields["status"] == "done")


def test_task_of_nobody_is_no_person() -> None:
    assert people([task(1, assigned_to=None), task(2, assigned_to="")]) == ()


@pytest.mark.parametrize("status", ["archived", None, ""])
def test_observation_is_silent_on_a_status_that_it_does_not_know(status: str | None) -> None:
    seen = observation(Job.model_validate({"guid": JOB.id, "status": status}), START, ())
    assert seen.status is None
    assert "status" in seen.silent_on
    assert seen.vendor_status == (status or None)


def test_observation_is_silent_on_nothing_when_the_job_and_its_tasks_are_known() -> None:
    seen = observation(Job.model_validate({"guid": JOB.id, "status": "pending"}), START, ())
    assert (seen.status, seen.silent_on, seen.reviewers) == (ReviewStatus.IN_REVIEW, (), ())
