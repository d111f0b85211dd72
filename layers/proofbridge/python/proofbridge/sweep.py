"""The sweep: nothing is stuck for ever."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.actions import Action
from proofbridge.metrics import count
from proofbridge.stores.gates import Gates
from proofbridge.stores.inbox import EventState, Inbox
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.uploads.deliveries import FILE_KEY_PREFIXES

log = logging.getLogger(__name__)

EVENT_PATIENCE: Final = timedelta(minutes=5)
EFFECT_PATIENCE: Final = timedelta(minutes=20)
"""Longer than any lease, and than the longest delay of a message that waits in a queue."""

_GAVE_UP: Final = "processing it never came to an end: read process_event's log, then replay it"


@dataclass(frozen=True, slots=True)
class PutBack:
    """How many events and effects were put back on their way."""

    events: int
    effects: int


def sweep(inbox: Inbox, ledger: Ledger, gates: Gates, queues: ActionQueues, now: datetime) -> PutBack:
    """Put back the events that were not processed, and the effects that nobody finishes."""
    closed = functools.cache(lambda vendor: gates.closed_until(vendor, now) is not None)
    events = 0
    for state in (EventState.RECEIVED, EventState.FAILED):
        for item, event_id in inbox.waiting_since(state, now - EVENT_PATIENCE):
            if inbox.put_back(item, event_id, now):
                events += 1
            elif inbox.give_up(item, event_id, _GAVE_UP):
                log.error("an event is parked", extra={"key": f"{item}#{event_id}", "reason": _GAVE_UP})
                count("EventsParked", vendor=item.split("#")[0])
    effects = 0
    for entry in ledger.stuck_since(now - EFFECT_PATIENCE):
        if entry.key.startswith(FILE_KEY_PREFIXES):
            continue  # a file's message comes back to its queue by itself
        action = Action.from_message(entry.message)
        if closed(action.vendor):
            continue  # its message waits in the queue for the gate to open
        queues.send(action)
        effects += 1
    count("PutBack", events, what="events")
    count("PutBack", effects, what="effects")
    log.info("swept", extra={"events": events, "effects": effects})
    return PutBack(events, effects)
