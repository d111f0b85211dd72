from __future__ import annotations

import hashlib

import pytest

from tests.unit.simulators.calls import Caller
from tests.unit.simulators.test_robohead_reviews import REVIEW, full, get, new_item, refused, update, upload


def test_key_is_demanded_with_a_failure_of_status_200_when_missing(robohead: Caller) -> None:
    for key in ("", "wrong"):
        answer = robohead.call("GET", "/review.do?cmd=ListReview", headers={"X-API-Key": key})
        assert (answer["returnCode"], answer["success"]) == (1, False)
        assert answer["errorMessages"][0]["messageKey"] == "msg_error_invalidToken"
    assert "X-API-Key" in robohead.violation()
    assert "key-3" not in str(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/review.do"),
        ("GET", "/review.do?cmd=listReview"),
        ("GET", "/review.do?cmd=AddReview"),
        ("POST", "/review.do?cmd=ListReview"),
        ("GET", "/form.do?cmd=GetListByType&type=23"),
    ],
)
def test_command_is_refused_when_the_module_does_not_know_it(
    robohead: Caller, method: str, path: str
) -> None:
    refused(robohead, robohead.call(method, path), "cmd")
    assert robohead.control("GET", "/requests")[0]["operation"] is None


def test_requests_and_faults_go_by_the_operation_when_paths_are_shared(robohead: Caller) -> None:
    fault = {"operation": "get_review", "fault": "status", "status": 503}
    robohead.control("POST", "/faults", json=fault)
    review_id = full(robohead)
    robohead.call("GET", "/review.do?cmd=ListReview")
    path = f"/review.do?cmd=GetReview&reviewId={review_id}"
    assert robohead.call("GET", path, 503)["success"] is False
    robohead.call("GET", path)
    names = [entry["operation"] for entry in robohead.control("GET", "/requests")]
    assert names == ["upload_file", "add_review", "list_reviews", "get_review", "get_review"]


def test_status_is_real_when_set_so(robohead: Caller) -> None:
    robohead.settings(status_codes="real")
    robohead.call("GET", "/review.do?cmd=ListReview", 401, headers={"X-API-Key": ""})
    robohead.call("GET", "/review.do?cmd=GetReview&reviewId=9", 404)
    robohead.call("GET", "/review.do?cmd=GetReview&reviewId=x", 400)


def test_path_is_not_found_when_there_is_no_such_module(robohead: Caller) -> None:
    assert robohead.call("GET", "/task.do?cmd=ListTask", 404)["success"] is False
    robohead.call("DELETE", "/review.do?cmd=DeleteReview", 405)


def test_commands_have_other_names_when_set_so(robohead: Caller) -> None:
    robohead.settings(commands={"list_reviews": "ListAllReview"})
    assert robohead.call("GET", "/review.do?cmd=ListAllReview") == {"List": []}
    refused(robohead, robohead.call("GET", "/review.do?cmd=ListReview"), "cmd")
    robohead.call("GET", "/user.do?cmd=ListAccountActiveUser")


def test_write_is_refused_when_it_is_no_url_encoded_form(robohead: Caller) -> None:
    refused(robohead, robohead.call("POST", "/review.do?cmd=AddReview", json=REVIEW), "urlencoded")
    in_query = robohead.call("POST", "/review.do", params={"cmd": "AddReview", **REVIEW})
    refused(robohead, in_query, "reviewName: Extra")
    twice = [("reviewName", "a"), ("reviewName", "b")]
    refused(robohead, robohead.call("POST", "/review.do?cmd=AddReview", data=twice), "reviewName")


def test_file_is_kept_and_described_when_uploaded(robohead: Caller) -> None:
    file_id = upload(robohead)
    (file,) = robohead.control("GET", "/state")["files"]
    assert (file["id"], file["name"]) == (file_id, "label.pdf")
    assert (file["sha256"], file["size_bytes"]) == (hashlib.sha256(b"%PDF").hexdigest(), 4)
    effect = robohead.effects("upload_file")[0]
    assert (effect["item"], effect["sha256"]) == (str(file_id), file["sha256"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cmd", "AddFile"),
        ("objectType", "3"),
        ("objectId", ""),
        ("documentType", "review"),
        ("uploadFileTempId", "0"),
        ("addVersionByFileName", "true"),
        ("addVersionByFileName", "0"),
        ("colour", "red"),
    ],
)
def test_upload_is_refused_when_a_field_is_wrong(robohead: Caller, name: str, value: str) -> None:
    form = {"cmd": "UploadFile", "objectId": "0", "objectType": "10", "documentType": "10"}
    data = {**form, "uploadFileTempId": "1", name: value}
    answer = robohead.call("POST", "/file.do", data=data, files={"content": ("a.pdf", b"x")})
    refused(robohead, answer, name)
    assert robohead.control("GET", "/state")["files"] == []


def test_upload_is_refused_when_the_command_is_given_twice_or_the_part_is_another(robohead: Caller) -> None:
    form = {"objectId": "0", "objectType": "10", "documentType": "10", "uploadFileTempId": "1"}
    files = {"content": ("a.pdf", b"x")}
    assert robohead.call("POST", "/file.do?cmd=UploadFile", data=form, files=files)["success"] is True
    both = {**form, "cmd": "UploadFile"}
    refused(robohead, robohead.call("POST", "/file.do?cmd=UploadFile", data=both, files=files), "cmd")
    refused(robohead, robohead.call("POST", "/file.do", data=form, files=files), "cmd")
    refused(
        robohead, robohead.call("POST", "/file.do", data=both, files={"file": ("a.pdf", b"x")}), "content"
    )
    missing = robohead.call("POST", "/file.do", data={**both, "objectId": "9"}, files=files)
    assert missing["errorMessages"][0]["messageKey"] == "msg_error_notFound"


def test_file_is_the_next_version_when_it_is_to_be_by_its_name(robohead: Caller) -> None:
    review_id = full(robohead)
    robohead.act("approve", review=review_id, by=102)
    upload(robohead, "other.pdf", objectId=str(review_id), addVersionByFileName="1")
    upload(robohead, objectId=str(review_id), addVersionByFileName="2")
    assert get(robohead, review_id)["reviewItems"][0]["version"] == 1
    file_id = upload(robohead, objectId=str(review_id), addVersionByFileName="1")
    (item,) = get(robohead, review_id)["reviewItems"]
    assert (item["version"], item["fileId"]) == (2, file_id)
    assert [bool(effect["emails"]) for effect in robohead.effects("upload_file")] == [
        False,
        False,
        False,
        True,
    ]


def test_answers_are_named_otherwise_when_set_so(robohead: Caller) -> None:
    robohead.settings(review_field="Review", review_id_field="id", file_id_field="id")
    answer = robohead.call("POST", "/review.do?cmd=AddReview", data=REVIEW)
    review_id = answer["customParams"]["id"]
    assert robohead.call("GET", f"/review.do?cmd=GetReview&reviewId={review_id}")["Review"]["id"] == review_id


def test_progress_tells_of_the_files_when_there_are_none_or_they_fail(robohead: Caller) -> None:
    robohead.call("POST", "/review.do?cmd=AddReview", data=REVIEW)
    full(robohead)
    robohead.settings(file_processing="fail")
    rows = robohead.call("GET", "/review.do?cmd=ListReview")["List"]
    assert [row["progressString"] for row in rows] == ["file not uploaded", "file processing failed"]


def test_everything_is_as_at_the_start_when_reset(robohead: Caller) -> None:
    review_id = full(robohead)
    robohead.control("POST", "/reset")
    state = robohead.control("GET", "/state")
    assert (state["files"], state["reviews"], len(state["users"])) == ([], [], 3)
    assert update(robohead, review_id, reviewItems=[new_item(1)])["success"] is False
