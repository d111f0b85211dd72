"""Good2Go's job list: every filter, sorting and pages (section Get job list)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from local.simulators.good2go.account import Account, Job
from local.simulators.good2go.settings import settings_of
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import FilterStatus, Moment, QueryFlag
from local.simulators.validation import Email, IntText, Strict, is_guid
from local.simulators.vendor import operation


def _guid_or_empty(text: str) -> str:
    if text and not is_guid(text):
        raise ValueError("must be a GUID or empty")
    return text


class JobsQuery(Strict):
    """Get job list. `dir_only` and `file_only` act by being there, whatever their value."""

    assignee: Literal["any", "none", "only", "user"] | None = None
    customer: Email | None = None
    date_for: Literal["assigned_at", "created_at", "due_at", "reviewed_at", "updated_at"] = "due_at"
    dir_only: str | None = None
    end_date: Moment | None = None
    file_only: str | None = None
    flat: QueryFlag = False
    name: str | None = None
    page: Annotated[IntText, Field(ge=1)] = 1
    parent: Annotated[str, AfterValidator(_guid_or_empty)] = ""
    p_email: Email | None = None
    sort_column: (
        Literal[
            "asg_email",
            "created_at",
            "customer",
            "due_at",
            "name",
            "owner",
            "p_email",
            "size",
            "updated_at",
        ]
        | None
    ) = None
    sort_direction: Literal["ASC", "DESC"] = "ASC"
    start_date: Moment | None = None
    state: Literal["deleted"] | None = None
    status: FilterStatus | None = None
    type: str | None = None


_SORT_KEYS: Final[dict[str, Callable[[Job], Any]]] = {
    "asg_email": lambda job: job.asg_email,
    "created_at": lambda job: job.created_at,
    "customer": lambda job: job.c_email,
    "due_at": lambda job: job.due_at,
    "name": lambda job: job.name.casefold(),
    "owner": lambda job: job.owner_email,
    "p_email": lambda job: job.p_email,
    "size": lambda job: job.size_bytes,
    "updated_at": lambda job: job.updated_at,
}


class Listing:
    """The handler of the list."""

    def __init__(self, account: Account, views: Views) -> None:
        self._account = account
        self._views = views

    @operation("GET", "/api/v1/jobs", section="Get job list")
    def list_jobs(self, query: JobsQuery) -> dict[str, Any]:
        """Return one page of the jobs that match, in the order of their creation unless sorted."""
        folder = self._account.folder(query.parent or None)
        jobs = [job for job in self._scope(query) if self._matches(job, query)]
        if query.sort_column is not None:
            key = _SORT_KEYS[query.sort_column]
            jobs.sort(
                key=lambda job: (key(job) is not None, key(job)) if key(job) is not None else (False,),
                reverse=query.sort_direction == "DESC",
            )
        elif query.sort_direction == "DESC":
            jobs.reverse()
        return {
            "ac": {
                "can_assign": True,
                "can_delete": True,
                "can_edit": True,
                "can_view": True,
                "control_job": True,
                "delete_options": {"action": self._views.delete_action()},
                "doc_token": None,
            },
            **self._page(jobs, query.page),
            "guid": "" if folder is None else folder.guid,
            "name": "" if folder is None else folder.name,
            "parent_guid": "" if folder is None else folder.parent_guid or "",
            "p_email": None if folder is None else folder.p_email,
        }

    def _scope(self, query: JobsQuery) -> list[Job]:
        """Return the jobs at the place asked for; the trash, like `flat`, knows no levels."""
        parent = query.parent or None
        if query.flat or (query.state == "deleted" and parent is None):
            return self._account.under(parent)
        return [job for job in self._account.jobs.values() if job.parent_guid == parent]

    def _matches(self, job: Job, query: JobsQuery) -> bool:
        return (
            (job.deleted_at is not None) == (query.state == "deleted")
            and not (query.dir_only is not None and not job.is_folder)
            and not (query.file_only is not None and job.is_folder)
            and _same(query.customer, job.c_email)
            and _same(query.p_email, job.p_email)
            and query.status in {None, job.status}
            and query.type in {None, job.type}
            and (query.name or "").casefold() in job.name.casefold()
            and self._matches_assignee(job, query.assignee)
            and _within(getattr(job, query.date_for), query.start_date, query.end_date)
        )

    def _matches_assignee(self, job: Job, wanted: str | None) -> bool:
        me = self._account.email
        owned = job.owner_email == me
        return {
            None: True,
            "any": owned or job.asg_email == me,
            "none": job.asg_email is None,
            "only": job.asg_email == me or (owned and job.asg_email not in {None, me}),
            "user": job.asg_email == me,
        }[wanted]

    def _page(self, jobs: list[Job], number: int) -> dict[str, Any]:
        settings = settings_of(self._account.simulator)
        path = f"{settings.link_origin}/api/v1/jobs"
        last = max(1, -(-len(jobs) // settings.per_page))
        first_index = (number - 1) * settings.per_page
        shown = jobs[first_index : first_index + settings.per_page]
        return {
            "data": [self._views.row(job) for job in shown],
            "links": {
                "first": f"{path}?page=1",
                "last": f"{path}?page={last}",
                "prev": f"{path}?page={number - 1}" if number > 1 else None,
                "next": f"{path}?page={number + 1}" if number < last else None,
            },
            "meta": {
                "current_page": number,
                "from": first_index + 1 if shown else None,
                "last_page": last,
                "path": path,
                "per_page": settings.per_page,
                "to": first_index + len(shown) if shown else None,
                "total": len(jobs),
            },
        }


def _same(wanted: str | None, actual: str | None) -> bool:
    return wanted is None or (actual is not None and wanted.casefold() == actual.casefold())


def _within(at: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    if start is None and end is None:
        return True
    return at is not None and (start is None or start <= at) and (end is None or at <= end)
