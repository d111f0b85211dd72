"""Approval Studio's words, and the rules between its project states."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final


class ProjectState(enum.StrEnum):
    """Every state a project can be in ("States")."""

    ACTIVE = "Active"
    ON_HOLD = "OnHold"
    COMPLETED = "Completed"
    ARCHIVED = "Archived"
    IN_TRANSIT = "InTransit"


class SettableState(enum.StrEnum):
    """The states that can be set: `InTransit` is the vendor's own, while files move between storages."""

    ACTIVE = "Active"
    ON_HOLD = "OnHold"
    COMPLETED = "Completed"
    ARCHIVED = "Archived"


STATE_CHANGES: Final[Mapping[ProjectState, frozenset[SettableState]]] = {
    ProjectState.ACTIVE: frozenset({SettableState.ON_HOLD, SettableState.COMPLETED}),
    ProjectState.ON_HOLD: frozenset({SettableState.ACTIVE, SettableState.COMPLETED}),
    ProjectState.COMPLETED: frozenset({SettableState.ACTIVE, SettableState.ARCHIVED}),
    ProjectState.ARCHIVED: frozenset({SettableState.ACTIVE}),
    ProjectState.IN_TRANSIT: frozenset(),
}
"""Which state can follow which ("PUT /api/v1/project/state").

The text says that an archived project was completed before, that it becomes active again through
`InTransit`, and that `InTransit` can't be set. The diagram with the rest is lost: that an open project can be
held and completed, and a completed one reopened as active, is an assumption. The client doesn't enforce this
table, the vendor does (412).
"""

MUTABLE_STATES: Final = frozenset({ProjectState.ACTIVE, ProjectState.ON_HOLD})
"""The states in which a project can be edited and can have tasks."""

DELETABLE_STATES: Final = frozenset({ProjectState.COMPLETED, ProjectState.ARCHIVED})
"""The states in which a project can be deleted."""


def steps_between(now: ProjectState, wanted: SettableState) -> tuple[SettableState, ...] | None:
    """Return the shortest way of states to set, () when nothing is to be done, None when there is no way."""
    ways: list[tuple[ProjectState, tuple[SettableState, ...]]] = [(now, ())]
    seen = {now}
    for state, way in ways:
        if state.value == wanted.value:
            return way
        for after in sorted(STATE_CHANGES[state]):
            reached = ProjectState(after)
            if reached not in seen:
                seen.add(reached)
                ways.append((reached, (*way, after)))
    return None


class AssetStatus(enum.StrEnum):
    """How far the processing of an upload is.

    Only `Processed` is in the documentation at hand; the others are an assumption from its words.
    """

    PENDING = "Pending"
    PROCESSING = "Processing"
    PROCESSED = "Processed"
    FAILED = "Failed"
    REJECTED = "Rejected"


PROCESSING_ENDED: Final = frozenset({AssetStatus.PROCESSED, AssetStatus.FAILED, AssetStatus.REJECTED})
"""The statuses after which an asset's processing changes nothing more."""


class TaskType(enum.StrEnum):
    """What a task asks for. The two about uploading assets are from outside, the others an assumption."""

    REVIEW_ASSET = "ReviewAsset"
    REVIEW_ASSET_EXTERNAL = "ReviewAssetExternal"
    UPLOAD_ASSETS = "UploadAssets"
    UPLOAD_CHANGED_ASSET = "UploadChangedAsset"
    UPLOAD_REF_DOC = "UploadRefDoc"


class TaskStatus(enum.StrEnum):
    """What became of a task (an assumption: the answer is lost)."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class EmailLanguage(enum.StrEnum):
    """The languages of an external review's e-mail ("POST /api/v1/task/review_asset_ext")."""

    ENGLISH = "English"
    GERMAN = "German"
    FRENCH = "French"
    POLISH = "Polish"
    SPANISH = "Spanish"
    HEBREW = "Hebrew"
    UKRAINIAN = "Ukrainian"


class ProjectAttribute(enum.StrEnum):
    """What a `project.edited` event can be about."""

    NAME = "Name"
    CUSTOMER = "Customer"
    PROJECT = "Project"
    DESIGN = "Design"
    REVISION = "Revision"
    DESCRIPTION = "Description"
    TAGS = "Tags"
    DUE_DATE = "DueDate"
    PROJECT_OWNERS = "ProjectOwners"


class EventType(enum.StrEnum):
    """Every event a webhook can bring ("Event codes")."""

    PROJECT_CREATED = "project.created"
    PROJECT_EDITED = "project.edited"
    PROJECT_STATE = "project.state"
    ASSET_UPLOADED = "asset.uploaded"
    ASSET_DELETED = "asset.deleted"
    REFDOC_UPLOADED = "refdoc.uploaded"
    REFDOC_DELETED = "refdoc.deleted"
    ANNOTATION_ADDED = "annotation.added"
    ANNOTATION_EDITED = "annotation.edited"
    ANNOTATION_DELETED = "annotation.deleted"
    TASK_CREATED = "task.created"
    TASK_COMPLETED = "task.completed"
    TASK_DELETED = "task.deleted"
    TASK_APPROVED = "task.approved"
    TASK_REJECTED = "task.rejected"
    WEBHOOK_TEST = "webhook.test"
