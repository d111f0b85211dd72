from __future__ import annotations

import gzip
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest

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
    RejectedError,
    ServerError,
    VendorConnectionError,
)
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.multipart import UrlEncodedForm
from proofbridge.vendors.operation import Operation, Timeouts
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import ManualClock
from tests.unit.vendors.testing_api import (
    ANY,
    READ,
    SET,
    THING,
    TOKEN,
    WRITE,
    Thing,
    new_api,
)

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


def test_text_is_refused_when_no_request_can_carry_it(api: VendorApi, vendor: LocalVendor) -> None:
    not_utf8 = "name from a disk \udcff.pdf"
    with pytest.raises(InvalidRequestError) as caught:
        api.open(READ, ids={"id": not_utf8})
    assert caught.value.field == "id"
    with pytest.raises(InvalidRequestError) as caught:
        api.read(READ, ANY, ids={"id": 1}, query=[("name", not_utf8)])
    assert caught.value.field == "name"
    assert not vendor.received


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


def test_answer_is_read_when_a_byte_order_mark_stands_before_it(api: VendorApi, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b"\xef\xbb\xbf" + b'{"id": 3}'))
    assert api.read(WRITE, THING, json=b"{}").id == 3


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
