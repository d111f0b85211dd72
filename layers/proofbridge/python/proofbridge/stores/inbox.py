"""The Inbox: every event, once, before anything is done about it.

One conditional put is at once the deduplication, the durable copy, the journal and the queue: the table's
stream starts the processing, in order for each item. A receiver imports this module, so it needs nothing but
the standard library and the client that it is given.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.items import ItemRef, moment_text, parse_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION: Final = timedelta(days=30)
MAX_PUT_BACKS: Final = 288
"""How often an event that is never done with is put back: every five minutes for a day."""


class Source(enum.StrEnum):
    """Where an event came from, and so what its body is."""

    WEBHOOK = "webhook"
    """A vendor's call; the body is what it sent."""
    OBSERVATION = "observation"
    """The body is an observation, as JSON."""
    LINK = "link"
    """The item has become part of a proof; no body."""
    NOTICE = "notice"
    """Somebody trusted says that the item may have changed; the body says nothing more, so it is observed."""


class EventState(enum.StrEnum):
    """How far an event has come."""

    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"
    """It could not be processed, and is tried again after a while."""
    PARKED = "parked"
    """It could not be processed in all its tries: a person has to look."""
    QUARANTINED = "quarantined"
    """Authentic, but not understood."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the Inbox.

    `item` is the text of an ItemRef. In quarantine it may be `<sender>#unknown`, and a vendor's test of its
    webhook, which is processed as soon as it is there, has `<vendor>#test`.
    """

    item: str
    id: str
    source: Source
    received_at: datetime
    body: str = ""
    state: EventState = EventState.RECEIVED
    reason: str | None = None
    tries: int = 0
    """How often it has failed to be processed."""
    cause: str | None = None
    """The key of the event because of which this was observed, where there was one."""

    @property
    def ref(self) -> ItemRef:
        """The item that the event is about."""
        return ItemRef.parse(self.item)

    @property
    def key(self) -> str:
        """Names the event in causes and logs."""
        return f"{self.item}#{self.id}"


class NotStoredError(Exception):
    """The put was answered, but not by DynamoDB: something in between says that all is well."""


class Inbox:
    """The Inbox table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def put(self, event: Event) -> bool:
        """Store the event unless it is there already; return whether it is new. One call.

        botocore's errors, and NotStoredError, come through: the caller has acknowledged nothing yet.
        """
        item: dict[str, Any] = {
            "item": {"S": event.item},
            "event": {"S": event.id},
            "state": {"S": event.state},
            "source": {"S": event.source},
            "received_at": {"S": moment_text(event.received_at)},
            "body": {"S": event.body},
            "expires_at": {"N": str(int((event.received_at + RETENTION).timestamp()))},
        }
        if event.reason is not None:
            item["reason"] = {"S": event.reason}
        if event.cause is not None:
            item["cause"] = {"S": event.cause}
        try:
            answer = self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(#item)",
                ExpressionAttributeNames={"#item": "item"},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        # botocore takes any answer with the status 200 for a success. Each of AWS's own carries an id.
        if "RequestId" not in answer["ResponseMetadata"]:
            raise NotStoredError
        return True

    def finish(
        self,
        event: Event,
        at: datetime,
        *,
        state: EventState = EventState.PROCESSED,
        reason: str | None = None,
        changes: Sequence[dict[str, Any]] = (),
        actions: Sequence[str] = (),
    ) -> None:
        """Note how far the event has come, and what it led to: the changes, and the keys of the actions."""
        values: dict[str, Any] = {
            ":state": {"S": state},
            ":at": {"S": moment_text(at)},
            ":changes": {"S": json.dumps(list(changes))},
            ":actions": {"L": [{"S": key} for key in actions]},
        }
        expression = "SET #state = :state, processed_at = :at, changes = :changes, actions = :actions"
        if reason is not None:
            expression += ", reason = :reason"
            values[":reason"] = {"S": reason}
        self._client.update_item(
            TableName=self._table,
            Key={"item": {"S": event.item}, "event": {"S": event.id}},
            UpdateExpression=expression,
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=values,
        )

    def fail(self, event: Event, state: EventState, reason: str) -> None:
        """Note that the event could not be processed: to be tried again, or parked. One call."""
        self._client.update_item(
            TableName=self._table,
            Key={"item": {"S": event.item}, "event": {"S": event.id}},
            UpdateExpression="SET #state = :state, reason = :reason ADD tries :one",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":state": {"S": state},
                ":reason": {"S": reason},
                ":one": {"N": "1"},
            },
        )

    def waiting_since(self, state: EventState, moment: datetime) -> Iterator[tuple[str, str]]:
        """Yield (item, event id) of what was received before the moment and is in that state."""
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-state",
            KeyConditionExpression="#state = :state AND received_at < :moment",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": state}, ":moment": {"S": moment_text(moment)}},
        ):
            for entry in page["Items"]:
                yield entry["item"]["S"], entry["event"]["S"]

    def put_back(self, item: str, event_id: str, at: datetime) -> bool:
        """Have the stream carry a stuck or failed event again, up to MAX_PUT_BACKS times. One call.

        False if it has moved on by now, or was put back that often.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"item": {"S": item}, "event": {"S": event_id}},
                UpdateExpression="SET put_back_at = :at, #state = :received ADD put_backs :one",
                ConditionExpression="#state IN (:received, :failed) AND "
                "(attribute_not_exists(put_backs) OR put_backs < :most)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":at": {"S": moment_text(at)},
                    ":received": {"S": EventState.RECEIVED},
                    ":failed": {"S": EventState.FAILED},
                    ":one": {"N": "1"},
                    ":most": {"N": str(MAX_PUT_BACKS)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_up(self, item: str, event_id: str, reason: str) -> bool:
        """Park an event that was put back MAX_PUT_BACKS times; False if it was not. One call."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"item": {"S": item}, "event": {"S": event_id}},
                UpdateExpression="SET #state = :parked, reason = :reason",
                ConditionExpression="#state = :received AND put_backs >= :most",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":parked": {"S": EventState.PARKED},
                    ":received": {"S": EventState.RECEIVED},
                    ":reason": {"S": reason},
                    ":most": {"N": str(MAX_PUT_BACKS)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def event_from_stream(image: dict[str, Any]) -> Event:
    """Read an event from a stream record's NewImage (DynamoDB JSON)."""
    return Event(
        item=image["item"]["S"],
        id=image["event"]["S"],
        source=Source(image["source"]["S"]),
        received_at=parse_moment(image["received_at"]["S"]),
        body=image["body"]["S"],
        state=EventState(image["state"]["S"]),
        tries=int(image.get("tries", {}).get("N", 0)),
    )
