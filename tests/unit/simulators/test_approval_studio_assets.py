from __future__ import annotations

import hashlib
import threading
from typing import Any

import pytest

from local.simulators import serve
from tests.unit.simulators.calls import Caller, serving

PROJECT = "PRJARTWORK"
PDF = b"%PDF-1.7 a label"


def upload(studio: Caller, name: str = "label.pdf", data: bytes = PDF, **fields: str) -> str:
    form = {"ProjectUID": PROJECT, **fields}
    files = {"File": (name, data, "application/pdf")}
    return str(studio.call("POST", "/asset/upload", data=form, files=files)["result"]["assetUID"])


def asset(studio: Caller, uid: str, expect: int = 200) -> dict[str, Any]:
    answer = studio.call("GET", "/asset", expect, params={"AssetUID": uid})
    result: dict[str, Any] = answer.get("result", answer)
    return result


def listed(studio: Caller, **query: str) -> list[dict[str, Any]]:
    answer = studio.call("GET", "/project", params={"ProjectUID": PROJECT, "IsLoadAssets": "true", **query})
    assets: list[dict[str, Any]] = answer["result"][0]["assets"]
    return assets


def test_asset_is_processed_at_once_when_nothing_delays_it(studio: Caller) -> None:
    uid = upload(studio)
    shown = asset(studio, uid)
    assert (shown["assetUID"], shown["version"], shown["name"]) == (uid, 1, "label.pdf")
    assert (shown["status"], shown["pagesCount"], shown["fileSize"]) == ("Processed", 1, len(PDF))
    assert shown["reviewStatus"] == {"pendingCount": 0, "approvedCount": 0, "rejectedCount": 0}
    assert shown["reviewUrl"] == f"{studio.origin}/#{uid}"
    assert shown["created"][-1].isdigit()
    assert studio.call("GET", f"/project?ProjectUID={PROJECT}")["result"][0].get("assets") is None
    effect = studio.effects("upload_asset")[0]
    assert (effect["sha256"], effect["size_bytes"]) == (hashlib.sha256(PDF).hexdigest(), len(PDF))


def test_asset_waits_for_the_clock_when_processing_takes_time(studio: Caller) -> None:
    studio.settings(processing_seconds=600)
    uid = upload(studio)
    assert (asset(studio, uid)["status"], asset(studio, uid)["pagesCount"]) == ("Pending", 0)
    studio.control("POST", "/clock", json={"advance_seconds": 601})
    assert asset(studio, uid)["status"] == "Processed"


def test_processing_ends_on_its_own_when_nobody_calls() -> None:
    told = threading.Event()

    def answer(_path: str, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if b"asset.uploaded" in body:
            told.set()
        return 200, b""

    with (
        serving(answer) as origin,
        serve("approval-studio", webhook_url=origin, processing_seconds=0.1) as simulator,
    ):
        caller = Caller(simulator, "/api/v1", {})
        credentials = {"userName": "studio@proofbridge.test", "password": "local-studio-password"}
        token = caller.call("POST", "/token/login", json=credentials)["result"]["token"]
        caller.session.headers["Authorization"] = f"Bearer {token}"
        upload(caller)
        assert told.wait(20)
        caller.close()


def test_no_thread_is_left_when_processing_is_pending_at_the_end() -> None:
    before = threading.active_count()
    with serve("approval-studio", processing_seconds=3600) as simulator:
        caller = Caller(simulator, "/api/v1", {})
        credentials = {"userName": "studio@proofbridge.test", "password": "local-studio-password"}
        token = caller.call("POST", "/token/login", json=credentials)["result"]["token"]
        caller.session.headers["Authorization"] = f"Bearer {token}"
        upload(caller)
        caller.close()
    assert threading.active_count() == before


def test_processing_fails_when_set_so_or_when_a_person_lets_it(studio: Caller) -> None:
    studio.settings(processing="fail")
    assert asset(studio, upload(studio))["status"] == "Failed"
    studio.settings(processing="succeed", processing_seconds=600, asset_statuses={"failed": "Rejected"})
    failing, succeeding = upload(studio, "a.pdf"), upload(studio, "b.pdf")
    studio.act("fail-processing", asset=failing)
    studio.act("finish-processing", asset=succeeding)
    assert asset(studio, failing)["status"] == "Rejected"
    assert asset(studio, succeeding)["status"] == "Processed"
    studio.act("finish-processing", 409, asset=failing)


def test_same_name_makes_the_next_version_when_uploaded_again(studio: Caller) -> None:
    first, second, other = upload(studio), upload(studio, data=b"new"), upload(studio, "other.pdf")
    assert (asset(studio, first)["version"], asset(studio, second)["version"]) == (1, 2)
    assert [each["assetUID"] for each in listed(studio)] == [second, other]
    everything = listed(studio, IsLoadLastVerAssets="false")
    assert [each["assetUID"] for each in everything] == [first, second, other]


def test_same_name_makes_another_asset_when_set_so(studio: Caller) -> None:
    studio.settings(version_by_file_name=False)
    upload(studio)
    assert asset(studio, upload(studio))["version"] == 1
    assert len(listed(studio)) == 2


def test_upload_is_refused_when_the_form_is_not_as_documented(studio: Caller) -> None:
    file = {"File": ("a.pdf", PDF)}
    studio.call("POST", "/asset/upload", 400, files=file)
    assert "ProjectUID" in studio.violation()
    studio.call("POST", "/asset/upload", 400, data={"ProjectUID": PROJECT}, files={"file": ("a.pdf", PDF)})
    studio.call("POST", "/asset/upload", 400, data={"ProjectUID": PROJECT}, files={"attachment": ("a", PDF)})
    assert "attachment" in studio.violation()
    studio.call("POST", f"/asset/upload?ProjectUID={PROJECT}", 400, files=file)
    studio.call("POST", "/asset/upload", 400, data={"ProjectUID": PROJECT, "Name": "x"}, files=file)
    studio.call("POST", "/asset/upload", 415, json={"ProjectUID": PROJECT})
    assert studio.effects() == []


def test_upload_takes_its_parameters_from_the_query_when_set_so(studio: Caller) -> None:
    studio.settings(upload_parameters="query")
    path = f"/asset/upload?ProjectUID={PROJECT}&FileName=label.pdf"
    uid = studio.call("POST", path, files={"attachment": ("x", PDF)})["result"]["assetUID"]
    assert asset(studio, uid)["name"] == "label.pdf"
    studio.call("POST", path, 400, files={"File": ("x", PDF)})
    studio.call("POST", "/asset/upload", 400, data={"ProjectUID": PROJECT}, files={"attachment": ("x", PDF)})


def test_upload_is_refused_when_the_project_is_missing_or_closed(studio: Caller) -> None:
    files = {"File": ("a.pdf", PDF)}
    studio.call("POST", "/asset/upload", 404, data={"ProjectUID": "NONE"}, files=files)
    studio.call("PUT", "/project/state", json={"projectUID": PROJECT, "state": "Completed"})
    studio.call("POST", "/asset/upload", 404, data={"ProjectUID": PROJECT}, files=files)


def test_file_is_what_was_uploaded_when_downloaded(studio: Caller) -> None:
    data = bytes(range(256)) * 8192
    uid = upload(studio, "Etikett ä.pdf", data)
    answer = studio.send("GET", f"/asset/download?AssetUID={uid}")
    assert (answer.content, answer.headers["Content-Length"]) == (data, str(len(data)))
    assert answer.headers["Content-Disposition"].endswith("Etikett%20%C3%A4.pdf")
    studio.call("GET", "/asset/download?AssetUID=NONE", 404)


def test_report_tells_of_decisions_and_remarks_when_asked_for(studio: Caller) -> None:
    uid = upload(studio)
    studio.act("annotate", asset=uid, comment="Ω too small")
    url = studio.call("GET", f"/asset/proofreport?AssetUID={uid}")["result"]["downloadURL"]
    assert studio.session.get(url, timeout=20).content.startswith(b"%PDF-1.4")
    studio.call("GET", "/asset/proofreport?AssetUID=NONE", 404)


@pytest.mark.parametrize("place", ["query", "body"])
def test_asset_is_gone_with_what_hangs_on_it_when_deleted(studio: Caller, place: str) -> None:
    studio.settings(parameter_place=place)
    uid, kept = upload(studio), upload(studio, "other.pdf")
    studio.act("annotate", asset=uid, comment="x")
    task = {"projectUID": PROJECT, "userUID": "USRREV"}
    studio.call("POST", "/task/review_asset", json={**task, "assetUIDs": [uid]})
    shared = studio.call("POST", "/task/review_asset", json={**task, "assetUIDs": [uid, kept]})["result"]
    named: dict[str, Any] = {"params": {"AssetUID": uid}} if place == "query" else {"json": {"assetUID": uid}}
    studio.call("DELETE", "/asset", **named)
    studio.call("DELETE", "/asset", 404, **named)
    assert asset(studio, uid, 404)["statusCode"] == 404
    state = studio.control("GET", "/state")
    assert [(t["uid"], t["asset_uids"]) for t in state["tasks"]] == [(shared["taskUID"], [kept])]
    assert state["annotations"] == []
    assert len(studio.effects("delete_asset")) == 1


def test_children_are_shown_when_they_are_asked_for(studio: Caller) -> None:
    uid = upload(studio)
    studio.call(
        "POST",
        "/task/review_asset",
        json={"projectUID": PROJECT, "userUID": "USRREV", "assetUIDs": [uid], "dueDate": "2031-01-02"},
    )
    files = {"File": ("brief.txt", b"words")}
    studio.call("POST", "/refdoc/upload", data={"ProjectUID": PROJECT}, files=files)
    query = "IsLoadAssets=true&IsLoadTasks=true&IsLoadRefDocs=true"
    (project,) = studio.call("GET", f"/project?{query}")["result"]
    assert project["reviewStatus"]["pendingCount"] == 1
    assert project["tasks"][0]["dueDate"] == "2031-01-02"
    assert project["refDocs"][0]["name"] == "brief.txt"
    studio.act("approve", asset=uid)
    (project,) = studio.call("GET", f"/project?{query}")["result"]
    assert project["tasks"] == []
    assert project["reviewStatus"] == {"pendingCount": 0, "approvedCount": 1, "rejectedCount": 0}
