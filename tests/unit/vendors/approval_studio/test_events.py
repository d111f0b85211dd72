from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from proofbridge.vendors.approval_studio.enums import EventType, ProjectAttribute, ProjectState
from proofbridge.vendors.approval_studio.events import (
    DATA_BY_TYPE,
    AnnotationEvent,
    AssetEvent,
    EventData,
    ProjectCreated,
    ProjectEdited,
    ProjectStateChanged,
    RefDocEvent,
    TaskEvent,
    WebhookTested,
    read_event,
)
from proofbridge.vendors.errors import DecodeError, Happened


def event(kind: str, data: Any = None, **more: Any) -> bytes:
    return json.dumps(
        {
            "EventId": "XppRxqUyNEqYrZtY9lRBdA",
            "EventType": kind,
            "Created": "2021-02-18T23:22:33.2944308Z",
            "Data": {"ProjectUID": "P1"} if data is None else data,
        }
        | more
    ).encode()


def test_every_event_type_has_its_data_when_walked() -> None:
    assert set(DATA_BY_TYPE) == set(EventType)
    assert len(EventType) == 16
    for kind in EventType:
        found = read_event(event(kind))
        assert found.type is kind
        assert type(found.data) is DATA_BY_TYPE[kind]
        assert found.data.project_uid == "P1"
        assert found.id == "XppRxqUyNEqYrZtY9lRBdA"


def test_project_events_carry_what_is_documented_when_read() -> None:
    made = read_event(event("project.created", {"ProjectUID": "P1", "Name": "Label"})).data
    assert made == ProjectCreated.model_validate({"project_uid": "P1", "name": "Label"})
    moved = read_event(event("project.state", {"ProjectUID": "P1", "State": "InTransit"})).data
    assert isinstance(moved, ProjectStateChanged)
    assert moved.state is ProjectState.IN_TRANSIT


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("Name", "New name"),
        ("Tags", ["a", "b"]),
        ("DueDate", "2020-12-04"),
        ("DueDate", None),
        ("ProjectOwners", [{"UserUID": "U1"}]),
        ("Revision", 3),
    ],
)
def test_value_stays_as_it_came_when_an_attribute_was_edited(attribute: str, value: Any) -> None:
    data = {"ProjectUID": "P1", "Attribute": attribute, "Value": value}
    found = read_event(event("project.edited", data))
    assert isinstance(found.data, ProjectEdited)
    assert found.data.attribute is ProjectAttribute(attribute)
    assert found.data.value == value
    assert found.raw == data


@pytest.mark.parametrize(
    ("kind", "data", "attributes"),
    [
        ("asset.uploaded", {"AssetUID": "A1", "Name": "label.pdf"}, {"asset_uid": "A1", "name": "label.pdf"}),
        ("asset.deleted", {"AssetUid": "A1"}, {"asset_uid": "A1"}),
        ("refdoc.uploaded", {"RefDocUID": "R1"}, {"ref_doc_uid": "R1"}),
        ("refdoc.deleted", {"ReferenceDocumentUID": "R1"}, {"ref_doc_uid": "R1"}),
        (
            "annotation.added",
            {"AnnotationUID": "N1", "AssetUID": "A1"},
            {"annotation_uid": "N1", "asset_uid": "A1"},
        ),
        (
            "task.approved",
            {"TaskUID": "T1", "AssetUIDs": ["A1", "A2"], "TaskType": "ReviewAsset"},
            {"task_uid": "T1", "asset_uids": ("A1", "A2"), "task_type": "ReviewAsset"},
        ),
        ("task.rejected", {"TaskUID": "T1", "Assets": [{"AssetUID": "A1"}]}, {"asset_uids": ("A1",)}),
        ("task.created", {"TaskUID": "T1", "AssetUID": "A1", "TaskType": "New"}, {"asset_uid": "A1"}),
    ],
)
def test_ids_are_found_when_event_is_about_a_thing(
    kind: str, data: dict[str, Any], attributes: dict[str, Any]
) -> None:
    found = read_event(event(kind, data)).data
    assert isinstance(found, AssetEvent | RefDocEvent | AnnotationEvent | TaskEvent)
    assert {name: getattr(found, name) for name in attributes} == attributes


@pytest.mark.parametrize("data", [{}, None, "", []])
def test_dummy_is_read_when_it_carries_nothing(data: Any) -> None:
    body = json.dumps({"EventId": "e", "EventType": "webhook.test", "Data": data}).encode()
    found = read_event(body)
    assert found.data == WebhookTested()
    assert found.created is None


def test_event_is_readable_when_its_type_is_unknown() -> None:
    found = read_event(event("folder.moved", {"FolderUID": "F1", "ProjectUID": "P1"}, Extra=1))
    assert found.type == "folder.moved"
    assert not isinstance(found.type, EventType)
    assert found.data == EventData.model_validate({"project_uid": "P1"})
    assert found.raw["FolderUID"] == "F1"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-02-18T23:22:33.2944308Z", datetime(2021, 2, 18, 23, 22, 33, 294_430, tzinfo=UTC)),
        ("2021-02-18T14:08:08.615088Z", datetime(2021, 2, 18, 14, 8, 8, 615_088, tzinfo=UTC)),
        ("2021-02-18T23:55:28.00321Z", datetime(2021, 2, 18, 23, 55, 28, 3_210, tzinfo=UTC)),
        ("2021-02-18T23:55:28", datetime(2021, 2, 18, 23, 55, 28, tzinfo=UTC)),
    ],
)
def test_moment_is_read_when_its_digits_vary(text: str, moment: datetime) -> None:
    assert read_event(event("webhook.test", Created=text)).created == moment


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"<html>private words</html>", "it is not JSON"),
        (b"", "it is not JSON"),
        (b'["private words"]', "the event: model_type"),
        (event("task.created", EventId=""), "event_id: string_type"),
        (event("task.created", EventId=["private words"]), "event_id: string_type"),
        (b'{"EventId": "e"}', "event_type: missing"),
        (event("task.created", Created="private words"), "created: value_error"),
        (event("task.created", "private words"), "data: dict_type"),
        (event("project.created", {"Name": "private words"}), "data.project_uid: missing"),
        (event("project.state", {"ProjectUID": ["private words"]}), "data.project_uid: string_type"),
    ],
)
def test_field_is_named_when_it_is_no_event(body: bytes, detail: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read_event(body)
    error = caught.value
    assert error.detail == detail
    assert (error.vendor, error.operation, error.happened) == ("approval-studio", "webhook", Happened.NO)
    assert "private" not in str(error)
    assert error.__cause__ is None
