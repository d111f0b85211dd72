"""What Proofbridge does with GoodDay's tasks, and how it finds out whether it was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Vendor, partly
from proofbridge.vendors.catalogue import (
    ActionName,
    CommentParams,
    CreateTaskParams,
    ReplyParams,
    SetStatusParams,
    UpdateParams,
)
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.gateway import Effect, Lookup

from .client import GoodDay
from .inputs import TaskCreate, TaskUpdate
from .models import Task

if TYPE_CHECKING:
    from proofbridge.config.loader import GoodDaySettings

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far GoodDay's clock may be from ours."""

ShowTask = Callable[[Task, datetime], Observation]


class GoodDayActions:
    """Performs the catalogue's actions on tasks, in the name of one user. Every method may raise VendorError.

    What is said on a task carries our marker, by which it is found again.
    """

    def __init__(
        self,
        client: GoodDay,
        user_id: str,
        settings: GoodDaySettings,
        show: ShowTask,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._user_id = user_id
        self._settings = settings
        self._show = show
        self._now = now

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action."""
        match action.name, target:
            case ActionName.GOODDAY_CREATE_TASK, None:
                return self._create(action)
            case ActionName.GOODDAY_SET_STATUS, ItemRef():
                return self._set_status(action, target)
            case ActionName.GOODDAY_COMMENT, ItemRef():
                return self._comment(action, target, CommentParams.model_validate(action.params).message)
            case ActionName.GOODDAY_REPLY, ItemRef():
                return self._reply(action, target)
            case ActionName.GOODDAY_UPDATE, ItemRef():
                return self._update(action, target)
            case _:
                raise ValueError(f"{action.key}: GoodDay can't {action.name} {target}")

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Look for our marker in what was said on the task, or on tasks made since then."""
        match action.name, target:
            case ActionName.GOODDAY_CREATE_TASK, None:
                return self._find_created(action, since)
            case ActionName.GOODDAY_SET_STATUS, ItemRef():
                return self._find_status(action, target)
            case ((ActionName.GOODDAY_COMMENT | ActionName.GOODDAY_REPLY), ItemRef()):
                return Effect() if self._is_marked(target.id, action) else Lookup.ABSENT
            case _:
                raise ValueError(f"{action.key}: GoodDay can't look for {action.name} of {target}")

    def _create(self, action: Action) -> Effect:
        params = CreateTaskParams.model_validate(action.params)
        deadline = None if params.deadline is None else date.fromisoformat(params.deadline)
        created = self._client.tasks.create(
            TaskCreate(
                project_id=params.project,
                title=params.title,
                message=_signed(params.message, action),
                to_user_id=params.assignee,
                task_type_id=params.task_type,
                deadline=deadline,
            ),
            user_id=self._user_id,
        )
        known: dict[str, Any] = {"name": params.title, "project": params.project, "due_at": _due_at(deadline)}
        if params.assignee is not None:
            known["assignee"] = params.assignee
        return self._now_so(ItemRef(Vendor.GOODDAY, ItemKind.TASK, created.id), **known)

    def _set_status(self, action: Action, target: ItemRef) -> Effect:
        params = SetStatusParams.model_validate(action.params)
        ids = self._settings.statuses.get(params.status)
        if not ids:
            raise InvalidRequestError(
                "status",
                f"config/vendors.toml names no GoodDay status for {params.status}",
                vendor=Vendor.GOODDAY,
                operation=action.name,
                item=str(target),
            )
        message = None if params.message is None else _signed(params.message, action)
        self._client.tasks.set_status(target.id, ids[0], user_id=self._user_id, message=message)
        return self._now_so(target, status=params.status)

    def _comment(self, action: Action, target: ItemRef, message: str) -> Effect:
        self._client.tasks.comment(target.id, _signed(message, action), user_id=self._user_id)
        return Effect()

    def _reply(self, action: Action, target: ItemRef) -> Effect:
        """Say who has to act next: without a name whoever has the task; where nobody has it, just speak."""
        params = ReplyParams.model_validate(action.params)
        person = params.person or self._client.tasks.get(target.id).assigned_to_user_id
        if person is None:
            return self._comment(action, target, params.message)
        self._client.tasks.reply(
            target.id,
            action_required_user_id=person,
            user_id=self._user_id,
            message=_signed(params.message, action),
        )
        return Effect()

    def _update(self, action: Action, target: ItemRef) -> Effect:
        """Change what is given; the empty text takes a date away ("Update task": null to reset)."""
        params = UpdateParams.model_validate(action.params)
        days = {"start": "start_date", "end": "end_date", "deadline": "deadline"}
        changes = {
            days.get(name, name): (None if value == "" else date.fromisoformat(value))
            if name in days
            else value
            for name, value in params.model_dump(exclude_none=True).items()
        }
        self._client.tasks.update(target.id, TaskUpdate(**changes), user_id=self._user_id)
        known: dict[str, Any] = {}
        if "deadline" in changes:
            known["due_at"] = _due_at(changes["deadline"])
        if "title" in changes:
            known["name"] = changes["title"]
        return self._now_so(target, **known) if known else Effect()

    def _find_status(self, action: Action, target: ItemRef) -> Effect | Lookup:
        params = SetStatusParams.model_validate(action.params)
        if params.message is None:
            task = self._client.tasks.get(target.id)
            found = self._show(task, self._now()).status is params.status
        else:
            found = self._is_marked(target.id, action)
        return self._now_so(target, status=params.status) if found else Lookup.ABSENT

    def _find_created(self, action: Action, since: datetime) -> Effect | Lookup:
        params = CreateTaskParams.model_validate(action.params)
        observed_at = self._now()
        tasks = self._client.tasks.of_project(params.project, closed=True)
        # Somebody may have renamed it meanwhile, but it is likelier to be called as we called it.
        for task in sorted(tasks, key=lambda task: task.name != params.title):
            made_since = task.moment_created is None or task.moment_created >= since - CLOCK_DIFFERENCE
            if made_since and self._is_marked(task.id, action):
                return Effect(self._show(task, observed_at))
        return Lookup.ABSENT

    def _is_marked(self, task_id: str, action: Action) -> bool:
        return any(
            action.marker in (message.message or "") for message in self._client.tasks.messages(task_id)
        )

    def _now_so(self, target: ItemRef, **known: Any) -> Effect:
        """Tell of our own write alone: what others have changed since is for the next look to find."""
        return Effect(partly(target, self._now(), **known))


def _due_at(deadline: date | None) -> datetime | None:
    return None if deadline is None else datetime.combine(deadline, time(), UTC)


def _signed(message: str, action: Action) -> str:
    """Add the marker by which the message can be found again."""
    return f"{message}\n({action.marker})"
