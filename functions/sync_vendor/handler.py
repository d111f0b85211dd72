"""A schedule per vendor: what a webhook missed is repaired."""

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from proofbridge.config.loader import load_config
from proofbridge.domain.items import Vendor
from proofbridge.polling.sync import Sync
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import read_environment, vendor_endpoints
from proofbridge.runtime.schedules import once_per_schedule, scheduled_time
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.cursors import Cursors
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import Deadline


@dataclass(frozen=True)
class _Environment:
    config_dir: str
    inbox_table: str
    state_table: str
    idempotency_table: str
    vendor_endpoints: str
    secret_cache_seconds: int


def _now() -> datetime:
    return datetime.now(UTC)


_environment = read_environment(_Environment, os.environ)
_dynamodb = boto3.client("dynamodb")
_connections = Connections(
    vendor_endpoints(_environment.vendor_endpoints),
    Secrets(lambda: boto3.client("secretsmanager"), _environment.secret_cache_seconds),
    load_config(Path(_environment.config_dir)).vendors,
    _now,
)


@once_per_schedule(_environment.idempotency_table, _dynamodb)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Poll the vendor that the event names: `{"time": …, "vendor": …, "everything": true or left out}`."""
    deadline = Deadline.of_lambda(context, margin_seconds=10)
    sync = Sync(
        items=Items(_dynamodb, _environment.state_table),
        inbox=Inbox(_dynamodb, _environment.inbox_table),
        cursors=Cursors(_dynamodb, _environment.state_table),
        access=CircuitBreaker(
            CircuitStates(_dynamodb, _environment.state_table),
            lambda vendor: _connections.gateway(vendor, deadline),
            _connections.renew,
            _now,
        ),
        now=_now,
        deadline=deadline,
    )
    swept = sync.run(Vendor(event["vendor"]), scheduled_time(event), everything=bool(event.get("everything")))
    return asdict(swept)
