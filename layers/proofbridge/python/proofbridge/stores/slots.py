"""Reminder slots: which reminders have been asked for, and what became of them, for ever.

A slot is used by one action. The action and all slots that it uses are written down together, and only then
queued, so that whoever comes later, or comes at the same time, finds either all of it or nothing:

    take ── every slot is free: one transaction ──> queue the action ──> note that it is queued
      │                                                │
      │ a slot was not free: nothing is written        └ killed here: `unqueued` finds the action, and it is
      └                                                  queued (again), under the same key
"""

from __future__ import annotations

import enum
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.items import ItemRef, moment_text, parse_moment
from proofbridge.stores.items import Place
from proofbridge.stores.table import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PREFIX: Final = "SLOT#"
_TAKEN: Final = "slot#taken"
_MOST_READ: Final = 100
_PROGRAM: Final = "PROGRAM"
MOST_TAKEN: Final = 100
"""How many slots one action can use: DynamoDB's limit of a transaction."""

Name = tuple[str, str]
"""A slot: its item, and its key among the item's slots."""


class SlotStatus(enum.StrEnum):
    """What became of a slot."""

    ASKED = "asked"
    """Its reminder is on its way; the ledger knows how far."""
    SENT = "sent"
    HELD = "held"
    """Not sent, on purpose: it was no longer true when it was to be sent."""
    PASSED = "passed"
    """Not sent: a newer slot had come when it could have been."""
    PARKED = "parked"
    """It can't be sent, or can't be known to be sent: see the action."""


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """A slot as it is stored. `at` is when it was due, `settled_at` when its fate was known."""

    item: str
    key: str
    person: str
    due_at: datetime
    offset: str
    policy: str
    channel: str
    at: datetime
    action: str
    taken_at: datetime
    fate: SlotStatus = SlotStatus.ASKED
    reason: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """What a vendor was told to remind of by itself. `revision` counts the times it was told."""

    item: str
    due_at: str
    reminders: tuple[str, ...]
    revision: int


class Slots:
    """The slots of the State table: SLOT#<item> / <person, due date, offset>. They never expire."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def taken(self, names: Iterable[Name]) -> set[Name]:
        """Return those of the slots that are no longer free: a call for every hundred."""
        found: set[Name] = set()
        waiting = iter(dict.fromkeys(names))
        while batch := list(itertools.islice(waiting, _MOST_READ)):
            asked: dict[str, Any] = {
                self._table: {
                    "Keys": [_key(*name) for name in batch],
                    "ConsistentRead": True,
                    "ProjectionExpression": "pk, sk",
                }
            }
            while asked:
                answer = self._client.batch_get_item(RequestItems=asked)
                for record in answer["Responses"].get(self._table, ()):
                    found.add((record["pk"]["S"].removeprefix(_PREFIX), record["sk"]["S"]))
                asked = dict(answer.get("UnprocessedKeys", {}))
        return found

    def take(self, uses: Sequence[SlotRecord], message: str) -> bool:
        """Use up slots for one action, whose message stays with the first; all of them or none. One call.

        False where one is no longer free.
        """
        records = [_record(use) for use in uses]
        records[0] |= {"message": message, "state": _TAKEN, "state_at": moment_text(uses[0].taken_at)}
        if len(records) == 1:
            return self._put_free(records[0])
        writes = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": to_attributes(record),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for record in records
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type] # built above
        except self._client.exceptions.TransactionCanceledException:
            return False
        return True

    def pass_over(self, use: SlotRecord) -> None:
        """Note that a slot is not used, because a newer one is; nothing where it was used. One call."""
        self._put_free(_record(use))

    def _put_free(self, record: Mapping[str, Value | None]) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_attributes(record),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def queued(self, name: Name) -> None:
        """Note that the action of a slot is queued. One call; repeating it changes nothing."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(*name),
            UpdateExpression="REMOVE #state, state_at, message",
            ExpressionAttributeNames={"#state": "state"},
        )

    def unqueued(self) -> Iterator[tuple[Name, str, datetime]]:
        """Yield what was taken, or programmed, and perhaps not queued: its name, its message and since when.

        A query, and a call for each.
        """
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-state",
            KeyConditionExpression="#state = :taken",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":taken": {"S": _TAKEN}},
        ):
            for row in page["Items"]:
                answer = self._client.get_item(
                    TableName=self._table, Key={"pk": row["pk"], "sk": row["sk"]}, ConsistentRead=True
                )
                record = to_record(answer.get("Item", {}))
                if "message" in record:
                    name = (str(record["pk"]).removeprefix(_PREFIX), str(record["sk"]))
                    yield name, str(record["message"]), parse_moment(str(record["state_at"]))

    def settle(self, name: Name, fate: SlotStatus, now: datetime, reason: str | None = None) -> None:
        """Note what became of a slot that was taken; one that was sent, held or passed stays so. One call."""
        values = {":fate": str(fate), ":now": moment_text(now)}
        if reason is not None:
            values[":reason"] = reason
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(*name),
                UpdateExpression="SET fate = :fate, settled_at = :now"
                + (" REMOVE reason" if reason is None else ", reason = :reason"),
                ConditionExpression="fate IN (:asked, :parked)",
                ExpressionAttributeValues=to_attributes(
                    values | {":asked": str(SlotStatus.ASKED), ":parked": str(SlotStatus.PARKED)}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def newer(self, name: Name) -> SlotRecord | None:
        """Return the newest later slot of the same person and due date that is sent or to be sent. One call.

        What was asked for because of another due date may come to nothing, and is no reason to send nothing.
        """
        uses = {use.key: use for use in self.of_item(name[0])}
        this = uses.get(name[1])
        if this is None:
            return None
        later = [
            use
            for use in uses.values()
            if (use.person, use.due_at) == (this.person, this.due_at)
            and use.at > this.at
            and use.fate in {SlotStatus.ASKED, SlotStatus.SENT}
        ]
        return max(later, key=lambda use: use.at, default=None)

    def of_item(self, item: str) -> Iterator[SlotRecord]:
        """Yield every slot of an item that was ever used."""
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :item",
            ExpressionAttributeValues={":item": {"S": f"{_PREFIX}{item}"}},
            ConsistentRead=True,
        ):
            for entry in page["Items"]:
                record = to_record(entry)
                if record["sk"] != _PROGRAM:
                    yield _use(record)

    # -- how far a run has come

    def left_at(self, reading: str) -> Place | None:
        """Return where in the due-date index a reading was left, None if it came to the end. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_reading_key(reading), ConsistentRead=True)
        record = to_record(answer.get("Item", {}))
        if "due_at" not in record:
            return None
        return Place(parse_moment(str(record["due_at"])), ItemRef.parse(str(record["item"])))

    def leave_at(self, reading: str, place: Place | None) -> None:
        """Note where a reading is left, None for one that came to its end. One call."""
        record: dict[str, Value | None] = {}
        if place is not None:
            record = {"due_at": moment_text(place.due_at), "item": str(place.ref)}
        self._client.put_item(TableName=self._table, Item={**_reading_key(reading), **to_attributes(record)})

    # -- what vendors do by themselves

    def programs(self, items: Iterable[str]) -> dict[str, Program]:
        """Return what the vendors were told last about the items: a call for every hundred."""
        found: dict[str, Program] = {}
        waiting = iter(dict.fromkeys(items))
        while batch := list(itertools.islice(waiting, _MOST_READ)):
            asked: dict[str, Any] = {
                self._table: {"Keys": [_key(item, _PROGRAM) for item in batch], "ConsistentRead": True}
            }
            while asked:
                answer = self._client.batch_get_item(RequestItems=asked)
                for entry in answer["Responses"].get(self._table, ()):
                    program = _program(to_record(entry))
                    found[program.item] = program
                asked = dict(answer.get("UnprocessedKeys", {}))
        return found

    def program(self, new: Program, message: str, now: datetime) -> Name | None:
        """Write down what a vendor is to be told of an item, before it is queued. One call.

        None where somebody else has written meanwhile.
        """
        record: dict[str, Value | None] = {
            "pk": f"{_PREFIX}{new.item}",
            "sk": _PROGRAM,
            "due_at": new.due_at,
            "reminders": json.dumps(new.reminders),
            "revision": new.revision,
            "message": message,
            "state": _TAKEN,
            "state_at": moment_text(now),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_attributes(record),
                ConditionExpression="attribute_not_exists(pk) OR revision = :before",
                ExpressionAttributeValues={":before": to_attribute(new.revision - 1)},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return new.item, _PROGRAM


def _key(item: str, slot: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"{_PREFIX}{item}"}, "sk": {"S": slot}}


def _reading_key(reading: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"READING#{reading}"}, "sk": {"S": "READING"}}


def _record(use: SlotRecord) -> dict[str, Value | None]:
    return {
        "pk": f"{_PREFIX}{use.item}",
        "sk": use.key,
        "person": use.person,
        "due_at": moment_text(use.due_at),
        "offset": use.offset,
        "policy": use.policy,
        "channel": use.channel,
        "at": moment_text(use.at),
        "action": use.action,
        "taken_at": moment_text(use.taken_at),
        "fate": str(use.fate),
        "reason": use.reason,
    }


def _use(record: Record) -> SlotRecord:
    return SlotRecord(
        item=str(record["pk"]).removeprefix(_PREFIX),
        key=str(record["sk"]),
        person=str(record["person"]),
        due_at=parse_moment(str(record["due_at"])),
        offset=str(record["offset"]),
        policy=str(record["policy"]),
        channel=str(record["channel"]),
        at=parse_moment(str(record["at"])),
        action=str(record["action"]),
        taken_at=parse_moment(str(record["taken_at"])),
        fate=SlotStatus(str(record["fate"])),
        reason=str(record["reason"]) if "reason" in record else None,
        settled_at=parse_moment(str(record["settled_at"])) if "settled_at" in record else None,
    )


def _program(record: Record) -> Program:
    return Program(
        item=str(record["pk"]).removeprefix(_PREFIX),
        due_at=str(record["due_at"]),
        reminders=tuple(json.loads(str(record["reminders"]))),
        revision=int(record["revision"]),
    )
