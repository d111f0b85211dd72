"""Failures that RoboHead tells of in the body: `success` false, with a key and a message for each error.

Which keys there are is not documented. Assumed is that a key says its kind, as in `msg_error_invalidToken`;
of a key that says nothing known it can't be told whether the call had an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json

from proofbridge.vendors.answers import Failure
from proofbridge.vendors.errors import (
    AuthenticationError,
    ConflictError,
    Happened,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorError,
)

FAILURE_BY_KEY: Final[Mapping[str, tuple[type[VendorError], Happened]]] = {
    "token": (AuthenticationError, Happened.NO),
    "apikey": (AuthenticationError, Happened.NO),
    "authenticat": (AuthenticationError, Happened.NO),
    "unauthorized": (AuthenticationError, Happened.NO),
    "permission": (RejectedError, Happened.NO),
    "accessdenied": (RejectedError, Happened.NO),
    "notallowed": (RejectedError, Happened.NO),
    "notauthorized": (RejectedError, Happened.NO),
    "notfound": (NotFoundError, Happened.NO),
    "notexist": (NotFoundError, Happened.NO),
    "toomany": (RateLimitedError, Happened.NO),
    "ratelimit": (RateLimitedError, Happened.NO),
    "conflict": (ConflictError, Happened.NO),
    "locked": (ConflictError, Happened.NO),
    "alreadyexist": (ConflictError, Happened.NO),
    "internal": (ServerError, Happened.UNKNOWN),
    "unexpected": (ServerError, Happened.UNKNOWN),
    "exception": (ServerError, Happened.UNKNOWN),
    "required": (RejectedError, Happened.NO),
    "missing": (RejectedError, Happened.NO),
    "invalid": (RejectedError, Happened.NO),
}
"""What a part of a message key (in lower case, letters and digits only) stands for; the first that fits."""

_NO_REASON: Final = "the vendor gave no reason"
_SUCCESS: Final = frozenset({"true", "1"})
_NO_RETURN_CODE: Final = frozenset({"0", "None"})


def read_failure(body: bytes) -> Failure | None:
    """Return the failure that an answer tells of, None where it tells of none.

    `success` decides, and `returnCode` only where `success` is missing. What is not a JSON object is left to
    whoever reads the answer.
    """
    data = _object(body)
    if data is None or not _failed(data):
        return None
    kind, happened = _meaning(data)
    return Failure(kind, read_message(body) or _NO_REASON, happened)


def read_message(body: bytes) -> str | None:
    """Return RoboHead's own words from the body of a failure: `detailedMessage`, else the keys."""
    data = _object(body) or {}
    words = [_text(error, "detailedMessage") or _text(error, "messageKey") for error in _errors(data)]
    return "; ".join(word for word in words if word) or None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        data: Any = from_json(body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _failed(data: dict[str, Any]) -> bool:
    success = data.get("success")
    if success is None:
        return str(data.get("returnCode")) not in _NO_RETURN_CODE
    return str(success).casefold() not in _SUCCESS


def _meaning(data: dict[str, Any]) -> tuple[type[VendorError], Happened]:
    keys = ["".join(filter(str.isalnum, _text(error, "messageKey").casefold())) for error in _errors(data)]
    for part, meaning in FAILURE_BY_KEY.items():
        if any(part in key for key in keys):
            return meaning
    return RejectedError, Happened.UNKNOWN


def _errors(data: dict[str, Any]) -> list[dict[str, Any]]:
    errors = data.get("errorMessages")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _text(error: dict[str, Any], name: str) -> str:
    value = error.get(name)
    return value if isinstance(value, str) else ""
