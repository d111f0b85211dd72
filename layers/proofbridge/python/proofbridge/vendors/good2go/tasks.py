"""What people are asked to do with a job: tasks, their reminders, and the notifications that go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter
from pydantic_core import to_json

from . import operations as op
from .area import Area
from .enums import JobCategory, ListedTaskCategory, TaskCategory
from .inputs import (
    DefaultTaskQuery,
    HistoryQuery,
    NotificationCreate,
    ReminderCreate,
    ReminderUpdate,
    TaskCreate,
    TaskNotify,
    TaskQuery,
    TaskUpdate,
)
from .models import Notification, Reminder, Task

_TASK: Final = TypeAdapter(Task)
_TASKS: Final[TypeAdapter[tuple[Task, ...]]] = TypeAdapter(tuple[Task, ...])
_REMINDER: Final = TypeAdapter(Reminder)
_REMINDERS: Final[TypeAdapter[tuple[Reminder, ...]]] = TypeAdapter(tuple[Reminder, ...])
_NOTIFICATION: Final = TypeAdapter(Notification)


class Tasks(Area):
    """The tasks of jobs. Every method may raise any VendorError."""

    def default(self, kind: TaskCategory, *, job_category: JobCategory | None = None) -> Task:
        """Return a task of this kind as the vendor would make it ("Get default task")."""
        query = DefaultTaskQuery(kind=kind, job_category=job_category).fields()
        return self._api.read(op.GET_DEFAULT_TASK, _TASK, query=list(query.items()))

    def list(
        self, job_guid: str, *, kinds: Sequence[ListedTaskCategory] = (), default: bool = False
    ) -> tuple[Task, ...]:
        """Return a job's tasks ("Get task list"), of the given kinds only.

        `default` adds the default of a kind that the job lacks. How several kinds are written is not
        documented: `kind[]` for each is an assumption, one alone is `kind`.
        """
        wanted = TaskQuery(kinds=tuple(kinds), default=default)
        key = "kind" if len(wanted.kinds) == 1 else "kind[]"
        query = [(key, kind.value) for kind in wanted.kinds]
        if wanted.default:
            query.append(("default", "1"))
        ids = self._job(op.LIST_TASKS, job_guid)
        return self._api.read(op.LIST_TASKS, _TASKS, ids=ids, query=query, item=f"job {job_guid}")

    def get(self, job_guid: str, task_id: int) -> Task:
        """Return one task ("Get task information")."""
        ids = self._part(op.GET_TASK, job_guid, "id", task_id)
        return self._api.read(op.GET_TASK, _TASK, ids=ids, item=_task(job_guid, task_id))

    def create(self, job_guid: str, task: TaskCreate) -> Task:
        """Make a task; its assignee gets an e-mail at once ("Create a new task")."""
        ids = self._job(op.CREATE_TASK, job_guid)
        return self._api.read(op.CREATE_TASK, _TASK, ids=ids, json=task.json_body(), item=f"job {job_guid}")

    def update(self, job_guid: str, task_id: int, changes: TaskUpdate) -> Task:
        """Change what is given of a task ("Update existing task")."""
        ids = self._part(op.UPDATE_TASK, job_guid, "id", task_id)
        return self._api.read(
            op.UPDATE_TASK, _TASK, ids=ids, json=changes.json_body(), item=_task(job_guid, task_id)
        )

    def notify(self, job_guid: str, task_id: int, notification: TaskNotify | None = None) -> Task:
        """Send the task's assignee an e-mail ("Send notification email"); without an argument, now."""
        body = (notification or TaskNotify()).json_body()
        ids = self._part(op.NOTIFY_TASK, job_guid, "task_id", task_id)
        return self._api.read(op.NOTIFY_TASK, _TASK, ids=ids, json=body, item=_task(job_guid, task_id))

    def delete(self, job_guid: str, task_id: int) -> None:
        """Delete a task ("Delete a job task")."""
        ids = self._part(op.DELETE_TASK, job_guid, "task_id", task_id)
        self._api.do(op.DELETE_TASK, ids=ids, item=_task(job_guid, task_id))


class Reminders(Area):
    """The reminders of jobs, counted from the due date."""

    def list(self, job_guid: str) -> tuple[Reminder, ...]:
        """Return a job's reminders ("Get list of reminders"). Their ids aren't unique, see Reminder."""
        ids = self._job(op.LIST_REMINDERS, job_guid)
        return self._api.read(op.LIST_REMINDERS, _REMINDERS, ids=ids, item=f"job {job_guid}")

    def get(self, job_guid: str, reminder_id: int) -> Reminder:
        """Return one automatic reminder ("Get job reminder information")."""
        ids = self._part(op.GET_REMINDER, job_guid, "id", reminder_id)
        return self._api.read(op.GET_REMINDER, _REMINDER, ids=ids, item=_reminder(job_guid, reminder_id))

    def create(self, job_guid: str, reminder: ReminderCreate) -> Reminder:
        """Make a reminder ("Create a new reminder")."""
        ids = self._job(op.CREATE_REMINDER, job_guid)
        body = to_json({**reminder.fields(), "job_guid": ids["job_guid"]})
        return self._api.read(op.CREATE_REMINDER, _REMINDER, ids=ids, json=body, item=f"job {job_guid}")

    def update(self, job_guid: str, reminder_id: int, reminder: ReminderUpdate) -> Reminder:
        """Give a reminder new values ("Update existing job reminder")."""
        ids = self._part(op.UPDATE_REMINDER, job_guid, "id", reminder_id)
        body = to_json({**reminder.fields(), "job_guid": ids["job_guid"]})
        return self._api.read(
            op.UPDATE_REMINDER, _REMINDER, ids=ids, json=body, item=_reminder(job_guid, reminder_id)
        )

    def delete(self, job_guid: str, reminder_id: int) -> None:
        """Delete a reminder ("Delete a job reminder")."""
        ids = self._part(op.DELETE_REMINDER, job_guid, "reminder_id", reminder_id)
        self._api.do(op.DELETE_REMINDER, ids=ids, item=_reminder(job_guid, reminder_id))


class Notifications(Area):
    """What was and what is to be sent about jobs."""

    def history(self, job_guid: str, *, kind: TaskCategory | None = None) -> tuple[Reminder, ...]:
        """Return all that was or will be sent about a job ("Get notifications history log")."""
        ids = self._job(op.NOTIFICATION_HISTORY, job_guid)
        query = list(HistoryQuery(kind=kind).fields().items())
        return self._api.read(
            op.NOTIFICATION_HISTORY, _REMINDERS, ids=ids, query=query, item=f"job {job_guid}"
        )

    def get(self, job_guid: str, kind: TaskCategory) -> Notification:
        """Return the notification of one kind of task ("Get notification")."""
        word = self._word(op.GET_NOTIFICATION, "kind", TaskCategory, kind)
        ids = {**self._job(op.GET_NOTIFICATION, job_guid), "kind": word}
        return self._api.read(op.GET_NOTIFICATION, _NOTIFICATION, ids=ids, item=f"job {job_guid}")

    def create(self, job_guid: str, notification: NotificationCreate) -> Notification:
        """Make or update a task and send its e-mail ("Create a new manual notification")."""
        ids = self._job(op.CREATE_NOTIFICATION, job_guid)
        return self._api.read(
            op.CREATE_NOTIFICATION,
            _NOTIFICATION,
            ids=ids,
            json=notification.json_body(),
            item=f"job {job_guid}",
        )


def _task(job_guid: str, task_id: int) -> str:
    return f"task {task_id} of job {job_guid}"


def _reminder(job_guid: str, reminder_id: int) -> str:
    return f"reminder {reminder_id} of job {job_guid}"
