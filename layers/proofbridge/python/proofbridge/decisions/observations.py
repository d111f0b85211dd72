"""What is done with an observation: noted in the Inbox where it says something new, or absorbed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Final

from proofbridge.domain.changes import ChangeKind, as_looked_at, diff
from proofbridge.domain.items import Observation
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.items import ItemMovedError, Items

MAX_REREADS: Final = 5


def submit_observation(
    items: Items, inbox: Inbox, observed: Observation, now: datetime, *, cause: str | None = None
) -> bool:
    """Put an observation into the Inbox if it says something new; return whether it did.

    `cause` is the key of the event that made us look.
    """
    if diff(items.get(observed.ref), observed) is None:
        return False
    body = json.dumps(observed.to_dict(), sort_keys=True)
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    return inbox.put(
        Event(str(observed.ref), f"observation-{digest}", Source.OBSERVATION, now, body, cause=cause)
    )


def record_own_write(items: Items, observation: Observation, written: ChangeKind | None = None) -> None:
    """Store the state that our own write has brought about, so that no route sees its echo as a change.

    `written` is the field that was written, where `Items.begin_write` was told of it: that write is over.
    """
    for _ in range(MAX_REREADS):
        stored = items.get(observation.ref)
        difference = diff(stored, observation)
        writes = dict(stored.writes) if stored is not None else {}
        written_at = dict(stored.written_at) if stored is not None else {}
        if written is not None:
            writes.pop(written, None)
            written_at[written] = observation.observed_at
            if stored is not None:
                difference = as_looked_at(stored, difference)
        if difference is None:
            return
        try:
            items.put(
                difference,
                stored,
                unrouted=stored is not None and stored.unrouted,
                writes=writes,
                written_at=written_at,
            )
        except ItemMovedError:
            continue
        return
    raise ItemMovedError(str(observation.ref))
