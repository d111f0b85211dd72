"""Who e-mail may be from in local AWS: SES sends only as an identity that has been verified."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

IDENTITY_PARAMETER = "MailIdentity"


def sender(config: Path) -> str:
    """Return the `[email] sender` of a configuration's vendors.toml; empty where it names none.

    What is wrong with the file is told when the whole configuration is checked.
    """
    try:
        vendors = tomllib.loads((config / "vendors.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    email = vendors.get("email")
    named = email.get("sender") if isinstance(email, dict) else None
    return named if isinstance(named, str) else ""


def verify(client: SESV2Client, identity: str) -> None:
    """Verify the identity, as its owner would by a click or a DNS record."""
    client.create_email_identity(EmailIdentity=identity)
