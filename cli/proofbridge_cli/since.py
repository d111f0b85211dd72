"""How far back to look: `2h`, `3d`, or a moment such as 2026-11-01."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from .errors import usage_error

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"(\d{1,6})\s*([smhdw])")


def parse_since(text: str, now: datetime) -> datetime:
    """Return the moment, in UTC, which is also the zone of one without; a usage error for other texts."""
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise usage_error(
            f"--since {text!r} makes no sense",
            "it is neither a time ago nor a moment",
            "Write 90m, 2h, 3d or 1w, or a moment such as 2026-11-01 or 2026-11-01T08:00Z (UTC).",
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
