"""How long a vendor is left alone after it has refused a call."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from proofbridge.metrics import count
from proofbridge.vendors.errors import AuthenticationError, RateLimitedError, VendorError

log = logging.getLogger(__name__)

CREDENTIALS_PAUSE: Final = timedelta(minutes=5)
"""Between two tries with credentials that the vendor refuses."""

UNNAMED_PAUSE: Final = timedelta(seconds=30)
"""After too many calls, where the vendor does not say for how long it wants none."""


def pause_after(error: VendorError, now: datetime) -> datetime | None:
    """Return until when the vendor's gate is to be closed after an error, None if it stays open."""
    if isinstance(error, RateLimitedError):
        return error.retry_at or now + UNNAMED_PAUSE
    if isinstance(error, AuthenticationError):
        log.error("a vendor refuses the credentials: correct its secret", extra={"vendor": error.vendor})
        count("CredentialsRefused", vendor=error.vendor)
        return now + CREDENTIALS_PAUSE
    return None
