"""From API Gateway's event to the request."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from proofbridge.webhooks.receive import RefusedError, request_from_api
from tests.unit.receive.webhooks import api_event

EVENT = api_event("good2go")


def test_body_is_the_bytes_sent_when_the_gateway_hands_over_text() -> None:
    assert request_from_api({**EVENT, "body": "grün\x00\r\n"}).body == "grün\x00\r\n".encode()


def test_body_is_the_bytes_sent_when_the_gateway_hands_over_base64() -> None:
    sent = b"\xff\x00{}"
    event = {**EVENT, "body": base64.b64encode(sent).decode(), "isBase64Encoded": True}

    assert request_from_api(event).body == sent


@pytest.mark.parametrize("text", ["a*b", "YQ", "YQ==\n", "ümläut", "\ud800"])
def test_call_is_refused_when_the_gateways_base64_is_none(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        request_from_api({**EVENT, "body": text, "isBase64Encoded": True})

    assert caught.value.response.status == 400


def test_body_is_no_utf_8_when_the_gateway_hands_over_a_lone_surrogate() -> None:
    with pytest.raises(UnicodeDecodeError):
        request_from_api({**EVENT, "body": '"\ud800"'}).body.decode()


@pytest.mark.parametrize("body", [7, True, ["{}"], {"job": {}}])
def test_call_is_refused_when_the_body_is_no_text(body: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        request_from_api({**EVENT, "body": body})

    assert caught.value.response.status == 400


@pytest.mark.parametrize("changes", [{"body": None}, {"body": ""}, {"body": "", "isBase64Encoded": True}])
def test_body_is_empty_when_none_was_sent(changes: dict[str, Any]) -> None:
    assert request_from_api({**EVENT, **changes}).body == b""


def test_headers_are_found_by_their_small_names_however_they_were_written() -> None:
    headers = request_from_api({**EVENT, "headers": {"API-Secret": "a", "x-Other": "b"}}).headers

    assert headers == {"api-secret": "a", "x-other": "b"}


def test_values_are_joined_when_a_header_comes_twice() -> None:
    headers = request_from_api({**EVENT, "headers": {"Api-Secret": "a", "api-secret": "b"}}).headers

    assert headers == {"api-secret": "a,b"}


def test_address_is_the_gateways_and_not_a_headers() -> None:
    request = request_from_api({**EVENT, "headers": {"x-forwarded-for": "198.51.100.1"}})

    assert request.source_ip == "192.0.2.10"


@pytest.mark.parametrize(
    "event",
    [
        None,
        7,
        [],
        {},
        {"headers": None, "requestContext": None, "pathParameters": None},
        {"headers": ["a"], "requestContext": "b", "pathParameters": 1},
        {"headers": {"a": 1, "b": ["c"]}, "requestContext": {"http": []}, "pathParameters": {"source": 1}},
        {"requestContext": {"http": {"sourceIp": 16}}},
    ],
)
def test_request_is_bare_when_the_event_is_not_of_the_gateways_form(event: Any) -> None:
    request = request_from_api(event)

    assert (request.headers, request.body, request.source_ip, request.path) == ({}, b"", "", {})
