"""One call of every GoodDay operation, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.inputs import TaskCreate, TaskUpdate

BOT: Final = "USRBRG"
DESIGNER: Final = "USRDSG"
PROJECT: Final = "PRJART"
ARCHIVE: Final = "PRJARC"
MISSING: Final = "NOPE"

CALLS: Final[Mapping[str, Callable[[GoodDay, str], object]]] = {
    "tasks.of_project": lambda client, _: client.tasks.of_project(PROJECT),
    "tasks.action_required": lambda client, _: client.tasks.action_required(BOT),
    "tasks.assigned": lambda client, _: client.tasks.assigned(BOT),
    "tasks.get": lambda client, task: client.tasks.get(task),
    "tasks.create": lambda client, _: client.tasks.create(
        TaskCreate(project_id=PROJECT, title="x"), user_id=BOT
    ),
    "tasks.messages": lambda client, task: client.tasks.messages(task),
    "tasks.comment": lambda client, task: client.tasks.comment(task, "x", user_id=BOT),
    "tasks.reply": lambda client, task: client.tasks.reply(
        task, action_required_user_id=DESIGNER, user_id=BOT
    ),
    "tasks.set_status": lambda client, task: client.tasks.set_status(task, "STREV", user_id=BOT),
    "tasks.update": lambda client, task: client.tasks.update(task, TaskUpdate(title="x"), user_id=BOT),
    "tasks.delete": lambda client, task: client.tasks.delete(task),
    "projects.list": lambda client, _: client.projects.list(),
    "users.list": lambda client, _: client.users.list(),
    "statuses.list": lambda client, _: client.statuses.list(),
}
