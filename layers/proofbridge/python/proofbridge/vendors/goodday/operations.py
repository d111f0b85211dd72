"""Every operation of GoodDay: its method on the client, its path, and whether it can be repeated.

The documentation gives no HTTP method but for creating and updating; the others are from outside of it.
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.operation import OUTSIDE, Operation, delete, get, post, put

_TASK = "/2.0/task/{task_id}"

PROJECT_TASKS = get("tasks.of_project", "/2.0/project/{project_id}/tasks", "Query project tasks")
ACTION_REQUIRED_TASKS = get(
    "tasks.action_required", "/2.0/user/{user_id}/action-required-tasks", "Query user action required tasks"
)
ASSIGNED_TASKS = get("tasks.assigned", "/2.0/user/{user_id}/assigned-tasks", "Query user assigned tasks")
GET_TASK = get("tasks.get", _TASK, "Get task")
CREATE_TASK = post("tasks.create", "/2.0/tasks", "Create task")
TASK_MESSAGES = get("tasks.messages", _TASK + "/messages", "Query task messages")
COMMENT = post("tasks.comment", _TASK + "/comment", "Comment")
REPLY = post("tasks.reply", _TASK + "/reply", "Reply / Change AR user")
SET_STATUS = put("tasks.set_status", _TASK + "/status", "Update status")
"""Repeatable as long as no message goes with it; the client sees to that."""
UPDATE_TASK = put("tasks.update", _TASK + "/update", "Update task")
DELETE_TASK = delete("tasks.delete", _TASK, "Delete Task")

LIST_PROJECTS = get("projects.list", "/2.0/projects", OUTSIDE)
LIST_USERS = get("users.list", "/2.0/users", OUTSIDE)
LIST_STATUSES = get("statuses.list", "/2.0/statuses", OUTSIDE)

OPERATIONS: Final = Operation.all_in(globals())
"""All of them, in the order of the documentation."""
