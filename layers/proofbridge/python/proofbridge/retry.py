"""Retrying an action, or a file, because a person wants it: under the same key, so it still happens once.

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
import json
from collections.abc import Callable
from datetime import datetime
from typing import Final

from proofbridge.actions import Action
from proofbridge.catalogue import Resolution
from proofbridge.items import Vendor, moment_text
from proofbridge.stores.ledger import EffectState, Entry, Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueues
from proofbridge.uploads.deliveries import DROP_KEY_PREFIX, Delivery
from proofbridge.waiting import Waited

_UNCLEAR: Final = frozenset({EffectState.UNKNOWN, EffectState.STARTED})


class CantRetryError(Exception):
    """An action can't be retried; the text says why and what to do instead."""


def retry_action(
    entry: Entry, *, ledger: Ledger, queues: Callable[[Vendor], ActionQueues], now: datetime
) -> Action:
    """Queue an action again; return it. Raise CantRetryError."""
    _expect_open(entry, now, "to have it done once more, replay the event that led to it")
    try:
        action = Action.from_message(entry.message)
    except (ValueError, KeyError, TypeError):
        raise CantRetryError("it is a file, see: proofbridge uploads retry") from None
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


def retry_upload(entry: Entry, *, ledger: Ledger, uploads: UploadQueues, now: datetime) -> None:
    """Queue a file again, for its vendor or, where none has been given it yet, to be taken in anew.

    Where it is not known whether it has arrived, its vendor is asked first. Raise CantRetryError.
    """
    _expect_open(entry, now, "drop the file again under another name to have it twice")
    if entry.key.startswith(DROP_KEY_PREFIX):
        uploads.look_again(json.loads(entry.message), Waited(), delay_seconds=0)
        return
    delivery = dataclasses.replace(Delivery.from_message(entry.message), waited=Waited())
    is_unclear = entry.unclear or entry.state in _UNCLEAR
    state = EffectState.UNKNOWN if is_unclear and delivery.arrival is None else EffectState.WAITING
    if not ledger.reopen(entry, state, delivery.to_message(), now):
        raise CantRetryError("it has moved on meanwhile: look at it again")
    uploads.send(delivery)


def _expect_open(entry: Entry, now: datetime, instead: str) -> None:
    if entry.state is EffectState.DONE:
        raise CantRetryError(f"it is done; {instead}")
    if entry.state is EffectState.STARTED and entry.lease_until > now:
        raise CantRetryError(
            f"it is under way; if nothing comes of it, retry it after {moment_text(entry.lease_until)}"
        )
