"""Reminder slots: which reminders have been asked for, for ever."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from proofbridge.items import moment_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Slots:
    """The slots of the State table: SLOT#<item> / <person, due date, offset>. They never expire."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def taken(self, item: str, slot: str) -> bool:
        """Whether the slot's reminder has been queued. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(item, slot), ConsistentRead=True)
        return "Item" in answer

    def take(self, item: str, slot: str, at: datetime) -> None:
        """Note that the slot's reminder has been queued. One call."""
        self._client.put_item(
            TableName=self._table, Item={**_key(item, slot), "queued_at": {"S": moment_text(at)}}
        )


def _key(item: str, slot: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"SLOT#{item}"}, "sk": {"S": slot}}
