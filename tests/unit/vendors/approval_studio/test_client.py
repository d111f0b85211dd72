from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from proofbridge.vendors.approval_studio.client import DEFAULT_BASE_URL, ApprovalStudio
from proofbridge.vendors.approval_studio.dialect import Dialect, Place, Uploads
from proofbridge.vendors.approval_studio.enums import SettableState
from proofbridge.vendors.approval_studio.inputs import (
    AssetTaskCreate,
    ExternalReviewCreate,
    ProjectCreate,
    ProjectEdit,
    ProjectFilter,
    RefDocTaskCreate,
    ReviewTaskCreate,
)
from proofbridge.vendors.approval_studio.operations import OPERATIONS
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    DecodeError,
    Happened,
    InvalidRequestError,
    NotFoundError,
    SourceError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.operation import RetryPolicy, Timeouts
from tests.unit.vendors.approval_studio.memory_store import MemoryStore
from tests.unit.vendors.local_vendor import LocalVendor, Received, Reply
from tests.unit.vendors.manual_clock import ManualClock

Call = Callable[[ApprovalStudio], Any]
ASSET_TASK = AssetTaskCreate(
    project_uid="P1", user_uid="U1", asset_uid="A1", due_date=date(2020, 12, 4), comment="Hello"
)
REF_DOC_TASK = RefDocTaskCreate(project_uid="P1", user_uid="U1", due_date=date(2020, 12, 4), comment="Hello")
REVIEW = ReviewTaskCreate(project_uid="P1", user_uid="U1", asset_uids=["A1"])
EXTERNAL = ExternalReviewCreate(project_uid="P1", email="a@b.co", asset_uids=["A1"])
PROJECT: dict[str, Any] = {"project_name": "Label", "project_owners_uids": ["U1"]}
REF_DOC_TASK_JSON = {"projectUID": "P1", "userUID": "U1", "dueDate": "2020-12-04", "comment": "Hello"}
REVIEW_JSON = {"projectUID": "P1", "userUID": "U1", "assetUIDs": ["A1"]}
EXTERNAL_JSON = {"projectUID": "P1", "email": "a@b.co", "assetUIDs": ["A1"]}
PROJECT_JSON = {"projectName": "Label", "projectOwnersUIDS": ["U1"]}
OPEN_PROJECT = {"projectUID": "P1", "name": "Label", "state": "Active"}
EVERYTHING = "IsLoadAssets=true&IsLoadLastVerAssets=false&IsLoadTasks=true&IsLoadRefDocs=true"
EVERY_STATE = "Active%2COnHold%2CCompleted%2CArchived%2CInTransit"


def envelope(result: Any = None) -> bytes:
    answer = {"version": "1.0", "statusCode": 200, "message": "Done."}
    return json.dumps(answer if result is None else answer | {"result": result}).encode()


CALLS: list[tuple[str, Call, Any, str, Any]] = [
    ("projects.list", lambda s: s.projects.list(), [OPEN_PROJECT], "GET /api/v1/project", None),
    (
        "projects.list",
        lambda s: s.projects.list(ProjectFilter(query="La bel", is_load_tasks=True)),
        [],
        "GET /api/v1/project?Query=La+bel&IsLoadTasks=true",
        None,
    ),
    (
        "projects.list",
        lambda s: s.projects.get("P1", all_versions=True, tasks=True, ref_docs=True),
        [OPEN_PROJECT],
        f"GET /api/v1/project?ProjectUID=P1&States={EVERY_STATE}&{EVERYTHING}",
        None,
    ),
    (
        "projects.create",
        lambda s: s.projects.create(ProjectCreate(**PROJECT)),
        {"projectUID": "P1"},
        "POST /api/v1/project",
        PROJECT_JSON,
    ),
    (
        "projects.edit",
        lambda s: s.projects.edit("P1", ProjectEdit(**PROJECT)),
        None,
        "PUT /api/v1/project",
        {"projectUID": "P1", **PROJECT_JSON},
    ),
    (
        "projects.delete",
        lambda s: s.projects.delete("P1"),
        None,
        "DELETE /api/v1/project?ProjectUID=P1",
        None,
    ),
    (
        "projects.proof_report",
        lambda s: s.projects.proof_report("P1"),
        {"downloadURL": "https://x/r.pdf"},
        "GET /api/v1/project/proofreport?ProjectUID=P1",
        None,
    ),
    (
        "projects.set_state",
        lambda s: s.projects.set_state("P1", SettableState.ON_HOLD),
        None,
        "PUT /api/v1/project/state",
        {"projectUID": "P1", "state": "OnHold"},
    ),
    (
        "assets.get",
        lambda s: s.assets.get("A1"),
        {"assetUID": "A1"},
        "GET /api/v1/asset?AssetUID=A1",
        None,
    ),
    ("assets.delete", lambda s: s.assets.delete("A1"), None, "DELETE /api/v1/asset?AssetUID=A1", None),
    (
        "assets.proof_report",
        lambda s: s.assets.proof_report("A1"),
        {"downloadUrl": "https://x/r.pdf"},
        "GET /api/v1/asset/proofreport?AssetUID=A1",
        None,
    ),
    ("tasks.list", lambda s: s.tasks.list(), [{"taskUID": "T1"}], "GET /api/v1/task/all", None),
    ("tasks.list", lambda s: s.tasks.list("P1"), None, "GET /api/v1/task/all?ProjectUID=P1", None),
    ("tasks.get", lambda s: s.tasks.get("T1"), {"taskUID": "T1"}, "GET /api/v1/task?TaskUID=T1", None),
    (
        "tasks.request_assets",
        lambda s: s.tasks.request_assets(ASSET_TASK),
        {"taskUID": "T1"},
        "POST /api/v1/task/asset_upload",
        {**REF_DOC_TASK_JSON, "assetUID": "A1"},
    ),
    (
        "tasks.request_ref_docs",
        lambda s: s.tasks.request_ref_docs(REF_DOC_TASK),
        {"taskUID": "T1"},
        "POST /api/v1/task/refdoc_upload",
        REF_DOC_TASK_JSON,
    ),
    (
        "tasks.review",
        lambda s: s.tasks.review(REVIEW),
        {"taskUID": "T1"},
        "POST /api/v1/task/review_asset",
        REVIEW_JSON,
    ),
    (
        "tasks.review_externally",
        lambda s: s.tasks.review_externally(EXTERNAL),
        {"taskUID": "T1"},
        "POST /api/v1/task/review_asset_ext",
        EXTERNAL_JSON,
    ),
    (
        "tasks.complete",
        lambda s: s.tasks.complete("T1"),
        None,
        "PUT /api/v1/task/complete",
        {"taskUID": "T1"},
    ),
    ("tasks.delete", lambda s: s.tasks.delete("T1"), None, "DELETE /api/v1/task?TaskUID=T1", None),
    (
        "annotations.list",
        lambda s: s.annotations.list("A1"),
        [{"annotationUID": "N1"}],
        "GET /api/v1/annotation/all?AssetUID=A1",
        None,
    ),
    (
        "annotations.hide",
        lambda s: s.annotations.hide("N1"),
        None,
        "PUT /api/v1/annotation/hide",
        {"annotationUID": "N1"},
    ),
    (
        "annotations.complete",
        lambda s: s.annotations.complete("N1"),
        None,
        "PUT /api/v1/annotation/complete",
        {"annotationUID": "N1"},
    ),
    (
        "annotations.uncomplete",
        lambda s: s.annotations.uncomplete("N1"),
        None,
        "PUT /api/v1/annotation/uncomplete",
        {"annotationUID": "N1"},
    ),
    (
        "annotations.delete",
        lambda s: s.annotations.delete("N1"),
        None,
        "DELETE /api/v1/annotation?AnnotationUID=N1",
        None,
    ),
    (
        "ref_docs.get",
        lambda s: s.ref_docs.get("R1"),
        {"refDocUID": "R1"},
        "GET /api/v1/refdoc?RefDocUID=R1",
        None,
    ),
    (
        "ref_docs.delete",
        lambda s: s.ref_docs.delete("R1"),
        None,
        "DELETE /api/v1/refdoc?RefDocUID=R1",
        None,
    ),
    ("webhooks.list", lambda s: s.webhooks.list(), [{"webhookUID": "W1"}], "GET /api/v1/webhook", None),
    (
        "webhooks.create",
        lambda s: s.webhooks.create("https://example.com/hook"),
        {"webhookUID": "W1"},
        "POST /api/v1/webhook",
        {"url": "https://example.com/hook"},
    ),
    (
        "webhooks.delete",
        lambda s: s.webhooks.delete("W1"),
        None,
        "DELETE /api/v1/webhook?WebhookUID=W1",
        None,
    ),
    (
        "webhooks.test",
        lambda s: s.webhooks.test("W1"),
        None,
        "PUT /api/v1/webhook/test",
        {"webhookUID": "W1"},
    ),
    ("users.list", lambda s: s.users.list(), [{"userUID": "U1"}], "GET /api/v1/users", None),
]
ELSEWHERE = {"token.login", "assets.upload", "assets.download", "ref_docs.upload", "ref_docs.download"}


def line(request: Received) -> str:
    return f"{request.method} {request.path}"


def new_client(vendor: LocalVendor, **more: Any) -> ApprovalStudio:
    return ApprovalStudio(
        base_url=vendor.url,
        username="user@studio.test",
        password="the-pass-word",
        token_store=MemoryStore.with_token("stored-token"),
        clock=ManualClock().clock,
        **more,
    )


def test_every_operation_is_called_here_when_walked() -> None:
    assert {name for name, *_ in CALLS} | ELSEWHERE == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize(("name", "call", "result", "sent", "body"), CALLS)
def test_request_is_the_documented_one_when_called(
    studio: ApprovalStudio, vendor: LocalVendor, name: str, call: Call, result: Any, sent: str, body: Any
) -> None:
    del name
    vendor.answer(Reply(body=envelope([]) if result is None and "task/all" in sent else envelope(result)))
    call(studio)
    (request,) = vendor.received
    assert line(request) == sent
    assert (json.loads(request.body) if request.body else None) == body
    assert request.headers["Authorization"] == "Bearer stored-token"


@pytest.mark.parametrize(("name", "call", "result", "sent", "body"), CALLS)
def test_call_is_repeated_as_tabled_when_vendor_fails(
    studio: ApprovalStudio, vendor: LocalVendor, name: str, call: Call, result: Any, sent: str, body: Any
) -> None:
    del result, sent, body
    vendor.usual = Reply(503)
    repeatable = {operation.name: operation.retry_safe for operation in OPERATIONS}[name]
    with pytest.raises(VendorError) as caught:
        call(studio)
    assert len(vendor.received) == (4 if repeatable else 1)
    assert caught.value.operation == name
    assert caught.value.retry_safe is repeatable


@pytest.mark.parametrize(("name", "call", "result", "sent", "body"), CALLS)
def test_error_names_operation_and_field_when_answer_does_not_fit(
    studio: ApprovalStudio, vendor: LocalVendor, name: str, call: Call, result: Any, sent: str, body: Any
) -> None:
    del sent, body
    garbage = Reply(body=b"<html>private words</html>")
    misfit = garbage if result is None else Reply(body=envelope({"private words": ["private words"]}))
    vendor.usual = misfit
    with pytest.raises(DecodeError) as caught:
        call(studio)
    error = caught.value
    assert (error.vendor, error.operation) == ("approval-studio", name)
    if misfit is garbage:
        assert error.detail == "it is not JSON"
    else:
        assert re.fullmatch(r"result(\.[a-z_0-9]+)*: [a-z_]+", error.detail)
    assert "private" not in str(error) + repr(error)


# --- ids ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("uid", ["", "a b", "../x", "A1.", "A1&x=1", "ä", "x" * 101])
def test_id_is_refused_when_it_is_none(studio: ApprovalStudio, vendor: LocalVendor, uid: str) -> None:
    calls: list[tuple[str, Callable[[], object]]] = [
        ("project_uid", lambda: studio.projects.get(uid)),
        ("project_uid", lambda: studio.projects.edit(uid, ProjectEdit(**PROJECT))),
        ("project_uid", lambda: studio.projects.set_state(uid, SettableState.ACTIVE)),
        ("asset_uid", lambda: studio.assets.get(uid)),
        ("asset_uid", lambda: studio.assets.delete(uid)),
        ("task_uid", lambda: studio.tasks.complete(uid)),
        ("task_uid", lambda: studio.assets.upload("P1", BytesSource(b""), "n", task_uid=uid)),
        ("ref_doc_uid", lambda: studio.ref_docs.open(uid)),
    ]
    for field, call in calls:
        with pytest.raises(InvalidRequestError) as caught:
            call()
        assert caught.value.field == field
    assert not vendor.received


def test_id_stands_elsewhere_when_the_dialect_says_so(vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=envelope())
    with new_client(vendor, dialect=Dialect(deletes=Place.BODY, changes=Place.QUERY)) as studio:
        studio.assets.delete("A1")
        studio.ref_docs.delete("R1")
        studio.tasks.complete("T1")
    assert [(line(request), request.body) for request in vendor.received] == [
        ("DELETE /api/v1/asset", b'{"assetUID":"A1"}'),
        ("DELETE /api/v1/refdoc", b'{"refDocUID":"R1"}'),
        ("PUT /api/v1/task/complete?TaskUID=T1", b""),
    ]


# --- one project -------------------------------------------------------------------------------------------


def test_project_is_found_when_answer_is_one_object(studio: ApprovalStudio, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=envelope(OPEN_PROJECT)))
    assert studio.projects.get("P1").name == "Label"


@pytest.mark.parametrize("result", [[], [{"projectUID": "P2"}]])
def test_project_is_missing_when_the_list_lacks_it(
    studio: ApprovalStudio, vendor: LocalVendor, result: Any
) -> None:
    vendor.answer(Reply(body=envelope(result)))
    with pytest.raises(NotFoundError) as caught:
        studio.projects.get("P1")
    assert (caught.value.item, caught.value.happened) == ("project P1", Happened.NO)


def test_tasks_of_other_projects_are_left_out_when_vendor_ignores_the_project(
    studio: ApprovalStudio, vendor: LocalVendor
) -> None:
    tasks = [{"taskUID": "T1", "projectUID": "P1"}, {"taskUID": "T2", "projectUID": "P2"}, {"taskUID": "T3"}]
    vendor.usual = Reply(body=envelope(tasks))
    assert [task.task_uid for task in studio.tasks.list("P1")] == ["T1", "T3"]
    assert [task.task_uid for task in studio.tasks.list()] == ["T1", "T2", "T3"]


# --- files -------------------------------------------------------------------------------------------------


def uploads(studio: ApprovalStudio, **more: Any) -> list[Callable[[], Any]]:
    data = BytesSource(b"%PDF-1.4 data")
    return [
        lambda: studio.assets.upload("P1", data, "la bel.pdf", **more),
        lambda: studio.ref_docs.upload("P1", data, "la bel.pdf", **more),
    ]


@pytest.mark.parametrize(("which", "path"), [(0, "/api/v1/asset/upload"), (1, "/api/v1/refdoc/upload")])
def test_file_goes_into_a_form_when_uploaded(
    studio: ApprovalStudio, vendor: LocalVendor, which: int, path: str
) -> None:
    vendor.answer(Reply(body=envelope({"assetUID": "A1", "refDocUID": "R1"})))
    done: list[tuple[int, int | None]] = []
    uploads(studio, task_uid="T1", progress=lambda now, total: done.append((now, total)))[which]()
    (request,) = vendor.received
    boundary = request.headers["Content-Type"].partition("boundary=")[2]
    assert line(request) == f"POST {path}"
    assert request.body.decode() == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="ProjectUID"\r\n\r\nP1\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="TaskUID"\r\n\r\nT1\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="File"; filename="la bel.pdf"\r\n'
        f"Content-Type: application/pdf\r\n\r\n%PDF-1.4 data\r\n--{boundary}--\r\n"
    )
    assert done == [(13, 13)]


@pytest.mark.parametrize("which", [0, 1])
def test_parameters_go_into_the_query_when_the_dialect_says_so(vendor: LocalVendor, which: int) -> None:
    vendor.answer(Reply(body=envelope({"assetUID": "A1", "refDocUID": "R1"})))
    with new_client(vendor, dialect=Dialect(uploads=Uploads.ATTACHMENT_AND_QUERY)) as studio:
        uploads(studio, task_uid="T1", content_type="image/png")[which]()
    (request,) = vendor.received
    assert request.path.endswith("/upload?ProjectUID=P1&TaskUID=T1&FileName=la+bel.pdf")
    assert b'name="attachment"; filename="la bel.pdf"\r\nContent-Type: image/png' in request.body
    assert request.body.count(b"Content-Disposition") == 1


@pytest.mark.parametrize("which", [0, 1])
def test_upload_is_never_repeated_when_answer_is_lost(
    studio: ApprovalStudio, vendor: LocalVendor, which: int
) -> None:
    vendor.usual = Reply(fault="drop")
    with pytest.raises(VendorConnectionError) as caught:
        uploads(studio)[which]()
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert len(vendor.received) == 1


class ShrinkingSource(BytesSource):
    @property
    def size_bytes(self) -> int:
        return len(self.data) + 5


def test_upload_is_broken_off_when_source_is_shorter(studio: ApprovalStudio, vendor: LocalVendor) -> None:
    with pytest.raises(SourceError, match="ended after 4 of 9"):
        studio.assets.upload("P1", ShrinkingSource(b"data"), "a.pdf")
    vendor.usual = Reply(body=envelope({"assetUID": "A1"}))
    assert studio.assets.upload("P1", BytesSource(b"data"), "a.pdf").asset_uid == "A1"


@pytest.mark.parametrize(
    ("name", "content_type", "field"),
    [
        ("", None, "name"),
        ("x" * 256, None, "name"),
        ("\ud800.pdf", None, "name"),
        ("a.pdf", "pdf", "content_type"),
        ("a.pdf", "application/pdf\r\nX: 1", "content_type"),
    ],
)
def test_upload_is_refused_when_name_or_type_is_wrong(
    studio: ApprovalStudio, vendor: LocalVendor, name: str, content_type: str | None, field: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        studio.assets.upload("P1", BytesSource(b"x"), name, content_type=content_type)
    assert caught.value.field == field
    assert not vendor.received


def downloads(studio: ApprovalStudio, to: io.BytesIO, **more: Any) -> list[Callable[[], int]]:
    return [
        lambda: studio.assets.download("A1", to, **more),
        lambda: studio.ref_docs.download("R1", to, **more),
    ]


@pytest.mark.parametrize(
    ("which", "sent"),
    [(0, "GET /api/v1/asset/download?AssetUID=A1"), (1, "GET /api/v1/refdoc/download?RefDocUID=R1")],
)
def test_file_arrives_whole_when_downloaded(
    studio: ApprovalStudio, vendor: LocalVendor, which: int, sent: str
) -> None:
    data = bytes(range(256)) * 10_000
    vendor.answer(Reply(503), Reply(body=data))
    to = io.BytesIO()
    done: list[tuple[int, int | None]] = []
    assert downloads(studio, to, progress=lambda now, all_: done.append((now, all_)))[which]() == len(data)
    assert to.getvalue() == data
    assert done[-1] == (len(data), len(data))
    assert [line(request) for request in vendor.received] == [sent, sent]


def test_download_fails_when_file_breaks_off(studio: ApprovalStudio, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b"x" * 100_000, fault="truncate"))
    with pytest.raises(VendorConnectionError) as caught:
        studio.assets.download("A1", io.BytesIO())
    assert caught.value.item == "asset A1"


# --- the client itself -------------------------------------------------------------------------------------


def test_secrets_never_show_when_printed_logged_or_raised(
    studio: ApprovalStudio, vendor: LocalVendor, caplog: pytest.LogCaptureFixture
) -> None:
    said = b'{"message": "stored-token of user@studio.test (the-pass-word) may not"}'
    vendor.usual = Reply(403, said)
    with caplog.at_level(logging.DEBUG), pytest.raises(VendorError) as caught:
        studio.users.list()
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {caplog.text} {studio!r} {studio.assets!r}"
    assert "users.list" in caplog.text
    assert caught.value.detail == "[redacted] of [redacted] ([redacted]) may not"
    for secret in ("stored-token", "user@studio.test", "the-pass-word"):
        assert secret not in shown


def test_webhook_secret_never_shows_when_printed(studio: ApprovalStudio, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=envelope([{"webhookUID": "W1", "secret": "hush", "url": "https://x.test"}])))
    (webhook,) = studio.webhooks.list()
    assert webhook.secret == "hush"
    assert "hush" not in repr(webhook)


def test_one_deadline_holds_for_all_calls_when_within(
    studio: ApprovalStudio, vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    bound = studio.within(Deadline.after(1.2, manual_clock.clock))
    vendor.usual = Reply(503)
    with pytest.raises(VendorError):
        bound.users.list()
    assert manual_clock.waits_seconds == [0.5]
    manual_clock.elapsed_seconds = 1.3
    with pytest.raises(VendorTimeoutError):
        bound.assets.upload("P1", BytesSource(b"x"), "a.pdf")
    assert len(vendor.received) == 2
    vendor.usual = Reply(body=envelope([]))
    assert studio.users.list() == ()
    assert vendor.connections == 1


@pytest.fixture
def hasty(vendor: LocalVendor) -> Iterator[ApprovalStudio]:
    """A client on the real clock that soon loses patience and never repeats."""
    with ApprovalStudio(
        base_url=vendor.url,
        username="user@studio.test",
        password="the-pass-word",
        timeouts=Timeouts(connect_seconds=2, read_seconds=0.15, call_seconds=2),
        retries=RetryPolicy(attempts=1),
    ) as client:
        yield client


def test_nothing_happened_when_only_the_login_timed_out(hasty: ApprovalStudio, vendor: LocalVendor) -> None:
    vendor.answer(Reply(fault="silence"))
    with pytest.raises(VendorTimeoutError) as caught:
        hasty.tasks.review(REVIEW)
    assert (caught.value.operation, caught.value.happened) == ("token.login", Happened.NO)
    assert caught.value.retry_safe


@pytest.mark.parametrize("fault", ["drip", "silence"])
def test_effect_is_unknown_when_the_call_itself_timed_out(
    hasty: ApprovalStudio, vendor: LocalVendor, fault: Any
) -> None:
    vendor.answer(Reply(body=envelope({"token": "t"})), Reply(body=b"x" * 1000, fault=fault))
    with pytest.raises(VendorTimeoutError) as caught:
        hasty.within(Deadline.after(0.5)).tasks.review(REVIEW)
    assert (caught.value.operation, caught.value.happened) == ("tasks.review", Happened.UNKNOWN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"password": ""},
        {"password": "\ud800"},
        {"base_url": "https://api.approval.studio/api/v1"},
        {"token_life": timedelta(minutes=5)},
    ],
)
def test_client_is_refused_when_a_setting_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be") as caught:
        ApprovalStudio(**{"username": "u", "password": "hush-hush"} | wrong)
    assert "hush" not in str(caught.value)


def test_client_calls_by_https_when_nothing_else_is_said() -> None:
    with ApprovalStudio(username="u", password="p") as studio:
        assert repr(studio) == "ApprovalStudio(base_url='https://api.approval.studio')"
    assert DEFAULT_BASE_URL.startswith("https://")
