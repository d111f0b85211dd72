"""How a vendor is reached: through an open gate, and with fresh credentials where it refuses the old ones.

A gate that was closed because the credentials were refused, or because the vendor did not answer several
times in a row, opens for one call first:

    09:00  refused: closed until 09:05
    09:05  one action is let through, with the secret read anew: refused, closed until 09:10; the others wait
    09:10  one action is let through: done, the gate is open; the others come in their order, not all at once
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from proofbridge.domain.items import Vendor
from proofbridge.domain.waiting import MAX_DELAY_SECONDS, NotYetError, Waited
from proofbridge.metrics import count
from proofbridge.stores.circuits import CircuitState, CircuitStates
from proofbridge.vendors.errors import (
    AuthenticationError,
    DecodeError,
    Happened,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.gates import pause_after

GatewayT = TypeVar("GatewayT")
T = TypeVar("T")

FAILURES_OF_AN_OUTAGE: Final = 5
"""After so many calls in a row without an answer a vendor is taken to be down, and asked by one at a time."""

FIRST_OUTAGE_PAUSE: Final = timedelta(minutes=1)
LONGEST_OUTAGE_PAUSE: Final = timedelta(minutes=5)
"""Between two calls at a vendor that is down: a minute more each time, up to this.

With their turns the waits of six hundred messages fit the 15 minutes that SQS keeps one back.
"""

PROBE_HOLD: Final = timedelta(seconds=90)
"""How long others wait for the outcome of the one call that a gate has opened for."""

_NO_ANSWER: Final = (VendorConnectionError, VendorTimeoutError, ServerError, DecodeError)
"""What tells of an outage. Something that waits for other reasons, such as a lack of time, does not."""

SECONDS_BETWEEN_TURNS: Final = 1
"""After a gate has opened, those that waited come one by one; SQS counts in whole seconds."""


class CircuitBreaker(Generic[GatewayT]):
    """The way to all vendors.

    `gateway` gives a vendor's gateway; `renew` is told that a vendor refused the credentials: it reads them
    again for the next gateway, and says whether they are other ones.
    """

    def __init__(
        self,
        gates: CircuitStates,
        gateway: Callable[[Vendor], GatewayT],
        renew: Callable[[Vendor], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._gates = gates
        self._gateway = gateway
        self._renew = renew
        self._now = now
        self._ailing: set[Vendor] = set()
        self._probing: set[Vendor] = set()
        self._looked_at: dict[Vendor, CircuitState] = {}

    def closed_until(self, vendor: Vendor) -> datetime | None:
        """Return the moment at which the vendor may be called again, None if it may be now.

        A gate that opens for one call is open for who asks first. One call, two then.
        """
        return self.look(vendor) or self.enter(vendor)

    def look(self, vendor: Vendor) -> datetime | None:
        """Return the moment until which a gate is closed, None if that is over. One call.

        Whoever then wants to call has to enter; whoever finds out first that there is nothing to call about
        has not taken the one call from another for which the gate may open.
        """
        gate = self._gates.get(vendor)
        if gate.is_closed(self._now()):
            return gate.closed_until
        if gate.failures:
            self._ailing.add(vendor)
        self._looked_at[vendor] = gate
        return None

    def enter(self, vendor: Vendor) -> datetime | None:
        """Go through a gate that was found open; return a moment to wait for if another was first.

        One call where the gate opens for one, none else.
        """
        gate, now = self._looked_at[vendor], self._now()
        if not gate.probed:
            return None
        if not self._gates.take_probe(vendor, gate, now + PROBE_HOLD):
            return now + timedelta(seconds=1)
        self._probing.add(vendor)
        self._renew(vendor)
        return None

    def call(self, vendor: Vendor, call: Callable[[GatewayT], T], *, asks: bool = True) -> T:
        """Call; where the credentials are refused, once more if the secret holds other ones by now.

        `asks`: False where it may be that the vendor is not asked at all, so that a call which works is no
        sign of life.
        """
        try:
            result = self._call(vendor, call)
        except VendorError as error:
            # Only an answer is a sign of life: what we ourselves would not send says nothing of the vendor.
            is_answer = error.status is not None
            if is_answer and not error.transient and not isinstance(error, AuthenticationError):
                self._recovered(vendor)
            raise
        if asks:
            self._recovered(vendor)
        return result

    def _call(self, vendor: Vendor, call: Callable[[GatewayT], T]) -> T:
        try:
            return call(self._gateway(vendor))
        except AuthenticationError as error:
            # Of several calls an earlier one may have taken effect: it is looked for, not done again.
            is_done_in_part = error.happened is not Happened.NO
            if is_done_in_part or vendor in self._probing or not self._renew(vendor):
                raise
            return call(self._gateway(vendor))

    def _recovered(self, vendor: Vendor) -> None:
        """Open the gate where this was the call that it opened for, or the first that was answered."""
        if vendor in self._probing | self._ailing:
            self._gates.open(vendor)
            self._probing.discard(vendor)
            self._ailing.discard(vendor)

    def pause_after(self, vendor: Vendor, error: VendorError) -> datetime | None:
        """Close the vendor's gate where the error asks for it; return until when."""
        now = self._now()
        until = pause_after(error, now)
        probed = isinstance(error, AuthenticationError)
        if until is None and error.transient and isinstance(error, _NO_ANSWER):
            self._ailing.add(vendor)
            more = self._gates.count_failure(vendor) - FAILURES_OF_AN_OUTAGE
            if more >= 0:
                pause = min((1 + more) * FIRST_OUTAGE_PAUSE, LONGEST_OUTAGE_PAUSE)
                until, probed = now + pause, True
                count("VendorDown", vendor=vendor)
        if until is not None:
            self._gates.close(vendor, until, probed=probed, anyway=vendor in self._probing)
        return until

    def delay_seconds(self, vendor: Vendor, waited: Waited, error: NotYetError, now: datetime) -> int:
        """Return for how long something that has to wait is kept back.

        Of those that wait for a gate all would come at the same moment: each draws its turn, by one call. Who
        waits for longer than a queue keeps a message back has no turn yet, at no call.
        """
        delay_seconds = waited.delay_seconds(now, error.until)
        if error.until is None or error.begun or delay_seconds >= MAX_DELAY_SECONDS:
            return delay_seconds
        turn_seconds = self._gates.take_ticket(vendor) * SECONDS_BETWEEN_TURNS
        return min(delay_seconds + turn_seconds, MAX_DELAY_SECONDS)
