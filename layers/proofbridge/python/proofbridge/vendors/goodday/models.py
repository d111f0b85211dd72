"""What GoodDay answers. Fields have Python's names; moments without a zone are taken as UTC."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from proofbridge.vendors.reading import (
    Amount,
    AnswerModel,
    Count,
    Day,
    Many,
    Mapping,
    Moment,
    Part,
    RequiredText,
    Text,
)


class _GoodDayAnswer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


class TaskStatus(_GoodDayAnswer):
    """The status of a task. Statuses are each customer's own."""

    id: RequiredText
    name: Text = None


class TaskType(_GoodDayAnswer):
    """The type of a task."""

    id: RequiredText
    name: Text = None


def _ids(value: Any) -> Any:
    """Take ids from a list of ids or of objects: what a subtask looks like is not documented."""
    if not isinstance(value, list):
        return value
    return [entry.get("id") if isinstance(entry, dict) else entry for entry in value]


class Task(_GoodDayAnswer):
    """A task ("Query project tasks", "Get task").

    `estimate` and `reported_time` are minutes, `progress` is a percentage. `subtasks` has the subtasks' ids
    and is filled by `tasks.get` only. The name was written as `title`, `created_by_user_id` as the acting
    user and `assigned_to_user_id` as `to_user_id`.
    """

    id: RequiredText
    short_id: Text = None
    action_required_user_id: Text = None
    assigned_to_user_id: Text = None
    created_by_user_id: Text = None
    custom_fields_data: Mapping = Field(default_factory=dict)
    deadline: Day = None
    end_date: Day = None
    estimate: Amount = None
    moment_closed: Moment = None
    moment_created: Moment = None
    name: Text = None
    parent_task_id: Text = None
    priority: Count = None
    progress: Amount = None
    project_id: Text = None
    recent_activity_moment: Moment = None
    reported_time: Amount = None
    schedule_date: Day = None
    schedule_status: Count = None
    start_date: Day = None
    status: Part[TaskStatus] = None
    subtasks: Annotated[Many[RequiredText], BeforeValidator(_ids)] = ()
    system_status: Count = None
    system_type: Count = None
    task_type: Part[TaskType] = None
    users: Many[RequiredText] = ()


class CreatedTask(_GoodDayAnswer):
    """What is told of a task just made ("Create task")."""

    id: RequiredText
    moment_created: Moment = None
    short_id: Text = None


class Message(_GoodDayAnswer):
    """A message, and what changed with it: action required, status, time ("Query task messages")."""

    id: RequiredText
    communication_flow: Count = None
    date_created: Moment = None
    edit_by_user_id: Text = None
    edit_date: Moment = None
    from_user_id: Text = None
    message: Text = None
    message_rtf: Any = Field(default=None, alias="messageRTF")
    task_status_id: Text = None
    task_system_status_new: Count = None
    time_report_id: Text = None
    to_user_id: Text = None


class Project(_GoodDayAnswer):
    """A project (outside the documentation at hand: only `id` and `name` are relied on)."""

    id: RequiredText
    name: Text = None
    parent_project_id: Text = None
    system_type: Count = None


class User(_GoodDayAnswer):
    """A user (outside the documentation at hand)."""

    id: RequiredText
    name: Text = None
    primary_email: Text = None


class Status(_GoodDayAnswer):
    """A status of the organisation (outside the documentation at hand)."""

    id: RequiredText
    name: Text = None
    system_status: Count = None
