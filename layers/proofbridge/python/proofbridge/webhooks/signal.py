"""Signals: anybody with a key may say that an item has changed, and it is observed at once.

For the vendors that have no webhooks: an automation tool that notices a change sends `{"vendor", "kind",
"id"}`. Signed as the Standard Webhooks specification says, version 1.0.0, symmetric signatures (`v1`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from proofbridge.domain.items import ITEM_KINDS, ItemKind, ItemRef, Vendor
from proofbridge.stores.inbox import Source
from proofbridge.webhooks.receive import (
    Message,
    NotUnderstoodError,
    RefusedError,
    Request,
    bytes_of,
    event_id,
    value_at,
)

TOLERANCE: Final = timedelta(minutes=5)
"""How far a signature's moment may be from ours, either way."""

# Signatures stand with spaces between them; a repeated header adds commas.
_SIGNATURES: Final = re.compile(r"(?:^|(?<=[ ,]))v1,([A-Za-z0-9+/]+={0,2})(?=[ ,]|$)")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_NOBODYS_KEY: Final = os.urandom(32)


class SignalReceiver:
    """Verifies and reads signals. `keys` gives the keys of a source that are good now, none if unknown."""

    name: Final = "signal"
    source: Final = Source.NOTICE

    def __init__(self, keys: Callable[[str], Iterable[bytes]]) -> None:
        self._keys = keys

    def verify(self, request: Request, now: datetime) -> None:
        """Raise RefusedError, 401: an unknown source is told the same as a wrong signature."""
        identity, timestamp, signatures = (
            request.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
        )
        signed = b".".join((bytes_of(identity), bytes_of(timestamp), request.body))
        given = [text.encode() for text in _SIGNATURES.findall(signatures)]
        # Every key is compared with every signature, and an unknown source takes as long as a known one.
        matches = [
            hmac.compare_digest(base64.b64encode(hmac.digest(key, signed, "sha256")), signature)
            for key in list(self._keys(_source(request))) or [_NOBODYS_KEY]
            for signature in given
        ]
        if not (any(matches) and identity and _is_near(timestamp, now)):
            raise RefusedError(401, "wrong signature")

    def read(self, request: Request, data: Any) -> Message:
        """Read the item. Two sources may use the same id, so the event's id names the source too."""
        try:
            ref = ItemRef(
                Vendor(value_at(data, "vendor")), ItemKind(value_at(data, "kind")), value_at(data, "id")
            )
        except ValueError:
            raise NotUnderstoodError("no vendor, kind and id that name an item") from None
        if ref.kind not in ITEM_KINDS[ref.vendor]:
            raise NotUnderstoodError(f"{ref.vendor} has no {ref.kind} that can be observed")
        identity = f"{_source(request)}:{request.headers['webhook-id']}"
        return Message(str(ref), event_id(identity) or hashlib.sha256(bytes_of(identity)).hexdigest())


def _source(request: Request) -> str:
    return request.path.get("source", "")


def _is_near(timestamp: str, now: datetime) -> bool:
    if _SECONDS.fullmatch(timestamp) is None:
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()
