from __future__ import annotations

from collections.abc import Iterator

import pytest

from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.operation import RetryPolicy
from tests.unit.vendors.approval_studio.memory_store import MemoryStore
from tests.unit.vendors.local_vendor import LocalVendor
from tests.unit.vendors.manual_clock import ManualClock


@pytest.fixture
def studio(vendor: LocalVendor, manual_clock: ManualClock) -> Iterator[ApprovalStudio]:
    """A client that has its token already, so that the first request is the one that is tested."""
    with ApprovalStudio(
        base_url=vendor.url,
        username="user@studio.test",
        password="the-pass-word",
        token_store=MemoryStore.with_token("stored-token"),
        retries=RetryPolicy(chance=lambda: 1.0),
        clock=manual_clock.clock,
    ) as client:
        yield client
