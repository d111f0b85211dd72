"""Receiving webhooks: verify the raw bytes, then read them, then one put into the Inbox.

What is the same for every sender is here; `receivers` has one module per sender. Only the standard library is
imported: a receiver has to start fast.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from proofbridge.metrics import count
from proofbridge.stores.inbox import Event, EventState, Source
from proofbridge.stores.secrets import SecretError

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 256 * 1024
"""An Inbox entry holds 400 KB; vendors' events have a few."""
MAX_EVENT_ID_LENGTH: Final = 200


class EventStore(Protocol):
    """Where events are put (see `stores.inbox.Inbox`)."""

    def put(self, event: Event) -> bool:
        """Store the event once; return whether it is new."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook as it came in.

    Header names are in lower case, repeated headers joined by commas, the body's bytes exactly as sent.
    `source_ip` is the address that API Gateway saw, empty if it told none. `path` has the path's parameters.
    """

    headers: Mapping[str, str]
    body: bytes
    source_ip: str = ""
    path: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """What the caller is told. It never says more than it has to."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """The call is not accepted: the status and message for the caller."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.response = Response(status, message, headers or {})


class NotUnderstoodError(Exception):
    """An authentic body does not say what it should. The text tells why and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What an authentic body says: which item it is about, and which event it is (None: it does not tell)."""

    item: str
    event_id: str | None
    state: EventState = EventState.RECEIVED


class Receiver(Protocol):
    """One kind of webhook. `name` stands in metrics and for the vendor of what is not understood."""

    @property
    def name(self) -> str:
        """The sender."""
        ...

    @property
    def source(self) -> Source:
        """What its events are to the Inbox."""
        ...

    def verify(self, request: Request, now: datetime) -> None:
        """Raise RefusedError unless the request is authentic; nothing of its body is read."""
        ...

    def read(self, request: Request, data: Any) -> Message:
        """Read the JSON of an authentic body. Raise NotUnderstoodError."""
        ...


def respond(
    event: Any, receiver: Receiver, inbox: EventStore, now: datetime, failures: tuple[type[Exception], ...]
) -> dict[str, Any]:
    """Answer API Gateway's HTTP API event (payload format 2.0).

    200: stored, or there already. 4xx: refused, nothing stored. 503: one of `failures` came in between, so
    that the sender has to try again.
    """
    try:
        response = receive(request_from_api(event), receiver, inbox, now)
    except RefusedError as refused:
        response = refused.response
        count("WebhooksRefused", vendor=receiver.name)
        log.warning("webhook refused", extra={"receiver": receiver.name, "reason": response.message})
    except failures as error:
        response = Response(503, "try again")
        count("WebhooksUnavailable", vendor=receiver.name)
        # No traceback: it would show the error's text.
        log.error("webhook not stored", extra={"receiver": receiver.name, "reason": _reason(error)})  # noqa: TRY400
    return {
        "statusCode": response.status,
        "headers": {"Content-Type": "application/json", **response.headers},
        "body": json.dumps({"message": response.message}),
    }


def _reason(error: Exception) -> str:
    """Say what a log may: AWS's own texts may carry what was sent."""
    if isinstance(error, SecretError):
        return str(error)
    code = value_at(getattr(error, "response", None), "Error", "Code")
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"


def receive(request: Request, receiver: Receiver, inbox: EventStore, now: datetime) -> Response:
    """Take one webhook: the answer is 200 for a new event and for one that is there already. One put.

    An authentic one that is not understood is kept in quarantine, with the reason. Raise RefusedError.
    """
    if len(request.body) > MAX_BODY_BYTES:
        raise RefusedError(413, f"more than {MAX_BODY_BYTES} bytes")
    receiver.verify(request, now)
    event = _event(request, receiver, now)
    outcome = "accepted" if inbox.put(event) else "duplicate"
    count("Webhooks", vendor=receiver.name, outcome=outcome)
    log.info("webhook %s", outcome, extra={"event": event.key})
    return Response(200, outcome)


def _event(request: Request, receiver: Receiver, now: datetime) -> Event:
    digest = hashlib.sha256(request.body).hexdigest()[:32]
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        text, reason = base64.b64encode(request.body).decode(), "not UTF-8 (kept as base64)"
    else:
        try:
            message = receiver.read(request, _json(text))
        except NotUnderstoodError as error:
            reason = str(error)
        else:
            return Event(message.item, message.event_id or digest, receiver.source, now, text, message.state)
    count("EventsQuarantined", vendor=receiver.name)
    log.error("an authentic event is not understood", extra={"receiver": receiver.name, "reason": reason})
    return Event(
        f"{receiver.name}#unknown", digest, receiver.source, now, text, EventState.QUARANTINED, reason
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    # A number of too many digits is a ValueError, brackets in brackets in brackets a RecursionError.
    except (ValueError, RecursionError):
        raise NotUnderstoodError("not JSON") from None


def value_at(data: Any, *path: str) -> Any:
    """Return what stands at a path of names in JSON data; None where there is no such place."""
    for name in path:
        if not isinstance(data, dict):
            return None
        data = data.get(name)
    return data


def bytes_of(text: str) -> bytes:
    """Encode a text, also one with lone surrogates, so that it can be compared in constant time."""
    return text.encode("utf-8", "surrogatepass")


def event_id(value: Any) -> str | None:
    """Return a sender's event id as the Inbox can keep it: a short printable text, or a whole number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if 0 < len(text) <= MAX_EVENT_ID_LENGTH and text.isprintable() else None


def request_from_api(event: Any) -> Request:
    """Read API Gateway's HTTP API event (payload format 2.0). Raise RefusedError for a body that is none."""
    event = _mapping(event)
    text = event.get("body") or ""
    if not isinstance(text, str):
        raise RefusedError(400, "the body is not text")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError(400, "the body is not base64") from None
    else:
        body = bytes_of(text)
    source_ip = value_at(event, "requestContext", "http", "sourceIp")
    return Request(
        headers=_headers(_mapping(event.get("headers"))),
        body=body,
        source_ip=source_ip if isinstance(source_ip, str) else "",
        path={k: v for k, v in _mapping(event.get("pathParameters")).items() if isinstance(v, str)},
    )


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, str):
            key = name.lower()
            # As API Gateway does with a repeated header: two contradictory ones must not become one.
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
