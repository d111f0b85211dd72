"""GoodDay in Proofbridge's words: tasks that track proofs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.metrics import count
from proofbridge.vendors.errors import NotFoundError, RejectedError
from proofbridge.vendors.gateway import Effect, Lookup, Page

from .actions import GoodDayActions
from .client import GoodDay
from .mapping import StatusTable
from .models import Task

if TYPE_CHECKING:
    from proofbridge.config.loader import GoodDaySettings

log = logging.getLogger(__name__)


class GoodDayGateway:
    """What Proofbridge does at GoodDay, in the name of one user (see `proofbridge.gateways`)."""

    vendor = Vendor.GOODDAY

    def __init__(
        self, client: GoodDay, user_id: str, settings: GoodDaySettings, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._now = now
        self._settings = settings
        self._statuses = StatusTable(
            {status_id: status for status, ids in settings.statuses.items() for status_id in ids}
        )
        self._actions = GoodDayActions(client, user_id, settings, self._observation, now)

    def observe(self, ref: ItemRef) -> Observation:
        """Read a task: one call."""
        observed_at = self._now()
        try:
            return self._observation(self._client.tasks.get(ref.id), observed_at)
        except NotFoundError:
            return Observation(ref, observed_at, deleted=True)

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:
        """Yield the tasks of the watched projects with activity at or after the moment: a call a project.

        GoodDay has no filter by time, so whole projects are read, closed tasks included. What counts as
        activity is not documented: that a status, a date, a name, an assignee and a message do is assumed; a
        change that should not is found when everything is listed. A project that GoodDay doesn't show keeps
        no other from being read.
        """
        projects = self._settings.projects
        for project, after in zip(projects, (*projects[1:], None), strict=True):
            if resume is not None and resume in projects and project != resume:
                continue
            resume = None
            observed_at = self._now()
            try:
                tasks = self._client.tasks.of_project(project, closed=True)
            except (NotFoundError, RejectedError) as error:
                log.error("a project can't be read", extra={"project": project, "reason": str(error)})  # noqa: TRY400
                count("ListsUnreadable", vendor=self.vendor)
                continue
            yield Page(
                tuple(
                    self._observation(task, observed_at)
                    for task in sorted(tasks, key=_activity)
                    if moment is None or _activity(task) >= moment
                ),
                after,
            )

    def in_full(self, seen: Observation) -> Observation:
        """Return the entry: a list shows as much of a task as GoodDay does alone."""
        return seen

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action: one call, or two."""
        return self._actions.perform(action, target)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Find out whether an action took effect."""
        return self._actions.find(action, target, since)

    def _observation(self, task: Task, observed_at: datetime) -> Observation:
        due_at = None if task.deadline is None else datetime.combine(task.deadline, time(), UTC)
        return Observation(
            ref=ItemRef(Vendor.GOODDAY, ItemKind.TASK, task.id),
            observed_at=observed_at,
            updated_at=task.recent_activity_moment,
            status=self._statuses.review_status(task),
            vendor_status=None if task.status is None else task.status.name,
            name=task.name,
            due_at=due_at,
            assignee=task.assigned_to_user_id,
            project=task.project_id,
        )


def _activity(task: Task) -> datetime:
    """Return a task's last activity; one without any moment counts as active now."""
    return task.recent_activity_moment or task.moment_created or datetime.max.replace(tzinfo=UTC)
