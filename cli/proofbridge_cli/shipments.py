"""Dropped files on their way: what the ledger tells of each, before it goes to its vendors and at each."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from proofbridge.domain.files.drops import FileDrop, place_of
from proofbridge.domain.files.messages import (
    DROP_KEY_PREFIX,
    FILE_KEY_PREFIXES,
    WATCH_KEY_PREFIX,
    UploadMessage,
)
from proofbridge.domain.items import Vendor, moment_text
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.stores.drop_folder import DropFolder
from proofbridge.stores.ledger import EffectState, Entry, Ledger
from proofbridge.uploads.progress import TransferPhase

from .errors import CommandError
from .lookup import MOST_NAMED, effects_in
from .words import action_id

_ALL_SENT: Final = 100


@dataclass(frozen=True, slots=True)
class Shipment:
    """One file on its way to one vendor, or to none yet.

    `step` says where it is: "taking in", "sending", "hashing" (it is read for its hash alone), "fetching"
    (its vendor does that, by a link) or "processing".
    """

    entry: Entry
    drop: FileDrop
    vendor: Vendor | None
    step: str

    @classmethod
    def of(cls, entry: Entry) -> Shipment:
        """Read an entry of the ledger that is about a file."""
        if entry.key.startswith(DROP_KEY_PREFIX):
            return cls(entry, FileDrop.from_event(json.loads(entry.message)), None, "taking in")
        delivery = UploadMessage.from_message(entry.message)
        step = "processing" if entry.key.startswith(WATCH_KEY_PREFIX) else str(TransferPhase.SENDING)
        if entry.state is EffectState.STARTED and entry.doing is not None:
            step = entry.doing
        return cls(entry, delivery.drop, delivery.vendor, step)

    @property
    def id(self) -> str:
        """The short id by which it is found."""
        return action_id(self.entry.key)

    @property
    def percent(self) -> int | None:
        """With how much of the file its step is done, in steps; None where only the vendor knows."""
        if self.step == TransferPhase.FETCHING:
            return None
        if self.step == "processing" or (self.vendor and self.entry.state is EffectState.DONE):
            return _ALL_SENT
        if self.entry.state is not EffectState.STARTED or not self.drop.size_bytes:
            return 0
        return self.entry.done_bytes * _ALL_SENT // self.drop.size_bytes

    @property
    def progress(self) -> str:
        """How far it is, in few words: `40 %`, `hashing 40 %`, `by link`; empty while nothing is sent."""
        if self.vendor is None or self.entry.state not in {EffectState.STARTED, EffectState.DONE}:
            return ""
        if self.percent is None:
            return "by link"
        return f"{'hashing ' if self.step == TransferPhase.HASHING else ''}{self.percent} %"

    @property
    def why(self) -> str:
        """Why it goes no further, or seems not to."""
        if self.step == TransferPhase.FETCHING and self.vendor is not None:
            return f"{VENDOR_NAMES[self.vendor]} fetches it from the bucket, and does not tell how far it is"
        # The file is named beside it.
        return re.sub(rf"{re.escape(self.drop.key)}(?![\w.])", "it", self.entry.reason or "")

    @property
    def result(self) -> dict[str, Any]:
        """What it brought: the item as the vendor showed it then."""
        found: dict[str, Any] = {} if self.entry.result is None else json.loads(self.entry.result)
        return found

    def what_to_do(self, folder: DropFolder) -> str | None:
        """Return what is to be done about it, as was said when it was refused. Two calls at most."""
        if self.entry.state not in {EffectState.PARKED, EffectState.HELD, EffectState.WAITING}:
            return None
        return folder.what_to_do(self.drop, self.vendor or "")

    def to_dict(self) -> dict[str, Any]:
        """Return what scripts read."""
        entry = self.entry
        return {
            "id": self.id,
            "key": entry.key,
            "file": self.drop.key,
            "version_id": self.drop.version_id,
            "bytes": self.drop.size_bytes,
            "vendor": self.vendor,
            "step": self.step,
            "state": entry.state,
            "percent": self.percent,
            "attempts": entry.attempts,
            "since": None if entry.state_at is None else moment_text(entry.state_at),
            "reason": entry.reason,
            "result": self.result or None,
        }


def shipments(
    ledger: Ledger, states: Sequence[EffectState], since: datetime | None = None
) -> Iterator[Shipment]:
    """Yield the files in these states, the newest of each first."""
    return map(Shipment.of, effects_in(ledger, states, since, _is_of_file))


def _is_of_file(state: EffectState, key: str) -> bool:
    # Of a drop that is done its vendors tell the rest.
    is_told_elsewhere = state is EffectState.DONE and key.startswith(DROP_KEY_PREFIX)
    return key.startswith(FILE_KEY_PREFIXES) and not is_told_elsewhere


def find_shipments(ledger: Ledger, bucket: str, named: str) -> list[Shipment]:
    """Return what there is under a key or an id, or of a file by its place in drop/. Raise CommandError."""
    entry = ledger.get(named) if named.startswith(FILE_KEY_PREFIXES) else None
    if entry is not None:
        return [Shipment.of(entry)]
    found = _of_id(ledger, named) or _of_file(ledger, bucket, f"drop/{named.removeprefix('drop/')}")
    if not found:
        raise CommandError(
            f"there is no upload {named}",
            "no file of that name, key or id was dropped in the last 21 days",
            "See: proofbridge uploads list, or proofbridge uploads list --state done",
        )
    return found


def newest_steps(shown: Sequence[Shipment]) -> list[Shipment]:
    """Return the newest step of each version of a file at each vendor; the newest first."""
    in_time = sorted(shown, key=lambda each: each.entry.state_at or each.entry.first_started_at)
    newest = {(each.drop.version_id, each.vendor): each for each in in_time}
    return sorted(newest.values(), key=in_time.index, reverse=True)


def _of_id(ledger: Ledger, named: str) -> list[Shipment]:
    if not re.fullmatch(r"[0-9a-f]{4,10}", named):
        return []
    of_that_id = effects_in(
        ledger, EffectState, None, lambda state, key: _is_of_file(state, key) and _begins(key, named)
    )
    found = list(itertools.islice(of_that_id, MOST_NAMED))
    if len(found) > 1:
        keys = ", ".join(each.key for each in found)
        raise CommandError(f"{named} names several uploads", keys, "Give one of these keys, whole.")
    return [Shipment.of(each) for each in found]


def _begins(key: str, named: str) -> bool:
    return action_id(key).startswith(named)


def _of_file(ledger: Ledger, bucket: str, file: str) -> list[Shipment]:
    keys = tuple(f"{prefix}{place_of(bucket, file)}|" for prefix in FILE_KEY_PREFIXES)
    of_that_place = effects_in(
        ledger, EffectState, None, lambda state, key: key.startswith(keys) and _is_of_file(state, key)
    )
    # A name may have a bar in it.
    return [each for each in map(Shipment.of, of_that_place) if each.drop.key == file]
