"""Files that their vendor has taken, and processes before they can be reviewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Observation
from proofbridge.domain.waiting import NotYetError
from proofbridge.stores.ledger import SETTLED, EffectState, Ledger
from proofbridge.stores.places import Places
from proofbridge.uploads.completion import Completion
from proofbridge.uploads.outcomes import Outcome, RefusedError, Status
from proofbridge.uploads.requests import UploadRequest
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.errors import AuthenticationError, VendorError
from proofbridge.vendors.upload_gateway import Processing, UploadGateway


@dataclass(frozen=True, slots=True)
class ProcessingStatus:
    """Asks vendors how far they have come with a file, and does what follows."""

    relays: Places
    ledger: Ledger
    standings: Completion
    access: CircuitBreaker[UploadGateway]
    now: Callable[[], datetime]

    def look(self, delivery: UploadMessage, brief: UploadRequest) -> Outcome:
        """Ask a vendor that has taken a file whether it has processed it."""
        arrival = delivery.arrival
        if arrival is None:
            raise ValueError(f"{delivery.key} has not arrived yet")
        entry = self.ledger.get(delivery.key)
        if entry is not None and entry.state in SETTLED:
            return Outcome(Status.DUPLICATE, f"already {entry.state}")
        try:
            processing, seen = self.access.call(
                delivery.vendor, lambda vendor: vendor.processing(arrival.ref)
            )
        except VendorError as error:
            if not error.transient and not isinstance(error, AuthenticationError):
                raise RefusedError(str(error), "Look at the vendor what has become of it.") from error
            raise NotYetError(str(error), self.access.pause_after(delivery.vendor, error)) from error
        match processing:
            case Processing.PENDING:
                raise NotYetError(f"{delivery.vendor} is still processing it")
            case Processing.FAILED:
                # The same file may be dropped again.
                self.relays.spoil((brief.place, delivery.vendor), delivery.drop)
                raise RefusedError(
                    f"{delivery.vendor} could not process {delivery.drop.name} (it is {seen.vendor_status})",
                    "Check that it can be opened and is of a kind that the vendor takes, then drop it again.",
                )
            case Processing.DONE:
                self.stands(delivery, brief, seen)
                self.ledger.note(delivery.key, EffectState.DONE, delivery.to_message(), self.now())
                return Outcome(Status.RELAYED, f"version {arrival.version} of {arrival.ref} is processed")

    def stands(self, delivery: UploadMessage, brief: UploadRequest, seen: Observation) -> None:
        """Ask for what follows, and say that the file stands at its vendor. It can be repeated."""
        new = brief.new_version(delivery.vendor, seen.version or 1)
        actions = self.access.call(
            delivery.vendor, lambda vendor: vendor.after(seen.ref, new, brief.proof_id)
        )
        self.standings.stands(delivery, brief, seen, actions)
