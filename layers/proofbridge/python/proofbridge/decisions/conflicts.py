"""Words: who decided last about a proof, and what follows for its items.

For each proof and field (status, due date, name) one word holds: the last change, made at an item that has a
say, that routes carry to other items. A later change replaces it. Whatever loses against it is not carried
anywhere, and the word's own routes are applied again to the item that lost:

    the change                                           then
    is what a write of ours has brought (its echo)       it is no decision: nothing, or if that write is
                                                         outdated by now, the word is restored
    is at a vendor that has no say in the field          the word is restored
    was decided before the word                          the word is restored
    was decided after it, and routes carry it            it is the word now
    was decided after it, and no route carries it        it stands, for its own item alone
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from proofbridge.config.authority import Authority
from proofbridge.config.routes import Route
from proofbridge.decisions.desired_values import FIELDS, DesiredValue, satisfied, text_of, wishes_in
from proofbridge.decisions.routing import actions_for, look_at_proof
from proofbridge.domain.actions import Action
from proofbridge.domain.changes import Change, ChangeKind, Difference, StoredItem, Write
from proofbridge.domain.items import ItemRef, Observation, moment_text, parse_moment
from proofbridge.vendors.catalogue import CATALOGUE

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far a vendor's clock may be from ours."""

ECHO_PATIENCE: Final = timedelta(minutes=30)
"""How long after a write whose answer was lost what it has brought is still taken for its echo."""


@dataclass(frozen=True, slots=True)
class LatestDecision:
    """What was decided last about one field of a proof.

    `changes` are those of one observation that speak about the field, `item` the item as it was then, and
    `others` the proof's other items, where routes look at them; `event` is the Inbox event that told of it.
    """

    field: ChangeKind
    changes: tuple[Change, ...]
    item: Observation
    decided_at: datetime
    event: str
    others: tuple[Observation, ...] = ()

    @property
    def ref(self) -> ItemRef:
        """The item at which it was decided."""
        return self.item.ref

    @property
    def id(self) -> str:
        """Names the word; the same however often the same changes are met."""
        return "+".join(change.id for change in self.changes)

    @property
    def value(self) -> str | None:
        """What the field is to be; None where that follows from another field, such as the version."""
        return next((change.after for change in self.changes if change.kind is self.field), None)

    def to_text(self) -> str:
        """Return the word as JSON text."""
        return json.dumps(
            {
                "changes": [change.to_dict() for change in self.changes],
                "item": self.item.to_dict(),
                "decided_at": moment_text(self.decided_at),
                "event": self.event,
                "others": [other.to_dict() for other in self.others],
            }
        )

    @classmethod
    def from_text(cls, field: ChangeKind, text: str) -> Self:
        """Read what `to_text` wrote."""
        data = json.loads(text)
        return cls(
            field,
            tuple(Change.from_dict(change) for change in data["changes"]),
            Observation.from_dict(data["item"]),
            parse_moment(data["decided_at"]),
            data["event"],
            tuple(Observation.from_dict(other) for other in data["others"]),
        )

    def actions(self, routes: tuple[Route, ...], proof_id: str) -> list[Action]:
        """Return the actions by which the routes bring the word to other items."""
        found = [
            action
            for change in self.changes
            for action in actions_for(routes, change, self.item, proof_id, self.event, self.others)
        ]
        return [action for action in without_contradiction(found) if _field_of(action) is self.field]

    def outranks(self, ref: ItemRef, decided_at: datetime) -> bool:
        """Whether it was decided later than something at another item; at its own all is newer."""
        return self.ref != ref and (self.decided_at, str(self.ref)) > (decided_at, str(ref))


DecisionsByField = Mapping[ChangeKind, LatestDecision]
"""The words of one proof."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What follows from an observation of an item that belongs to a proof.

    `words` are new. `decided_at` and `writes` are what is to be stored of the item (see `StoredItem`).
    """

    words: tuple[LatestDecision, ...] = ()
    actions: tuple[Action, ...] = ()
    decided_at: Mapping[str, datetime] = field(default_factory=dict)
    writes: Mapping[str, Write] = field(default_factory=dict)


class _Verdict(enum.Enum):
    STANDS = enum.auto()
    AGREES = enum.auto()
    LOSES = enum.auto()


class ConflictResolver:
    """Rules on changes by the routes, and by who has a say in what."""

    def __init__(self, routes: tuple[Route, ...], authority: Authority) -> None:
        self._routes = routes
        self._authority = authority
        self.looks_at_proof = look_at_proof(routes)

    def rule(
        self,
        difference: Difference,
        stored: StoredItem,
        words: DecisionsByField,
        proof_id: str,
        event: str,
        others: Iterable[Observation] = (),
    ) -> Resolution:
        """Say what follows from the difference. The same difference, met again, gives the same.

        `others` are the proof's items as they were last seen, where the routes look at the proof.
        """
        item = difference.merged
        ref = item.ref
        seen_with_it = tuple(other for other in others if other.ref != ref)
        decided_at = dict(stored.decided_at)
        writes = _still_unclear(stored.writes, difference)
        routed: list[Action] = []
        spoken: dict[ChangeKind, list[Change]] = {}
        lost: list[Change] = []
        for change in difference.changes:
            verdict = self._judge(change, difference, stored, words, proof_id)
            if verdict is _Verdict.LOSES:
                lost.append(change)
            if verdict is not _Verdict.STANDS:
                continue
            found = actions_for(self._routes, change, item, proof_id, event, seen_with_it)
            for kind in FIELDS:
                carried = any(_field_of(action) is kind for action in found)
                if change.kind is kind:
                    decided_at[kind] = difference.decided_at
                    is_own_word = kind in words and words[kind].ref == ref
                    if carried or is_own_word:
                        spoken.setdefault(kind, []).append(change)
                elif carried:
                    if kind in words and words[kind].outranks(ref, difference.decided_at):
                        found = [action for action in found if _field_of(action) is not kind]
                    else:
                        spoken.setdefault(kind, []).append(change)
            routed += found
        new = {
            kind: LatestDecision(kind, tuple(changes), item, difference.decided_at, event, seen_with_it)
            for kind, changes in spoken.items()
        }
        in_force = {**words, **new}
        restored = [
            action
            for change in lost
            if (word := in_force.get(change.kind)) is not None
            for action in self.restoring(word, item, decided_at, proof_id, f"restore|{change.id}")
        ]
        return Resolution(
            tuple(new.values()), (*without_contradiction(routed), *restored), decided_at, writes
        )

    def restoring(
        self,
        word: LatestDecision,
        item: Observation,
        decided_at: Mapping[str, datetime],
        proof_id: str,
        prefix: str,
    ) -> list[Action]:
        """Return the word's actions that an item does not satisfy, under keys of their own.

        None for an item that has decided for itself since, and none for the one that the word comes from.
        """
        own = decided_at.get(word.field)
        if word.ref == item.ref or (own is not None and own > word.decided_at):
            return []
        return [
            again(action, f"{prefix}|{action.cause.rule}|{place}")
            for place, action in enumerate(word.actions(self._routes, proof_id))
            if is_for(action, item.ref) and satisfied(action, item) is False
        ]

    def _judge(
        self,
        change: Change,
        difference: Difference,
        stored: StoredItem,
        words: DecisionsByField,
        proof_id: str,
    ) -> _Verdict:
        kind, item = change.kind, difference.merged
        has_say = self._authority.has_say(item.ref.vendor, kind)
        if kind not in FIELDS:
            return _Verdict.STANDS if has_say else _Verdict.LOSES
        word = words.get(kind)
        write = stored.writes.get(kind)
        if write is not None and _is_shown(write, item):
            wanted = [] if word is None or word.ref == item.ref else word.actions(self._routes, proof_id)
            answers = [satisfied(action, item) for action in wanted if is_for(action, item.ref)]
            if answers and all(answers):
                return _Verdict.AGREES
            if _is_echo(write, item, difference.decided_at):
                return _Verdict.LOSES
        if not has_say or (word is not None and word.outranks(item.ref, difference.decided_at)):
            return _Verdict.LOSES
        return _Verdict.STANDS


def _is_echo(write: Write, item: Observation, decided_at: datetime) -> bool:
    """Whether an item shows what a write of ours, whose answer we don't have, was to bring."""
    in_time = write.since - CLOCK_DIFFERENCE <= decided_at <= write.until + ECHO_PATIENCE
    return in_time and _is_shown(write, item)


def _is_shown(write: Write, item: Observation) -> bool:
    return any(wish.is_met_by(item) for wish in wishes_in(write.wish))


def _still_unclear(writes: Mapping[str, Write], difference: Difference) -> dict[str, Write]:
    """Return what is still to be expected of our writes, once the item shows these changes.

    A write that is seen, or whose time was over when the item was looked at, has nothing more to bring.
    """
    left: dict[str, Write] = {}
    for kind, write in writes.items():
        if any(change.kind == kind for change in difference.changes):
            if difference.merged.observed_at > write.until:
                continue
            if _is_echo(write, difference.merged, difference.decided_at):
                left[kind] = dataclasses.replace(write, wish=_after_the_shown(write, difference.merged))
                continue
        left[kind] = write
    return left


def _after_the_shown(write: Write, item: Observation) -> str | None:
    """Return what was wished after what an item shows: what was wished before that is written over."""
    wishes = wishes_in(write.wish)
    shown = max(place for place, wish in enumerate(wishes) if wish.is_met_by(item))
    return text_of(wishes[shown + 1 :])


def again(action: Action, key: str) -> Action:
    """Return an action to be done once more, under a key of its own, as far as it is not done by then."""
    return dataclasses.replace(action, key=key, cause=dataclasses.replace(action.cause, repeats=action.key))


def is_for(action: Action, ref: ItemRef) -> bool:
    """Whether an item is what an action acts on in its proof."""
    return action.vendor == ref.vendor and CATALOGUE[action.name].target is ref.kind


def without_contradiction(actions: Iterable[Action]) -> list[Action]:
    """Return the actions; where two set the same field of the same item differently, the last of them."""
    found = list(actions)
    last: dict[tuple[object, ...], str] = {}
    for action in found:
        wish = DesiredValue.of(action)
        if wish is not None:
            last[(wish.vendor, action.kind.target, wish.field)] = wish.value
    return [
        action
        for action in found
        if (wish := DesiredValue.of(action)) is None
        or last[(wish.vendor, action.kind.target, wish.field)] == wish.value
    ]


def _field_of(action: Action) -> ChangeKind | None:
    wish = DesiredValue.of(action)
    return None if wish is None else wish.field
