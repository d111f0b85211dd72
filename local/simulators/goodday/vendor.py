"""The simulated GoodDay: its credentials, its errors, its page."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any, ClassVar

import flask
from flask import Request, Response
from pydantic_core import to_jsonable_python

from local.simulators.clock import iso
from local.simulators.goodday.directory import Directory
from local.simulators.goodday.people import People
from local.simulators.goodday.settings import GoodDaySettings, settings_of
from local.simulators.goodday.tasks import Tasks
from local.simulators.goodday.workspace import Task, Workspace
from local.simulators.page import Form, Input, Page, Row
from local.simulators.simulator import Simulator
from local.simulators.vendor import Settings, Vendor, ViolationError

_NOT_FOUND = 404


class GoodDay(Vendor):
    """GoodDay, API 2.0."""

    name = "goodday"
    title = "GoodDay"
    settings_model: ClassVar[type[Settings]] = GoodDaySettings
    resource_types: ClassVar[tuple[type, ...]] = (Tasks, Directory, People)

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._workspace = Workspace()

    def resources(self) -> Iterable[object]:
        """Return the operations and the people."""
        return (
            Tasks(self.simulator, self._workspace),
            Directory(self._workspace),
            People(self.simulator, self._workspace),
        )

    def reset(self) -> None:
        """Return to the seeded projects, users and statuses, with no task."""
        self._workspace.reset()

    @property
    def validation_status(self) -> int:
        """The HTTP status of validation errors, a setting."""
        return settings_of(self.simulator).validation_status

    def authenticate(self, request: Request) -> None:
        """Demand the header `gd-api-token`."""
        settings = settings_of(self.simulator)
        token = request.headers.get("gd-api-token", "")
        if not hmac.compare_digest(token.encode(), settings.token.encode()):
            raise ViolationError(
                "gd-api-token is missing or wrong",
                status=settings.unauthorized_status,
                message="Unauthorized",
            )

    def refusal(self, status: int, message: str) -> Response:
        """Return `{"error": message}`; the field and the status of 'not found' are settings."""
        settings = settings_of(self.simulator)
        answer = flask.jsonify({settings.error_field: message})
        answer.status_code = settings.not_found_status if status == _NOT_FOUND else status
        return answer

    def state(self) -> dict[str, Any]:
        """Return tasks with their messages, and the directory."""
        workspace = self._workspace
        return {
            "tasks": [
                {**to_jsonable_python(task), "status": to_jsonable_python(workspace.statuses[task.status_id])}
                for task in workspace.tasks.values()
            ],
            "projects": to_jsonable_python(list(workspace.projects.values())),
            "users": to_jsonable_python(list(workspace.users.values())),
            "statuses": to_jsonable_python(list(workspace.statuses.values())),
        }

    def page(self) -> Page:
        """Return the tasks, newest first."""
        rows = [self._row(task) for task in reversed(self._workspace.tasks.values())]
        return Page(
            items="Tasks",
            columns=("Status", "Project", "Deadline", "Assigned to", "Action required of", "Priority"),
            rows=tuple(rows),
            hint="You are a member of the team here: change a task and see whether Proofbridge notices.",
        )

    def _row(self, task: Task) -> Row:
        workspace = self._workspace
        status = workspace.statuses[task.status_id]
        user = Input(
            "user", "as", "select", "USRMGR", tuple((u.id, u.name) for u in workspace.users.values())
        )
        statuses = tuple((s.id, s.name) for s in workspace.statuses.values())
        hidden = {"task": task.id}
        return Row(
            title=task.name,
            id=task.id,
            status="good" if status.closed else "warn" if status.id == "STCHG" else "",
            cells=(
                status.name,
                workspace.projects[task.project_id].name,
                task.deadline or "",
                self._name(task.assigned_to),
                self._name(task.action_required),
                task.priority,
            ),
            remarks=tuple(
                (
                    self._name(message.from_user_id),
                    iso(message.at),
                    message.text or f"status: {workspace.statuses[message.status_id].name}"
                    if message.status_id
                    else message.text or "",
                )
                for message in task.messages
            ),
            forms=(
                Form(
                    buttons=(("set-status", "Set status"),),
                    hidden=hidden,
                    inputs=(
                        Input("status", "status", "select", task.status_id, statuses),
                        Input("comment", "comment"),
                        user,
                    ),
                ),
                Form((("comment", "Comment"),), hidden, (Input("comment", "comment"), user)),
                Form(
                    (("set-deadline", "Move deadline"),),
                    hidden,
                    (Input("deadline", "deadline", "date", str(task.deadline or "")),),
                ),
            ),
            more=(
                Form((("rename", "Rename"),), hidden, (Input("name", "name", value=task.name),)),
                Form((("delete", "Delete"),), hidden),
            ),
        )

    def _name(self, user_id: str | None) -> str:
        return "" if user_id is None else self._workspace.users[user_id].name
