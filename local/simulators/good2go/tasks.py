"""Good2Go's operations on tasks (section Job tasks)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from local.simulators.good2go.account import Account, Task
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.notices import Notices, TaskFields
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import (
    INTERNAL_STATUSES,
    Category,
    FilterCategory,
    JobStatus,
    Moment,
    NotifyCategory,
    NotifyTaskStatus,
    QueryFlag,
    Reason,
    Schedule,
    UpdateTaskStatus,
)
from local.simulators.validation import Email, Strict
from local.simulators.vendor import RefusedError, ViolationError, operation


class DefaultTaskQuery(Strict):
    """Get default task."""

    job_category: Literal["file", "folder", "order"] = "file"
    kind: Category


class TasksQuery(Strict):
    """Get task list; `kind` may be given several times."""

    kind: list[FilterCategory] | None = None
    default: QueryFlag = False


class NewTask(Strict):
    """Create a new task."""

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    assigned_to: Email
    category: Category
    due_at: Moment | None = None
    job_status: JobStatus | None = None
    req_confirm: bool | None = None
    status: Literal["new"] | None = None


class TaskUpdate(Strict):
    """Update existing task."""

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    category: Category | None = None
    due_at: Moment | None = None
    job_status: JobStatus | None = None
    req_confirm: bool | None = None
    status: UpdateTaskStatus | None = None


class NotifyDefaults(Strict):
    """`default` of a task's notification, which knows no reviewers."""

    comments: bool | None = None
    task: bool | None = None


class NotifyTask(TaskFields):
    """`task` of a task's notification."""

    category: NotifyCategory
    status: NotifyTaskStatus | None = None


class TaskNotification(Strict):
    """Send notification email."""

    comments: str | None = None
    default: NotifyDefaults | None = None
    schedule: Schedule
    task: NotifyTask | None = None
    reason: Reason = "notify-task"


class Tasks:
    """The handlers."""

    def __init__(
        self, account: Account, views: Views, announcements: Announcements, notices: Notices
    ) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements
        self._notices = notices
        self._effect = account.simulator.effect

    @operation("GET", "/api/v1/jobs/tasks/default", section="Get default task")
    def get_default_task(self, query: DefaultTaskQuery) -> dict[str, Any]:
        """Return a task of a kind as it would be before anything is said about it."""
        return self._default(query.kind)

    @operation("GET", "/api/v1/jobs/<job_guid>/tasks", section="Get task list")
    def list_tasks(self, job_guid: str, query: TasksQuery) -> list[dict[str, Any]]:
        """Return a job's tasks; with `default`, a default one for each kind that it lacks."""
        tasks = self._account.job(job_guid).tasks.values()
        found = [self._views.task(t) for t in tasks if query.kind is None or t.category in query.kind]
        lacking = set(query.kind or ()) - {task.category for task in tasks}
        return found + [self._default(kind) for kind in sorted(lacking) if query.default]

    @operation("GET", "/api/v1/jobs/<job_guid>/tasks/<int:task_id>", section="Get task information")
    def get_task(self, job_guid: str, task_id: int) -> dict[str, Any]:
        """Return one task."""
        return self._views.task(self._account.task(self._account.job(job_guid), task_id))

    @operation("POST", "/api/v1/jobs/<job_guid>/tasks", section="Create a new task")
    def create_task(self, job_guid: str, body: NewTask) -> dict[str, Any]:
        """Create a task and e-mail its assignee at once; the same again makes another one."""
        job = self._account.job(job_guid)
        task = self._account.add_task(job, body.category, body.assigned_to)
        self._set(task, body.given())
        emails = self._notices.send(job, task.category, [task.assigned_to], "notify-task", "now")
        self._effect("create_task", job.guid, task=task.id, category=task.category, emails=emails)
        return self._views.task(task)

    @operation("PUT", "/api/v1/jobs/<job_guid>/tasks/<int:task_id>", section="Update existing task")
    def update_task(self, job_guid: str, task_id: int, body: TaskUpdate) -> dict[str, Any]:
        """Change a task; its category can only be repeated."""
        job = self._account.job(job_guid)
        task = self._account.task(job, task_id)
        _require_category(task, body.category)
        if body.job_status in INTERNAL_STATUSES:
            raise ViolationError("job_status: must not be pending or processing")
        self._set(task, body.given())
        given = body.model_dump(mode="json", include=body.model_fields_set)
        self._effect("update_task", job.guid, task=task.id, changes=given)
        return self._views.task(task)

    @operation("PUT", "/api/v1/jobs/<job_guid>/tasks/<int:task_id>/notify", section="Send notification email")
    def notify_task(self, job_guid: str, task_id: int, body: TaskNotification) -> dict[str, Any]:
        """E-mail the assignee of a task, each time anew."""
        job = self._account.job(job_guid)
        task = self._account.task(job, task_id)
        if body.reason == "reset-task":
            self._account.reset_task(task)
            self._account.set_status(job, "new")
        if body.task is not None:
            _require_category(task, body.task.category)
            self._set(task, body.task.given())
        elif body.default is not None and body.default.task and task.due_at is None:
            task.due_at = job.due_at
        if body.comments:
            self._account.log(job, "comments", body.comments)
        emails = self._notices.send(job, task.category, [task.assigned_to], body.reason, body.schedule)
        self._effect(
            "notify_task",
            job.guid,
            task=task.id,
            reason=body.reason,
            schedule=body.schedule,
            comments=body.comments,
            emails=emails,
        )
        if body.reason == "reset-task":
            self._announcements.by_api("status", job)
        return self._views.task(task)

    @operation("DELETE", "/api/v1/jobs/<job_guid>/tasks/<int:task_id>", section="Delete a job task")
    def delete_task(self, job_guid: str, task_id: int) -> dict[str, Any]:
        """Delete a task."""
        job = self._account.job(job_guid)
        del job.tasks[self._account.task(job, task_id).id]
        self._effect("delete_task", job.guid, task=task_id)
        return {}

    def _set(self, task: Task, given: dict[str, Any]) -> None:
        for name in given.keys() & {"due_at", "job_status", "req_confirm", "status"}:
            setattr(task, name, given[name])
        task.updated_at = self._account.now

    def _default(self, kind: str) -> dict[str, Any]:
        now = self._account.now
        task = Task(0, kind, self._account.email, now, now)
        return {**self._views.task(task), "assigned_to": None, "id": None}


def _require_category(task: Task, category: str | None) -> None:
    if category not in {None, task.category}:
        raise RefusedError(422, f"The task is of category {task.category}.")
