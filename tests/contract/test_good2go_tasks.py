from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import NotFoundError
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import (
    AssignableJobStatus,
    JobCategory,
    JobStatus,
    ListedTaskCategory,
    NewTaskStatus,
    NotifyReason,
    NotifyTaskCategory,
    NotifyTaskStatus,
    ReminderComparator,
    ReminderUnit,
    Schedule,
    TaskCategory,
    TaskStatus,
    TaskStatusUpdate,
)
from proofbridge.vendors.good2go.inputs import (
    Defaults,
    JobUpdate,
    NotificationCreate,
    NotificationTask,
    NotifyTask,
    ReminderCreate,
    ReminderUpdate,
    Reviewer,
    TaskCreate,
    TaskDefaults,
    TaskNotify,
    TaskUpdate,
)
from proofbridge.vendors.good2go.models import Task
from tests.contract.proofs import CUSTOMER, MISSING, effects, new_proof

DUE = datetime(2030, 11, 30, 8, 37, 46, tzinfo=UTC)
QUARTERLY = ReminderCreate(
    quantity=5, unit=ReminderUnit.HOURS, comparator=ReminderComparator.BEFORE, cancelled=False
)


def first_task(client: Good2Go, guid: str) -> tuple[Task, int]:
    task = client.tasks.list(guid)[0]
    assert task.id is not None
    return task, task.id


def test_default_task_is_told_when_asked_for(good2go: Good2Go) -> None:
    for kind, job_category in itertools.product(TaskCategory, [None, *JobCategory]):
        task = good2go.tasks.default(kind, job_category=job_category)
        assert (task.id, task.category, task.status) == (None, kind, TaskStatus.NEW)


def test_tasks_are_listed_when_of_the_kinds_asked_for(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    created = good2go.tasks.create(
        job.guid,
        TaskCreate(
            assigned_to="prepress@printshop.test",
            category=TaskCategory.REVISION,
            due_at=DUE,
            job_status=AssignableJobStatus.APPROVED,
            req_confirm=True,
            status=NewTaskStatus.NEW,
        ),
    )
    assert (created.assigned_to, created.category, created.due_at) == (
        "prepress@printshop.test",
        TaskCategory.REVISION,
        DUE,
    )
    assert (created.job_status, created.req_confirm, created.status) == (
        JobStatus.APPROVED,
        True,
        TaskStatus.NEW,
    )
    assert created.id is not None
    assert good2go.tasks.get(job.guid, created.id) == created
    kinds = ListedTaskCategory
    assert len(good2go.tasks.list(job.guid)) == 2
    assert [task.id for task in good2go.tasks.list(job.guid, kinds=[kinds.REVISION])] == [created.id]
    assert len(good2go.tasks.list(job.guid, kinds=[kinds.REVISION, kinds.REVIEW])) == 2
    with_defaults = good2go.tasks.list(job.guid, kinds=list(kinds), default=True)
    assert sorted(str(task.category) for task in with_defaults) == sorted(kinds)


def test_task_changes_when_updated(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    task, task_id = first_task(good2go, job.guid)
    changed = good2go.tasks.update(
        job.guid,
        task_id,
        TaskUpdate(
            category=TaskCategory.REVIEW,
            due_at=DUE,
            job_status=AssignableJobStatus.EXPIRED,
            req_confirm=False,
            status=TaskStatusUpdate.PAUSED,
        ),
    )
    assert (changed.id, changed.due_at, changed.status) == (task.id, DUE, TaskStatus.PAUSED)
    assert changed.job_status is JobStatus.EXPIRED
    assert good2go.tasks.update(job.guid, task_id, TaskUpdate(due_at=None)).due_at is None


def test_email_goes_out_when_task_is_notified(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    job = new_proof(good2go)
    _, task_id = first_task(good2go, job.guid)
    assert good2go.tasks.notify(job.guid, task_id).id == task_id
    notification = TaskNotify(
        schedule=Schedule.NOW,
        comments="Second call",
        default=TaskDefaults(comments=True, task=True),
        task=NotifyTask(
            category=NotifyTaskCategory.REVIEW,
            due_at=DUE,
            req_confirm=True,
            status=NotifyTaskStatus.PROCESSING,
        ),
        reason=NotifyReason.SEND_MESSAGE,
    )
    assert good2go.tasks.notify(job.guid, task_id, notification).due_at == DUE
    sent = [entry for entry in good2go_simulator.effects.entries() if entry["operation"] == "notify_task"]
    assert [entry["emails"] for entry in sent] == [[CUSTOMER], [CUSTOMER]]
    assert sent[1]["comments"] == "Second call"


def test_task_is_gone_when_deleted(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    _, task_id = first_task(good2go, job.guid)
    good2go.tasks.delete(job.guid, task_id)
    with pytest.raises(NotFoundError, match=f"task {task_id} of job {job.guid}"):
        good2go.tasks.get(job.guid, task_id)
    for call in (
        lambda: good2go.tasks.update(job.guid, task_id, TaskUpdate()),
        lambda: good2go.tasks.notify(job.guid, task_id),
        lambda: good2go.tasks.delete(job.guid, task_id),
        lambda: good2go.tasks.list(MISSING),
        lambda: good2go.reminders.list(MISSING),
        lambda: good2go.notifications.history(MISSING),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_reminder_lives_its_life_when_kept(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    good2go.jobs.update(job.guid, JobUpdate(due_at=DUE))
    made = good2go.reminders.create(job.guid, QUARTERLY)
    assert (made.quantity, made.unit, made.comparator) == (5, ReminderUnit.HOURS, ReminderComparator.BEFORE)
    assert (made.job_guid, made.cancelled) == (job.guid, False)
    assert made.id is not None
    assert good2go.reminders.get(job.guid, made.id) == made
    changed = good2go.reminders.update(
        job.guid,
        made.id,
        ReminderUpdate(
            quantity=3600, unit=ReminderUnit.MINUTES, comparator=ReminderComparator.AFTER, cancelled=True
        ),
    )
    assert (changed.quantity, changed.cancelled) == (3600, True)
    listed = [reminder for reminder in good2go.reminders.list(job.guid) if reminder.is_auto]
    assert {reminder.id for reminder in listed} == {made.id}
    good2go.reminders.delete(job.guid, made.id)
    with pytest.raises(NotFoundError):
        good2go.reminders.get(job.guid, made.id)


def test_reminder_is_kept_when_job_is_named_in_upper_case(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    made = good2go.reminders.create(job.guid.upper(), QUARTERLY)
    assert made.id is not None
    update = ReminderUpdate(quantity=1, unit=ReminderUnit.DAYS, comparator=ReminderComparator.BEFORE)
    assert good2go.reminders.update(job.guid.upper(), made.id, update).job_guid == job.guid


def test_reminder_takes_every_word_when_documented(good2go: Good2Go) -> None:
    job = new_proof(good2go)
    for unit, comparator in itertools.product(ReminderUnit, ReminderComparator):
        wanted = ReminderCreate(quantity=0, unit=unit, comparator=comparator)
        made = good2go.reminders.create(job.guid, wanted)
        assert (made.unit, made.comparator) == (unit, comparator)


def test_notification_makes_a_task_when_created(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    job = new_proof(good2go)
    sent = good2go.notifications.create(
        job.guid,
        NotificationCreate(
            comments="Review instructions",
            default=Defaults(comments=False, task=False, reviewers=False),
            schedule=Schedule.NOW,
            task=NotificationTask(
                category=TaskCategory.QUOTE_REVIEW, due_at=DUE, req_confirm=True, status=TaskStatus.PROCESSING
            ),
            reason=NotifyReason.NOTIFY_TASK,
            recipient=CUSTOMER,
            reviewers=(Reviewer(email="one@brand.test"), Reviewer(group="External")),
        ),
    )
    assert (sent.comments, sent.reason, sent.schedule) == (
        "Review instructions",
        NotifyReason.NOTIFY_TASK,
        Schedule.NOW,
    )
    assert [(reviewer.email, reviewer.group) for reviewer in sent.reviewer] == [
        ("one@brand.test", None),
        (None, "External"),
    ]
    assert sent.task is not None
    assert (sent.task.category, sent.task.due_at) == (TaskCategory.QUOTE_REVIEW, DUE)
    assert "one@brand.test" in good2go_simulator.effects.entries()[-1]["emails"]
    read = good2go.notifications.get(job.guid, TaskCategory.QUOTE_REVIEW)
    assert (read.comments, len(read.reviewer)) == ("Review instructions", 2)


def test_history_shows_what_was_sent_when_asked(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    job = new_proof(good2go)
    _, task_id = first_task(good2go, job.guid)
    good2go.tasks.notify(job.guid, task_id)
    history = good2go.notifications.history(job.guid)
    assert history
    assert all(entry.date is not None and entry.date >= before for entry in history)
    assert good2go.notifications.history(job.guid, kind=TaskCategory.REVIEW) == history
    assert good2go.notifications.history(job.guid, kind=TaskCategory.UPLOAD) == ()
    assert effects(good2go_simulator) == ["upload", "notify_task"]
