from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.simulators.calls import Caller

STAGE: dict[str, Any] = {
    "id": 0,
    "stageName": "First",
    "stageDueDate": "03/18/2031",
    "existingUsers": "102,103",
}
REVIEW = {"reviewName": "Label", "projectId": "501", "reviewType": "2"}


def upload(robohead: Caller, name: str = "label.pdf", **fields: str) -> int:
    form = {"cmd": "UploadFile", "objectId": "0", "objectType": "10", "documentType": "10", **fields}
    files = {"content": (name, b"%PDF", "application/pdf")}
    answer = robohead.call("POST", "/file.do", data={"uploadFileTempId": "1", **form}, files=files)
    assert answer["success"] is True, answer
    return int(answer["customParams"]["fileId"])


def new_item(file_id: int, name: str = "label.pdf", **fields: Any) -> dict[str, Any]:
    item = {"id": 0, "reviewItemId": 0, "fileName": name, "version": 1, "uploadType": "1", "fileId": file_id}
    return {**item, "isNewVersion": 2, "isDefaultThumbnail": 1, "sortOrder": 1, **fields}


def written(fields: dict[str, Any]) -> dict[str, str]:
    shown = dict(fields)
    if "reviewItems" in shown:
        shown["reviewItems"] = json.dumps({"reviewItems": shown["reviewItems"]})
    if "reviewStages" in shown:
        shown["reviewStages"] = json.dumps(shown["reviewStages"])
    return shown


def add(robohead: Caller, **fields: Any) -> int:
    answer = robohead.call("POST", "/review.do?cmd=AddReview", data=written({**REVIEW, **fields}))
    assert answer["success"] is True, answer
    return int(answer["customParams"]["reviewId"])


def full(robohead: Caller, **fields: Any) -> int:
    items, stages = [new_item(upload(robohead))], [STAGE]
    return add(robohead, **{"reviewItems": items, "reviewStages": stages, **fields})


def update(robohead: Caller, review_id: int, **fields: Any) -> dict[str, Any]:
    body = written({"reviewId": str(review_id), **fields})
    answer: dict[str, Any] = robohead.call("POST", "/review.do?cmd=UpdateReview", data=body)
    return answer


def get(robohead: Caller, review_id: int) -> dict[str, Any]:
    answer = robohead.call("GET", "/review.do", params={"cmd": "GetReview", "reviewId": review_id})
    assert answer["success"] is True, answer
    review: dict[str, Any] = answer["review"]
    return review


def refused(robohead: Caller, answer: dict[str, Any], reason: str) -> None:
    """A failure, with HTTP 200, that is a violation for this reason."""
    assert (answer["returnCode"], answer["success"]) == (1, False)
    (error,) = answer["errorMessages"]
    assert error["messageKey"] == "msg_error_invalidParameter"
    assert reason in error["detailedMessage"]
    assert reason in robohead.violation()


def test_reviewers_are_asked_at_once_when_a_review_is_added(robohead: Caller) -> None:
    review = get(robohead, full(robohead, reviewOwners="101,103", endDate="03/20/2031"))
    assert (review["reviewType"], review["reviewStatus"], review["reviewOwners"]) == (2, 2, "101,103")
    assert (review["startDate"], review["endDate"]) == (None, "03/20/2031")
    (item,), (stage,) = review["reviewItems"], review["reviewStages"]
    assert (item["version"], item["versionStatus"], item["uploadType"]) == (1, 1, "1")
    assert (item["fileSize"], item["isDefaultThumbnail"], item["isNewVersion"]) == ("0.01 MB", 1, 2)
    assert (stage["existingUsers"], stage["stageDueDate"], stage["stageStatus"]) == (
        "102,103",
        "03/18/2031",
        2,
    )
    assert [reviewer["reviewerStatus"] for reviewer in stage["reviewers"]] == [1, 1]
    assert "Z" not in review["createdOn"]
    effect = robohead.effects("add_review")[0]
    assert effect["emails"] == ["reviewer@brand.test", "second@brand.test"]


def test_review_waits_for_its_day_when_it_starts_later(robohead: Caller) -> None:
    robohead.control("POST", "/clock", json={"now": "2031-01-01T12:00:00Z"})
    review_id = full(robohead, startDate="01/03/2031")
    review = get(robohead, review_id)
    assert (review["reviewStatus"], review["reviewStages"][0]["stageStatus"]) == (1, 1)
    assert [r["reviewerStatus"] for r in review["reviewStages"][0]["reviewers"]] == [0, 0]
    robohead.act("approve", 409, review=review_id, by=102)
    robohead.control("POST", "/clock", json={"now": "2031-01-03T00:00:00Z"})
    assert get(robohead, review_id)["reviewStatus"] == 2
    assert robohead.effects("add_review")[0]["emails"] == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reviewName": ""}, "reviewName"),
        ({"reviewType": "3"}, "reviewType"),
        ({"projectId": "ABC"}, "projectId"),
        ({"startDate": "2031-01-02"}, "startDate"),
        ({"startDate": "13/01/2031"}, "startDate"),
        ({"startDate": "01/03/2031", "endDate": "01/02/2031"}, "endDate"),
        ({"autocompleteOption": "5"}, "autocompleteOption"),
        ({"reviewOwners": "101, 102"}, "reviewOwners"),
        ({"reviewOwners": "999"}, "reviewOwners"),
        ({"reviewStatus": "2"}, "reviewStatus"),
        ({"colour": "red"}, "colour"),
        ({"reviewStages": []}, "reviewStages"),
        ({"reviewStages": [{**STAGE, "id": 7}]}, "stage 7"),
        ({"reviewStages": [{**STAGE, "stageDueDate": "2031-03-18"}]}, "stageDueDate"),
        ({"reviewStages": [{**STAGE, "downloadFlag": True}]}, "downloadFlag"),
        ({"reviewStages": [{**STAGE, "downloadFlag": 0}]}, "downloadFlag"),
        ({"reviewStages": [{**STAGE, "stageStatus": "1"}]}, "stageStatus"),
        ({"reviewStages": [{**STAGE, "existingUsers": [102]}]}, "existingUsers"),
        ({"reviewStages": [{**STAGE, "existingUsers": "999"}]}, "existingUsers"),
        ({"reviewStages": [{**STAGE, "existingCCUsers": "999"}]}, "existingCCUsers"),
    ],
)
def test_review_is_refused_when_a_field_is_wrong(
    robohead: Caller, fields: dict[str, Any], reason: str
) -> None:
    answer = robohead.call("POST", "/review.do?cmd=AddReview", data=written({**REVIEW, **fields}))
    refused(robohead, answer, reason)
    assert robohead.effects("add_review") == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"uploadType": 1}, "uploadType"),
        ({"uploadType": "7"}, "uploadType"),
        ({"version": 2}, "version 1"),
        ({"isNewVersion": 1}, "new item"),
        ({"isNewVersion": True}, "isNewVersion"),
        ({"isDefaultThumbnail": "1"}, "isDefaultThumbnail"),
        ({"reviewItemId": 5}, "reviewItemId"),
        ({"fileSize": 12}, "fileSize"),
        ({"fileSize": "12"}, "fileSize"),
        ({"createdOn": "2031-01-02"}, "createdOn"),
        ({"uploadType": "2", "fileId": 1}, "processEntireWebsite"),
        ({"uploadType": "5", "fileId": 1}, "sourceFileId"),
        ({"uploadType": "5", "sourceFileId": 8, "sourceObjectType": 2}, "sourceObjectType 3"),
        ({"uploadType": "5", "sourceFileId": 8, "sourceObjectType": 4}, "sourceObjectType 3"),
        ({"uploadType": "6", "sourceFileId": 8, "sourceObjectType": 3}, "sourceObjectType 4"),
        ({"sourceObjectType": 9}, "sourceObjectType"),
        ({"colour": "red"}, "colour"),
        ({"id": 77, "reviewItemId": 77}, "item 77"),
    ],
)
def test_item_is_refused_when_a_field_is_wrong(robohead: Caller, fields: dict[str, Any], reason: str) -> None:
    items = [new_item(upload(robohead), **fields)]
    answer = robohead.call("POST", "/review.do?cmd=AddReview", data=written({**REVIEW, "reviewItems": items}))
    refused(robohead, answer, reason)


def test_items_are_refused_when_they_are_not_wrapped_or_no_json(robohead: Caller) -> None:
    for text in (json.dumps([new_item(upload(robohead))]), "{", '{"reviewItems": []}'):
        body = {**REVIEW, "reviewItems": text}
        refused(robohead, robohead.call("POST", "/review.do?cmd=AddReview", data=body), "reviewItems")
    body = {**REVIEW, "reviewStages": json.dumps({"reviewStages": [STAGE]})}
    refused(robohead, robohead.call("POST", "/review.do?cmd=AddReview", data=body), "reviewStages")


def test_item_without_a_file_needs_none_when_it_is_a_website(robohead: Caller) -> None:
    website = {
        "id": 0,
        "fileName": "https://brand.test",
        "version": 1,
        "uploadType": "2",
        "processEntireWebsite": 1,
        "enableAnnotation": 2,
    }
    (item,) = get(robohead, add(robohead, reviewItems=[website]))["reviewItems"]
    assert (item["processEntireWebsite"], item["enableAnnotation"], item["fileId"]) == (1, 2, None)
    answer = robohead.call(
        "POST", "/review.do?cmd=AddReview", data=written({**REVIEW, "reviewItems": [new_item(999)]})
    )
    assert answer["errorMessages"][0]["messageKey"] == "msg_error_notFound"


def test_everybody_is_asked_again_when_there_is_a_new_version(robohead: Caller) -> None:
    review_id = full(robohead)
    robohead.act("reject", review=review_id, by=102)
    (item,) = get(robohead, review_id)["reviewItems"]
    assert item["versionStatus"] == 3
    new = new_item(upload(robohead), id=item["id"], reviewItemId=item["id"], isNewVersion=1, version=2)
    assert update(robohead, review_id, reviewItems=[new])["success"] is True
    review = get(robohead, review_id)
    (item,) = review["reviewItems"]
    assert (item["version"], item["versionStatus"], review["reviewStatus"]) == (2, 1, 2)
    assert [version["versionStatus"] for version in item["versions"]] == [3, 1]
    assert [r["reviewerStatus"] for r in review["reviewStages"][0]["reviewers"]] == [1, 1]
    effect = robohead.effects("update_review")[0]
    assert (effect["versions"], len(effect["emails"])) == (["label.pdf: 2"], 2)


def test_kept_item_must_name_its_version_when_a_review_is_updated(robohead: Caller) -> None:
    review_id = full(robohead)
    (item,) = get(robohead, review_id)["reviewItems"]
    kept = new_item(item["fileId"], id=item["id"], reviewItemId=item["id"], optionalTitle="Front")
    refused(robohead, update(robohead, review_id, reviewItems=[kept]), "reviewVersionId")
    right = {**kept, "reviewVersionId": item["reviewVersionId"]}
    refused(robohead, update(robohead, review_id, reviewItems=[{**right, "version": 2}]), "version 1")
    assert update(robohead, review_id, reviewItems=[right])["success"] is True
    assert get(robohead, review_id)["reviewItems"][0]["optionalTitle"] == "Front"
    robohead.settings(version_id_required=False)
    assert update(robohead, review_id, reviewItems=[kept])["success"] is True
    same = {**kept, "isNewVersion": 1, "version": 2}
    refused(robohead, update(robohead, review_id, reviewItems=[same]), "present file")
    refused(robohead, update(robohead, review_id, reviewItems=[{**same, "version": 4}]), "version 2")


def test_what_is_not_named_stays_when_a_review_is_updated(robohead: Caller) -> None:
    review_id = full(robohead, endDate="03/20/2031")
    before = get(robohead, review_id)
    assert update(robohead, review_id, reviewName="Other", projectId="501")["success"] is True
    more = {
        "reviewItems": [new_item(upload(robohead), "b.pdf")],
        "reviewStages": [{**STAGE, "stageName": "2"}],
    }
    assert update(robohead, review_id, **more)["success"] is True
    after = get(robohead, review_id)
    assert (after["reviewName"], after["endDate"]) == ("Other", "03/20/2031")
    assert [each["fileName"] for each in after["reviewItems"]] == ["label.pdf", "b.pdf"]
    assert after["reviewItems"][0] == before["reviewItems"][0]
    assert [each["stageName"] for each in after["reviewStages"]] == ["First", "2"]


def test_what_is_not_named_goes_when_set_so(robohead: Caller) -> None:
    robohead.settings(update_missing="remove")
    review_id = full(robohead)
    stage = get(robohead, review_id)["reviewStages"][0]
    more = {
        "reviewItems": [new_item(upload(robohead), "b.pdf")],
        "reviewStages": [{**STAGE, "id": stage["id"], "existingUsers": "102"}],
    }
    assert update(robohead, review_id, **more)["success"] is True
    after = get(robohead, review_id)
    assert [each["fileName"] for each in after["reviewItems"]] == ["b.pdf"]
    assert [(each["id"], each["existingUsers"]) for each in after["reviewStages"]] == [(stage["id"], "102")]


@pytest.mark.parametrize(("review_type", "allowed"), [("1", {1, 2, 3}), ("2", {1, 2, 3, 4, 5})])
def test_status_must_be_one_of_the_type_when_it_is_set(
    robohead: Caller, review_type: str, allowed: set[int]
) -> None:
    review_id = add(robohead, reviewType=review_type)
    for status in range(1, 6):
        answer = update(robohead, review_id, reviewStatus=str(status))
        assert answer["success"] is (status in allowed)
        if status in allowed:
            assert get(robohead, review_id)["reviewStatus"] == status
    refused(robohead, update(robohead, review_id, reviewStatus="6"), "reviewStatus")


def test_review_is_not_found_when_there_is_none(robohead: Caller) -> None:
    for answer in (
        update(robohead, 9, reviewName="x"),
        robohead.call("GET", "/review.do?cmd=GetReview&reviewId=9"),
        robohead.call("GET", "/review.do?cmd=ListReviewAllComments&reviewId=9"),
        robohead.call("POST", "/review.do?cmd=AddReview", data={**REVIEW, "projectId": "9"}),
    ):
        assert (answer["success"], answer["errorMessages"][0]["messageKey"]) == (False, "msg_error_notFound")
    assert robohead.control("GET", "/violations") == []


OPTIONS = {
    "1": {("approve", "approve"): 3, ("approve", "approve-with-changes"): 4, ("approve", "reject"): 5},
    "2": {("approve", "approve"): 2, ("reject", "reject"): 2},
    "3": {("approve", "approve"): 3, ("approve", "approve-with-changes"): 2, ("approve", "reject"): 2},
    "4": {("approve", "approve"): 3, ("approve", "approve-with-changes"): 4, ("approve", "reject"): 2},
}


@pytest.mark.parametrize(
    ("option", "deeds", "status"),
    [(option, deeds, status) for option, cases in OPTIONS.items() for deeds, status in cases.items()],
)
def test_review_completes_itself_when_its_option_says_so(
    robohead: Caller, option: str, deeds: tuple[str, str], status: int
) -> None:
    review_id = full(robohead, autocompleteOption=option)
    robohead.act(deeds[0], review=review_id, by=102)
    assert get(robohead, review_id)["reviewStatus"] == 2
    robohead.act(deeds[1], review=review_id, by=103)
    review = get(robohead, review_id)
    assert (review["reviewStatus"], review["reviewStages"][0]["stageStatus"]) == (status, 3)


def test_version_shows_the_worst_decision_when_reviewers_differ(robohead: Caller) -> None:
    review_id = full(robohead)

    def status() -> int:
        return int(get(robohead, review_id)["reviewItems"][0]["versionStatus"])

    robohead.act("approve", review=review_id, by=102)
    assert status() == 1
    robohead.act("set-reviewer-status", review=review_id, by=103, status=5)
    assert status() == 1
    robohead.act("approve-with-changes", review=review_id, by=103)
    assert status() == 4
    reviewers = get(robohead, review_id)["reviewStages"][0]["reviewers"]
    assert [reviewer["reviewerStatus"] for reviewer in reviewers] == [2, 4]


def test_next_stage_starts_when_the_one_before_is_completed(robohead: Caller) -> None:
    stages = [{**STAGE, "existingUsers": "102"}, {**STAGE, "stageName": "Second", "existingUsers": "103"}]
    review_id = full(robohead, reviewStages=stages, autocompleteOption="3")
    robohead.act("approve", 409, review=review_id, by=103)
    robohead.act("approve", review=review_id, by=102)
    review = get(robohead, review_id)
    assert ([each["stageStatus"] for each in review["reviewStages"]], review["reviewStatus"]) == ([3, 2], 2)
    robohead.act("approve", 409, review=review_id, by=102)
    robohead.act("approve", review=review_id, by=103)
    assert get(robohead, review_id)["reviewStatus"] == 3


def test_review_for_comments_is_finished_and_not_approved_when_answered(robohead: Caller) -> None:
    review_id = full(robohead, reviewType="1", autocompleteOption="1")
    robohead.act("approve", 409, review=review_id, by=102)
    for user in (102, 103):
        robohead.act("finish", review=review_id, by=user)
    assert get(robohead, review_id)["statusString"] == "Completed"
    approval = full(robohead)
    robohead.act("finish", 409, review=approval, by=102)


def test_people_change_a_review_when_they_act(robohead: Caller) -> None:
    review_id = full(robohead)
    stage_id = get(robohead, review_id)["reviewStages"][0]["id"]
    robohead.act("set-due", review=review_id, due="2031-04-05", by=103)
    robohead.act("set-due", review=review_id, stage=stage_id, due="2031-04-04")
    robohead.act("rename", review=review_id, name="Other")
    robohead.act("set-status", review=review_id, status=5, by=101)
    review = get(robohead, review_id)
    assert (review["reviewName"], review["endDate"], review["reviewStatus"]) == ("Other", "04/05/2031", 5)
    assert review["reviewStages"][0]["stageDueDate"] == "04/04/2031"
    assert review["modifierDisplayName"] == "Olive Owner"
    robohead.act("approve", 404, review=review_id, by=999)
    robohead.act("set-due", 404, review=review_id, stage=999)
    robohead.act("set-status", 409, review=full(robohead, reviewType="1"), status=5)
    robohead.act("delete", review=review_id)
    robohead.act("delete", 404, review=review_id)
