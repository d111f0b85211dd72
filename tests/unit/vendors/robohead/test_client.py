from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    DecodeError,
    Happened,
    InvalidRequestError,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.robohead.area import ALL
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import ApprovalReviewStatus, ListType, ReviewType
from proofbridge.vendors.robohead.inputs import (
    FileUpload,
    ItemInput,
    ReviewCreate,
    ReviewUpdate,
    StageInput,
)
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import ManualClock
from tests.unit.vendors.robohead.conftest import API_KEY
from tests.unit.vendors.robohead.requests_seen import form, multipart, path, query

NEW_REVIEW = ReviewCreate(review_name="Label", review_type=ReviewType.APPROVAL)
NEW_NAME = ReviewUpdate(review_name="Label")
NEW_ITEM = ReviewUpdate(review_items=(ItemInput(file_name="a.pdf", file_id=5),))
DONE = Reply(body=b'{"success": true, "returnCode": 0}')


def rows(*ids: int, **more: Any) -> Reply:
    return Reply(body=json.dumps({"List": [{"reviewId": it} for it in ids], **more}).encode())


def parts(vendor: LocalVendor) -> list[tuple[str, str, str]]:
    """Return which part of the list each request asked for."""
    asked = [dict(query(request)) for request in vendor.received]
    return [(fields["page"], fields["start"], fields["limit"]) for fields in asked]


# --- what is sent ----------------------------------------------------------------------------------------


def test_key_goes_into_its_header_when_called(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b'{"reviewId": 4}')
    assert robohead.reviews.get(4).id == 4
    (request,) = vendor.received
    assert request.method == "GET"
    assert path(request) == "/review.do"
    assert query(request) == [("cmd", "GetReview"), ("reviewId", "4")]
    assert request.headers["X-API-Key"] == API_KEY
    assert API_KEY not in request.path


def test_review_is_added_by_a_form_when_new(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b'{"success": true, "customParams": {"reviewId": 4}}'))
    review = ReviewCreate(
        review_name="Label & Süd",
        review_type=ReviewType.APPROVAL,
        review_items=(ItemInput(file_name="a.pdf", file_id=5),),
        review_stages=(StageInput(stage_name="Legal", existing_users=(10, 20)),),
    )
    assert robohead.reviews.add(review).id == 4
    (request,) = vendor.received
    assert (request.method, request.path) == ("POST", "/review.do?cmd=AddReview")
    assert form(request) == list(review.form())
    assert dict(form(request))["reviewName"] == "Label & Süd"


def test_changes_name_their_review_when_updated(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(DONE)
    robohead.reviews.update(4, ReviewUpdate(review_status=ApprovalReviewStatus.DENIED))
    (request,) = vendor.received
    assert (request.method, request.path) == ("POST", "/review.do?cmd=UpdateReview")
    assert form(request) == [("reviewId", "4"), ("reviewStatus", "5")]


def test_file_is_sent_with_its_fields_when_uploaded(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b'{"success": true, "customParams": {"fileId": 55, "fileSize": "2.00 MB"}}'))
    data = bytes(range(256)) * 8192
    done: list[tuple[int, int | None]] = []
    uploaded = robohead.files.upload(
        LocalFile(BytesSource(data), 'lab"el.pdf'),
        FileUpload(review_id=4, temp_id=7, add_version_by_file_name=True),
        progress=lambda now, total: done.append((now, total)),
    )
    assert (uploaded.file_id, uploaded.file_size) == (55, "2.00 MB")
    (request,) = vendor.received
    assert (request.method, request.path) == ("POST", "/file.do")
    *fields, file = multipart(request)
    assert fields == [
        ("cmd", None, b"UploadFile"),
        ("objectId", None, b"4"),
        ("objectType", None, b"10"),
        ("documentType", None, b"10"),
        ("uploadFileTempId", None, b"7"),
        ("addVersionByFileName", None, b"1"),
    ]
    assert file == ("content", "lab%22el.pdf", data)
    assert b"Content-Type: application/pdf" in request.body
    assert done == [(1024 * 1024, len(data)), (len(data), len(data))]


@pytest.mark.parametrize(
    ("ask", "number"),
    [
        (lambda robohead: robohead.lists.review_types(), "23"),
        (lambda robohead: robohead.lists.review_statuses(), "25"),
        (lambda robohead: robohead.lists.by_type(ListType.REVIEW_TYPES), "23"),
        (lambda robohead: robohead.lists.by_type(7), "7"),
    ],
)
def test_options_are_returned_when_asked_by_list(
    robohead: RoboHead, vendor: LocalVendor, ask: Callable[[RoboHead], Any], number: str
) -> None:
    vendor.answer(Reply(body=b'{"List": [{"value": "3", "name": "Completed"}]}'))
    (option,) = ask(robohead)
    assert (option.value, option.name) == (3, "Completed")
    assert path(vendor.received[0]) == "/list.do"
    assert query(vendor.received[0]) == [("cmd", "GetListByType"), ("type", number)]


def test_users_are_yielded_when_listed(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b'{"List": []}')
    vendor.answer(Reply(body=b'{"List": [{"userId": 10, "displayName": "Ann", "email": "a@b.co"}]}'))
    (user,) = robohead.users.list()
    assert (user.id, user.display_name, user.email) == (10, "Ann", "a@b.co")
    assert vendor.received[0].path.startswith("/user.do?cmd=ListAccountActiveUser&")


@pytest.mark.parametrize(
    "call",
    [
        lambda robohead: robohead.reviews.get(0),
        lambda robohead: robohead.reviews.get(True),
        lambda robohead: robohead.reviews.get("4"),
        lambda robohead: robohead.reviews.update(-1, NEW_NAME),
        lambda robohead: list(robohead.comments.list(0)),
        lambda robohead: list(robohead.reviews.list(page_size=0)),
        lambda robohead: list(robohead.users.list(page_size=-2)),
        lambda robohead: robohead.lists.by_type(0),
        lambda robohead: robohead.files.upload(LocalFile(BytesSource(b"x"), "")),
        lambda robohead: robohead.files.upload(LocalFile(BytesSource(b"x"), "x" * 256)),
        lambda robohead: robohead.files.upload(LocalFile(BytesSource(b"x"), "x.pdf", "pdf")),
    ],
)
def test_call_is_refused_when_input_is_not_worth_sending(
    robohead: RoboHead, vendor: LocalVendor, call: Callable[[RoboHead], Any]
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        call(robohead)
    assert caught.value.vendor == "robohead"
    assert not vendor.received


# --- paging ----------------------------------------------------------------------------------------------


def test_list_goes_on_until_an_empty_page_when_no_total_is_told(
    robohead: RoboHead, vendor: LocalVendor
) -> None:
    vendor.usual = rows()
    vendor.answer(rows(1, 2, 3), rows(4, 5, 6), rows(7, 8))
    assert [review.id for review in robohead.reviews.list(page_size=3)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert parts(vendor) == [("1", "0", "3"), ("2", "3", "3"), ("3", "6", "3"), ("5", "8", "2")]


def test_nothing_is_lost_when_vendor_gives_less_at_once(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = rows()
    vendor.answer(rows(1, 2), rows(3, 4), rows(5))
    assert [review.id for review in robohead.reviews.list(page_size=100)] == [1, 2, 3, 4, 5]
    assert parts(vendor) == [("1", "0", "100"), ("2", "2", "2"), ("3", "4", "2"), ("6", "5", "1")]


def test_list_ends_when_total_is_reached(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(rows(1, 2, total=3), rows(3, total=3))
    assert [review.id for review in robohead.reviews.list(page_size=2)] == [1, 2, 3]
    assert len(vendor.received) == 2


def test_list_ends_when_vendor_ignores_paging(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = rows(1, 2, 3)
    assert [review.id for review in robohead.reviews.list(page_size=2)] == [1, 2, 3]
    assert len(vendor.received) == 2


def test_whole_list_comes_at_once_when_asked_for(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(rows(1, 2, 3))
    (page,) = robohead.reviews.pages(page_size=ALL)
    assert [review.id for review in page] == [1, 2, 3]
    assert parts(vendor) == [("1", "0", "-1")]


def test_page_is_asked_for_only_when_wanted(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = rows(1, 2)
    reviews = robohead.reviews.list(page_size=2)
    assert not vendor.received
    assert next(reviews).id == 1
    assert next(reviews).id == 2
    assert len(vendor.received) == 1


def test_comments_are_paged_when_there_are_many(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = rows()
    vendor.answer(Reply(body=b'{"List": [{"id": 1}, {"id": 2}]}'), Reply(body=b'{"List": [{"id": 3}]}'))
    assert [comment.id for comment in robohead.comments.list(4, page_size=2)] == [1, 2, 3]
    assert parts(vendor) == [("1", "0", "2"), ("2", "2", "2"), ("4", "3", "1")]


# --- repeating -------------------------------------------------------------------------------------------

READS: list[tuple[str, Callable[[RoboHead], Any]]] = [
    ("reviews.list", lambda robohead: list(robohead.reviews.list())),
    ("reviews.get", lambda robohead: robohead.reviews.get(4)),
    ("comments.list", lambda robohead: list(robohead.comments.list(4))),
    ("lists.by_type", lambda robohead: robohead.lists.review_types()),
    ("users.list", lambda robohead: list(robohead.users.list())),
    ("reviews.update", lambda robohead: robohead.reviews.update(4, NEW_NAME)),
]
WRITES: list[tuple[str, Callable[[RoboHead], Any]]] = [
    ("reviews.add", lambda robohead: robohead.reviews.add(NEW_REVIEW)),
    ("reviews.update", lambda robohead: robohead.reviews.update(4, NEW_ITEM)),
    ("files.upload", lambda robohead: robohead.files.upload(LocalFile(BytesSource(b"x"), "x.pdf"))),
]


@pytest.mark.parametrize(("name", "call"), READS)
def test_call_is_repeated_when_that_has_no_second_effect(
    robohead: RoboHead, vendor: LocalVendor, name: str, call: Callable[[RoboHead], Any]
) -> None:
    vendor.usual = Reply(503)
    with pytest.raises(ServerError) as caught:
        call(robohead)
    assert caught.value.operation == name
    assert caught.value.retry_safe
    assert len(vendor.received) == 4


@pytest.mark.parametrize(("name", "call"), WRITES)
@pytest.mark.parametrize("reply", [Reply(503), Reply(fault="drop"), Reply(body=b"<html>")])
def test_call_is_not_repeated_when_that_may_have_a_second_effect(
    robohead: RoboHead, vendor: LocalVendor, name: str, call: Callable[[RoboHead], Any], reply: Reply
) -> None:
    vendor.usual = reply
    with pytest.raises(VendorError) as caught:
        call(robohead)
    error = caught.value
    assert (error.operation, error.happened, error.retry_safe) == (name, Happened.UNKNOWN, False)
    assert len(vendor.received) == 1


@pytest.mark.parametrize(("name", "call"), [*READS, *WRITES])
def test_call_is_repeated_when_vendor_was_too_busy(
    robohead: RoboHead,
    vendor: LocalVendor,
    manual_clock: ManualClock,
    name: str,
    call: Callable[[RoboHead], Any],
) -> None:
    vendor.usual = Reply(body=b'{"List": [], "success": true, "reviewId": 4, "fileId": 5}')
    vendor.answer(Reply(429, headers={"Retry-After": "7"}))
    call(robohead)
    assert manual_clock.waits_seconds == [7.0], name


# --- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "call", "detail"),
    [
        (b"{}", READS[0][1], "List: missing"),
        (b'{"List": [{"numComments": "private"}]}', READS[0][1], "List.0.numComments: int_parsing"),
        (
            b'{"reviewId": 4, "reviewItems": [{"isNewVersion": 9}]}',
            READS[1][1],
            "reviewItems.0.isNewVersion: bool_parsing",
        ),
        (b'{"success": true}', READS[1][1], "the answer: value_error"),
        (b'{"success": true}', WRITES[0][1], "reviewId: missing"),
        (b'{"success": true, "fileId": "private"}', WRITES[2][1], "fileId: int_parsing"),
        (b"[]", WRITES[1][1], "the answer: model_type"),
        (b'"private"', READS[1][1], "the answer: model_type"),
    ],
)
def test_field_is_named_when_answer_does_not_fit(
    robohead: RoboHead, vendor: LocalVendor, body: bytes, call: Callable[[RoboHead], Any], detail: str
) -> None:
    vendor.usual = Reply(body=body)
    with pytest.raises(DecodeError) as caught:
        call(robohead)
    assert caught.value.detail == detail
    assert "private" not in str(caught.value)


def test_row_is_not_lost_in_silence_when_answer_breaks_off(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=rows(*range(100)).body, fault="truncate")
    with pytest.raises(VendorConnectionError):
        list(robohead.reviews.list())


# --- the client ------------------------------------------------------------------------------------------


def test_key_never_shows_when_printed_or_logged(
    robohead: RoboHead, vendor: LocalVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.usual = Reply(401, f'{{"errorMessages": [{{"detailedMessage": "No {API_KEY}"}}]}}'.encode())
    with caplog.at_level(logging.DEBUG), pytest.raises(VendorError, match=r"No \[redacted\]") as caught:
        robohead.reviews.get(4)
    shown = [repr(robohead), repr(robohead.reviews), repr(vars(caught.value)), caplog.text, str(caught.value)]
    assert not any(API_KEY in text for text in shown)


def test_one_deadline_holds_for_all_calls_when_within(
    robohead: RoboHead, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.usual = rows(1)
    bound = robohead.within(Deadline.after(1.0, manual_clock.clock))
    manual_clock.elapsed_seconds = 2.0
    for _, call in [*READS, *WRITES]:
        with pytest.raises(VendorTimeoutError):
            call(bound)
    assert not vendor.received
    robohead.reviews.update(4, NEW_NAME)  # who made `bound` isn't bound


@pytest.mark.parametrize("api_key", ["", "two words", "line\nbreak", "schlüssel"])
def test_key_is_refused_when_no_header_can_carry_it(api_key: str) -> None:
    with pytest.raises(ValueError, match="RoboHead API key") as caught:
        RoboHead(base_url="https://acme.robohead.com", api_key=api_key)
    assert not api_key or api_key not in str(caught.value)


def test_base_url_is_refused_when_not_an_origin() -> None:
    with pytest.raises(ValueError, match="origin"):
        RoboHead(base_url="https://acme.robohead.com/review.do", api_key="k")


def test_connection_is_reused_when_many_calls_are_made(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b'{"success": true, "reviewId": 4, "fileId": 5}')
    for _ in range(5):
        robohead.reviews.get(4)
        robohead.reviews.add(NEW_REVIEW)
        robohead.files.upload(LocalFile(BytesSource(b"x"), "x.pdf"))
    assert vendor.connections == 1
