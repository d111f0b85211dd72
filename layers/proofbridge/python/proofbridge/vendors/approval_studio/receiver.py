"""Approval Studio's webhooks: a shared secret in a header, and ids only in the body.

Section "webhooks" of Approval Studio's documentation: "Security", "Event object" and the list of event codes.
It wants exactly 200, and tries again for half an hour. What the codes other than the project's carry is not
shown, so whichever id is there is taken.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.stores.inbox import EventState, Source
from proofbridge.webhooks.receive import (
    Message,
    NotUnderstoodError,
    RefusedError,
    Request,
    bytes_of,
    event_id,
    value_at,
)

_Places = tuple[tuple[str, ItemKind], ...]
_ASSET: Final[_Places] = (("AssetUID", ItemKind.ASSET),)
_PROJECT: Final[_Places] = (("ProjectUID", ItemKind.PROJECT),)
_EITHER: Final[_Places] = (*_ASSET, ("AssetUIDs", ItemKind.ASSET), *_PROJECT)

EVENT_TYPES: Final[Mapping[str, _Places]] = {
    "project.created": _PROJECT,
    "project.edited": _PROJECT,
    "project.state": _PROJECT,
    "asset.uploaded": _ASSET,
    "asset.deleted": _ASSET,
    "refdoc.uploaded": _EITHER,
    "refdoc.deleted": _EITHER,
    "annotation.added": _EITHER,
    "annotation.edited": _EITHER,
    "annotation.deleted": _EITHER,
    "task.created": _EITHER,
    "task.completed": _EITHER,
    "task.deleted": _EITHER,
    "task.approved": _EITHER,
    "task.rejected": _EITHER,
    "webhook.test": (),
}
"""Every documented event code, and where its Data names the item that it is about, the best place first."""


class ApprovalStudioReceiver:
    """Verifies and reads Approval Studio's webhooks. `secrets` gives those that are good now."""

    name: Final = Vendor.APPROVAL_STUDIO
    source: Final = Source.WEBHOOK

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        self._secrets = secrets

    def verify(self, request: Request, now: datetime) -> None:  # noqa: ARG002 - what every receiver is given
        """Raise RefusedError, 401, unless the header Api-Secret is one of the secrets."""
        given = bytes_of(request.headers.get("api-secret", ""))
        # Every secret is compared, and as bytes, so that the time taken tells nothing.
        matches = [hmac.compare_digest(bytes_of(secret), given) for secret in self._secrets()]
        if not any(matches):
            raise RefusedError(401, "wrong secret")

    def read(self, request: Request, data: Any) -> Message:  # noqa: ARG002 - what every receiver is given
        """Read the event's id and the item that it names. A test names none and has nothing to process."""
        event_type = value_at(data, "EventType")
        if not isinstance(event_type, str) or event_type not in EVENT_TYPES:
            raise NotUnderstoodError("an EventType that is not documented")
        identity = event_id(value_at(data, "EventId"))
        if event_type == "webhook.test":
            return Message(f"{Vendor.APPROVAL_STUDIO}#test", identity, EventState.PROCESSED)
        named = named_items(data)
        if not named:
            places = " or ".join(name for name, _ in EVENT_TYPES[event_type])
            raise NotUnderstoodError(f"{event_type} without {places} in its Data")
        # One event is one entry of the Inbox: the first stands for all.
        return Message(str(named[0]), identity)


def named_items(data: Any) -> tuple[ItemRef, ...]:
    """Return the items that an event of a documented type names, each once.

    A task may be about several assets. The project is what an event is about only where it names no asset.
    """
    found: dict[ItemRef, None] = {}
    for name, kind in EVENT_TYPES[data["EventType"]]:
        if found and kind is ItemKind.PROJECT:
            break
        value = value_at(data, "Data", name)
        for candidate in value if isinstance(value, list) else [value]:
            with contextlib.suppress(ValueError):
                found[ItemRef(Vendor.APPROVAL_STUDIO, kind, candidate)] = None
    return tuple(found)
