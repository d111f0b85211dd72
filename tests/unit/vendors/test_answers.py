from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proofbridge.vendors.answers import (
    LONGEST_RETRY_AFTER,
    closed_until,
    request_id,
    retry_at,
    vendor_message,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("5", 5),
        (" 12 ", 12),
        ("1.5", 1.5),
        ("Mon, 02 Mar 2026 09:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 10:01:00 +0100", 60),
        ("Monday, 02-Mar-26 09:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ("99999999999", LONGEST_RETRY_AFTER.total_seconds()),
        ("9" * 400, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("Mon, 99 Mar 2026 09:01:00 GMT", None),
        (None, None),
    ],
)
def test_retry_after_is_read_when_it_is(header: str | None, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert retry_at(header, NOW) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "Resource not found", "status_code": 404}}', "Resource not found"),
        (b'{"message": "Service Unavailable"}', "Service Unavailable"),
        (b'{"error": "no such task"}', "no such task"),
        (b'{"title": "One or more validation errors occurred."}', "One or more validation errors occurred."),
        (b'{"error": {"code": 7}}', None),
        (b'{"error": ["a"]}', None),
        (b'["a"]', None),
        (b'"a bare text"', "a bare text"),
        (b"<html>", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_message_is_found_when_body_has_the_shape(body: bytes, message: str | None) -> None:
    assert vendor_message(body) == message


def test_request_id_is_found_when_vendor_gives_one() -> None:
    assert request_id({"x-request-id": "a"}) == "a"
    assert request_id({"other": "a"}) is None


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "5", "X-Rate-Limit-Reset": "2026-03-02T09:01:00Z"}, 5),
        (429, {"X-Rate-Limit-Reset": "2026-03-02T09:01:00.1234567Z"}, 60.123456),
        (429, {"X-Rate-Limit-Reset": "2026-03-02T09:01:00"}, 60),
        (429, {"X-Rate-Limit-Reset": "2026-03-02T08:00:00Z"}, 0),
        (429, {"X-Rate-Limit-Reset": "9999-12-31T23:59:59-12:00"}, LONGEST_RETRY_AFTER.total_seconds()),
        (429, {"X-Rate-Limit-Limit": "1m", "X-Rate-Limit-Reset": "1m"}, None),
        (429, {}, None),
        (404, {"X-Rate-Limit-Reset": "2026-03-02T09:01:00Z"}, None),
        (503, {"Retry-After": "5"}, 5),
        (None, {}, None),
    ],
)
def test_vendor_is_left_alone_when_it_names_a_moment(
    status: int | None, headers: dict[str, str], seconds: float | None
) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert closed_until(status, headers, NOW) == expected
