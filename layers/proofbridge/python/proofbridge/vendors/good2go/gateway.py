"""Good2Go in Proofbridge's words: jobs are proofs, review tasks are reviewers."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import (
    Decision,
    ItemKind,
    ItemRef,
    Observation,
    Person,
    ReviewStatus,
    Vendor,
    moment_text,
    parse_moment,
)
from proofbridge.vendors.errors import NotFoundError
from proofbridge.vendors.gateway import Effect, Lookup, Page

from .actions import Good2GoActions
from .client import Good2Go
from .enums import (
    DateField,
    JobSort,
    ListedTaskCategory,
    SortDirection,
    TaskStatus,
)
from .inputs import JobFilter
from .mapping import review_status
from .models import ChangeLog, Job, JobPage, JobSummary, Task

CROWD: Final = timedelta(seconds=1)
"""Good2Go shows whole seconds: jobs of one second can't be told apart by their moments."""

_LISTS_LACK: Final = ("reviewers", "comment", "decided_by")
_STATUS_NOTE: Final = re.compile(r"^\((?:Status|Assigned to): [^)]*\) *")
_DECISIONS: Final = {
    ReviewStatus.APPROVED: Decision.APPROVED,
    ReviewStatus.APPROVED_WITH_CHANGES: Decision.APPROVED_WITH_CHANGES,
    ReviewStatus.CHANGES_REQUESTED: Decision.CHANGES_REQUESTED,
    ReviewStatus.REJECTED: Decision.REJECTED,
}


class Good2GoGateway:
    """What Proofbridge does at Good2Go (see `proofbridge.gateways`)."""

    vendor = Vendor.GOOD2GO

    def __init__(self, client: Good2Go, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._actions = Good2GoActions(client, self.observe, now)

    def observe(self, ref: ItemRef) -> Observation:
        """Read a job: two calls, three where there is something to quote."""
        observed_at = self._now()
        try:
            job = self._client.jobs.get(ref.id)
            if job.deleted_at is not None:
                return observation(job, observed_at)  # from the trash, where its tasks can't be read
            tasks = self._client.tasks.list(ref.id, kinds=[ListedTaskCategory.REVIEW])
        except NotFoundError:
            return Observation(ref, observed_at, deleted=True)
        latest = None
        if job.has_comment or review_status(job.status) in _DECISIONS:
            # None, or a 404: nobody has said anything.
            with contextlib.suppress(NotFoundError):
                latest = self._client.jobs.latest_changelog(ref.id)
        return observation(job, observed_at, tasks, latest)

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:
        """Yield the files that were updated at or after the moment, by `date_for=updated_at`.

        Each page begins at the moment where the last one ended, because a page's number names no place: a
        job that changes while the list is read moves to its end, and all behind it move up.

            page 1: A 09:01, B 09:02     (A changes: page 2 would now begin with D)
            from 09:02: B 09:02, C 09:03
            from 09:03: C 09:03, D 09:04
        """
        start = moment if resume is None else parse_moment(resume)
        while True:
            observed_at = self._now()
            page = self._listed(start)
            first, last = (page.data[at].updated_at if page.data else None for at in (0, -1))
            if _is_last(page, 1):
                yield _page(page, observed_at)
                return
            if first is None or last is None:
                yield from self._crowd(start, None)
                return
            if first < last:
                start = last
                yield _page(page, observed_at, start)
                continue
            yield from self._crowd(last, last + CROWD)
            start = last + CROWD

    def _crowd(self, start: datetime | None, end: datetime | None) -> Iterator[Page]:
        """Yield by their numbers the pages of jobs that were all updated within a second, or at no moment.

        A job can only leave such a list. Where it has become shorter, those behind have moved up, and the
        list is read again.
        """
        number, total = 1, None
        while True:
            observed_at = self._now()
            page = self._listed(start, end, number)
            left = None if page.meta is None else page.meta.total
            shrunk = total is not None and left is not None and left < total
            ended = _is_last(page, number) and not shrunk
            yield _page(page, observed_at, end if ended else start)
            if ended:
                return
            number, total = (1 if shrunk else number + 1), left

    def _listed(self, start: datetime | None, end: datetime | None = None, number: int = 1) -> JobPage:
        wanted = JobFilter(
            flat=True,
            file_only=True,
            date_for=DateField.UPDATED_AT,
            start_date=start,
            end_date=end,
            sort_column=JobSort.UPDATED_AT,
            sort_direction=SortDirection.ASC,
        )
        return next(self._client.jobs.pages(wanted, first=number))

    def in_full(self, seen: Observation) -> Observation:
        """Read the job alone, with its people."""
        return self.observe(seen.ref)

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action."""
        return self._actions.perform(action, target)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Find out whether an action took effect."""
        return self._actions.find(action, target, since)


def _is_last(page: JobPage, number: int) -> bool:
    last = None if page.meta is None else page.meta.last_page
    return last is None or number >= last or not page.data


def _page(page: JobPage, observed_at: datetime, resume: datetime | None = None) -> Page:
    return Page(
        tuple(observation(job, observed_at) for job in page.data if not job.is_folder),
        None if resume is None else moment_text(resume),
    )


def observation(
    job: Job | JobSummary,
    observed_at: datetime,
    tasks: Iterable[Task] | None = None,
    latest: ChangeLog | None = None,
) -> Observation:
    """Say in our words what Good2Go shows of a job; without its tasks it is silent on the people."""
    ref = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, job.guid)
    if job.deleted_at is not None:
        return Observation(ref, observed_at, updated_at=job.updated_at, deleted=True)
    reviewers = None if tasks is None else people(tasks)
    status = review_status(job.status)
    decided_by = None
    if reviewers is not None and status in _DECISIONS:
        deciders = [person.id for person in reviewers if person.decision is _DECISIONS[status]]
        decided_by = ", ".join(deciders) or job.c_email
    due_at = job.due_at
    if due_at is None and tasks is not None:
        # A due date that came with an upload stands at the task.
        due_at = min((task.due_at for task in tasks if task.due_at is not None), default=None)
    silent_on = list(_LISTS_LACK) if tasks is None else []
    if tasks is None and job.due_at is None:
        silent_on.append("due_at")
    if status is None:
        silent_on.append("status")
    return Observation(
        ref=ref,
        observed_at=observed_at,
        updated_at=job.updated_at,
        status=status,
        vendor_status=None if job.status is None else str(job.status),
        name=job.name,
        version=job.version,
        due_at=due_at,
        assignee=job.asg_email,
        reviewers=reviewers,
        comment=_quotable(latest),
        decided_by=decided_by,
        url=job.path_url,
        project=job.parent_guid,
        silent_on=tuple(silent_on),
    )


def people(tasks: Iterable[Task]) -> tuple[Person, ...]:
    """Return the reviewers, one for each address: the newest task of each counts."""
    newest: dict[str, Task] = {}
    for task in tasks:
        if task.assigned_to and task.id is not None:
            before = newest.get(task.assigned_to)
            if before is None or before.id is None or task.id > before.id:
                newest[task.assigned_to] = task
    return tuple(
        Person(
            id=address,
            decision=_decision(task) if task.status is TaskStatus.DONE else None,
            task_id=None if task.status is TaskStatus.DONE else str(task.id),
        )
        for address, task in sorted(newest.items())
    )


def _decision(task: Task) -> Decision | None:
    status = review_status(task.job_status)
    return None if status is None else _DECISIONS.get(status)


def _quotable(entry: ChangeLog | None) -> str | None:
    """Return a history entry's words for people to read; data that the vendor keeps there is none."""
    text = (entry.comments or "").strip() if entry is not None else ""
    if text.startswith(("{", "[")):
        return None
    return _STATUS_NOTE.sub("", text) or None
