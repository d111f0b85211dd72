"""Good2Go's remaining operations on one job (section Miscellaneous endpoints)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from local.simulators.good2go.account import INHERITED, NOT_FOUND, Account, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.notices import Notices, TaskFields
from local.simulators.good2go.settings import settings_of
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import Label, Schedule, TaskStatus, UploadReason
from local.simulators.validation import Email, Strict
from local.simulators.vendor import RefusedError, operation


class Ignored(Strict):
    """Apply a job action."""

    ignore: (
        list[
            Literal[
                "alt_text", "c_email", "due_at", "p_email", "cus_download", "show_job_spec", "show_preflight"
            ]
        ]
        | None
    ) = None


class AssignDefaults(Strict):
    """`default` of an assignment."""

    comments: bool | None = None
    task: bool | None = None


class AssignTask(TaskFields):
    """`task` of an assignment."""

    category: Literal["assign-task"]
    status: TaskStatus | None = None


class Assignment(Strict):
    """Assign to team member; `recipient` and `assignee` mean the same, the latter wins."""

    comments: str | None = None
    default: AssignDefaults | None = None
    schedule: Schedule
    task: AssignTask
    reason: UploadReason
    recipient: Email | None = None
    assignee: Email | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Assignment:
        if self.assignee is None and self.recipient is None:
            raise ValueError("assignee or recipient is needed")
        return self


class Lock(Strict):
    """Lock or unlock a job."""

    locked: bool


class StatusUpdate(Strict):
    """Send status update."""

    label: Label


class Actions:
    """The handlers."""

    def __init__(
        self, account: Account, views: Views, announcements: Announcements, notices: Notices
    ) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements
        self._notices = notices
        self._effect = account.simulator.effect

    @operation("POST", "/api/v1/jobs/<job_guid>/action/<action>", section="Apply a job action")
    def apply_action(self, job_guid: str, action: str, body: Ignored) -> dict[str, Any]:
        """Inherit from the folder, renew an expired job, or send to the MIS."""
        job = self._account.job(job_guid)
        if not settings_of(self._account.simulator).actions_permitted:
            raise RefusedError(403, "User access not permitted.")
        if action == "inherit":
            self._inherit(job, body.ignore or [])
        elif action == "renew":
            if job.status == "expired":
                self._account.set_status(job, job.status_before_expiry)
        elif action != "send-to-mis":
            raise RefusedError(406, "Acceptable action ids are [ 'inherit', 'renew', 'send-to-mis' ].")
        self._effect("apply_action", job.guid, action=action)
        self._announcements.by_api("updated", job, action=action)
        return self._views.acted_on(job)

    @operation("POST", "/api/v1/jobs/<job_guid>/assign", section="Assign to team member")
    def assign_job(self, job_guid: str, body: Assignment) -> dict[str, Any]:
        """Assign a job to somebody of the team."""
        job = self._account.job(job_guid)
        assignee = body.assignee or body.recipient or ""
        if assignee not in settings_of(self._account.simulator).team_members:
            raise RefusedError(422, f"User {assignee} is not a team member.")
        now = self._account.now
        job.asg_email, job.assigned_at, job.newly_assigned = assignee, now, True
        task = self._notices.find(job, "assign-task", assignee)
        task = task or self._account.add_task(job, "assign-task", assignee)
        task.due_at = body.task.due_at or task.due_at
        task.status = body.task.status or task.status
        comments = body.comments
        if comments is None and body.default is not None and body.default.comments:
            comments = job.last_comment
        self._account.log(job, "comments.assigned", f"(Assigned to: {assignee}) {comments or ''}".strip())
        emails = self._notices.send(job, "assign-task", [assignee], body.reason, body.schedule)
        self._account.touch(job)
        self._effect("assign_job", job.guid, assignee=assignee, comments=comments, emails=emails)
        self._announcements.by_api("assigned", job, assignee=assignee)
        view = self._views.task(task)
        shown = ("category", "created_at", "due_at", "executed_at", "id", "status")
        return {"assignee": assignee, "comments": comments, "task": {name: view[name] for name in shown}}

    @operation("GET", "/api/v1/jobs/<job_guid>/changelogs", section="Get job history")
    def list_changelogs(self, job_guid: str) -> list[dict[str, Any]]:
        """Return a job's history, newest first."""
        job = self._account.job(job_guid)
        return [self._views.log_entry(job, entry) for entry in reversed(job.log)]

    @operation("GET", "/api/v1/jobs/<job_guid>/changelogs/latest", section="Get latest job comments")
    def get_latest_changelog(self, job_guid: str) -> dict[str, Any]:
        """Return the newest comment of any kind; 404 if there is none."""
        job = self._account.job(job_guid)
        for entry in reversed(job.log):
            if entry.category.startswith("comments"):
                return self._views.log_entry(job, entry)
        raise RefusedError(404, NOT_FOUND)

    @operation("GET", "/api/v1/jobs/<job_guid>/locking", section="Get lock state of a job")
    def get_lock(self, job_guid: str) -> dict[str, Any]:
        """Say whether a job is locked."""
        job = self._account.job(job_guid)
        return {"guid": job.guid, "locked": job.locked}

    @operation("POST", "/api/v1/jobs/<job_guid>/locking", section="Lock or unlock a job")
    def set_lock(self, job_guid: str, body: Lock) -> dict[str, Any]:
        """Lock or unlock a job."""
        job = self._account.job(job_guid)
        job.locked = body.locked
        return self._changed("set_lock", job, locked=body.locked)

    @operation("POST", "/api/v1/jobs/<job_guid>/send/update", section="Send status update")
    def send_status_update(self, job_guid: str, body: StatusUpdate) -> dict[str, Any]:
        """Give a job a label."""
        job = self._account.job(job_guid)
        job.label = body.label
        return self._changed("send_status_update", job, label=body.label)

    def _changed(self, name: str, job: Job, **fields: Any) -> dict[str, Any]:
        self._account.touch(job)
        self._effect(name, job.guid, **fields)
        self._announcements.by_api("updated", job, **fields)
        return self._views.job(job)

    def _inherit(self, job: Job, ignored: list[Any]) -> None:
        folder = self._account.folder(job.parent_guid)
        if folder is None:
            raise RefusedError(422, "Parent job is not a folder.")
        for name in INHERITED:
            if name not in ignored:
                setattr(job, name, getattr(folder, name))
        self._account.touch(job)
