"""What the senders send, out of `events/`, and receivers that trust it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from proofbridge.vendors.approval_studio.receiver import ApprovalStudioReceiver
from proofbridge.vendors.good2go.receiver import Good2GoReceiver
from proofbridge.webhooks.receive import Receiver, Request, request_from_api
from proofbridge.webhooks.signal import SignalReceiver
from tests.signals import LOCAL_KEY, signed_headers

SENDERS: Final = ("good2go", "approval_studio", "signal")
NOW: Final = datetime.fromtimestamp(1795512601, UTC)
"""When the signal of `events/` was signed."""

PASSWORD: Final = "local-webhook-password"
STUDIO_SECRET: Final = "local-studio-webhook-secret"
SIGNING_KEY: Final = base64.b64decode(LOCAL_KEY.removeprefix("whsec_"))


def api_event(sender: str) -> dict[str, Any]:
    """Return API Gateway's event of a webhook."""
    text = (Path(__file__).parents[3] / "events" / f"receive_{sender}.json").read_text()
    event: dict[str, Any] = json.loads(text)
    return event


def authentic(sender: str, body: bytes | None = None, identity: str = "msg_1") -> dict[str, Any]:
    """Return API Gateway's event of a webhook sent just now, perhaps with another body."""
    event = api_event(sender)
    sent = event["body"].encode() if body is None else body
    if sender == "signal":
        event["headers"] |= signed_headers(sent, identity=identity)
    return {**event, "body": base64.b64encode(sent).decode(), "isBase64Encoded": True}


def request(sender: str, **changes: Any) -> Request:
    """Return a webhook as it came in, with some of API Gateway's event changed."""
    return request_from_api({**api_event(sender), **changes})


def receiver(sender: str) -> Receiver:
    """Return the receiver that takes the sender's webhooks in `events/`."""
    receivers: dict[str, Receiver] = {
        "good2go": Good2GoReceiver(lambda: [("good2go", PASSWORD)]),
        "approval_studio": ApprovalStudioReceiver(lambda: [STUDIO_SECRET]),
        "signal": SignalReceiver(lambda source: [SIGNING_KEY] if source == "local" else []),
    }
    return receivers[sender]
