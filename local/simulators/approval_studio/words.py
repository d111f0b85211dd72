"""Approval Studio's enumerations and field types."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from local.simulators.validation import one_of_texts

ProjectState = Literal["Active", "OnHold", "Completed", "Archived", "InTransit"]
OPEN_STATES: Final = frozenset({"Active", "OnHold"})
"""In these a project can be edited and have tasks."""
CLOSED_STATES: Final = frozenset({"Completed", "Archived"})
"""In these a project can be deleted."""
STATES_LISTED: Final = frozenset({"Active", "OnHold", "Completed"})
"""What the list shows when no state is asked for."""

TaskType = Literal["ReviewAsset", "ReviewAssetExternal", "UploadAssets", "UploadChangedAsset", "UploadRefDoc"]
REVIEW_TASKS: Final = frozenset({"ReviewAsset", "ReviewAssetExternal"})
"""Ended by a decision; the others are completed."""
ASSET_UPLOAD_TASKS: Final = frozenset({"UploadAssets", "UploadChangedAsset"})
TaskStatus = Literal["Pending", "Completed", "Approved", "Rejected"]
Decision = Literal["Approved", "Rejected"]

EmailLanguage = Literal["English", "German", "French", "Polish", "Spanish", "Hebrew", "Ukrainian"]

EventType = Literal[
    "project.created",
    "project.edited",
    "project.state",
    "asset.uploaded",
    "asset.deleted",
    "refdoc.uploaded",
    "refdoc.deleted",
    "annotation.added",
    "annotation.edited",
    "annotation.deleted",
    "task.created",
    "task.completed",
    "task.deleted",
    "task.approved",
    "task.rejected",
    "webhook.test",
]

_DUE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?)?")


def _due(value: object) -> date:
    if not isinstance(value, str) or not _DUE.fullmatch(value):
        raise ValueError("must be an ISO date, or a date and time")
    if "T" not in value:
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Due = Annotated[datetime | date, BeforeValidator(_due)]
"""A day, or an aware moment in UTC; which of them it was is kept."""

Flag = Annotated[bool, one_of_texts({"true": True, "false": False, "True": True, "False": False})]
Uid = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(pattern=r"\S")]
"""Blanks alone count as empty."""
