"""Good2Go's notifications of a job (section Job notifications)."""

from __future__ import annotations

from typing import Any, get_args

from local.simulators.good2go.account import NOT_FOUND, Account, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.notices import Defaults, Notices, TaskFields, notice_of
from local.simulators.good2go.reminders import Schedule as NoticeSchedule
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import Category, Reason, Reviewers, Schedule, TaskStatus
from local.simulators.validation import Email, Strict
from local.simulators.vendor import RefusedError, ViolationError, operation


class HistoryQuery(Strict):
    """Get notifications history log."""

    kind: Category | None = None


class NotificationTask(TaskFields):
    """`task` of a manual notification."""

    category: Category
    status: TaskStatus | None = None


class NewNotification(Strict):
    """Create a new manual notification."""

    comments: str | None = None
    default: Defaults | None = None
    schedule: Schedule
    task: NotificationTask
    reason: Reason = "notify-task"
    recipient: Email | None = None
    reviewers: Reviewers | None = None


class Notifications:
    """The handlers."""

    def __init__(
        self, account: Account, views: Views, announcements: Announcements, notices: Notices
    ) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements
        self._notices = notices

    @operation(
        "GET", "/api/v1/jobs/<job_guid>/notifications/history", section="Get notifications history log"
    )
    def get_notification_history(self, job_guid: str, query: HistoryQuery) -> list[dict[str, Any]]:
        """Return the notices sent by hand and the automatic ones, cancelled or not."""
        return NoticeSchedule(self._views).entries(self._account.job(job_guid), query.kind)

    @operation("GET", "/api/v1/jobs/<job_guid>/notifications/<kind>", section="Get notification")
    def get_notification(self, job_guid: str, kind: str) -> dict[str, Any]:
        """Return the last notification of a kind of task; 404 if there was none."""
        job = self._account.job(job_guid)
        if kind not in get_args(Category):
            raise ViolationError(f"kind: must be one of {', '.join(get_args(Category))}")
        if kind not in job.notifications:
            raise RefusedError(404, NOT_FOUND)
        return self._view(job, kind)

    @operation("POST", "/api/v1/jobs/<job_guid>/notifications", section="Create a new manual notification")
    def create_notification(self, job_guid: str, body: NewNotification) -> dict[str, Any]:
        """Set up a task for each person, or change those that they have, and send e-mail."""
        job = self._account.job(job_guid)
        notice = notice_of(
            task=body.task,
            default=body.default,
            reason=body.reason,
            schedule=body.schedule,
            comments=body.comments,
            recipient=body.recipient,
            reviewers=self._notices.check_reviewers(body.reviewers),
        )
        emails = self._notices.carry_out(job, notice)
        self._account.simulator.effect(
            "create_notification",
            job.guid,
            category=body.task.category,
            reason=body.reason,
            schedule=body.schedule,
            comments=body.comments,
            emails=emails,
        )
        self._announcements.by_api("updated", job)
        view = self._view(job, body.task.category)
        return {**view, "reason": body.reason, "schedule": body.schedule}

    def _view(self, job: Job, kind: str) -> dict[str, Any]:
        tasks = [task for task in job.tasks.values() if task.category == kind]
        task = tasks[-1] if tasks else None
        return {
            **job.notifications[kind],
            "task": {
                "category": kind,
                "due_at": None if task is None else self._views.due(task.due_at),
                "req_confirm": task is not None and task.req_confirm,
                "status": "new" if task is None else self._views.task(task)["status"],
            },
        }
