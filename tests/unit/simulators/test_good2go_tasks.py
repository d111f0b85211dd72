from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulators.calls import Caller
from tests.unit.simulators.proofs import CUSTOMER, DUE, REVIEW, REVIEWER, bare, held, upload

LATER = "2030-07-01T12:00:00.000Z"


@pytest.fixture
def proof(good2go: Caller) -> str:
    """The path of a job with one review task, whose id is 1."""
    return f"/jobs/{upload(good2go)['guid']}"


def emails(good2go: Caller, operation: str) -> list[list[str]]:
    return [effect["emails"] for effect in good2go.effects(operation)]


def test_default_task_has_no_job_when_asked_for(good2go: Caller) -> None:
    task = good2go.call("GET", "/jobs/tasks/default?kind=review-task&job_category=order")
    assert (task["category"], task["status"], task["due_at"], task["id"]) == (
        "review-task",
        "new",
        None,
        None,
    )
    good2go.call("GET", "/jobs/tasks/default", 422)
    assert "kind" in good2go.violation()
    good2go.call("GET", "/jobs/tasks/default?kind=review-task&job_category=pdf", 422)


def test_tasks_are_filtered_by_several_kinds_when_listed(good2go: Caller, proof: str) -> None:
    good2go.call("POST", f"{proof}/tasks", json={"assigned_to": REVIEWER, "category": "upload-task"})
    good2go.call("POST", f"{proof}/tasks", json={"assigned_to": REVIEWER, "category": "forward-task"})

    def kinds(query: str) -> list[str]:
        return [task["category"] for task in good2go.call("GET", f"{proof}/tasks{query}")]

    assert kinds("") == ["review-task", "upload-task", "forward-task"]
    assert kinds("?kind=upload-task") == ["upload-task"]
    assert kinds("?kind=upload-task&kind=review-task") == ["review-task", "upload-task"]
    assert kinds("?kind[]=upload-task&kind[]=review-task") == ["review-task", "upload-task"]
    assert kinds("?kind=revision-task&default=1") == ["revision-task"]
    assert kinds("?kind=revision-task&default=0") == []
    good2go.call("GET", f"{proof}/tasks?kind=forward-task", 422)
    good2go.call("GET", f"{proof}/tasks?kind=upload-task,review-task", 422)
    assert "kind" in good2go.violation()


def test_category_reads_as_in_the_samples_when_the_setting_says_so(good2go: Caller, proof: str) -> None:
    good2go.settings(review_task_category_shown="review-reminders")
    assert good2go.call("GET", f"{proof}/tasks/1")["category"] == "review-reminders"


def test_email_goes_out_and_a_task_is_added_each_time_when_created(good2go: Caller) -> None:
    path = f"/jobs/{bare(good2go)}/tasks"
    body = {
        "assigned_to": REVIEWER,
        "category": "quote-review-task",
        "due_at": DUE,
        "job_status": "new",
        "req_confirm": True,
        "status": "new",
    }
    task = good2go.call("POST", path, json=body)
    assert {name: task[name] for name in body} == body
    assert task["executed_at"] is not None
    good2go.call("POST", path, json={**body, "due_at": None})
    assert [task["id"] for task in good2go.call("GET", path)] == [1, 2]
    assert emails(good2go, "create_task") == [[REVIEWER], [REVIEWER]]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"assigned_to": "abc@xyz.com."}, "assigned_to"),
        ({"assigned_to": None}, "assigned_to"),
        ({"category": "review-reminders"}, "category"),
        ({"due_at": "2030-01-24T06:37:06.000Z."}, "due_at"),
        ({"job_status": "Pending"}, "job_status"),
        ({"req_confirm": 1}, "req_confirm"),
        ({"status": "processing"}, "status"),
        ({"schedule": "now"}, "schedule"),
    ],
)
def test_creation_is_a_violation_when_a_field_is_not_as_documented(
    good2go: Caller, proof: str, fields: dict[str, Any], reason: str
) -> None:
    body = {"assigned_to": REVIEWER, "category": "review-task", **fields}
    good2go.call("POST", f"{proof}/tasks", 422, json=body)
    assert reason in good2go.violation()
    assert good2go.effects("create_task") == []


def test_task_changes_and_closed_reads_as_done_when_updated(good2go: Caller, proof: str) -> None:
    body = {"category": "review-task", "due_at": LATER, "job_status": "approved", "req_confirm": True}
    task = good2go.call("PUT", f"{proof}/tasks/1", json={**body, "status": "closed"})
    assert {name: task[name] for name in body} == body
    assert task["status"] == "done"
    assert held(good2go, proof.removeprefix("/jobs/"))["tasks"][0]["status"] == "closed"
    assert good2go.call("PUT", f"{proof}/tasks/1", json={"due_at": None})["due_at"] is None


@pytest.mark.parametrize(
    ("fields", "violates"),
    [
        ({"status": "new"}, True),
        ({"job_status": "pending"}, True),
        ({"job_status": "processing"}, True),
        ({"assigned_to": REVIEWER}, True),
        ({"category": "upload-task"}, False),
    ],
)
def test_update_is_refused_when_a_field_does_not_fit(
    good2go: Caller, proof: str, fields: dict[str, Any], *, violates: bool
) -> None:
    good2go.call("PUT", f"{proof}/tasks/1", 422, json=fields)
    assert bool(good2go.control("GET", "/violations")) == violates
    assert good2go.effects("update_task") == []


def test_one_email_goes_out_each_time_when_a_task_is_notified(good2go: Caller, proof: str) -> None:
    for _ in range(2):
        good2go.call("PUT", f"{proof}/tasks/1/notify", json={"schedule": "now", "comments": "Please decide"})
    assert emails(good2go, "notify_task") == [[CUSTOMER], [CUSTOMER]]
    log = good2go.call("GET", f"{proof}/changelogs")
    assert [entry["category"] for entry in log[:2]] == ["notification.manual", "comments"]
    assert good2go.call("GET", f"{proof}/tasks/1")["executed_at"] is not None


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"schedule": "later"}, []),
        ({"schedule": "now", "reason": "update-task"}, []),
        ({"schedule": "now", "reason": "send-message"}, [CUSTOMER]),
        ({"schedule": "now", "reason": "reset-task"}, [CUSTOMER]),
    ],
)
def test_reason_and_schedule_decide_whether_email_goes_out_when_notified(
    good2go: Caller, proof: str, fields: dict[str, Any], sent: list[str]
) -> None:
    good2go.act("approve", job=proof.removeprefix("/jobs/"))
    good2go.call("PUT", f"{proof}/tasks/1/notify", json=fields)
    assert emails(good2go, "notify_task") == [sent]
    status = "new" if fields.get("reason") == "reset-task" else "approved"
    assert good2go.call("GET", proof)["status"] == status


def test_task_changes_when_a_notification_carries_it(good2go: Caller, proof: str) -> None:
    task = {"category": "review-task", "due_at": LATER, "req_confirm": True, "status": "processing"}
    body = {"schedule": "now", "default": {"comments": True, "task": False}, "task": task}
    answer = good2go.call("PUT", f"{proof}/tasks/1/notify", json=body)
    assert {name: answer[name] for name in task} == task


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "schedule"),
        ({"schedule": "soon"}, "schedule"),
        ({"schedule": "now", "reason": "send-message-all"}, "reason"),
        ({"schedule": "now", "task": {"due_at": DUE}}, "task.category"),
        ({"schedule": "now", "task": {"category": "upload-task"}}, "task.category"),
        ({"schedule": "now", "task": {"category": "review-task", "status": "done"}}, "task.status"),
        ({"schedule": "now", "default": {"reviewers": True}}, "default.reviewers"),
        ({"schedule": "now", "recipient": CUSTOMER}, "recipient"),
    ],
)
def test_notification_of_a_task_is_a_violation_when_not_as_documented(
    good2go: Caller, proof: str, body: dict[str, Any], reason: str
) -> None:
    good2go.call("PUT", f"{proof}/tasks/1/notify", 422, json=body)
    assert reason in good2go.violation()
    assert good2go.effects("notify_task") == []


def test_task_is_gone_when_deleted(good2go: Caller, proof: str) -> None:
    assert good2go.call("DELETE", f"{proof}/tasks/1") == {}
    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("PUT", "", {}),
        ("PUT", "/notify", {"schedule": "now"}),
    ):
        good2go.call(method, f"{proof}/tasks/1{path}", 404, json=body)
    assert good2go.call("GET", f"{proof}/tasks") == []


def test_each_person_has_a_task_when_a_notification_is_created(good2go: Caller, proof: str) -> None:
    body = {
        "comments": "Second round",
        "default": {"comments": True, "task": True, "reviewers": False},
        "schedule": "now",
        "task": {"category": "review-task", "due_at": LATER, "req_confirm": True, "status": "paused"},
        "reason": "notify-task",
        "recipient": CUSTOMER,
        "reviewers": [{"email": REVIEWER}, {"group": "Legal"}],
    }
    answer = good2go.call("POST", f"{proof}/notifications", json=body)
    assert answer == {
        "comments": "Second round",
        "recipient": CUSTOMER,
        "reviewer": [{"email": REVIEWER}, {"group": "Legal"}],
        "task": body["task"],
        "reason": "notify-task",
        "schedule": "now",
    }
    tasks = good2go.call("GET", f"{proof}/tasks")
    assert [(task["id"], task["assigned_to"]) for task in tasks] == [
        (1, CUSTOMER),
        (2, REVIEWER),
        (3, "Legal"),
    ]
    assert {task["due_at"] for task in tasks} == {LATER}
    assert emails(good2go, "create_notification") == [[CUSTOMER, REVIEWER, "Legal"]]
    kept = good2go.call("GET", f"{proof}/notifications/review-task")
    assert "reason" not in kept
    assert kept["reviewer"] == answer["reviewer"]


def test_existing_reviewers_are_meant_when_their_default_is_taken(good2go: Caller) -> None:
    guid = upload(good2go, {**REVIEW, "reviewers[0][email]": REVIEWER})["guid"]
    body = {"schedule": "now", "task": {"category": "review-task"}, "default": {"reviewers": True}}
    good2go.call("POST", f"/jobs/{guid}/notifications", json=body)
    assert emails(good2go, "create_notification") == [[CUSTOMER, REVIEWER]]
    assert len(good2go.call("GET", f"/jobs/{guid}/tasks")) == 2


def test_partner_is_meant_when_a_job_is_forwarded(good2go: Caller, proof: str) -> None:
    body = {"schedule": "now", "task": {"category": "forward-task"}, "recipient": "partner@press.test"}
    good2go.call("POST", f"{proof}/notifications", json=body)
    job = good2go.call("GET", proof)
    assert (job["p_email"], job["c_email"]) == ("partner@press.test", CUSTOMER)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"schedule": None}, "schedule"),
        ({"task": {}}, "task.category"),
        ({"task": {"category": "review-task", "status": "closed"}}, "task.status"),
        ({"reason": "send-message-all"}, "reason"),
        ({"reviewer": [{"email": REVIEWER}]}, "reviewer"),
        ({"reviewers": [REVIEWER]}, "reviewers"),
        ({"reviewers": [{}]}, "reviewers"),
        ({"recipient": "tom@xyz,com"}, "recipient"),
    ],
)
def test_notification_is_a_violation_when_not_as_documented(
    good2go: Caller, proof: str, fields: dict[str, Any], reason: str
) -> None:
    body = {"schedule": "now", "task": {"category": "review-task"}, **fields}
    good2go.call("POST", f"{proof}/notifications", 422, json=body)
    assert reason in good2go.violation()
    assert good2go.effects("create_notification") == []


def test_notification_is_not_found_when_there_was_none(good2go: Caller, proof: str) -> None:
    good2go.call("GET", f"{proof}/notifications/upload-task", 404)
    assert good2go.control("GET", "/violations") == []
    good2go.call("GET", f"{proof}/notifications/review-reminders", 422)
    assert "kind" in good2go.violation()


def test_reminder_is_kept_changed_and_deleted_when_asked(good2go: Caller, proof: str) -> None:
    guid = proof.removeprefix("/jobs/")
    body = {"quantity": 5, "unit": "hours", "comparator": "before", "job_guid": guid, "cancelled": False}
    reminder = good2go.call("POST", f"{proof}/reminders", json=body)
    assert {name: reminder[name] for name in body} == body
    path = f"{proof}/reminders/{reminder['id']}"
    assert good2go.call("GET", path) == reminder
    del body["cancelled"]
    changed = good2go.call("PUT", path, json={**body, "quantity": 3600, "unit": "none", "comparator": "none"})
    assert (changed["quantity"], changed["cancelled"]) == (3600, False)
    assert good2go.call("DELETE", path) == {}
    good2go.call("GET", path, 404)
    good2go.call("PUT", path, 404, json=body)
    good2go.call("DELETE", path, 404)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"quantity": 3601}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": "5"}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"unit": "weeks"}, "unit"),
        ({"comparator": "at"}, "comparator"),
        ({"job_guid": "x"}, "job_guid"),
        ({"job_guid": "00000000-0000-4000-8000-000000000000"}, "job_guid"),
        ({"cancelled": None}, "cancelled"),
        ({"date": DUE}, "date"),
    ],
)
def test_reminder_is_a_violation_when_not_as_documented(
    good2go: Caller, proof: str, fields: dict[str, Any], reason: str
) -> None:
    body = {"quantity": 5, "unit": "hours", "comparator": "before", "cancelled": False}
    body = {**body, "job_guid": proof.removeprefix("/jobs/"), **fields}
    good2go.call("POST", f"{proof}/reminders", 422, json=body)
    assert reason in good2go.violation()


def test_ids_repeat_and_manual_ones_are_minus_one_when_history_is_read(good2go: Caller) -> None:
    guid = upload(good2go, {**REVIEW, "reviewers[0][email]": REVIEWER})["guid"]
    body = {"quantity": 1, "unit": "days", "comparator": "before", "job_guid": guid, "cancelled": True}
    good2go.call("POST", f"/jobs/{guid}/reminders", json=body)
    history = good2go.call("GET", f"/jobs/{guid}/notifications/history?kind=review-task")
    assert history == good2go.call("GET", f"/jobs/{guid}/reminders")
    assert [(entry["id"], entry["is_auto"]) for entry in history] == [(1, True), (1, True), (-1, False)]
    assert history[0]["date"] == "2030-05-31T12:00:00.000Z"
    assert history[0]["cancelled"] is True
    assert not {"created_at", "updated_at"} & set(history[2])
    assert (history[2]["comparator"], history[2]["unit"], history[2]["schedule"]) == ("none", "none", "now")
    assert good2go.call("GET", f"/jobs/{guid}/notifications/history?kind=assign-task")[1:] == []
    good2go.call("GET", f"/jobs/{guid}/notifications/history?kind=optio", 422)
