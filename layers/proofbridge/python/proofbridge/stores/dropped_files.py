"""Dropped files one by one: which of them wait for a sidecar, and how far each has come at each vendor."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.files.drops import FileDrop, place_of
from proofbridge.domain.items import Vendor
from proofbridge.stores.table import to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION: Final = timedelta(days=30)


class FileState(enum.StrEnum):
    """How far a file has come, as its tag says it; the gravest of its vendors' comes first."""

    REFUSED = "refused"
    WAITING = "waiting"
    RELAYED = "relayed"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    IGNORED = "ignored"


class DroppedFiles:
    """The files of the State table: FILE#<bucket>/<key> / WAITING#<version>, / VERSION#<version>."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def wait(self, drop: FileDrop, event: Mapping[str, Any]) -> None:
        """Keep S3's event of a file until a sidecar brings it on its way. One call."""
        record = {"pk": _pk(drop.bucket, drop.key), "sk": f"{_WAITING}{drop.version_id}"}
        self._client.put_item(
            TableName=self._table, Item=to_attributes({**record, "event": json.dumps(dict(event))})
        )

    def waiting(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Return S3's events of the versions of a file that wait, the oldest first. One call."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :file AND begins_with(sk, :waiting)",
            ExpressionAttributeValues=to_attributes({":file": _pk(bucket, key), ":waiting": _WAITING}),
            ConsistentRead=True,
        )
        events = [json.loads(str(to_record(item)["event"])) for item in answer["Items"]]
        return sorted(events, key=lambda event: FileDrop.from_event(event).order)

    def wait_no_more(self, drop: FileDrop) -> None:
        """Forget that a file waits. One call."""
        self._client.delete_item(
            TableName=self._table,
            Key=to_attributes({"pk": _pk(drop.bucket, drop.key), "sk": f"{_WAITING}{drop.version_id}"}),
        )

    def note(
        self, drop: FileDrop, vendor: Vendor, state: FileState, now: datetime
    ) -> dict[Vendor, FileState]:
        """Note how far a file has come at a vendor; return that of all vendors so far. One call."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=to_attributes({"pk": _pk(drop.bucket, drop.key), "sk": f"VERSION#{drop.version_id}"}),
            UpdateExpression="SET #vendor = :state, expires_at = :expires",
            ExpressionAttributeNames={"#vendor": f"at {vendor}"},
            ExpressionAttributeValues={
                ":state": to_attribute(state),
                ":expires": to_attribute(int((now + RETENTION).timestamp())),
            },
            ReturnValues="ALL_NEW",
        )
        return _states(answer["Attributes"])

    def states(self, bucket: str, key: str, version_id: str) -> dict[Vendor, FileState]:
        """Return how far a file has come at each vendor that has had something to say of it. One call."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=to_attributes({"pk": _pk(bucket, key), "sk": f"VERSION#{version_id}"}),
            ConsistentRead=True,
        )
        return _states(answer.get("Item", {}))


_WAITING: Final = "WAITING#"


def _states(attributes: Mapping[str, Any]) -> dict[Vendor, FileState]:
    return {
        Vendor(name.removeprefix("at ")): FileState(str(value))
        for name, value in to_record(attributes).items()
        if name.startswith("at ")
    }


def _pk(bucket: str, key: str) -> str:
    return f"FILE#{place_of(bucket, key)}"
