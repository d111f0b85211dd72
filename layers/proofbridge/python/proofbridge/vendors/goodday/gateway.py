"""GoodDay in Proofbridge's words: tasks that track proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from proofbridge.actions import Action
from proofbridge.catalogue import ActionName, CommentParams, CreateTaskParams, SetStatusParams
from proofbridge.gateways import Effect, Lookup
from proofbridge.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError

from .client import GoodDay
from .inputs import TaskCreate
from .mapping import StatusTable
from .models import Task

if TYPE_CHECKING:
    from proofbridge.config import GoodDaySettings

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far GoodDay's clock may be from ours."""

_NOT_TOLD_AT_CREATION: Final = ("status", "assignee", "url", "updated_at", "vendor_status", "due_at")
_ALL_BUT_STATUS: Final = (
    "updated_at",
    "vendor_status",
    "name",
    "version",
    "due_at",
    "assignee",
    "reviewers",
    "comment",
    "decided_by",
    "url",
)


class GoodDayGateway:
    """What Proofbridge does at GoodDay, in the name of one user (see `proofbridge.gateways`)."""

    vendor = Vendor.GOODDAY

    def __init__(
        self, client: GoodDay, user_id: str, settings: GoodDaySettings, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._now = now
        self._user_id = user_id
        self._settings = settings
        self._statuses = StatusTable(
            {status_id: status for status, ids in settings.statuses.items() for status_id in ids}
        )

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
        """Carry out an action: one call."""
        match action.name, target:
            case ActionName.GOODDAY_CREATE_TASK, None:
                return self._create(action)
            case ActionName.GOODDAY_SET_STATUS, ItemRef():
                return self._set_status(action, target)
            case ActionName.GOODDAY_COMMENT, ItemRef():
                message = CommentParams.model_validate(action.params).message
                self._client.tasks.comment(target.id, _signed(message, action), user_id=self._user_id)
                return Effect()
            case _:
                raise ValueError(f"{action.key}: GoodDay can't {action.name} {target}")

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Look for our marker in what was said on the task, or on tasks made since then."""
        if action.name is ActionName.GOODDAY_CREATE_TASK:
            return self._find_created(action, since)
        if target is None:
            raise ValueError(f"{action.key}: GoodDay can't look for {action.name}")
        if action.name is ActionName.GOODDAY_SET_STATUS:
            params = SetStatusParams.model_validate(action.params)
            if params.message is None:
                found = self.observe(target).status is params.status
            else:
                found = self._is_marked(target.id, action)
            return self._status_set(target, params) if found else Lookup.ABSENT
        return Effect() if self._is_marked(target.id, action) else Lookup.ABSENT

    def _create(self, action: Action) -> Effect:
        params = CreateTaskParams.model_validate(action.params)
        created = self._client.tasks.create(
            TaskCreate(
                project_id=params.project,
                title=params.title,
                message=_signed(params.message, action),
                to_user_id=params.assignee,
                task_type_id=params.task_type,
                deadline=None if params.deadline is None else date.fromisoformat(params.deadline),
            ),
            user_id=self._user_id,
        )
        ref = ItemRef(Vendor.GOODDAY, ItemKind.TASK, created.id)
        return Effect(Observation(ref, self._now(), name=params.title, silent_on=_NOT_TOLD_AT_CREATION))

    def _set_status(self, action: Action, target: ItemRef) -> Effect:
        params = SetStatusParams.model_validate(action.params)
        ids = self._settings.statuses.get(params.status)
        if not ids:
            raise InvalidRequestError(
                "status",
                f"config/vendors.toml names no GoodDay status for {params.status}",
                vendor=self.vendor,
                operation=action.name,
                item=str(target),
            )
        message = None if params.message is None else _signed(params.message, action)
        self._client.tasks.set_status(target.id, ids[0], user_id=self._user_id, message=message)
        return self._status_set(target, params)

    def _status_set(self, target: ItemRef, params: SetStatusParams) -> Effect:
        """Tell of our own write alone: what others have changed since is for the next look to find."""
        return Effect(Observation(target, self._now(), status=params.status, silent_on=_ALL_BUT_STATUS))

    def _find_created(self, action: Action, since: datetime) -> Effect | Lookup:
        params = CreateTaskParams.model_validate(action.params)
        observed_at = self._now()
        tasks = self._client.tasks.of_project(params.project, closed=True)
        # Somebody may have renamed it meanwhile, but it is likelier to be called as we called it.
        for task in sorted(tasks, key=lambda task: task.name != params.title):
            made_since = task.moment_created is None or task.moment_created >= since - CLOCK_DIFFERENCE
            if made_since and self._is_marked(task.id, action):
                return Effect(self._observation(task, observed_at))
        return Lookup.ABSENT

    def _is_marked(self, task_id: str, action: Action) -> bool:
        return any(
            action.marker in (message.message or "") for message in self._client.tasks.messages(task_id)
        )

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


def _signed(message: str, action: Action) -> str:
    """Add the marker by which the message can be found again."""
    return f"{message}\n({action.marker})"


def _activity(task: Task) -> datetime:
    return task.recent_activity_moment or task.moment_created or datetime.min.replace(tzinfo=UTC)
