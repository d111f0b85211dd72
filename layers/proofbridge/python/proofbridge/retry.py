"""Retrying an action because a person wants it: under the same key, so that it still happens once.

it is …                        then it is
waiting                        queued at once, without the rest of its delay
parked or held                 begun anew: whether it is still wanted is looked at again
unknown, or settled unclear    looked up at the vendor first, and done only if it did not happen;
                               what can't be looked up (e-mail) is done: the person has looked
started, its lease over        as if unknown
done, or at work right now     left alone
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Final

from proofbridge.actions import Action
from proofbridge.catalogue import Resolution
from proofbridge.items import Vendor, moment_text
from proofbridge.stores.ledger import EffectState, Entry, Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.waiting import Waited

_UNCLEAR: Final = frozenset({EffectState.UNKNOWN, EffectState.STARTED})


class CantRetryError(Exception):
    """An action can't be retried; the text says why and what to do instead."""


def retry_action(
    entry: Entry, *, ledger: Ledger, queues: Callable[[Vendor], ActionQueues], now: datetime
) -> Action:
    """Queue an action again; return it. Raise CantRetryError."""
    if entry.state is EffectState.DONE:
        raise CantRetryError("it is done; to have it done once more, replay the event that led to it")
    if entry.state is EffectState.STARTED and entry.lease_until > now:
        raise CantRetryError(
            f"it is under way; if nothing comes of it, retry it after {moment_text(entry.lease_until)}"
        )
    try:
        action = Action.from_message(entry.message)
    except (ValueError, KeyError, TypeError):
        raise CantRetryError(
            "it is a file's upload; to have it sent once more, drop the file again"
        ) from None
    # It has all the patience again that a new action has.
    action = dataclasses.replace(action, waited=Waited())
    ask_first = action.kind.resolution is Resolution.FINDABLE and (entry.unclear or entry.state in _UNCLEAR)
    state = EffectState.UNKNOWN if ask_first else EffectState.WAITING
    waiting = queues(action.vendor)
    # The ledger comes first, or the queued action would find itself settled. Killed in between, it is left
    # waiting or unknown, and can be retried again.
    if not ledger.reopen(entry, state, action.to_message(), now):
        raise CantRetryError("it has moved on meanwhile: look at it again")
    waiting.send(action)
    return action
