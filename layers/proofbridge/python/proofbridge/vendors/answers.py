"""What an HTTP answer means: an error by its status, the vendor's own words, how long to leave it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic_core import from_json

from .errors import (
    AuthenticationError,
    ConflictError,
    Happened,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorError,
    VendorTimeoutError,
)

LONGEST_RETRY_AFTER: Final = timedelta(days=1)
"""A vendor can't close itself for longer than this by one header."""

ERROR_BY_STATUS: Final[Mapping[int, type[VendorError]]] = {
    401: AuthenticationError,
    404: NotFoundError,
    408: VendorTimeoutError,
    409: ConflictError,
    410: NotFoundError,
    412: ConflictError,
    423: ConflictError,
    429: RateLimitedError,
}
"""The statuses that mean more than 'refused' (other 3xx and 4xx) or 'the vendor failed' (5xx)."""

_REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "x-correlation-id")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a vendor says in the body of an answer whose HTTP status calls it a success."""

    kind: type[VendorError]
    message: str
    happened: Happened = Happened.UNKNOWN


def error_class(status: int) -> type[VendorError]:
    """Return the error that stands for an HTTP status other than 2xx."""
    return ERROR_BY_STATUS.get(status, ServerError if status >= 500 else RejectedError)  # noqa: PLR2004


def happened(status: int) -> Happened:
    """Return whether a call answered with this status may have taken effect.

    A refusal (4xx) is the vendor's word that it did not act. After 5xx, 408 and a redirect it is not known.
    """
    refused = 400 <= status < 500 and status != 408  # noqa: PLR2004 - the classes of HTTP
    return Happened.NO if refused else Happened.UNKNOWN


def vendor_message(body: bytes) -> str | None:
    """Return the vendor's own words from an error's JSON body, in any of the shapes vendors use.

    Those are `{"error": {"message"}}`, `{"error": text}`, `{"message"}` and `{"title"}`; None for anything
    else, so that a page of HTML never becomes a message.
    """
    try:
        data: Any = from_json(body)
    except ValueError:
        return None
    for _ in range(2):
        if not isinstance(data, dict):
            break
        data = next((data[key] for key in ("error", "message", "title") if data.get(key)), None)
    return data if isinstance(data, str) else None


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id under which the vendor knows the request, where it gives one."""
    return next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)


def closed_until(status: int | None, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return the moment before which the vendor wants no further call, None where it names none.

    That is Retry-After; where a 429 lacks it, X-Rate-Limit-Reset, an ISO 8601 moment.
    """
    named = retry_at(headers.get("Retry-After"), now)
    if named is not None or status != 429:  # noqa: PLR2004 - every other answer may name the next reset too
        return named
    try:
        reset = datetime.fromisoformat(headers.get("X-Rate-Limit-Reset", "").strip())
    except ValueError:
        return None
    return _not_too_far(reset, now)


def retry_at(value: str | None, now: datetime) -> datetime | None:
    """Read Retry-After: seconds or an HTTP date; None when absent or unreadable, at most a day ahead."""
    if value is None:
        return None
    text = value.strip()
    try:
        moment = now + timedelta(seconds=float(text)) if _is_number(text) else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return _not_too_far(moment, now)


def _not_too_far(moment: datetime, now: datetime) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(now, min(moment, now + LONGEST_RETRY_AFTER)).astimezone(UTC)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
