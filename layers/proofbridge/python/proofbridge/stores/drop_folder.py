"""The drop folder in S3, and what became of each of its files."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from botocore.exceptions import ClientError

from proofbridge.config import DROP_PREFIX
from proofbridge.drops import FileDrop, Relayed
from proofbridge.items import moment_text
from proofbridge.stores.records import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

PIECE_BYTES: Final = 1024 * 1024


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


class HashedSource:
    """A dropped file as the source of an upload: one version of it, hashed as it is read."""

    def __init__(self, client: S3Client, drop: FileDrop) -> None:
        self._client = client
        self._drop = drop
        self._reader: _HashedReader | None = None

    @property
    def size_bytes(self) -> int:
        """The size that S3 told."""
        return self._drop.size_bytes

    @property
    def sha256(self) -> str | None:
        """The hash of what the newest reader has read, in hexadecimal; None if nothing was read."""
        return None if self._reader is None else self._reader.digest.hexdigest()

    def open(self) -> BinaryIO:
        """Start to read at the first byte."""
        self._reader = self._open()
        return cast("BinaryIO", self._reader)

    def _open(self) -> _HashedReader:
        answer = self._client.get_object(
            Bucket=self._drop.bucket, Key=self._drop.key, VersionId=self._drop.version_id
        )
        return _HashedReader(cast("BinaryIO", answer["Body"]))

    def hash_all(self) -> str:
        """Read the whole file for its hash alone."""
        stream = self._reader = self._open()
        try:
            while stream.read(PIECE_BYTES):
                continue
        finally:
            stream.close()
        return stream.digest.hexdigest()


class _HashedReader:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.digest.update(piece)
        return piece

    def close(self) -> None:
        self._stream.close()


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
            "proof_id": drop.proof_id,
        }
        self._client.put_item(TableName=self._table, Item=to_attributes(record))


def _key(drop: FileDrop) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"DROP#{drop.bucket}/{drop.key}"}, "sk": {"S": "DROP"}}
