"""A schedule: whose reminder is due gets one."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from proofbridge.config import load_config
from proofbridge.environment import action_queues, read_environment
from proofbridge.remind import send_reminders
from proofbridge.schedules import once_per_schedule, scheduled_time
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import Slots


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    state_table: str
    idempotency_table: str
    action_queues: str


_environment = read_environment(_Environment, os.environ)
_policies = load_config(Path(_environment.config_dir)).reminders
_dynamodb = boto3.client("dynamodb")
_queues = ActionQueues(boto3.client("sqs"), action_queues(_environment.action_queues))


@once_per_schedule(_environment.idempotency_table, _dynamodb)
def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001
    """Queue the reminders that are due at the event's `time`."""
    items = Items(_dynamodb, _environment.state_table)
    slots = Slots(_dynamodb, _environment.state_table)
    return {"queued": send_reminders(_policies, items, slots, _queues, scheduled_time(event))}
