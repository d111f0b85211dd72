"""What every receiver does the same way."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from proofbridge.stores.inbox import EventState, Source
from proofbridge.stores.secrets import SecretError
from proofbridge.vendors.good2go.receiver import Good2GoReceiver
from proofbridge.webhooks.receive import (
    MAX_BODY_BYTES,
    MAX_EVENT_ID_LENGTH,
    RefusedError,
    Request,
    Response,
    event_id,
    receive,
    request_from_api,
    respond,
    value_at,
)
from tests.unit.receive.shelf import Shelf
from tests.unit.receive.webhooks import NOW, PASSWORD, SENDERS, api_event, receiver, request

ITEMS = {
    "good2go": "good2go#job#0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f",
    "approval_studio": "approval-studio#asset#2F9D61C8B3E04A5CA7D0E94B186F5327",
    "signal": "goodday#task#TSK0001",
}
UNKNOWN = {"good2go": "good2go#unknown", "approval_studio": "approval-studio#unknown"}


def with_body(sent: Request, body: bytes) -> Request:
    return Request(sent.headers, body, sent.source_ip, sent.path)


@pytest.fixture
def inbox() -> Shelf:
    return Shelf()


# -- taken


@pytest.mark.parametrize("sender", SENDERS)
def test_event_is_stored_as_sent_when_a_webhook_comes(sender: str, inbox: Shelf) -> None:
    assert receive(request(sender), receiver(sender), inbox, NOW) == Response(200, "accepted")

    event = inbox.only
    assert (event.item, event.body) == (ITEMS[sender], api_event(sender)["body"])
    assert (event.state, event.reason, event.received_at) == (EventState.RECEIVED, None, NOW)
    assert event.source is (Source.NOTICE if sender == "signal" else Source.WEBHOOK)


@pytest.mark.parametrize("sender", SENDERS)
def test_copy_is_acknowledged_and_stored_once_when_a_webhook_comes_again(sender: str, inbox: Shelf) -> None:
    answers = [receive(request(sender), receiver(sender), inbox, NOW) for _ in range(3)]

    assert answers == [Response(200, word) for word in ("accepted", "duplicate", "duplicate")]
    assert len(inbox.events) == 1


@pytest.mark.parametrize("sender", SENDERS)
def test_event_is_the_same_when_the_gateway_hands_it_over_as_base64(sender: str, inbox: Shelf) -> None:
    body = base64.b64encode(api_event(sender)["body"].encode()).decode()
    receive(request(sender), receiver(sender), inbox, NOW)

    again = receive(request(sender, body=body, isBase64Encoded=True), receiver(sender), inbox, NOW)

    assert again.message == "duplicate"


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("write", [str.upper, str.lower, str.title])
def test_webhook_is_authentic_when_its_headers_are_written_otherwise(
    sender: str, write: Any, inbox: Shelf
) -> None:
    headers = {write(name): value for name, value in api_event(sender)["headers"].items()}

    assert receive(request(sender, headers=headers), receiver(sender), inbox, NOW).status == 200


def test_body_is_taken_when_it_has_just_the_greatest_size(inbox: Shelf) -> None:
    sent = request("good2go")

    taken = receive(with_body(sent, sent.body.ljust(MAX_BODY_BYTES)), receiver("good2go"), inbox, NOW)

    assert (taken.status, inbox.only.item) == (200, ITEMS["good2go"])


# -- refused, with nothing stored


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_is_refused_when_it_is_too_large(sender: str, inbox: Shelf) -> None:
    sent = request(sender)

    with pytest.raises(RefusedError) as caught:
        receive(with_body(sent, sent.body.ljust(MAX_BODY_BYTES + 1)), receiver(sender), inbox, NOW)

    assert caught.value.response.status == 413
    assert not inbox.events


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_is_refused_when_it_has_no_headers(sender: str, inbox: Shelf) -> None:
    with pytest.raises(RefusedError) as caught:
        receive(request(sender, headers={}), receiver(sender), inbox, NOW)

    assert caught.value.response.status == 401
    assert not inbox.events


# -- not understood: kept, and acknowledged


@pytest.mark.parametrize("sender", UNKNOWN)
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"<job/>", b"\x00", b'{"a": 1} {"b": 2}', b"{'a': 1}"),
        *(b"[" * 200_000, b'{"job": ' * 30_000, b"9" * 10_000, b'"\n"'),
    ],
)
def test_event_is_quarantined_when_it_is_not_json(sender: str, body: bytes, inbox: Shelf) -> None:
    assert receive(with_body(request(sender), body), receiver(sender), inbox, NOW).status == 200

    event = inbox.only
    assert (event.item, event.state, event.reason) == (UNKNOWN[sender], EventState.QUARANTINED, "not JSON")
    assert event.body == body.decode()


@pytest.mark.parametrize("sender", UNKNOWN)
@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"a": "\xff"}', b"\xed\xa0\x80"])
def test_event_is_quarantined_as_base64_when_it_is_not_utf_8(sender: str, body: bytes, inbox: Shelf) -> None:
    assert receive(with_body(request(sender), body), receiver(sender), inbox, NOW).status == 200

    assert (inbox.only.item, inbox.only.reason) == (UNKNOWN[sender], "not UTF-8 (kept as base64)")
    assert base64.b64decode(inbox.only.body) == body


def test_quarantined_events_are_kept_apart_and_copies_are_not_kept(inbox: Shelf) -> None:
    sent = request("good2go")

    outcomes = [
        receive(with_body(sent, body), receiver("good2go"), inbox, NOW).message for body in (b"{", b"[", b"{")
    ]

    assert outcomes == ["accepted", "accepted", "duplicate"]
    assert len(inbox.events) == 2


# -- what is told


def told(event: Any, inbox: Any, sender: str = "good2go", **options: Any) -> dict[str, Any]:
    return respond(event, options.get("receiver") or receiver(sender), inbox, NOW, (OSError, SecretError))


@pytest.mark.parametrize("sender", SENDERS)
def test_answer_is_what_the_gateway_expects_when_a_webhook_comes(sender: str, inbox: Shelf) -> None:
    assert told(api_event(sender), inbox, sender) == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": '{"message": "accepted"}',
    }


@pytest.mark.parametrize(("sender", "challenge"), [("good2go", "Basic"), ("approval_studio", None)])
def test_answer_names_the_scheme_when_basic_credentials_are_wrong(
    sender: str, challenge: str | None, inbox: Shelf
) -> None:
    answer = told({**api_event(sender), "headers": {}}, inbox, sender)

    assert (answer["statusCode"], answer["headers"].get("WWW-Authenticate")) == (401, challenge)


class _Unreachable:
    def put(self, event: Any) -> bool:
        raise OSError(f"could not put {event.body}")


def test_sender_is_to_try_again_when_the_event_could_not_be_stored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = told(api_event("good2go"), _Unreachable())

    assert (answer["statusCode"], json.loads(answer["body"])) == (503, {"message": "try again"})
    assert '"WebhooksUnavailable": 1' in capsys.readouterr().out


def test_log_says_what_to_do_when_the_secret_is_wrong(inbox: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    def no_credentials() -> list[tuple[str, str]]:
        raise SecretError("the secret x lacks 'webhooks': put it as the README says")

    answer = told(api_event("good2go"), inbox, receiver=Good2GoReceiver(no_credentials))

    assert answer["statusCode"] == 503
    (record,) = caplog.records
    assert record.__dict__["reason"] == "the secret x lacks 'webhooks': put it as the README says"


def test_nothing_secret_is_logged_when_webhooks_are_taken_refused_quarantined_and_not_stored(
    inbox: Shelf, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    good = api_event("good2go")
    token = good["headers"]["authorization"].split()[1]
    for event in (good, good, {**good, "body": "{Lovely."}, {**good, "body": "\ud800Lovely."}):
        assert told(event, inbox)["statusCode"] == 200
    for headers in ({}, {"authorization": f"Bearer {token}"}, {"authorization": f"Basic {token}x"}):
        assert told({**good, "headers": headers}, inbox)["statusCode"] == 401
    assert told(good, _Unreachable())["statusCode"] == 503

    printed = capsys.readouterr().out
    records = [json.dumps(record.__dict__, default=str) for record in caplog.records]
    assert len(records) == 10
    for secret in (PASSWORD, token, "Lovely", "customer@brand.test"):
        assert secret not in printed + "".join(records)
    for metric in ("Webhooks", "WebhooksRefused", "WebhooksUnavailable", "EventsQuarantined"):
        assert f'"{metric}": 1' in printed


# -- reading


@pytest.mark.parametrize(
    ("data", "path", "value"),
    [
        ({"a": {"b": 1}}, ("a", "b"), 1),
        ({"a": {"b": 1}}, ("a",), {"b": 1}),
        ({"a": {"b": 1}}, ("b",), None),
        ({"a": {"b": 1}}, ("a", "b", "c"), None),
        ([{"a": 1}], ("a",), None),
        ("a", ("a",), None),
        (None, ("a",), None),
    ],
)
def test_value_is_found_by_its_path_if_there_is_one(data: Any, path: tuple[str, ...], value: Any) -> None:
    assert value_at(data, *path) == value


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        ("evt-1", "evt-1"),
        ("grün 1", "grün 1"),
        ("e" * MAX_EVENT_ID_LENGTH, "e" * MAX_EVENT_ID_LENGTH),
        (17, "17"),
        (0, "0"),
        *(
            (odd, None)
            for odd in (None, "", "a\nb", "a\x00", "\ud800", "e" * 201, 10**200, 1.5, float("nan"), True)
        ),
        ({"id": 1}, None),
        (["evt-1"], None),
    ],
)
def test_event_id_is_taken_if_the_inbox_can_keep_it(value: Any, identity: str | None) -> None:
    assert event_id(value) == identity


def test_bare_event_is_refused_and_not_a_crash(inbox: Shelf) -> None:
    assert request_from_api({}).body == b""
    assert told({}, inbox)["statusCode"] == 401
