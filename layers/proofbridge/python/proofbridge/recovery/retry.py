"""Retrying an action, or a file, because a person wants it: under the same key, so it still happens once.

it is …                        then it is
waiting                        queued at once, without the rest of its delay
parked or held                 begun anew: whether it is still wanted is looked at again
unknown, or settled unclear    looked up at the vendor first, and done only if it did not happen;
                               what can't be looked up (e-mail) is done: the person has looked
started, its lease over        as if unknown
done, or at work right now     left alone
queued again a moment ago      left alone

A file that was left out (unchanged, outdated, ignored) would be again, and one that is no longer in the
bucket can't be sent: neither is queued.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import DROP_KEY_PREFIX, UploadMessage
from proofbridge.domain.items import Vendor, moment_text
from proofbridge.domain.waiting import Waited
from proofbridge.stores.drop_folder import DropFolder, FileGoneError
from proofbridge.stores.ledger import EffectState, Entry, Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueues
from proofbridge.vendors.catalogue import RecoveryStrategy

A_MOMENT: Final = timedelta(minutes=1)
_UNCLEAR: Final = frozenset({EffectState.UNKNOWN, EffectState.STARTED})


class CantRetryError(Exception):
    """An action can't be retried; the text says why and what to do instead."""


class Retried(enum.StrEnum):
    """What is done with a file that is retried."""

    TAKEN_IN = "taken_in"
    """It is taken in anew."""
    ASKED_FIRST = "asked_first"
    """Its vendor is asked whether it has arrived; it is sent if it has not."""
    SENT = "sent"
    """It surely had not arrived."""
    LOOKED_AT = "looked_at"
    """It has arrived, and its vendor is asked whether it has processed it."""


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
    ask_first = action.kind.resolution is RecoveryStrategy.FINDABLE and (
        entry.unclear or entry.state in _UNCLEAR
    )
    state = EffectState.UNKNOWN if ask_first else EffectState.WAITING
    waiting = queues(action.vendor)
    _reopen(ledger, entry, state, action.to_message(), now)
    waiting.send(action)
    return action


def retry_upload(
    entry: Entry, *, ledger: Ledger, uploads: UploadQueues, folder: DropFolder, now: datetime
) -> Retried:
    """Queue a file again, for its vendor or, where none has been given it yet, to be taken in anew.

    Where it is not known whether it has arrived, its vendor is asked first. Return what is done. Raise
    CantRetryError.
    """
    _expect_open(entry, now, "drop the file again under another name to have it twice")
    if entry.state is EffectState.HELD:
        raise CantRetryError(f"it was left out ({entry.reason}); drop it again if it shall go")
    if entry.key.startswith(DROP_KEY_PREFIX):
        event = json.loads(entry.message)
        _expect_bytes(folder, FileDrop.from_event(event), "drop it again")
        _reopen(ledger, entry, EffectState.WAITING, entry.message, now)
        uploads.look_again(event, Waited(), delay_seconds=0)
        return Retried.TAKEN_IN
    delivery = dataclasses.replace(UploadMessage.from_message(entry.message), waited=Waited())
    if delivery.arrival is not None:
        _reopen(ledger, entry, EffectState.WAITING, delivery.to_message(), now)
        uploads.send(delivery)
        return Retried.LOOKED_AT
    is_unclear = entry.unclear or entry.state in _UNCLEAR
    look_first = "look at the vendor whether it has arrived, and drop it again if it has not"
    _expect_bytes(folder, delivery.drop, look_first if is_unclear else "drop it again")
    state = EffectState.UNKNOWN if is_unclear else EffectState.WAITING
    _reopen(ledger, entry, state, delivery.to_message(), now)
    uploads.send(delivery)
    return Retried.ASKED_FIRST if is_unclear else Retried.SENT


def _expect_bytes(folder: DropFolder, drop: FileDrop, instead: str) -> None:
    try:
        folder.metadata(drop)
    except FileGoneError:
        raise CantRetryError(f"this version of it is no longer in the bucket; {instead}") from None


def _reopen(ledger: Ledger, entry: Entry, state: EffectState, message: str, now: datetime) -> None:
    # The ledger comes first, or what is queued would find itself settled. Killed in between, it is left
    # waiting or unknown, and can be retried again.
    if not ledger.reopen(entry, state, message, now):
        raise CantRetryError("it has moved on meanwhile: look at it again")


def _expect_open(entry: Entry, now: datetime, instead: str) -> None:
    if entry.state is EffectState.DONE:
        raise CantRetryError(f"it is done; {instead}")
    if entry.state is EffectState.STARTED and entry.lease_until > now:
        raise CantRetryError(
            f"it is under way; if nothing comes of it, retry it after {moment_text(entry.lease_until)}"
        )
    # Whatever comes of it brings a reason, or another state.
    is_queued = entry.state in {EffectState.WAITING, EffectState.UNKNOWN} and entry.reason is None
    if is_queued and entry.state_at is not None and now - entry.state_at < A_MOMENT:
        raise CantRetryError("it was queued again just now; look in a minute what has come of it")
