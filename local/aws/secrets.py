"""The secrets that local AWS puts into Secrets Manager, made for its simulators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LOCAL_SECRETS: dict[str, Any] = {
    "good2go": {
        "token": "g2g-local-token",
        "webhooks": [{"username": "good2go", "password": "local-webhook-password"}],
    },
    "approval-studio": {
        "username": "studio@proofbridge.test",
        "password": "local-studio-password",
        "webhook_secrets": ["local-studio-webhook-secret"],
    },
    "goodday": {"token": "gd-local-token", "user_id": "USRBRG"},
    "robohead": {"api_key": "rh-local-key"},
    "signal": {"local": ["whsec_bG9jYWwtc2lnbmFsLXNlY3JldC1rZXktMzJieXRlcw=="]},
}


class SecretsError(Exception):
    """The file of secrets can't be used; the message never shows what is in it."""


def read(path: Path) -> dict[str, Any]:
    """Read `--secrets`: one JSON object keyed by the secrets' names after the stage. Raise SecretsError."""
    try:
        secrets = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SecretsError(f"{path}: {error.strerror}") from error
    except ValueError:
        raise SecretsError(f"{path}: not JSON") from None
    if not isinstance(secrets, dict):
        raise SecretsError(f"{path}: one JSON object is wanted, keyed by good2go, goodday, …")
    return secrets


def store(client: SecretsManagerClient, stage: str, secrets: dict[str, Any]) -> None:
    """Create `proofbridge/<stage>/<name>` for each secret."""
    for name, value in secrets.items():
        client.create_secret(Name=f"proofbridge/{stage}/{name}", SecretString=json.dumps(value))
