from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest

from local.simulators import serve
from local.simulators.approval_studio.words import EventType
from tests.unit.simulators.calls import Caller, Endpoint

PROJECT = "PRJARTWORK"
REVIEW = {"projectUID": PROJECT, "userUID": "USRREV"}


def upload(studio: Caller, name: str = "label.pdf") -> str:
    files = {"File": (name, b"%PDF")}
    answer = studio.call("POST", "/asset/upload", data={"ProjectUID": PROJECT}, files=files)
    return str(answer["result"]["assetUID"])


def drained(studio: Caller, endpoint: Endpoint) -> list[dict[str, Any]]:
    assert studio.control("POST", "/webhooks/drain") == {"drained": True}
    events = [json.loads(body) for _, body in endpoint.received]
    endpoint.received.clear()
    return events


@pytest.fixture
def hook(studio: Caller, endpoint: Endpoint) -> dict[str, Any]:
    """A webhook that is in effect: retry_time_scale is 0."""
    webhook: dict[str, Any] = studio.call("POST", "/webhook", json={"url": endpoint.url})["result"]
    return webhook


def test_event_carries_ids_and_the_secret_when_an_asset_is_processed(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    uid = upload(studio)
    studio.control("POST", "/webhooks/drain")
    ((headers, body),) = endpoint.received
    event = json.loads(body)
    assert headers["Api-Secret"] == hook["secret"]
    assert headers["Content-Type"] == "application/json"
    assert sorted(event) == ["Created", "Data", "EventId", "EventType"]
    assert (event["EventType"], event["Data"]) == ("asset.uploaded", {"ProjectUID": PROJECT, "AssetUID": uid})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{5,7}Z", event["Created"])
    assert re.fullmatch(r"[\w-]{22}", event["EventId"])


def test_nothing_is_sent_when_processing_fails(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    studio.settings(processing="fail")
    upload(studio)
    assert drained(studio, endpoint) == []


def test_every_documented_event_is_sent_when_its_time_comes(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    new = {"projectName": "P", "projectOwnersUIDS": ["USROWNER"]}
    project = studio.call("POST", "/project", json=new)["result"]["projectUID"]
    studio.call("PUT", "/project", json={"projectUID": project, **new, "projectName": "Q"})
    studio.call("PUT", "/project/state", json={"projectUID": project, "state": "OnHold"})
    uid = upload(studio)
    remark = studio.act("annotate", asset=uid, comment="x")["annotationUID"]
    studio.act("edit-annotation", annotation=remark, comment="y")
    studio.act("delete-annotation", annotation=remark)
    for deed in ("approve", "reject"):
        studio.call("POST", "/task/review_asset", json={**REVIEW, "assetUIDs": [uid]})
        studio.act(deed, asset=uid)
    for deed in ("complete", "delete-task"):
        task = studio.call("POST", "/task/refdoc_upload", json=REVIEW)["result"]["taskUID"]
        studio.act(deed, task=task)
    files = {"File": ("brief.txt", b"words")}
    document = studio.call("POST", "/refdoc/upload", data={"ProjectUID": PROJECT}, files=files)
    studio.call("DELETE", "/refdoc", json=document["result"])
    studio.act("delete-asset", asset=uid)
    studio.call("PUT", "/webhook/test", json={"webhookUID": hook["webhookUID"]})
    events = drained(studio, endpoint)
    assert {event["EventType"] for event in events} == set(get_args(EventType))
    assert len({event["EventId"] for event in events}) == len(events)


def test_one_event_tells_of_each_attribute_when_several_are_edited(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    body = {
        "projectUID": PROJECT,
        "projectName": "Artwork",
        "projectOwnersUIDS": ["USROWNER", "USRREV"],
        "tags": ["foil"],
        "dueDate": "2031-01-02",
        "customer": "Acme",
    }
    studio.call("PUT", "/project", json=body)
    data = [event["Data"] for event in drained(studio, endpoint)]
    assert {each["Attribute"]: each["Value"] for each in data} == {
        "Customer": "Acme",
        "Tags": ["foil"],
        "DueDate": "2031-01-02",
        "ProjectOwners": ["USROWNER", "USRREV"],
    }
    studio.act("set-due", project=PROJECT)
    assert drained(studio, endpoint)[0]["Data"]["Value"] is None


def test_the_vendor_tells_of_its_own_steps_when_a_project_is_archived(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    for state in ("Completed", "Archived", "Active"):
        studio.call("PUT", "/project/state", json={"projectUID": PROJECT, "state": state})
    states = [event["Data"]["State"] for event in drained(studio, endpoint)]
    assert states == ["Completed", "InTransit", "Archived", "InTransit", "Active"]


def test_only_the_asset_is_told_of_when_it_is_deleted_with_its_tasks(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    uid = upload(studio)
    studio.call("POST", "/task/review_asset", json={**REVIEW, "assetUIDs": [uid]})
    studio.act("annotate", asset=uid, comment="x")
    drained(studio, endpoint)
    studio.call("DELETE", f"/asset?AssetUID={uid}")
    assert [event["EventType"] for event in drained(studio, endpoint)] == ["asset.deleted"]


def test_task_events_name_their_assets_when_not_set_otherwise(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    uid = upload(studio)
    task = studio.call("POST", "/task/review_asset", json={**REVIEW, "assetUIDs": [uid]})["result"]["taskUID"]
    named = {"ProjectUID": PROJECT, "TaskUID": task, "TaskType": "ReviewAsset"}
    assert drained(studio, endpoint)[-1]["Data"] == {**named, "AssetUIDs": [uid]}
    studio.settings(assets_in_task_events=False)
    studio.act("approve", task=task)
    event = drained(studio, endpoint)[-1]
    assert (event["EventType"], event["Data"]) == ("task.approved", named)


@pytest.mark.parametrize("status", [201, 204, 500])
def test_event_is_sent_again_when_the_answer_is_not_200(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any], status: int
) -> None:
    del hook
    endpoint.statuses = [status, status]
    upload(studio)
    assert len({event["EventId"] for event in drained(studio, endpoint)}) == 1
    (delivery,) = studio.control("GET", "/webhooks")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [status, status, 200]
    assert delivery["state"] == "delivered"


def test_event_is_dropped_when_half_an_hour_is_over(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    endpoint.statuses = [500] * 100
    upload(studio)
    drained(studio, endpoint)
    (delivery,) = studio.control("GET", "/webhooks")
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 9)


def test_webhook_takes_effect_later_when_registered_and_deleted(studio: Caller, endpoint: Endpoint) -> None:
    studio.settings(retry_time_scale=1)
    hook = studio.call("POST", "/webhook", json={"url": endpoint.url})["result"]
    upload(studio, "too-soon.pdf")
    studio.control("POST", "/clock", json={"advance_seconds": 61})
    first = upload(studio, "first.pdf")
    studio.call("DELETE", f"/webhook?WebhookUID={hook['webhookUID']}")
    second = upload(studio, "second.pdf")
    events = drained(studio, endpoint)
    assert [event["Data"]["AssetUID"] for event in events] == [first, second]
    studio.control("POST", "/clock", json={"advance_seconds": 61})
    upload(studio, "too-late.pdf")
    assert drained(studio, endpoint) == []


def test_webhooks_are_listed_with_their_secrets_when_registered(studio: Caller, endpoint: Endpoint) -> None:
    hook = studio.call("POST", "/webhook", json={"url": endpoint.url})["result"]
    assert studio.call("GET", "/webhook")["result"] == [hook]
    assert sorted(hook) == ["created", "secret", "url", "webhookUID"]
    assert studio.call("POST", "/webhook", 412, json={"url": endpoint.url})["statusCode"] == 412
    other = studio.call("POST", "/webhook", json={"url": endpoint.url + "/2"})["result"]
    assert other["secret"] != hook["secret"]
    studio.call("DELETE", "/webhook", json={"webhookUID": hook["webhookUID"]})
    studio.call("DELETE", f"/webhook?WebhookUID={hook['webhookUID']}", 404)
    studio.call("PUT", f"/webhook/test?WebhookUID={hook['webhookUID']}", 404)
    studio.call("POST", "/webhook", json={"url": endpoint.url})
    assert len(studio.call("GET", "/webhook")["result"]) == 2


@pytest.mark.parametrize(
    "body", [{}, {"url": "label.pdf"}, {"url": "ftp://x.test"}, {"Url": "http://x.test"}]
)
def test_webhook_is_a_violation_when_its_body_is_wrong(studio: Caller, body: dict[str, str]) -> None:
    studio.call("POST", "/webhook", 400, json=body)
    assert "url" in studio.violation().lower()


def test_webhook_of_the_settings_is_in_effect_when_started(endpoint: Endpoint) -> None:
    with serve("approval-studio", webhook_url=endpoint.url, webhook_secret="shared") as simulator:
        studio = Caller(simulator, "/api/v1", {})
        studio.act("rename", project=PROJECT, name="New")
        assert [event["EventType"] for event in drained(studio, endpoint)] == ["project.edited"]
        studio.control("POST", "/reset")
        studio.act("rename", project=PROJECT, name="New")
        studio.control("POST", "/webhooks/drain")
        assert [headers["Api-Secret"] for headers, _ in endpoint.received] == ["shared"]
        (hook,) = studio.control("GET", "/state")["webhooks"]
        assert (hook["url"], hook["secret"]) == (endpoint.url, "shared")
        studio.close()


def test_event_is_withheld_until_it_is_sent_again_when_somebody_acts_in_silence(
    studio: Caller, endpoint: Endpoint, hook: dict[str, Any]
) -> None:
    del hook
    studio.act("rename", project=PROJECT, name="New", webhook="silent")
    assert drained(studio, endpoint) == []
    (delivery,) = studio.control("GET", "/webhooks")
    assert (delivery["event"], delivery["state"]) == ("project.edited", "withheld")
    studio.control("POST", "/webhooks/resend", json={"n": 1, "copies": 2})
    first, second = drained(studio, endpoint)
    assert first == second
    studio.settings(webhooks="silent")
    studio.act("rename", project=PROJECT, name="Newer")
    assert drained(studio, endpoint) == []


def test_test_event_goes_to_one_webhook_when_it_is_not_in_effect_yet(
    studio: Caller, endpoint: Endpoint
) -> None:
    studio.settings(retry_time_scale=1)
    hook = studio.call("POST", "/webhook", json={"url": endpoint.url})["result"]
    studio.call("POST", "/webhook", json={"url": endpoint.url + "/2"})
    studio.call("PUT", "/webhook/test", json={"webhookUID": hook["webhookUID"]})
    studio.control("POST", "/webhooks/drain")
    ((headers, body),) = endpoint.received
    assert json.loads(body)["EventType"] == "webhook.test"
    assert headers["Api-Secret"] == hook["secret"]
