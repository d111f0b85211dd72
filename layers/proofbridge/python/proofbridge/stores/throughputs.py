"""How fast files get to each vendor, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofbridge.stores.records import to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Throughputs:
    """The throughputs of the State table: THROUGHPUT#<way> / THROUGHPUT, the way being a vendor or S3."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, way: str) -> float | None:
        """Return the bytes per second, None if nothing was measured yet. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(way))
        return float(answer["Item"]["bytes_per_second"]["N"]) if "Item" in answer else None

    def put(self, way: str, bytes_per_second: float) -> None:
        """Note the bytes per second, one at least. One call; of two at once the last one counts."""
        record = _key(way) | to_attributes({"bytes_per_second": max(1, round(bytes_per_second))})
        self._client.put_item(TableName=self._table, Item=record)


def _key(way: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"THROUGHPUT#{way}"}, "sk": {"S": "THROUGHPUT"}}
