"""Good2Go's webhooks: HTTP Basic credentials, and perhaps a list of source addresses.

Section "Webhook" of Good2Go's documentation. Any event name is taken: the body's `job` says what it is about.
The field that carries the event's id is not documented, hence a setting.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.stores.inbox import Source
from proofbridge.webhooks.receive import (
    Message,
    NotUnderstoodError,
    RefusedError,
    Request,
    bytes_of,
    event_id,
    value_at,
)

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

_CHALLENGE: Final = {"WWW-Authenticate": "Basic"}


class Good2GoReceiver:
    """Verifies and reads Good2Go's webhooks.

    `credentials` gives the (username, password) pairs that are good now. `source_ranges` are networks with
    commas between them, IPv4 or IPv6 (ValueError if one is none); empty lets any address in. `event_id_path`
    is the dotted path of the event's id in the body; empty, the digest of the body tells events apart.
    """

    name: Final = Vendor.GOOD2GO
    source: Final = Source.WEBHOOK

    def __init__(
        self,
        credentials: Callable[[], Iterable[tuple[str, str]]],
        *,
        source_ranges: str = "",
        event_id_path: str = "",
    ) -> None:
        self._credentials = credentials
        self._networks = _networks(source_ranges)
        self._event_id_path = event_id_path.split(".") if event_id_path else []

    def verify(self, request: Request, now: datetime) -> None:  # noqa: ARG002 - what every receiver is given
        """Raise RefusedError: 403 for a foreign address, 401 for wrong credentials."""
        if self._networks and not _is_within(request.source_ip, self._networks):
            raise RefusedError(403, "not from this address")
        given = _basic_credentials(request.headers.get("authorization", ""))
        # Every pair is compared, and as bytes, so that the time taken tells nothing.
        matches = [
            hmac.compare_digest(bytes_of(f"{username}:{password}"), given)
            for username, password in self._credentials()
        ]
        if not any(matches):
            raise RefusedError(401, "wrong credentials", _CHALLENGE)

    def read(self, request: Request, data: Any) -> Message:  # noqa: ARG002 - what every receiver is given
        """Read `job.guid`, and the event's id where the setting says."""
        try:
            job = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, value_at(data, "job", "guid"))
        except ValueError:
            raise NotUnderstoodError("no job.guid that can name a job") from None
        return Message(str(job), event_id(value_at(data, *self._event_id_path)))


def _basic_credentials(header: str) -> bytes:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    if not text:
        return ()
    from ipaddress import ip_network  # noqa: PLC0415 - most start without a list, and faster

    return tuple(ip_network(part.strip()) for part in text.split(","))


def _is_within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415 - see above

    try:
        found = ip_address(address)
    except ValueError:
        return False
    # An IPv4 caller may be shown as an IPv6 address: ::ffff:192.0.2.1.
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)
