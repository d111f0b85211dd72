"""Good2Go's enumerations and field types, call by call: they are not the same everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from local.simulators.validation import Email, Strict, one_of_texts

JobStatus = Literal[
    "approved", "change-requested", "done", "expired", "new", "pending", "processing", "rejected"
]
FilterStatus = Literal["new", "approved", "rejected", "pending", "processing", "expired"]
INTERNAL_STATUSES: Final = frozenset({"pending", "processing"})
"""Statuses that stand in the enumeration and yet can't be assigned."""

Category = Literal[
    "assign-task", "forward-task", "quote-review-task", "review-task", "revision-task", "upload-task"
]
UploadCategory = Literal["assign-task", "forward-task", "review-task", "revision-task", "upload-task"]
FilterCategory = Literal["review-task", "upload-task", "revision-task", "assign-task"]
NotifyCategory = Literal["assign-task", "forward-task", "review-task", "revision-task"]

TaskStatus = Literal["new", "paused", "processing", "done"]
UpdateTaskStatus = Literal["closed", "done", "paused", "processing"]
NotifyTaskStatus = Literal["new", "paused", "processing"]

Reason = Literal["notify-task", "reset-task", "send-message", "update-task"]
UploadReason = Literal["notify-task", "reset-task", "send-message", "send-message-all", "update-task"]
Schedule = Literal["now", "later"]

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def _moment(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("must be a date of the form Y-m-dTH:i:s.vZ")
    return datetime.fromisoformat(value).astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A moment with milliseconds and Z."""

FormFlag = Annotated[bool, one_of_texts({"1": True, "": False})]
QueryFlag = Annotated[bool, one_of_texts({"1": True, "true": True, "0": False, "false": False, "": False})]
Line = Annotated[str, Field(min_length=1, max_length=255)]
AltText = Annotated[str, Field(max_length=255)]
Label = Annotated[str, Field(max_length=64)]
Puid = Annotated[str, Field(max_length=80)]


class Reviewer(Strict):
    """A reviewer: a person's address, or a group's name."""

    email: Email | None = None
    group: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("email or group is needed")
        return self


Reviewers = list[Reviewer | str]
"""What `reviewers` may hold; whether bare texts are taken is a setting."""
