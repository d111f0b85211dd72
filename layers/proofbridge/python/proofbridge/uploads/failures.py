"""What does not go on: files that are put off, and files that are refused.

The ledger always has the last word: whoever is killed before it says all again, to the same places.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proofbridge.config.loader import Config
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.waiting import NotYetError
from proofbridge.metrics import count
from proofbridge.stores.ledger import SETTLED, EffectState, Entry, Ledger
from proofbridge.stores.places import Places
from proofbridge.stores.queues import UploadQueues
from proofbridge.uploads.completion import Completion
from proofbridge.uploads.outcomes import Outcome, RefusedError, Status
from proofbridge.uploads.requests import UploadRequest
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.upload_gateway import UploadGateway


@dataclass(frozen=True, slots=True)
class Failures:
    """Puts files off, and says which are refused."""

    config: Config
    relays: Places
    ledger: Ledger
    uploads: UploadQueues
    standings: Completion
    access: CircuitBreaker[UploadGateway]
    now: Callable[[], datetime]

    def refuse(
        self, delivery: UploadMessage, error: RefusedError, brief: UploadRequest | None = None
    ) -> Outcome:
        """Say what is wrong with a file. `brief` is what is asked for it, where that is known."""
        problem, remedy, unclear = str(error), error.remedy, error.unclear
        entry: Entry | None = None
        if error.ends is None:
            entry = self.ledger.get(delivery.key)
            if entry is not None and entry.state in SETTLED:
                return Outcome(Status.DUPLICATE, f"already {entry.state}")
            if entry is not None and entry.state is EffectState.STARTED and entry.lease_until > self.now():
                return Outcome(Status.DUPLICATE, "it is under way elsewhere")
            unclear = entry is not None and entry.state is not EffectState.WAITING
        if unclear:
            remedy = f"Look at the vendor whether it has arrived. If not: {remedy}"
        self.standings.refused(delivery, self.config.destination_of(delivery.drop.key), problem, remedy)
        if error.ends is not None:
            self.ledger.finish(delivery.key, error.ends, self.now(), reason=problem, unclear=unclear)
        else:
            if brief is not None and delivery.arrival is None:
                self.relays.give_up((brief.place, delivery.vendor), delivery.drop.version_id)
            message = delivery.to_message()
            self.ledger.park(delivery.key, entry, message, self.now(), reason=problem, unclear=unclear)
        count("UploadsRefused", vendor=delivery.vendor)
        return Outcome(Status.REFUSED, problem)

    def defer(
        self, delivery: UploadMessage, error: NotYetError, brief: UploadRequest | None = None
    ) -> Outcome:
        """Queue a delayed copy; refuse the file where it has waited for too long."""
        now, reason, waited = self.now(), str(error), delivery.waited
        if waited.too_long(now):
            remedy = "Retry it, or drop the file again, when the vendor can be reached."
            if delivery.arrival is not None:
                remedy = "Look at the vendor what has become of it."
            return self.refuse(delivery, RefusedError(waited.explain(reason), remedy), brief)
        again = dataclasses.replace(delivery, waited=waited.again(now))
        delay_seconds = self.access.delay_seconds(delivery.vendor, waited, error, now)
        self.uploads.send(again, delay_seconds=delay_seconds)
        if not error.begun:
            self.ledger.wait(delivery.key, again.to_message(), now, reason=reason)
        if not waited.times:
            self.standings.waits(delivery, self.config.destination_of(delivery.drop.key))
        return Outcome(Status.DEFERRED, reason)
