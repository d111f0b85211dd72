from __future__ import annotations

import json
from typing import Any

import pytest

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
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.failures import FAILURE_BY_KEY, read_failure, read_message
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import ManualClock
from tests.unit.vendors.robohead.conftest import API_KEY


def failure(key: str, message: str = "It did not work.") -> bytes:
    return json.dumps(
        {
            "returnCode": 1,
            "errorMessages": [{"messageKey": key, "detailedMessage": message}],
            "success": False,
        }
    ).encode()


@pytest.mark.parametrize(
    ("key", "kind", "happened"),
    [
        ("msg_error_invalidToken", AuthenticationError, Happened.NO),
        ("msg_error_invalid_api_key", AuthenticationError, Happened.NO),
        ("msg_error_reviewNotFound", NotFoundError, Happened.NO),
        ("review.not.found", NotFoundError, Happened.NO),
        ("msg_error_user_does_not_exist", NotFoundError, Happened.NO),
        ("msg_error_noPermission", RejectedError, Happened.NO),
        ("ACCESS_DENIED", RejectedError, Happened.NO),
        ("msg_error_reviewLocked", ConflictError, Happened.NO),
        ("msg_error_nameAlreadyExists", ConflictError, Happened.NO),
        ("msg_error_tooManyRequests", RateLimitedError, Happened.NO),
        ("msg_error_reviewNameRequired", RejectedError, Happened.NO),
        ("msg_error_invalidDate", RejectedError, Happened.NO),
        ("msg_error_unexpected", ServerError, Happened.UNKNOWN),
        ("msg_error_internal", ServerError, Happened.UNKNOWN),
        ("msg_error_other", RejectedError, Happened.UNKNOWN),
        ("", RejectedError, Happened.UNKNOWN),
    ],
)
def test_failure_has_its_kind_when_key_says_it(key: str, kind: type[VendorError], happened: Happened) -> None:
    found = read_failure(failure(key))
    assert found is not None
    assert (found.kind, found.happened, found.message) == (kind, happened, "It did not work.")


def test_every_part_of_a_key_is_findable_when_table_is_walked() -> None:
    for part, meaning in FAILURE_BY_KEY.items():
        found = read_failure(failure(f"msg_{part.upper()}"))
        assert found is not None
        assert (found.kind, found.happened) == meaning


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"success": "true", "returnCode": 0},
        {"success": 1},
        {"success": True, "returnCode": 1},
        {"returnCode": 0},
        {"returnCode": "0"},
        {"List": []},
        {},
        [],
        "text",
    ],
)
def test_no_failure_is_seen_when_answer_tells_of_none(answer: Any) -> None:
    assert read_failure(json.dumps(answer).encode()) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"success": False},
        {"success": "false"},
        {"success": 0},
        {"success": 2},
        {"success": "perhaps", "List": []},
        {"returnCode": 1},
        {"returnCode": "7", "errorMessages": None},
        {"success": False, "errorMessages": "text"},
        {"success": False, "errorMessages": [None, {"messageKey": 5}]},
    ],
)
def test_failure_is_seen_when_answer_does_not_claim_success(answer: dict[str, Any]) -> None:
    found = read_failure(json.dumps(answer).encode())
    assert found is not None
    assert (found.kind, found.happened) == (RejectedError, Happened.UNKNOWN)
    assert found.message == "the vendor gave no reason"


def test_garbage_is_left_to_the_reader_when_not_json() -> None:
    assert read_failure(b"<html>") is None
    assert read_message(b"<html>") is None


def test_message_has_all_the_words_when_there_are_several_errors() -> None:
    body = {
        "success": False,
        "errorMessages": [
            {"messageKey": "a", "detailedMessage": "First."},
            {"messageKey": "msg_second", "detailedMessage": ""},
        ],
    }
    assert read_message(json.dumps(body).encode()) == "First.; msg_second"


def test_error_is_raised_when_success_is_false_despite_status_200(
    robohead: RoboHead, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(body=failure("msg_error_reviewNotFound", f"No review for {API_KEY}.")))
    with pytest.raises(NotFoundError) as caught:
        robohead.reviews.get(7)
    error = caught.value
    assert (error.vendor, error.operation, error.item) == ("robohead", "reviews.get", "review 7")
    assert (error.status, error.happened) == (200, Happened.NO)
    assert error.detail == "No review for [redacted]."
    assert len(vendor.received) == 1


def test_read_is_repeated_when_failure_in_the_body_may_pass(
    robohead: RoboHead, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(
        Reply(body=failure("msg_error_internal")),
        Reply(body=failure("msg_error_tooManyRequests"), headers={"Retry-After": "9"}),
        Reply(body=b'{"reviewId": 7}'),
    )
    assert robohead.reviews.get(7).id == 7
    assert manual_clock.waits_seconds == [0.5, 9.0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError),
        (401, AuthenticationError),
        (403, RejectedError),
        (404, NotFoundError),
        (429, RateLimitedError),
        (500, ServerError),
    ],
)
def test_status_decides_and_words_are_kept_when_it_is_an_error(
    robohead: RoboHead, vendor: LocalVendor, status: int, kind: type[VendorError]
) -> None:
    vendor.usual = Reply(status, failure("msg_error_other", "Its own words."))
    with pytest.raises(kind, match="Its own words") as caught:
        robohead.reviews.get(7)
    assert type(caught.value) is kind
    assert caught.value.status == status
