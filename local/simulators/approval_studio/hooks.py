"""Approval Studio's operations on webhooks (section Webhook management), and its list of users."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.studio import NOT_FOUND, PRECONDITION_FAILED, Studio, Webhook
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import Uid
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, operation


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an absolute http or https URL")
    return text


class NewWebhook(Strict):
    """POST /api/v1/webhook."""

    url: Annotated[str, AfterValidator(_url)]


class WebhookQuery(Reference):
    """A webhook named in the query."""

    uid: Uid | None = Field(alias="WebhookUID", default=None)


class WebhookBody(Reference):
    """A webhook named in the body."""

    uid: Uid | None = Field(alias="webhookUID", default=None)


class Hooks:
    """The handlers."""

    def __init__(self, studio: Studio, views: Views, announcements: Announcements) -> None:
        self._studio = studio
        self._views = views
        self._announcements = announcements
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/webhook", section="GET /api/v1/webhook")
    def list_webhooks(self) -> dict[str, Any]:
        """Return the webhooks, with their secrets."""
        return success([self._views.webhook(webhook) for webhook in self._registered()])

    @operation("POST", "/api/v1/webhook", section="POST /api/v1/webhook")
    def create_webhook(self, body: NewWebhook) -> dict[str, Any]:
        """Register an endpoint, with a new secret; it takes effect later."""
        if any(webhook.url == body.url for webhook in self._registered()):
            raise RefusedError(PRECONDITION_FAILED, "A webhook with this URL is registered already.")
        webhook = self._announcements.register(body.url)
        self._simulator.effect("create_webhook", webhook.uid, url=webhook.url)
        return success(self._views.webhook(webhook))

    @operation("DELETE", "/api/v1/webhook", section="DELETE /api/v1/webhook")
    def delete_webhook(self, query: WebhookQuery, body: WebhookBody) -> dict[str, Any]:
        """Delete a webhook; it gets events a little longer."""
        webhook = self._webhook(query, body)
        self._announcements.delete(webhook)
        self._simulator.effect("delete_webhook", webhook.uid, url=webhook.url)
        return success()

    @operation("PUT", "/api/v1/webhook/test", section="PUT /api/v1/webhook/test")
    def test_webhook(self, query: WebhookQuery, body: WebhookBody) -> dict[str, Any]:
        """Send a test event, with the same retries as any other."""
        webhook = self._webhook(query, body)
        self._announcements.test(webhook)
        self._simulator.effect("test_webhook", webhook.uid, url=webhook.url)
        return success()

    @operation("GET", "/api/v1/users", section="outside")
    def list_users(self) -> dict[str, Any]:
        """Return the users of the company."""
        return success([self._views.user(user) for user in self._studio.users.values()])

    def _registered(self) -> list[Webhook]:
        return [webhook for webhook in self._studio.webhooks.values() if webhook.until_at is None]

    def _webhook(self, query: WebhookQuery, body: WebhookBody) -> Webhook:
        uid = referred(self._simulator, query, body)
        for webhook in self._registered():
            if webhook.uid == uid:
                return webhook
        raise RefusedError(NOT_FOUND, "There is no such webhook.")
