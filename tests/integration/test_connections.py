"""Connections: one client per vendor for as long as its credentials stay the same."""

from __future__ import annotations

from typing import Any

import pytest

from local.aws.secrets import LOCAL_SECRETS
from proofbridge.config.loader import VendorSettings
from proofbridge.domain.items import Vendor
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import AuthenticationError, Happened, InvalidRequestError
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.robohead.enums import ReviewType
from proofbridge.vendors.robohead.inputs import ReviewCreate
from tests.integration.bridge import SECRETS, Bridge
from tests.integration.site import Site
from tests.integration.ticking import TickingClock


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


# -- what the configuration says of a vendor


class NamedSecrets(Secrets):
    """The simulators' own secrets."""

    def __init__(self) -> None:
        super().__init__(lambda: pytest.fail("no secret is read"), 0)

    def text(self, secret_id: str, key: str) -> str:
        return str(LOCAL_SECRETS[secret_id][key])


@pytest.mark.parametrize(("part", "place"), [("File", "form"), ("attachment", "query")])
def test_file_is_sent_as_the_configuration_says_when_it_goes_to_approval_studio(
    studio: Site, clock: TickingClock, part: str, place: str
) -> None:
    studio.settings(upload_parameters=place)
    vendor = Vendor.APPROVAL_STUDIO
    settings = VendorSettings.model_validate({"approval-studio": {"upload_part": part}})
    endpoints = {vendor: Endpoint(studio.url, vendor)}
    connections = Connections(endpoints, NamedSecrets(), settings, clock.now)
    with connections._approval_studio_client(Deadline.after(5)) as client:
        uploaded = client.assets.upload("PRJARTWORK", BytesSource(b"%PDF"), "ale.pdf")
        assert client.assets.get(uploaded.asset_uid).name == "ale.pdf"


def test_comment_is_said_by_the_command_that_the_configuration_names_at_robohead(
    robohead: Site, clock: TickingClock
) -> None:
    robohead.settings(commands={"add_comment": "Say"})
    vendor = Vendor.ROBOHEAD
    settings = VendorSettings.model_validate({"robohead": {"commands": {"add_comment": "review.Say"}}})
    connections = Connections({vendor: Endpoint(robohead.url, vendor)}, NamedSecrets(), settings, clock.now)
    with connections._robohead_client(Deadline.after(5)) as client:
        review = client.reviews.add(
            ReviewCreate(review_name="Label", review_type=ReviewType.FEEDBACK, project_id=501)
        ).id
        client.comments.add(review, "Bigger!")
        assert [said.comment for said in client.comments.list(review)] == ["Bigger!"]


def test_amazon_is_no_vendor_to_connect_to_when_a_function_does_not_need_it(clock: TickingClock) -> None:
    connections = Connections({}, NamedSecrets(), VendorSettings(), clock.now)
    with pytest.raises(InvalidRequestError, match="has no gateway here"):
        connections.gateway(Vendor.AWS, Deadline.after(5))
