"""Gateways to the vendors, made from their addresses and secrets, bound to a deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from proofbridge.config.loader import VendorSettings
from proofbridge.domain.items import Vendor
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.amazon import Amazon
from proofbridge.stores.secrets import SecretError, Secrets
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.dialect import Dialect, Uploads
from proofbridge.vendors.approval_studio.gateway import ApprovalStudioGateway
from proofbridge.vendors.approval_studio.uploads import ApprovalStudioUploads
from proofbridge.vendors.aws.gateway import AwsGateway
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import AuthenticationError, Happened, InvalidRequestError
from proofbridge.vendors.gateway import Gateway
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.gateway import Good2GoGateway
from proofbridge.vendors.good2go.uploads import Good2GoUploads
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.gateway import GoodDayGateway
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.gateway import RoboHeadGateway
from proofbridge.vendors.robohead.settings import Commands
from proofbridge.vendors.robohead.uploads import RoboHeadUploads
from proofbridge.vendors.upload_gateway import UploadGateway

Client = TypeVar("Client", Good2Go, ApprovalStudio, GoodDay, RoboHead)


class Connections:
    """Keeps one client per vendor, with its connections, for as long as its credentials stay the same.

    Every gateway may raise AuthenticationError where the vendor's secret is not what it has to be.
    """

    def __init__(
        self,
        endpoints: Mapping[Vendor, Endpoint],
        secrets: Secrets,
        settings: VendorSettings,
        now: Callable[[], datetime],
        amazon: Amazon | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._secrets = secrets
        self._settings = settings
        self._now = now
        self._amazon = amazon
        self._clients: dict[Vendor, tuple[tuple[str, ...], object]] = {}
        self._used: dict[Vendor, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def close(self) -> None:
        """Close the connections to the vendors."""
        for _, client in self._clients.values():
            client.close()  # type: ignore[attr-defined] # every client has it

    def gateway(self, vendor: Vendor, deadline: Deadline) -> Gateway:
        """Return a vendor's gateway."""
        match vendor:
            case Vendor.GOOD2GO:
                return self.good2go(deadline)
            case Vendor.GOODDAY:
                return self._goodday(deadline)
            case Vendor.APPROVAL_STUDIO:
                return self._approval_studio(deadline)
            case Vendor.ROBOHEAD:
                return self._robohead(deadline)
            case Vendor.AWS:
                return self._aws()

    def uploads(self, vendor: Vendor, deadline: Deadline) -> UploadGateway:
        """Return how files get to a vendor."""
        match vendor:
            case Vendor.GOOD2GO:
                return Good2GoUploads(self._good2go_client(deadline), self._now)
            case Vendor.APPROVAL_STUDIO:
                return ApprovalStudioUploads(self._approval_studio_client(deadline), self._now)
            case Vendor.ROBOHEAD:
                return RoboHeadUploads(self._robohead_client(deadline), self._now)
            case _:
                raise ValueError(f"{vendor} takes no files")

    def good2go(self, deadline: Deadline) -> Good2GoGateway:
        """Return Good2Go's gateway."""
        return Good2GoGateway(self._good2go_client(deadline), self._now)

    def _good2go_client(self, deadline: Deadline) -> Good2Go:
        client = self._client(
            Vendor.GOOD2GO, ("token",), lambda base_url, token: Good2Go(base_url=base_url, token=token)
        )
        return client.within(deadline)

    def renew(self, vendor: Vendor) -> bool:
        """Read the vendor's secret again, because it refused the credentials; whether they are other ones."""
        self._secrets.forget(self._endpoints[vendor].secret_id)
        used = self._used.get(vendor)
        if used is None:
            return True
        keys, credentials = used
        try:
            return self._credentials(vendor, keys) != credentials
        except AuthenticationError:
            return False

    def _goodday(self, deadline: Deadline) -> GoodDayGateway:
        client = self._client(
            Vendor.GOODDAY, ("token",), lambda base_url, token: GoodDay(base_url=base_url, token=token)
        )
        (user_id,) = self._credentials(Vendor.GOODDAY, ("user_id",))
        return GoodDayGateway(client.within(deadline), user_id, self._settings.goodday, self._now)

    def _approval_studio(self, deadline: Deadline) -> ApprovalStudioGateway:
        return ApprovalStudioGateway(self._approval_studio_client(deadline), self._now)

    def _approval_studio_client(self, deadline: Deadline) -> ApprovalStudio:
        dialect = Dialect(uploads=Uploads(self._settings.approval_studio.upload_part))
        client = self._client(
            Vendor.APPROVAL_STUDIO,
            ("username", "password"),
            lambda base_url, username, password: ApprovalStudio(
                base_url=base_url, username=username, password=password, dialect=dialect
            ),
        )
        return client.within(deadline)

    def _robohead(self, deadline: Deadline) -> RoboHeadGateway:
        return RoboHeadGateway(self._robohead_client(deadline), self._now)

    def _robohead_client(self, deadline: Deadline) -> RoboHead:
        settings = self._settings.robohead
        client = self._client(
            Vendor.ROBOHEAD,
            ("api_key",),
            lambda base_url, api_key: RoboHead(
                base_url=base_url,
                api_key=api_key,
                commands=Commands.named(settings.commands, settings.comparators),
            ),
        )
        return client.within(deadline)

    def _aws(self) -> AwsGateway:
        if self._amazon is None:
            raise InvalidRequestError(
                "vendor", "has no gateway here", vendor=Vendor.AWS, operation="connect", item=Vendor.AWS
            )
        return AwsGateway(self._amazon, self._settings.email.sender, self._now)

    def _client(self, vendor: Vendor, keys: tuple[str, ...], make: Callable[..., Client]) -> Client:
        """Return the vendor's client, a new one where the secret's `keys` have new values."""
        credentials = self._credentials(vendor, keys)
        self._used[vendor] = (keys, credentials)
        kept = self._clients.get(vendor)
        if kept is None or kept[0] != credentials:
            endpoint = self._endpoints[vendor]
            try:
                kept = (credentials, make(endpoint.base_url, *credentials))
            except ValueError as error:  # a token with a line end in it, say
                raise _unusable(vendor, f"the secret {endpoint.secret_id}: {error}") from None
            self._clients[vendor] = kept
        client: Client = kept[1]  # type: ignore[assignment] # made by this vendor's `make` above
        return client

    def _credentials(self, vendor: Vendor, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(self._secrets.text(self._endpoints[vendor].secret_id, key) for key in keys)
        except SecretError as error:
            raise _unusable(vendor, str(error)) from None


def _unusable(vendor: Vendor, problem: str) -> AuthenticationError:
    return AuthenticationError(problem, vendor=vendor, operation="connect", happened=Happened.NO)
