"""Dropped files: taken in from S3's queue, and relayed once each from their vendors' upload queues."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from botocore.config import Config

from proofbridge.config.loader import load_config
from proofbridge.domain.files.messages import dispatch
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import action_queues, read_environment, vendor_endpoints
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.drop_folder import DropFolder
from proofbridge.stores.dropped_files import DroppedFiles
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.locks import Locks
from proofbridge.stores.names import Names
from proofbridge.stores.places import Places
from proofbridge.stores.queues import ActionQueues, UploadQueues
from proofbridge.stores.secrets import Secrets
from proofbridge.stores.throughputs import Throughputs
from proofbridge.uploads.completion import Completion
from proofbridge.uploads.intake import Intake
from proofbridge.uploads.name_conflicts import NameConflicts
from proofbridge.uploads.relay import Relay
from proofbridge.uploads.transfer import Transfer
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import Deadline


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    inbox_table: str
    state_table: str
    uploads_queue: str
    upload_queues: str
    action_queues: str
    vendor_endpoints: str
    secret_cache_seconds: int


MARGIN_SECONDS = 45
"""What is left when the time for vendors ends: for a read of S3 that hangs, and to note what happened."""
LEASE = timedelta(seconds=960)
"""Longer than this function may run."""


def _now() -> datetime:
    return datetime.now(UTC)


_environment = read_environment(_Environment, os.environ)
_config = load_config(Path(_environment.config_dir))
_dynamodb = boto3.client("dynamodb")
_sqs = boto3.client("sqs")
_s3 = boto3.client(
    "s3",
    config=Config(
        signature_version="s3v4",  # also of links, for vendors that fetch
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 2},
    ),
)
_connections = Connections(
    vendor_endpoints(_environment.vendor_endpoints),
    Secrets(lambda: boto3.client("secretsmanager"), _environment.secret_cache_seconds),
    _config.vendors,
    _now,
)
_actions = ActionQueues(_sqs, action_queues(_environment.action_queues))
_uploads = UploadQueues(_sqs, _environment.uploads_queue, action_queues(_environment.upload_queues))
_folder = DropFolder(_s3)
_files = DroppedFiles(_dynamodb, _environment.state_table)
_relays = Places(_dynamodb, _environment.state_table)
_items = Items(_dynamodb, _environment.state_table)
_ledger = Ledger(_dynamodb, _environment.state_table)
_intake = Intake(_config, _folder, _files, _relays, _ledger, _uploads, _now)
_batch = BatchProcessor(event_type=EventType.SQS)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Take in or relay a batch of files; one that crashes comes back, one that must wait is queued again."""
    deadline = Deadline.of_lambda(context, margin_seconds=MARGIN_SECONDS)
    relay = Relay(
        config=_config,
        folder=_folder,
        relays=_relays,
        ledger=_ledger,
        items=_items,
        uploads=_uploads,
        standings=Completion(
            _folder, _files, _items, Inbox(_dynamodb, _environment.inbox_table), _actions, _now
        ),
        access=CircuitBreaker(
            CircuitStates(_dynamodb, _environment.state_table),
            lambda vendor: _connections.uploads(vendor, deadline),
            _connections.renew,
            _now,
        ),
        transfer=Transfer(
            throughputs=Throughputs(_dynamodb, _environment.state_table),
            locks=Locks(_dynamodb, _environment.state_table),
            deadline=deadline,
            whole_seconds=deadline.remaining_seconds,  # one file at a time: all of it is for this one
            url_above_bytes=_config.vendors.good2go.url_above_mb * 1_000_000,
            now=_now,
        ),
        namesakes=NameConflicts(Names(_dynamodb, _environment.state_table), _ledger, _now),
        now=_now,
        lease=LEASE,
    )
    return process_partial_response(
        event=event, record_handler=_handle_with(relay), processor=_batch, context=context
    )


def _handle_with(relay: Relay) -> Callable[[Any], None]:
    def handle(record: Any) -> None:
        dispatch(record.body, take=_intake.take, relay=relay.relay)

    return handle
