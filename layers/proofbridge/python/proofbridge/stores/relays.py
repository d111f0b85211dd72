"""What was relayed of each place in the drop folder, vendor by vendor."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from proofbridge.items import Vendor, moment_text
from proofbridge.stores.records import Record, Value, to_attribute, to_attributes, to_record
from proofbridge.uploads.drops import FileDrop, Relayed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Place = tuple[str, Vendor]
"""A place in the drop folder, and the vendor that its files go to."""


class Relays:
    """What was relayed of one place at one vendor: DROP#<place> / <vendor> of the State table.

    A place is what stands for one proof: a key of the drop bucket, or what several keys have in common.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, place: Place, version_id: str, now: datetime, until: datetime) -> bool:
        """Keep other deliveries of the same place out until the moment; False if one is at work. One call.

        So the versions of one file are relayed one after the other. Until `release` or `put` say otherwise
        the version is in doubt, also after a crash: it may be at its vendor, and no other gets a claim.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(place),
                UpdateExpression="SET claimed_until = :until, in_doubt = :version",
                ConditionExpression="(attribute_not_exists(claimed_until) OR claimed_until < :now) "
                "AND (attribute_not_exists(in_doubt) OR in_doubt = :version)",
                ExpressionAttributeValues=to_attributes(
                    {":until": moment_text(until), ":now": moment_text(now), ":version": version_id}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def release(self, place: Place, until: datetime, *, in_doubt: bool) -> None:
        """End the claim that lasts until the moment, if it is still there. One call."""
        self._remove(
            place,
            "claimed_until" if in_doubt else "claimed_until, in_doubt",
            "claimed_until = :until",
            {":until": to_attribute(moment_text(until))},
        )

    def give_up(self, place: Place, version_id: str) -> bool:
        """Let other versions have their turn; return whether this one was in doubt. One call."""
        return self._remove(place, "in_doubt", "in_doubt = :version", {":version": to_attribute(version_id)})

    def _remove(self, place: Place, names: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(place),
                UpdateExpression=f"REMOVE {names}",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, place: Place) -> Relayed | None:
        """Return what the newest relayed drop of the place came to. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(place), ConsistentRead=True)
        record: Record = to_record(answer.get("Item", {}))
        if "sha256" not in record:
            return None
        return Relayed(
            key=str(record["key"]),
            sequencer=str(record["sequencer"]),
            sha256=str(record["sha256"]),
            size_bytes=int(record["size_bytes"]),
            item=str(record["item"]),
            version=int(record["version"]),
            revision=str(record["revision"]) if "revision" in record else None,
        )

    def spoil(self, place: Place, drop: FileDrop) -> None:
        """Let the same bytes count as new ones, if it is still this drop that was relayed last. One call."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(place),
                UpdateExpression="SET sha256 = :none",
                ConditionExpression="#key = :key AND sequencer = :sequencer",
                ExpressionAttributeNames={"#key": "key"},
                ExpressionAttributeValues=to_attributes(
                    {":none": "", ":key": drop.key, ":sequencer": drop.sequencer}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def put(self, place: Place, relayed: Relayed) -> None:
        """Note what a drop came to, which ends the claim. One call."""
        record: dict[str, Value | None] = {
            "pk": _key(place)["pk"]["S"],
            "sk": _key(place)["sk"]["S"],
            "key": relayed.key,
            "sequencer": relayed.sequencer,
            "sha256": relayed.sha256,
            "size_bytes": relayed.size_bytes,
            "item": relayed.item,
            "version": relayed.version,
            "revision": relayed.revision,
        }
        self._client.put_item(TableName=self._table, Item=to_attributes(record))


def _key(place: Place) -> dict[str, dict[str, str]]:
    name, vendor = place
    return {"pk": {"S": f"DROP#{name}"}, "sk": {"S": str(vendor)}}
