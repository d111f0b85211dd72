from __future__ import annotations

from collections.abc import Iterator

import pytest

from proofbridge.vendors.operation import RetryPolicy
from proofbridge.vendors.robohead.client import RoboHead
from tests.unit.vendors.local_vendor import LocalVendor
from tests.unit.vendors.manual_clock import ManualClock

API_KEY = "a-very-secret-key"


@pytest.fixture
def robohead(vendor: LocalVendor, manual_clock: ManualClock) -> Iterator[RoboHead]:
    with RoboHead(
        base_url=vendor.url,
        api_key=API_KEY,
        retries=RetryPolicy(chance=lambda: 1.0),
        clock=manual_clock.clock,
    ) as client:
        yield client
