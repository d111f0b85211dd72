"""The simulated Good2Go: its credentials, its errors, its page."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any, ClassVar

import flask
from flask import Request, Response
from pydantic_core import to_jsonable_python

from local.simulators.clock import iso
from local.simulators.good2go.account import Account, Job, Version
from local.simulators.good2go.actions import Actions
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.contacts import Contacts
from local.simulators.good2go.files import Files
from local.simulators.good2go.jobs import Jobs
from local.simulators.good2go.listing import Listing
from local.simulators.good2go.notices import Notices
from local.simulators.good2go.notifications import Notifications
from local.simulators.good2go.ownership import Ownership
from local.simulators.good2go.people import People
from local.simulators.good2go.reminders import Reminders
from local.simulators.good2go.settings import Good2GoSettings, settings_of
from local.simulators.good2go.tasks import Tasks
from local.simulators.good2go.views import Views
from local.simulators.page import Form, Input, Page, Row
from local.simulators.simulator import Simulator
from local.simulators.vendor import Operation, Settings, Vendor, ViolationError


class Good2Go(Vendor):
    """Good2Go, API v1."""

    name = "good2go"
    title = "Good2Go"
    settings_model: ClassVar[type[Settings]] = Good2GoSettings
    resource_types: ClassVar[tuple[type, ...]] = (
        Listing,
        Jobs,
        Contacts,
        Ownership,
        Files,
        Tasks,
        Reminders,
        Notifications,
        Actions,
        People,
    )

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._account = Account(simulator)
        self._views = Views(self._account)
        self._announcements = Announcements(simulator, self._account, self._views)
        simulator.webhooks = self._announcements.sender

    def resources(self) -> Iterable[object]:
        """Return the operations and the people."""
        notices = Notices(self._account)
        plain = (self._account, self._views)
        telling = (*plain, self._announcements)
        notifying = (*telling, notices)
        return (
            Listing(*plain),
            Jobs(*telling),
            Contacts(*telling),
            Ownership(*telling),
            Files(*notifying),
            Tasks(*notifying),
            Reminders(*plain),
            Notifications(*notifying),
            Actions(*notifying),
            People(*telling),
        )

    def reset(self) -> None:
        """Return to one empty folder."""
        self._account.reset()

    @property
    def validation_status(self) -> int:
        """The HTTP status of validation errors, a setting."""
        return settings_of(self.simulator).validation_status

    def authenticate(self, request: Request) -> None:
        """Demand `Authorization: Bearer <token>`."""
        expected = f"Bearer {settings_of(self.simulator).token}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise ViolationError(
                "the bearer token is missing or wrong", status=401, message="Unauthenticated."
            )

    def refusal(self, status: int, message: str) -> Response:
        """Return `{"error": {"message", "status_code"}}`."""
        answer = flask.jsonify({"error": {"message": message, "status_code": status}})
        answer.status_code = status
        return answer

    def refusal_of(self, operation: Operation | None, status: int, message: str) -> Response:
        """Return the error shape of an operation: the download, which knows no token, has its own."""
        if operation is None or operation.authenticated:
            return self.refusal(status, message)
        answer = flask.jsonify({"message": message})
        answer.status_code = status
        return answer

    def state(self) -> dict[str, Any]:
        """Return the jobs with all that hangs on them, the customers and the partners."""
        return {
            "jobs": [self._job_state(job) for job in self._account.jobs.values()],
            "customers": to_jsonable_python(list(self._account.customers.values())),
            "partners": to_jsonable_python(list(self._account.partners.values())),
        }

    def _job_state(self, job: Job) -> dict[str, Any]:
        names = set(Job.__dataclass_fields__) - {"versions", "tasks", "reminders", "log"}
        return {
            **{name: to_jsonable_python(getattr(job, name)) for name in sorted(names)},
            "version": job.version,
            "size": job.size_bytes,
            "versions": [_version_state(version) for version in job.versions],
            "tasks": to_jsonable_python(list(job.tasks.values())),
            "reminders": to_jsonable_python(list(job.reminders.values())),
            "changelogs": to_jsonable_python(job.log),
        }

    def page(self) -> Page:
        """Return the jobs, newest first."""
        jobs = [job for job in reversed(self._account.jobs.values()) if not job.is_folder]
        url = settings_of(self.simulator).webhook_url
        return Page(
            items="Jobs",
            columns=("Status", "Version", "Due", "Reviewers", "Folder", "Size"),
            rows=tuple(self._row(job) for job in jobs),
            hint="You are the customer here: decide on a proof, and watch what Proofbridge makes of it.",
            facts={"webhooks go to": "nowhere" if url is None else url.rpartition("@")[2]},
        )

    def _row(self, job: Job) -> Row:
        people = [task for task in job.tasks.values() if task.category == "review-task"]
        options = dict.fromkeys(
            [*(task.assigned_to for task in people), *([job.c_email] if job.c_email else [])]
        )
        by = Input("by", "as", "select", options=tuple((email, email) for email in options))
        hidden = {"job": job.guid}
        remark = Input("comment", "comment")
        folder = self._account.jobs.get(job.parent_guid or "")
        due = "" if job.due_at is None else job.due_at.strftime("%Y-%m-%dT%H:%M")
        status = f"{job.status} (in the trash)" if job.deleted_at else job.status
        decide = (("approve", "Approve"), ("request-changes", "Request changes"), ("reject", "Reject"))
        return Row(
            title=job.name,
            id=job.guid,
            status=_COLOURS.get(job.status, ""),
            cells=(
                status,
                job.version,
                due.replace("T", " "),
                ", ".join(f"{task.assigned_to}: {task.job_status or task.status}" for task in people),
                "" if folder is None else folder.name,
                f"{job.size_bytes:,} bytes",
            ),
            remarks=tuple(
                (entry.from_email, iso(entry.created_at), entry.comments)
                for entry in job.log
                if not entry.category.endswith("-info")
            ),
            forms=(
                Form((*decide, ("comment", "Only comment")), hidden, (remark, *((by,) if options else ()))),
                Form(
                    (("set-due", "Move due date"),),
                    hidden,
                    (Input("due_at", "due (UTC)", "datetime-local", due),),
                ),
            ),
            more=(
                Form((("rename", "Rename"),), hidden, (Input("name", "name", value=job.name),)),
                Form((("delete", "Delete"),), hidden),
            ),
        )


_COLOURS = {
    "approved": "good",
    "done": "good",
    "rejected": "bad",
    "expired": "bad",
    "change-requested": "warn",
}


def _version_state(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "name": version.name,
        "type": version.type,
        "sha256": version.blob.sha256,
        "size_bytes": version.blob.size_bytes,
        "via": version.via,
        "puid": version.puid,
        "uploaded_at": iso(version.uploaded_at),
    }
