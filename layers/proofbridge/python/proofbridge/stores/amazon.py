"""Amazon's own services as the target of actions: e-mail through SES, events through EventBridge.

What goes wrong is told as vendors' errors are, so that actions wait, are looked up or are parked alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
)

from proofbridge.domain.items import Vendor
from proofbridge.stores.errors import AWS_ERRORS, NotPublishedError
from proofbridge.vendors.errors import (
    Happened,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorConnectionError,
    VendorError,
    bounded,
)

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

    from proofbridge.stores.event_bus import EventBus

THROTTLED_PAUSE: Final = timedelta(minutes=1)
"""After a refusal for too many calls: neither SES nor EventBridge says how long to wait."""

# One attempt: botocore by itself repeats a call whose answer was lost, and the e-mail would go out twice.
_SETTINGS: Final = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})

_THROTTLED: Final = frozenset(
    {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}
)
_WHAT_TO_DO: Final[Mapping[str, str]] = {
    "MessageRejected": "Verify the sender in SES; ask for production access if SES has you in its sandbox",
    "MailFromDomainNotVerifiedException": "Finish the MAIL FROM domain of the sender's identity in SES",
    "AccountSuspendedException": "See SES's reputation page; retry this once sending is allowed again",
    "SendingPausedException": "Resume sending in SES, then retry this",
    "AccessDeniedException": "Deploy with MailIdentity=ADDRESS-OR-DOMAIN, the sender's identity in SES",
}


def sesv2() -> SESV2Client:
    """Make the client for e-mail. It tries once."""
    return boto3.client("sesv2", config=_SETTINGS)


class Amazon:
    """SES and the changes bus. `mail` and `bus` make what is called, when it is needed for the first time."""

    def __init__(
        self, mail: Callable[[], SESV2Client], bus: Callable[[], EventBus], now: Callable[[], datetime]
    ) -> None:
        self._mail = functools.cache(mail)
        self._bus = functools.cache(bus)
        self._now = now

    def send_email(self, sender: str, to: Sequence[str], subject: str, text: str) -> None:
        """Send one e-mail of plain text to all the addresses. One call; raises VendorError."""
        try:
            self._mail().send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": list(to)},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                    }
                },
            )
        except AWS_ERRORS as error:
            raise self._failure(error, "ses.send_email", _addressed(to)) from None

    def publish(self, event: dict[str, Any]) -> None:
        """Publish a CloudEvent on the changes bus. One call; raises VendorError."""
        try:
            self._bus().publish([event])
        except AWS_ERRORS as error:
            raise self._failure(error, "events.put_events", f"event {event['type']}") from None

    def _failure(self, error: Exception, operation: str, item: str) -> VendorError:
        """Say in vendors' terms what went wrong, and whether the call may have taken effect all the same."""
        about: dict[str, Any] = {"vendor": Vendor.AWS, "operation": operation, "item": item}
        match error:
            case ClientError():
                return self._refusal(error, about)
            case NotPublishedError():
                return ServerError(str(error), **about)
            case EndpointConnectionError() | ConnectTimeoutError():
                return VendorConnectionError(str(error), happened=Happened.NO, **about)
            case HTTPClientError():
                return VendorConnectionError(str(error), **about)
            case _:  # refused by the client itself, before anything was sent
                return RejectedError(str(error), happened=Happened.NO, **about)

    def _refusal(self, error: ClientError, about: dict[str, Any]) -> VendorError:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        metadata = error.response.get("ResponseMetadata", {})
        about |= {"status": metadata.get("HTTPStatusCode"), "request_id": metadata.get("RequestId")}
        detail = f"{code}: {message}".rstrip(": .")
        if code in _THROTTLED:
            until = self._now() + THROTTLED_PAUSE
            return RateLimitedError(detail, happened=Happened.NO, retry_at=until, **about)
        if (about["status"] or 0) >= 500:  # noqa: PLR2004 - HTTP's
            return ServerError(detail, **about)
        advice = f". {_WHAT_TO_DO[code]}" if code in _WHAT_TO_DO else ""
        return RejectedError(bounded(detail, 200) + advice, happened=Happened.NO, **about)


def _addressed(to: Sequence[str]) -> str:
    return f"e-mail to {to[0]}" + (f" and {len(to) - 1} more" if len(to) > 1 else "")
