"""A vendor's list, whole."""

from __future__ import annotations

from datetime import datetime

from proofbridge.domain.items import Observation
from proofbridge.vendors.gateway import Gateway


def listed(gateway: Gateway, moment: datetime | None = None) -> list[Observation]:
    """Return what a vendor lists as changed since the moment, all for None, as it comes."""
    return [seen for page in gateway.changed_since(moment) for seen in page.observations]
