"""What is written to GoodDay. The user on whose behalf that is done is an argument of each call."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictInt, StringConstraints

from proofbridge.vendors.writing import CalendarDay, RequestModel

BLOCKER = 50
EMERGENCY = 100


def _priority(number: int) -> int:
    if not 1 <= number <= 10 and number not in {BLOCKER, EMERGENCY}:  # noqa: PLR2004 - the vendor's scale
        raise ValueError("must be 1 to 10, 50 (blocker) or 100 (emergency)")
    return number


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Words = Annotated[str, StringConstraints(min_length=1)]
Priority = Annotated[StrictInt, AfterValidator(_priority)]
Minutes = Annotated[StrictInt, Field(ge=0)]
Percent = Annotated[StrictInt, Field(ge=0, le=100)]


class GoodDayRequest(RequestModel):
    """The base of what is written to GoodDay."""

    vendor: ClassVar[str] = "goodday"


class Comment(GoodDayRequest):
    """A comment ("Comment"). Its message may be left out at the vendor; an empty comment helps nobody."""

    message: Words


class Reply(GoodDayRequest):
    """Who has to act next ("Reply / Change AR user"). `actionRequiredUsedId` is the vendor's spelling."""

    action_required_user_id: Id = Field(alias="actionRequiredUsedId")
    message: Words | None = None


class StatusChange(GoodDayRequest):
    """A new status ("Update status")."""

    status_id: Id = Field(alias="statusId")
    message: Words | None = None


class TaskCreate(GoodDayRequest):
    """A new task ("Create task"). Without `end_date`, `start_date` is the day it is scheduled for."""

    project_id: Id = Field(alias="projectId")
    title: Words
    parent_task_id: Id | None = Field(default=None, alias="parentTaskId")
    message: str | None = None
    to_user_id: Id | None = Field(default=None, alias="toUserId")
    task_type_id: Id | None = Field(default=None, alias="taskTypeId")
    start_date: CalendarDay | None = Field(default=None, alias="startDate")
    end_date: CalendarDay | None = Field(default=None, alias="endDate")
    deadline: CalendarDay | None = None
    estimate: Minutes | None = None
    priority: Priority | None = None


class TaskUpdate(GoodDayRequest):
    """Changes to a task ("Update task"). What is left out stays; None empties a date, estimate or progress.

    The documentation writes the value that empties as 'null'; JSON's null is sent.
    """

    nullable: ClassVar[frozenset[str]] = frozenset(
        {"start-date", "end-date", "deadline", "estimate", "progress"}
    )

    start_date: CalendarDay | None = Field(default=None, alias="start-date")
    end_date: CalendarDay | None = Field(default=None, alias="end-date")
    deadline: CalendarDay | None = None
    priority: Priority | None = None
    estimate: Minutes | None = None
    progress: Percent | None = None
    title: Words | None = None
