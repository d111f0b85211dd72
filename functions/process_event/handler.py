"""The Inbox table's stream: events to observations, changes and actions."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from proofbridge.config.loader import load_config
from proofbridge.decisions.conflicts import ConflictResolver
from proofbridge.events.auto_linking import AutoLinker
from proofbridge.events.process import Processor
from proofbridge.events.readers import readers
from proofbridge.runtime.environment import action_queues, read_environment
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.inbox import Inbox, event_from_stream
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.references import References


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    inbox_table: str
    state_table: str
    action_queues: str
    event_bus: str


_environment = read_environment(_Environment, os.environ)
_config = load_config(Path(_environment.config_dir))
_dynamodb = boto3.client("dynamodb")
_inbox = Inbox(_dynamodb, _environment.inbox_table)
_items = Items(_dynamodb, _environment.state_table)


def _now() -> datetime:
    return datetime.now(UTC)


_processor = Processor(
    inbox=_inbox,
    items=_items,
    words=LatestDecisions(_dynamodb, _environment.state_table),
    queues=ActionQueues(boto3.client("sqs"), action_queues(_environment.action_queues)),
    bus=EventBus(boto3.client("events"), _environment.event_bus),
    court=ConflictResolver(_config.routes, _config.authority),
    readers=readers(_config.vendors),
    linker=AutoLinker(
        _config.links,
        items=_items,
        references=References(_dynamodb, _environment.state_table),
        inbox=_inbox,
        now=_now,
    ),
    now=_now,
)
_batch = BatchProcessor(event_type=EventType.DynamoDBStreams)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Process a batch of events; those from the first that fails on come back."""
    return process_partial_response(event=event, record_handler=_process, processor=_batch, context=context)


def _process(record: Any) -> None:
    _processor.process(event_from_stream(record.raw_event["dynamodb"]["NewImage"]))
