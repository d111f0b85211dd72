"""What Approval Studio's webhooks bring ("Event object").

The same event may come more than once: its id tells. Shown in the documentation at hand is what the project
events carry; of the others only the codes are left, so their ids are an assumption and may be None. What is
not understood stands in `raw`, as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import AliasChoices, Field, TypeAdapter, ValidationError

from proofbridge.vendors.errors import DecodeError, Happened
from proofbridge.vendors.reading import Known, Moment, RequiredText, Text
from proofbridge.vendors.reading import Mapping as JsonObject

from .enums import EventType, ProjectAttribute, TaskType
from .models import AssetUids, State, StudioAnswer

SECRET_HEADER: Final = "Api-Secret"  # noqa: S105 - its name
"""The header that carries the webhook's secret, as it is: compare it in constant time."""


class EventData(StudioAnswer):
    """What an event is about. This one is for events of a code that is not known."""

    project_uid: Text = None


class ProjectCreated(EventData):
    """A project was made."""

    project_uid: RequiredText
    name: Text = None


class ProjectEdited(EventData):
    """One attribute of a project was given a new value, whose type depends on the attribute."""

    project_uid: RequiredText
    attribute: Known[ProjectAttribute] = None
    value: Any = None


class ProjectStateChanged(EventData):
    """A project has a new state, by a person or by Approval Studio itself."""

    project_uid: RequiredText
    state: State = None


class AssetEvent(EventData):
    """An asset or a new version was uploaded and processed, or was deleted with all that hangs on it."""

    asset_uid: Text = None
    name: Text = None


class RefDocEvent(EventData):
    """A reference document was uploaded or deleted."""

    ref_doc_uid: Text = Field(
        default=None, validation_alias=AliasChoices("refdocuid", "referencedocumentuid", "documentuid")
    )


class AnnotationEvent(EventData):
    """A remark on an asset, or a comment on a remark, was added, edited or deleted."""

    annotation_uid: Text = None
    asset_uid: Text = None


class TaskEvent(EventData):
    """A task was made, completed, deleted, approved or rejected."""

    task_uid: Text = None
    asset_uids: AssetUids = Field(default=(), validation_alias=AliasChoices("assetuids", "assets"))
    asset_uid: Text = None
    task_type: Known[TaskType] = Field(default=None, validation_alias=AliasChoices("tasktype", "type"))


class WebhookTested(EventData):
    """A dummy, sent to test an endpoint."""


DATA_BY_TYPE: Final[Mapping[EventType, type[EventData]]] = {
    EventType.PROJECT_CREATED: ProjectCreated,
    EventType.PROJECT_EDITED: ProjectEdited,
    EventType.PROJECT_STATE: ProjectStateChanged,
    EventType.ASSET_UPLOADED: AssetEvent,
    EventType.ASSET_DELETED: AssetEvent,
    EventType.REFDOC_UPLOADED: RefDocEvent,
    EventType.REFDOC_DELETED: RefDocEvent,
    EventType.ANNOTATION_ADDED: AnnotationEvent,
    EventType.ANNOTATION_EDITED: AnnotationEvent,
    EventType.ANNOTATION_DELETED: AnnotationEvent,
    EventType.TASK_CREATED: TaskEvent,
    EventType.TASK_COMPLETED: TaskEvent,
    EventType.TASK_DELETED: TaskEvent,
    EventType.TASK_APPROVED: TaskEvent,
    EventType.TASK_REJECTED: TaskEvent,
    EventType.WEBHOOK_TEST: WebhookTested,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `type` is the code as it came where it is not known, `created` (UTC) None where absent."""

    id: str
    type: EventType | str
    created: datetime | None
    data: EventData
    raw: Mapping[str, Any] = field(repr=False)


class _EventObject(StudioAnswer):
    event_id: RequiredText
    event_type: RequiredText
    created: Moment = None
    data: JsonObject = Field(default_factory=dict)


_EVENT: Final = TypeAdapter(_EventObject)


def read_event(body: bytes) -> Event:
    """Read a webhook's body; DecodeError, which names the field, when it is no event."""
    try:
        event = _EVENT.validate_json(body)
    except ValidationError as error:
        raise _undecodable(error, "") from None
    kind: EventType | str = event.event_type
    if kind in set(EventType):
        kind = EventType(kind)
    model = DATA_BY_TYPE[kind] if isinstance(kind, EventType) else EventData
    try:
        data = model.model_validate(event.data)
    except ValidationError as error:
        raise _undecodable(error, "data.") from None
    return Event(event.event_id, kind, event.created, data, event.data)


def _undecodable(error: ValidationError, within: str) -> DecodeError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        detail = "it is not JSON"
    else:
        path = within + ".".join(str(part) for part in first["loc"])
        detail = f"{path.rstrip('.') or 'the event'}: {first['type']}"
    return DecodeError(detail, vendor="approval-studio", operation="webhook", happened=Happened.NO)
