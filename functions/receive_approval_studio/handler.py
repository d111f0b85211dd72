"""POST /webhooks/approval-studio."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from proofbridge.runtime.environment import read_environment
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.receiving import FAILURES, dynamodb, secretsmanager
from proofbridge.stores.secrets import Secrets, webhook_secrets
from proofbridge.vendors.approval_studio.receiver import ApprovalStudioReceiver
from proofbridge.webhooks.receive import respond


@dataclass(frozen=True)
class _Environment:
    inbox_table: str
    secret_id: str
    secret_cache_seconds: int


_environment = read_environment(_Environment, os.environ)
_inbox = Inbox(dynamodb(), _environment.inbox_table)
_secrets = Secrets(secretsmanager, _environment.secret_cache_seconds)
_receiver = ApprovalStudioReceiver(lambda: webhook_secrets(_secrets, _environment.secret_id))


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda
    """Take one webhook."""
    return respond(event, _receiver, _inbox, datetime.now(UTC), FAILURES)
