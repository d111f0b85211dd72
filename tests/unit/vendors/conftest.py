from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.vendors.local_vendor import LocalVendor, local_vendor
from tests.unit.vendors.manual_clock import ManualClock


@pytest.fixture
def vendor() -> Iterator[LocalVendor]:
    with local_vendor() as running:
        yield running


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()
