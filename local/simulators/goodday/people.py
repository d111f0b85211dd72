"""What people do in GoodDay: `POST /_control/act/<name>`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from local.simulators.goodday.workspace import Task, Workspace
from local.simulators.simulator import Simulator
from local.simulators.vendor import RefusedError, act

_DEFAULT_USER = "USRMGR"


class _Deed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    task: str
    user: str = _DEFAULT_USER
    comment: str | None = None


class _SetStatus(_Deed):
    status: str


class _Remark(_Deed):
    comment: str


class _SetDeadline(_Deed):
    deadline: date | None = None


class _Rename(_Deed):
    name: str


class People:
    """The acts. Each takes `task` and `user` (default USRMGR), and may carry a `comment`."""

    def __init__(self, simulator: Simulator, workspace: Workspace) -> None:
        self._simulator = simulator
        self._workspace = workspace

    @act("set-status")
    def set_status(self, arguments: _SetStatus) -> dict[str, Any]:
        """Change the status to `status`, an id."""
        task = self._task(arguments)
        if arguments.status not in self._workspace.statuses:
            raise RefusedError(400, f"no status {arguments.status}")
        self._workspace.set_status(task, arguments.status, self._simulator.clock.now())
        return self._note(task, arguments, status_id=arguments.status)

    @act("comment")
    def comment(self, arguments: _Remark) -> dict[str, Any]:
        """Say `comment`."""
        return self._note(self._task(arguments), arguments)

    @act("set-deadline")
    def set_deadline(self, arguments: _SetDeadline) -> dict[str, Any]:
        """Move the deadline to the day `deadline`, or take it away."""
        task = self._task(arguments)
        task.deadline = arguments.deadline
        return self._note(task, arguments)

    @act("rename")
    def rename(self, arguments: _Rename) -> dict[str, Any]:
        """Call it `name`."""
        task = self._task(arguments)
        task.name = arguments.name
        return self._note(task, arguments)

    @act("delete")
    def delete(self, arguments: _Deed) -> dict[str, Any]:
        """Delete it with its subtasks."""
        return {"deleted": self._workspace.delete(self._task(arguments))}

    def _task(self, arguments: _Deed) -> Task:
        if arguments.user not in self._workspace.users:
            raise RefusedError(400, f"no user {arguments.user}")
        return self._workspace.task(arguments.task)

    def _note(self, task: Task, arguments: _Deed, **fields: Any) -> dict[str, Any]:
        now = self._simulator.clock.now()
        if arguments.comment is not None or fields:
            self._workspace.say(task, now, arguments.user, text=arguments.comment, **fields)
        else:
            self._workspace.touch(task, now, arguments.user)
        return {"task": task.id}
