"""The places in the drop folder, vendor by vendor: whose turn it is, and what was relayed last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.files.drops import FileDrop, PendingDrop, UploadedVersion
from proofbridge.domain.items import Vendor, moment_text, parse_moment
from proofbridge.stores.table import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Place = tuple[str, Vendor]
"""A place in the drop folder, and the vendor that its files go to."""


_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlaceClaim:
    """What one finds who asks for the claim of a place, and whether one gets it.

    `before` is what was relayed last, `expected` are the drops that were handed on and have not come to their
    end, oneself among them. `in_doubt` is the version that may be at its vendor already, or for which the
    place was claimed by one that was killed; `claimed_until` when the claim before this ends, or ended.
    """

    before: UploadedVersion | None
    expected: tuple[PendingDrop, ...]
    in_doubt: str | None
    claimed_until: datetime
    is_ours: bool


class Places:
    """The places: DROP#<place> / <vendor> of the State table.

    A place is what stands for one proof: a key of the drop bucket, or what several keys have in common.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def expect(self, place: Place, drop: FileDrop, now: datetime) -> None:
        """Note that a drop is about to be handed on, so that none after it goes first. One call."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(place),
            UpdateExpression="SET #drop = if_not_exists(#drop, :expected)",
            ExpressionAttributeNames={"#drop": _expects(drop.version_id)},
            ExpressionAttributeValues={
                ":expected": to_attribute(json.dumps([drop.sequencer, moment_text(now), drop.key]))
            },
        )

    def claim(self, place: Place, drop: FileDrop, now: datetime, until: datetime) -> PlaceClaim:
        """Keep other deliveries of the same place out until the moment, if none is at work. One call.

        So the versions of one file are relayed one after the other. Until `release` or `put` say otherwise
        the version is in doubt, also after a crash: it may be at its vendor, and no other gets a claim.
        """
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(place),
                UpdateExpression="SET claimed_until = :until, in_doubt = :version",
                ConditionExpression="(attribute_not_exists(claimed_until) OR claimed_until < :now) "
                "AND (attribute_not_exists(in_doubt) OR in_doubt = :version)",
                ExpressionAttributeValues=to_attributes(
                    {":until": moment_text(until), ":now": moment_text(now), ":version": drop.version_id}
                ),
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stood_in_the_way: dict[str, Any] = dict(error.response)
            return _turn(stood_in_the_way["Item"], is_ours=False)
        return _turn(answer.get("Attributes", {}), is_ours=True)

    def release(self, place: Place, until: datetime, drop: FileDrop, *, in_doubt: bool, ended: bool) -> None:
        """End the claim that lasts until the moment, if it is still there. One call.

        `ended`: the drop has come to its end, and nobody has to wait for it any more.
        """
        names = ["claimed_until"] + ["in_doubt"] * (not in_doubt) + ["#drop"] * ended
        self._remove(
            place,
            names,
            "claimed_until = :until",
            {":until": to_attribute(moment_text(until))},
            {"#drop": _expects(drop.version_id)} if ended else {},
        )

    def give_up(self, place: Place, version_id: str) -> bool:
        """Let other versions have their turn; return whether this one was in doubt. One call."""
        return self._remove(
            place, ["in_doubt"], "in_doubt = :version", {":version": to_attribute(version_id)}, {}
        )

    def _remove(
        self, place: Place, names: list[str], condition: str, values: dict[str, Any], called: dict[str, str]
    ) -> bool:
        given: Any = {"ExpressionAttributeNames": called} if called else {}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(place),
                UpdateExpression=f"REMOVE {', '.join(names)}",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **given,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

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

    def put(self, place: Place, relayed: UploadedVersion, over: Iterable[str] = ()) -> None:
        """Note what a drop came to, which ends the claim. One call.

        `over` are the ids of the versions that nobody has to wait for any more.
        """
        record: dict[str, Value | None] = {
            "key": relayed.key,
            "sequencer": relayed.sequencer,
            "sha256": relayed.sha256,
            "size_bytes": relayed.size_bytes,
            "item": relayed.item,
            "version": relayed.version,
            "revision": relayed.revision,
        }
        known = to_attributes(record)
        gone = [
            "claimed_until",
            "in_doubt",
            *sorted(record.keys() - known.keys()),
            *dict.fromkeys(map(_expects, over)),
        ]
        self._client.update_item(
            TableName=self._table,
            Key=_key(place),
            UpdateExpression="SET "
            + ", ".join(f"#{name} = :{name}" for name in known)
            + " REMOVE "
            + ", ".join(f"#gone{number}" for number, _ in enumerate(gone)),
            ExpressionAttributeNames={f"#{name}": name for name in known}
            | {f"#gone{number}": name for number, name in enumerate(gone)},
            ExpressionAttributeValues={f":{name}": value for name, value in known.items()},
        )


_EXPECTS: Final = "expects "


def _expects(version_id: str) -> str:
    return f"{_EXPECTS}{version_id}"


def _turn(attributes: Mapping[str, Any], *, is_ours: bool) -> PlaceClaim:
    record = to_record(attributes)
    return PlaceClaim(
        before=_relayed(record),
        expected=_expected(record),
        in_doubt=str(record["in_doubt"]) if "in_doubt" in record else None,
        claimed_until=parse_moment(str(record["claimed_until"])) if "claimed_until" in record else _LONG_AGO,
        is_ours=is_ours,
    )


def _expected(record: Record) -> tuple[PendingDrop, ...]:
    found = []
    for name, value in record.items():
        if name.startswith(_EXPECTS):
            sequencer, handed_on_at, key = json.loads(str(value))
            found.append(PendingDrop(key, name.removeprefix(_EXPECTS), sequencer, parse_moment(handed_on_at)))
    return tuple(found)


def _relayed(record: Record) -> UploadedVersion | None:
    if "sha256" not in record:
        return None
    return UploadedVersion(
        key=str(record["key"]),
        sequencer=str(record["sequencer"]),
        sha256=str(record["sha256"]),
        size_bytes=int(record["size_bytes"]),
        item=str(record["item"]),
        version=int(record["version"]),
        revision=str(record["revision"]) if "revision" in record else None,
    )


def _key(place: Place) -> dict[str, dict[str, str]]:
    name, vendor = place
    return {"pk": {"S": f"DROP#{name}"}, "sk": {"S": str(vendor)}}
