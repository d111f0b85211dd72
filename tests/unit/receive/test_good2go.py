from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from proofbridge.stores.inbox import EventState
from proofbridge.vendors.good2go.receiver import Good2GoReceiver
from proofbridge.webhooks.receive import RefusedError, Request, receive
from tests.unit.receive.shelf import Shelf
from tests.unit.receive.webhooks import NOW, PASSWORD, api_event, receiver, request

BODY = api_event("good2go")["body"].encode()


@pytest.fixture
def inbox() -> Shelf:
    return Shelf()


def basic(username: str = "good2go", password: str = PASSWORD, scheme: str = "Basic") -> dict[str, str]:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"authorization": f"{scheme} {token}"}


def refusal(asked: Request, by: Good2GoReceiver) -> int:
    with pytest.raises(RefusedError) as caught:
        by.verify(asked, NOW)
    return caught.value.response.status


# -- credentials


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_credentials_are_taken_when_the_scheme_is_written_otherwise(scheme: str) -> None:
    receiver("good2go").verify(Request(basic(scheme=scheme), BODY), NOW)


@pytest.mark.parametrize("which", [0, 1])
def test_credentials_are_taken_when_they_are_one_of_several(which: int) -> None:
    pairs = [("old", "password-1"), ("grün", "pässwörd:2")]

    Good2GoReceiver(lambda: iter(pairs)).verify(Request(basic(*pairs[which]), BODY), NOW)


GOOD = basic()["authorization"]
BAD_HEADERS: list[dict[str, str]] = [
    {},
    {"authorization": ""},
    {"authorization": "Basic"},
    {"authorization": "Basic "},
    {"authorization": "Basic !!!"},
    {"authorization": "Basic Z29vZDJnbw"},
    {"authorization": "Basic ümläut"},
    {"authorization": "Basic \udcff"},
    {"authorization": "Basic \x00"},
    {"authorization": GOOD + "x"},
    {"authorization": GOOD + "\n"},
    {"authorization": f"{GOOD},{GOOD}"},
    {"authorization": GOOD.replace("Basic ", "Basic  ")},
    {"authorization": GOOD.replace("Basic", "Bearer")},
    {"authorization": PASSWORD},
    basic(password="wrong"),
    basic(password=""),
    basic(username="Good2Go"),
    basic(username="good2go:local", password="webhook-password"),
    basic(password=PASSWORD + "\x00"),
    basic(password="pässwörd"),
    {"x-authorization": GOOD},
]


@pytest.mark.parametrize("headers", BAD_HEADERS)
def test_webhook_is_refused_when_the_credentials_are_not_right(headers: dict[str, str]) -> None:
    assert refusal(Request(headers, BODY), Good2GoReceiver(lambda: [("good2go", PASSWORD)])) == 401


@pytest.mark.parametrize("headers", [{}, basic("", ""), {"authorization": "Basic "}])
def test_webhook_is_refused_when_there_are_no_credentials_to_compare_with(headers: dict[str, str]) -> None:
    assert refusal(Request(headers, BODY), Good2GoReceiver(list)) == 401


# -- addresses


def among(ranges: str) -> Good2GoReceiver:
    return Good2GoReceiver(lambda: [("good2go", PASSWORD)], source_ranges=ranges)


@pytest.mark.parametrize(
    ("ranges", "address"),
    [
        ("192.0.2.0/24", "192.0.2.10"),
        ("192.0.2.10", "192.0.2.10"),
        ("198.51.100.0/24, 192.0.2.0/28", "192.0.2.15"),
        ("2001:db8::/32", "2001:db8:0:1::17"),
        ("192.0.2.0/24,2001:db8::1", "2001:DB8::1"),
        ("192.0.2.0/24", "::ffff:192.0.2.10"),
        ("0.0.0.0/0", "203.0.113.9"),
    ],
)
def test_webhook_is_taken_when_its_address_is_in_the_list(ranges: str, address: str) -> None:
    among(ranges).verify(Request(basic(), BODY, address), NOW)


@pytest.mark.parametrize(
    ("ranges", "address"),
    [
        ("192.0.2.0/24", "192.0.3.10"),
        ("192.0.2.0/24,198.51.100.7", "198.51.100.8"),
        ("2001:db8::/32", "2001:db9::1"),
        ("2001:db8::/32", "192.0.2.10"),
        ("192.0.2.0/24", "2001:db8::1"),
        ("0.0.0.0/0", "2001:db8::1"),
        ("192.0.2.0/24", ""),
        ("192.0.2.0/24", "192.0.2.10, 10.0.0.1"),
        ("192.0.2.0/24", "192.0.2.010"),
        ("192.0.2.0/24", "good2go.test"),
        ("192.0.2.0/24", "\ud800"),
    ],
)
def test_webhook_is_refused_when_its_address_is_not_in_the_list(ranges: str, address: str) -> None:
    assert refusal(Request(basic(), BODY, address), among(ranges)) == 403


def test_address_in_a_header_does_not_help_when_the_gateway_saw_another() -> None:
    headers = {**basic(), "x-forwarded-for": "192.0.2.10", "forwarded": "for=192.0.2.10"}

    assert refusal(Request(headers, BODY, "203.0.113.9"), among("192.0.2.0/24")) == 403


def test_secret_is_not_read_when_the_address_is_foreign() -> None:
    def credentials() -> list[tuple[str, str]]:
        raise AssertionError("the secret was read")

    by = Good2GoReceiver(credentials, source_ranges="192.0.2.0/24")

    assert refusal(Request(basic(), BODY, "203.0.113.9"), by) == 403


@pytest.mark.parametrize("ranges", ["192.0.2.1/24", "192.0.2.0/33", "good2go.test", "192.0.2.0/24,"])
def test_receiver_does_not_start_when_the_list_is_wrong(ranges: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|has host bits"):
        among(ranges)


# -- which event, about which job


@pytest.mark.parametrize("name", ["job.approved", "anything at all", None, {"of": "any form"}])
def test_event_is_understood_whatever_it_is_called(name: Any, inbox: Shelf) -> None:
    body = json.dumps({**json.loads(BODY), "event": name})

    receive(request("good2go", body=body), receiver("good2go"), inbox, NOW)

    assert inbox.only.state is EventState.RECEIVED


def test_events_are_kept_apart_when_a_byte_differs(inbox: Shelf) -> None:
    for body in (BODY, BODY + b" "):
        receive(request("good2go", body=body.decode()), receiver("good2go"), inbox, NOW)

    assert len(inbox.events) == 2


def stored_id(body: str, path: str, inbox: Shelf) -> str:
    by = Good2GoReceiver(lambda: [("good2go", PASSWORD)], event_id_path=path)
    receive(request("good2go", body=body), by, inbox, NOW)
    return inbox.only.id


@pytest.mark.parametrize(
    ("path", "extra", "identity"),
    [
        ("id", {"id": "evt-1"}, "evt-1"),
        ("data.event.id", {"data": {"event": {"id": "evt-2"}}}, "evt-2"),
        ("id", {"id": 17}, "17"),
    ],
)
def test_event_id_is_the_one_at_the_path_when_one_is_set(
    path: str, extra: dict[str, Any], identity: str, inbox: Shelf
) -> None:
    assert stored_id(json.dumps({**json.loads(BODY), **extra}), path, inbox) == identity


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("id", {}),
        ("data.id.x", {"data": {"id": "evt"}}),
        ("id", {"id": ""}),
        ("id", {"id": None}),
        ("id", {"id": ["evt"]}),
        ("id", {"id": {"a": 1}}),
        ("id", {"id": "e" * 201}),
        ("id", {"id": "a\nb"}),
        ("id", {"id": "\ud800"}),
        ("id", {"id": 1.5}),
        ("id", {"id": True}),
        ("", {"": "evt", "id": "evt"}),
    ],
)
def test_event_id_is_the_digest_when_there_is_none_at_the_path(
    path: str, extra: dict[str, Any], inbox: Shelf
) -> None:
    identity = stored_id(json.dumps({**json.loads(BODY), **extra}), path, inbox)

    assert len(identity) == 32
    assert int(identity, 16)


@pytest.mark.parametrize(
    "body",
    [
        *("{}", "[]", "null", '"job"', "NaN", '{"job": null}', '{"job": {}}', '{"job": "guid"}'),
        *('{"job": ["guid"]}', '{"job": {"guid": null}}', '{"job": {"guid": 7}}', '{"job": {"guid": true}}'),
        *('{"job": {"guid": ""}}', '{"job": {"guid": ["a"]}}', '{"job": {"guid": {"a": 1}}}'),
        *('{"job": {"guid": "a#b"}}', '{"job": {"guid": "a\\nb"}}', '{"job": {"guid": "\\ud800"}}'),
        *('{"job": {"guid": "a"}, "job": {}}', '{"job": {"guid": "' + "a" * 201 + '"}}'),
    ],
)
def test_event_is_quarantined_when_it_names_no_job(body: str, inbox: Shelf) -> None:
    assert receive(request("good2go", body=body), receiver("good2go"), inbox, NOW).status == 200

    event = inbox.only
    assert (event.item, event.state, event.body) == ("good2go#unknown", EventState.QUARANTINED, body)
    assert event.reason == "no job.guid that can name a job"
