"""What people do in Good2Go: `POST /_control/act/<name>`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from local.simulators.good2go.account import Account, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.settings import settings_of
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import JobStatus
from local.simulators.page import moment_from_page
from local.simulators.vendor import act


class _Deed(BaseModel):
    """`job` is a GUID; `by` an address (default: the customer, else the first person with a task)."""

    model_config = ConfigDict(extra="forbid")

    job: str
    by: str | None = None
    comment: str | None = None
    webhook: Literal["send", "silent"] = "send"


class _Remark(_Deed):
    comment: str


class _SetDue(_Deed):
    due_at: Annotated[AwareDatetime, BeforeValidator(moment_from_page)] | None = None


class _Rename(_Deed):
    name: str


class _SetStatus(_Deed):
    status: JobStatus


class People:
    """The acts. Every one is announced by a webhook unless it says `"webhook": "silent"`."""

    def __init__(self, account: Account, views: Views, announcements: Announcements) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements

    @act("approve")
    def approve(self, arguments: _Deed) -> dict[str, Any]:
        """Approve the proof."""
        return self._decide(arguments, "approved")

    @act("reject")
    def reject(self, arguments: _Deed) -> dict[str, Any]:
        """Reject the proof."""
        return self._decide(arguments, "rejected")

    @act("request-changes")
    def request_changes(self, arguments: _Deed) -> dict[str, Any]:
        """Ask for changes."""
        return self._decide(arguments, "change-requested")

    @act("comment")
    def comment(self, arguments: _Remark) -> dict[str, Any]:
        """Say `comment`."""
        job = self._account.job(arguments.job)
        self._account.log(job, "comments", arguments.comment, self._who(job, arguments))
        job.has_comment = True
        return self._told("commented", job, arguments)

    @act("set-due")
    def set_due(self, arguments: _SetDue) -> dict[str, Any]:
        """Move the due date of the job and its open tasks to `due_at`, or take it away."""
        job = self._account.job(arguments.job)
        job.due_at = arguments.due_at
        for task in job.tasks.values():
            if task.job_status is None:
                task.due_at, task.updated_at = arguments.due_at, self._account.now
        return self._told("updated", job, arguments)

    @act("rename")
    def rename(self, arguments: _Rename) -> dict[str, Any]:
        """Call it `name`."""
        job = self._account.job(arguments.job)
        job.name = arguments.name
        return self._told("updated", job, arguments)

    @act("set-status")
    def set_status(self, arguments: _SetStatus) -> dict[str, Any]:
        """Give the job any `status`, also those that only Good2Go itself gives: pending, expired."""
        job = self._account.job(arguments.job)
        self._account.set_status(job, arguments.status)
        return self._told("expired" if arguments.status == "expired" else "status", job, arguments)

    @act("delete")
    def delete(self, arguments: _Deed) -> dict[str, Any]:
        """Delete it as the API would: to the trash first."""
        job = self._account.job(arguments.job, trashed=True)
        by = self._who(job, arguments)
        if self._views.delete_action(job) == "delete":
            job.deleted_at = job.deleted_at or self._account.now
            self._account.delete(job)
        else:
            self._account.trash(job)
        self._announcements.by_person("deleted", job, by=by, webhook=arguments.webhook)
        return self._views.job(job)

    def _decide(self, arguments: _Deed, decision: str) -> dict[str, Any]:
        job = self._account.job(arguments.job)
        by = self._who(job, arguments)
        reviews = [task for task in job.tasks.values() if task.category == "review-task"]
        for task in reviews:
            if task.assigned_to == by:
                task.job_status, task.status, task.updated_at = decision, "done", self._account.now
        all_agree = all(task.job_status == decision for task in reviews)
        if (
            decision != "approved"
            or all_agree
            or not settings_of(self._account.simulator).approval_needs_all_reviewers
        ):
            self._account.set_status(job, decision)
        job.newly_assigned = False
        job.has_comment = job.has_comment or bool(arguments.comment)
        self._account.log(
            job, "comments.approval", f"(Status: {decision}) {arguments.comment or ''}".strip(), by
        )
        return self._told(decision, job, arguments, status=decision)

    def _told(self, what: str, job: Job, arguments: _Deed, **data: Any) -> dict[str, Any]:
        self._account.touch(job)
        by = self._who(job, arguments)
        said = {} if arguments.comment is None else {"comments": arguments.comment}
        self._announcements.by_person(what, job, by=by, webhook=arguments.webhook, **said, **data)
        return self._views.job(job)

    def _who(self, job: Job, arguments: _Deed) -> str:
        first = next((task.assigned_to for task in job.tasks.values()), self._account.email)
        return arguments.by or job.c_email or first
