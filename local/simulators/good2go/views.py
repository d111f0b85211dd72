"""How Good2Go shows jobs, tasks and contacts: list, single job and action carry different fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from local.simulators.good2go.account import Account, Contact, Job, LogEntry, Task
from local.simulators.good2go.settings import settings_of

_ACTION_FIELDS: Final = (
    "asg_email",
    "asg_name",
    "c_email",
    "c_name",
    "created_at",
    "deleted_at",
    "due_at",
    "guid",
    "has_comment",
    "is_folder",
    "is_own",
    "name",
    "newly_assigned",
    "parent_guid",
    "path_url",
    "size",
    "status",
    "type",
    "updated_at",
    "version",
)
_CONTACT_FIELDS: Final = ("address", "alt_phone", "c_name", "city", "company", "group", "identity", "phone")


class Views:
    """Turns the account's objects into the vendor's JSON."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def moment(self, at: datetime | None) -> str | None:
        """Write a moment with milliseconds and Z."""
        if at is None:
            return None
        text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        whole = settings_of(self._account.simulator).whole_seconds
        return f"{text}{0 if whole else at.microsecond // 1000:03d}Z"

    def due(self, at: datetime | None) -> str | None:
        """Write a due date as it was given, with its milliseconds."""
        return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"

    def job(self, job: Job) -> dict[str, Any]:
        """Return the job information."""
        view = {
            "ac": {
                "can_assign": True,
                "can_delete": True,
                "can_download": job.cus_download,
                "can_edit": True,
                "can_view": True,
                "control_job": True,
                "delete_options": {"action": self.delete_action(job)},
            },
            "asg_email": job.asg_email,
            "asg_name": _name(job.asg_email),
            "c_email": job.c_email,
            "c_name": self._contact_name(self._account.customers, job.c_email),
            **self._shared(job),
            "more_info": _more_info(job),
            "p_name": self._contact_name(self._account.partners, job.p_email),
        }
        if job.assigned_at is not None:
            view["assigned_at"] = self.moment(job.assigned_at)
        if job.reviewed_at is not None:
            view["reviewed_at"] = self.moment(job.reviewed_at)
        if settings_of(self._account.simulator).puid_in_responses:
            view["puid"] = job.puid
        return view

    def row(self, job: Job) -> dict[str, Any]:
        """Return a job as the list shows it."""
        view = {
            "ac": {"can_delete": True, "can_download": True, "can_edit": True, "can_view": True},
            "asg_email": job.asg_email,
            "c_email": job.c_email,
            **self._shared(job),
            "reminded_at": self.moment(job.reminded_at),
            "set_to_me": job.asg_email == self._account.email,
            "user_email": job.owner_email,
        }
        if settings_of(self._account.simulator).puid_in_responses:
            view["puid"] = job.puid
        return view

    def acted_on(self, job: Job) -> dict[str, Any]:
        """Return a job as an action answers it."""
        view = self.job(job)
        return {name: view[name] for name in _ACTION_FIELDS}

    def delete_action(self, job: Job | None = None) -> str:
        """Say what deleting would do."""
        trash = settings_of(self._account.simulator).trash_on_delete
        return "trash" if trash and (job is None or job.deleted_at is None) else "delete"

    def task(self, task: Task) -> dict[str, Any]:
        """Return a task."""
        category = task.category
        if category == "review-task":
            category = settings_of(self._account.simulator).review_task_category_shown
        return {
            "assigned_to": task.assigned_to,
            "category": category,
            "created_at": self.moment(task.created_at),
            "due_at": self.due(task.due_at),
            "executed_at": self.moment(task.executed_at),
            "id": task.id,
            "job_status": task.job_status,
            "req_confirm": task.req_confirm,
            "status": "done" if task.status == "closed" else task.status,
            "updated_at": self.moment(task.updated_at),
        }

    def contact(self, contact: Contact) -> dict[str, Any]:
        """Return a customer or a partner; both use the customer's field names."""
        return {
            **{name: contact.details.get(name) for name in _CONTACT_FIELDS},
            "c_email": contact.email,
            "created_at": self.moment(contact.created_at),
            "id": contact.id,
            "state": contact.details.get("state"),
            "updated_at": self.moment(contact.updated_at),
            "valid_email": 1,
            "zip_code": contact.details.get("zip_code"),
        }

    def log_entry(self, job: Job, entry: LogEntry) -> dict[str, Any]:
        """Return a line of a job's history."""
        return {
            "category": entry.category,
            "comments": entry.comments,
            "created_at": self.moment(entry.created_at),
            "from_email": entry.from_email,
            "id": entry.id,
            "job_guid": job.guid,
        }

    def _shared(self, job: Job) -> dict[str, Any]:
        return {
            "created_at": self.moment(job.created_at),
            "cus_download": job.cus_download,
            "deleted_at": self.moment(job.deleted_at),
            "due_at": self.due(job.due_at),
            "guid": job.guid,
            "has_comment": job.has_comment,
            "is_folder": job.is_folder,
            "is_own": job.owner_email == self._account.email,
            "is_portal": job.is_portal,
            "is_watching": False,
            "locked": job.locked,
            "name": job.name,
            "newly_assigned": job.newly_assigned,
            "parent_guid": job.parent_guid,
            "p_email": job.p_email,
            "path_url": self._path_url(job),
            "size": job.size_bytes,
            "source": "in-app",
            "status": job.status,
            "type": job.type,
            "updated_at": self.moment(job.updated_at),
            "version": job.version,
        }

    def _path_url(self, job: Job) -> str | None:
        if job.is_folder:
            return None
        origin = settings_of(self._account.simulator).link_origin
        return f"{origin}/review/file/{job.guid}/document/{quote(job.name, safe='')}?version={job.version}"

    def _contact_name(self, contacts: dict[str, Contact], email: str | None) -> str | None:
        return None if email is None else self._account.contact(contacts, email).details.get("c_name")


def _name(email: str | None) -> str | None:
    return None if email is None else email.partition("@")[0].replace(".", " ").title()


def _more_info(job: Job) -> dict[str, Any] | None:
    if job.is_folder:
        return None
    page = {"bits": 0, "color": "UNKNOWN", "height": 842, "mime": job.type, "width": 595}
    return {"annotations": {"annot_cnt": 0, "annot_cnt_plus": False}, "pageCount": 1, "pages": [page]}
