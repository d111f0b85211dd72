"""Signs payloads as the Standard Webhooks specification says, for tests that send signals."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

LOCAL_KEY = "whsec_bG9jYWwtc2lnbmFsLXNlY3JldC1rZXktMzJieXRlcw=="
"""The key of the source `local` in local AWS."""


def signature(key: str, identity: str, timestamp: int | str, body: bytes) -> str:
    """Return `v1,` and the signature of `id.timestamp.body` by a key of the form `whsec_…`."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def signed_headers(
    body: bytes, *, key: str = LOCAL_KEY, identity: str = "msg_1", at: datetime | None = None
) -> dict[str, str]:
    """Return the three headers of a signal that is sent at a moment, by default now."""
    timestamp = int((at or datetime.now(UTC)).timestamp())
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(key, identity, timestamp, body),
    }
