"""Polling a vendor: what a webhook says fast, a poll makes certain."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.changes import diff
from proofbridge.gateways import Gateway
from proofbridge.items import Observation
from proofbridge.metrics import count
from proofbridge.observations import note_observation
from proofbridge.stores.cursors import Cursors
from proofbridge.stores.gates import Gates
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.vendors.errors import AuthenticationError, VendorError

log = logging.getLogger(__name__)

OVERLAP: Final = timedelta(minutes=2)
"""How far a poll looks back behind its cursor, since vendors' clocks and ours differ."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a poll came to: how many items the vendor listed, and how many of them had something new."""

    listed: int
    noted: int


def sync_vendor(
    gateway: Gateway, items: Items, inbox: Inbox, cursors: Cursors, gates: Gates, now: datetime
) -> Swept:
    """Put every item that differs from what is stored into the Inbox; commit the cursor last.

    An item whose list entry differs is read in full first, because lists show less than single items do.
    Where nothing differs nothing is written but the cursor. A vendor that wants no calls is left alone.
    """
    if gates.closed_until(gateway.vendor, now) is not None:
        log.info("not synced, its gate is closed", extra={"vendor": gateway.vendor})
        return Swept(0, 0)
    since = cursors.get(gateway.vendor)
    listed = noted = 0
    for seen in gateway.changed_since(None if since is None else since - OVERLAP):
        listed += 1
        if diff(items.get(seen.ref), seen) is None:
            continue
        if note_observation(items, inbox, _in_full(gateway, seen), now):
            noted += 1
    cursors.put(gateway.vendor, now)
    count("ItemsRepaired", noted, vendor=gateway.vendor)
    log.info("synced", extra={"vendor": gateway.vendor, "listed": listed, "noted": noted})
    return Swept(listed, noted)


def _in_full(gateway: Gateway, seen: Observation) -> Observation:
    """Read what the list did not show. One item that the vendor won't show keeps no other from its repair."""
    if not seen.silent_on:
        return seen
    try:
        return gateway.observe(seen.ref)
    except VendorError as error:
        if error.transient or isinstance(error, AuthenticationError):
            raise
        log.error("an item can't be read", extra={"item": str(seen.ref), "reason": str(error)})  # noqa: TRY400
        count("ItemsUnreadable", vendor=gateway.vendor)
        return seen
