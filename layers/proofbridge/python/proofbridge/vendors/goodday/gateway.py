"""GoodDay in Proofbridge's words: tasks that track proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from proofbridge.actions import Action
from proofbridge.gateways import Effect, Lookup
from proofbridge.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.vendors.errors import NotFoundError

from .actions import GoodDayActions
from .client import GoodDay
from .mapping import StatusTable
from .models import Task

if TYPE_CHECKING:
    from proofbridge.config import GoodDaySettings


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

    def changed_since(self, moment: datetime | None) -> Iterator[Observation]:
        """Yield the tasks of the watched projects with activity at or after the moment: a call a project.

        GoodDay has no filter by time, so whole projects are read, closed tasks included.
        """
        for project in self._settings.projects:
            observed_at = self._now()
            tasks = self._client.tasks.of_project(project, closed=True)
            for task in sorted(tasks, key=_activity):
                if moment is None or _activity(task) >= moment:
                    yield self._observation(task, observed_at)

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
    return task.recent_activity_moment or task.moment_created or datetime.min.replace(tzinfo=UTC)
