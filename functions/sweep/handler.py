"""A schedule: whatever is stuck is put back on its way."""

import os
from dataclasses import asdict, dataclass
from typing import Any

import boto3

from proofbridge.recovery.sweep import sweep
from proofbridge.runtime.environment import action_queues, read_environment
from proofbridge.runtime.schedules import scheduled_time
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueues


@dataclass(frozen=True)
class _Environment:
    inbox_table: str
    state_table: str
    action_queues: str
    uploads_queue: str
    upload_queues: str


_environment = read_environment(_Environment, os.environ)
_dynamodb = boto3.client("dynamodb")
_inbox = Inbox(_dynamodb, _environment.inbox_table)
_ledger = Ledger(_dynamodb, _environment.state_table)
_gates = CircuitStates(_dynamodb, _environment.state_table)
_sqs = boto3.client("sqs")
_queues = ActionQueues(_sqs, action_queues(_environment.action_queues))
_uploads = UploadQueues(_sqs, _environment.uploads_queue, action_queues(_environment.upload_queues))


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001 - Lambda gives it
    """Put back what is stuck at the event's `time`. Doing so twice changes nothing more."""
    return asdict(sweep(_inbox, _ledger, _gates, _queues, _uploads, scheduled_time(event)))
