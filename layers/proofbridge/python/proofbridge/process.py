"""Processing events: from what came in to an observation, from the difference to changes, to actions.

A vendor is never called here, so a vendor's outage can't block the stream. Actions are queued before the new
state is stored: after a crash in between the same difference gives the same actions, under the same keys, and
the ledger lets each of them through once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from proofbridge.actions import Action, observe
from proofbridge.changes import Change, diff
from proofbridge.config import Route
from proofbridge.items import Observation, Vendor
from proofbridge.metrics import count
from proofbridge.routes import actions_for
from proofbridge.stores.inbox import Event, EventState, Inbox, Source
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues

log = logging.getLogger(__name__)

WebhookReader = Callable[[Event], Observation | None]
"""Reads a vendor's webhook; None: the vendor is to be asked instead; ValueError: not understood."""


class Processor:
    """Processes events, one item's in order."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        items: Items,
        queues: ActionQueues,
        routes: tuple[Route, ...],
        readers: Mapping[Vendor, WebhookReader],
        now: Callable[[], datetime],
    ) -> None:
        self._inbox = inbox
        self._items = items
        self._queues = queues
        self._routes = routes
        self._readers = readers
        self._now = now

    def process(self, event: Event) -> None:
        """Process one event. ItemMovedError: somebody stored the item meanwhile; process it again."""
        try:
            observed = self._observed(event)
        except ValueError as error:
            log.error("an event is not understood", extra={"key": event.key, "reason": str(error)})  # noqa: TRY400
            count("EventsQuarantined", vendor=event.item.split("#")[0])
            self._inbox.finish(event, self._now(), state=EventState.QUARANTINED, reason=str(error))
            return
        if observed is None and event.source is Source.WEBHOOK:
            action = observe(event.ref, event.id)
            self._queues.send(action)
            self._inbox.finish(event, self._now(), actions=[action.key])
            return
        changes, actions = self._apply(event, observed)
        self._inbox.finish(
            event,
            self._now(),
            changes=[change.to_dict() for change in changes],
            actions=[action.key for action in actions],
        )

    def _observed(self, event: Event) -> Observation | None:
        match event.source:
            case Source.WEBHOOK:
                return self._readers[event.ref.vendor](event)
            case Source.OBSERVATION:
                return Observation.from_dict(json.loads(event.body))
            case Source.LINK:
                return None

    def _apply(self, event: Event, observed: Observation | None) -> tuple[tuple[Change, ...], list[Action]]:
        stored = self._items.get(event.ref)
        if observed is None:
            if stored is None:
                return (), []
            observed = stored.observation
        difference = diff(stored, observed)
        if difference is None:
            return (), []
        proof_id = None if stored is None else stored.proof_id
        actions: list[Action] = []
        if proof_id is not None:
            for change in difference.changes:
                actions += actions_for(self._routes, change, difference.merged, proof_id, event.key)
        for action in actions:
            self._queues.send(action)
        unrouted = proof_id is None and (bool(difference.changes) or (stored is not None and stored.unrouted))
        self._items.put(difference, stored, unrouted=unrouted)
        for change in difference.changes:
            count("Changes", vendor=change.ref.vendor, change=change.kind)
            log.info("change", extra={"event": event.key, "change": change.to_dict(), "proof": proof_id})
        return difference.changes, actions
