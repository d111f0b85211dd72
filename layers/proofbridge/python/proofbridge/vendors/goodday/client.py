"""The GoodDay client.

with GoodDay(token="…") as goodday:
    made = goodday.tasks.create(TaskCreate(project_id="…", title="Check the proof"), user_id="…")
    goodday.tasks.comment(made.id, "The customer has approved.", user_id="…")
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final, Generic, TypeVar, Unpack

from pydantic import TypeAdapter
from pydantic_core import to_json

from proofbridge.vendors.client import VendorClient
from proofbridge.vendors.http import ApiSettings, VendorApi
from proofbridge.vendors.operation import Operation, header_token

from . import operations as op
from .inputs import Comment, GoodDayRequest, Reply, StatusChange, TaskCreate, TaskUpdate
from .models import CreatedTask, Message, Project, Status, Task, User

R = TypeVar("R")

DEFAULT_BASE_URL: Final = "https://api.goodday.work"

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TASK: Final = TypeAdapter(Task)
_TASKS: Final[TypeAdapter[tuple[Task, ...]]] = TypeAdapter(tuple[Task, ...])
_CREATED: Final = TypeAdapter(CreatedTask)
_MESSAGES: Final[TypeAdapter[tuple[Message, ...]]] = TypeAdapter(tuple[Message, ...])
_PROJECTS: Final[TypeAdapter[tuple[Project, ...]]] = TypeAdapter(tuple[Project, ...])
_USERS: Final[TypeAdapter[tuple[User, ...]]] = TypeAdapter(tuple[User, ...])
_STATUSES: Final[TypeAdapter[tuple[Status, ...]]] = TypeAdapter(tuple[Status, ...])


class Tasks:
    """GoodDay's tasks. Each write is done on behalf of `user_id`. Any method may raise any VendorError.

    Lists are answered whole: no paging is documented. A task that a list lacks need not be deleted, it may
    be closed.
    """

    def __init__(self, api: VendorApi) -> None:
        self._api = api

    def of_project(
        self, project_id: str, *, closed: bool = False, subfolders: bool = False
    ) -> tuple[Task, ...]:
        """Return a project's open tasks, with `closed` all of them ("Query project tasks").

        `subfolders` adds those of the projects below.
        """
        return self._api.read(
            op.PROJECT_TASKS,
            _TASKS,
            ids=self._ids(op.PROJECT_TASKS, project_id=project_id),
            query=_switches(closed=closed, subfolders=subfolders),
            item=f"project {project_id}",
        )

    def action_required(self, user_id: str) -> tuple[Task, ...]:
        """Return the tasks that wait for a user ("Query user action required tasks")."""
        ids = self._ids(op.ACTION_REQUIRED_TASKS, user_id=user_id)
        return self._api.read(op.ACTION_REQUIRED_TASKS, _TASKS, ids=ids, item=f"user {user_id}")

    def assigned(self, user_id: str, *, closed: bool = False) -> tuple[Task, ...]:
        """Return a user's open tasks, with `closed` all of them ("Query user assigned tasks")."""
        ids = self._ids(op.ASSIGNED_TASKS, user_id=user_id)
        query = _switches(closed=closed)
        return self._api.read(op.ASSIGNED_TASKS, _TASKS, ids=ids, query=query, item=f"user {user_id}")

    def get(self, task_id: str) -> Task:
        """Return one task, with the ids of its subtasks ("Get task")."""
        ids = self._ids(op.GET_TASK, task_id=task_id)
        return self._api.read(op.GET_TASK, _TASK, ids=ids, item=f"task {task_id}")

    def create(self, task: TaskCreate, *, user_id: str) -> CreatedTask:
        """Make a task in the name of a user, or a subtask of another task ("Create task")."""
        self._ids(op.CREATE_TASK, user_id=user_id)
        body = to_json({**task.fields(), "fromUserId": user_id})
        return self._api.read(op.CREATE_TASK, _CREATED, json=body, item=f"task in project {task.project_id}")

    def messages(self, task_id: str) -> tuple[Message, ...]:
        """Return what was said and changed on a task ("Query task messages")."""
        ids = self._ids(op.TASK_MESSAGES, task_id=task_id)
        return self._api.read(op.TASK_MESSAGES, _MESSAGES, ids=ids, item=f"task {task_id}")

    def comment(self, task_id: str, message: str, *, user_id: str) -> None:
        """Comment on a task ("Comment")."""
        self._write(op.COMMENT, task_id, user_id, Comment(message=message))

    def reply(
        self, task_id: str, *, action_required_user_id: str, user_id: str, message: str | None = None
    ) -> None:
        """Say who has to act next, with a message if given ("Reply / Change AR user")."""
        reply = Reply(action_required_user_id=action_required_user_id, message=message)
        self._write(op.REPLY, task_id, user_id, reply)

    def set_status(self, task_id: str, status_id: str, *, user_id: str, message: str | None = None) -> None:
        """Give a task a status, with a message if given ("Update status").

        Without a message it can be repeated; with one it isn't, the message would stand there twice.
        """
        change = StatusChange(status_id=status_id, message=message)
        operation = dataclasses.replace(op.SET_STATUS, retry_safe=op.SET_STATUS.retry_safe and not message)
        self._write(operation, task_id, user_id, change)

    def update(self, task_id: str, changes: TaskUpdate, *, user_id: str) -> None:
        """Change what is given of a task; None empties ("Update task")."""
        self._write(op.UPDATE_TASK, task_id, user_id, changes)

    def delete(self, task_id: str) -> None:
        """Delete a task and all that hangs on it: subtasks, time reports ("Delete Task").

        GoodDay itself advises to set a cancelling status instead.
        """
        self._api.do(op.DELETE_TASK, ids=self._ids(op.DELETE_TASK, task_id=task_id), item=f"task {task_id}")

    def _write(self, operation: Operation, task_id: str, user_id: str, request: GoodDayRequest) -> None:
        self._ids(operation, user_id=user_id)
        self._api.do(
            operation,
            ids=self._ids(operation, task_id=task_id),
            json=to_json({**request.fields(), "userId": user_id}),
            item=f"task {task_id}",
        )

    def _ids(self, operation: Operation, **ids: str) -> dict[str, str]:
        for field, value in ids.items():
            if not _ID.fullmatch(value):
                raise self._api.invalid(operation, field, "must be an id: letters, digits, _ and -")
        return ids


def _switches(**switches: bool) -> list[tuple[str, str]]:
    """Return the query's switches that are on: all are off when left out."""
    return [(name, "true") for name, on in switches.items() if on]


class Listing(Generic[R]):
    """What GoodDay has one list of: projects, users, statuses (outside the documentation at hand)."""

    def __init__(self, api: VendorApi, operation: Operation, answer: TypeAdapter[R]) -> None:
        self._api = api
        self._operation = operation
        self._answer = answer

    def list(self) -> R:
        """Return all of them."""
        return self._api.read(self._operation, self._answer)


class GoodDay(VendorClient[VendorApi]):
    """GoodDay's API 2.0, complete. `base_url` is an origin; the paths are added here.

    Calls raise VendorError and nothing else; a wrong `base_url` or `token` is a ValueError.
    """

    def __init__(
        self, *, token: str, base_url: str = DEFAULT_BASE_URL, **settings: Unpack[ApiSettings]
    ) -> None:
        secret = header_token(token, "the GoodDay token")
        headers = {"gd-api-token": secret}
        api = VendorApi("goodday", base_url, headers=lambda: headers, secrets=lambda: (secret,), **settings)
        self._bind(api)

    def _make_areas(self, api: VendorApi) -> None:
        self.tasks = Tasks(api)
        self.projects = Listing(api, op.LIST_PROJECTS, _PROJECTS)
        self.users = Listing(api, op.LIST_USERS, _USERS)
        self.statuses = Listing(api, op.LIST_STATUSES, _STATUSES)
