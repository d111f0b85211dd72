"""The effect ledger: each effect at a vendor is begun, called and finished, and happens once.

    begin ── conditional put, with a lease ──> call the vendor ──> finish
      │                                           │
      │ done, parked: nothing more to do          └ killed here: the lease runs out, and whoever begins next
      │ leased: somebody is at it                   is told that the outcome is unclear, and has to find out
      └ unclear: find out first                     before doing it again

Entries are kept for 21 days: longer than any vendor's retries plus the 14 days of a dead-letter queue.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.items import moment_text, parse_moment
from proofbridge.stores.table import Record, Value, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION: Final = timedelta(days=21)


class EffectState(enum.StrEnum):
    """How far an effect has come."""

    STARTED = "started"
    """Under way until its lease ends; after that its outcome is unclear."""
    WAITING = "waiting"
    """It certainly did not happen, and is to be tried again."""
    UNKNOWN = "unknown"
    """The call was made and its answer never came."""
    DONE = "done"
    HELD = "held"
    """Not done, on purpose: it was no longer wanted. The reason says why."""
    PARKED = "parked"
    """It can't be done, or can't be known to be done: a person has to decide. The reason says what."""


SETTLED: Final = frozenset({EffectState.DONE, EffectState.HELD, EffectState.PARKED})


class Claim(enum.StrEnum):
    """What `begin` says."""

    FRESH = "fresh"
    """Ours, and certainly not done before."""
    UNCLEAR = "unclear"
    """Ours, but it may have been done before: find out first."""
    BUSY = "busy"
    """Somebody else's, until the lease ends."""
    SETTLED = "settled"
    """Nothing more to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of an effect.

    `message` is the action or file event that asked for it, `result` what it brought, both as JSON text.
    `state_at` is the moment since which it is in its state. One that only waited so far has 0 attempts.
    `unclear`: it was settled without knowing whether it had happened.
    """

    key: str
    state: EffectState
    first_started_at: datetime
    lease_until: datetime
    attempts: int
    message: str
    result: str | None = None
    reason: str | None = None
    state_at: datetime | None = None
    unclear: bool = False
    tried_until: datetime | None = None
    """Where its outcome is unclear: when the last attempt that may have brought it about had ended."""
    doing: str | None = None
    """What its newest attempt does with a file (see `uploads.progress`), as far as that was noted."""
    done_bytes: int = 0
    """With how much of the file that is done, in steps."""


class Ledger:
    """The effects of the State table: EFFECT#<key> / EFFECT."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, key: str, message: str, now: datetime, lease: timedelta) -> tuple[Claim, Entry]:
        """Claim an effect until `now + lease`. One call, two where an unclear one is taken over.

        Timeline of a duplicate that arrives while the first is at work:

            A: begin (FRESH) ---- vendor call ---- finish
            B:          begin (BUSY until A's lease)         begin (SETTLED)
        """
        started = Entry(key, EffectState.STARTED, now, now + lease, 1, message, state_at=now)
        # Only what is new, or surely did not happen, can be claimed without a question.
        claimed, entry = self._claim(
            started,
            _NOT_BEGUN,
            {":waiting": to_attribute(_stored_state(EffectState.WAITING))},
        )
        if claimed:
            return Claim.FRESH, entry
        if entry.state in SETTLED:
            return Claim.SETTLED, entry
        if entry.state is EffectState.STARTED and entry.lease_until > now:
            return Claim.BUSY, entry
        # Ended leases and unknown outcomes: one taker wins, by the lease that was read.
        before = entry
        claimed, entry = self._claim(
            started,
            "#state = :old AND lease_until = :old_lease",
            {
                ":old": to_attribute(_stored_state(entry.state)),
                ":old_lease": to_attribute(moment_text(entry.lease_until)),
            },
        )
        if not claimed:
            return Claim.BUSY, entry
        ended_at = before.state_at if before.state is EffectState.UNKNOWN else before.lease_until
        return Claim.UNCLEAR, dataclasses.replace(entry, tried_until=before.tried_until or ended_at)

    def finish(
        self,
        key: str,
        state: EffectState,
        now: datetime,
        *,
        reason: str | None = None,
        result: dict[str, Any] | None = None,
        unclear: bool = False,
        tried_until: datetime | None = None,
    ) -> None:
        """Note what became of an effect that was begun. One call.

        `tried_until`: what `begin` has said of the attempts before this one, where it has tried nothing.
        """
        expression = "SET #state = :state, state_at = :now, expires_at = :expires, unclear = :unclear"
        values = {
            ":unclear": to_attribute(unclear),
            ":state": to_attribute(_stored_state(state)),
            ":now": to_attribute(moment_text(now)),
            ":expires": to_attribute(int((now + RETENTION).timestamp())),
        }
        if result is not None:
            expression += ", #result = :result"
            values[":result"] = to_attribute(json.dumps(result))
        if tried_until is not None:
            expression += ", tried_until = :tried_until"
            values[":tried_until"] = to_attribute(moment_text(tried_until))
        if reason is not None:
            expression += ", reason = :reason"
            values[":reason"] = to_attribute(reason)
        else:
            expression += " REMOVE reason"  # an earlier attempt's
        self._client.update_item(
            TableName=self._table,
            Key=_key(key),
            UpdateExpression=expression,
            ExpressionAttributeNames={"#state": "state"} | ({"#result": "result"} if result else {}),
            ExpressionAttributeValues=values,
        )

    def note_progress(self, key: str, doing: str, done_bytes: int) -> None:
        """Note what is done with a file and how far that is, for people to see. One call."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(key),
            UpdateExpression="SET doing = :doing, done_bytes = :done",
            ExpressionAttributeValues=to_attributes({":doing": doing, ":done": done_bytes}),
        )

    def wait(self, key: str, message: str, now: datetime, *, reason: str) -> None:
        """Note why something not begun has to wait, for people to see; nothing else is changed. One call."""
        self._note(
            key,
            EffectState.WAITING,
            message,
            now,
            reason=reason,
            condition=_NOT_BEGUN,
        )

    def note(
        self,
        key: str,
        state: EffectState,
        message: str,
        now: datetime,
        *,
        reason: str | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Note what became of what is done without a claim, such as an action that only reads. One call."""
        self._note(key, state, message, now, reason=reason, attempts=1, result=result)

    def reopen(self, entry: Entry, state: EffectState, message: str, now: datetime) -> bool:
        """Let an effect be begun again, because a person wants it. One call.

        `state` is WAITING to do it without a question, UNKNOWN to have the vendor asked first whether it
        happened. False where the entry has moved on since it was read.
        """
        return self._note(entry.key, state, message, now, condition=_SAME_STATE, old=entry)

    def dismiss(self, entry: Entry, reason: str, now: datetime) -> bool:
        """Settle an effect that shall not happen any more. One call.

        False where the entry has moved on since it was read.
        """
        return self._note(
            entry.key, EffectState.HELD, entry.message, now, reason=reason, condition=_SAME_STATE, old=entry
        )

    def park(
        self, key: str, entry: Entry | None, message: str, now: datetime, *, reason: str, unclear: bool
    ) -> bool:
        """Settle what can't be done and is not under way; `entry` is what was read of it. One call.

        False where it has moved on since.
        """
        begun = entry is not None and entry.state is not EffectState.WAITING
        return self._note(
            key,
            EffectState.PARKED,
            message,
            now,
            reason=reason,
            condition=_SAME_STATE if begun else _NOT_BEGUN,
            old=entry if begun else None,
            unclear=unclear,
        )

    def get(self, key: str) -> Entry | None:
        """Return an effect's entry. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(key), ConsistentRead=True)
        return _entry(to_record(answer["Item"])) if "Item" in answer else None

    def keys_in(self, state: EffectState, *, since: datetime | None = None) -> Iterator[str]:
        """Yield the keys of what is in the state, since the moment or later; the newest first."""
        values = {":state": to_attribute(_stored_state(state))}
        if since is not None:
            values[":since"] = to_attribute(moment_text(since))
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-state",
            KeyConditionExpression="#state = :state" + (" AND state_at >= :since" if since else ""),
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
        ):
            for row in page["Items"]:
                yield row["pk"]["S"].removeprefix(_PREFIX)

    def stuck_since(
        self,
        moment: datetime,
        states: Iterable[EffectState] = (EffectState.STARTED, EffectState.UNKNOWN),
    ) -> Iterator[Entry]:
        """Yield what came into one of the states before the moment and has not moved since."""
        for state in states:
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by-state",
                KeyConditionExpression="#state = :state AND state_at < :moment",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":state": to_attribute(_stored_state(state)),
                    ":moment": to_attribute(moment_text(moment)),
                },
            ):
                for row in page["Items"]:
                    entry = self.get(row["pk"]["S"].removeprefix(_PREFIX))
                    if entry is not None and entry.state is state and entry.lease_until < moment:
                        yield entry

    def _note(
        self,
        key: str,
        state: EffectState,
        message: str,
        now: datetime,
        *,
        reason: str | None = None,
        attempts: int = 0,
        condition: str | None = None,
        old: Entry | None = None,
        result: dict[str, Any] | None = None,
        unclear: bool | None = None,
    ) -> bool:
        """Write a state without a claim; False where the condition does not hold."""
        values: dict[str, Value] = {
            ":state": _stored_state(state),
            ":now": moment_text(now),
            ":message": message,
            ":expires": int((now + RETENTION).timestamp()),
            ":attempts": attempts,
        }
        if old is not None:
            values |= {":old": _stored_state(old.state), ":old_at": moment_text(old.state_at or now)}
        elif condition is not None:
            values[":waiting"] = _stored_state(EffectState.WAITING)
        if reason is not None:
            values[":reason"] = reason
        if result:
            values[":result"] = json.dumps(result)
        if unclear is not None:
            values[":unclear"] = unclear
        only_if: dict[str, Any] = {} if condition is None else {"ConditionExpression": condition}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(key),
                UpdateExpression=(
                    "SET #state = :state, state_at = :now, lease_until = :now, message = :message, "
                    "expires_at = :expires"
                    + (", #result = :result" if result else "")
                    + (", unclear = :unclear" if unclear is not None else "")
                    + (", reason = :reason" if reason is not None else " REMOVE reason")
                    + " ADD attempts :attempts"
                ),
                ExpressionAttributeNames={"#state": "state"} | ({"#result": "result"} if result else {}),
                ExpressionAttributeValues=to_attributes(values),
                **only_if,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _claim(self, entry: Entry, condition: str, values: dict[str, Any]) -> tuple[bool, Entry]:
        """Write the claim; return whether it holds, and the entry that is there now."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(entry.key),
                UpdateExpression=(
                    "SET #state = :state, state_at = :now, lease_until = :lease, message = :message, "
                    "expires_at = :expires, first_started_at = if_not_exists(first_started_at, :now) "
                    "REMOVE doing, done_bytes, tried_until ADD attempts :one"
                ),
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=to_attributes(
                    {
                        ":state": _stored_state(entry.state),
                        ":now": moment_text(entry.first_started_at),
                        ":lease": moment_text(entry.lease_until),
                        ":message": entry.message,
                        ":expires": int((entry.first_started_at + RETENTION).timestamp()),
                        ":one": 1,
                    }
                )
                | values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stood_in_the_way: dict[str, Any] = dict(error.response)
            return False, _entry(to_record(stood_in_the_way["Item"]))
        return True, _entry(to_record(answer["Attributes"]))


_PREFIX: Final = "EFFECT#"
_NOT_BEGUN: Final = "attribute_not_exists(pk) OR #state = :waiting"
_SAME_STATE: Final = "#state = :old AND state_at = :old_at"


def _key(key: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"{_PREFIX}{key}"}, "sk": {"S": "EFFECT"}}


def _stored_state(state: EffectState) -> str:
    return f"effect#{state}"


def _entry(record: Record) -> Entry:
    state_at = str(record["state_at"])
    return Entry(
        key=str(record["pk"]).removeprefix(_PREFIX),
        state=EffectState(str(record["state"]).removeprefix("effect#")),
        # Nothing has been started yet where it only waited.
        first_started_at=parse_moment(str(record.get("first_started_at", state_at))),
        lease_until=parse_moment(str(record["lease_until"])),
        attempts=int(record["attempts"]),
        message=str(record["message"]),
        result=str(record["result"]) if "result" in record else None,
        reason=str(record["reason"]) if "reason" in record else None,
        state_at=parse_moment(state_at),
        unclear=record.get("unclear") is True,
        tried_until=parse_moment(str(record["tried_until"])) if "tried_until" in record else None,
        doing=str(record["doing"]) if "doing" in record else None,
        done_bytes=int(record.get("done_bytes", 0)),
    )
