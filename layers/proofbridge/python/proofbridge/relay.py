"""Relaying a dropped file: streamed to its vendor once, as a new proof or as a new version of one."""

from __future__ import annotations

import dataclasses
import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from proofbridge.actions import Action, Cause, observe
from proofbridge.briefs import Brief, UnfitNameError
from proofbridge.catalogue import MAX_TITLE_LENGTH, ActionName, CreateTaskParams
from proofbridge.config import Config
from proofbridge.destinations import Tracking
from proofbridge.drops import FileDrop, NewVersion, Relayed
from proofbridge.gates import pause_after
from proofbridge.items import ItemRef, Observation, Vendor, moment_text
from proofbridge.metrics import count
from proofbridge.observations import absorb, note_observation
from proofbridge.receipts import error_report, receipt
from proofbridge.stores.drop_folder import DropFolder, FileGoneError, Relays
from proofbridge.stores.file_source import HashedSource
from proofbridge.stores.gates import Gates
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.items import Items, Origin
from proofbridge.stores.ledger import Claim, EffectState, Entry, Ledger
from proofbridge.stores.queues import ActionQueues, UploadQueue, waited_of
from proofbridge.templates import render
from proofbridge.uploads import UploadGateway
from proofbridge.vendors.errors import (
    AuthenticationError,
    Happened,
    SourceError,
    VendorError,
)

log = logging.getLogger(__name__)

UPLOAD_KEY_PREFIX: Final = "upload|"
Found = TypeVar("Found")


class Fate(enum.StrEnum):
    """What became of one delivery of a dropped file."""

    RELAYED = "relayed"
    UNCHANGED = "unchanged"
    """The same bytes as before."""
    OUTDATED = "outdated"
    """A newer drop of the same name has been relayed already."""
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
    """The file has to wait. `in_doubt`: it may be at its vendor already."""

    def __init__(self, reason: str, until: datetime | None = None, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.until = until
        self.in_doubt = in_doubt


class Relay:
    """Relays dropped files.

    `upload_gateway` gives a vendor's gateway; `renew` is told that a vendor refused the credentials. `lease`
    must outlive the function's own time limit.
    """

    def __init__(
        self,
        *,
        config: Config,
        folder: DropFolder,
        relays: Relays,
        ledger: Ledger,
        items: Items,
        inbox: Inbox,
        gates: Gates,
        queues: ActionQueues,
        uploads: UploadQueue,
        upload_gateway: Callable[[Vendor], UploadGateway],
        renew: Callable[[Vendor], None],
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._config = config
        self._folder = folder
        self._relays = relays
        self._ledger = ledger
        self._items = items
        self._inbox = inbox
        self._gates = gates
        self._queues = queues
        self._uploads = uploads
        self._upload_gateway = upload_gateway
        self._renew = renew
        self._now = now
        self._lease = lease

    def relay(self, event: Mapping[str, Any]) -> Outcome:
        """Relay one delivery of S3's event of a dropped file. The file itself is never touched.

        What has to wait is queued again before this returns. NoDropError for another event.
        """
        drop = FileDrop.from_event(event)
        try:
            outcome = self._relay(drop)
        except _RefusedError as error:
            outcome = self._refuse(drop, str(error), error.remedy)
        except _NotYetError as error:
            outcome = self._defer(event, drop, str(error), error.until)
        count("Uploads", fate=outcome.fate)
        log.info(
            "file %s",
            outcome.fate,
            extra={"key": drop.key, "version_id": drop.version_id, "reason": outcome.reason},
        )
        return outcome

    def _refuse(self, drop: FileDrop, problem: str, remedy: str) -> Outcome:
        self._folder.put_error(drop, error_report(drop, problem, remedy, self._now()))
        return Outcome(Fate.REFUSED, problem)

    def _defer(
        self, event: Mapping[str, Any], drop: FileDrop, reason: str, until: datetime | None
    ) -> Outcome:
        now = self._now()
        waited = waited_of(event)
        if waited.too_long(now):
            remedy = "Drop the file again when the vendor can be reached."
            if self._relays.give_up(drop):
                remedy = "Look at the vendor whether it has arrived; if not, drop the file again."
            return self._refuse(drop, waited.explain(reason), remedy)
        self._uploads.defer(event, waited.again(now), delay_seconds=waited.delay_seconds(now, until))
        return Outcome(Fate.DEFERRED, reason)

    def _relay(self, drop: FileDrop) -> Outcome:
        destination = self._config.destination_of(drop.key)
        if destination is None:
            known = ", ".join(f"drop/{each.prefix}/" for each in self._config.destinations) or "none"
            raise _RefusedError(
                f"{drop.key} lies under no destination; the destinations are: {known}",
                "Drop the file under one of them, or add its folder to config/destinations.toml.",
            )
        if drop.size_bytes == 0:
            raise _RefusedError(f"{drop.key} is empty", "Drop the file again, with its content.")
        now = self._now()
        try:
            brief = Brief.of(drop, destination, None)
        except UnfitNameError as error:
            raise _RefusedError(str(error), "Rename the file, and drop it again.") from None
        vendor = destination.targets[0].vendor
        closed_until = self._gates.closed_until(vendor, now)
        if closed_until is not None:
            raise _NotYetError(f"{vendor} wants no calls until {moment_text(closed_until)}", closed_until)
        until = now + self._lease
        if not self._relays.claim(drop, now, until):
            raise _NotYetError("a file of this name is on its way")
        in_doubt = True
        try:
            outcome = self._in_turn(drop, brief)
            in_doubt = False
        except _RefusedError:
            in_doubt = False
            raise
        except _NotYetError as error:
            in_doubt = error.in_doubt
            raise
        finally:
            self._relays.release(drop, until, in_doubt=in_doubt)
        return outcome

    def _in_turn(self, drop: FileDrop, brief: Brief) -> Outcome:
        before = self._relays.get(drop)
        is_relayed = before is not None and before.sequencer == drop.sequencer
        if before is not None and not is_relayed and not drop.comes_after(before.sequencer):
            return Outcome(Fate.OUTDATED, "a newer file of this name has been relayed")
        key = f"{UPLOAD_KEY_PREFIX}{drop.bucket}/{drop.key}|{drop.version_id}"
        claim, entry = self._ledger.begin(key, drop.version_id, self._now(), self._lease)
        if claim is Claim.SETTLED:
            return Outcome(Fate.DUPLICATE, f"already {entry.state}")
        if is_relayed:
            # All but the ledger was told of it.
            self._ledger.finish(key, EffectState.DONE, self._now())
            return Outcome(Fate.DUPLICATE)
        if claim is Claim.BUSY:
            raise _NotYetError("it is on its way", entry.lease_until, in_doubt=True)
        try:
            self._folder.expect(drop)
        except FileGoneError:
            reason = f"{drop.key} was removed before it could be relayed"
            self._ledger.finish(key, EffectState.HELD, self._now(), reason=reason)
            raise _RefusedError(reason, "Drop the file again.") from None
        source = self._folder.source(drop)
        # Only bytes of the same number can be the same bytes; others are hashed on their way.
        if before is not None and before.size_bytes == drop.size_bytes:
            if source.hash_all() == before.sha256:
                self._relays.put(drop, dataclasses.replace(before, sequencer=drop.sequencer))
                self._ledger.finish(key, EffectState.HELD, self._now(), reason="the same bytes as before")
                return Outcome(Fate.UNCHANGED, f"the same bytes as version {before.version}")
            source = self._folder.source(drop)
        return self._deliver(_Delivery(drop, brief, before, source), entry, claim)

    def _deliver(self, delivery: _Delivery, entry: Entry, claim: Claim) -> Outcome:
        drop = delivery.drop
        surely_absent = claim is Claim.FRESH
        try:
            seen = None
            if not surely_absent:
                seen = self._with_fresh_credentials(
                    delivery.vendor, lambda vendor: self._find(vendor, delivery, entry.first_started_at)
                )
                surely_absent = seen is None
            if seen is None:
                seen = self._with_fresh_credentials(
                    delivery.vendor, lambda vendor: self._send(vendor, delivery)
                )
        except VendorError as error:
            raise self._failed(delivery, entry, error, surely_absent=surely_absent) from error
        relayed = Relayed(
            key=drop.key,
            sequencer=drop.sequencer,
            sha256=delivery.source.sha256 or delivery.source.hash_all(),
            size_bytes=drop.size_bytes,
            item=str(seen.ref),
            version=seen.version or 1,
        )
        # What follows can be repeated; only then is the effect finished, so that a crash here repeats it.
        self._follow_up(delivery, seen)
        self._folder.put_receipt(
            drop, receipt(drop, relayed, seen, delivery.brief.proof_id, entry.attempts, self._now())
        )
        self._relays.put(drop, relayed)
        self._ledger.finish(entry.key, EffectState.DONE, self._now(), result=seen.to_dict())
        return Outcome(Fate.RELAYED, f"version {relayed.version} of {relayed.item}")

    @staticmethod
    def _send(vendor: UploadGateway, delivery: _Delivery) -> Observation:
        if delivery.ref is None:
            return vendor.upload(delivery.new, delivery.source)
        return vendor.revise(delivery.ref, delivery.new, delivery.source)

    def _find(self, vendor: UploadGateway, delivery: _Delivery, since: datetime) -> Observation | None:
        """Ask the vendor whether an earlier attempt arrived."""
        if delivery.before is not None and delivery.ref is not None:
            return vendor.find_revision(delivery.ref, delivery.new, delivery.before.version, since)
        for seen in vendor.find_uploads(delivery.new, since):
            stored = self._items.get(seen.ref)
            if stored is None or stored.proof_id in {None, delivery.brief.proof_id}:
                return seen
        return None

    def _follow_up(self, delivery: _Delivery, seen: Observation) -> None:
        """Have a new version routed; store and link a new item, and have it tracked and read in full."""
        now = self._now()
        if delivery.before is not None:
            note_observation(self._items, self._inbox, seen, now)
            return
        proof_id = delivery.brief.proof_id
        absorb(self._items, seen)
        self._items.note_origin(
            proof_id, Origin(delivery.brief.destination.prefix, delivery.new.recipient or "")
        )
        self._items.link(proof_id, seen.ref)
        # Whatever the vendor reported of the item before it was linked is carried over now.
        self._inbox.put(Event(str(seen.ref), f"link-{proof_id}", Source.LINK, now))
        tracking = delivery.brief.destination.tracking
        if tracking is not None:
            self._queues.send(_tracking_task(tracking, delivery, seen))
        self._queues.send(observe(seen.ref, f"{seen.ref}#upload-{delivery.drop.version_id}"))

    def _failed(
        self, delivery: _Delivery, entry: Entry, error: VendorError, *, surely_absent: bool
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
            return _RefusedError(str(error), "Correct what the vendor names, then drop the file again.")
        certain = error.happened is Happened.NO and surely_absent
        state = EffectState.WAITING if certain else EffectState.UNKNOWN
        self._ledger.finish(entry.key, state, now, reason=str(error))
        until = pause_after(error, now)
        if until is not None:
            self._gates.close(delivery.vendor, until)
        return _NotYetError(str(error), until, in_doubt=not certain)

    def _with_fresh_credentials(self, vendor: Vendor, call: Callable[[UploadGateway], Found]) -> Found:
        """Call; where the credentials are refused, once more with those that the secret holds now."""
        try:
            return call(self._upload_gateway(vendor))
        except AuthenticationError:
            self._renew(vendor)
            return call(self._upload_gateway(vendor))


@dataclass(frozen=True, slots=True)
class _Delivery:
    drop: FileDrop
    brief: Brief
    before: Relayed | None
    source: HashedSource

    @property
    def vendor(self) -> Vendor:
        return self.brief.destination.targets[0].vendor

    @property
    def ref(self) -> ItemRef | None:
        """The proof's item at the vendor, None before the first version."""
        return None if self.before is None else ItemRef.parse(self.before.item)

    @property
    def version(self) -> int:
        return 1 if self.before is None else self.before.version + 1

    @property
    def new(self) -> NewVersion:
        return self.brief.new_version(self.vendor, self.version)


def _tracking_task(tracking: Tracking, delivery: _Delivery, seen: Observation) -> Action:
    proof_id = delivery.brief.proof_id
    due_at = delivery.new.due_at
    words = delivery.brief.words(delivery.version) | {
        "proof.url": seen.url or "",
        "proof.due": "" if due_at is None else f"{due_at:%Y-%m-%d %H:%M} UTC",
        "proof.recipient": delivery.new.people,
    }
    params = CreateTaskParams(
        project=tracking.project,
        title=render(tracking.title, words)[:MAX_TITLE_LENGTH],
        message=render(tracking.message, words),
        assignee=tracking.assignee,
        task_type=tracking.task_type,
        deadline=None if due_at is None else f"{due_at:%Y-%m-%d}",
    )
    return Action(
        key=f"track|{proof_id}",
        name=ActionName.GOODDAY_CREATE_TASK,
        vendor=Vendor(tracking.vendor),
        params=params.model_dump(exclude_none=True),
        proof_id=proof_id,
        cause=Cause(rule=f"drop/{delivery.brief.destination.prefix}/"),
    )
