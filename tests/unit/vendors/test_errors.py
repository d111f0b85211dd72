from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from proofbridge.vendors import errors
from proofbridge.vendors.errors import (
    Happened,
    InvalidRequestError,
    RateLimitedError,
    ServerError,
    VendorError,
    bounded,
    redact,
)

FAMILY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, VendorError) and kind is not VendorError
]


def test_error_reads_what_and_where_and_what_to_do_when_printed() -> None:
    error = RateLimitedError(
        "Slow down.",
        vendor="good2go",
        operation="jobs.get",
        item="job 6f1f",
        status=429,
        happened=Happened.NO,
        retry_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert str(error) == (
        "good2go jobs.get of job 6f1f: too many calls (HTTP 429): Slow down. Wait, and call less often. "
        "Not before 2026-01-02T03:04:05+00:00."
    )


@pytest.mark.parametrize("kind", FAMILY)
def test_error_says_what_to_do_when_of_any_kind(kind: type[VendorError]) -> None:
    assert kind.what != VendorError.what
    assert kind.advice.endswith(".")
    assert kind.__name__.endswith("Error")


def test_transient_errors_are_these_when_all_are_walked() -> None:
    assert {kind.__name__ for kind in FAMILY if kind.transient} == {
        "VendorConnectionError",
        "VendorTimeoutError",
        "RateLimitedError",
        "ServerError",
        "TooEarlyError",
    }


@pytest.mark.parametrize(
    ("happened", "operation_is_safe", "expected"),
    [
        (Happened.NO, False, True),
        (Happened.NO, True, True),
        (Happened.UNKNOWN, True, True),
        (Happened.UNKNOWN, False, False),
    ],
)
def test_retry_is_safe_when_nothing_happened_or_operation_allows(
    happened: Happened, *, operation_is_safe: bool, expected: bool
) -> None:
    error = ServerError("x", vendor="v", operation="o", happened=happened, retry_safe=operation_is_safe)
    assert error.retry_safe is expected


def test_effect_is_unknown_when_nobody_said() -> None:
    error = VendorError("x", vendor="v", operation="o")
    assert error.happened is Happened.UNKNOWN
    assert not error.retry_safe


def test_invalid_request_names_field_and_rule_when_refused() -> None:
    error = InvalidRequestError("task.due_at", "must be aware", vendor="good2go", operation="Upload")
    assert (error.field, error.rule, error.happened) == ("task.due_at", "must be aware", Happened.NO)
    assert "task.due_at: must be aware" in str(error)


def test_detail_is_bounded_when_vendor_talks_too_much() -> None:
    error = ServerError("a\nb\x00c " * 10_000, vendor="v", operation="o")
    assert len(error.detail) <= errors.MAX_DETAIL_LENGTH
    assert error.detail.startswith("a b c a b c")
    assert error.detail.endswith("…")
    assert bounded("  short\r\n text ") == "short text"


def test_secrets_are_replaced_when_redacted() -> None:
    assert redact("x tok-1 y tok-2", ["tok-1", "", "tok-2"]) == "x [redacted] y [redacted]"


def test_errors_need_nothing_but_the_standard_library_when_imported() -> None:
    code = (
        "import sys, proofbridge.vendors.errors, proofbridge.vendors.good2go.mapping, "
        "proofbridge.vendors.goodday.mapping;"
        "print(sorted({'requests', 'pydantic', 'urllib3', 'boto3'} & set(sys.modules)))"
    )
    found = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert found.stdout.strip() == "[]"
