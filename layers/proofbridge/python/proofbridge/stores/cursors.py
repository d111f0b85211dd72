"""How far each vendor's poll has come."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from proofbridge.items import Vendor, moment_text, parse_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Cursors:
    """The cursors of the State table: CURSOR#<vendor> / CURSOR."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, vendor: Vendor) -> datetime | None:
        """Return the moment up to which the vendor's changes are known; None before the first poll."""
        answer = self._client.get_item(
            TableName=self._table,
            Key={"pk": {"S": f"CURSOR#{vendor}"}, "sk": {"S": "CURSOR"}},
            ConsistentRead=True,
        )
        return parse_moment(answer["Item"]["moment"]["S"]) if "Item" in answer else None

    def put(self, vendor: Vendor, moment: datetime) -> None:
        """Commit the cursor: everything up to it is in the Inbox."""
        self._client.put_item(
            TableName=self._table,
            Item={
                "pk": {"S": f"CURSOR#{vendor}"},
                "sk": {"S": "CURSOR"},
                "moment": {"S": moment_text(moment)},
            },
        )
