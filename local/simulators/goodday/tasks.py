"""GoodDay's operations on tasks (API 2.0, section Tasks)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from flask import Response
from pydantic import Field

from local.simulators.goodday.settings import settings_of
from local.simulators.goodday.views import message_view, moment, single_task_view, task_view
from local.simulators.goodday.workspace import TASK_TYPES, Task, Workspace
from local.simulators.simulator import Simulator
from local.simulators.validation import Day, Strict, one_of_texts
from local.simulators.vendor import RefusedError, ViolationError, operation

Flag = Annotated[bool, one_of_texts({"true": True, "false": False})]
Text = Annotated[str, Field(min_length=1)]
Minutes = Annotated[int, Field(ge=0)]
Priority = Annotated[int, Field(ge=1, le=10)] | Literal[50, 100]


class ProjectTasksQuery(Strict):
    """Query project tasks."""

    closed: Flag = False
    subfolders: Flag = False


class AssignedTasksQuery(Strict):
    """Query user assigned tasks."""

    closed: Flag = False


class NewTask(Strict):
    """Create task."""

    project_id: Text = Field(alias="projectId")
    title: Text
    from_user_id: Text = Field(alias="fromUserId")
    parent_task_id: Text | None = Field(alias="parentTaskId", default=None)
    message: str | None = None
    to_user_id: Text | None = Field(alias="toUserId", default=None)
    task_type_id: Text | None = Field(alias="taskTypeId", default=None)
    start_date: Day | None = Field(alias="startDate", default=None)
    end_date: Day | None = Field(alias="endDate", default=None)
    deadline: Day | None = None
    estimate: Minutes | None = None
    priority: Priority | None = None


class Comment(Strict):
    """Comment."""

    user_id: Text = Field(alias="userId")
    message: str | None = None


class Reply(Strict):
    """Reply / Change AR user; the parameter's name is spelled as the vendor spells it."""

    user_id: Text = Field(alias="userId")
    action_required_user_id: Text = Field(alias="actionRequiredUsedId")
    message: str | None = None


class StatusUpdate(Strict):
    """Update status."""

    user_id: Text = Field(alias="userId")
    status_id: Text = Field(alias="statusId")
    message: str | None = None


class TaskUpdate(Strict):
    """Update task; null resets a field where the vendor says so."""

    nullable: ClassVar[frozenset[str]] = frozenset(
        {"start-date", "end-date", "deadline", "estimate", "progress"}
    )

    user_id: Text = Field(alias="userId")
    start_date: Day | None = Field(alias="start-date", default=None)
    end_date: Day | None = Field(alias="end-date", default=None)
    deadline: Day | None = None
    priority: Priority | None = None
    estimate: Minutes | None = None
    progress: Annotated[int, Field(ge=0, le=100)] | None = None
    title: Text | None = None


class Tasks:
    """The handlers."""

    def __init__(self, simulator: Simulator, workspace: Workspace) -> None:
        self._simulator = simulator
        self._workspace = workspace

    @operation("GET", "/2.0/project/<project_id>/tasks", section="Query project tasks")
    def list_project_tasks(self, project_id: str, query: ProjectTasksQuery) -> list[dict[str, Any]]:
        """Return the tasks of a project, the open ones unless `closed`."""
        self._workspace.project(project_id)
        projects = self._workspace.folder(project_id, subfolders=query.subfolders)
        return self._views(
            task
            for task in self._workspace.tasks.values()
            if task.project_id in projects and (query.closed or task.closed_at is None)
        )

    @operation("GET", "/2.0/user/<user_id>/action-required-tasks", section="Query user action required tasks")
    def list_action_required_tasks(self, user_id: str) -> list[dict[str, Any]]:
        """Return the tasks in which something is required of a user."""
        self._user(user_id)
        return self._views(t for t in self._workspace.tasks.values() if t.action_required == user_id)

    @operation("GET", "/2.0/user/<user_id>/assigned-tasks", section="Query user assigned tasks")
    def list_assigned_tasks(self, user_id: str, query: AssignedTasksQuery) -> list[dict[str, Any]]:
        """Return the tasks assigned to a user, the open ones unless `closed`."""
        self._user(user_id)
        return self._views(
            task
            for task in self._workspace.tasks.values()
            if task.assigned_to == user_id and (query.closed or task.closed_at is None)
        )

    @operation("GET", "/2.0/task/<task_id>", section="Get task")
    def get_task(self, task_id: str) -> dict[str, Any]:
        """Return one task."""
        return single_task_view(self._workspace, self._workspace.task(task_id))

    @operation("POST", "/2.0/tasks", section="Create task")
    def create_task(self, body: NewTask) -> dict[str, Any]:
        """Create a task, or a subtask with `parentTaskId`."""
        if body.project_id not in self._workspace.projects:
            raise ViolationError(f"projectId: no project {body.project_id}")
        if body.parent_task_id is not None and body.parent_task_id not in self._workspace.tasks:
            raise ViolationError(f"parentTaskId: no task {body.parent_task_id}")
        if body.task_type_id is not None and body.task_type_id not in TASK_TYPES:
            raise ViolationError(f"taskTypeId: no task type {body.task_type_id}")
        self._workspace.require_user(body.from_user_id, "fromUserId")
        if body.to_user_id is not None:
            self._workspace.require_user(body.to_user_id, "toUserId")
        now = self._simulator.clock.now()
        task = self._workspace.new_task(
            body.project_id, body.title, body.from_user_id, now, body.task_type_id
        )
        task.parent_task_id = body.parent_task_id
        task.deadline, task.estimate, task.end_date = body.deadline, body.estimate, body.end_date
        task.priority = task.priority if body.priority is None else body.priority
        if body.end_date is None:
            task.schedule_date = body.start_date  # a start without an end is the day it is scheduled for
        else:
            task.start_date = body.start_date
        if body.to_user_id is not None:
            task.assigned_to = task.action_required = body.to_user_id
            self._workspace.touch(task, now, body.to_user_id)
        if body.message is not None:
            self._workspace.say(task, now, body.from_user_id, text=body.message, to_user_id=body.to_user_id)
        self._effect("create_task", task, body.from_user_id, title=task.name, message=body.message)
        return {
            "id": task.id,
            "momentCreated": moment(now, digits=6, separator=" "),
            "shortId": task.short_id,
        }

    @operation("GET", "/2.0/task/<task_id>/messages", section="Query task messages")
    def list_task_messages(self, task_id: str) -> list[dict[str, Any]]:
        """Return the messages of a task, oldest first."""
        task = self._workspace.task(task_id)
        return [message_view(self._workspace, message) for message in task.messages]

    @operation("POST", "/2.0/task/<task_id>/comment", section="Comment")
    def comment(self, task_id: str, body: Comment) -> Any:
        """Comment on a task."""
        task, user_id = self._on_behalf(task_id, body.user_id)
        self._workspace.say(task, self._simulator.clock.now(), user_id, text=body.message)
        self._effect("comment", task, user_id, message=body.message)
        return self._done()

    @operation("POST", "/2.0/task/<task_id>/reply", section="Reply / Change AR user")
    def reply(self, task_id: str, body: Reply) -> Any:
        """Reply, and name the user of whom something is required now."""
        task, user_id = self._on_behalf(task_id, body.user_id)
        required = self._workspace.require_user(body.action_required_user_id, "actionRequiredUsedId")
        now = self._simulator.clock.now()
        task.action_required = required
        self._workspace.say(task, now, user_id, text=body.message, to_user_id=required)
        self._workspace.touch(task, now, required)
        self._effect("reply", task, user_id, message=body.message, action_required=required)
        return self._done()

    @operation("PUT", "/2.0/task/<task_id>/status", section="Update status")
    def update_status(self, task_id: str, body: StatusUpdate) -> Any:
        """Change a task's status."""
        task, user_id = self._on_behalf(task_id, body.user_id)
        if body.status_id not in self._workspace.statuses:
            raise ViolationError(f"statusId: no status {body.status_id}")
        now = self._simulator.clock.now()
        self._workspace.set_status(task, body.status_id, now)
        self._workspace.say(task, now, user_id, text=body.message, status_id=body.status_id)
        self._effect("update_status", task, user_id, status=body.status_id, message=body.message)
        return self._done()

    @operation("PUT", "/2.0/task/<task_id>/update", section="Update task")
    def update_task(self, task_id: str, body: TaskUpdate) -> Any:
        """Change a task's other parameters."""
        task, user_id = self._on_behalf(task_id, body.user_id)
        changes = body.given()
        changes.pop("user_id")
        for name, value in changes.items():
            setattr(task, "name" if name == "title" else name, value)
        self._workspace.touch(task, self._simulator.clock.now(), user_id)
        shown = {name: None if value is None else str(value) for name, value in changes.items()}
        self._effect("update_task", task, user_id, changes=shown)
        return self._done()

    @operation("DELETE", "/2.0/task/<task_id>", section="Delete Task")
    def delete_task(self, task_id: str) -> Any:
        """Delete a task with all its subtasks."""
        deleted = self._workspace.delete(self._workspace.task(task_id))
        self._simulator.effect("delete_task", task_id, deleted=deleted)
        return self._done()

    def _user(self, user_id: str) -> None:
        if user_id not in self._workspace.users:
            raise RefusedError(404, f"user {user_id} not found")

    def _on_behalf(self, task_id: str, user_id: str) -> tuple[Task, str]:
        task = self._workspace.task(task_id)
        return task, self._workspace.require_user(user_id, "userId")

    def _views(self, tasks: Iterable[Task]) -> list[dict[str, Any]]:
        return [task_view(self._workspace, task) for task in tasks]

    def _effect(self, name: str, task: Task, user_id: str, **fields: Any) -> None:
        self._simulator.effect(name, task.id, by=user_id, **fields)

    def _done(self) -> Any:
        """Return what a write answers with, of which the documentation says nothing."""
        if settings_of(self._simulator).write_answer == "object":
            return {}
        return Response(b"", content_type="application/json")
