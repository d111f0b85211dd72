from __future__ import annotations

import json
import re
from typing import Any

import pytest

from proofbridge.stores.inbox import EventState
from proofbridge.vendors.approval_studio.enums import EventType
from proofbridge.vendors.approval_studio.receiver import EVENT_TYPES, ApprovalStudioReceiver
from proofbridge.webhooks.receive import RefusedError, Request, receive
from tests.unit.receive.shelf import Shelf
from tests.unit.receive.webhooks import NOW, STUDIO_SECRET, api_event, receiver, request

BODY = json.loads(api_event("approval_studio")["body"])
IDS = {"ProjectUID": "PRJ1", "TaskUID": "TSK1", "AssetUID": "AST1"}
NAMED = {
    "project.created": "project#PRJ1",
    "project.edited": "project#PRJ1",
    "project.state": "project#PRJ1",
    "asset.uploaded": "asset#AST1",
    "asset.deleted": "asset#AST1",
    "refdoc.uploaded": "asset#AST1",
    "refdoc.deleted": "asset#AST1",
    "annotation.added": "asset#AST1",
    "annotation.edited": "asset#AST1",
    "annotation.deleted": "asset#AST1",
    "task.created": "asset#AST1",
    "task.completed": "asset#AST1",
    "task.deleted": "asset#AST1",
    "task.approved": "asset#AST1",
    "task.rejected": "asset#AST1",
}


@pytest.fixture
def inbox() -> Shelf:
    return Shelf()


def take(inbox: Shelf, **changes: Any) -> int:
    body = json.dumps({**BODY, **changes})
    return receive(request("approval_studio", body=body), receiver("approval_studio"), inbox, NOW).status


def test_every_documented_event_type_is_known() -> None:
    assert set(EVENT_TYPES) == {str(each) for each in EventType} == {*NAMED, "webhook.test"}
    assert len(EVENT_TYPES) == 16


# -- the secret


@pytest.mark.parametrize("which", [0, 1])
def test_secret_is_taken_when_it_is_one_of_several(which: int) -> None:
    secrets = ["current,with a comma", "früher"]

    ApprovalStudioReceiver(lambda: secrets).verify(Request({"api-secret": secrets[which]}, b""), NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"api-secret": ""},
        {"api-secret": STUDIO_SECRET.upper()},
        {"api-secret": STUDIO_SECRET + " "},
        {"api-secret": f"{STUDIO_SECRET},{STUDIO_SECRET}"},
        {"api-secret": STUDIO_SECRET[:-1]},
        {"api-secret": "gehéim"},
        {"api-secret": "\udcff"},
        {"api-secret": "\x00"},
        {"authorization": STUDIO_SECRET},
    ],
)
def test_webhook_is_refused_when_the_secret_is_not_right(headers: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as caught:
        ApprovalStudioReceiver(lambda: [STUDIO_SECRET]).verify(Request(headers, b""), NOW)

    assert caught.value.response.status == 401


@pytest.mark.parametrize("headers", [{}, {"api-secret": ""}])
def test_webhook_is_refused_when_there_is_no_secret_to_compare_with(headers: dict[str, str]) -> None:
    with pytest.raises(RefusedError):
        ApprovalStudioReceiver(list).verify(Request(headers, b""), NOW)


# -- which event, about which item


@pytest.mark.parametrize("event_type", NAMED)
def test_event_is_stored_under_the_item_that_it_names(event_type: str, inbox: Shelf) -> None:
    assert take(inbox, EventType=event_type, Data=IDS) == 200

    event = inbox.only
    assert (event.item, event.id) == (f"approval-studio#{NAMED[event_type]}", BODY["EventId"])
    assert event.state is EventState.RECEIVED


@pytest.mark.parametrize("event_type", [name for name in NAMED if re.match("task|annotation|refdoc", name)])
@pytest.mark.parametrize(
    ("data", "item"),
    [
        ({"ProjectUID": "PRJ1"}, "project#PRJ1"),
        ({"ProjectUID": "PRJ1", "AssetUIDs": ["AST2"]}, "asset#AST2"),
        ({"ProjectUID": "PRJ1", "AssetUIDs": ["AST2", "AST3"]}, "asset#AST2"),
        ({"ProjectUID": "PRJ1", "AssetUIDs": []}, "project#PRJ1"),
        ({"ProjectUID": "PRJ1", "AssetUIDs": [None, "", "AST3"]}, "asset#AST3"),
        ({"ProjectUID": "PRJ1", "AssetUIDs": {"a": "AST2"}}, "project#PRJ1"),
        ({"ProjectUID": "PRJ1", "AssetUID": None}, "project#PRJ1"),
        ({"ProjectUID": "PRJ1", "AssetUID": 7}, "project#PRJ1"),
        ({"ProjectUID": "PRJ1", "assetUID": "AST2"}, "project#PRJ1"),
    ],
)
def test_event_is_stored_under_whichever_item_its_ids_name(
    event_type: str, data: dict[str, Any], item: str, inbox: Shelf
) -> None:
    take(inbox, EventType=event_type, Data=data)

    assert inbox.only.item == f"approval-studio#{item}"


@pytest.mark.parametrize("data", [{}, None, [], "AST1", {"TaskUID": "TSK1"}, {"AssetUID": "a#b"}])
@pytest.mark.parametrize("event_type", NAMED)
def test_event_is_quarantined_when_it_names_no_item(event_type: str, data: Any, inbox: Shelf) -> None:
    assert take(inbox, EventType=event_type, Data=data) == 200

    event = inbox.only
    assert (event.item, event.state) == ("approval-studio#unknown", EventState.QUARANTINED)
    assert str(event.reason).startswith(f"{event_type} without ")


@pytest.mark.parametrize("event_type", ["task.reopened", "", None, 7, ["task.approved"], {}, "TASK.APPROVED"])
def test_event_is_quarantined_when_its_type_is_not_documented(event_type: Any, inbox: Shelf) -> None:
    assert take(inbox, EventType=event_type, Data=IDS) == 200

    assert (inbox.only.state, inbox.only.reason) == (
        EventState.QUARANTINED,
        "an EventType that is not documented",
    )


def test_test_event_is_noted_and_not_to_be_processed_when_one_is_sent(inbox: Shelf) -> None:
    assert take(inbox, EventType="webhook.test", Data={"WebhookUID": "HOOK1"}) == 200

    event = inbox.only
    assert (event.item, event.id) == ("approval-studio#test", BODY["EventId"])
    assert (event.state, event.reason) == (EventState.PROCESSED, None)


def test_event_is_told_apart_by_its_id_and_not_by_its_bytes(inbox: Shelf) -> None:
    take(inbox)
    take(inbox, Created="2026-11-24T09:31:00.00000Z")
    assert len(inbox.events) == 1

    take(inbox, EventId="another")
    assert len(inbox.events) == 2


@pytest.mark.parametrize("identity", [None, "", "a\nb", ["a"], "e" * 201])
def test_event_is_told_apart_by_its_bytes_when_its_id_is_none(identity: Any, inbox: Shelf) -> None:
    take(inbox, EventId=identity)
    take(inbox, EventId=identity)
    take(inbox, EventId=identity, Created="later")

    assert [event.item for event in inbox.events.values()] == [
        "approval-studio#asset#2F9D61C8B3E04A5CA7D0E94B186F5327"
    ] * 2
