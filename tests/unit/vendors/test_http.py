from __future__ import annotations

import gzip
import io
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from proofbridge.vendors import http
from proofbridge.vendors.answers import Failure
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    AuthenticationError,
    ConflictError,
    DecodeError,
    Happened,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import Operation, RetryPolicy, Timeouts
from proofbridge.vendors.urlencoded import UrlEncodedForm
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import START, ManualClock

TOKEN = "very-secret-token"
READ = Operation("things.get", "GET", "/things/{id}", "Things", retry_safe=True)
WRITE = Operation("things.create", "POST", "/things", "Things", retry_safe=False)
SET = Operation("things.set", "PUT", "/things/{id}", "Things", retry_safe=True)
ANY: TypeAdapter[Any] = TypeAdapter(Any)
QUICK = Timeouts(connect_seconds=2, read_seconds=0.15, call_seconds=2)


class Thing(BaseModel):
    id: int
    parts: list[dict[str, int]] = []


THING = TypeAdapter(Thing)


@pytest.fixture
def api(vendor: LocalVendor, manual_clock: ManualClock) -> Iterator[VendorApi]:
    made = new_api(vendor.url, manual_clock)
    yield made
    made.close()


@pytest.fixture
def hasty(vendor: LocalVendor) -> Iterator[VendorApi]:
    """An API on the real clock that soon loses patience and never repeats."""
    made = VendorApi(
        "testing",
        vendor.url,
        headers=lambda: {"Authorization": f"Bearer {TOKEN}"},
        secrets=lambda: (TOKEN,),
        timeouts=QUICK,
        retries=RetryPolicy(attempts=1),
    )
    yield made
    made.close()


def new_api(url: str, manual_clock: ManualClock, **more: Any) -> VendorApi:
    return VendorApi(
        "testing",
        url,
        headers=lambda: {"Authorization": f"Bearer {TOKEN}"},
        secrets=lambda: (TOKEN,),
        retries=RetryPolicy(chance=lambda: 1.0),
        clock=manual_clock.clock,
        **more,
    )


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what is sent ----------------------------------------------------------------------------------------


def test_request_carries_path_query_body_and_credentials_when_sent(
    api: VendorApi, vendor: LocalVendor
) -> None:
    api.read(SET, ANY, ids={"id": "a/b ü"}, query=[("q", "1 2"), ("q", "ä")], json=b'{"x":1}')
    (request,) = vendor.received
    assert request.path == "/things/a%2Fb%20%C3%BC?q=1+2&q=%C3%A4"
    assert request.body == b'{"x":1}'
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"].startswith("proofbridge/")


def test_form_without_file_is_sent_whole_when_call_is_repeated(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(503))
    form = UrlEncodedForm([("name", "a & b ü"), ("id", "1"), ("id", "2")])
    api.read(SET, ANY, ids={"id": 1}, form=form)
    assert [request.body for request in vendor.received] == [b"name=a+%26+b+%C3%BC&id=1&id=2"] * 2
    assert vendor.received[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert vendor.received[0].headers["Content-Length"] == "29"


def test_credentials_stay_home_when_operation_needs_none(api: VendorApi, vendor: LocalVendor) -> None:
    open_to_all = Operation("things.peek", "GET", "/peek", "", retry_safe=True, authenticated=False)
    api.read(open_to_all, ANY)
    assert "Authorization" not in vendor.received[0].headers


def test_netrc_does_not_replace_credentials_when_it_names_the_host(
    api: VendorApi, vendor: LocalVendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    api.read(READ, ANY, ids={"id": 1})
    assert vendor.received[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_id_is_refused_when_it_would_change_the_path(api: VendorApi, vendor: LocalVendor, value: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        api.read(READ, ANY, ids={"id": value})
    assert caught.value.field == "id"
    assert not vendor.received


def test_connection_is_reused_when_many_calls_are_made(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(status=404), Reply(body=b""), Reply(chunked=True))
    with pytest.raises(NotFoundError):
        api.read(READ, ANY, ids={"id": 1})
    api.do(READ, ids={"id": 1})
    for _ in range(20):
        api.read(READ, ANY, ids={"id": 1})
        api.do(WRITE, json=b"{}")
    assert len(vendor.received) == 42
    assert vendor.connections == 1


def test_connection_is_replaced_when_vendor_closed_it_in_between(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(headers={"Connection": "close"}))
    api.do(WRITE, json=b"{}")
    api.do(WRITE, json=b"{}")
    assert vendor.connections == 2


def test_calls_run_side_by_side_when_made_by_several_threads(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b'{"id": 1}')
    found: list[Thing] = []
    threads = [
        threading.Thread(target=lambda: found.append(api.read(READ, THING, ids={"id": 1}))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8


# --- answers ---------------------------------------------------------------------------------------------


def test_answer_is_read_when_compressed(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=gzip.compress(b'{"id": 7}'), headers={"Content-Encoding": "gzip"}))
    assert api.read(READ, THING, ids={"id": 7}) == Thing(id=7)


def test_field_path_is_named_when_answer_does_not_fit(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b'{"id": 1, "parts": [{"a": 1}, {"b": "private words"}]}'))
    with pytest.raises(DecodeError) as caught:
        api.read(READ, THING, ids={"id": 1}, item="thing 1")
    error = caught.value
    assert error.detail == "parts.1.b: int_parsing"
    assert (error.vendor, error.operation, error.item, error.status) == (
        "testing",
        "things.get",
        "thing 1",
        200,
    )
    assert "private" not in str(error) + repr(error)
    assert error.__cause__ is None
    assert len(vendor.received) == 1  # a misfit will not fit better the second time


def test_write_is_of_unknown_effect_when_answered_with_garbage(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b"<html>private words</html>"))
    with pytest.raises(DecodeError, match="not JSON") as caught:
        api.read(WRITE, THING, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert "private" not in str(caught.value)
    assert len(vendor.received) == 1


def test_read_is_repeated_when_answered_with_garbage(
    api: VendorApi, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(Reply(body=b"<html>"), Reply(body=b'{"id": 3}'))
    assert api.read(READ, THING, ids={"id": 3}).id == 3
    assert manual_clock.waits_seconds == [0.5]


def test_answer_without_content_is_fine_when_nothing_is_asked(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(status=204, body=b""), Reply(body=b"{}"), Reply(body=b"<html>"))
    api.do(WRITE, json=b"{}")
    api.do(WRITE, json=b"{}")
    with pytest.raises(DecodeError):
        api.do(WRITE, json=b"{}")


def test_answer_is_refused_when_too_long(
    api: VendorApi, vendor: LocalVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    vendor.answer(Reply(body=b'"' + b"x" * 5000 + b'"'))
    with pytest.raises(DecodeError, match="longer than"):
        api.read(READ, ANY, ids={"id": 1})


def test_answer_is_refused_when_it_unpacks_to_too_much(
    api: VendorApi, vendor: LocalVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    bomb = gzip.compress(b" " * 10**7)
    vendor.usual = Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(DecodeError, match="longer than"):
        api.read(READ, ANY, ids={"id": 1})


def test_failure_is_raised_when_body_tells_it_despite_the_status(
    vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    def read_failure(data: bytes) -> Failure | None:
        return Failure(ServerError, f"It failed with {TOKEN}.") if b"failed" in data else None

    api = new_api(vendor.url, manual_clock, read_failure=read_failure)
    vendor.answer(Reply(body=b"failed"), Reply(body=b'{"id": 4}'), Reply(body=b"failed"))
    assert api.read(READ, THING, ids={"id": 4}).id == 4  # repeated like any failure of its kind
    with pytest.raises(ServerError) as caught:
        api.do(WRITE, json=b"{}", item="thing 4")
    error = caught.value
    assert (error.status, error.happened, error.item) == (200, Happened.UNKNOWN, "thing 4")
    assert not error.retry_safe
    assert error.detail == "It failed with [redacted]."
    assert len(vendor.received) == 3
    api.close()


def test_failure_is_no_reason_to_repeat_when_it_took_no_effect_but_will_not_pass(
    vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    refusal = Failure(RejectedError, "No.", Happened.NO)
    api = new_api(vendor.url, manual_clock, read_failure=lambda _: refusal)
    with pytest.raises(RejectedError) as caught:
        api.do(WRITE, json=b"{}")
    assert caught.value.happened is Happened.NO
    assert len(vendor.received) == 1
    api.close()


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


def test_nothing_happened_when_name_cannot_be_resolved(manual_clock: ManualClock) -> None:
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
    vendor.answer(Reply(429, headers={"Retry-After": "Mon, 02 Mar 2026 09:00:11 GMT"}))
    api.do(WRITE, json=b"{}")
    assert manual_clock.waits_seconds == [11.0]


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
        hasty.within(Deadline.after(0.3)).read(READ, ANY, ids={"id": 1})
    assert time.monotonic() - started < 1.5
    assert caught.value.happened is Happened.UNKNOWN


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


# --- downloads -------------------------------------------------------------------------------------------


def test_file_arrives_whole_when_downloaded(api: VendorApi, vendor: LocalVendor) -> None:
    data = bytes(range(256)) * 20_000
    vendor.answer(Reply(503), Reply(body=data, headers={"Content-Type": "application/pdf"}))
    done: list[tuple[int, int | None]] = []
    file = io.BytesIO()
    with api.open(READ, ids={"id": 1}) as download:
        assert download.size_bytes == len(data)
        assert download.content_type == "application/pdf"
        assert download.write_to(file, lambda now, total: done.append((now, total))) == len(data)
    assert file.getvalue() == data
    assert done[-1] == (len(data), len(data))
    api.read(READ, ANY, ids={"id": 1})
    assert vendor.connections == 1


def test_download_fails_when_file_breaks_off(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b"x" * 100_000, fault="truncate"))
    with (
        api.open(READ, ids={"id": 1}, item="thing 1") as download,
        pytest.raises(VendorConnectionError) as caught,
    ):
        download.write_to(io.BytesIO())
    assert caught.value.retry_safe
    assert caught.value.item == "thing 1"


def test_connection_is_closed_when_download_is_abandoned(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b"x" * 10_000_000))
    with api.open(READ, ids={"id": 1}) as download:
        next(iter(download))
    api.read(READ, ANY, ids={"id": 1})
    assert vendor.connections == 2


def test_query_goes_along_when_file_is_downloaded(api: VendorApi, vendor: LocalVendor) -> None:
    with api.open(READ, ids={"id": 1}, query=[("Of", "a&b")]) as download:
        download.write_to(io.BytesIO())
    assert vendor.received[0].path == "/things/1?Of=a%26b"


# --- settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://example.com/api",
        "https://u:p@example.com",
        "https://example.com?x=1",
        "https://example.com#x",
    ],
)
def test_base_url_is_refused_when_not_an_origin(base_url: str) -> None:
    with pytest.raises(ValueError, match="origin") as caught:
        VendorApi("testing", base_url, headers=dict, secrets=tuple)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["https://example.com", "https://example.com/", "http://127.0.0.1:9001"])
def test_base_url_is_kept_when_an_origin(base_url: str) -> None:
    api = VendorApi("testing", base_url, headers=dict, secrets=tuple)
    assert api.base_url == base_url.rstrip("/")
    api.close()


def test_credentials_are_asked_anew_when_call_is_repeated(
    vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    tokens: Callable[[], str] = iter(["first", "second"]).__next__
    api = VendorApi(
        "testing", vendor.url, headers=lambda: {"X-Key": tokens()}, secrets=tuple, clock=manual_clock.clock
    )
    vendor.answer(Reply(503))
    api.read(READ, ANY, ids={"id": 1})
    assert [request.headers["X-Key"] for request in vendor.received] == ["first", "second"]
    api.close()


def test_token_replaces_headers_and_never_shows_when_bearing(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(), Reply(401, b'{"message": "bad other-token and very-secret-token"}'))
    bound = api.bearing("other-token")
    bound.read(READ, ANY, ids={"id": 1})
    with pytest.raises(AuthenticationError, match=r"bad \[redacted\] and \[redacted\]"):
        bound.read(READ, ANY, ids={"id": 1})
    api.read(READ, ANY, ids={"id": 1})
    sent = [request.headers["Authorization"] for request in vendor.received]
    assert sent == ["Bearer other-token", "Bearer other-token", f"Bearer {TOKEN}"]
    assert vendor.connections == 1


def test_deadline_is_the_calls_own_when_none_is_bound(api: VendorApi, manual_clock: ManualClock) -> None:
    upload = Operation("things.upload", "POST", "/things", "Things", retry_safe=False, transfer=True)
    assert api.deadline_of(READ).remaining_seconds == Timeouts().call_seconds
    assert api.deadline_of(upload).remaining_seconds == Timeouts().transfer_seconds
    bound = Deadline.after(3, manual_clock.clock)
    assert api.within(bound).deadline_of(upload) is bound


def test_status_means_what_the_vendor_says_when_it_differs(
    vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.usual = Reply(410)
    api = new_api(vendor.url, manual_clock, error_by_status={410: ConflictError})
    with pytest.raises(ConflictError):
        api.read(READ, ANY, ids={"id": 1})
    api.close()
