from __future__ import annotations

from datetime import UTC, datetime

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.gateway import RoboHeadGateway
from tests.unit.vendors.local_vendor import LocalVendor, Reply

REVIEW = ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "7")
STATUS = Action("k", ActionName.ROBOHEAD_SET_STATUS, Vendor.ROBOHEAD, {"status": "approved"})


def test_status_is_refused_when_the_reviews_type_is_not_told(robohead: RoboHead, vendor: LocalVendor) -> None:
    """3 would complete a review of the one type and approve one of the other."""
    vendor.answer(Reply(body=b'{"success": true, "review": {"id": 7, "reviewName": "Label"}}'))
    gateway = RoboHeadGateway(robohead, lambda: datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(InvalidRequestError, match="its type is not known"):
        gateway.perform(STATUS, REVIEW)
    assert len(vendor.received) == 1
