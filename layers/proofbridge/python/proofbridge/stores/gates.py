"""A vendor's gate: closed while the vendor wants no calls, for every function alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from proofbridge.items import Vendor, moment_text, parse_moment
from proofbridge.stores.records import to_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Gates:
    """The gates of the State table: GATE#<vendor> / GATE."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def closed_until(self, vendor: Vendor, now: datetime) -> datetime | None:
        """Return the moment at which the vendor may be called again, None if it may be now. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(vendor), ConsistentRead=True)
        if "Item" not in answer:
            return None
        until = parse_moment(answer["Item"]["closed_until"]["S"])
        return until if until > now else None

    def close(self, vendor: Vendor, until: datetime) -> None:
        """Close the gate, unless it is closed for longer already. One call."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(vendor),
                UpdateExpression="SET closed_until = :until",
                ConditionExpression="attribute_not_exists(closed_until) OR closed_until < :until",
                ExpressionAttributeValues={":until": to_attribute(moment_text(until))},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _key(vendor: Vendor) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"GATE#{vendor}"}, "sk": {"S": "GATE"}}
