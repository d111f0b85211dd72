"""Connections: one client per vendor for as long as its credentials stay the same."""

from __future__ import annotations

from typing import Any

import pytest

from proofbridge.items import Vendor
from proofbridge.vendors.errors import AuthenticationError, Happened
from tests.integration.bridge import SECRETS, Bridge


def observe(bridge: Bridge, vendor: Vendor) -> None:
    """Have a vendor called once."""
    gateway = bridge.connections.gateway(vendor, bridge.deadline())
    assert gateway.vendor is vendor
    list(gateway.changed_since(None))


@pytest.mark.parametrize("vendor", SECRETS)
def test_connection_is_kept_when_a_vendor_is_called_again(bridge: Bridge, vendor: Vendor) -> None:
    site = bridge.good2go if vendor is Vendor.GOOD2GO else bridge.goodday
    first = site.connections()
    for _ in range(3):
        observe(bridge, vendor)
    # The one that `connections` itself is asked over stands already.
    assert site.connections() == first + 1


@pytest.mark.parametrize("vendor", SECRETS)
def test_secret_is_read_once_when_a_vendor_is_called_again(bridge: Bridge, vendor: Vendor) -> None:
    with bridge.cloud.counted() as calls:
        for _ in range(3):
            observe(bridge, vendor)
    assert calls == ["GetSecretValue"]


def test_new_token_is_used_when_the_secret_is_read_again(bridge: Bridge) -> None:
    observe(bridge, Vendor.GOODDAY)
    bridge.goodday.settings(token="gd-new")
    bridge.put_secret(Vendor.GOODDAY, {**SECRETS[Vendor.GOODDAY], "token": "gd-new"})
    with pytest.raises(AuthenticationError):
        observe(bridge, Vendor.GOODDAY)
    bridge.connections.renew(Vendor.GOODDAY)
    observe(bridge, Vendor.GOODDAY)


def test_new_token_is_used_when_the_cache_has_ended(bridge: Bridge) -> None:
    observe(bridge, Vendor.GOODDAY)
    bridge.goodday.settings(token="gd-new")
    bridge.put_secret(Vendor.GOODDAY, {**SECRETS[Vendor.GOODDAY], "token": "gd-new"})
    bridge.clock.advance(seconds=301)
    observe(bridge, Vendor.GOODDAY)


@pytest.mark.parametrize("secret", [{}, {"token": 7}, {"token": "a b", "user_id": "U"}])
def test_wrong_secret_is_an_error_of_the_vendors_family_that_names_it(
    bridge: Bridge, secret: dict[str, Any]
) -> None:
    bridge.put_secret(Vendor.GOODDAY, secret)
    with pytest.raises(AuthenticationError) as caught:
        bridge.connections.gateway(Vendor.GOODDAY, bridge.deadline())
    assert "proofbridge/test/goodday" in str(caught.value)
    assert "a b" not in str(caught.value)
    assert caught.value.happened is Happened.NO
