"""The drop folder in S3, and what became of each of its files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from proofbridge.destinations import DROP_PREFIX
from proofbridge.drops import FileDrop, Relayed
from proofbridge.items import moment_text
from proofbridge.stores.file_source import HashedSource
from proofbridge.stores.records import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


class FileGoneError(Exception):
    """The dropped version is no longer in the bucket."""


class DropFolder:
    """The objects of the drop bucket, and the places beside them for receipts and errors."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def expect(self, drop: FileDrop) -> None:
        """Raise FileGoneError unless the dropped version is there. One call."""
        try:
            self._client.head_object(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version_id)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchVersion", "405"}:
                raise FileGoneError(drop.key) from None
            raise

    def source(self, drop: FileDrop) -> HashedSource:
        """Return the dropped version's bytes, to be streamed as often as needed. One call each time."""
        return HashedSource(self._client, drop)

    def put_receipt(self, drop: FileDrop, text: str) -> None:
        """Put a receipt beside the file's record. One call."""
        self._put(f"receipts/{drop.key.removeprefix(DROP_PREFIX)}.json", drop, text)

    def put_error(self, drop: FileDrop, text: str) -> None:
        """Say beside the file's record what went wrong. One call."""
        self._put(f"errors/{drop.key.removeprefix(DROP_PREFIX)}.json", drop, text)

    def _put(self, key: str, drop: FileDrop, text: str) -> None:
        self._client.put_object(
            Bucket=drop.bucket, Key=key, Body=text.encode(), ContentType="application/json"
        )


class Relays:
    """What was relayed of each place in the drop folder: DROP#<bucket>/<key> / DROP of the State table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, drop: FileDrop, now: datetime, until: datetime) -> bool:
        """Keep other deliveries of the same key out until the moment; False if one is at work. One call.

        So the versions of one file are relayed one after the other. Until `release` or `put` say otherwise
        the version is in doubt, also after a crash: it may be at its vendor, and no other gets a claim.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(drop),
                UpdateExpression="SET claimed_until = :until, in_doubt = :version",
                ConditionExpression="(attribute_not_exists(claimed_until) OR claimed_until < :now) "
                "AND (attribute_not_exists(in_doubt) OR in_doubt = :version)",
                ExpressionAttributeValues=to_attributes(
                    {":until": moment_text(until), ":now": moment_text(now), ":version": drop.version_id}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def release(self, drop: FileDrop, until: datetime, *, in_doubt: bool) -> None:
        """End the claim that lasts until the moment, if it is still there. One call."""
        self._remove(
            drop,
            "claimed_until" if in_doubt else "claimed_until, in_doubt",
            "claimed_until = :until",
            {":until": to_attribute(moment_text(until))},
        )

    def give_up(self, drop: FileDrop) -> bool:
        """Let other versions have their turn; return whether this one was in doubt. One call."""
        return self._remove(
            drop, "in_doubt", "in_doubt = :version", {":version": to_attribute(drop.version_id)}
        )

    def _remove(self, drop: FileDrop, names: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(drop),
                UpdateExpression=f"REMOVE {names}",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, drop: FileDrop) -> Relayed | None:
        """Return what the newest relayed drop of the key came to. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(drop), ConsistentRead=True)
        record: Record = to_record(answer.get("Item", {}))
        if "sha256" not in record:
            return None
        return Relayed(
            key=drop.key,
            sequencer=str(record["sequencer"]),
            sha256=str(record["sha256"]),
            size_bytes=int(record["size_bytes"]),
            item=str(record["item"]),
            version=int(record["version"]),
        )

    def put(self, drop: FileDrop, relayed: Relayed) -> None:
        """Note what a drop came to, which ends the claim. One call."""
        record: dict[str, Value | None] = {
            "pk": f"DROP#{drop.bucket}/{drop.key}",
            "sk": "DROP",
            "sequencer": relayed.sequencer,
            "sha256": relayed.sha256,
            "size_bytes": relayed.size_bytes,
            "item": relayed.item,
            "version": relayed.version,
        }
        self._client.put_item(TableName=self._table, Item=to_attributes(record))


def _key(drop: FileDrop) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"DROP#{drop.bucket}/{drop.key}"}, "sk": {"S": "DROP"}}
