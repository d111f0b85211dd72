"""What belongs to the account: its users, who own projects and are given tasks, and its webhooks."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .inputs import WebhookCreate
from .models import Envelope, User, Webhook

_USERS: Final = TypeAdapter(Envelope[Many[User]])
_WEBHOOK: Final = TypeAdapter(Envelope[Webhook])
_WEBHOOKS: Final = TypeAdapter(Envelope[Many[Webhook]])


class Users(Area):
    """Approval Studio's users (outside)."""

    def list(self) -> tuple[User, ...]:
        """Return the users."""
        return self._api.read(op.LIST_USERS, _USERS)


class Webhooks(Area):
    """Approval Studio's webhooks. What is made or deleted takes effect after about a minute.

    What they bring is read by `events.read_event`.
    """

    def list(self) -> tuple[Webhook, ...]:
        """Return the webhooks with their secrets ("Webhook management")."""
        return self._api.read(op.LIST_WEBHOOKS, _WEBHOOKS)

    def create(self, url: str) -> Webhook:
        """Make a webhook ("POST /api/v1/webhook"); ConflictError (412) when the address has one already.

        The vendor makes the secret that comes with every event.
        """
        return self._api.read(op.CREATE_WEBHOOK, _WEBHOOK, json=WebhookCreate(url=url).json_body())

    def delete(self, webhook_uid: str) -> None:
        """Delete a webhook ("DELETE /api/v1/webhook")."""
        self._delete(op.DELETE_WEBHOOK, "webhook", webhook_uid)

    def test(self, webhook_uid: str) -> None:
        """Have a test event sent, with the usual retries ("PUT /api/v1/webhook/test")."""
        self._change(op.TEST_WEBHOOK, "webhook", webhook_uid)
