from __future__ import annotations

import json
import logging
import socket
import time
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.vendors import http
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    AuthenticationError,
    ConflictError,
    Happened,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.http import VendorApi
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import START, ManualClock
from tests.unit.vendors.testing_api import (
    ANY,
    READ,
    SET,
    THING,
    TOKEN,
    WRITE,
    closed_port,
    new_api,
)

# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "happened"),
    [
        (400, RejectedError, Happened.NO),
        (401, AuthenticationError, Happened.NO),
        (403, RejectedError, Happened.NO),
        (404, NotFoundError, Happened.NO),
        (406, RejectedError, Happened.NO),
        (408, VendorTimeoutError, Happened.UNKNOWN),
        (409, ConflictError, Happened.NO),
        (410, NotFoundError, Happened.NO),
        (412, ConflictError, Happened.NO),
        (413, RejectedError, Happened.NO),
        (422, RejectedError, Happened.NO),
        (423, ConflictError, Happened.NO),
        (500, ServerError, Happened.UNKNOWN),
        (502, ServerError, Happened.UNKNOWN),
        (503, ServerError, Happened.UNKNOWN),
        (504, ServerError, Happened.UNKNOWN),
    ],
)
def test_error_tells_kind_and_effect_when_write_is_answered_with(
    api: VendorApi, vendor: LocalVendor, status: int, kind: type[VendorError], happened: Happened
) -> None:
    vendor.usual = Reply(
        status, b'{"error": {"message": "No such parent."}}', headers={"X-Request-Id": "req-9"}
    )
    with pytest.raises(kind) as caught:
        api.read(WRITE, ANY, json=b"{}", item="thing 5")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.happened, error.request_id) == (status, happened, "req-9")
    assert error.retry_safe is (happened is Happened.NO)
    assert "testing things.create of thing 5" in str(error)
    assert "No such parent" in str(error)
    assert len(vendor.received) == 1


def test_refusal_stands_when_its_message_never_ends(hasty: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(404, b"x" * 100, fault="truncate"))
    with pytest.raises(NotFoundError, match="gave no reason"):
        hasty.read(READ, ANY, ids={"id": 1})


def test_token_never_shows_when_vendor_repeats_it(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(401, json.dumps({"message": f"Bad token {TOKEN}!"}).encode()))
    with pytest.raises(AuthenticationError) as caught:
        api.read(READ, ANY, ids={"id": 1})
    assert TOKEN not in str(caught.value) + repr(caught.value) + repr(vars(caught.value)) + repr(api)
    assert "[redacted]" in caught.value.detail


def test_token_never_shows_when_calls_are_logged(
    api: VendorApi, vendor: LocalVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.answer(Reply(503))
    with caplog.at_level(logging.DEBUG):
        api.read(READ, ANY, ids={"id": 1}, json=b'{"secret": "body words"}')
    assert "things.get attempt 2: done" in caplog.text
    assert TOKEN not in caplog.text
    assert "body words" not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_an_error_when_vendor_points_elsewhere(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock, status: int
) -> None:
    vendor.answer(Reply(status, headers={"Location": f"{vendor.url}/elsewhere"}))
    with pytest.raises(RejectedError, match="redirect") as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN
    assert [request.path for request in vendor.received] == ["/things"]
    assert not manual_clock.waits_seconds


# --- repeating -------------------------------------------------------------------------------------------


def test_repeatable_call_is_tried_four_times_when_vendor_keeps_failing(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.usual = Reply(503)
    with pytest.raises(ServerError) as caught:
        api.read(SET, ANY, ids={"id": 1}, json=b"{}")
    assert len(vendor.received) == 4
    assert manual_clock.waits_seconds == [0.5, 1.0, 2.0]
    assert caught.value.retry_safe


def test_vendor_took_too_long_when_the_connection_ends_after_a_long_silence(
    api: VendorApi, vendor: LocalVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer gives up before its vendor does, which may still be at work."""
    monkeypatch.setattr(http, "LONG_SILENCE_SECONDS", 0)
    vendor.answer(Reply(fault="drop"))
    with pytest.raises(VendorTimeoutError, match="after 0 s without an answer") as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN


@pytest.mark.parametrize("fault", ["drop", "truncate"])
def test_write_is_never_repeated_when_answer_is_lost(api: VendorApi, vendor: LocalVendor, fault: Any) -> None:
    vendor.usual = Reply(body=b'{"id": 1}', fault=fault)
    with pytest.raises(VendorConnectionError) as caught:
        api.read(WRITE, THING, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert len(vendor.received) == 1


@pytest.mark.parametrize("fault", ["drop", "truncate"])
@pytest.mark.parametrize("chunked", [False, True])
def test_read_is_repeated_when_answer_is_lost(
    api: VendorApi, vendor: LocalVendor, fault: Any, *, chunked: bool
) -> None:
    vendor.answer(
        Reply(body=b'{"id": 1}' + b" " * 100, fault=fault, chunked=chunked), Reply(body=b'{"id": 2}')
    )
    assert api.read(READ, THING, ids={"id": 1}).id == 2


def test_effect_stays_unknown_when_only_the_repetition_is_refused(
    api: VendorApi, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(fault="drop"), Reply(412))
    with pytest.raises(ConflictError) as caught:
        api.do(SET, ids={"id": 1}, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN
    assert caught.value.retry_safe


def test_write_is_repeated_when_connection_is_refused(manual_clock: ManualClock) -> None:
    api = new_api(f"http://127.0.0.1:{closed_port()}", manual_clock)
    with pytest.raises(VendorConnectionError, match="ConnectionRefusedError") as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    assert caught.value.retry_safe
    assert manual_clock.waits_seconds == [0.5, 1.0, 2.0]
    api.close()


def test_nothing_happened_when_name_cannot_be_resolved(
    manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no test asks a real resolver
    api = new_api("http://no-such-host.invalid", manual_clock)
    with pytest.raises(VendorConnectionError) as caught:
        api.within(Deadline.after(0.1, manual_clock.clock)).read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    api.close()


def test_nothing_happened_when_certificate_is_missing(vendor: LocalVendor, manual_clock: ManualClock) -> None:
    api = new_api(vendor.url.replace("http:", "https:"), manual_clock)
    with pytest.raises(VendorConnectionError) as caught:
        api.within(Deadline.after(0.1, manual_clock.clock)).read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    assert not vendor.received
    api.close()


def test_effect_is_unknown_when_connection_breaks_after_body_began(
    hasty: VendorApi, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(fault="hang_up"))
    with pytest.raises(VendorConnectionError) as caught:
        hasty.read(WRITE, ANY, json=b"x" * 4_000_000)
    assert caught.value.happened is Happened.UNKNOWN


# --- too many calls --------------------------------------------------------------------------------------


def test_write_waits_as_told_when_limited_by_seconds(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(Reply(429, headers={"Retry-After": "7"}))
    api.do(WRITE, json=b'{"x": 1}')
    assert manual_clock.waits_seconds == [7.0]
    assert [request.body for request in vendor.received] == [b'{"x": 1}'] * 2


def test_write_waits_as_told_when_limited_by_date(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(Reply(429, headers={"Retry-After": "Mon, 02 Mar 2026 09:00:09 GMT"}))
    api.do(WRITE, json=b"{}")
    assert manual_clock.waits_seconds == [9.0]


def test_moment_is_told_when_wait_goes_beyond_deadline(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.usual = Reply(429, b"slow down", headers={"Retry-After": "61"})
    with pytest.raises(RateLimitedError) as caught:
        api.read(READ, ANY, ids={"id": 1})
    assert caught.value.retry_at == START + timedelta(seconds=61)
    assert caught.value.happened is Happened.NO
    assert not manual_clock.waits_seconds
    assert len(vendor.received) == 1


def test_backoff_is_used_when_limit_names_no_moment(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.usual = Reply(429)
    with pytest.raises(RateLimitedError) as caught:
        api.read(READ, ANY, ids={"id": 1})
    assert caught.value.retry_at is None
    assert manual_clock.waits_seconds == [0.5, 1.0, 2.0]


def test_retry_after_is_heeded_when_vendor_is_down(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(Reply(503, headers={"Retry-After": "3"}))
    api.read(READ, ANY, ids={"id": 1})
    assert manual_clock.waits_seconds == [3.0]


def test_reset_is_heeded_when_limit_lacks_retry_after(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(
        Reply(429, headers={"X-Rate-Limit-Limit": "1m", "X-Rate-Limit-Reset": "2026-03-02T09:00:09Z"})
    )
    api.do(WRITE, json=b"{}")
    assert manual_clock.waits_seconds == [9.0]


# --- time ------------------------------------------------------------------------------------------------


def test_one_deadline_holds_for_all_calls_when_within(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    bound = api.within(Deadline.after(1.2, manual_clock.clock))
    vendor.usual = Reply(503)
    with pytest.raises(ServerError):
        bound.read(READ, ANY, ids={"id": 1})
    assert manual_clock.waits_seconds == [0.5]  # the second wait, 1 s, would go beyond
    manual_clock.elapsed_seconds = 1.3
    with pytest.raises(VendorTimeoutError) as caught:
        bound.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    assert len(vendor.received) == 2
    vendor.usual = Reply()
    api.read(READ, ANY, ids={"id": 1})  # who made `bound` isn't bound


def test_timeout_is_told_when_vendor_says_nothing(hasty: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(fault="silence"))
    with pytest.raises(VendorTimeoutError, match="took too long") as caught:
        hasty.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN


@pytest.mark.parametrize("fault", ["drip", "drip_head"])
def test_deadline_ends_call_when_answer_drips(hasty: VendorApi, vendor: LocalVendor, fault: Any) -> None:
    vendor.answer(Reply(body=b"x" * 10**6, fault=fault))
    started = time.monotonic()
    with pytest.raises(VendorTimeoutError, match="deadline") as caught:
        hasty.within(Deadline.after(0.3)).read(WRITE, ANY, json=b"{}")
    assert time.monotonic() - started < 1.5
    assert caught.value.happened is Happened.UNKNOWN


def test_read_that_fails_has_changed_nothing_when_answer_never_comes(
    hasty: VendorApi, vendor: LocalVendor
) -> None:
    vendor.answer(*[Reply(fault="silence")] * 9)
    with pytest.raises(VendorTimeoutError) as caught:
        hasty.read(READ, ANY, ids={"id": 1})
    assert caught.value.happened is Happened.NO


def test_waits_are_cut_when_deadline_is_nearer_than_timeout(vendor: LocalVendor) -> None:
    api = VendorApi("testing", vendor.url, headers=dict, secrets=tuple)
    vendor.usual = Reply(fault="silence")
    started = time.monotonic()
    with pytest.raises(VendorTimeoutError, match="deadline"):
        api.within(Deadline.after(0.2)).read(READ, ANY, ids={"id": 1})
    assert time.monotonic() - started < 2
    api.close()


def test_deadline_ends_sending_when_vendor_reads_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api = VendorApi(
            "testing", f"http://127.0.0.1:{listening.getsockname()[1]}", headers=dict, secrets=tuple
        )
        with pytest.raises(VendorTimeoutError) as caught:
            api.within(Deadline.after(0.3)).read(WRITE, ANY, json=b"x" * 50_000_000)
        assert caught.value.happened is Happened.UNKNOWN
        api.close()
