from __future__ import annotations

import hashlib
import http.server
import io
import itertools
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import (
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    ServerError,
    VendorTimeoutError,
)
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import Schedule, TaskStatus, UploadReason, UploadTaskCategory
from proofbridge.vendors.good2go.inputs import Defaults, RemoteFile, Reviewer, Revision, Upload, UploadTask
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.operation import Timeouts
from tests.contract.proofs import CUSTOMER, FOLDER, MISSING, PDF, fault, new_proof, pdf

DUE = datetime(2030, 11, 30, 8, 37, 46, tzinfo=UTC)
EVERYTHING = {
    "comments": "Please review",
    "default": Defaults(comments=False, task=True, reviewers=False),
    "schedule": Schedule.NOW,
    "task": UploadTask(
        category=UploadTaskCategory.REVIEW, due_at=DUE, req_confirm=True, status=TaskStatus.NEW
    ),
    "reason": UploadReason.NOTIFY_TASK,
    "recipient": CUSTOMER,
    "reviewers": (Reviewer(email="second@brand.test"), Reviewer(group="Legal")),
    "alt_text": "Label of the year",
    "label": "In review",
    "name": "Label.pdf",
    "parent": FOLDER,
    "puid": "p" * 80,
}


@pytest.fixture
def public_url() -> Iterator[str]:
    """The address of a file that the vendor can fetch."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(PDF)))
            self.end_headers()
            self.wfile.write(PDF)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/label.pdf"
    server.shutdown()
    server.server_close()
    thread.join()


def stored(simulator: Simulator, guid: str) -> dict[str, object]:
    found = next(job for job in simulator.vendor.state()["jobs"] if job["guid"] == guid)
    assert isinstance(found, dict)
    return found


def test_file_is_uploaded_when_everything_is_said_of_it(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    data = bytes(range(256)) * 30_000
    seen: list[tuple[int, int | None]] = []
    job = good2go.files.upload(
        Upload.model_validate(EVERYTHING),
        LocalFile(BytesSource(data), "from disk.pdf"),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert (job.name, job.parent_guid, job.c_email) == ("Label.pdf", FOLDER, CUSTOMER)
    assert (job.size, job.version, job.due_at) == (len(data), 1, DUE)
    assert seen[-1] == (len(data), len(data))
    kept = stored(good2go_simulator, job.guid)
    assert (kept["puid"], kept["label"], kept["alt_text"]) == ("p" * 80, "In review", "Label of the year")
    effect = good2go_simulator.effects.entries()[-1]
    assert effect["sha256"] == hashlib.sha256(data).hexdigest()
    assert "second@brand.test" in effect["emails"]
    tasks = {task.assigned_to: task for task in good2go.tasks.list(job.guid)}
    assert (tasks["second@brand.test"].due_at, tasks["second@brand.test"].req_confirm) == (DUE, True)


def test_name_is_taken_from_the_part_when_no_other_is_given(good2go: Good2Go) -> None:
    job = good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK), pdf('Größe "XL" 日本.pdf'))
    assert job.name is not None
    assert job.name.startswith("Größe")
    assert job.name.endswith("日本.pdf")
    assert job.type == "application/pdf"


def test_file_is_fetched_when_named_by_url(
    good2go: Good2Go, good2go_simulator: Simulator, public_url: str
) -> None:
    remote = RemoteFile(url=public_url, name="Remote.pdf", size_bytes=len(PDF), type="application/pdf")
    job = good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK, puid="x"), remote)
    assert (job.name, job.size) == ("Remote.pdf", len(PDF))
    assert good2go_simulator.effects.entries()[-1]["sha256"] == hashlib.sha256(PDF).hexdigest()
    revised = good2go.files.revise(job.guid, Revision(reason=UploadReason.UPDATE_TASK), remote)
    assert revised.version == 2


def test_scheme_and_type_are_taken_when_in_upper_case(good2go: Good2Go, public_url: str) -> None:
    shouted = public_url.replace("http", "HTTP")
    remote = RemoteFile(url=shouted, name="Remote.pdf", size_bytes=len(PDF), type="Application/PDF")
    assert good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK), remote).size == len(PDF)


def test_empty_file_is_sent_when_it_is_one(good2go: Good2Go) -> None:
    job = good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK), pdf(data=b""))
    assert job.size == 0


def test_version_grows_when_file_is_revised(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    made = new_proof(good2go)
    revised = good2go.files.revise(
        made.guid, Revision.model_validate({**EVERYTHING, "parent": FOLDER}), pdf(data=b"%PDF second")
    )
    assert (revised.guid, revised.version, revised.parent_guid) == (made.guid, 2, FOLDER)
    assert good2go_simulator.effects.entries()[-1]["puid"] == "p" * 80


def test_file_comes_back_when_downloaded(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    data = bytes(range(256)) * 30_000
    name = "Größe & 50% #1?.pdf"
    job = good2go.files.upload(Upload(reason=UploadReason.UPDATE_TASK), pdf(name, data))
    target = io.BytesIO()
    seen: list[tuple[int, int | None]] = []
    size = good2go.files.download(
        job.guid, name, target, progress=lambda done, total: seen.append((done, total))
    )
    assert (size, target.getvalue()) == (len(data), data)
    assert seen[-1] == (len(data), len(data))
    with good2go.files.open(job.guid, name) as download:
        assert download.content_type == "application/pdf"
        assert sum(len(piece) for piece in download) == len(data)
    assert effectless(good2go_simulator)


def effectless(simulator: Simulator) -> bool:
    return [entry["operation"] for entry in simulator.effects.entries()] == ["upload"]


def test_download_fails_when_there_is_no_such_file(good2go: Good2Go, good2go_simulator: Simulator) -> None:
    job = new_proof(good2go)
    with pytest.raises(NotFoundError):
        good2go.files.download(job.guid, "other.pdf", io.BytesIO())
    good2go_simulator.settings.download_available = False  # type: ignore[attr-defined]
    with pytest.raises(ServerError, match="Service Unavailable") as caught:
        good2go.files.download(job.guid, "Label.pdf", io.BytesIO())
    assert caught.value.status == 503


def test_file_is_refused_when_too_large_for_the_vendor(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go_simulator.settings.max_file_bytes = 10  # type: ignore[attr-defined]
    with pytest.raises(RejectedError) as caught:
        new_proof(good2go)
    assert caught.value.status == 413


def test_revision_fails_when_there_is_no_such_job(good2go: Good2Go) -> None:
    with pytest.raises(NotFoundError):
        good2go.files.revise(MISSING, Revision(reason=UploadReason.UPDATE_TASK), pdf())


def test_upload_takes_every_word_when_documented(good2go: Good2Go) -> None:
    for reason, category in itertools.product(UploadReason, UploadTaskCategory):
        task = UploadTask(category=category, status=TaskStatus.PAUSED)
        good2go.files.upload(Upload(reason=reason, recipient=CUSTOMER, task=task), pdf())


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("", None), ("n" * 256, None), ("bad\ud800.pdf", None), ("a.pdf", "pdf"), ("a.pdf", "a/b\r\nX: 1")],
)
def test_file_is_refused_before_sending_when_name_or_type_is_wrong(
    good2go: Good2Go, good2go_simulator: Simulator, name: str, content_type: str | None
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        good2go.files.upload(
            Upload(reason=UploadReason.UPDATE_TASK), LocalFile(BytesSource(b"x"), name, content_type)
        )
    assert caught.value.field == "file"
    assert good2go_simulator.requests.entries() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://example.com/x"),
        ("url", "/files/x.pdf"),
        ("url", "https://example.com/" + "x" * 2000),
        ("url", " https://example.com/x"),
        ("url", "https://example.com/a b"),
        ("url", "https://exam\nple.com/x"),
        ("url", "https:example.com/x"),
        ("url", "https:///example.com/x"),
        ("url", "https:\\\\example.com\\x"),
        ("name", ""),
        ("size_bytes", -1),
        ("type", "pdf"),
        ("type", "-/-"),
    ],
)
def test_remote_file_is_refused_when_vendor_could_not_fetch_it(field: str, value: object) -> None:
    good = {"url": "https://example.com/x.pdf", "name": "x.pdf", "size_bytes": 1, "type": "application/pdf"}
    RemoteFile.model_validate(good)
    with pytest.raises(InvalidRequestError):
        RemoteFile.model_validate({**good, field: value})


@pytest.mark.parametrize("fetched", [False, True])
def test_vendor_has_all_the_time_there_is_only_when_it_fetches_the_file_itself(
    good2go_simulator: Simulator, public_url: str, *, fetched: bool
) -> None:
    file = RemoteFile(url=public_url, name="Label.pdf", size_bytes=len(PDF), type="application/pdf")
    hasty = Timeouts(transfer_read_seconds=0.1)
    fault(good2go_simulator, "upload", "slow", seconds=0.5)
    with (
        Good2Go(token="g2g-local-token", base_url=good2go_simulator.url, timeouts=hasty) as client,
        nullcontext() if fetched else pytest.raises(VendorTimeoutError),
    ):
        client.files.upload(Upload(reason=UploadReason.NOTIFY_TASK), file if fetched else pdf())
