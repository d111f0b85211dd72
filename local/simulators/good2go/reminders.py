"""Good2Go's automatic reminders of a job (section Job reminders)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from local.simulators.good2go.account import NOT_FOUND, Account, Job, Reminder
from local.simulators.good2go.views import Views
from local.simulators.validation import Guid, Strict
from local.simulators.vendor import RefusedError, ViolationError, operation


class ReminderUpdate(Strict):
    """Update existing job reminder."""

    quantity: Annotated[int, Field(ge=0, le=3600)]
    unit: Literal["none", "minutes", "hours", "days"]
    comparator: Literal["none", "equal", "before", "after", "now"]
    job_guid: Guid
    cancelled: bool | None = None


class NewReminder(ReminderUpdate):
    """Create a new reminder, where `cancelled` must be given."""

    cancelled: bool


class Schedule:
    """The notices of a job, past and to come: sent by hand, and automatic ones for every due date."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def entries(self, job: Job, category: str | None = None) -> list[dict[str, Any]]:
        """Return the notices of one category of task, or of all."""
        return [*self._automatic(job, category), *self._manual(job, category)]

    def _automatic(self, job: Job, category: str | None) -> Iterator[dict[str, Any]]:
        due_dates = [t.due_at for t in job.tasks.values() if category in {None, t.category}]
        for reminder in job.reminders.values():
            # One reminder serves all tasks, so that it stands here once for each, with the same id.
            for due_at in due_dates or [job.due_at]:
                yield {
                    **reminder_view(self._views, job, reminder),
                    "date": self._views.due(_date(reminder, due_at or job.due_at)),
                    "is_auto": True,
                    "schedule": "later",
                }

    def _manual(self, job: Job, category: str | None) -> Iterator[dict[str, Any]]:
        for notice in reversed(job.notices):
            if category in {None, notice.category}:
                yield {
                    "cancelled": False,
                    "comparator": "none",
                    "date": self._views.moment(notice.date),
                    "id": -1,
                    "is_auto": False,
                    "job_guid": job.guid,
                    "quantity": 0,
                    "schedule": notice.schedule,
                    "unit": "none",
                }


class Reminders:
    """The handlers."""

    def __init__(self, account: Account, views: Views) -> None:
        self._account = account
        self._views = views
        self._effect = account.simulator.effect

    @operation("GET", "/api/v1/jobs/<job_guid>/reminders", section="Get list of reminders")
    def list_reminders(self, job_guid: str) -> list[dict[str, Any]]:
        """Return a job's reminders, automatic and manual."""
        return Schedule(self._views).entries(self._account.job(job_guid))

    @operation(
        "GET", "/api/v1/jobs/<job_guid>/reminders/<int:reminder_id>", section="Get job reminder information"
    )
    def get_reminder(self, job_guid: str, reminder_id: int) -> dict[str, Any]:
        """Return one automatic reminder."""
        job = self._account.job(job_guid)
        return reminder_view(self._views, job, _reminder(job, reminder_id))

    @operation("POST", "/api/v1/jobs/<job_guid>/reminders", section="Create a new reminder")
    def create_reminder(self, job_guid: str, body: NewReminder) -> dict[str, Any]:
        """Create an automatic reminder."""
        job = self._account.job(job_guid)
        _require_same_job(job, body)
        now = self._account.now
        reminder = Reminder(
            self._account.next_reminder_id(),
            body.quantity,
            body.unit,
            body.comparator,
            body.cancelled,
            now,
            now,
        )
        job.reminders[reminder.id] = reminder
        self._effect("create_reminder", job.guid, reminder=reminder.id)
        return reminder_view(self._views, job, reminder)

    @operation(
        "PUT", "/api/v1/jobs/<job_guid>/reminders/<int:reminder_id>", section="Update existing job reminder"
    )
    def update_reminder(self, job_guid: str, reminder_id: int, body: ReminderUpdate) -> dict[str, Any]:
        """Change an automatic reminder."""
        job = self._account.job(job_guid)
        reminder = _reminder(job, reminder_id)
        _require_same_job(job, body)
        reminder.quantity, reminder.unit, reminder.comparator = body.quantity, body.unit, body.comparator
        if body.cancelled is not None:
            reminder.cancelled = body.cancelled
        reminder.updated_at = self._account.now
        self._effect("update_reminder", job.guid, reminder=reminder.id)
        return reminder_view(self._views, job, reminder)

    @operation(
        "DELETE", "/api/v1/jobs/<job_guid>/reminders/<int:reminder_id>", section="Delete a job reminder"
    )
    def delete_reminder(self, job_guid: str, reminder_id: int) -> dict[str, Any]:
        """Delete an automatic reminder."""
        job = self._account.job(job_guid)
        del job.reminders[_reminder(job, reminder_id).id]
        self._effect("delete_reminder", job.guid, reminder=reminder_id)
        return {}


def reminder_view(views: Views, job: Job, reminder: Reminder) -> dict[str, Any]:
    """Return an automatic reminder."""
    return {
        "cancelled": reminder.cancelled,
        "comparator": reminder.comparator,
        "created_at": views.moment(reminder.created_at),
        "id": reminder.id,
        "job_guid": job.guid,
        "quantity": reminder.quantity,
        "unit": reminder.unit,
        "updated_at": views.moment(reminder.updated_at),
    }


def _date(reminder: Reminder, due_at: datetime | None) -> datetime | None:
    if due_at is None or reminder.unit == "none":
        return due_at
    distance = timedelta(**{reminder.unit: reminder.quantity})
    return due_at + {"before": -distance, "after": distance}.get(reminder.comparator, timedelta())


def _reminder(job: Job, reminder_id: int) -> Reminder:
    if reminder_id not in job.reminders:
        raise RefusedError(404, NOT_FOUND)
    return job.reminders[reminder_id]


def _require_same_job(job: Job, body: ReminderUpdate) -> None:
    if body.job_guid != job.guid:
        raise ViolationError("job_guid: is not the job of the path")
