"""Which of our statuses each vendor can show, and which it can be given: its table, read from both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.vendors.approval_studio import mapping as approval_studio
from proofbridge.vendors.good2go import mapping as good2go
from proofbridge.vendors.goodday import mapping as goodday
from proofbridge.vendors.robohead import mapping as robohead

if TYPE_CHECKING:
    from proofbridge.config.loader import VendorSettings


def shown_statuses(vendor: Vendor, settings: VendorSettings) -> frozenset[ReviewStatus]:
    """Return the statuses in which items of the vendor can be seen."""
    match vendor:
        case Vendor.GOOD2GO:
            return frozenset(good2go.REVIEW_STATUS.values())
        case Vendor.APPROVAL_STUDIO:
            return approval_studio.SHOWN
        case Vendor.GOODDAY:
            return frozenset(settings.goodday.statuses) | goodday.SHOWN
        case Vendor.ROBOHEAD:
            return frozenset(robohead.REVIEW_STATUS.values())
        case Vendor.AWS:
            return frozenset()


def taken_statuses(vendor: Vendor, settings: VendorSettings) -> frozenset[ReviewStatus]:
    """Return the statuses that the vendor's items can be given.

    A RoboHead review takes fewer, by its type: those of both types are returned.
    """
    match vendor:
        case Vendor.GOOD2GO:
            return _written(good2go.JOB_STATUS)
        case Vendor.APPROVAL_STUDIO:
            return _written(approval_studio.PROJECT_STATE)
        case Vendor.GOODDAY:
            return frozenset(settings.goodday.statuses)
        case Vendor.ROBOHEAD:
            return _written(robohead.FEEDBACK_STATUS) | _written(robohead.APPROVAL_STATUS)
        case Vendor.AWS:
            return frozenset()


def _written(table: Mapping[ReviewStatus, object | None]) -> frozenset[ReviewStatus]:
    return frozenset(ours for ours, theirs in table.items() if theirs is not None)
