"""What can go wrong in a call to a vendor: one family of errors, on the standard library alone.

Every error answers three questions. `happened`: may the call have taken effect at the vendor? `retry_safe`:
can the same call be repeated without a second effect? `transient`: may it succeed later with nothing changed?
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar, Final

MAX_DETAIL_LENGTH: Final = 300
REDACTED: Final = "[redacted]"


class Happened(enum.StrEnum):
    """Whether a failed call may have taken effect at the vendor."""

    NO = "no"
    UNKNOWN = "unknown"


class VendorError(Exception):
    """A call to a vendor that failed.

    `operation` is the name from the vendor's operation table, `item` the thing it was about, `status` the
    HTTP status where there was an answer, `detail` the reason in few words (a vendor's own message is bounded
    and our secrets are redacted), `request_id` the vendor's own where it gave one, `retry_at` (aware, UTC)
    the moment before which the vendor wants no further call.
    """

    what: ClassVar[str] = "the call failed"
    advice: ClassVar[str] = "Look at the reason given."
    transient: bool = False

    def __init__(
        self,
        detail: str,
        *,
        vendor: str,
        operation: str,
        item: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        happened: Happened = Happened.UNKNOWN,
        retry_safe: bool = False,
        retry_at: datetime | None = None,
    ) -> None:
        self.vendor = vendor
        self.operation = operation
        self.item = item
        self.status = status
        self.detail = bounded(detail)
        self.request_id = request_id
        self.happened = happened
        self.retry_safe = retry_safe or happened is Happened.NO
        self.retry_at = retry_at
        super().__init__(self.detail)

    def __str__(self) -> str:
        about = f" of {self.item}" if self.item else ""
        status = f" (HTTP {self.status})" if self.status else ""
        until = f" Not before {self.retry_at.isoformat()}." if self.retry_at else ""
        return (
            f"{self.vendor} {self.operation}{about}: {self.what}{status}: {self.detail.rstrip('.')}. "
            f"{self.advice}{until}"
        )


class VendorConnectionError(VendorError):
    """No connection, or it broke before the whole answer was there."""

    what = "no answer, the connection failed"
    advice = "Check the base URL and the network, then try again."
    transient = True


class VendorTimeoutError(VendorError):
    """The vendor, or the deadline of the call, did not allow enough time."""

    what = "no answer in time"
    advice = "Try again later, or allow more time."
    transient = True


class AuthenticationError(VendorError):
    """The vendor does not accept the credentials (401)."""

    what = "the credentials were refused"
    advice = "Check the token in the vendor's secret."


class NotFoundError(VendorError):
    """The vendor has no such thing (404, 410), or the thing lacks the part that was asked for."""

    what = "not found"
    advice = "Check the id; it may have been deleted at the vendor."


class ConflictError(VendorError):
    """The state of the thing does not allow the call (409, 412, 423)."""

    what = "refused in the present state"
    advice = "Read the item again and decide anew."


class TooEarlyError(ConflictError):
    """The state of the thing does not allow the call yet, but will by itself or by what others do."""

    what = "not possible yet"
    advice = "Nothing has to be done: it is tried again."
    transient = True


class RejectedError(VendorError):
    """The vendor understood the request and refused it (403, 406, 422, …), or sent us elsewhere (3xx)."""

    what = "the request was refused"
    advice = "Correct the request, or what the account may do."


class RateLimitedError(VendorError):
    """Too many calls (429), and the wait the vendor asks for did not fit into the deadline."""

    what = "too many calls"
    advice = "Wait, and call less often."
    transient = True


class ServerError(VendorError):
    """The vendor failed (5xx)."""

    what = "the vendor failed"
    advice = "Try again later."
    transient = True


class DecodeError(VendorError):
    """The answer came, but is not what the documentation promises; `detail` names the field's path."""

    what = "the answer could not be read"
    advice = "Compare the answer with the vendor's documentation; the model may need a new field form."


class InvalidRequestError(VendorError):
    """Refused by the client before anything was sent: `field` broke `rule`."""

    what = "not sent, the request is invalid"
    advice = "Correct the named field."

    def __init__(
        self, field: str, rule: str, *, vendor: str, operation: str, item: str | None = None
    ) -> None:
        self.field = field
        self.rule = bounded(rule)
        super().__init__(
            f"{field}: {rule}", vendor=vendor, operation=operation, item=item, happened=Happened.NO
        )


class SourceError(VendorError):
    """The file to upload could not be read, or has not the announced size; the upload was broken off."""

    what = "the upload was broken off"
    advice = "Read the file anew and start the upload again."


@contextlib.contextmanager
def after_an_effect() -> Iterator[None]:
    """Let no error of the calls within say that nothing happened: a call before them has taken effect."""
    try:
        yield
    except VendorError as error:
        error.happened = Happened.UNKNOWN
        error.retry_safe = False
        raise


@contextlib.contextmanager
def before_an_effect() -> Iterator[None]:
    """Let what is tried again say that nothing happened: the calls within only lead up to an effect."""
    try:
        yield
    except VendorError as error:
        if error.transient:
            error.happened = Happened.NO
            error.retry_safe = True
        raise


def bounded(text: str, limit: int = MAX_DETAIL_LENGTH) -> str:
    """Return the text on one line, free of control characters, at most `limit` characters long."""
    line = "".join(character if character.isprintable() else " " for character in text[: limit * 4])
    line = " ".join(line.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every one of the secrets replaced."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, REDACTED)
    return text
