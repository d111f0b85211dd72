"""Webhooks: where events are sent. What they bring is read by `events.read_event`."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .inputs import WebhookCreate
from .models import Envelope, Webhook

_WEBHOOK: Final = TypeAdapter(Envelope[Webhook])
_WEBHOOKS: Final = TypeAdapter(Envelope[Many[Webhook]])


class Webhooks(Area):
    """Approval Studio's webhooks. What is made or deleted takes effect after about a minute."""

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
        named = self._deleted(op.DELETE_WEBHOOK, "webhook_uid", webhook_uid)
        self._api.do(op.DELETE_WEBHOOK, **named, item=f"webhook {webhook_uid}")

    def test(self, webhook_uid: str) -> None:
        """Have a test event sent, with the usual retries ("PUT /api/v1/webhook/test")."""
        named = self._changed(op.TEST_WEBHOOK, "webhook_uid", webhook_uid)
        self._api.do(op.TEST_WEBHOOK, **named, item=f"webhook {webhook_uid}")
