"""The difference between what a vendor shows and what was stored: the only thing that routes look at.

Diffing by state makes duplicates, reordered events, a webhook and a poll that say the same, and the echoes of
our own writes all come to nothing, without a special case for any of them.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from proofbridge.domain.items import OPEN_STATUSES, ItemRef, Observation, moment_text


class ChangeKind(enum.StrEnum):
    """What can change about an item."""

    CREATED = "created"
    STATUS = "status"
    VERSION = "version"
    DUE_DATE = "due_date"
    NAME = "name"
    ASSIGNEE = "assignee"
    COMMENT = "comment"
    DELETED = "deleted"


_FIELDS: Final = {
    ChangeKind.STATUS: "status",
    ChangeKind.VERSION: "version",
    ChangeKind.DUE_DATE: "due_at",
    ChangeKind.NAME: "name",
    ChangeKind.ASSIGNEE: "assignee",
    ChangeKind.COMMENT: "comment",
}


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as we last knew it.

    `revision` counts the writes to it, from 1. `turns` counts, for each kind of change, how often that has
    happened. `unrouted`: it has changed while it belonged to no proof, so that no route has seen it.
    `decided_at` has, for each field, when the item itself last decided about it (see `words`). `writes` has,
    for each field, the write of ours that is under way, or whose outcome is unclear; `written_at` has, for
    each field, when our last write that was answered had ended. `apart_as` is the name under which it was
    taken out of its proof for good: as long as its name holds the same reference, no rule links it again.
    """

    observation: Observation
    revision: int
    proof_id: str | None = None
    turns: Mapping[str, int] = field(default_factory=dict)
    unrouted: bool = False
    decided_at: Mapping[str, datetime] = field(default_factory=dict)
    writes: Mapping[str, Write] = field(default_factory=dict)
    written_at: Mapping[str, datetime] = field(default_factory=dict)
    apart_as: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A write of ours to one field of an item: what it wishes (as text), and the key of its action.

    It was first tried `since`; nobody else writes to the field before `until`. The wish comes after those
    of earlier writes whose outcome is unclear; what the item has shown is left out, None where none is left.
    """

    wish: str | None
    key: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became different about one item.

    `before` and `after` are texts (moments as ISO 8601 with Z), None where there was or is none. `turn`
    counts the changes of its kind to the item, from 1. `id` is the same however often the same difference is
    computed.
    """

    id: str
    ref: ItemRef
    kind: ChangeKind
    before: str | None
    after: str | None
    turn: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, None left out."""
        data = {k: v for k, v in dataclasses.asdict(self).items() if v is not None}
        return {**data, "ref": str(self.ref), "kind": str(self.kind)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        ref, kind = ItemRef.parse(data["ref"]), ChangeKind(data["kind"])
        return cls(data["id"], ref, kind, data.get("before"), data.get("after"), data.get("turn", 1))


@dataclass(frozen=True, slots=True)
class Difference:
    """What an observation comes to: the item as it is to be stored now, and what changed.

    `decided_at` is when the changes were made, as far as the vendor tells it: its own moment of the update,
    else, and at the latest, the moment at which it was seen.
    """

    merged: Observation
    changes: tuple[Change, ...]
    turns: Mapping[str, int]
    decided_at: datetime


def diff(stored: StoredItem | None, observed: Observation) -> Difference | None:
    """Compare an observation with what was stored; None where it says nothing new.

    An observation that is older than the stored one says nothing: by the vendor's own moment where both have
    one, then by the moment at which we looked. (Vendors' moments are whole seconds, so that two states may
    share one; the later look then wins.)

    What happened before an item was linked to its proof comes out once more, as the changes from nothing to
    now, with the first observation after the link.
    """
    if stored is None:
        # What was never seen can't have been deleted: it never was.
        if observed.deleted:
            return None
        return _difference(None, observed, {}, _decided_at(observed))
    catching_up = stored.unrouted and stored.proof_id is not None
    if _is_older(observed, stored.observation):
        observed = stored.observation
    observed = _without_what_we_wrote_since(observed, stored)
    merged = _merge(stored.observation, observed)
    if not catching_up and _same_content(merged, stored.observation):
        return None
    return _difference(
        None if catching_up else stored.observation, merged, stored.turns, _decided_at(observed)
    )


def as_looked_at(stored: StoredItem, difference: Difference | None) -> Difference:
    """Return a difference, or that there is none, as one that was known without a look at the item."""
    old = stored.observation
    if difference is None:
        return Difference(old, (), stored.turns, _decided_at(old))
    merged = dataclasses.replace(difference.merged, observed_at=old.observed_at)
    return dataclasses.replace(difference, merged=merged)


def _decided_at(observed: Observation) -> datetime:
    if observed.updated_at is None or observed.deleted:  # vendors don't say when they deleted something
        return observed.observed_at
    # A clock that is ahead must not make its vendor's word the last one for as long as that.
    return min(observed.updated_at, observed.observed_at)


def _without_what_we_wrote_since(observed: Observation, stored: StoredItem) -> Observation:
    """Leave out the fields that we have written to after the item was looked at: they are different now."""
    since = {_FIELDS[ChangeKind(kind)] for kind, at in stored.written_at.items() if observed.observed_at < at}
    silent_on = tuple(since.union(observed.silent_on))
    return dataclasses.replace(observed, silent_on=silent_on) if since else observed


def _is_older(new: Observation, old: Observation) -> bool:
    if old.deleted and new.observed_at < old.observed_at:
        return True  # vendors don't say when they deleted what is no longer there
    if new.updated_at is not None and old.updated_at is not None and new.updated_at != old.updated_at:
        return new.updated_at < old.updated_at
    return new.observed_at < old.observed_at


def _merge(old: Observation, new: Observation) -> Observation:
    kept = {name: getattr(old, name) for name in new.silent_on}
    if new.deleted:
        kept = {
            each.name: getattr(old, each.name)
            for each in dataclasses.fields(old)
            if each.name not in {"deleted", "observed_at", "updated_at", "silent_on"}
        }
    if new.updated_at is None:
        # Kept for a deleted item too, so that a belated word of it doesn't bring it back.
        kept["updated_at"] = old.updated_at
    if new.project is None:
        kept["project"] = old.project  # not every answer names it
    # What no answer has shown yet is still to be learnt.
    unknown = old.silent_on if new.deleted else tuple(set(old.silent_on) & set(new.silent_on))
    return dataclasses.replace(new, **kept, silent_on=unknown)


def _same_content(new: Observation, old: Observation) -> bool:
    """Whether two states are equal but for the moment at which we looked."""
    return dataclasses.replace(new, observed_at=old.observed_at) == old


def _difference(
    old: Observation | None, new: Observation, turns: Mapping[str, int], decided_at: datetime
) -> Difference:
    changes: list[Change] = []
    counted = dict(turns)
    for kind, before, after in _changes(old, new):
        counted[kind] = counted.get(kind, 0) + 1
        # The turn tells equal changes of one item apart (approved, changed, approved again), and is the same
        # when the same change is met again after a crash, whatever else was written about the item meanwhile.
        turn = counted[kind]
        key = f"{new.ref}|{kind}|{turn}|{after}"
        changes.append(
            Change(hashlib.sha256(key.encode()).hexdigest()[:24], new.ref, kind, before, after, turn)
        )
    return Difference(new, tuple(changes), counted, decided_at)


def _changes(
    old: Observation | None, new: Observation
) -> Iterator[tuple[ChangeKind, str | None, str | None]]:
    """Yield what is different: (kind, before, after)."""
    if new.deleted:
        if old is not None and not old.deleted:
            yield ChangeKind.DELETED, None, None
    elif old is None or old.deleted:
        # What an item is born with is no change, but a decision that was made before we saw it is one.
        yield ChangeKind.CREATED, None, None
        if new.status is not None and new.status not in OPEN_STATUSES:
            yield ChangeKind.STATUS, None, str(new.status)
    else:
        for kind, name in _FIELDS.items():
            before, after = value_of(old, kind), value_of(new, kind)
            # Nor is what it was born with, and shown later; a remark is always made by somebody.
            was_born_with = name in old.silent_on and (
                kind is not ChangeKind.COMMENT
                and (kind is not ChangeKind.STATUS or new.status in OPEN_STATUSES)
            )
            if before != after and not was_born_with:
                yield kind, before, after


def attribute_of(kind: ChangeKind) -> str | None:
    """Return which attribute of an observation a kind of change is about; None for the whole item's."""
    return _FIELDS.get(kind)


def value_of(item: Observation, kind: ChangeKind) -> str | None:
    """Return what an item has of what a kind of change is about, as a change's `after` would tell it."""
    value = getattr(item, _FIELDS[kind]) if kind in _FIELDS else None
    if value is None:
        return None
    return moment_text(value) if isinstance(value, datetime) else str(value)
