from __future__ import annotations

from collections.abc import Iterator

import pytest

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import RetryPolicy
from tests.unit.vendors.local_vendor import LocalVendor, local_vendor
from tests.unit.vendors.manual_clock import ManualClock
from tests.unit.vendors.testing_api import QUICK, TOKEN, new_api


@pytest.fixture
def vendor() -> Iterator[LocalVendor]:
    with local_vendor() as running:
        yield running


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def api(vendor: LocalVendor, manual_clock: ManualClock) -> Iterator[VendorApi]:
    made = new_api(vendor.url, manual_clock)
    yield made
    made.close()


@pytest.fixture
def hasty(vendor: LocalVendor) -> Iterator[VendorApi]:
    """An API on the real clock that soon loses patience and never repeats."""
    made = VendorApi(
        "testing",
        vendor.url,
        headers=lambda: {"Authorization": f"Bearer {TOKEN}"},
        secrets=lambda: (TOKEN,),
        timeouts=QUICK,
        retries=RetryPolicy(attempts=1),
    )
    yield made
    made.close()
