"""The difference between what a vendor shows and what was stored: the only thing that routes look at.

Diffing by state makes duplicates, reordered events, a webhook and a poll that say the same, and the echoes of
our own writes all come to nothing, without a special case for any of them.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from proofbridge.items import ItemRef, Observation, moment_text


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
    """An item as we last knew it. `revision` counts the accepted observations and links, from 1."""

    observation: Observation
    revision: int
    proof_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became different about one item.

    `before` and `after` are texts (moments as ISO 8601 with Z), None where there was or is none.
    `id` is the same however often the same difference is computed.
    """

    id: str
    ref: ItemRef
    kind: ChangeKind
    before: str | None
    after: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, None left out."""
        data = {k: v for k, v in dataclasses.asdict(self).items() if v is not None}
        return {**data, "ref": str(self.ref), "kind": str(self.kind)}


@dataclass(frozen=True, slots=True)
class Difference:
    """What an observation comes to: the item as it is to be stored now, and what changed."""

    merged: Observation
    changes: tuple[Change, ...]


def diff(stored: StoredItem | None, observed: Observation) -> Difference | None:
    """Compare an observation with what was stored; None where it says nothing new.

    An observation that is older than the stored one says nothing: by the vendor's own moment where both have
    one, then by the moment at which we looked. (Vendors' moments are whole seconds, so that two states may
    share one; the later look then wins.)
    """
    if stored is None:
        merged = dataclasses.replace(observed, silent_on=())
        return Difference(merged, _changes(None, merged, revision=1))
    if _is_older(observed, stored.observation):
        return None
    merged = _merge(stored.observation, observed)
    changes = _changes(stored.observation, merged, revision=stored.revision + 1)
    if not changes and _same_content(merged, stored.observation):
        return None
    return Difference(merged, changes)


def restate(stored: StoredItem) -> tuple[Change, ...]:
    """Return the changes that led from nothing to the stored state.

    Used when an item is linked to its proof after it has already moved on: what happened before the link is
    carried over then.
    """
    return _changes(None, stored.observation, revision=1)


def _is_older(new: Observation, old: Observation) -> bool:
    if new.updated_at is not None and old.updated_at is not None and new.updated_at != old.updated_at:
        return new.updated_at < old.updated_at
    return new.observed_at < old.observed_at


def _merge(old: Observation, new: Observation) -> Observation:
    kept = {name: getattr(old, name) for name in new.silent_on}
    if new.updated_at is None:
        kept["updated_at"] = old.updated_at
    if new.deleted:
        kept = {
            field.name: getattr(old, field.name)
            for field in dataclasses.fields(old)
            if field.name not in {"deleted", "observed_at", "updated_at"}
        }
    return dataclasses.replace(new, **kept, silent_on=())


def _same_content(new: Observation, old: Observation) -> bool:
    """Whether two states are equal but for the moment at which we looked."""
    return dataclasses.replace(new, observed_at=old.observed_at) == old


def _changes(old: Observation | None, new: Observation, revision: int) -> tuple[Change, ...]:
    changes: list[Change] = []

    def add(kind: ChangeKind, before: str | None, after: str | None) -> None:
        # The revision tells two equal turns of the same item apart (approved, changed, approved again).
        key = f"{new.ref}|{revision}|{kind}|{after}"
        changes.append(Change(hashlib.sha256(key.encode()).hexdigest()[:24], new.ref, kind, before, after))

    if new.deleted:
        if old is not None and not old.deleted:
            add(ChangeKind.DELETED, None, None)
        return tuple(changes)
    if old is None or old.deleted:
        add(ChangeKind.CREATED, None, None)
    for kind, field in _FIELDS.items():
        before = _text(getattr(old, field)) if old is not None else None
        after = _text(getattr(new, field))
        if before != after:
            add(kind, before, after)
    return tuple(changes)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return moment_text(value) if isinstance(value, datetime) else str(value)
