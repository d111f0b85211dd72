"""docs/vendors.md says what the code says."""

from __future__ import annotations

import pytest

from tests.contract.vendor_table import PAGE, VENDORS, page, rows, unclaimed


@pytest.mark.parametrize(
    ("vendor", "count"), [("good2go", 41), ("approval-studio", 34), ("goodday", 14), ("robohead", 9)]
)
def test_every_operation_has_method_route_and_test(vendor: str, count: int) -> None:
    assert len(list(rows(vendor))) == count


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_simulator_offers_nothing_that_the_client_lacks(vendor: str) -> None:
    assert unclaimed(vendor) == set()


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.contract.vendor_table"
