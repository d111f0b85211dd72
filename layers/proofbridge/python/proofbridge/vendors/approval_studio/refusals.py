"""What Approval Studio's refusals mean: their three shapes, and statuses that mean something of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json

from proofbridge.vendors.answers import vendor_message
from proofbridge.vendors.errors import ConflictError, VendorError

ERROR_BY_STATUS: Final[Mapping[int, type[VendorError]]] = {
    406: ConflictError,  # the state of the project or the annotation, or whose it is, does not allow it
    410: ConflictError,  # the task is there, but no longer pending
}
"""The body's `statusCode` may say otherwise (406 with 412, 412 with 404): the HTTP status decides."""


def read_message(body: bytes) -> str | None:
    """Return the vendor's words from an envelope, from ASP.NET's map of errors, or from plain text.

    None for anything else: a page of HTML never becomes a message.
    """
    try:
        data: Any = from_json(body)
    except ValueError:
        return _plain_text(body)
    errors = data.get("errors") if isinstance(data, dict) else None
    if isinstance(errors, dict):
        told = [f"{name}: {reason}" for name, reasons in errors.items() for reason in _listed(reasons)]
        if told:
            return "; ".join(told)
    return vendor_message(body)


def _listed(reasons: Any) -> list[str]:
    listed = reasons if isinstance(reasons, list) else [reasons]
    return [reason for reason in listed if isinstance(reason, str)]


def _plain_text(body: bytes) -> str | None:
    try:
        text = body.decode().strip()
    except UnicodeDecodeError:
        return None
    return text if text and "<" not in text and text.lstrip()[0] not in "{[" else None
