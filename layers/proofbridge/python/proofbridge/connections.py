"""Gateways to the vendors, made from their addresses and secrets, bound to a deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from proofbridge.config import VendorSettings
from proofbridge.environment import Endpoint
from proofbridge.gateways import Gateway
from proofbridge.items import Vendor
from proofbridge.stores.secrets import SecretError, Secrets
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import AuthenticationError, Happened
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.gateway import Good2GoGateway
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.gateway import GoodDayGateway


class Connections:
    """Keeps one client per vendor, with its connections, for as long as its token stays the same."""

    def __init__(
        self,
        endpoints: Mapping[Vendor, Endpoint],
        secrets: Secrets,
        settings: VendorSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._endpoints = endpoints
        self._secrets = secrets
        self._settings = settings
        self._now = now
        self._good2go: tuple[str, Good2Go] | None = None
        self._goodday: tuple[str, GoodDay] | None = None

    def gateway(self, vendor: Vendor, deadline: Deadline) -> Gateway:
        """Return a vendor's gateway; AuthenticationError where its secret is not what it has to be."""
        if vendor is not Vendor.GOODDAY:
            return self.good2go(deadline)
        token, user_id = self._secret(vendor, "token"), self._secret(vendor, "user_id")
        if self._goodday is None or self._goodday[0] != token:
            base_url = self._endpoints[vendor].base_url
            self._goodday = (token, GoodDay(base_url=base_url, token=token))
        client = self._goodday[1].within(deadline)
        return GoodDayGateway(client, user_id, self._settings.goodday, self._now)

    def good2go(self, deadline: Deadline) -> Good2GoGateway:
        """Return Good2Go's gateway, which takes files too."""
        token = self._secret(Vendor.GOOD2GO, "token")
        if self._good2go is None or self._good2go[0] != token:
            base_url = self._endpoints[Vendor.GOOD2GO].base_url
            self._good2go = (token, Good2Go(base_url=base_url, token=token))
        return Good2GoGateway(self._good2go[1].within(deadline), self._now)

    def renew(self, vendor: Vendor) -> None:
        """Read the vendor's secret again at the next use, because it refused the credentials."""
        self._secrets.forget(self._endpoints[vendor].secret_id)

    def _secret(self, vendor: Vendor, key: str) -> str:
        try:
            return self._secrets.text(self._endpoints[vendor].secret_id, key)
        except SecretError as error:
            raise AuthenticationError(
                str(error), vendor=vendor, operation="connect", happened=Happened.NO
            ) from None
