from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.simulators import serve
from local.simulators.clock import Clock
from local.simulators.good2go.announcements import RETRY_DELAYS_SECONDS
from local.simulators.webhooks import Endpoint as Target
from local.simulators.webhooks import RetryPolicy, WebhookSender
from tests.unit.simulators.calls import Caller, Endpoint
from tests.unit.simulators.proofs import CUSTOMER, DUE, REVIEW, part, upload


@pytest.fixture
def announced(good2go: Caller, endpoint: Endpoint) -> str:
    """The GUID of a proof of which every further change is announced to the endpoint."""
    guid = str(upload(good2go)["guid"])
    good2go.settings(webhook_url=endpoint.url)
    return guid


def deliveries(good2go: Caller) -> list[dict[str, Any]]:
    assert good2go.control("POST", "/webhooks/drain", json={"timeout_seconds": 20}) == {"drained": True}
    records: list[dict[str, Any]] = good2go.control("GET", "/webhooks")
    return records


def test_job_and_credentials_are_posted_when_a_person_decides(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    good2go.act("approve", job=announced, comment="Fine")
    deliveries(good2go)
    ((headers, body),) = endpoint.received
    assert headers["Content-Type"] == "application/json"
    expected = base64.b64encode(b"good2go:local-webhook-password").decode()
    assert headers["Authorization"] == f"Basic {expected}"
    payload = json.loads(body)
    assert payload["event"] == "job.approved"
    assert payload["job"] == good2go.call("GET", f"/jobs/{announced}")
    assert payload["data"] == {"from_email": CUSTOMER, "comments": "Fine", "status": "approved"}


def test_credentials_of_the_url_are_sent_when_it_has_some(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    good2go.settings(webhook_url=endpoint.url.replace("//", "//user:secret@"))
    good2go.act("approve", job=announced)
    deliveries(good2go)
    expected = base64.b64encode(b"user:secret").decode()
    assert endpoint.received[0][0]["Authorization"] == f"Basic {expected}"


def test_event_has_an_id_of_its_own_only_when_the_settings_name_its_field(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    good2go.act("comment", job=announced, comment="One")
    good2go.settings(webhook_event_id_field="id")
    good2go.act("comment", job=announced, comment="Two")
    good2go.act("comment", job=announced, comment="Three")
    newest = deliveries(good2go)[-1]["n"]
    good2go.control("POST", "/webhooks/resend", json={"n": newest})
    deliveries(good2go)
    first, *others = sorted((json.loads(body) for _, body in endpoint.received), key=lambda b: "id" in b)
    assert "id" not in first
    ids = [body["id"] for body in others]
    assert (len(ids), len(set(ids))) == (3, 2)


def test_event_is_named_as_the_settings_say_when_they_differ(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    good2go.settings(webhook_event_field="type", webhook_event_names={"approved": "JobApproved"})
    good2go.act("approve", job=announced)
    good2go.act("reject", job=announced)
    deliveries(good2go)
    events = [json.loads(body)["type"] for _, body in endpoint.received]
    assert events == ["JobApproved", "job.rejected"]


def test_every_kind_of_change_is_announced_when_made(good2go: Caller, announced: str) -> None:
    path = f"/jobs/{announced}"
    good2go.call("POST", "/jobs", json={"is_folder": 1, "name": "Box"})
    good2go.call("POST", "/upload", data=REVIEW, files=part())
    good2go.call("POST", f"{path}/revision", data={"reason": "update-task"}, files=part())
    good2go.call("PUT", path, json={"due_at": DUE})
    good2go.call("PUT", path, json={"status": "expired"})
    good2go.act("comment", job=announced, comment="x")
    good2go.act("set-due", job=announced, due_at=DUE)
    good2go.act("set-status", job=announced, status="expired")
    good2go.act("delete", job=announced)
    records = deliveries(good2go)
    assert [record["event"] for record in records[1:]] == [
        "job.created",
        "job.uploaded",
        "job.revision",
        "job.updated",
        "job.status-changed",
        "job.commented",
        "job.updated",
        "job.expired",
        "job.deleted",
    ]
    assert {record["state"] for record in records[1:]} == {"delivered"}


def test_delivery_is_tried_three_times_when_never_answered_with_2xx(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    endpoint.statuses = [500, 302, 404]
    good2go.act("approve", job=announced)
    record = deliveries(good2go)[-1]
    assert [attempt["status"] for attempt in record["attempts"]] == [500, 302, 404]
    assert record["state"] == "failed"
    assert len({body for _, body in endpoint.received}) == 1


def test_delivery_ends_when_answered_with_any_2xx(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    endpoint.statuses = [503, 204]
    good2go.act("approve", job=announced)
    record = deliveries(good2go)[-1]
    assert [attempt["status"] for attempt in record["attempts"]] == [503, 204]
    assert record["state"] == "delivered"


def test_error_is_recorded_when_nobody_listens(good2go: Caller) -> None:
    good2go.settings(webhook_url="http://127.0.0.1:1/")
    upload(good2go)
    record = deliveries(good2go)[-1]
    assert record["state"] == "failed"
    assert [attempt["error"] for attempt in record["attempts"]] == ["ConnectionError"] * 3


def test_retries_wait_as_documented_when_the_scale_is_one() -> None:
    waited: list[float] = []

    class Recording(WebhookSender):
        def _schedule(self, delivery: Any, delay_seconds: float) -> None:
            waited.append(delay_seconds)
            super()._schedule(delivery, 0)

    sender = Recording(
        Clock(),
        RetryPolicy(lambda _status: False, RETRY_DELAYS_SECONDS),
        time_scale=lambda: 1,
        timeout_seconds=lambda: 1,
    )
    try:
        sender.send("e", "i", b"{}", lambda: Target("http://127.0.0.1:1/"))
        assert sender.drain(20)
    finally:
        sender.close()
    assert waited == [0, 30, 300]


def test_webhook_is_withheld_when_silence_is_asked_for(
    good2go: Caller, endpoint: Endpoint, announced: str
) -> None:
    good2go.act("approve", job=announced, webhook="silent")
    good2go.settings(webhooks="silent")
    good2go.act("reject", job=announced)
    records = deliveries(good2go)
    assert [record["state"] for record in records] == ["withheld"] * 3  # the upload had no URL to go to
    assert endpoint.received == []


def test_writes_of_the_api_are_not_announced_when_the_setting_says_so(
    good2go: Caller, announced: str
) -> None:
    good2go.settings(webhooks_for_api_writes=False)
    before = len(deliveries(good2go))
    good2go.call("PUT", f"/jobs/{announced}", json={"due_at": DUE})
    assert len(deliveries(good2go)) == before


def test_same_bytes_are_sent_again_when_resent(good2go: Caller, endpoint: Endpoint, announced: str) -> None:
    good2go.act("approve", job=announced, webhook="silent")
    number = deliveries(good2go)[-1]["n"]
    numbers = good2go.control("POST", "/webhooks/resend", json={"n": number, "copies": 2})["numbers"]
    records = deliveries(good2go)
    assert [record["n"] for record in records[-2:]] == numbers
    assert {record["copy_of"] for record in records[-2:]} == {number}
    assert len(endpoint.received) == 2
    assert {body.decode() for _, body in endpoint.received} == {records[-1]["body"]}
    good2go.control("POST", "/webhooks/resend", 404, json={"n": 99})
    good2go.control("POST", "/webhooks/resend", 400, json={"n": 1, "copies": 0})


def test_drain_tells_when_something_is_still_pending(good2go: Caller, announced: str) -> None:
    good2go.settings(webhook_url="http://127.0.0.1:1/", retry_time_scale=10)
    good2go.act("approve", job=announced)
    assert good2go.control("POST", "/webhooks/drain", json={"timeout_seconds": 0.05}) == {"drained": False}
    assert good2go.control("GET", "/webhooks")[-1]["state"] == "pending"
    good2go.control("POST", "/reset")
    assert good2go.control("POST", "/webhooks/drain") == {"drained": True}
    assert good2go.control("GET", "/webhooks") == []


def test_closing_does_not_wait_when_a_retry_is_due_much_later() -> None:
    with serve("good2go", webhook_url="http://127.0.0.1:1/", retry_time_scale=1) as simulator:
        caller = Caller(simulator, "/api/v1", {"Authorization": "Bearer g2g-local-token"})
        caller.call("POST", "/jobs", json={"is_folder": 1, "name": "Box"})
        caller.close()
    assert simulator.webhooks is not None
    assert simulator.webhooks.records()[0]["state"] == "pending"
