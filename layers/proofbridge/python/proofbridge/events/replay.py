"""Replaying events: done again because a person wants it, under keys of their own.

A replay is a new execution. Its actions' keys carry the replay's id, so that the ledger does not take them
for what it has let through before; each of them happens once, like any other.

    the event …                     its replay
    led to changes                  the changes go through the routes of the configuration given here
    only had items observed         they are observed again
    was never processed             it is put back on its way: nothing has followed from it yet
    said nothing new                is refused: nothing followed from it, so there is nothing to repeat
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from proofbridge.config.routes import Route
from proofbridge.decisions.routing import actions_for, look_at_proof
from proofbridge.domain.actions import Action, observe
from proofbridge.domain.changes import Change, StoredItem, diff
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.events.process import Reading, WebhookReader
from proofbridge.stores.history import Entry, EventHistory, Replay
from proofbridge.stores.inbox import Event, EventState, Source
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.ledger import Entry as Effect
from proofbridge.stores.queues import ActionQueues

_OPEN: Final = frozenset({EffectState.PARKED, EffectState.WAITING, EffectState.UNKNOWN})


class CantReplayError(Exception):
    """An event can't be replayed; the text says why and what to do instead."""


class Way(enum.StrEnum):
    """How an event is replayed."""

    ROUTE = "route"
    OBSERVE = "observe"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the replay of an event comes to: its id, and the actions that will follow.

    `in_place_of` has, by the keys of these actions, those of the event and of its earlier replays that are
    still open: parked, waiting, or unknown. The replay takes their place.
    """

    id: str
    entry: Entry
    way: Way
    actions: tuple[Action, ...]
    in_place_of: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)


def plan_replay(
    entry: Entry,
    replay_id: str,
    *,
    items: Items,
    ledger: Ledger,
    routes: tuple[Route, ...],
    readers: Mapping[Vendor, WebhookReader],
) -> Plan:
    """Say what replaying the event would come to; nothing is written. Raise CantReplayError."""
    event = entry.event
    try:
        stored = items.get(event.ref)
    except ValueError:
        raise CantReplayError(f"{event.key} names no item, so nothing can follow from it") from None
    others: Sequence[Observation] = ()
    if stored is not None and stored.proof_id is not None and look_at_proof(routes):
        others = items.seen_of_proof(stored.proof_id)
    if event.state is not EventState.PROCESSED:
        # It was never done, so its actions keep their keys: if some were queued already, they happen once.
        return Plan(replay_id, entry, Way.PROCESS, tuple(_first_time(event, stored, routes, others, readers)))
    if entry.changes:
        item = _item_then(event, stored, readers)
        found = _routed(routes, entry.changes, item, stored, others, event)
        return _plan(replay_id, entry, Way.ROUTE, found, ledger)
    if entry.actions:
        asked = [observe(ref, event.key) for ref in (event.ref, *_also(event, readers))]
        return _plan(replay_id, entry, Way.OBSERVE, asked, ledger)
    raise CantReplayError(
        f"{event.key} said nothing new: nothing followed from it, so nothing can be repeated"
    )


def carry_out(
    plan: Plan, *, journal: EventHistory, queues: ActionQueues, ledger: Ledger, now: datetime
) -> None:
    """Queue the plan's actions, or put the event back on its way, with a note beside the event.

    Whose place they take is settled first, so that it is not done as well. Raise CantReplayError.
    """
    event = plan.entry.event
    if plan.way is Way.PROCESS:
        if not journal.put_back(event, Replay(plan.id, now)):
            raise CantReplayError(f"{event.key} has moved on meanwhile: look at it again")
        return
    for effect in itertools.chain.from_iterable(plan.in_place_of.values()):
        if not ledger.dismiss(effect, f"replayed as {plan.id}", now):
            raise CantReplayError(f"{effect.key} has moved on meanwhile: look at it again")
    # The note comes first: an effect without a note would be worse than a note without an effect.
    journal.note_replay(event, Replay(plan.id, now, tuple(action.key for action in plan.actions)))
    for action in plan.actions:
        queues.send(action)


def _plan(replay_id: str, entry: Entry, way: Way, found: Iterable[Action], ledger: Ledger) -> Plan:
    """Give the actions keys of their own, and find those whose place they take."""
    actions: list[Action] = []
    in_place_of: dict[str, tuple[Effect, ...]] = {}
    replayed = [key for replay in entry.replays for key in replay.actions]
    for action in found:
        key = f"replay|{replay_id}|{action.key}"
        actions.append(dataclasses.replace(action, key=key))
        before = (action.key, *(each for each in replayed if each.endswith(f"|{action.key}")))
        effects = tuple(effect for effect in map(ledger.get, before) if effect and effect.state in _OPEN)
        if effects:
            in_place_of[key] = effects
    return Plan(replay_id, entry, way, tuple(actions), in_place_of)


def _routed(
    routes: tuple[Route, ...],
    changes: Iterable[Change],
    item: Observation,
    stored: StoredItem | None,
    others: Sequence[Observation],
    event: Event,
) -> list[Action]:
    proof_id = None if stored is None else stored.proof_id
    if proof_id is None:
        return []  # as when it came in: routes are for items that belong to a proof
    return [
        action
        for change in changes
        for action in actions_for(routes, change, item, proof_id, event.key, others)
    ]


def _item_then(
    event: Event, stored: StoredItem | None, readers: Mapping[Vendor, WebhookReader]
) -> Observation:
    """Return the item as the event showed it; what it did not show is as it is now."""
    shown = _shown(event, readers)
    if stored is None:
        if shown is None:
            raise CantReplayError(f"{event.item} is not known any more")
        return dataclasses.replace(shown, silent_on=())
    if shown is None:
        return stored.observation
    kept = {name: getattr(stored.observation, name) for name in shown.silent_on}
    return dataclasses.replace(shown, **kept, silent_on=())


def _shown(event: Event, readers: Mapping[Vendor, WebhookReader]) -> Observation | None:
    if event.source is Source.OBSERVATION:
        return Observation.from_dict(json.loads(event.body))
    reading = _reading(event, readers)
    return None if reading is None else reading.observation


def _also(event: Event, readers: Mapping[Vendor, WebhookReader]) -> tuple[ItemRef, ...]:
    reading = _reading(event, readers)
    return () if reading is None else reading.also


def _reading(event: Event, readers: Mapping[Vendor, WebhookReader]) -> Reading | None:
    if event.source is not Source.WEBHOOK:
        return None
    try:
        return readers[event.ref.vendor](event)
    except (ValueError, KeyError) as error:
        raise CantReplayError(f"{event.key} is not understood: {error}") from None


def _first_time(
    event: Event,
    stored: StoredItem | None,
    routes: tuple[Route, ...],
    others: Sequence[Observation],
    readers: Mapping[Vendor, WebhookReader],
) -> list[Action]:
    """Return what would follow from an event that was not processed yet (see `process`)."""
    observed = _shown(event, readers)
    if event.source is Source.NOTICE or _is_hint(event, readers):
        also = (observe(ref, event.key) for ref in _also(event, readers))
        return [observe(event.ref, event.key, observed), *also]
    if observed is None:
        observed = None if stored is None else stored.observation
    difference = None if observed is None else diff(stored, observed)
    if difference is None:
        return []
    return _routed(routes, difference.changes, difference.merged, stored, others, event)


def _is_hint(event: Event, readers: Mapping[Vendor, WebhookReader]) -> bool:
    reading = _reading(event, readers)
    return reading is not None and (reading.is_hint or reading.observation is None)
