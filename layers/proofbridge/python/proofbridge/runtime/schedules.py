"""Scheduled runs: their moment comes from the trigger, and each of them runs once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent,
)

from proofbridge.domain.items import parse_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS: Final = 24 * 3600
"""For how long a run is known to have been made; EventBridge Scheduler repeats itself within minutes."""

ScheduledHandler = Callable[[dict[str, Any], Any], Any]


def scheduled_time(event: Mapping[str, Any]) -> datetime:
    """Return the moment that a scheduled run is for: its event's `time`.

    So a schedule can be run for any moment; ValueError without one.
    """
    if "time" not in event:
        raise ValueError('a scheduled event needs its moment: {"time": "2026-01-31T12:00:00Z"}')
    return parse_moment(event["time"])


def once_per_schedule(table: str, client: DynamoDBClient) -> Callable[[ScheduledHandler], ScheduledHandler]:
    """Make a handler run once for each event: a second trigger gets the first one's answer.

    A run that fails is forgotten, so that it can be tried again.
    """
    decorator: Callable[[ScheduledHandler], ScheduledHandler] = idempotent(
        persistence_store=DynamoDBPersistenceLayer(table_name=table, boto3_client=client),
        config=IdempotencyConfig(
            event_key_jmespath="[time, vendor, everything]",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=REMEMBERED_SECONDS,
        ),
    )
    return decorator
