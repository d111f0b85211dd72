"""What is told of a file that goes to a vendor."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime
from typing import Any

from proofbridge.domain.files.drops import NewVersion
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.upload_gateway import Span

DUE_AT = datetime(2099, 3, 5, 17, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

_NEW = NewVersion(
    reference="PB" + "A" * 20,
    name="summer-ale.pdf",
    content_type="application/pdf",
    size_bytes=0,
    message="Please review summer-ale.pdf.",
    fields={},
    due_at=DUE_AT,
)


def new_version(data: bytes, **changes: Any) -> tuple[NewVersion, BytesSource]:
    """Return what is told of a file, and the file."""
    return dataclasses.replace(_NEW, size_bytes=len(data), **changes), BytesSource(data)


def after(moment: datetime) -> Span:
    """Return all the time from a moment on."""
    return Span(moment, datetime(2199, 1, 1, tzinfo=UTC))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
