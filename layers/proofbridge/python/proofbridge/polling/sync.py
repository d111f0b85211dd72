"""Polling a vendor: what a webhook says fast, a poll makes certain.

A run reads what has changed since the cursor, and goes on with a reading of everything where one is under
way. Either may take longer than a function runs, or meet a vendor that wants no more calls. Then its place is
kept, and the next tick of the schedule goes on there:

    09:00  pages 1 to 40 of what changed since 08:53; time is up, the place behind page 40 is kept
    09:05  pages 41 to 52, the end; the cursor becomes 09:00, the moment before the list was first asked
    09:10  what changed since 08:58

Two runs of one vendor at once do no harm: what both note is the same state, of which the second says nothing
new, and the one that commits later finds that the other has moved on, and commits nothing.
"""

from __future__ import annotations

import dataclasses
import enum
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from proofbridge.decisions.observations import submit_observation
from proofbridge.domain.changes import diff
from proofbridge.domain.fingerprints import fingerprint, says_nothing_new
from proofbridge.domain.items import ItemRef, Observation, Vendor, moment_text
from proofbridge.metrics import count
from proofbridge.polling.bloom_filter import met, was_met
from proofbridge.stores.cursors import Cursors, Pass, Progress
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import BATCH, Items
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import AuthenticationError, VendorError
from proofbridge.vendors.gateway import Gateway

log = logging.getLogger(__name__)

OVERLAP: Final = timedelta(minutes=2)
"""How far a poll looks back behind its cursor, since vendors' clocks and ours differ."""

RESERVE_SECONDS: Final = 20.0
"""With less time left than this no further item is looked at."""

T = TypeVar("T")


class Ending(enum.StrEnum):
    """How a run ended."""

    THROUGH = "through"
    """Everything that was to be read has been."""
    TIME_UP = "time_up"
    """The next run goes on."""
    GATE_CLOSED = "gate_closed"
    """The vendor wanted no calls when the run began."""
    FAILED = "failed"
    """The vendor answered with an error, or not at all; the next run goes on."""
    OVERTAKEN = "overtaken"
    """Another run of the vendor has moved on meanwhile."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run came to: how many items the vendor listed, how many had something new, how it ended."""

    listed: int
    noted: int
    ending: Ending = Ending.THROUGH


class _TimeUpError(Exception):
    """No time is left for another item."""


class _OvertakenError(Exception):
    """Another run has committed since this one began."""


@dataclass(slots=True)
class _Run:
    """What a run has come to so far; `progress` is committed where it equals `committed`."""

    vendor: Vendor
    started: datetime
    progress: Progress
    committed: Progress
    noted: int = 0
    met: set[ItemRef] = field(default_factory=set)
    done: dict[ItemRef, str] = field(default_factory=dict)
    prints: dict[ItemRef, str] | None = None


class Sync:
    """Polls vendors. `deadline` is the one that the gateways of `access` are bound to."""

    def __init__(
        self,
        *,
        items: Items,
        inbox: Inbox,
        cursors: Cursors,
        access: CircuitBreaker[Gateway],
        now: Callable[[], datetime],
        deadline: Deadline,
    ) -> None:
        self._items = items
        self._inbox = inbox
        self._cursors = cursors
        self._access = access
        self._now = now
        self._deadline = deadline

    def run(self, vendor: Vendor, at: datetime, *, everything: bool = False) -> Swept:
        """Put every item that differs from what is stored into the Inbox; commit the cursor last.

        `at` is the moment that the run is for; with `everything` it begins a reading of all items, which also
        looks for those that no list shows any more. Where nothing differs nothing is written but the cursor.
        A vendor's error ends the run; AWS's errors come through.
        """
        progress = self._cursors.get(vendor)
        run = _Run(vendor, min(at, self._now()), progress, progress)
        if everything and progress.everything is None:
            run.progress = dataclasses.replace(progress, everything=Pass(run.started))
        try:
            ending = self._read(run)
            self._commit(run)
        except _OvertakenError:
            ending = Ending.OVERTAKEN
        count("ItemsRepaired", run.noted, vendor=vendor)
        log.info(
            "synced", extra={"vendor": vendor, "listed": len(run.met), "noted": run.noted, "ending": ending}
        )
        return Swept(len(run.met), run.noted, ending)

    def _read(self, run: _Run) -> Ending:
        if self._access.closed_until(run.vendor) is not None:
            return Ending.GATE_CLOSED
        try:
            self._access.call(run.vendor, lambda gateway: self._read_all_that_is_due(run, gateway))
        except _TimeUpError:
            return Ending.TIME_UP
        except VendorError as error:
            self._access.pause_after(run.vendor, error)
            log.warning("a poll was broken off", extra={"vendor": run.vendor, "reason": str(error)})
            count("PollsFailed", vendor=run.vendor)
            return Ending.FAILED
        return Ending.THROUGH

    def _commit(self, run: _Run) -> None:
        if run.progress == run.committed:
            return
        if not self._cursors.put(run.vendor, run.progress):
            raise _OvertakenError
        run.progress = dataclasses.replace(run.progress, revision=run.progress.revision + 1)
        run.committed = run.progress

    # -- passes

    def _read_all_that_is_due(self, run: _Run, gateway: Gateway) -> None:
        self._read_changes(run, gateway)
        if run.progress.everything is not None:
            self._commit(run)
            self._read_everything(run, gateway, run.progress.everything)

    def _read_changes(self, run: _Run, gateway: Gateway) -> None:
        moment = run.progress.moment
        under_way = run.progress.changes or Pass(run.started)
        since = None if moment is None else moment - OVERLAP
        for page in gateway.changed_since(since, under_way.resume):
            self._look_at(run, gateway, page.observations)
            under_way = dataclasses.replace(under_way, resume=page.resume or under_way.resume)
            run.progress = dataclasses.replace(run.progress, changes=under_way)
        # A run may be for a moment that is long past: what is known stays known.
        known_until = under_way.started if moment is None else max(moment, under_way.started)
        run.progress = dataclasses.replace(run.progress, moment=known_until, changes=None)

    def _read_everything(self, run: _Run, gateway: Gateway, under_way: Pass) -> None:
        if under_way.looked_for is None:
            for page in gateway.changed_since(None, under_way.resume):
                self._look_at(run, gateway, page.observations)
                under_way = dataclasses.replace(
                    under_way,
                    resume=page.resume or under_way.resume,
                    seen=met(under_way.seen, _salt(under_way), (seen.ref for seen in page.observations)),
                )
                run.progress = dataclasses.replace(run.progress, everything=under_way)
            under_way = dataclasses.replace(under_way, looked_for="")
        for ref in self._unlisted(run, under_way):
            self._look_for(run, gateway, ref)
            under_way = dataclasses.replace(under_way, looked_for=str(ref))
            run.progress = dataclasses.replace(run.progress, everything=under_way)
        run.progress = dataclasses.replace(run.progress, everything=None)

    def _unlisted(self, run: _Run, under_way: Pass) -> Iterator[ItemRef]:
        """Yield the items that are stored, and that the list did not have: deleted, moved, or made since."""
        for ref in sorted(self._items.fingerprints(run.vendor), key=str):
            is_left = str(ref) > (under_way.looked_for or "")
            if is_left and not was_met(under_way.seen, _salt(under_way), ref):
                yield ref

    # -- items

    def _look_at(self, run: _Run, gateway: Gateway, listed: tuple[Observation, ...]) -> None:
        """Note what is new of a page. Lists show less than single items do, so those are read first."""
        run.met.update(seen.ref for seen in listed)
        for seen in self._new_among(run, listed):
            self._expect_time()
            self._note(run, _asked(gateway.in_full, seen, otherwise=seen))
            run.done[seen.ref] = fingerprint(seen)

    def _look_for(self, run: _Run, gateway: Gateway, ref: ItemRef) -> None:
        self._expect_time()
        self._note(run, _asked(gateway.observe, ref, otherwise=None))

    def _new_among(self, run: _Run, listed: Iterable[Observation]) -> list[Observation]:
        """Return those that differ from what is stored: read from the index of prints where they are many."""
        left = [seen for seen in listed if run.done.get(seen.ref) != fingerprint(seen)]
        if len(left) > BATCH:
            if run.prints is None:
                run.prints = self._items.fingerprints(run.vendor)
            prints = run.prints
            left = [seen for seen in left if not says_nothing_new(seen, prints.get(seen.ref, ""))]
        stored = self._items.get_many(seen.ref for seen in left)
        return [seen for seen in left if diff(stored.get(seen.ref), seen) is not None]

    def _note(self, run: _Run, observed: Observation | None) -> None:
        if observed is not None and submit_observation(self._items, self._inbox, observed, self._now()):
            run.noted += 1

    def _expect_time(self) -> None:
        if self._deadline.remaining_seconds < RESERVE_SECONDS:
            raise _TimeUpError


def _salt(under_way: Pass) -> str:
    return moment_text(under_way.started)


def _asked(ask: Callable[[T], Observation], about: T, *, otherwise: Observation | None) -> Observation | None:
    """Ask about an item. One that the vendor won't show keeps no other from its repair."""
    try:
        return ask(about)
    except VendorError as error:
        if error.transient or isinstance(error, AuthenticationError):
            raise
        log.error("an item can't be read", extra={"reason": str(error)})  # noqa: TRY400
        count("ItemsUnreadable", vendor=error.vendor)
        return otherwise
