"""What a GoodDay organization holds: projects, users, statuses, tasks and their messages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from local.simulators.vendor import RefusedError, ViolationError


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the organization."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project; `parent_id` makes it the subfolder of another."""

    id: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A status that a task can have, and the number of the system status under it."""

    id: str
    name: str
    system: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a task's stream: a comment, a reply, a new status."""

    id: str
    at: datetime
    from_user_id: str
    to_user_id: str | None = None
    text: str | None = None
    status_id: str | None = None


@dataclass(slots=True)
class Task:
    """A task."""

    id: str
    short_id: str
    project_id: str
    name: str
    created_by: str
    created_at: datetime
    active_at: datetime
    status_id: str
    task_type_id: str
    parent_task_id: str | None = None
    assigned_to: str | None = None
    action_required: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    schedule_date: date | None = None
    deadline: date | None = None
    estimate: int | None = None
    priority: int = 5
    progress: int | None = None
    closed_at: datetime | None = None
    users: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


USERS: Final = (
    User("USRBRG", "Proofbridge bot"),
    User("USRDSG", "Dana Sign (designer)"),
    User("USRMGR", "Morgan Agers (manager)"),
)
PROJECTS: Final = (Project("PRJART", "Artwork"), Project("PRJARC", "Archive", parent_id="PRJART"))
STATUSES: Final = (
    Status("STNEW", "Not started", 1, closed=False),
    Status("STREV", "In review", 2, closed=False),
    Status("STCHG", "Changes requested", 2, closed=False),
    Status("STDONE", "Done", 5, closed=True),
    Status("STCNC", "Cancelled", 6, closed=True),
)
TASK_TYPES: Final = {"TTTASK": "Task", "TTPRF": "Proof"}

_FIRST_STATUS = "STNEW"
_FIRST_TYPE = "TTTASK"


class Workspace:
    """The state of the simulated organization."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the seeded state."""
        self.users = {user.id: user for user in USERS}
        self.projects = {project.id: project for project in PROJECTS}
        self.statuses = {status.id: status for status in STATUSES}
        self.tasks: dict[str, Task] = {}
        self._numbers = itertools.count(1)
        self._message_numbers = itertools.count(1)

    def task(self, task_id: str) -> Task:
        """Return a task; RefusedError 404 if there is none."""
        if task_id not in self.tasks:
            raise RefusedError(404, f"task {task_id} not found")
        return self.tasks[task_id]

    def project(self, project_id: str) -> Project:
        """Return a project; RefusedError 404 if there is none."""
        if project_id not in self.projects:
            raise RefusedError(404, f"project {project_id} not found")
        return self.projects[project_id]

    def require_user(self, user_id: str, parameter: str) -> str:
        """Return the id of a user named in a body; ViolationError if nobody has it."""
        if user_id not in self.users:
            raise ViolationError(f"{parameter}: no user {user_id}")
        return user_id

    def new_task(
        self, project_id: str, name: str, created_by: str, at: datetime, task_type_id: str | None
    ) -> Task:
        """Add a task in the first status."""
        number = next(self._numbers)
        task = Task(
            id=f"TSK{number:04d}",
            short_id=str(number),
            project_id=project_id,
            name=name,
            created_by=created_by,
            created_at=at,
            active_at=at,
            status_id=_FIRST_STATUS,
            task_type_id=task_type_id or _FIRST_TYPE,
            users=[created_by],
        )
        self.tasks[task.id] = task
        return task

    def say(self, task: Task, at: datetime, from_user_id: str, **fields: Any) -> Message:
        """Append a message to a task's stream, which is activity."""
        message = Message(f"MSG{next(self._message_numbers):05d}", at, from_user_id, **fields)
        task.messages.append(message)
        self.touch(task, at, from_user_id)
        return message

    def touch(self, task: Task, at: datetime, *user_ids: str) -> None:
        """Note activity at a moment, by or for users who then take part."""
        task.active_at = at
        task.users.extend(user_id for user_id in user_ids if user_id not in task.users)

    def set_status(self, task: Task, status_id: str, at: datetime) -> None:
        """Change a task's status; closed statuses close it, others open it again."""
        closed = self.statuses[status_id].closed
        task.status_id = status_id
        if closed and task.closed_at is None:
            task.closed_at = at
            task.action_required = None
        elif not closed:
            task.closed_at = None

    def subtasks(self, task: Task) -> list[Task]:
        """Return the tasks directly under a task."""
        return [other for other in self.tasks.values() if other.parent_task_id == task.id]

    def delete(self, task: Task) -> list[str]:
        """Delete a task and everything under it; returns the ids."""
        deleted = [task.id]
        for subtask in self.subtasks(task):
            deleted += self.delete(subtask)
        self.tasks.pop(task.id)
        return deleted

    def folder(self, project_id: str, *, subfolders: bool) -> set[str]:
        """Return the ids of a project and, if asked, of all projects under it."""
        ids = {project_id}
        while subfolders:
            more = {p.id for p in self.projects.values() if p.parent_id in ids} - ids
            if not more:
                break
            ids |= more
        return ids
