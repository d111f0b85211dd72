"""Items and proofs: what every vendor last showed, and which items stand for one piece of work."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from proofbridge.domain.changes import ChangeKind, Difference, StoredItem, Write
from proofbridge.domain.fingerprints import fingerprint
from proofbridge.domain.items import OPEN_STATUSES, ItemRef, Observation, Vendor, moment_text, parse_moment
from proofbridge.stores.table import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a proof came from: the destination (its prefix) of its file, and who it was for, if it says."""

    destination: str
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the due-date index: that of an item, which need not be there any more."""

    due_at: datetime
    ref: ItemRef


DUE_SHARDS: Final = 4
"""Among how many index partitions the open items are spread."""

LINK_SHARDS: Final = 4
"""Among how many index partitions the links are spread."""

BATCH: Final = 100
"""How many items DynamoDB reads in one call."""


Key = dict[str, dict[str, str]]


class ItemMovedError(Exception):
    """Somebody else stored the item meanwhile; read it again and start over."""


class Items:
    """The items and proofs of the State table.

    ITEM#<ref> / ITEM holds an item; PROOF#<id> / <ref> says that an item belongs to a proof,
    PROOF#<id> / ORIGIN where the proof came from, PROOF#<id> / EXPECTED at which vendors it is to have items.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, ref: ItemRef) -> StoredItem | None:
        """Return the item as last stored, None for one not seen yet. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(ref), ConsistentRead=True)
        if "Item" not in answer:
            return None
        return _stored(to_record(answer["Item"]))

    def get_many(self, refs: Iterable[ItemRef]) -> dict[ItemRef, StoredItem]:
        """Return those of the items that have been seen. One call for each hundred."""
        found: dict[ItemRef, StoredItem] = {}
        keys = [_key(ref) for ref in dict.fromkeys(refs)]
        while keys:
            answer = self._client.batch_get_item(
                RequestItems={self._table: {"Keys": keys[:BATCH], "ConsistentRead": True}}
            )
            for entry in answer["Responses"].get(self._table, []):
                stored = _stored(to_record(entry))
                found[stored.observation.ref] = stored
            # What was too much for one answer is asked for again, with the next.
            unread = answer["UnprocessedKeys"].get(self._table)
            keys = [*(cast("list[Key]", unread["Keys"]) if unread else []), *keys[BATCH:]]
        return found

    def fingerprints(self, vendor: Vendor) -> dict[ItemRef, str]:
        """Return the prints of all items of a vendor that are not deleted, as they were a moment ago.

        One call for some five thousand items.
        """
        prints: dict[ItemRef, str] = {}
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-vendor",
            KeyConditionExpression="item_vendor = :vendor",
            ExpressionAttributeValues={":vendor": {"S": vendor}},
        ):
            for entry in page["Items"]:
                ref = ItemRef.parse(entry["pk"]["S"].removeprefix("ITEM#"))
                prints[ref] = entry["fingerprint"]["S"]
        return prints

    def put(
        self,
        difference: Difference,
        stored: StoredItem | None,
        *,
        unrouted: bool,
        decided_at: Mapping[str, datetime] | None = None,
        writes: Mapping[str, Write] | None = None,
        written_at: Mapping[str, datetime] | None = None,
    ) -> None:
        """Store an item's new state over the one that was read; ItemMovedError if that is no longer there.

        `unrouted` notes that it has changed while it belonged to no proof; the others, see `StoredItem`, stay
        as they are where they are None. One call.
        """
        if stored is not None:
            decided_at = stored.decided_at if decided_at is None else decided_at
            writes = stored.writes if writes is None else writes
            written_at = stored.written_at if written_at is None else written_at
        observation = difference.merged
        ref = observation.ref
        awaited = observation.status in OPEN_STATUSES and not observation.deleted
        record: dict[str, Value | None] = {
            "pk": f"ITEM#{ref}",
            "sk": "ITEM",
            "observation": json.dumps(observation.to_dict()),
            "revision": 1 if stored is None else stored.revision + 1,
            "proof_id": None if stored is None else stored.proof_id,
            "turns": json.dumps(difference.turns),
            "unrouted": unrouted,
            "apart_as": None if stored is None else stored.apart_as,
            "due_at": None if observation.due_at is None else moment_text(observation.due_at),
            "item_vendor": None if observation.deleted else ref.vendor,
            "fingerprint": fingerprint(observation),
            "due_shard": due_shard(ref) if awaited and observation.due_at is not None else None,
            "decided_at": _moments_text(decided_at or {}),
            "written_at": _moments_text(written_at or {}),
            **_writes_record(writes or {}),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_attributes(record),
                ConditionExpression="attribute_not_exists(pk) OR revision = :revision",
                ExpressionAttributeValues={
                    ":revision": to_attribute(0 if stored is None else stored.revision)
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise ItemMovedError(str(ref)) from None

    def begin_write(self, ref: ItemRef, kind: ChangeKind, write: Write, now: datetime) -> bool:
        """Note a write of ours to one field of a stored item, before it is made. One call.

        False while another write to the field is under way, and where the item is not stored.

            one write:  begin_write ── look at the item, write ── put (or end_write)
            another:              begin_write (False)                               begin_write (True)
        """
        names = {f"#{name}": f"write_{kind}_{name}" for name in ("wish", "key", "since", "until")}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(ref),
                UpdateExpression="SET #wish = :wish, #key = :key, #since = :since, #until = :until "
                "ADD revision :one",
                ConditionExpression="attribute_exists(pk) AND "
                "(attribute_not_exists(#key) OR #key = :key OR #until < :now)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_attributes(
                    {
                        ":wish": write.wish,
                        ":key": write.key,
                        ":since": moment_text(write.since),
                        ":until": moment_text(write.until),
                        ":now": moment_text(now),
                        ":one": 1,
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def end_write(self, ref: ItemRef, kind: ChangeKind, key: str) -> None:
        """Note that a write which was begun has surely not been made. One call."""
        names = {f"#{name}": f"write_{kind}_{name}" for name in ("wish", "key", "since", "until")}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(ref),
                UpdateExpression="REMOVE #wish, #key, #since, #until ADD revision :one",
                ConditionExpression="#key = :key",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_attributes({":key": key, ":one": 1}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def link(self, proof_id: str, ref: ItemRef) -> None:
        """Make the item, which is stored, part of the proof. Two calls; repeating them changes nothing."""
        self._client.put_item(TableName=self._table, Item=to_attributes(link_record(proof_id, ref)))
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(ref),
                UpdateExpression="SET proof_id = :proof REMOVE apart_as ADD revision :one",
                ConditionExpression="attribute_exists(pk) AND "
                "(attribute_not_exists(proof_id) OR proof_id <> :proof)",
                ExpressionAttributeValues={":proof": {"S": proof_id}, ":one": {"N": "1"}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def unlink(
        self, proof_id: str, ref: ItemRef, *, apart_as: str | None = None, unrouted: bool = False
    ) -> None:
        """Take the item out of the proof. Two calls; repeating them changes nothing.

        `apart_as`: see `StoredItem`. `unrouted`: what it shows is to be carried over once it is linked again.
        """
        values: dict[str, Value | None] = {":proof": proof_id, ":one": 1, ":apart": apart_as}
        settings = ["apart_as = :apart"] if apart_as is not None else []
        if unrouted:
            values[":true"] = True
            settings.append("unrouted = :true")
        self._client.delete_item(
            TableName=self._table, Key={"pk": {"S": f"PROOF#{proof_id}"}, "sk": {"S": str(ref)}}
        )
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(ref),
                UpdateExpression=(f"SET {', '.join(settings)} " if settings else "")
                + "REMOVE proof_id ADD revision :one",
                ConditionExpression="proof_id = :proof",
                ExpressionAttributeValues=to_attributes(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def linked_to(self, proof_id: str) -> list[ItemRef]:
        """Return all of the proof's items. One call."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :proof",
            ExpressionAttributeValues={":proof": {"S": f"PROOF#{proof_id}"}},
            ConsistentRead=True,
            ProjectionExpression="sk",
        )
        names = [entry["sk"]["S"] for entry in answer["Items"]]
        return [ItemRef.parse(name) for name in names if name.split("#")[0] in set(Vendor)]

    def proofs(self) -> Iterator[str]:
        """Yield all proofs that have items, a moment ago: one query a shard and page."""
        for shard in range(LINK_SHARDS):
            last = None
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-state",
                KeyConditionExpression="#state = :linked",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":linked": {"S": f"linked#{shard}"}},
            ):
                for entry in page["Items"]:
                    proof_id = entry["pk"]["S"].removeprefix("PROOF#")
                    if proof_id != last:  # a proof's links stand together
                        yield proof_id
                    last = proof_id

    def of_proof(self, proof_id: str, vendor: Vendor) -> list[ItemRef]:
        """Return the proof's items at one vendor. One call."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :proof AND begins_with(sk, :vendor)",
            ExpressionAttributeValues={
                ":proof": {"S": f"PROOF#{proof_id}"},
                ":vendor": {"S": f"{vendor}#"},
            },
            ConsistentRead=True,
        )
        return [ItemRef.parse(entry["sk"]["S"]) for entry in answer["Items"]]

    def seen_of_proof(self, proof_id: str) -> list[Observation]:
        """Return all of the proof's items as they were last seen. One call, and one for each item."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :proof",
            ExpressionAttributeValues={":proof": {"S": f"PROOF#{proof_id}"}},
            ProjectionExpression="sk",
        )
        names = [entry["sk"]["S"] for entry in answer["Items"]]
        # What else is kept of a proof does not begin with a vendor.
        refs = [ItemRef.parse(name) for name in names if name.split("#")[0] in set(Vendor)]
        return [stored.observation for ref in refs if (stored := self.get(ref)) is not None]

    def note_origin(self, proof_id: str, origin: Origin) -> None:
        """Note where a proof came from; a recipient that is not named now stays. One call."""
        names = {name: value for name, value in asdict(origin).items() if value is not None}
        self._client.update_item(
            TableName=self._table,
            Key={"pk": {"S": f"PROOF#{proof_id}"}, "sk": {"S": "ORIGIN"}},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in names),
            ExpressionAttributeValues=to_attributes({f":{name}": value for name, value in names.items()}),
        )

    def origin(self, proof_id: str) -> Origin | None:
        """Return where a proof came from, None for one that no dropped file began. One call."""
        answer = self._client.get_item(
            TableName=self._table, Key={"pk": {"S": f"PROOF#{proof_id}"}, "sk": {"S": "ORIGIN"}}
        )
        if "Item" not in answer:
            return None
        record = to_record(answer["Item"])
        recipient = str(record["recipient"]) if "recipient" in record else None
        return Origin(str(record["destination"]), recipient)

    def expect(self, proof_id: str, vendors: Iterable[Vendor], come: str = "") -> str:
        """Note that a proof is to have an item at each of the vendors. One call.

        Return where its first item has come to: `come`, unless there was one before.
        """
        answer = self._client.update_item(
            TableName=self._table,
            Key=_expected_key(proof_id),
            UpdateExpression="ADD vendors :vendors"
            + (" SET first_at = if_not_exists(first_at, :come)" if come else ""),
            ExpressionAttributeValues={":vendors": {"SS": sorted(vendors)}}
            | ({":come": {"S": come}} if come else {}),
            ReturnValues="ALL_NEW",
        )
        return answer["Attributes"].get("first_at", {}).get("S", "")

    def expects(self, proof_id: str, vendor: Vendor) -> bool:
        """Whether it was noted that a proof is to have an item at the vendor. One call."""
        answer = self._client.get_item(
            TableName=self._table, Key=_expected_key(proof_id), ConsistentRead=True
        )
        return "Item" in answer and vendor in answer["Item"]["vendors"]["SS"]

    def open_and_due(
        self, spans: Iterable[tuple[datetime, datetime]], past: Place | None = None
    ) -> Iterator[StoredItem]:
        """Yield the open items whose due date lies in one of the spans (after, until].

        They come shard by shard, the earliest due first; after a place, where one is named. One query a shard
        and span, and one for every page more.
        """
        shards = [f"open#{number}" for number in range(DUE_SHARDS)]
        for shard, (after, until) in itertools.product(shards, sorted(spans)):
            here = None if past is None else (due_shard(past.ref), past.due_at)
            if here is None or here <= (shard, after):
                yield from self._due_on(shard, after, until)
            elif here <= (shard, until):
                yield from self._due_on(shard, here[1], until, past)

    def _due_on(
        self, shard: str, after: datetime, until: datetime, past: Place | None = None
    ) -> Iterator[StoredItem]:
        begin: dict[str, Any] = {}
        if past is not None:
            key = {**_key(past.ref), "due_shard": {"S": shard}, "due_at": {"S": moment_text(past.due_at)}}
            begin = {"ExclusiveStartKey": key}
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="open-by-due",
            KeyConditionExpression="due_shard = :shard AND due_at BETWEEN :after AND :until",
            ExpressionAttributeValues={
                ":shard": {"S": shard},
                ":after": {"S": moment_text(after)},
                ":until": {"S": moment_text(until)},
            },
            **begin,
        ):
            for entry in page["Items"]:
                record = to_record(entry)
                # What is due at the first moment itself lies before the span, but not before a place in it.
                if past is not None or record["due_at"] != moment_text(after):
                    yield _stored(record)


def _stored(record: Record) -> StoredItem:
    return StoredItem(
        Observation.from_dict(json.loads(str(record["observation"]))),
        int(record["revision"]),
        str(record["proof_id"]) if "proof_id" in record else None,
        turns=json.loads(str(record["turns"])),
        unrouted=bool(record["unrouted"]),
        decided_at=_moments(record.get("decided_at")),
        writes=_writes(record),
        written_at=_moments(record.get("written_at")),
        apart_as=str(record["apart_as"]) if "apart_as" in record else None,
    )


def _moments_text(moments: Mapping[str, datetime]) -> str | None:
    return json.dumps({kind: moment_text(at) for kind, at in moments.items()}) if moments else None


def _moments(text: Value | None) -> dict[str, datetime]:
    return {} if text is None else {kind: parse_moment(at) for kind, at in json.loads(str(text)).items()}


def _writes_record(writes: Mapping[str, Write]) -> dict[str, Value | None]:
    return {
        f"write_{kind}_{name}": value
        for kind, write in writes.items()
        for name, value in (
            ("wish", write.wish),
            ("key", write.key),
            ("since", moment_text(write.since)),
            ("until", moment_text(write.until)),
        )
    }


def _writes(record: Record) -> dict[str, Write]:
    return {
        kind: Write(
            str(record[f"write_{kind}_wish"]) if f"write_{kind}_wish" in record else None,
            str(record[f"write_{kind}_key"]),
            parse_moment(str(record[f"write_{kind}_since"])),
            parse_moment(str(record[f"write_{kind}_until"])),
        )
        for kind in ChangeKind
        if f"write_{kind}_key" in record
    }


def link_record(proof_id: str, ref: ItemRef) -> dict[str, Value | None]:
    """Return what says that an item belongs to a proof.

    Its `state` puts it into the index by-state, where all links are found, sorted by proof, without a scan.
    """
    shard = zlib.crc32(proof_id.encode()) % LINK_SHARDS
    return {"pk": f"PROOF#{proof_id}", "sk": str(ref), "state": f"linked#{shard}", "state_at": proof_id}


def due_shard(ref: ItemRef) -> str:
    """Return the partition of the due-date index that the item lies in."""
    return f"open#{zlib.crc32(str(ref).encode()) % DUE_SHARDS}"


def _expected_key(proof_id: str) -> Key:
    return {"pk": {"S": f"PROOF#{proof_id}"}, "sk": {"S": "EXPECTED"}}


def _key(ref: ItemRef) -> Key:
    return {"pk": {"S": f"ITEM#{ref}"}, "sk": {"S": "ITEM"}}
