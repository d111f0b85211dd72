from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from proofbridge.vendors.errors import (
    AuthenticationError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.gates import CREDENTIALS_PAUSE, UNNAMED_PAUSE, pause_after
from tests.unit.observations import START, at


def error(kind: type[VendorError], **details: Any) -> VendorError:
    return kind("because", vendor="good2go", operation="jobs.get", **details)


@pytest.mark.parametrize("retry_at", [None, at(5)])
def test_vendor_is_left_alone_until_it_says_when_it_limits_calls(retry_at: datetime | None) -> None:
    until = retry_at or START + UNNAMED_PAUSE
    assert pause_after(error(RateLimitedError, retry_at=retry_at), START) == until


def test_vendor_is_left_alone_for_a_while_when_it_refuses_the_credentials(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert pause_after(error(AuthenticationError), START) == START + CREDENTIALS_PAUSE
    assert "CredentialsRefused" in capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", [NotFoundError, RejectedError, ServerError, VendorConnectionError, VendorTimeoutError]
)
def test_vendor_stays_open_when_an_error_concerns_one_call(kind: type[VendorError]) -> None:
    assert pause_after(error(kind, retry_at=at(5)), START) is None
