"""How fast files get to each vendor, as measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from proofbridge.stores.table import to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LASTING: Final = timedelta(hours=6)
"""How long a measurement counts. What a bad hour has taught would keep large files out for ever: none is
tried, so nothing else is learned."""


class Throughputs:
    """The throughputs of the State table: THROUGHPUT#<way> / THROUGHPUT, the way being a vendor or S3."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, way: str, now: datetime) -> float | None:
        """Return the bytes per second, None if nothing was measured of late. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(way))
        if "Item" not in answer or int(answer["Item"]["expires_at"]["N"]) <= now.timestamp():
            return None
        return float(answer["Item"]["bytes_per_second"]["N"])

    def put(self, way: str, bytes_per_second: float, now: datetime) -> None:
        """Note the bytes per second, one at least. One call; of two at once the last one counts."""
        record = to_attributes(
            {
                "bytes_per_second": max(1, round(bytes_per_second)),
                "expires_at": int((now + LASTING).timestamp()),
            }
        )
        self._client.put_item(TableName=self._table, Item=_key(way) | record)


def _key(way: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"THROUGHPUT#{way}"}, "sk": {"S": "THROUGHPUT"}}
