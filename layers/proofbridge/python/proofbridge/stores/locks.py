"""Locks: what only one function may be at, of all that run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from proofbridge.domain.items import moment_text
from proofbridge.stores.table import Value, to_attribute, to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Locks:
    """The locks of the State table: LOCK#<name> / LOCK. Each ends by itself."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, name: str, now: datetime, until: datetime) -> bool:
        """Take a lock until the moment; False if somebody has it. One call."""
        record: dict[str, Value | None] = {
            "pk": f"LOCK#{name}",
            "sk": "LOCK",
            "held_until": moment_text(until),
            "expires_at": int(until.timestamp()) + 86_400,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_attributes(record),
                ConditionExpression="attribute_not_exists(pk) OR held_until <= :now",
                ExpressionAttributeValues={":now": to_attribute(moment_text(now))},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def held(self, name: str, now: datetime) -> bool:
        """Return whether somebody has the lock. One call."""
        key = {"pk": {"S": f"LOCK#{name}"}, "sk": {"S": "LOCK"}}
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return "Item" in answer and answer["Item"]["held_until"]["S"] > moment_text(now)

    def release(self, name: str, until: datetime) -> None:
        """End the lock that was taken until the moment, if it is still that one. One call."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": f"LOCK#{name}"}, "sk": {"S": "LOCK"}},
                UpdateExpression="SET held_until = :past",
                ConditionExpression="held_until = :until",
                ExpressionAttributeValues=to_attributes({":until": moment_text(until), ":past": ""}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
