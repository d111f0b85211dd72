"""The sweep: nothing is stuck for ever."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.files.messages import (
    FILE_KEY_PREFIXES,
    UPLOAD_KEY_PREFIX,
    WATCH_KEY_PREFIX,
    UploadMessage,
)
from proofbridge.domain.items import Vendor
from proofbridge.metrics import count
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.inbox import EventState, Inbox
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueues

log = logging.getLogger(__name__)

EVENT_PATIENCE: Final = timedelta(minutes=5)
EFFECT_PATIENCE: Final = timedelta(minutes=20)
"""Longer than any lease, and than the longest delay of a message that waits in a queue."""

FILE_PATIENCE: Final = timedelta(hours=9)
"""Longer than a file's message comes back by itself, crash after crash; whoever waits for it waits longer."""

_MAY_BE_LOST: Final = (EffectState.WAITING, EffectState.STARTED, EffectState.UNKNOWN)
_GAVE_UP: Final = "processing it never came to an end: read process_event's log, then replay it"


@dataclass(frozen=True, slots=True)
class PutBack:
    """How many events and effects were put back on their way."""

    events: int
    effects: int


def sweep(
    inbox: Inbox,
    ledger: Ledger,
    gates: CircuitStates,
    queues: ActionQueues,
    uploads: UploadQueues,
    now: datetime,
) -> PutBack:
    """Put back the events that were not processed, and the effects that nobody finishes."""
    # The message of what waits for a gate goes round in its queue.
    closed = functools.cache(lambda vendor: gates.closed_until(vendor, now) is not None)
    events = _put_back_events(inbox, now)
    effects = _put_back_actions(ledger, closed, queues, now) + _put_back_files(ledger, closed, uploads, now)
    count("PutBack", events, what="events")
    count("PutBack", effects, what="effects")
    log.info("swept", extra={"events": events, "effects": effects})
    return PutBack(events, effects)


def _put_back_events(inbox: Inbox, now: datetime) -> int:
    many = 0
    for state in (EventState.RECEIVED, EventState.FAILED):
        for item, event_id in inbox.waiting_since(state, now - EVENT_PATIENCE):
            if inbox.put_back(item, event_id, now):
                many += 1
            elif inbox.give_up(item, event_id, _GAVE_UP):
                log.error("an event is parked", extra={"key": f"{item}#{event_id}", "reason": _GAVE_UP})
                count("EventsParked", vendor=item.split("#")[0])
    return many


def _put_back_actions(
    ledger: Ledger, closed: Callable[[Vendor], bool], queues: ActionQueues, now: datetime
) -> int:
    many = 0
    for entry in ledger.stuck_since(now - EFFECT_PATIENCE):
        if entry.key.startswith(FILE_KEY_PREFIXES):
            continue
        action = Action.from_message(entry.message)
        if not closed(action.vendor):
            queues.send(action)
            many += 1
    return many


def _put_back_files(
    ledger: Ledger, closed: Callable[[Vendor], bool], uploads: UploadQueues, now: datetime
) -> int:
    many = 0
    for entry in ledger.stuck_since(now - FILE_PATIENCE, _MAY_BE_LOST):
        if not entry.key.startswith((UPLOAD_KEY_PREFIX, WATCH_KEY_PREFIX)):
            continue
        delivery = UploadMessage.from_message(entry.message)
        state = EffectState.WAITING if entry.state is EffectState.WAITING else EffectState.UNKNOWN
        # The ledger comes first: noted as heard of, it is put back no more while the queue is long.
        if not closed(delivery.vendor) and ledger.reopen(entry, state, entry.message, now):
            uploads.send(delivery)
            many += 1
    return many
