"""Secrets, from Secrets Manager, kept for a bounded time. Their values never appear in an error."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


_SHORTEST_KEY_BYTES: Final = 16


class SecretError(Exception):
    """A secret is missing or not of the form that its vendor needs; the text says which and what to do."""


class Secrets:
    """The secrets that a function may read."""

    def __init__(
        self,
        client: Callable[[], SecretsManagerClient],
        cache_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # The client is made at the first use: a receiver starts faster without it.
        self._make_client = client
        self._client: SecretsManagerClient | None = None
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._cached: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, secret_id: str) -> dict[str, Any]:
        """Return the secret's JSON object. No call while it is cached, else one."""
        cached = self._cached.get(secret_id)
        if cached is not None and self._clock() - cached[0] < self._cache_seconds:
            return cached[1]
        if self._client is None:
            self._client = self._make_client()
        try:
            text = self._client.get_secret_value(SecretId=secret_id)["SecretString"]
        except (self._client.exceptions.ResourceNotFoundException, KeyError):
            raise SecretError(f"the secret {secret_id} has no value: put one as the README says") from None
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise SecretError(f"the secret {secret_id} is not a JSON object: put one as the README says")
        self._cached[secret_id] = (self._clock(), value)
        return value

    def text(self, secret_id: str, key: str) -> str:
        """Return one text of the secret; SecretError if it lacks it."""
        value = self.get(secret_id).get(key)
        if not isinstance(value, str) or not value:
            raise SecretError(f"the secret {secret_id} lacks {key!r}: put it as the README says")
        return value

    def forget(self, secret_id: str) -> None:
        """Read the secret again at the next use, because the vendor refused what it holds."""
        self._cached.pop(secret_id, None)


def webhook_credentials(secrets: Secrets, secret_id: str) -> list[tuple[str, str]]:
    """Return the (username, password) pairs that a vendor's webhooks may carry: current and previous."""
    pairs = secrets.get(secret_id).get("webhooks")
    if not isinstance(pairs, list) or not pairs:
        raise SecretError(f"the secret {secret_id} lacks 'webhooks': put it as the README says")
    try:
        found = [(pair["username"], pair["password"]) for pair in pairs]
    except (TypeError, KeyError):
        found = []
    if not found or not all(isinstance(text, str) and text for pair in found for text in pair):
        raise SecretError(f"the secret {secret_id}: each of 'webhooks' needs a username and a password")
    return found


def webhook_secrets(secrets: Secrets, secret_id: str) -> list[str]:
    """Return the shared secrets that a vendor's webhooks may carry: current and previous."""
    found = secrets.get(secret_id).get("webhook_secrets")
    if not isinstance(found, list) or not found or not all(isinstance(text, str) and text for text in found):
        raise SecretError(f"the secret {secret_id} lacks 'webhook_secrets': put it as the README says")
    return found


def signing_keys(secrets: Secrets, secret_id: str, source: str) -> list[bytes]:
    """Return the keys by which a source may sign, from `whsec_…` in base64; none for an unknown source."""
    texts = secrets.get(secret_id).get(source, [])
    try:
        keys = [base64.b64decode(text.removeprefix("whsec_"), validate=True) for text in texts]
    except (AttributeError, TypeError, binascii.Error, ValueError):
        keys = [b""]
    # With an empty key anybody could sign.
    if any(len(key) < _SHORTEST_KEY_BYTES for key in keys):
        raise SecretError(
            f"the secret {secret_id}: a source needs a list of keys, each whsec_ and base64 of at least "
            f"{_SHORTEST_KEY_BYTES} bytes"
        )
    return keys
