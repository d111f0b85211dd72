"""An event's whole story: what came in, what was observed, what changed, and what became of each action."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from proofbridge.domain.actions import Action
from proofbridge.domain.changes import StoredItem
from proofbridge.domain.items import moment_text
from proofbridge.stores.history import Entry, EventHistory, split_key
from proofbridge.stores.inbox import Event
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import RETENTION, Ledger
from proofbridge.stores.ledger import Entry as Effect

from .words import action_id

QUEUED: Final = "queued"
FORGOTTEN: Final = "forgotten"


@dataclass(frozen=True, slots=True)
class Told:
    """An action and what became of it; `effect` is None where nothing was tried, or it is long ago.

    `action` is None where the ledger holds something else under the key: a file's upload.
    """

    key: str
    outcome: str
    effect: Effect | None = None
    action: Action | None = None

    @property
    def id(self) -> str:
        """What its key is shortened to."""
        return action_id(self.key)

    @property
    def event_key(self) -> str | None:
        """The key of the event that led to it, None where it was none."""
        return None if self.action is None else self.action.cause.event

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, with the same keys for each action."""
        action, effect = self.action, self.effect
        result = json.loads(effect.result) if effect is not None and effect.result else {}
        target = None if action is None or action.target is None else str(action.target)
        return {
            "id": self.id,
            "key": self.key,
            "outcome": self.outcome,
            "reason": None if effect is None else effect.reason,
            "may_have_happened": effect is not None and effect.unclear,
            "attempts": 0 if effect is None else effect.attempts,
            "started_at": None if effect is None else moment_text(effect.first_started_at),
            "outcome_at": None if effect is None or effect.state_at is None else moment_text(effect.state_at),
            "name": None if action is None else str(action.name),
            "vendor": None if action is None else str(action.vendor),
            "target": target or result.get("ref"),
            "proof": None if action is None else action.proof_id,
            "route": None if action is None else action.cause.rule,
            "event": self.event_key,
            "params": {} if action is None else action.params,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """The event with which it began, what was observed because of it, and what became of all actions."""

    root: Entry
    observed: tuple[Entry, ...]
    actions: dict[str, Told]
    item: StoredItem | None

    def of(self, entry: Entry) -> list[Told]:
        """Return the actions that an event led to at first."""
        return [self.actions[key] for key in entry.actions]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {
            "event": self.event_dict(self.root),
            "observations": [self.event_dict(entry) for entry in self.observed],
            "name": None if self.item is None else self.item.observation.name,
            "proof": None if self.item is None else self.item.proof_id,
        }

    def event_dict(self, entry: Entry) -> dict[str, Any]:
        """Return an event of the story as JSON-ready data, with its actions and replays."""
        return {
            **entry_dict(entry),
            "body": body_of(entry.event),
            "actions": [told.to_dict() for told in self.of(entry)],
            "replays": [
                {
                    "id": replay.id,
                    "at": moment_text(replay.at),
                    "actions": [self.actions[key].to_dict() for key in replay.actions],
                }
                for replay in entry.replays
            ],
        }


def tell(entry: Entry, *, journal: EventHistory, ledger: Ledger, items: Items, now: datetime) -> Story:
    """Put the story of an event together, from the event that caused it where there was one."""
    event = entry.event
    root = entry
    if event.cause is not None:
        root = journal.get(*split_key(event.cause)) or entry
    told = _told(root, ledger, now)
    read_again = {each.action.target for each in told.values() if each.action is not None}
    read = {root.event.item, event.item, *(str(ref) for ref in read_again if ref is not None)}
    observed = tuple(journal.caused_by(root.event, read))
    for each in observed:
        told |= _told(each, ledger, now)
    try:
        item = items.get(event.ref)
    except ValueError:
        item = None
    return Story(root, observed, told, item)


def _told(entry: Entry, ledger: Ledger, now: datetime) -> dict[str, Told]:
    keys = (*entry.actions, *(key for replay in entry.replays for key in replay.actions))
    return {key: told_of(key, ledger, since=entry.event.received_at, now=now) for key in keys}


def told_of(key: str, ledger: Ledger, *, since: datetime, now: datetime) -> Told:
    """Return what became of an action that was asked for at the moment `since` or later."""
    effect = ledger.get(key)
    if effect is None:
        return Told(key, FORGOTTEN if now - since > RETENTION else QUEUED)
    return told_by(effect)


def told_by(effect: Effect) -> Told:
    """Return an action by what the ledger holds of it."""
    try:
        action = Action.from_message(effect.message)
    except (ValueError, KeyError, TypeError):
        action = None
    return Told(effect.key, str(effect.state), effect, action)


def entry_dict(entry: Entry) -> dict[str, Any]:
    """Return an event as JSON-ready data, with the same keys for each."""
    event = entry.event
    return {
        "key": event.key,
        "id": event.id,
        "item": event.item,
        "source": str(event.source),
        "state": str(event.state),
        "received_at": moment_text(event.received_at),
        "processed_at": None if entry.processed_at is None else moment_text(entry.processed_at),
        "reason": event.reason,
        "tries": event.tries,
        "cause": event.cause,
        "changes": [
            {"kind": str(change.kind), "before": change.before, "after": change.after}
            for change in entry.changes
        ],
    }


def body_of(event: Event) -> Any:
    """Return an event's body: JSON where it is JSON, else the text, None where there is none."""
    if not event.body:
        return None
    try:
        body = json.loads(event.body)
        # What Python alone takes for JSON, or what is nested too deeply to be shown, is a text too.
        json.dumps(body, indent=2, allow_nan=False)
    except (ValueError, RecursionError):
        return event.body
    return body
