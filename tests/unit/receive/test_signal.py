from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from proofbridge.domain.items import ITEM_KINDS, Vendor
from proofbridge.stores.inbox import EventState, Source
from proofbridge.webhooks.receive import RefusedError, Request, Response, receive
from proofbridge.webhooks.signal import SignalReceiver
from tests.signals import LOCAL_KEY, signature, signed_headers
from tests.unit.receive.shelf import Shelf
from tests.unit.receive.webhooks import NOW, receiver, request

BODY = json.dumps({"vendor": "goodday", "kind": "task", "id": "TSK0001"}).encode()
PREVIOUS_KEY = "whsec_" + base64.b64encode(b"the previous key, 28 bytes..").decode()
FOREIGN_KEY = "whsec_" + base64.b64encode(b"somebody else's key, 30 bytes.").decode()

# With this one the reference implementations of the specification test their signing.
VECTOR_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
VECTOR_MOMENT = datetime.fromtimestamp(1614265330, UTC)


@pytest.fixture
def inbox() -> Shelf:
    return Shelf()


def sent(body: bytes = BODY, source: str = "local", headers: dict[str, str] | None = None) -> Request:
    return Request(
        signed_headers(body, at=NOW) if headers is None else headers, body, path={"source": source}
    )


def is_authentic(asked: Request, *keys: str, now: datetime = NOW) -> bool:
    secrets = [base64.b64decode(key.removeprefix("whsec_")) for key in keys or (LOCAL_KEY,)]
    try:
        SignalReceiver(lambda source: secrets if source == "local" else []).verify(asked, now)
    except RefusedError:
        return False
    return True


# -- signatures


def test_published_vector_is_authentic_when_it_is_fresh() -> None:
    vector = sent(VECTOR_BODY, headers=VECTOR_HEADERS)

    assert is_authentic(vector, VECTOR_KEY, now=VECTOR_MOMENT)
    assert not is_authentic(vector, LOCAL_KEY, now=VECTOR_MOMENT)
    assert not is_authentic(vector, VECTOR_KEY, now=NOW)


def test_published_vector_is_what_the_signer_for_tests_makes() -> None:
    made = signature(VECTOR_KEY, VECTOR_HEADERS["webhook-id"], 1614265330, VECTOR_BODY)

    assert made == VECTOR_HEADERS["webhook-signature"]


@pytest.mark.parametrize("key", [LOCAL_KEY, PREVIOUS_KEY])
def test_signal_is_authentic_when_it_is_signed_with_one_of_several_keys(key: str) -> None:
    headers = signed_headers(BODY, key=key, at=NOW)

    assert is_authentic(sent(headers=headers), LOCAL_KEY, PREVIOUS_KEY)


def signed_as(text: str) -> Request:
    return sent(headers={**signed_headers(BODY, at=NOW), "webhook-signature": text})


RIGHT = signed_headers(BODY, at=NOW)["webhook-signature"]
WRONG = signed_headers(BODY, at=NOW, key=FOREIGN_KEY)["webhook-signature"]


@pytest.mark.parametrize(
    "text",
    [
        f"{WRONG} {RIGHT}",
        f"{RIGHT} {WRONG}",
        f"v2,{WRONG[3:]} {RIGHT} v1a,AAAA",
        f"{WRONG},{RIGHT}",
        f"{RIGHT},{WRONG}",
        f"not a signature {RIGHT}",
    ],
)
def test_signal_is_authentic_when_one_of_several_signatures_is_right(text: str) -> None:
    assert is_authentic(signed_as(text))


@pytest.mark.parametrize(
    "text",
    [
        *("", "v1", "v1,", "v1,=", "v1,!!!!", WRONG, RIGHT[3:], "v2," + RIGHT[3:], "V1," + RIGHT[3:]),
        *(RIGHT[:-1], RIGHT + "=", RIGHT + "A", "x" + RIGHT, RIGHT.replace(",", ", "), "v1,\ud800", "v1,ü"),
        RIGHT.replace("=", ""),
    ],
)
def test_signal_is_refused_when_no_signature_is_right(text: str) -> None:
    assert not is_authentic(signed_as(text))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_signal_is_refused_when_a_header_is_missing_or_changed(name: str) -> None:
    headers = signed_headers(BODY, at=NOW)

    assert not is_authentic(sent(headers={k: v for k, v in headers.items() if k != name}))
    assert not is_authentic(sent(headers={**headers, name: ""}))
    assert not is_authentic(sent(headers={**headers, name: headers[name] + "1"}))


def test_signal_is_refused_when_its_body_was_changed() -> None:
    assert not is_authentic(sent(BODY + b" ", headers=signed_headers(BODY, at=NOW)))


def test_signal_is_refused_when_it_is_signed_without_an_id() -> None:
    assert not is_authentic(sent(headers=signed_headers(BODY, identity="", at=NOW)))


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_signal_is_authentic_within_five_minutes_either_way(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)

    assert is_authentic(sent(headers=signed_headers(BODY, at=at)))


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_signal_is_refused_when_it_is_too_old_or_too_new(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)

    assert not is_authentic(sent(headers=signed_headers(BODY, at=at)))


@pytest.mark.parametrize(
    "timestamp",
    [
        *("now", "1795512601.0", " 1795512601", "+1795512601", "1795_512_601", "1" * 5000, "-1", "NaN"),
        *("1\u0667", "²", "2026-11-24T09:30:01Z"),
    ],
)
def test_signal_is_refused_when_its_timestamp_is_no_number_of_seconds(timestamp: str) -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(LOCAL_KEY, "msg_1", timestamp, BODY),
    }

    assert not is_authentic(sent(headers=headers))


@pytest.mark.parametrize("source", ["unknown", "", "LOCAL", "local/", "\ud800"])
def test_signal_is_refused_as_a_wrong_one_when_its_source_is_unknown(source: str) -> None:
    assert not is_authentic(sent(source=source))


@pytest.mark.parametrize("key", ["whsec_", LOCAL_KEY])
def test_unknown_source_has_no_key_that_could_be_guessed(key: str) -> None:
    assert not is_authentic(sent(source="unknown", headers=signed_headers(BODY, key=key, at=NOW)))


@pytest.mark.parametrize(
    "asked", [sent(source="unknown"), sent(headers=signed_headers(BODY, key=FOREIGN_KEY, at=NOW))]
)
def test_sender_is_told_the_same_when_the_source_or_the_signature_is_wrong(asked: Request) -> None:
    with pytest.raises(RefusedError) as caught:
        receiver("signal").verify(asked, NOW)

    assert caught.value.response == Response(401, "wrong signature")


# -- the item


def take(inbox: Shelf, body: bytes, identity: str = "msg_1", source: str = "local") -> int:
    headers = signed_headers(body, identity=identity, at=NOW)
    by = SignalReceiver(lambda _: [base64.b64decode(LOCAL_KEY.removeprefix("whsec_"))])
    return receive(sent(body, source, headers), by, inbox, NOW).status


@pytest.mark.parametrize(
    ("vendor", "kind"), [(str(vendor), str(kind)) for vendor in Vendor for kind in sorted(ITEM_KINDS[vendor])]
)
def test_item_is_to_be_observed_when_a_signal_names_it(vendor: str, kind: str, inbox: Shelf) -> None:
    assert take(inbox, json.dumps({"vendor": vendor, "kind": kind, "id": "X1"}).encode()) == 200

    event = inbox.only
    assert (event.item, event.source) == (f"{vendor}#{kind}#X1", Source.NOTICE)
    assert (event.state, event.id) == (EventState.RECEIVED, "local:msg_1")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "no vendor, kind and id that name an item"),
        (b"[]", "no vendor, kind and id that name an item"),
        (b'{"vendor": "jira", "kind": "task", "id": "1"}', "no vendor, kind and id that name an item"),
        (b'{"vendor": ["goodday"], "kind": {}, "id": "1"}', "no vendor, kind and id that name an item"),
        (b'{"vendor": "goodday", "kind": "epic", "id": "1"}', "no vendor, kind and id that name an item"),
        (b'{"vendor": "goodday", "kind": "task"}', "no vendor, kind and id that name an item"),
        (b'{"vendor": "goodday", "kind": "task", "id": 7}', "no vendor, kind and id that name an item"),
        (b'{"vendor": "goodday", "kind": "task", "id": "a#b"}', "no vendor, kind and id that name an item"),
        (b'{"vendor": "goodday", "kind": "job", "id": "1"}', "goodday has no job that can be observed"),
        (b'{"vendor": "robohead", "kind": "task", "id": "1"}', "robohead has no task that can be observed"),
    ],
)
def test_signal_is_quarantined_when_it_names_no_item(body: bytes, reason: str, inbox: Shelf) -> None:
    assert take(inbox, body) == 200

    event = inbox.only
    assert (event.item, event.state, event.reason) == ("signal#unknown", EventState.QUARANTINED, reason)


def test_signals_are_told_apart_by_their_ids_and_their_sources(inbox: Shelf) -> None:
    for identity, source in (("a", "one"), ("a", "one"), ("b", "one"), ("a", "two")):
        take(inbox, BODY, identity, source)

    assert [event.id for event in inbox.events.values()] == ["one:a", "one:b", "two:a"]


def test_signals_are_told_apart_when_their_ids_are_too_long_to_keep(inbox: Shelf) -> None:
    for identity in ("x" * 1000 + "a", "x" * 1000 + "b", "x" * 1000 + "a"):
        take(inbox, BODY, identity)

    assert len(inbox.events) == 2
    assert all(len(event.id) == 64 for event in inbox.events.values())


def test_signal_of_the_events_folder_is_authentic_at_its_own_moment(inbox: Shelf) -> None:
    assert receive(request("signal"), receiver("signal"), inbox, NOW).status == 200
