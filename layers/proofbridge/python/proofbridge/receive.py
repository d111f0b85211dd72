"""Receiving webhooks: verify the raw bytes, then read them, then one put into the Inbox.

Only the standard library is imported here: a receiver has to start fast.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from proofbridge.items import ItemKind, ItemRef, Vendor
from proofbridge.metrics import count
from proofbridge.stores.inbox import Event, EventState, Source

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 256 * 1024
"""An Inbox entry holds 400 KB; vendors' events have a few."""


class EventStore(Protocol):
    """Where events are put (see `stores.inbox.Inbox`)."""

    def put(self, event: Event) -> bool:
        """Store the event once; return whether it is new."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook as it came in: header names in lower case, the body's bytes exactly as sent."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What the caller is told. It never says more than it has to."""

    status: int
    message: str


class RefusedError(Exception):
    """The call is not accepted: the status and message for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.response = Response(status, message)


def request_from_api(event: Mapping[str, Any]) -> Request:
    """Read API Gateway's HTTP API event (payload format 2.0); RefusedError for a body that is no base64."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError(400, "the body is not base64") from None
    else:
        body = text.encode("utf-8", "surrogatepass")
    return Request({name.lower(): value for name, value in (event.get("headers") or {}).items()}, body)


def answer(response: Response) -> dict[str, Any]:
    """Return the response in API Gateway's payload format 2.0."""
    return {
        "statusCode": response.status,
        "headers": {"Content-Type": "application/json"}
        | ({"WWW-Authenticate": "Basic"} if response.status == 401 else {}),  # noqa: PLR2004
        "body": json.dumps({"message": response.message}),
    }


def unavailable(error: Exception) -> Response:
    """Return the answer that makes the vendor try again, because the event could not be stored.

    Only the error's kind is logged: its text may carry what was sent.
    """
    count("WebhooksUnavailable")
    log.error("a webhook could not be stored", extra={"error": type(error).__name__})
    return Response(503, "try again")


def receive_good2go(
    request: Request, credentials: Iterable[tuple[str, str]], inbox: EventStore, now: datetime
) -> Response:
    """Take a Good2Go webhook: HTTP Basic credentials, any of the given (username, password) pairs.

    Section "Webhook" of Good2Go's documentation. The answer is 200 for a new event and for one that is there
    already; RefusedError otherwise. Which event it is, is the digest of its bytes: Good2Go names no id.
    """
    _expect_size(request)
    _expect_basic_credentials(request, credentials)
    event_id = hashlib.sha256(request.body).hexdigest()[:32]
    try:
        text = request.body.decode()
        guid = json.loads(text)["job"]["guid"]
        item = str(ItemRef(Vendor.GOOD2GO, ItemKind.JOB, guid))
    except UnicodeDecodeError:
        text = base64.b64encode(request.body).decode()
        return _quarantine(inbox, Vendor.GOOD2GO, event_id, text, "not UTF-8 (kept as base64)", now)
    except (ValueError, RecursionError):
        return _quarantine(inbox, Vendor.GOOD2GO, event_id, text, "not JSON with a job's guid", now)
    except (KeyError, TypeError):
        return _quarantine(inbox, Vendor.GOOD2GO, event_id, text, "no job.guid", now)
    return _accept(inbox, Event(item, event_id, Source.WEBHOOK, now, text))


def _expect_size(request: Request) -> None:
    if len(request.body) > MAX_BODY_BYTES:
        raise RefusedError(413, f"more than {MAX_BODY_BYTES} bytes")


def _expect_basic_credentials(request: Request, credentials: Iterable[tuple[str, str]]) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(token, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        given = b""
    # Every pair is compared, and as bytes, so that the time taken tells nothing.
    matches = [
        hmac.compare_digest(f"{username}:{password}".encode(), given) for username, password in credentials
    ]
    if not any(matches):
        count("WebhooksRefused", vendor=Vendor.GOOD2GO)
        raise RefusedError(401, "wrong credentials")


def _quarantine(
    inbox: EventStore, vendor: Vendor, event_id: str, body: str, reason: str, now: datetime
) -> Response:
    count("EventsQuarantined", vendor=vendor)
    log.error("an authentic event is not understood", extra={"vendor": vendor, "reason": reason})
    return _accept(
        inbox,
        Event(f"{vendor}#unknown", event_id, Source.WEBHOOK, now, body, EventState.QUARANTINED, reason),
    )


def _accept(inbox: EventStore, event: Event) -> Response:
    is_new = inbox.put(event)
    outcome = "accepted" if is_new else "duplicate"
    count("Webhooks", vendor=event.item.split("#")[0], outcome=outcome)
    log.info("webhook %s", outcome, extra={"event": event.key})
    return Response(200, outcome)
