"""A vendor's gate: closed while the vendor wants no calls, for every function alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.items import Vendor, moment_text, parse_moment
from proofbridge.stores.table import to_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LONG_AGO: Final = "0001-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class CircuitState:
    """A gate as it is.

    `probed`: when its time is over it opens for one call only, and for the others once that has worked.
    `failures` counts the calls in a row that the vendor did not answer.
    """

    closed_until: datetime | None = None
    probed: bool = False
    failures: int = 0

    def is_closed(self, now: datetime) -> bool:
        """Whether no call is wanted now."""
        return self.closed_until is not None and self.closed_until > now


class CircuitStates:
    """The gates of the State table: GATE#<vendor> / GATE."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, vendor: Vendor) -> CircuitState:
        """Return a vendor's gate. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(vendor), ConsistentRead=True)
        entry: Any = answer.get("Item", {})
        return CircuitState(
            parse_moment(entry["closed_until"]["S"]) if "closed_until" in entry else None,
            bool(entry.get("probed", {}).get("BOOL", False)),
            int(entry.get("failures", {}).get("N", 0)),
        )

    def closed_until(self, vendor: Vendor, now: datetime) -> datetime | None:
        """Return the moment at which the vendor may be called again, None if it may be now. One call."""
        gate = self.get(vendor)
        return gate.closed_until if gate.is_closed(now) else None

    def close(self, vendor: Vendor, until: datetime, *, probed: bool = False, anyway: bool = False) -> None:
        """Close the gate, unless it is closed for longer already; `anyway` also then. One call."""
        earlier = "attribute_not_exists(closed_until) OR closed_until < :until"
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(vendor),
                UpdateExpression="SET closed_until = :until, probed = :probed REMOVE tickets",
                ConditionExpression=f"{earlier} OR attribute_exists(closed_until)" if anyway else earlier,
                ExpressionAttributeValues={
                    ":until": to_attribute(moment_text(until)),
                    ":probed": to_attribute(probed),
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def take_probe(self, vendor: Vendor, gate: CircuitState, until: datetime) -> bool:
        """Become the one who may call through a gate that opens for one; it stays closed for the others.

        False where somebody else has. One call.
        """
        seen = _LONG_AGO if gate.closed_until is None else moment_text(gate.closed_until)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(vendor),
                UpdateExpression="SET closed_until = :until REMOVE tickets",
                ConditionExpression="closed_until = :seen",
                ExpressionAttributeValues={
                    ":until": to_attribute(moment_text(until)),
                    ":seen": to_attribute(seen),
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def open(self, vendor: Vendor) -> None:
        """Open the gate for all, because a call has worked. One call."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(vendor),
            UpdateExpression="REMOVE closed_until, probed, failures, tickets",
        )

    def count_failure(self, vendor: Vendor) -> int:
        """Count a call that the vendor did not answer; return how many there were in a row. One call."""
        return self._add(vendor, "failures")

    def take_ticket(self, vendor: Vendor) -> int:
        """Return how many wait before the gate, with this one: they go through in this order. One call."""
        return self._add(vendor, "tickets")

    def _add(self, vendor: Vendor, name: str) -> int:
        answer = self._client.update_item(
            TableName=self._table,
            Key=_key(vendor),
            UpdateExpression=f"ADD {name} :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"][name]["N"])


def _key(vendor: Vendor) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"GATE#{vendor}"}, "sk": {"S": "GATE"}}
