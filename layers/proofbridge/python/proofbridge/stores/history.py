"""The Inbox as people read it: what came in and what it led to, newest first, and notes of replays.

Apart from `inbox`, which the receivers import and which has to stay small.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.changes import Change
from proofbridge.domain.items import ItemKind, Vendor, moment_text, parse_moment
from proofbridge.stores.inbox import Event, EventState, Source

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE_SIZE: Final = 100
_Place = tuple[str, str, str]
"""Of an event: received_at, item, event id."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A note that an event was replayed: under which id, when, and the keys of the actions that followed."""

    id: str
    at: datetime
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the Inbox with what it led to: the changes, and the keys of the actions."""

    event: Event
    processed_at: datetime | None = None
    changes: tuple[Change, ...] = ()
    actions: tuple[str, ...] = ()
    replays: tuple[Replay, ...] = ()


class EventHistory:
    """The Inbox table, read by its keys and its index `by-state`; never scanned."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, item: str, event_id: str) -> Entry | None:
        """Return an event, None if the Inbox has none such (any more). One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(item, event_id), ConsistentRead=True)
        return _entry(answer["Item"]) if "Item" in answer else None

    def newest(
        self,
        *,
        states: Collection[EventState] = tuple(EventState),
        vendor: Vendor | None = None,
        since: datetime | None = None,
    ) -> Iterator[Entry]:
        """Yield the events that are in one of the states, the newest first: one call each, and for pages."""
        places = heapq.merge(*(self._places(each, vendor, since) for each in states), reverse=True)
        for _, item, event_id in places:
            entry = self.get(item, event_id)
            if entry is not None and entry.event.state in states:  # the index may be a little behind
                yield entry

    def of_item(self, item: str) -> list[Entry]:
        """Return all events of an item, the newest first (its keys don't tell their order)."""
        entries = [_entry(row) for row in self._query(item)]
        return sorted(entries, key=lambda entry: entry.event.received_at, reverse=True)

    def caused_by(self, event: Event, items: Iterable[str]) -> list[Entry]:
        """Return what was observed of items because of an event, in the order of time."""
        rows = (
            row
            for item in items
            for row in self._query(
                item,
                FilterExpression="cause = :cause",
                ExpressionAttributeValues={":cause": {"S": event.key}},
            )
        )
        return sorted(map(_entry, rows), key=lambda entry: (entry.event.received_at, entry.event.item))

    def find(self, start: str) -> Iterator[tuple[str, str]]:
        """Yield (item, event id) of the events whose id begins so, without or with what it stands after.

        `9f3c` finds `9f3c77…` and `observation-9f3c77…`. The whole index is read for that.
        """
        starts = {":plain": start, **{f":{source}": f"{source}-{start}" for source in Source}}
        for state in EventState:
            for row in self._index(
                state,
                " OR ".join(f"begins_with(#event, {name})" for name in starts),
                {"#event": "event"},
                starts,
            ):
                yield row["item"]["S"], row["event"]["S"]

    def note_replay(self, event: Event, replay: Replay) -> None:
        """Note that an event is replayed. One call."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(event.item, event.id),
            UpdateExpression=f"SET {_ADD_REPLAY}",
            ExpressionAttributeValues=_replay_values(replay),
        )

    def put_back(self, event: Event, replay: Replay) -> bool:
        """Have the stream carry an event again that was not processed, and note the replay. One call.

        It gets all its tries again. False if it has moved on since it was read.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(event.item, event.id),
                UpdateExpression=(
                    f"SET #state = :received, put_back_at = :at, {_ADD_REPLAY} "
                    "REMOVE reason, tries, put_backs"
                ),
                ConditionExpression="#state = :old",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":received": {"S": EventState.RECEIVED},
                    ":old": {"S": event.state},
                    ":at": {"S": moment_text(replay.at)},
                    **_replay_values(replay),
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _places(self, state: EventState, vendor: Vendor | None, since: datetime | None) -> Iterator[_Place]:
        names: dict[str, str] = {}
        values: dict[str, str] = {}
        condition = None
        if vendor is not None:
            condition, names, values = (
                "begins_with(#item, :vendor)",
                {"#item": "item"},
                {":vendor": f"{vendor}#"},
            )
        for row in self._index(state, condition, names, values, since):
            yield row["received_at"]["S"], row["item"]["S"], row["event"]["S"]

    def _index(
        self,
        state: EventState,
        condition: str | None,
        names: dict[str, str],
        values: dict[str, str],
        since: datetime | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the index's rows of a state, the newest first."""
        wanted = {":state": str(state), **values, **({":since": moment_text(since)} if since else {})}
        only_if: dict[str, Any] = {} if condition is None else {"FilterExpression": condition}
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-state",
            KeyConditionExpression="#state = :state" + (" AND received_at >= :since" if since else ""),
            ExpressionAttributeNames={"#state": "state", **names},
            ExpressionAttributeValues={name: {"S": value} for name, value in wanted.items()},
            ScanIndexForward=False,
            PaginationConfig={"PageSize": PAGE_SIZE},
            **only_if,
        ):
            yield from page["Items"]

    def _query(self, item: str, **options: Any) -> Iterator[dict[str, Any]]:
        values = {":item": {"S": item}, **options.pop("ExpressionAttributeValues", {})}
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#item = :item",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            **options,
        ):
            yield from page["Items"]


def split_key(key: str) -> tuple[str, str]:
    """Return the item and the event id of a key; the id may have a # in it, an item has one or two."""
    parts = key.split("#")
    length = 3 if len(parts) > 3 and parts[1] in set(ItemKind) else 2  # noqa: PLR2004 - vendor, kind, id
    return "#".join(parts[:length]), "#".join(parts[length:])


_ADD_REPLAY: Final = "replays = list_append(if_not_exists(replays, :none), :replay)"


def _replay_values(replay: Replay) -> dict[str, Any]:
    note = {
        "id": {"S": replay.id},
        "at": {"S": moment_text(replay.at)},
        "actions": {"L": [{"S": key} for key in replay.actions]},
    }
    return {":none": {"L": []}, ":replay": {"L": [{"M": note}]}}


def _key(item: str, event_id: str) -> dict[str, Any]:
    return {"item": {"S": item}, "event": {"S": event_id}}


def _entry(row: dict[str, Any]) -> Entry:
    event = Event(
        item=row["item"]["S"],
        id=row["event"]["S"],
        source=Source(row["source"]["S"]),
        received_at=parse_moment(row["received_at"]["S"]),
        body=row["body"]["S"],
        state=EventState(row["state"]["S"]),
        reason=_text(row, "reason"),
        tries=int(row.get("tries", {}).get("N", 0)),
        cause=_text(row, "cause"),
    )
    processed_at = _text(row, "processed_at")
    return Entry(
        event,
        processed_at=None if processed_at is None else parse_moment(processed_at),
        changes=tuple(Change.from_dict(change) for change in json.loads(_text(row, "changes") or "[]")),
        actions=_texts(row.get("actions")),
        replays=tuple(_replay(each["M"]) for each in row.get("replays", {}).get("L", [])),
    )


def _replay(note: dict[str, Any]) -> Replay:
    return Replay(note["id"]["S"], parse_moment(note["at"]["S"]), _texts(note["actions"]))


def _text(row: dict[str, Any], name: str) -> str | None:
    return row[name]["S"] if name in row else None


def _texts(attribute: dict[str, Any] | None) -> tuple[str, ...]:
    return tuple(each["S"] for each in (attribute or {}).get("L", []))
