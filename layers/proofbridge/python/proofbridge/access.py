"""How a vendor is reached: through an open gate, and with fresh credentials where it refuses the old ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from proofbridge.gates import pause_after
from proofbridge.items import Vendor
from proofbridge.stores.gates import Gates
from proofbridge.vendors.errors import AuthenticationError, VendorError

GatewayT = TypeVar("GatewayT")
T = TypeVar("T")


class VendorAccess(Generic[GatewayT]):
    """The way to all vendors.

    `gateway` gives a vendor's gateway; `renew` is told that a vendor refused the credentials, so that the
    next gateway has fresh ones.
    """

    def __init__(
        self,
        gates: Gates,
        gateway: Callable[[Vendor], GatewayT],
        renew: Callable[[Vendor], None],
        now: Callable[[], datetime],
    ) -> None:
        self._gates = gates
        self._gateway = gateway
        self._renew = renew
        self._now = now

    def closed_until(self, vendor: Vendor) -> datetime | None:
        """Return the moment at which the vendor may be called again, None if it may be now. One call."""
        return self._gates.closed_until(vendor, self._now())

    def call(self, vendor: Vendor, call: Callable[[GatewayT], T]) -> T:
        """Call; where the credentials are refused, once more with those that the secret holds now."""
        try:
            return call(self._gateway(vendor))
        except AuthenticationError:
            self._renew(vendor)
            return call(self._gateway(vendor))

    def pause_after(self, vendor: Vendor, error: VendorError) -> datetime | None:
        """Close the vendor's gate where the error asks for it; return until when."""
        until = pause_after(error, self._now())
        if until is not None:
            self._gates.close(vendor, until)
        return until
