"""Relaying a dropped file to one vendor: streamed once, as a new proof or as a new version of one."""

from __future__ import annotations

import dataclasses
import enum
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.access import VendorAccess
from proofbridge.config import Config
from proofbridge.items import ItemRef, Observation, moment_text
from proofbridge.metrics import count
from proofbridge.stores.drop_folder import DropFolder, FileGoneError
from proofbridge.stores.dropped_files import FileState
from proofbridge.stores.file_source import HashedSource
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Claim, EffectState, Entry, Ledger
from proofbridge.stores.queues import UploadQueues
from proofbridge.stores.relays import Relays
from proofbridge.uploads.briefs import Brief, UnfitNameError
from proofbridge.uploads.deliveries import Arrival, Delivery
from proofbridge.uploads.drops import NewVersion, Relayed
from proofbridge.uploads.gateway import Processing, UploadGateway
from proofbridge.uploads.progress import Progress
from proofbridge.uploads.sidecars import Sidecar, SidecarError
from proofbridge.uploads.standing import Standings
from proofbridge.uploads.transfer import Transfer
from proofbridge.vendors.errors import AuthenticationError, Happened, SourceError, VendorError
from proofbridge.waiting import FIRST_DELAY_SECONDS, Waited

log = logging.getLogger(__name__)


_LOOK_FIRST: Final = "Look at the vendor whether it has arrived; if not, retry it, or drop the file again."
"""What to do where dropping it again may bring it there twice."""


class Fate(enum.StrEnum):
    """What became of one delivery of a dropped file."""

    RELAYED = "relayed"
    UNCHANGED = "unchanged"
    """The same bytes as before."""
    OUTDATED = "outdated"
    """A newer drop of the same proof has been relayed already."""
    REFUSED = "refused"
    """It can't be relayed; errors/ says why."""
    DEFERRED = "deferred"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery of a dropped file, and why, where it was not simply relayed."""

    fate: Fate
    reason: str | None = None


class _RefusedError(Exception):
    """The file can't be relayed: what is wrong, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class _NotYetError(Exception):
    """The file has to wait. `in_doubt`: it may be at its vendor already. `begun`: the ledger knows of it."""

    def __init__(
        self, reason: str, until: datetime | None = None, *, in_doubt: bool = False, begun: bool = False
    ) -> None:
        super().__init__(reason)
        self.until = until
        self.in_doubt = in_doubt
        self.begun = begun


class Relay:
    """Relays dropped files. `lease` must outlive the function's own time limit."""

    def __init__(
        self,
        *,
        config: Config,
        folder: DropFolder,
        relays: Relays,
        ledger: Ledger,
        items: Items,
        uploads: UploadQueues,
        standings: Standings,
        access: VendorAccess[UploadGateway],
        transfer: Transfer,
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._config = config
        self._folder = folder
        self._relays = relays
        self._ledger = ledger
        self._items = items
        self._uploads = uploads
        self._standings = standings
        self._access = access
        self._transfer = transfer
        self._now = now
        self._lease = lease

    def relay(self, delivery: Delivery) -> Outcome:
        """Relay one file to one vendor, or ask the vendor whether it has processed it.

        What has to wait is queued again before this returns.
        """
        try:
            brief = self._brief(delivery)
            outcome = (
                self._relay(delivery, brief) if delivery.arrival is None else self._watch(delivery, brief)
            )
        except _RefusedError as error:
            outcome = self._refuse(delivery, str(error), error.remedy)
        except _NotYetError as error:
            outcome = self._defer(delivery, error)
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

    def _brief(self, delivery: Delivery) -> Brief:
        destination = self._config.destination_of(delivery.drop.key)
        if destination is None or destination.target_at(delivery.vendor) is None:
            raise _RefusedError(
                f"no destination gives {delivery.drop.key} to {delivery.vendor} any more",
                "Correct config/destinations.toml, then retry it.",
            )
        try:
            wishes = Sidecar.of_wishes(delivery.wishes)
            return Brief.of(delivery.drop, destination, wishes, self._config.contacts)
        except (SidecarError, UnfitNameError) as error:
            raise _RefusedError(
                f"{delivery.drop.key} does not fit its destination any more: {error}",
                "Correct config/destinations.toml, then retry it.",
            ) from None

    # -- what does not go on

    def _refuse(self, delivery: Delivery, problem: str, remedy: str) -> Outcome:
        now = self._now()
        self._standings.refused(delivery, self._config.destination_of(delivery.drop.key), problem, remedy)
        entry = self._ledger.get(delivery.key)
        if entry is None or entry.state is EffectState.WAITING:
            self._ledger.note(delivery.key, EffectState.PARKED, delivery.to_message(), now, reason=problem)
        count("UploadsRefused", vendor=delivery.vendor)
        return Outcome(Fate.REFUSED, problem)

    def _defer(self, delivery: Delivery, error: _NotYetError) -> Outcome:
        now, reason, waited = self._now(), str(error), delivery.waited
        if waited.too_long(now):
            return self._give_up(delivery, waited.explain(reason))
        again = dataclasses.replace(delivery, waited=waited.again(now))
        self._uploads.send(again, delay_seconds=waited.delay_seconds(now, error.until))
        if not error.begun:
            self._ledger.wait(delivery.key, again.to_message(), now, reason=reason)
        if not waited.times:
            self._standings.waits(delivery, self._config.destination_of(delivery.drop.key))
        return Outcome(Fate.DEFERRED, reason)

    def _give_up(self, delivery: Delivery, reason: str) -> Outcome:
        claim, entry = self._ledger.begin(delivery.key, delivery.to_message(), self._now(), timedelta())
        if claim is Claim.SETTLED:
            return Outcome(Fate.DUPLICATE, f"already {entry.state}")
        if claim is Claim.BUSY:
            return Outcome(Fate.DUPLICATE, "it is under way elsewhere")
        in_doubt = claim is Claim.UNCLEAR
        remedy = "Retry it, or drop the file again, when the vendor can be reached."
        if delivery.arrival is not None:
            remedy = "Look at the vendor what has become of it."
        elif in_doubt:
            place = self._brief(delivery).place, delivery.vendor
            self._relays.give_up(place, delivery.drop.version_id)
            remedy = _LOOK_FIRST
        self._ledger.finish(delivery.key, EffectState.PARKED, self._now(), reason=reason, unclear=in_doubt)
        return self._refuse(delivery, reason, remedy)

    def _expect_open_gate(self, delivery: Delivery) -> None:
        until = self._access.closed_until(delivery.vendor)
        if until is not None:
            raise _NotYetError(f"{delivery.vendor} wants no calls until {moment_text(until)}", until)

    # -- sending

    def _relay(self, delivery: Delivery, brief: Brief) -> Outcome:
        self._expect_open_gate(delivery)
        now = self._now()
        until = now + self._lease
        place = brief.place, delivery.vendor
        if not self._relays.claim(place, delivery.drop.version_id, now, until):
            raise _NotYetError("a file of this proof is on its way")
        in_doubt = True
        try:
            outcome = self._in_turn(delivery, brief)
            in_doubt = False
        except _RefusedError:
            in_doubt = False
            raise
        except _NotYetError as error:
            in_doubt = error.in_doubt
            raise
        finally:
            self._relays.release(place, until, in_doubt=in_doubt)
        return outcome

    def _in_turn(self, delivery: Delivery, brief: Brief) -> Outcome:
        drop = delivery.drop
        before = self._relays.get((brief.place, delivery.vendor))
        is_relayed = before is not None and (before.key, before.sequencer) == (drop.key, drop.sequencer)
        is_next = before is None or brief.destination.version == "new" or brief.comes_after(before)
        if not is_relayed and not is_next:
            return self._outdated(delivery, brief)
        claim, entry = self._ledger.begin(delivery.key, delivery.to_message(), self._now(), self._lease)
        if claim is Claim.SETTLED:
            return Outcome(Fate.DUPLICATE, f"already {entry.state}")
        if is_relayed:
            # All but the ledger was told of it.
            self._ledger.finish(delivery.key, EffectState.DONE, self._now())
            return Outcome(Fate.DUPLICATE)
        if claim is Claim.BUSY:
            raise _NotYetError("it is on its way", entry.lease_until, in_doubt=True, begun=True)
        try:
            self._folder.metadata(drop)
        except FileGoneError:
            reason = f"{drop.key} was removed before it could be relayed"
            in_doubt = claim is Claim.UNCLEAR
            self._ledger.finish(delivery.key, EffectState.HELD, self._now(), reason=reason, unclear=in_doubt)
            raise _RefusedError(reason, _LOOK_FIRST if in_doubt else "Drop the file again.") from None
        # Only bytes of the same number can be the same bytes; others are hashed on their way.
        if (
            before is not None
            and before.size_bytes == drop.size_bytes
            and self._folder.source(drop).hash_all() == before.sha256
        ):
            return self._unchanged(delivery, brief, before)
        if brief.destination.version == "new":
            before = None
        return self._deliver(_Sending(delivery, brief, before, self._source(delivery)), entry, claim)

    def _unchanged(self, delivery: Delivery, brief: Brief, before: Relayed) -> Outcome:
        drop = delivery.drop
        same = dataclasses.replace(before, key=drop.key, sequencer=drop.sequencer, revision=brief.revision)
        self._relays.put((brief.place, delivery.vendor), same)
        reason = f"the same bytes as version {before.version}"
        self._standings.unchanged(delivery, brief.destination)
        self._ledger.finish(delivery.key, EffectState.HELD, self._now(), reason=reason)
        return Outcome(Fate.UNCHANGED, reason)

    def _outdated(self, delivery: Delivery, brief: Brief) -> Outcome:
        entry = self._ledger.get(delivery.key)
        if entry is not None and entry.state is EffectState.DONE:
            return Outcome(Fate.DUPLICATE, "already done, and a newer file of this proof since")
        reason = "a newer file of this proof has been relayed"
        self._ledger.note(delivery.key, EffectState.HELD, delivery.to_message(), self._now(), reason=reason)
        self._standings.settled(delivery, brief.destination, FileState.OUTDATED)
        return Outcome(Fate.OUTDATED, reason)

    def _source(self, delivery: Delivery) -> HashedSource:
        progress = Progress(
            delivery.drop.size_bytes, functools.partial(self._ledger.note_progress, delivery.key)
        )
        return self._folder.source(delivery.drop, progress)

    def _deliver(self, sending: _Sending, entry: Entry, claim: Claim) -> Outcome:
        delivery, brief = sending.delivery, sending.brief
        surely_absent = claim is Claim.FRESH
        try:
            seen = None
            if not surely_absent:
                seen = self._access.call(
                    delivery.vendor, lambda vendor: self._find(vendor, sending, entry.first_started_at)
                )
                surely_absent = seen is None
            if seen is None:
                seen = self._access.call(delivery.vendor, lambda vendor: self._send(vendor, sending))
        except VendorError as error:
            raise self._failed(delivery, entry, error, surely_absent=surely_absent) from error
        finally:
            count("UploadBytes", sending.source.read_bytes, vendor=delivery.vendor)
        relayed = Relayed(
            key=delivery.drop.key,
            sequencer=delivery.drop.sequencer,
            sha256=sending.sha256(),
            size_bytes=delivery.drop.size_bytes,
            item=str(seen.ref),
            version=seen.version or 1,
            revision=brief.revision,
        )
        arrival = Arrival(seen.ref, relayed.version, relayed.sha256, entry.attempts)
        # What it has waited so far is no part of the vendor's time to process it.
        arrived = dataclasses.replace(delivery, arrival=arrival, waited=Waited().again(self._now()))
        # What follows can be repeated; only then is the effect finished, so that a crash here repeats it.
        self._standings.linked(arrived, brief, sending.before, seen)
        if self._access.call(delivery.vendor, lambda vendor: vendor.processes):
            self._uploads.send(arrived, delay_seconds=FIRST_DELAY_SECONDS)
            self._standings.waits(arrived, brief.destination)
        else:
            self._stands(arrived, brief, seen)
        self._relays.put((brief.place, delivery.vendor), relayed)
        self._ledger.finish(entry.key, EffectState.DONE, self._now(), result=seen.to_dict())
        return Outcome(Fate.RELAYED, f"version {relayed.version} of {relayed.item}")

    def _send(self, vendor: UploadGateway, sending: _Sending) -> Observation:
        return self._transfer.send(vendor, sending.ref, sending.new, sending.source, sending.delivery.key)

    def _find(self, vendor: UploadGateway, sending: _Sending, since: datetime) -> Observation | None:
        """Ask the vendor whether an earlier attempt arrived."""
        if sending.before is not None and sending.ref is not None:
            return vendor.find_revision(sending.ref, sending.new, sending.before.version, since)
        for seen in vendor.find_uploads(sending.new, since):
            stored = self._items.get(seen.ref)
            if stored is None or stored.proof_id in {None, sending.brief.proof_id}:
                return seen
        return None

    def _failed(
        self, delivery: Delivery, entry: Entry, error: VendorError, *, surely_absent: bool
    ) -> _RefusedError | _NotYetError:
        """Note a failed attempt; return what is to be raised.

        `surely_absent`: no attempt before this one can have arrived.
        """
        now = self._now()
        waits = error.transient or isinstance(error, AuthenticationError | SourceError)
        if error.happened is Happened.NO and not waits:
            self._ledger.finish(
                entry.key, EffectState.PARKED, now, reason=str(error), unclear=not surely_absent
            )
            remedy = "Correct what the vendor names, then drop the file again."
            return _RefusedError(str(error), remedy if surely_absent else _LOOK_FIRST)
        certain = error.happened is Happened.NO and surely_absent
        state = EffectState.WAITING if certain else EffectState.UNKNOWN
        self._ledger.finish(entry.key, state, now, reason=str(error))
        until = self._access.pause_after(delivery.vendor, error)
        return _NotYetError(str(error), until, in_doubt=not certain, begun=True)

    # -- once the vendor has it

    def _watch(self, delivery: Delivery, brief: Brief) -> Outcome:
        """Ask a vendor that has taken a file whether it has processed it."""
        arrival = delivery.arrival
        if arrival is None:
            raise ValueError(f"{delivery.key} has not arrived yet")
        entry = self._ledger.get(delivery.key)
        if entry is not None and entry.state in {EffectState.DONE, EffectState.PARKED}:
            return Outcome(Fate.DUPLICATE, f"already {entry.state}")
        self._expect_open_gate(delivery)
        try:
            processing, seen = self._access.call(
                delivery.vendor, lambda vendor: vendor.processing(arrival.ref)
            )
        except VendorError as error:
            if not error.transient and not isinstance(error, AuthenticationError):
                raise _RefusedError(str(error), "Look at the vendor what has become of it.") from error
            raise _NotYetError(str(error), self._access.pause_after(delivery.vendor, error)) from error
        match processing:
            case Processing.PENDING:
                raise _NotYetError(f"{delivery.vendor} is still processing it")
            case Processing.FAILED:
                # The same file may be dropped again.
                self._relays.spoil((brief.place, delivery.vendor), delivery.drop)
                raise _RefusedError(
                    f"{delivery.vendor} could not process {delivery.drop.name} (it is {seen.vendor_status})",
                    "Check that it can be opened and is of a kind that the vendor takes, then drop it again.",
                )
            case Processing.DONE:
                self._stands(delivery, brief, seen)
                self._ledger.note(delivery.key, EffectState.DONE, delivery.to_message(), self._now())
                return Outcome(Fate.RELAYED, f"version {arrival.version} of {arrival.ref} is processed")

    def _stands(self, delivery: Delivery, brief: Brief, seen: Observation) -> None:
        """Ask for what follows, and say that the file stands at its vendor. It can be repeated."""
        new = brief.new_version(delivery.vendor, seen.version or 1)
        actions = self._access.call(
            delivery.vendor, lambda vendor: vendor.after(seen.ref, new, brief.proof_id)
        )
        self._standings.stands(delivery, brief, seen, actions)


@dataclass(frozen=True, slots=True)
class _Sending:
    """One file on its way to one vendor. `before` is the version that it follows, None for the first."""

    delivery: Delivery
    brief: Brief
    before: Relayed | None
    source: HashedSource

    @property
    def ref(self) -> ItemRef | None:
        """The proof's item at the vendor, None before the first version."""
        return None if self.before is None else ItemRef.parse(self.before.item)

    @property
    def new(self) -> NewVersion:
        """What the vendor is told."""
        version = 1 if self.before is None else self.before.version + 1
        return self.brief.new_version(self.delivery.vendor, version)

    def sha256(self) -> str:
        """Return the hash of what was sent; where nothing was read to its end, the file is read for it."""
        if self.source.read_bytes == self.source.size_bytes and self.source.sha256 is not None:
            return self.source.sha256
        return self.source.hash_all()
