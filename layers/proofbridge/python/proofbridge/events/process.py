"""Processing events: from what came in to an observation, from the difference to changes, to actions.

A vendor is never called here, so a vendor's outage can't block the stream. Actions are queued, and changes
published, before the new state is stored: after a crash in between the same difference gives the same actions
and changes, under the same keys, and the ledger lets each of them through once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from proofbridge.decisions.conflicts import ConflictResolver, Resolution
from proofbridge.domain.actions import Action, observe
from proofbridge.domain.changes import Change, Difference, StoredItem, diff
from proofbridge.domain.cloud_events import cloud_event
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.events.auto_linking import AutoLinker
from proofbridge.metrics import count
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.errors import AWS_ERRORS, is_refused
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.inbox import Event, EventState, Inbox, Source
from proofbridge.stores.items import ItemMovedError, Items
from proofbridge.stores.queues import ActionQueues

log = logging.getLogger(__name__)

MAX_TRIES: Final = 5
"""How often an event is tried before it is parked."""

MAX_REREADS: Final = 5
"""How often an item is read again because somebody else stored it meanwhile."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a webhook says of its item; a mere hint is held against the vendor's own word first.

    `also` are more items that it names, of which it says nothing.
    """

    observation: Observation | None
    is_hint: bool
    also: tuple[ItemRef, ...] = ()


WebhookReader = Callable[[Event], Reading]
"""Reads a vendor's webhook; ValueError where it is not understood."""


class Processor:
    """Processes events, one item's in order."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        items: Items,
        words: LatestDecisions,
        queues: ActionQueues,
        bus: EventBus,
        court: ConflictResolver,
        readers: Mapping[Vendor, WebhookReader],
        now: Callable[[], datetime],
        linker: AutoLinker | None = None,
    ) -> None:
        self._inbox = inbox
        self._items = items
        self._words = words
        self._queues = queues
        self._bus = bus
        self._court = court
        self._readers = readers
        self._linker = linker
        self._now = now

    def process(self, event: Event) -> None:
        """Process one event. One that can't be processed holds up no other: it is noted, with the reason.

        AWS's own errors come through, so that the stream delivers the event again, except for what AWS would
        refuse each time.
        """
        try:
            self._process(event)
        except _NotUnderstoodError as error:
            log.error("an event is not understood", extra={"key": event.key, "reason": str(error)})  # noqa: TRY400
            count("EventsQuarantined", vendor=event.item.split("#")[0])
            self._inbox.finish(event, self._now(), state=EventState.QUARANTINED, reason=str(error))
        except Exception as error:
            if isinstance(error, AWS_ERRORS) and not is_refused(error):
                raise
            parked = event.tries + 1 >= MAX_TRIES
            log.exception("an event could not be processed", extra={"key": event.key, "parked": parked})
            count("EventsParked" if parked else "EventsFailed", vendor=event.item.split("#")[0])
            state = EventState.PARKED if parked else EventState.FAILED
            self._inbox.fail(event, state, f"{type(error).__name__}: {error}")

    def _process(self, event: Event) -> None:
        match event.source:
            case Source.WEBHOOK:
                reading = self._read(event)
                if reading.is_hint or reading.observation is None:
                    self._ask_vendor(event, reading.observation, reading.also)
                else:
                    self._take(event, reading.observation)
            case Source.OBSERVATION:
                self._take(event, Observation.from_dict(json.loads(event.body)))
            case Source.LINK:
                self._take(event, None)
            case Source.NOTICE:
                self._ask_vendor(event, None)

    def _read(self, event: Event) -> Reading:
        try:
            return self._readers[event.ref.vendor](event)
        except (ValueError, KeyError) as error:
            raise _NotUnderstoodError(str(error)) from None

    def _ask_vendor(self, event: Event, claim: Observation | None, also: tuple[ItemRef, ...] = ()) -> None:
        actions = [observe(event.ref, event.key, claim), *(observe(ref, event.key) for ref in also)]
        for action in actions:
            self._queues.send(action)
        self._inbox.finish(event, self._now(), actions=[action.key for action in actions])

    def _take(self, event: Event, observed: Observation | None) -> None:
        """Apply what is observed, or for None what is stored already, and note what it led to."""
        for _ in range(MAX_REREADS):
            try:
                changes, actions = self._apply(event, observed)
            except ItemMovedError:
                continue
            # Also where nothing is new: after a crash the item is stored and not linked yet.
            if self._linker is not None:
                self._linker.look_at(event.ref)
            self._inbox.finish(
                event,
                self._now(),
                changes=[change.to_dict() for change in changes],
                actions=[action.key for action in actions],
            )
            return
        raise ItemMovedError(event.item)

    def _apply(self, event: Event, observed: Observation | None) -> tuple[tuple[Change, ...], list[Action]]:
        stored = self._items.get(event.ref)
        if observed is None:
            if stored is None:
                return (), []
            observed = stored.observation
        proof_id = None if stored is None else stored.proof_id
        difference = diff(stored, observed)
        if difference is None:
            actions = self._welcomed(event, stored, stored.decided_at) if stored is not None else []
            self._send(actions)
            return (), actions
        ruling = self._rule(event, difference, stored)
        actions = [*ruling.actions]
        if stored is not None:
            actions += self._welcomed(event, stored, ruling.decided_at)
        self._send(actions)
        self._bus.publish(
            cloud_event(change, difference.merged, proof_id, event.received_at)
            for change in difference.changes
        )
        unrouted = proof_id is None and (bool(difference.changes) or (stored is not None and stored.unrouted))
        self._items.put(
            difference, stored, unrouted=unrouted, decided_at=ruling.decided_at, writes=ruling.writes
        )
        for change in difference.changes:
            count("Changes", vendor=change.ref.vendor, change=change.kind)
            log.info("change", extra={"event": event.key, "change": change.to_dict(), "proof": proof_id})
        return difference.changes, actions

    def _rule(self, event: Event, difference: Difference, stored: StoredItem | None) -> Resolution:
        """Say what follows from a difference, and store the words that it brings."""
        if stored is None:
            return Resolution()
        if stored.proof_id is None or not difference.changes:
            return Resolution(decided_at=stored.decided_at, writes=stored.writes)
        words = self._words.of_proof(stored.proof_id)
        others = self._items.seen_of_proof(stored.proof_id) if self._court.looks_at_proof else ()
        ruling = self._court.rule(difference, stored, words, stored.proof_id, event.key, others)
        # The words come first: an action that is performed at once finds its own.
        for word in ruling.words:
            self._words.put(stored.proof_id, word, words)
        return ruling

    def _welcomed(self, event: Event, stored: StoredItem, decided_at: Mapping[str, datetime]) -> list[Action]:
        """Return what an item that has just become part of a proof is still to be told."""
        if event.source is not Source.LINK or stored.proof_id is None:
            return []
        return [
            action
            for word in self._words.of_proof(stored.proof_id).values()
            for action in self._court.restoring(
                word, stored.observation, decided_at, stored.proof_id, f"link|{event.key}"
            )
        ]

    def _send(self, actions: list[Action]) -> None:
        for action in actions:
            if action.kind.makes_item and action.proof_id is not None:
                self._items.expect(action.proof_id, [action.vendor])
            self._queues.send(action)


class _NotUnderstoodError(Exception):
    """An authentic event whose form is not the documented one; the text says what is wrong."""
