from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import pytest
import requests

from local.simulators.good2go.account import PROOFS_GUID
from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller, serving
from tests.unit.simulators.proofs import (
    CUSTOMER,
    DUE,
    PDF,
    REVIEW,
    REVIEWER,
    bare,
    folder,
    held,
    part,
    upload,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def refused(good2go: Caller, fields: dict[str, Any], expect: int = 422, **files: Any) -> str:
    form = {key: value for key, value in {**REVIEW, **fields}.items() if value is not None}
    answer = good2go.call("POST", "/upload", expect, data=form, files=files or part())
    assert answer["error"]["status_code"] == expect
    assert good2go.effects() == []
    return str(answer["error"]["message"])


def test_job_task_and_email_come_about_when_a_proof_is_uploaded(good2go: Caller) -> None:
    job = upload(good2go, {**REVIEW, "reviewers[0][email]": REVIEWER, "reviewers[1][group]": "Legal"})
    assert (job["name"], job["size"], job["type"], job["version"]) == (
        "carton.pdf",
        len(PDF),
        "application/pdf",
        1,
    )
    assert (job["status"], job["parent_guid"], job["c_email"], job["due_at"]) == (
        "new",
        PROOFS_GUID,
        CUSTOMER,
        DUE,
    )
    tasks = good2go.call("GET", f"/jobs/{job['guid']}/tasks")
    assert [task["assigned_to"] for task in tasks] == [CUSTOMER, REVIEWER, "Legal"]
    assert all(isinstance(task["id"], int) for task in tasks)
    assert {(t["category"], t["status"], t["due_at"], t["job_status"]) for t in tasks} == {
        ("review-task", "new", DUE, None)
    }
    (effect,) = good2go.effects()
    assert (effect["operation"], effect["item"]) == ("upload", job["guid"])
    assert effect["emails"] == [CUSTOMER, REVIEWER, "Legal"]
    version = held(good2go, job["guid"])["versions"][0]
    assert (version["sha256"], version["size_bytes"]) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert (version["via"], version["puid"]) == ("filekey", "ref-1")


@pytest.mark.parametrize(
    ("fields", "emails", "tasks"),
    [
        ({"schedule": "later"}, [], 1),
        ({"schedule": None}, [], 1),
        ({"reason": "update-task"}, [], 1),
        ({"reason": "send-message"}, [CUSTOMER], 0),
        ({"reason": "send-message-all"}, [CUSTOMER], 0),
        ({"task[category]": None, "task[due_at]": None}, [CUSTOMER], 0),
        ({"task[category]": None, "task[due_at]": None, "default[task]": "1"}, [CUSTOMER], 1),
        ({"recipient": None}, [], 0),
    ],
)
def test_reason_and_schedule_decide_who_hears_of_it_when_uploading(
    good2go: Caller, fields: dict[str, Any], emails: list[str], tasks: int
) -> None:
    form = {key: value for key, value in {**REVIEW, **fields}.items() if value is not None}
    job = upload(good2go, form)
    assert good2go.effects("upload")[0]["emails"] == emails
    assert len(good2go.call("GET", f"/jobs/{job['guid']}/tasks")) == tasks


def test_puid_is_in_answers_only_when_the_setting_says_so(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    assert "puid" not in good2go.call("GET", f"/jobs/{guid}")
    good2go.settings(puid_in_responses=True)
    assert good2go.call("GET", f"/jobs/{guid}")["puid"] == "ref-1"
    assert good2go.call("GET", f"/jobs?parent={PROOFS_GUID}")["data"][0]["puid"] == "ref-1"


def test_due_date_of_the_task_is_the_jobs_too_unless_the_setting_says_no(good2go: Caller) -> None:
    good2go.settings(task_due_at_sets_job_due_at=False)
    assert upload(good2go)["due_at"] is None


def test_job_is_at_the_top_level_when_no_parent_is_given(good2go: Caller) -> None:
    guid = bare(good2go)
    assert good2go.call("GET", f"/jobs/{guid}")["parent_guid"] is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reason": None}, "reason"),
        ({"reason": "notify"}, "reason"),
        ({"schedule": "soon"}, "schedule"),
        ({"task[category]": "quote-review-task"}, "task.category"),
        ({"task[category]": "review-task."}, "task.category"),
        ({"task[status]": "closed"}, "task.status"),
        ({"task[due_at]": "2030-06-01T12:00:00Z"}, "task.due_at"),
        ({"task[due_at]": "2030-06-01 12:00:00"}, "task.due_at"),
        ({"task[due_at]": "2030-06-01T12:00:00.000Z."}, "task.due_at"),
        ({"task[due_at]": "2030-13-01T12:00:00.000Z"}, "task.due_at"),
        ({"task[due_at]": "2030-06-01T12:00:00.000+00:00"}, "task.due_at"),
        ({"task[req_confirm]": "true"}, "task.req_confirm"),
        ({"task[req_confirm]": "0"}, "task.req_confirm"),
        ({"task[assignee]": CUSTOMER}, "task.assignee"),
        ({"default[task]": "yes"}, "default.task"),
        ({"recipient": "customer@brand.test."}, "recipient"),
        ({"recipient": "customer"}, "recipient"),
        ({"reviewers[0][email]": "nobody"}, "reviewers"),
        ({"reviewers[]": REVIEWER}, "reviewers"),
        ({"reviewers[0][name]": "x"}, "reviewers"),
        ({"label": "x" * 65}, "label"),
        ({"puid": "x" * 81}, "puid"),
        ({"name": "x" * 256}, "name"),
        ({"parent": "Proofs"}, "parent"),
        ({"parent_guid": PROOFS_GUID}, "parent_guid"),
        ({"due_at": DUE}, "due_at"),
        ({"file_url": "http://127.0.0.1/x"}, "filekey"),
        ({"size": "many"}, "size"),
        ({"type": "pdf"}, "type"),
    ],
)
def test_upload_is_a_violation_when_a_field_is_not_as_documented(
    good2go: Caller, fields: dict[str, Any], reason: str
) -> None:
    refused(good2go, fields)
    assert reason in good2go.violation()


def test_upload_is_a_violation_when_a_field_comes_twice(good2go: Caller) -> None:
    form = [*REVIEW.items(), ("puid", "again")]
    good2go.call("POST", "/upload", 422, data=form, files=part())
    assert "puid" in good2go.violation()


def test_upload_is_a_violation_when_there_is_no_file_part(good2go: Caller) -> None:
    boundary = {"comments": (None, "just a field")}
    good2go.call("POST", "/upload", 422, data=REVIEW, files=boundary)
    assert "filekey" in good2go.violation()
    good2go.call("POST", "/upload", 422, data=REVIEW, files={"filekey": (None, "text")})
    assert "filekey" in good2go.violation()
    good2go.call("POST", "/upload", 422, data=REVIEW, files={"File": ("a.pdf", PDF)})
    assert "File" in good2go.violation()


def test_upload_is_refused_when_the_body_is_no_multipart(good2go: Caller) -> None:
    good2go.call("POST", "/upload", 415, json={"reason": "update-task"})
    assert "multipart/form-data" in good2go.violation()
    good2go.call("POST", "/upload", 415, data={"reason": "update-task"})


def test_upload_is_refused_when_its_folder_is_unknown_or_a_file(good2go: Caller) -> None:
    refused(good2go, {"parent": UNKNOWN}, 404)
    good2go.control("POST", "/reset")
    file = bare(good2go)
    good2go.call("POST", "/upload", 422, data={**REVIEW, "parent": file}, files=part())
    assert len(good2go.effects()) == 1


def test_upload_is_refused_when_the_file_is_too_large(good2go: Caller) -> None:
    good2go.settings(max_file_bytes=10)
    refused(good2go, {}, 413)


def test_bare_reviewers_are_taken_when_the_setting_allows_it(good2go: Caller) -> None:
    good2go.settings(plain_reviewers=True)
    job = upload(good2go, {**REVIEW, "reviewers[]": REVIEWER})
    tasks = good2go.call("GET", f"/jobs/{job['guid']}/tasks")
    assert [task["assigned_to"] for task in tasks] == [CUSTOMER, REVIEWER]


def test_file_is_fetched_when_a_url_is_given(good2go: Caller) -> None:
    content = b"fetched artwork" * 1000
    paths = []

    def answer(path: str, _headers: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        paths.append(path)
        return 200, content

    with serving(answer) as origin:
        fields = {"file_url": f"{origin}/art?sig=1", "name": "Art.pdf", "type": "application/pdf"}
        form = {**REVIEW, **fields, "size": str(len(content))}
        job = good2go.call("POST", "/upload", data=form, files={"label": (None, "From S3")})
    assert paths == ["/art?sig=1"]
    assert (job["name"], job["size"], job["type"]) == ("Art.pdf", len(content), "application/pdf")
    version = held(good2go, job["guid"])["versions"][0]
    assert (version["sha256"], version["via"]) == (hashlib.sha256(content).hexdigest(), "file_url")


@pytest.mark.parametrize("missing", ["name", "size", "type"])
def test_file_url_is_a_violation_when_what_belongs_to_it_is_missing(good2go: Caller, missing: str) -> None:
    fields = {"file_url": "http://127.0.0.1:1/x", "name": "a.pdf", "size": "5", "type": "application/pdf"}
    form = {**REVIEW, **{key: value for key, value in fields.items() if key != missing}}
    good2go.call("POST", "/upload", 422, data=form, files={"comments": (None, "x")})
    assert missing in good2go.violation()


@pytest.mark.parametrize(
    ("url", "size"), [("/missing", "4"), ("/art", "5"), ("ftp://x/y", "4"), ("/" + "x" * 2000, "4")]
)
def test_file_url_is_refused_when_what_it_names_is_not_there(good2go: Caller, url: str, size: str) -> None:
    def answer(path: str, _headers: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        return (200, b"1234") if path == "/art" else (404, b"")

    with serving(answer) as origin:
        file_url = origin + url if url.startswith("/") else url
        form = {**REVIEW, "file_url": file_url, "name": "a.pdf", "size": size, "type": "application/pdf"}
        good2go.call("POST", "/upload", 422, data=form, files={"comments": (None, "x")})
    assert good2go.effects() == []


def test_revision_counts_up_and_starts_anew_when_uploaded(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.act("approve", job=guid)
    good2go.control("POST", "/clock", json={"advance_seconds": 3600})
    job = good2go.call(
        "POST",
        f"/jobs/{guid}/revision",
        data={"reason": "reset-task", "schedule": "now", "task[category]": "review-task", "puid": "ref-2"},
        files=part("carton v2.pdf", b"new bytes"),
    )
    assert (job["guid"], job["version"], job["name"]) == (guid, 2, "carton v2.pdf")
    assert (job["parent_guid"], job["status"], job["size"]) == (PROOFS_GUID, "new", 9)
    assert "reviewed_at" not in job
    assert job["path_url"].endswith("/carton%20v2.pdf?version=2")
    (task,) = good2go.call("GET", f"/jobs/{guid}/tasks")
    assert (task["status"], task["job_status"], task["assigned_to"]) == ("new", None, CUSTOMER)
    assert good2go.effects("upload_revision")[0]["emails"] == [CUSTOMER]
    assert [v["puid"] for v in held(good2go, guid)["versions"]] == ["ref-1", "ref-2"]


def test_revision_leaves_the_tasks_when_the_reason_is_no_reset(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.act("approve", job=guid)
    form = {"reason": "update-task", "parent": folder(good2go, "Elsewhere")}
    job = good2go.call("POST", f"/jobs/{guid}/revision", data=form, files=part())
    assert (job["status"], job["parent_guid"]) == ("new", form["parent"])
    assert good2go.call("GET", f"/jobs/{guid}/tasks")[0]["job_status"] == "approved"


def test_reset_sends_no_email_when_the_setting_says_so(good2go: Caller) -> None:
    good2go.settings(reset_task_sends_email=False)
    guid = upload(good2go)["guid"]
    form = {"reason": "reset-task", "schedule": "now", "task[category]": "review-task"}
    good2go.call("POST", f"/jobs/{guid}/revision", data=form, files=part())
    assert good2go.effects("upload_revision")[0]["emails"] == []


def test_revision_is_refused_when_the_job_is_unknown_or_a_folder(good2go: Caller) -> None:
    for guid, status in ((UNKNOWN, 404), (PROOFS_GUID, 422), ("no-guid", 404)):
        form = {"reason": "update-task"}
        good2go.call("POST", f"/jobs/{guid}/revision", status, data=form, files=part())


def test_newest_file_is_downloaded_when_guid_and_name_are_known(good2go: Caller) -> None:
    name = "Größe 100% & mehr.pdf"
    guid = upload(good2go, {**REVIEW, "name": name})["guid"]
    url = f"{good2go.origin}/review/download/{guid}/document/"
    answer = requests.get(url + quote(name, safe=""), timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    wrong = requests.get(url + "other.pdf", timeout=TIMEOUT_SECONDS)
    assert (wrong.status_code, list(wrong.json())) == (404, ["message"])


def test_download_is_a_violation_when_a_slash_of_the_name_is_not_encoded(good2go: Caller) -> None:
    guid = upload(good2go, {**REVIEW, "name": "front/back.pdf"})["guid"]
    url = f"{good2go.origin}/review/download/{guid}/document/"
    assert requests.get(url + "front%2Fback.pdf", timeout=TIMEOUT_SECONDS).content == PDF
    answer = requests.get(url + "front/back.pdf", timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, list(answer.json())) == (404, ["message"])
    assert "name" in good2go.violation()


def test_download_answers_503_when_it_is_not_available(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.settings(download_available=False)
    url = f"{good2go.origin}/review/download/{guid}/document/carton.pdf"
    answer = requests.get(url, timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_no_file_is_left_when_an_upload_is_refused(good2go: Caller) -> None:
    directory = good2go.simulator.blobs.directory
    before = set(directory.iterdir())
    refused(good2go, {"reason": "nonsense"})
    refused(good2go, {"parent": UNKNOWN}, 404)
    assert set(directory.iterdir()) == before
    guid = bare(good2go)
    assert len(set(directory.iterdir()) - before) == 1
    good2go.call("DELETE", f"/jobs/{guid}")
    good2go.call("DELETE", f"/jobs/{guid}")
    assert set(directory.iterdir()) == before
