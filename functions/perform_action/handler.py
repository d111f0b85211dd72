"""The vendors' action queues: each action once, at its vendor."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from proofbridge.actions.perform import Performer
from proofbridge.config.loader import load_config
from proofbridge.domain.actions import Action
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import action_queues, read_environment, vendor_endpoints
from proofbridge.stores.amazon import Amazon, sesv2
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.secrets import Secrets
from proofbridge.stores.slots import Slots
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import Deadline


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    inbox_table: str
    state_table: str
    action_queues: str
    vendor_endpoints: str
    secret_cache_seconds: int
    event_bus: str


LEASE = timedelta(seconds=90)
"""Longer than this function may run."""


def _now() -> datetime:
    return datetime.now(UTC)


_environment = read_environment(_Environment, os.environ)
_dynamodb = boto3.client("dynamodb")
_connections = Connections(
    vendor_endpoints(_environment.vendor_endpoints),
    Secrets(lambda: boto3.client("secretsmanager"), _environment.secret_cache_seconds),
    load_config(Path(_environment.config_dir)).vendors,
    _now,
    Amazon(sesv2, lambda: EventBus(boto3.client("events"), _environment.event_bus), _now),
)
_queues = ActionQueues(boto3.client("sqs"), action_queues(_environment.action_queues))
_batch = BatchProcessor(event_type=EventType.SQS)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Perform a batch of actions; one that crashes comes back, one that must wait is queued again."""
    deadline = Deadline.of_lambda(context)
    performer = Performer(
        ledger=Ledger(_dynamodb, _environment.state_table),
        items=Items(_dynamodb, _environment.state_table),
        inbox=Inbox(_dynamodb, _environment.inbox_table),
        words=LatestDecisions(_dynamodb, _environment.state_table),
        queues=_queues,
        slots=Slots(_dynamodb, _environment.state_table),
        access=CircuitBreaker(
            CircuitStates(_dynamodb, _environment.state_table),
            lambda vendor: _connections.gateway(vendor, deadline),
            _connections.renew,
            _now,
        ),
        now=_now,
        lease=LEASE,
    )
    return process_partial_response(
        event=event, record_handler=_perform_with(performer), processor=_batch, context=context
    )


def _perform_with(performer: Performer) -> Callable[[Any], None]:
    def perform(record: Any) -> None:
        performer.perform(Action.from_message(record.body))

    return perform
