"""Writing over a field of an item: only one write at a time, and never over what has not been seen yet.

begin ──────> look at the item ──────> ruled on? still wanted? ──────> write ──────> absorb
noted: what it shall be, so that its echo is known should the answer be lost
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from proofbridge.decisions.conflicts import ECHO_PATIENCE, LatestDecision
from proofbridge.decisions.desired_values import DesiredValue, text_of, wishes_in
from proofbridge.decisions.observations import submit_observation
from proofbridge.domain.actions import Action
from proofbridge.domain.changes import ChangeKind, Write, attribute_of, diff, value_of
from proofbridge.domain.items import ItemRef, Observation
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items

REPLACED = "a newer change has replaced its cause"


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """One action that sets a field of an item."""

    action: Action
    wish: DesiredValue
    target: ItemRef

    @property
    def field_words(self) -> str:
        """The field, in words."""
        return self.wish.field.replace("_", " ")

    def alone(self, seen: Observation) -> Observation:
        """Return what is seen of the field alone: what others have changed is for the next look to find."""
        kept = {"ref", "observed_at", "deleted", "silent_on", attribute_of(self.wish.field)}
        silent_on = (
            each.name
            for each in dataclasses.fields(seen)
            if each.name not in kept or each.name in seen.silent_on
        )
        return dataclasses.replace(seen, updated_at=None, silent_on=tuple(silent_on))


class WriteGuard:
    """What is asked and noted about the writes of fields."""

    def __init__(
        self,
        *,
        items: Items,
        words: LatestDecisions,
        inbox: Inbox,
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._items = items
        self._words = words
        self._inbox = inbox
        self._now = now
        self._lease = lease

    def begin(self, write: PendingWrite) -> bool:
        """Note the write, before the item is looked at; False while another one to the field is under way."""
        return self._note(write, self._lease)

    def left_unclear(self, write: PendingWrite) -> None:
        """Note that the try is over, though not what came of it: others may write now."""
        self._note(write, timedelta())

    def _note(self, write: PendingWrite, time_left: timedelta) -> bool:
        kind, key, now = write.wish.field, write.action.key, self._now()
        stored = self._items.get(write.target)
        if stored is None:
            return True
        before = stored.writes.get(kind)
        # What an earlier write may have brought, and nobody has seen yet, is still to be known for its echo.
        is_unclear = before is not None and before.wish is not None and now <= before.until + ECHO_PATIENCE
        earlier = _others(before, write) if is_unclear else []
        since = before.since if before is not None and is_unclear else now
        noted = Write(text_of([*earlier, write.wish]), key, since, now + time_left)
        return self._items.begin_write(write.target, kind, noted, now)

    def not_made(self, write: PendingWrite) -> None:
        """Note that the write has surely not been made."""
        kind, key, now = write.wish.field, write.action.key, self._now()
        stored = self._items.get(write.target)
        noted = None if stored is None else stored.writes.get(kind)
        earlier = _others(noted, write)
        if noted is not None and noted.key == key and earlier:
            left = Write(text_of(earlier), key, noted.since, now)
            self._items.begin_write(write.target, kind, left, now)
        else:
            self._items.end_write(write.target, kind, key)

    def reason_against(self, write: PendingWrite, seen: Observation) -> str | None:
        """Say why the write shall not be made now that the item was looked at; None where it shall.

        What nobody has ruled on yet is put into the Inbox. If it loses, the write comes back as one that
        restores; if it stands, it has replaced this one.
        """
        field, met = write.wish.field, write.wish.is_met_by(seen)
        stored = self._items.get(write.target)
        difference = diff(stored, seen)
        kinds = {change.kind for change in difference.changes} if difference is not None else set()
        if kinds and stored is not None:
            submit_observation(self._items, self._inbox, seen, self._now())
            if field in kinds and not met:
                return f"its {write.field_words} has just changed there, which is to be ruled on first"
        word = self._word_for(write.action)
        if word is not None:
            if not _is_of(word, write.action):
                return REPLACED
            own = stored.decided_at.get(field) if stored is not None else None
            if own is not None and own > word.decided_at:
                return "it was decided there since"
        return "it already is so" if met and not write.wish.says_more else None

    def superseded(self, action: Action) -> bool:
        """Whether an action that follows a state has been overtaken by a newer change."""
        return superseded(self._items, self._words, action)

    def _word_for(self, action: Action) -> LatestDecision | None:
        wish = DesiredValue.of(action)
        if wish is None or action.proof_id is None or action.cause.change is None:
            return None
        return self._words.get(action.proof_id, wish.field)


def _others(noted: Write | None, write: PendingWrite) -> list[DesiredValue]:
    return [] if noted is None else [wish for wish in wishes_in(noted.wish) if wish != write.wish]


def superseded(items: Items, words: LatestDecisions, action: Action) -> bool:
    """Whether an action that follows a state has been overtaken by a newer change."""
    cause, wish = action.cause, DesiredValue.of(action)
    if not action.kind.follows_state or cause.ref is None or cause.field is None:
        return False
    if wish is not None and action.proof_id is not None:
        word = words.get(action.proof_id, wish.field)
        if word is not None:
            return not _is_of(word, action)
    stored = items.get(ItemRef.parse(cause.ref))
    if stored is None:
        return False
    kind = ChangeKind(cause.field)
    # Actions are queued before their change is stored: what is stored may still be what was before it.
    is_stored = stored.turns.get(kind, 0) >= cause.turn
    return is_stored and value_of(stored.observation, kind) != cause.after


def _is_of(word: LatestDecision, action: Action) -> bool:
    return action.cause.change in {change.id for change in word.changes}
