"""Amazon's own services in Proofbridge's words: they hold no items, but e-mail and the bus take actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from proofbridge.domain.actions import Action
from proofbridge.domain.cloud_events import own_event
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.vendors.catalogue import MAX_TITLE_LENGTH, ActionName, PublishParams, SendEmailParams
from proofbridge.vendors.errors import InvalidRequestError, bounded
from proofbridge.vendors.gateway import Effect, Lookup, Page

if TYPE_CHECKING:
    from proofbridge.stores.amazon import Amazon


class AwsGateway:
    """What Proofbridge does through Amazon (see `proofbridge.gateways`). `sender` is who e-mail is from."""

    vendor = Vendor.AWS

    def __init__(self, amazon: Amazon, sender: str | None, now: Callable[[], datetime]) -> None:
        self._amazon = amazon
        self._sender = sender
        self._now = now

    def observe(self, ref: ItemRef) -> Observation:
        """Refuse: there is nothing to see."""
        _refuse(ref)

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:  # noqa: ARG002
        """Refuse: there is nothing to see."""
        _refuse(moment)

    def in_full(self, seen: Observation) -> Observation:
        """Refuse: there is nothing to see."""
        _refuse(seen.ref)

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action: one call."""
        match action.name:
            case ActionName.EMAIL_SEND:
                self._send(action)
            case ActionName.BUS_PUBLISH:
                params = PublishParams.model_validate(action.params)
                self._amazon.publish(own_event(action, params, self._now()))
            case _:
                raise ValueError(f"{action.key}: Amazon can't {action.name} {target}")
        return Effect()

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Say that it can't be told: SES keeps no list of what it sent."""
        if action.name is not ActionName.EMAIL_SEND:
            raise ValueError(f"{action.key}: Amazon can't look for {action.name}")
        return Lookup.CANT_TELL

    def _send(self, action: Action) -> None:
        params = SendEmailParams.model_validate(action.params)
        if self._sender is None:
            raise InvalidRequestError(
                "sender",
                "config/vendors.toml names none: [email] sender",
                vendor=self.vendor,
                operation=action.name,
            )
        # On one line, so that no text from outside can begin a header of its own.
        subject = bounded(params.subject, MAX_TITLE_LENGTH)
        self._amazon.send_email(self._sender, tuple(dict.fromkeys(params.to)), subject, params.message)


def _refuse(what: object) -> NoReturn:
    raise ValueError(f"Amazon's services hold no items: {what} can't be observed")
