"""Every operation of GoodDay: its method on the client, its path, and whether it can be repeated.

The documentation gives no HTTP method but for creating and updating; the others are from outside of it.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import Operation

_TASK = "/2.0/task/{task_id}"

PROJECT_TASKS: Final = Operation(
    "tasks.of_project", "GET", "/2.0/project/{project_id}/tasks", "Query project tasks", retry_safe=True
)
ACTION_REQUIRED_TASKS: Final = Operation(
    "tasks.action_required",
    "GET",
    "/2.0/user/{user_id}/action-required-tasks",
    "Query user action required tasks",
    retry_safe=True,
)
ASSIGNED_TASKS: Final = Operation(
    "tasks.assigned",
    "GET",
    "/2.0/user/{user_id}/assigned-tasks",
    "Query user assigned tasks",
    retry_safe=True,
)
GET_TASK: Final = Operation("tasks.get", "GET", _TASK, "Get task", retry_safe=True)
CREATE_TASK: Final = Operation("tasks.create", "POST", "/2.0/tasks", "Create task", retry_safe=False)
TASK_MESSAGES: Final = Operation(
    "tasks.messages", "GET", f"{_TASK}/messages", "Query task messages", retry_safe=True
)
COMMENT: Final = Operation("tasks.comment", "POST", f"{_TASK}/comment", "Comment", retry_safe=False)
REPLY: Final = Operation("tasks.reply", "POST", f"{_TASK}/reply", "Reply / Change AR user", retry_safe=False)
SET_STATUS: Final = Operation("tasks.set_status", "PUT", f"{_TASK}/status", "Update status", retry_safe=True)
"""Repeatable as long as no message goes with it; the client sees to that."""
UPDATE_TASK: Final = Operation("tasks.update", "PUT", f"{_TASK}/update", "Update task", retry_safe=True)
DELETE_TASK: Final = Operation("tasks.delete", "DELETE", _TASK, "Delete Task", retry_safe=False)

LIST_PROJECTS: Final = Operation(
    "projects.list", "GET", "/2.0/projects", "outside", retry_safe=True, outside=True
)
LIST_USERS: Final = Operation("users.list", "GET", "/2.0/users", "outside", retry_safe=True, outside=True)
LIST_STATUSES: Final = Operation(
    "statuses.list", "GET", "/2.0/statuses", "outside", retry_safe=True, outside=True
)

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Operation)
)
"""All of them, in the order of the documentation."""
