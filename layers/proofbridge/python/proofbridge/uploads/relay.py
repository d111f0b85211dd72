"""Relaying a dropped file to one vendor: streamed once, as a new proof or as a new version of one."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.config.loader import Config
from proofbridge.domain.files.drops import FileDrop, NewVersion, UploadedVersion
from proofbridge.domain.files.messages import ProcessingHandle, UploadMessage
from proofbridge.domain.items import ItemRef, Observation, moment_text
from proofbridge.domain.waiting import FIRST_DELAY_SECONDS, NotYetError, Waited
from proofbridge.metrics import count
from proofbridge.stores.drop_folder import DropFolder, FileGoneError
from proofbridge.stores.dropped_files import FileState
from proofbridge.stores.file_source import HashedSource
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import SETTLED, Claim, EffectState, Entry, Ledger
from proofbridge.stores.places import PlaceClaim, Places
from proofbridge.stores.queues import UploadQueues
from proofbridge.uploads.arrival_check import ArrivalCheck
from proofbridge.uploads.completion import Completion
from proofbridge.uploads.failures import Failures
from proofbridge.uploads.name_conflicts import NameConflicts, NameTakenError, Taken
from proofbridge.uploads.ordering import UploadOrdering
from proofbridge.uploads.outcomes import Outcome, RefusedError, Status
from proofbridge.uploads.processing_status import ProcessingStatus
from proofbridge.uploads.progress import Progress, TransferPhase
from proofbridge.uploads.requests import UnfitNameError, UploadRequest
from proofbridge.uploads.sidecars import Sidecar, SidecarError
from proofbridge.uploads.transfer import TooLargeError, Transfer
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.errors import (
    AuthenticationError,
    Happened,
    NotFoundError,
    SourceError,
    VendorError,
    before_an_effect,
)
from proofbridge.vendors.upload_gateway import UploadGateway

log = logging.getLogger(__name__)


_NOTED: Final = frozenset({Status.RELAYED, Status.UNCHANGED})
"""What ends with a word of what was relayed, which ends the claim too."""


class Relay:
    """Relays dropped files. `lease` must outlive the function's own time limit."""

    def __init__(
        self,
        *,
        config: Config,
        folder: DropFolder,
        relays: Places,
        ledger: Ledger,
        items: Items,
        uploads: UploadQueues,
        standings: Completion,
        access: CircuitBreaker[UploadGateway],
        transfer: Transfer,
        namesakes: NameConflicts,
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._config = config
        self._folder = folder
        self._relays = relays
        self._ledger = ledger
        self._uploads = uploads
        self._standings = standings
        self._access = access
        self._transfer = transfer
        self._namesakes = namesakes
        self._now = now
        self._lease = lease
        self._finding = ArrivalCheck(items, ledger, self._brief)
        self._setbacks = Failures(config, relays, ledger, uploads, standings, access, now)
        self._turns = UploadOrdering(relays, ledger, now)
        self._watch = ProcessingStatus(relays, ledger, standings, access, now)

    def relay(self, delivery: UploadMessage) -> Outcome:
        """Relay one file to one vendor, or ask the vendor whether it has processed it.

        What has to wait is queued again before this returns.
        """
        brief = None
        try:
            brief = self._brief(delivery)
            _expect_open(delivery, self._access.look(delivery.vendor))
            if delivery.arrival is None:
                outcome = self._relay(delivery, brief)
            else:
                _expect_open(delivery, self._access.enter(delivery.vendor))
                outcome = self._watch.look(delivery, brief)
        except RefusedError as error:
            outcome = self._setbacks.refuse(delivery, error, brief)
        except NotYetError as error:
            outcome = self._setbacks.defer(delivery, error, brief)
        count("Uploads", fate=outcome.fate, vendor=delivery.vendor)
        log.info(
            "file %s",
            outcome.fate,
            extra={
                "key": delivery.drop.key,
                "version_id": delivery.drop.version_id,
                "vendor": delivery.vendor,
                "reason": outcome.reason,
            },
        )
        return outcome

    def _brief(self, delivery: UploadMessage) -> UploadRequest:
        destination = self._config.destination_of(delivery.drop.key)
        if destination is None or destination.target_at(delivery.vendor) is None:
            raise RefusedError(
                f"no destination gives {delivery.drop.key} to {delivery.vendor} any more",
                "Correct config/destinations.toml, then retry it.",
            )
        try:
            wishes = Sidecar.of_wishes(delivery.wishes)
            return UploadRequest.of(delivery.drop, destination, wishes, self._config.contacts)
        except (SidecarError, UnfitNameError) as error:
            raise RefusedError(
                f"{delivery.drop.key} does not fit its destination any more: {error}",
                "Correct config/destinations.toml, then retry it.",
            ) from None

    # -- one after the other

    def _relay(self, delivery: UploadMessage, brief: UploadRequest) -> Outcome:
        until = self._now() + self._lease
        place, drop = (brief.place, delivery.vendor), delivery.drop
        turn = self._turns.take(delivery, brief, until)
        outcome, in_doubt = None, True
        try:
            try:
                outcome = self._in_turn(delivery, brief, turn)
            except RefusedError as error:
                outcome = self._setbacks.refuse(delivery, error)
            in_doubt = False
        except NotYetError as error:
            in_doubt = error.in_doubt
            raise
        finally:
            if outcome is None or outcome.fate not in _NOTED:
                self._relays.release(place, until, drop, in_doubt=in_doubt, ended=outcome is not None)
        return outcome

    def _in_turn(self, delivery: UploadMessage, brief: UploadRequest, turn: PlaceClaim) -> Outcome:
        drop, before = delivery.drop, turn.before
        is_relayed = before is not None and (before.key, before.sequencer) == (drop.key, drop.sequencer)
        is_next = before is None or brief.destination.version == "new" or brief.comes_after(before)
        if not is_relayed and not is_next:
            return self._outdated(delivery, brief)
        if not is_relayed:
            self._turns.let_earlier_go(delivery, brief, turn)
            _expect_open(delivery, self._access.enter(delivery.vendor), in_doubt=turn.in_doubt is not None)
        claim, entry = self._ledger.begin(delivery.key, delivery.to_message(), self._now(), self._lease)
        if claim is Claim.SETTLED:
            return Outcome(Status.DUPLICATE, f"already {entry.state}")
        if before is not None and is_relayed:
            return self._told_again(delivery, before)
        if claim is Claim.BUSY:
            raise NotYetError("it is on its way", entry.lease_until, in_doubt=True, begun=True)
        try:
            self._folder.metadata(drop)
        except FileGoneError:
            raise RefusedError(
                f"{drop.key} was removed before it could be relayed",
                "Drop the file again.",
                ends=EffectState.HELD,
                unclear=claim is Claim.UNCLEAR,
            ) from None
        sha256 = None
        # Only bytes of the same number can be the same bytes; others are hashed on their way.
        if before is not None and self._may_be_unchanged(before, drop):
            sha256 = self._hash(delivery, entry, claim)
            if sha256 == before.sha256:
                return self._unchanged(delivery, brief, turn, before)
        if brief.destination.version == "new":
            before = None
        new = brief.new_version(delivery.vendor, 1 if before is None else before.version + 1)
        source = self._source(delivery, TransferPhase.SENDING if sha256 is None else TransferPhase.HASHING)
        sending = _Sending(delivery, brief, turn, before, source, new, sha256)
        return self._deliver(sending, entry, claim)

    def _may_be_unchanged(self, before: UploadedVersion, drop: FileDrop) -> bool:
        """Whether the vendor may have just these bytes: of the same number, and not deleted there."""
        if not before.sha256 or before.size_bytes != drop.size_bytes:
            return False
        return not self._finding.knows_deleted(ItemRef.parse(before.item))

    # -- what needs not be sent

    def _told_again(self, delivery: UploadMessage, before: UploadedVersion) -> Outcome:
        """All but the ledger was told of it."""
        if self._standings.is_unchanged(delivery):
            reason = _same_bytes(before)
            self._ledger.finish(delivery.key, EffectState.HELD, self._now(), reason=reason)
        else:
            self._ledger.finish(delivery.key, EffectState.DONE, self._now())
        return Outcome(Status.DUPLICATE)

    def _hash(self, delivery: UploadMessage, entry: Entry, claim: Claim) -> str:
        try:
            return self._transfer.hash(delivery.vendor, delivery.drop.name, self._source(delivery))
        except VendorError as error:
            raise self._failed(
                delivery,
                entry,
                error,
                surely_absent=claim is Claim.FRESH,
                tried_until=entry.tried_until,
            ) from error

    def _unchanged(
        self, delivery: UploadMessage, brief: UploadRequest, turn: PlaceClaim, before: UploadedVersion
    ) -> Outcome:
        drop, reason = delivery.drop, _same_bytes(before)
        same = dataclasses.replace(before, key=drop.key, sequencer=drop.sequencer, revision=brief.revision)
        self._standings.unchanged(delivery, brief.destination)
        self._relays.put((brief.place, delivery.vendor), same, _over(brief, turn))
        self._ledger.finish(delivery.key, EffectState.HELD, self._now(), reason=reason)
        return Outcome(Status.UNCHANGED, reason)

    def _outdated(self, delivery: UploadMessage, brief: UploadRequest) -> Outcome:
        entry = self._ledger.get(delivery.key)
        if entry is not None and entry.state in SETTLED:
            return Outcome(Status.DUPLICATE, f"already {entry.state}, and a newer file of this proof since")
        reason = "a newer file of this proof has been relayed"
        self._standings.settled(delivery, brief.destination, FileState.OUTDATED)
        self._ledger.note(delivery.key, EffectState.HELD, delivery.to_message(), self._now(), reason=reason)
        return Outcome(Status.OUTDATED, reason)

    # -- sending

    def _source(self, delivery: UploadMessage, before: TransferPhase = TransferPhase.SENDING) -> HashedSource:
        note = functools.partial(self._ledger.note_progress, delivery.key)
        progress = Progress(delivery.drop.size_bytes, note, before)
        return self._folder.source(delivery.drop, progress)

    def _deliver(self, sending: _Sending, entry: Entry, claim: Claim) -> Outcome:
        try:
            return self._bring(sending, entry, claim)
        except _GoneError:
            return self._bring(sending.anew(), entry, claim)

    def _bring(self, sending: _Sending, entry: Entry, claim: Claim) -> Outcome:
        delivery, brief = sending.delivery, sending.brief
        surely_absent, tried_until = claim is Claim.FRESH, entry.tried_until
        try:
            seen = None
            sending, name = self._access.call(
                delivery.vendor, lambda vendor: self._named(vendor, sending), asks=False
            )
            if not surely_absent:
                seen = self._access.call(
                    delivery.vendor,
                    lambda vendor: self._finding.find(vendor, delivery, sending.new, sending.before, entry),
                )
                surely_absent = seen is None
            if seen is None:
                tried_until = None
                seen = self._access.call(delivery.vendor, lambda vendor: self._send(vendor, sending, name))
        except NameTakenError as error:
            raise RefusedError(
                str(error), error.remedy, ends=EffectState.PARKED, unclear=not surely_absent
            ) from None
        except VendorError as error:
            if isinstance(error, NotFoundError) and self._is_gone(sending):
                raise _GoneError from error
            raise self._failed(
                delivery, entry, error, surely_absent=surely_absent, tried_until=tried_until
            ) from error
        finally:
            count("UploadBytes", sending.source.sent_bytes, vendor=delivery.vendor)
        relayed = UploadedVersion(
            key=delivery.drop.key,
            sequencer=delivery.drop.sequencer,
            sha256=self._sha256_of(sending, entry),
            size_bytes=delivery.drop.size_bytes,
            item=str(seen.ref),
            version=seen.version or 1,
            revision=brief.revision,
        )
        arrival = ProcessingHandle(seen.ref, relayed.version, relayed.sha256, entry.attempts)
        # What it has waited so far is no part of the vendor's time to process it.
        arrived = dataclasses.replace(delivery, arrival=arrival, waited=Waited().again(self._now()))
        # What follows can be repeated; only then is the effect finished, so that a crash here repeats it.
        self._standings.linked(arrived, brief, sending.before, seen, sending.gone)
        if self._access.call(delivery.vendor, lambda vendor: vendor.processes):
            self._uploads.send(arrived, delay_seconds=FIRST_DELAY_SECONDS)
            self._standings.waits(arrived, brief.destination)
        else:
            self._watch.stands(arrived, brief, seen)
        self._relays.put((brief.place, delivery.vendor), relayed, _over(brief, sending.turn))
        self._ledger.finish(entry.key, EffectState.DONE, self._now(), result=seen.to_dict())
        return Outcome(Status.RELAYED, f"version {relayed.version} of {relayed.item}")

    def _sha256_of(self, sending: _Sending, entry: Entry) -> str:
        """Return the hash of what was sent; where an earlier attempt has sent it, the file is read for it."""
        delivery, source = sending.delivery, sending.source
        if source.read_bytes == source.size_bytes and source.sha256 is not None:
            return source.sha256
        if sending.sha256 is not None:
            return sending.sha256
        try:
            return self._transfer.hash(delivery.vendor, delivery.drop.name, source)
        except VendorError as error:
            # It has arrived, so that all that can be done is to read it later.
            self._ledger.finish(
                entry.key,
                EffectState.UNKNOWN,
                self._now(),
                reason=str(error),
                tried_until=entry.tried_until,
            )
            raise NotYetError(str(error), in_doubt=True, begun=True) from error

    def _named(self, vendor: UploadGateway, sending: _Sending) -> tuple[_Sending, Taken | None]:
        """Settle where the file goes and under which name; before anything is sent, or found for it."""
        with before_an_effect():
            new = self._transfer.placed(vendor, sending.ref, sending.new)
            taken = self._namesakes.take(vendor, sending.delivery, sending.brief.proof_id, new)
        return dataclasses.replace(sending, new=new), taken

    def _send(self, vendor: UploadGateway, sending: _Sending, name: Taken | None) -> Observation:
        if name is not None:
            with before_an_effect():
                self._namesakes.expect_free(vendor, name, sending.ref, sending.new)
        return self._transfer.send(vendor, sending.ref, sending.new, sending.source, sending.delivery.key)

    def _is_gone(self, sending: _Sending) -> bool:
        """Whether the vendor has deleted what the file would follow: that it found none may mean another."""
        ref = sending.ref
        return ref is not None and self._access.call(
            ref.vendor, lambda vendor: self._finding.is_deleted(vendor, ref)
        )

    def _failed(
        self,
        delivery: UploadMessage,
        entry: Entry,
        error: VendorError,
        *,
        surely_absent: bool,
        tried_until: datetime | None,
    ) -> RefusedError | NotYetError:
        """Note a failed attempt; return what is to be raised.

        `surely_absent`: no attempt before this one can have arrived. `tried_until`: when those had ended,
        where this one has sent nothing.
        """
        now = self._now()
        waits = error.transient or isinstance(error, AuthenticationError | SourceError)
        if error.happened is Happened.NO and not waits:
            remedy = "Correct what the vendor names, then drop the file again."
            if isinstance(error, TooLargeError):
                remedy = error.advice
            return RefusedError(str(error), remedy, ends=EffectState.PARKED, unclear=not surely_absent)
        certain = error.happened is Happened.NO and surely_absent
        state = EffectState.WAITING if certain else EffectState.UNKNOWN
        self._ledger.finish(entry.key, state, now, reason=str(error), tried_until=tried_until)
        until = self._access.pause_after(delivery.vendor, error)
        return NotYetError(str(error), until, in_doubt=not certain, begun=True)


class _GoneError(Exception):
    """The item that the file would be a further version of has been deleted at the vendor."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """One file on its way to one vendor, and what the vendor is told of it (`new`).

    `before` is the version that it follows, None for the first; `sha256` its hash, where it was read before;
    `gone` the version whose item has been deleted at the vendor, which it therefore doesn't follow.
    """

    delivery: UploadMessage
    brief: UploadRequest
    turn: PlaceClaim
    before: UploadedVersion | None
    source: HashedSource
    new: NewVersion
    sha256: str | None
    gone: UploadedVersion | None = None

    @property
    def ref(self) -> ItemRef | None:
        """The proof's item at the vendor, None before the first version."""
        return None if self.before is None else ItemRef.parse(self.before.item)

    def anew(self) -> _Sending:
        """Return it as the first version of another item."""
        new = self.brief.new_version(self.delivery.vendor, 1)
        return dataclasses.replace(self, before=None, gone=self.before, new=new)


def _expect_open(delivery: UploadMessage, until: datetime | None, *, in_doubt: bool = False) -> None:
    if until is not None:
        reason = f"{delivery.vendor} wants no calls until {moment_text(until)}"
        raise NotYetError(reason, until, in_doubt=in_doubt)


def _over(brief: UploadRequest, turn: PlaceClaim) -> list[str]:
    """Return the versions that nobody has to wait for once this one is noted: itself, and those before it."""
    earlier = [each.version_id for each in turn.expected if brief.goes_after(each)]
    return [brief.drop.version_id, *earlier]


def _same_bytes(before: UploadedVersion) -> str:
    return f"the same bytes as version {before.version}"
