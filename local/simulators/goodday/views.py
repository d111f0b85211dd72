"""How GoodDay shows a task and a message: its own names, its zoneless moments of varying precision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from local.simulators.goodday.workspace import TASK_TYPES, Message, Task, Workspace

_SYSTEM_TYPE = 1
_FLOW_COMMENT = 1
_FLOW_TO_USER = 2


def task_view(workspace: Workspace, task: Task) -> dict[str, Any]:
    """Return a task as the lists show it."""
    status = workspace.statuses[task.status_id]
    return {
        "id": task.id,
        "shortId": task.short_id,
        "actionRequiredUserId": task.action_required,
        "assignedToUserId": task.assigned_to,
        "createdByUserId": task.created_by,
        "customFieldsData": {},
        "deadline": _day(task.deadline),
        "endDate": _day(task.end_date),
        "estimate": task.estimate,
        "momentClosed": None if task.closed_at is None else moment(task.closed_at, digits=6),
        "momentCreated": moment(task.created_at, digits=5),
        "name": task.name,
        "parentTaskId": task.parent_task_id,
        "priority": task.priority,
        "progress": task.progress,
        "projectId": task.project_id,
        "recentActivityMoment": moment(task.active_at, digits=6),
        "reportedTime": None,
        "scheduleDate": _day(task.schedule_date),
        "scheduleStatus": 0,
        "startDate": _day(task.start_date),
        "status": {"id": status.id, "name": status.name},
        "systemStatus": status.system,
        "systemType": _SYSTEM_TYPE,
        "taskType": {"id": task.task_type_id, "name": TASK_TYPES[task.task_type_id]},
        "users": list(task.users),
    }


def single_task_view(workspace: Workspace, task: Task) -> dict[str, Any]:
    """Return a task as the single call shows it: with its subtasks."""
    subtasks = [task_view(workspace, subtask) for subtask in workspace.subtasks(task)]
    return {**task_view(workspace, task), "subtasks": subtasks}


def message_view(workspace: Workspace, message: Message) -> dict[str, Any]:
    """Return a message."""
    status = None if message.status_id is None else workspace.statuses[message.status_id]
    return {
        "id": message.id,
        "dateCreated": moment(message.at, digits=0),
        "communicationFlow": _FLOW_COMMENT if message.to_user_id is None else _FLOW_TO_USER,
        "fromUserId": message.from_user_id,
        "toUserId": message.to_user_id,
        "message": message.text,
        "messageRTF": None if message.text is None else {"blocks": [{"text": message.text}]},
        "editByUserId": None,
        "editDate": None,
        "taskStatusId": message.status_id,
        "taskSystemStatusNew": None if status is None else status.system,
        "timeReportId": None,
    }


def moment(at: datetime, *, digits: int, separator: str = "T") -> str:
    """Write a moment in UTC without a zone, with so many digits of the fraction."""
    text = at.astimezone(UTC).strftime(f"%Y-%m-%d{separator}%H:%M:%S.%f")
    return text[: len(text) - 6 + digits].rstrip(".")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
