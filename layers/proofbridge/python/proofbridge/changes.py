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

from proofbridge.items import OPEN_STATUSES, ItemRef, Observation, moment_text


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
    """

    observation: Observation
    revision: int
    proof_id: str | None = None
    turns: Mapping[str, int] = field(default_factory=dict)
    unrouted: bool = False


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
    """What an observation comes to: the item as it is to be stored now, and what changed."""

    merged: Observation
    changes: tuple[Change, ...]
    turns: Mapping[str, int]


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
        return (
            None if observed.deleted else _difference(None, dataclasses.replace(observed, silent_on=()), {})
        )
    catching_up = stored.unrouted and stored.proof_id is not None
    if _is_older(observed, stored.observation):
        observed = stored.observation
    merged = _merge(stored.observation, observed)
    if not catching_up and _same_content(merged, stored.observation):
        return None
    return _difference(None if catching_up else stored.observation, merged, stored.turns)


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
    return dataclasses.replace(new, **kept, silent_on=())


def _same_content(new: Observation, old: Observation) -> bool:
    """Whether two states are equal but for the moment at which we looked."""
    return dataclasses.replace(new, observed_at=old.observed_at) == old


def _difference(old: Observation | None, new: Observation, turns: Mapping[str, int]) -> Difference:
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
    return Difference(new, tuple(changes), counted)


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
        for kind in _FIELDS:
            before, after = value_of(old, kind), value_of(new, kind)
            if before != after:
                yield kind, before, after


def value_of(item: Observation, kind: ChangeKind) -> str | None:
    """Return what an item has of what a kind of change is about, as a change's `after` would tell it."""
    value = getattr(item, _FIELDS[kind]) if kind in _FIELDS else None
    if value is None:
        return None
    return moment_text(value) if isinstance(value, datetime) else str(value)
