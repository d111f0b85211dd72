"""Approval Studio's webhooks: registered once, with the secret where the receiver reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.models import Webhook
from proofbridge.vendors.errors import ConflictError, Happened, VendorError

from .errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MOST_SECRETS: Final = 2
"""The current one and the previous, so that what is still on its way when a webhook is replaced is taken."""


class WebhookSecrets:
    """The secrets that Approval Studio's webhooks carry, as the receiver reads them: the newest first."""

    def __init__(self, client: SecretsManagerClient, secret_id: str) -> None:
        self._client = client
        self._secret_id = secret_id
        self._value: dict[str, Any] | None = None

    def holds(self, secret: str | None) -> bool:
        """Whether the receiver takes what carries this secret."""
        return secret is not None and secret in _listed(self.read())

    def keep(self, secret: str) -> bool:
        """Put the secret first, and keep the one before it; False if it stands first already."""
        value = self.read()
        kept = _listed(value)
        if kept[:1] == [secret]:
            return False
        kept = [secret, *(each for each in kept if each != secret)][:MOST_SECRETS]
        self._value = {**value, "webhook_secrets": kept}
        self._client.put_secret_value(SecretId=self._secret_id, SecretString=json.dumps(self._value))
        return True

    def read(self) -> dict[str, Any]:
        """Return the vendor's whole secret. Raise SecretError, which shows nothing of it."""
        if self._value is None:
            self._value = Secrets(lambda: self._client, 0).get(self._secret_id)
        return self._value


def _listed(value: dict[str, Any]) -> list[str]:
    found = value.get("webhook_secrets", [])
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Registered:
    """A webhook that is registered; whether it was made now, and whether its secret was put now."""

    webhook: Webhook
    is_new: bool
    is_secret_new: bool


def register(studio: ApprovalStudio, secrets: WebhookSecrets, url: str) -> Registered:
    """Have the vendor's events sent to the address, and its secret known to the receiver; both once.

    Done again after whatever went wrong half-way, it does the rest.
    """
    secrets.read()  # before anything is made whose secret could then not be kept
    webhook = _at(studio, url)
    is_new = webhook is None
    if webhook is None:
        webhook = _create(studio, url)
    if webhook.secret is None:
        raise CommandError(
            "the webhook's secret is not known",
            "Approval Studio told none",
            f"Remove it (proofbridge webhooks remove {webhook.webhook_uid}) and register again.",
        )
    return Registered(webhook, is_new, secrets.keep(webhook.secret))


def _create(studio: ApprovalStudio, url: str) -> Webhook:
    try:
        return studio.webhooks.create(url)
    except VendorError as error:
        # Somebody else was faster, or the answer was lost: what stands there now is the registration.
        if not isinstance(error, ConflictError) and error.happened is Happened.NO:
            raise
        webhook = _at(studio, url)
        if webhook is None:
            raise
        return webhook


def _at(studio: ApprovalStudio, url: str) -> Webhook | None:
    return next((each for each in studio.webhooks.list() if each.url == url), None)


def find(studio: ApprovalStudio, named: str) -> Webhook:
    """Return the webhook of that UID or address. Raise CommandError."""
    for webhook in studio.webhooks.list():
        if named in {webhook.webhook_uid, webhook.url}:
            return webhook
    raise CommandError(
        f"there is no webhook {named}",
        "Approval Studio has none of that UID or address",
        "See: proofbridge webhooks list",
    )
