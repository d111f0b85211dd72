"""What becomes of a dropped file at first: it is given to its vendors, waits for its sidecar, or is refused.

No vendor is called here. Where a sidecar may still come, the file is looked at again by a delayed message;
one whose sidecar is wrong waits, without a message, for the next sidecar of its name.
"""

from __future__ import annotations

import enum
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from proofbridge.config.destinations import Destination
from proofbridge.config.loader import Config
from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage, drop_key
from proofbridge.domain.waiting import MAX_DELAY_SECONDS
from proofbridge.metrics import count
from proofbridge.stores.drop_folder import DropFolder, FileGoneError, FoundSidecar
from proofbridge.stores.dropped_files import DroppedFiles, FileState
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.places import Places
from proofbridge.stores.queues import UploadQueues, waited_of
from proofbridge.uploads.ignored_files import IgnoreReason, ignore_reason, treatment
from proofbridge.uploads.receipts import error_report
from proofbridge.uploads.requests import UnfitNameError, UploadRequest
from proofbridge.uploads.sidecars import (
    SUFFIX,
    Sidecar,
    SidecarError,
    file_of_sidecar,
    read_metadata,
    read_sidecar,
    sidecar_key,
)

log = logging.getLogger(__name__)

BYTES_PER_MB = 1_000_000
SIDECAR_READ = "read"
"""The tag of a sidecar that a file has waited for."""
SIDECAR_KEPT = "kept"
"""The tag of a sidecar for which no file waits: it counts for the next of its name."""


class Arrived(enum.StrEnum):
    """What became of a dropped object."""

    HANDED_ON = "handed_on"
    """It is on its way to its vendors."""
    WAITING = "waiting"
    """Its sidecar may still come, or is wrong."""
    REFUSED = "refused"
    """It can't be relayed; errors/ says why."""
    IGNORED = "ignored"
    SIDECAR = "sidecar"
    """It says something of another file."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes dropped files in."""

    config: Config
    folder: DropFolder
    files: DroppedFiles
    relays: Places
    ledger: Ledger
    uploads: UploadQueues
    now: Callable[[], datetime]

    def take(self, event: Mapping[str, Any]) -> Arrived:
        """Take S3's event of a dropped object. NoDropError for another event.

        Taking the same event again does the same again: a vendor's ledger lets each file through once. What
        was handed on stays so, whatever lies beside it by then.
        """
        drop = FileDrop.from_event(event)
        file = file_of_sidecar(drop.key)
        destination = self.config.destination_of(drop.key)
        is_odd = ignore_reason(drop, destination) not in {None, IgnoreReason.EMPTY}
        if file is None or is_odd or destination is None:
            return self._take_file(drop, event)
        waiting = self.files.waiting(drop.bucket, file)
        for kept in waiting:
            self._take_file(FileDrop.from_event(kept), kept)
        if waiting:
            self.folder.tag(drop, SIDECAR_READ)
        else:
            self.folder.tag(drop, SIDECAR_KEPT, unless=SIDECAR_READ)
        return Arrived.SIDECAR

    def _take_file(self, drop: FileDrop, event: Mapping[str, Any]) -> Arrived:
        try:
            try:
                arrived, reason = self._decide(drop, event)
            except _WrongError as error:
                arrived, reason = self._report(drop, event, error)
        except _HandedOnError:
            self.files.wait_no_more(drop)
            arrived, reason = Arrived.HANDED_ON, "it had been handed on before"
        count("Drops", fate=arrived)
        log.info("file %s", arrived, extra={"key": drop.key, "version_id": drop.version_id, "reason": reason})
        return arrived

    def _decide(self, drop: FileDrop, event: Mapping[str, Any]) -> tuple[Arrived, str | None]:
        destination = self.config.destination_of(drop.key)
        oddity = ignore_reason(drop, destination)
        if oddity is not None:
            return self._set_aside(drop, event, oddity, destination)
        if destination is None:
            known = ", ".join(f"drop/{each.prefix}/" for each in self.config.destinations) or "none"
            raise _WrongError(
                f"{drop.key} lies under no destination; the destinations are: {known}",
                "Drop the file under one of them, or add its folder to config/destinations.toml.",
            )
        beside = file_of_sidecar(drop.key.lower())
        if beside is not None and not drop.key.endswith(SUFFIX):
            file = drop.name[: -len(SUFFIX)]
            raise _WrongError(
                f"{drop.key} only looks like the sidecar of {file}: S3 tells letters' case apart",
                f"Call it {file}{SUFFIX} and drop it again; a file that is none needs another name.",
            )
        limit = destination.max_size_mb
        if limit is not None and drop.size_bytes > limit * BYTES_PER_MB:
            raise _WrongError(
                f"{drop.key} has {drop.size_bytes:,} bytes; its destination takes up to {limit} MB",
                "Make it smaller, or raise max_size_mb in config/destinations.toml; then drop it again.",
            )
        try:
            metadata = self.folder.metadata(drop)
        except FileGoneError:
            raise _WrongError(
                f"{drop.key} was removed before it could be relayed", "Drop the file again."
            ) from None
        return self._with_sidecar(drop, event, destination, metadata)

    def _with_sidecar(
        self, drop: FileDrop, event: Mapping[str, Any], destination: Destination, metadata: Mapping[str, str]
    ) -> tuple[Arrived, str | None]:
        found = self.folder.sidecar(drop)
        try:
            said = read_metadata(metadata) if found is None else read_sidecar(found.text)
            if self._is_early(drop, destination, found, said):
                return self._look_again(drop, event, destination)
            brief = UploadRequest.of(drop, destination, said, self.config.contacts)
        except (SidecarError, UnfitNameError) as error:
            self.files.wait(drop, event)
            if self.folder.sidecar(drop) != found:
                # A better one came before the file was known to wait for it.
                return self._with_sidecar(drop, event, destination, metadata)
            raise self._wrong(drop, error, found) from None
        self._hand_on(brief, said, event)
        return Arrived.HANDED_ON, None

    def _hand_on(self, brief: UploadRequest, said: Sidecar | None, event: Mapping[str, Any]) -> None:
        drop = brief.drop
        before = self.ledger.get(drop_key(drop))
        has_waited = before is not None and before.state is not EffectState.DONE
        if has_waited:
            # Before a vendor has anything to say in the same place.
            self.folder.clear_error(drop)
        for target in brief.destination.targets:
            if brief.destination.version != "new":
                self.relays.expect((brief.place, target.vendor), drop, self.now())
            self.uploads.send(UploadMessage(drop, target.vendor, {} if said is None else said.wishes()))
        if has_waited:
            self.files.wait_no_more(drop)
        self.ledger.note(
            drop_key(drop),
            EffectState.DONE,
            json.dumps(dict(event)),
            self.now(),
            result={"vendors": [target.vendor for target in brief.destination.targets]},
        )

    def _is_early(
        self, drop: FileDrop, destination: Destination, found: FoundSidecar | None, said: Sidecar | None
    ) -> bool:
        """Whether a sidecar, or a newer one than that of the version before, may still come."""
        grace = timedelta(seconds=destination.sidecar_grace_seconds)
        if found is None:
            is_told = said is not None
        else:
            is_told = found.put_at >= drop.dropped_at - grace - _WHOLE_SECONDS
        return not is_told and bool(grace) and self.now() < drop.dropped_at + grace

    def _look_again(
        self, drop: FileDrop, event: Mapping[str, Any], destination: Destination
    ) -> tuple[Arrived, str]:
        self._expect_new(drop)
        reason = f"its sidecar {drop.name}{SUFFIX} may still come"
        now = self.now()
        left = drop.dropped_at + timedelta(seconds=destination.sidecar_grace_seconds) - now
        self.files.wait(drop, event)
        waited = waited_of(event)
        self.uploads.look_again(
            event, waited.again(now), delay_seconds=min(int(left.total_seconds()) + 1, MAX_DELAY_SECONDS)
        )
        self.ledger.note(drop_key(drop), EffectState.WAITING, json.dumps(dict(event)), now, reason=reason)
        if not waited.times:
            self.folder.tag(drop, FileState.WAITING)
        return Arrived.WAITING, reason

    def _set_aside(
        self, drop: FileDrop, event: Mapping[str, Any], oddity: IgnoreReason, destination: Destination | None
    ) -> tuple[Arrived, str]:
        if treatment(oddity, destination) == "report":
            remedy = _NOT_WHOLE if oddity is IgnoreReason.EMPTY else _NO_PROOF
            raise _WrongError(f"{drop.key} is {oddity}", remedy)
        self.folder.tag(drop, FileState.IGNORED)
        reason = f"it is {oddity}"
        self.ledger.note(drop_key(drop), EffectState.HELD, json.dumps(dict(event)), self.now(), reason=reason)
        return Arrived.IGNORED, reason

    def _wrong(
        self, drop: FileDrop, error: SidecarError | UnfitNameError, found: FoundSidecar | None
    ) -> _WrongError:
        beside = f"{drop.name}{SUFFIX}"
        if isinstance(error, UnfitNameError):
            return _WrongError(
                str(error),
                f"Drop it under a name of that form, or say its fields in {beside} beside it.",
                waits=True,
            )
        where = sidecar_key(drop.key) if found is not None else f"the metadata of {drop.key}"
        return _WrongError(
            f"{where}: {error}",
            f"Put a correct {beside} beside the file: it is waiting for that.",
            waits=True,
        )

    def _expect_new(self, drop: FileDrop) -> None:
        before = self.ledger.get(drop_key(drop))
        if before is not None and before.state is EffectState.DONE:
            raise _HandedOnError

    def _report(self, drop: FileDrop, event: Mapping[str, Any], error: _WrongError) -> tuple[Arrived, str]:
        now, problem = self.now(), str(error)
        self._expect_new(drop)
        self.folder.put_error(drop, error_report(drop, problem, error.remedy, now))
        if not error.waits:
            self.files.wait_no_more(drop)
        state = EffectState.WAITING if error.waits else EffectState.PARKED
        self.ledger.note(drop_key(drop), state, json.dumps(dict(event)), now, reason=problem)
        self.folder.tag(drop, FileState.WAITING if error.waits else FileState.REFUSED)
        return (Arrived.WAITING if error.waits else Arrived.REFUSED), problem


_NO_PROOF: Final = "If it was meant as a proof, drop it under another name. If not, nothing has to be done."
_NOT_WHOLE: Final = "Drop the file again, once it is whole."
_WHOLE_SECONDS = timedelta(seconds=1)
"""S3 tells moments in whole seconds."""


class _HandedOnError(Exception):
    """The file has been handed on before: it neither waits nor is anything wrong with it."""


class _WrongError(Exception):
    """Something is wrong with the file: what, and what to do. `waits`: a sidecar can put it right."""

    def __init__(self, problem: str, remedy: str, *, waits: bool = False) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.waits = waits
