"""POST /webhooks/signal/{source}."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from proofbridge.runtime.environment import read_environment
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.receiving import FAILURES, dynamodb, secretsmanager
from proofbridge.stores.secrets import Secrets, signing_keys
from proofbridge.webhooks.receive import respond
from proofbridge.webhooks.signal import SignalReceiver


@dataclass(frozen=True)
class _Environment:
    inbox_table: str
    secret_id: str
    secret_cache_seconds: int


_environment = read_environment(_Environment, os.environ)
_inbox = Inbox(dynamodb(), _environment.inbox_table)
_secrets = Secrets(secretsmanager, _environment.secret_cache_seconds)
_receiver = SignalReceiver(lambda source: signing_keys(_secrets, _environment.secret_id, source))


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda
    """Take one signal."""
    return respond(event, _receiver, _inbox, datetime.now(UTC), FAILURES)
