"""The uploads queue: each dropped file once, at its vendor."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from proofbridge.config import load_config
from proofbridge.connections import Connections
from proofbridge.environment import action_queues, read_environment, vendor_endpoints
from proofbridge.relay import Relay
from proofbridge.stores.drop_folder import DropFolder, Relays
from proofbridge.stores.gates import Gates
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueue
from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.deadline import Deadline


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    inbox_table: str
    state_table: str
    uploads_queue: str
    action_queues: str
    vendor_endpoints: str
    secret_cache_seconds: int


LEASE = timedelta(seconds=960)
"""Longer than this function may run."""


def _now() -> datetime:
    return datetime.now(UTC)


_environment = read_environment(_Environment, os.environ)
_config = load_config(Path(_environment.config_dir))
_dynamodb = boto3.client("dynamodb")
_sqs = boto3.client("sqs")
_s3 = boto3.client("s3")
_connections = Connections(
    vendor_endpoints(_environment.vendor_endpoints),
    Secrets(lambda: boto3.client("secretsmanager"), _environment.secret_cache_seconds),
    _config.vendors,
    _now,
)
_actions = ActionQueues(_sqs, action_queues(_environment.action_queues))
_uploads = UploadQueue(_sqs, _environment.uploads_queue)
_batch = BatchProcessor(event_type=EventType.SQS)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Relay a batch of files; one that crashes comes back, one that must wait is queued again."""
    deadline = Deadline.of_lambda(context, margin_seconds=15)
    relay = Relay(
        config=_config,
        folder=DropFolder(_s3),
        relays=Relays(_dynamodb, _environment.state_table),
        ledger=Ledger(_dynamodb, _environment.state_table),
        items=Items(_dynamodb, _environment.state_table),
        inbox=Inbox(_dynamodb, _environment.inbox_table),
        gates=Gates(_dynamodb, _environment.state_table),
        queues=_actions,
        uploads=_uploads,
        upload_gateway=lambda vendor: _connections.uploads(vendor, deadline),
        renew=_connections.renew,
        now=_now,
        lease=LEASE,
    )
    return process_partial_response(
        event=event, record_handler=_relay_with(relay), processor=_batch, context=context
    )


def _relay_with(relay: Relay) -> Callable[[Any], None]:
    def relay_record(record: Any) -> None:
        relay.relay(json.loads(record.body))

    return relay_record
