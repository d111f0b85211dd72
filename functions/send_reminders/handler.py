"""A schedule: whose reminder is due gets one."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from proofbridge.config.loader import load_config
from proofbridge.reminders.send import Reminding
from proofbridge.runtime.environment import action_queues, read_environment
from proofbridge.runtime.schedules import once_per_schedule, scheduled_time
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import Slots
from proofbridge.vendors.deadline import Deadline


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    state_table: str
    idempotency_table: str
    action_queues: str


MARGIN_SECONDS = 60.0
"""What a run keeps for sending what it has read; the next one goes on."""

_environment = read_environment(_Environment, os.environ)
_config = load_config(Path(_environment.config_dir))
_dynamodb = boto3.client("dynamodb")
_queues = ActionQueues(boto3.client("sqs"), action_queues(_environment.action_queues))


@once_per_schedule(_environment.idempotency_table, _dynamodb)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int | bool]:
    """Queue the reminders that are due at the event's `time`."""
    deadline = Deadline.of_lambda(context, margin_seconds=MARGIN_SECONDS)
    items = Items(_dynamodb, _environment.state_table)
    slots = Slots(_dynamodb, _environment.state_table)
    run = Reminding(_config, items, slots, _queues).run(
        scheduled_time(event), has_time=lambda: not deadline.expired
    )
    return {"queued": run.queued, "programmed": run.programmed, "finished": run.finished}
