from __future__ import annotations

import json
from datetime import timedelta

import pytest

from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import SettableState
from proofbridge.vendors.approval_studio.inputs import ProjectEdit, ReviewTaskCreate
from proofbridge.vendors.approval_studio.refusals import read_message
from proofbridge.vendors.errors import (
    ConflictError,
    Happened,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    VendorError,
)
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import START, ManualClock

PROBLEM = {
    "errors": {"ProjectName": ["'Project Name' must not be empty."], "Tags": ["too many", "too long"]},
    "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
    "title": "One or more validation errors occurred.",
    "status": 400,
    "traceId": "|a4a45224-4a7c03bbd5172369.",
}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"version": "1.0", "statusCode": 412, "message": "Has that state."}', "Has that state."),
        (
            json.dumps(PROBLEM).encode(),
            "ProjectName: 'Project Name' must not be empty.; Tags: too many; Tags: too long",
        ),
        (b'{"errors": {"$": "bad body"}}', "$: bad body"),
        (b'{"errors": {}, "title": "Validation failed."}', "Validation failed."),
        (b'{"errors": {"a": [1]}, "title": "Validation failed."}', "Validation failed."),
        (b"  Too many calls: at most 2 per 1m.\r\n", "Too many calls: at most 2 per 1m."),
        (b"<html><h1>Bad Gateway</h1></html>", None),
        (b'{"broken', None),
        (b"[broken", None),
        (b"\xff\xfe\x00", None),
        (b"", None),
        (b"   ", None),
        (b'{"statusCode": 404}', None),
    ],
)
def test_message_is_found_when_refusal_has_one_of_three_shapes(body: bytes, message: str | None) -> None:
    assert read_message(body) == message


def envelope(status: int, message: str = "No.") -> bytes:
    return json.dumps({"version": "1.0", "statusCode": status, "message": message}).encode()


@pytest.mark.parametrize(
    ("status", "body_status", "kind"),
    [
        (400, 400, RejectedError),
        (403, 403, RejectedError),
        (404, 404, NotFoundError),
        (406, 412, ConflictError),
        (410, 410, ConflictError),
        (412, 404, ConflictError),
        (412, 412, ConflictError),
    ],
)
def test_http_status_decides_when_body_says_otherwise(
    studio: ApprovalStudio, vendor: LocalVendor, status: int, body_status: int, kind: type[VendorError]
) -> None:
    vendor.answer(Reply(status, envelope(body_status, "Said by the vendor.")))
    with pytest.raises(kind) as caught:
        studio.annotations.delete("A1")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.detail, error.happened) == (status, "Said by the vendor.", Happened.NO)
    assert (error.operation, error.item) == ("annotations.delete", "annotation A1")


def test_words_and_wait_are_kept_when_limited(studio: ApprovalStudio, vendor: LocalVendor) -> None:
    vendor.usual = Reply(
        429,
        b"Too many calls: at most 2 per 1h.",
        headers={
            "Content-Type": "text/plain",
            "Retry-After": "3000",
            "X-Rate-Limit-Limit": "1h",
            "X-Rate-Limit-Remaining": "0",
            "X-Rate-Limit-Reset": "2026-03-02T09:50:00.0000000Z",
        },
    )
    with pytest.raises(RateLimitedError, match="at most 2 per 1h") as caught:
        studio.users.list()
    assert caught.value.retry_at == START + timedelta(seconds=3000)
    assert caught.value.happened is Happened.NO


def test_task_is_made_once_when_limited_and_then_not(
    studio: ApprovalStudio, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(
        Reply(429, b"Too many calls.", headers={"Retry-After": "7"}),
        Reply(body=b'{"result": {"taskUID": "T1"}}'),
    )
    task = ReviewTaskCreate(project_uid="P1", user_uid="U1", asset_uids=["A1"])
    assert studio.tasks.review(task).task_uid == "T1"
    assert manual_clock.waits_seconds == [7.0]


# --- refused the second time -----------------------------------------------------------------------------


def test_state_counts_as_set_when_only_the_repetition_is_refused(
    studio: ApprovalStudio, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(fault="drop"), Reply(406, envelope(412, "It has that state.")))
    studio.projects.set_state("P1", SettableState.COMPLETED)
    assert len(vendor.received) == 2


@pytest.mark.parametrize(
    ("method", "status"), [("complete", 410), ("annotation_complete", 406), ("annotation_uncomplete", 406)]
)
def test_change_counts_as_made_when_only_the_repetition_is_refused(
    studio: ApprovalStudio, vendor: LocalVendor, method: str, status: int
) -> None:
    change = {
        "complete": studio.tasks.complete,
        "annotation_complete": studio.annotations.complete,
        "annotation_uncomplete": studio.annotations.uncomplete,
    }[method]
    vendor.answer(Reply(500), Reply(status, envelope(status)))
    change("X1")
    vendor.answer(Reply(status, envelope(status)))
    with pytest.raises(ConflictError) as caught:
        change("X1")
    assert caught.value.happened is Happened.NO


def test_refusal_stands_when_it_is_not_the_one_of_a_repetition(
    studio: ApprovalStudio, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(fault="drop"), Reply(412, envelope(412, "Not from there.")))
    with pytest.raises(ConflictError, match="Not from there") as caught:
        studio.projects.set_state("P1", SettableState.ARCHIVED)
    assert caught.value.happened is Happened.UNKNOWN
    vendor.answer(Reply(fault="drop"), Reply(406, envelope(412)))
    with pytest.raises(ConflictError):
        studio.projects.edit("P1", ProjectEdit(project_name="n", project_owners_uids=["U1"]))
