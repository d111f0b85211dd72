from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulators.calls import Caller

PROJECT = "PRJARTWORK"
INTERNAL: dict[str, Any] = {"projectUID": PROJECT, "userUID": "USRREV"}
EXTERNAL: dict[str, Any] = {"projectUID": PROJECT, "email": "client@brand.test"}


def upload(studio: Caller, name: str = "label.pdf", expect: int = 200, **fields: str) -> Any:
    form = {"ProjectUID": PROJECT, **fields}
    answer = studio.call("POST", "/asset/upload", expect, data=form, files={"File": (name, b"%PDF")})
    return answer["result"]["assetUID"] if expect == 200 else answer


def create(studio: Caller, what: str, expect: int = 200, **body: Any) -> Any:
    answer = studio.call("POST", f"/task/{what}", expect, json=body)
    return answer["result"]["taskUID"] if expect == 200 else answer


def task(studio: Caller, uid: str) -> dict[str, Any]:
    shown: dict[str, Any] = studio.call("GET", f"/task?TaskUID={uid}")["result"]
    return shown


def test_review_is_asked_of_a_user_when_a_task_is_created(studio: Caller) -> None:
    assets = [upload(studio), upload(studio, "other.pdf")]
    fields: dict[str, Any] = {"dueDate": "2031-01-02", "comment": "Please"}
    uid = create(studio, "review_asset", **INTERNAL, assetUIDs=assets, **fields)
    shown = task(studio, uid)
    assert (shown["taskType"], shown["status"], shown["userUID"]) == ("ReviewAsset", "Pending", "USRREV")
    assert (shown["assetUIDs"], shown["dueDate"], shown["comment"]) == (assets, "2031-01-02", "Please")
    assert shown["email"] == "reviewer@brand.test"
    effect = studio.effects("create_review_task")[0]
    assert (effect["item"], effect["to"], "emails" in effect) == (uid, "USRREV", False)


def test_email_goes_out_at_once_when_somebody_outside_is_asked(studio: Caller) -> None:
    uid = create(
        studio,
        "review_asset_ext",
        **EXTERNAL,
        assetUIDs=[upload(studio)],
        dueDate="2031-01-02T03:04:05.000Z",
        password="secret",
        emailSubject="Label",
        emailLanguage="Polish",
        comment="Please",
        isAllowDownloadAssets=True,
        isReadOnly=False,
    )
    effect = studio.effects("create_external_review_task")[0]
    assert (effect["item"], effect["emails"]) == (uid, ["client@brand.test"])
    assert task(studio, uid)["dueDate"] == "2031-01-02T03:04:05.000000"
    kept = studio.control("GET", "/state")["tasks"][0]
    assert kept["options"]["email_language"] == "Polish"
    assert "secret" not in str(kept)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("review_asset", {**INTERNAL, "assetUIDs": []}),
        ("review_asset", {**INTERNAL}),
        ("review_asset", {"projectUID": PROJECT, "assetUIDs": ["X"]}),
        ("review_asset", {**INTERNAL, "assetUIDs": ["X"], "dueDate": "tomorrow"}),
        ("review_asset", {**INTERNAL, "assetUIDs": ["X"], "email": "a@b.test"}),
        ("review_asset_ext", {**EXTERNAL, "assetUIDs": ["X"], "emailLanguage": "en"}),
        ("review_asset_ext", {**EXTERNAL, "assetUIDs": ["X"], "isReadOnly": "true"}),
        ("review_asset_ext", {**EXTERNAL, "assetUIDs": ["X"], "email": "nobody"}),
        ("review_asset_ext", {**EXTERNAL, "assetUIDs": "X"}),
        ("asset_upload", {"projectUID": PROJECT}),
        ("refdoc_upload", {**INTERNAL, "assetUIDs": ["X"]}),
    ],
)
def test_task_is_a_violation_when_its_body_breaks_a_rule(
    studio: Caller, what: str, body: dict[str, Any]
) -> None:
    create(studio, what, 400, **body)
    assert studio.violation()
    assert studio.effects() == []


def test_task_is_refused_when_what_it_names_is_missing(studio: Caller) -> None:
    uid = upload(studio)
    other = studio.call("POST", "/project", json={"projectName": "B", "projectOwnersUIDS": ["USROWNER"]})
    foreign = {**INTERNAL, "projectUID": other["result"]["projectUID"]}
    create(studio, "review_asset", 404, **{**INTERNAL, "projectUID": "NONE"}, assetUIDs=[uid])
    create(studio, "review_asset", 404, **INTERNAL, assetUIDs=[uid, "NONE"])
    create(studio, "review_asset", 404, **foreign, assetUIDs=[uid])
    answer = create(studio, "review_asset", 412, **{**INTERNAL, "userUID": "USRX"}, assetUIDs=[uid])
    assert answer["statusCode"] == 412
    create(studio, "review_asset_ext", 404, **EXTERNAL, assetUIDs=["NONE"])
    create(studio, "asset_upload", 412, **{**INTERNAL, "userUID": "USRX"})
    create(studio, "refdoc_upload", 404, **{**INTERNAL, "projectUID": "NONE"})


@pytest.mark.parametrize("what", ["review_asset", "review_asset_ext", "asset_upload", "refdoc_upload"])
def test_task_is_refused_when_the_project_is_closed(studio: Caller, what: str) -> None:
    who = EXTERNAL if what == "review_asset_ext" else INTERNAL
    assets: dict[str, Any] = {"assetUIDs": [upload(studio)]} if what.startswith("review") else {}
    studio.act("set-state", project=PROJECT, state="OnHold")
    create(studio, what, **who, **assets)
    studio.act("set-state", project=PROJECT, state="Completed")
    assert create(studio, what, 412, **who, **assets)["statusCode"] == 412


def test_review_is_refused_when_the_asset_is_not_processed(studio: Caller) -> None:
    studio.settings(processing="fail")
    uid = upload(studio)
    create(studio, "review_asset", 412, **INTERNAL, assetUIDs=[uid])
    studio.settings(review_unprocessed=True)
    create(studio, "review_asset", **INTERNAL, assetUIDs=[uid])


@pytest.mark.parametrize(("deed", "status"), [("approve", "Approved"), ("reject", "Rejected")])
def test_decision_ends_the_task_when_it_is_made(studio: Caller, deed: str, status: str) -> None:
    uid = upload(studio)
    review = create(studio, "review_asset_ext", **EXTERNAL, assetUIDs=[uid])
    studio.act(deed, task=review, comment="Logo!")
    assert task(studio, review)["status"] == status
    counts = studio.call("GET", f"/asset?AssetUID={uid}")["result"]["reviewStatus"]
    assert (counts["pendingCount"], counts["approvedCount"] + counts["rejectedCount"]) == (0, 1)
    (remark,) = studio.call("GET", f"/annotation/all?AssetUID={uid}")["result"]
    assert (remark["text"], remark["author"]) == ("Logo!", "client@brand.test")
    studio.act(deed, 409, task=review)
    studio.act(deed, 409, asset=uid)


def test_reviewer_is_picked_when_a_decision_names_the_asset(studio: Caller) -> None:
    uid = upload(studio)
    mine = create(studio, "review_asset", **INTERNAL, assetUIDs=[uid])
    theirs = create(studio, "review_asset_ext", **EXTERNAL, assetUIDs=[uid])
    studio.act("reject", asset=uid, by="client@brand.test")
    assert (task(studio, mine)["status"], task(studio, theirs)["status"]) == ("Pending", "Rejected")
    studio.act("approve", 400, asset=uid, task=mine)
    studio.act("approve", 400)


def test_nobody_can_decide_when_the_review_is_for_reading_only(studio: Caller) -> None:
    uid = upload(studio)
    review = create(studio, "review_asset_ext", **EXTERNAL, assetUIDs=[uid], isReadOnly=True)
    studio.act("approve", 409, task=review)
    studio.act("approve", 409, asset=uid)


def test_all_tasks_go_and_decisions_stay_when_the_project_is_completed(studio: Caller) -> None:
    uid = upload(studio)
    for person in ("a@brand.test", "b@brand.test"):
        create(studio, "review_asset_ext", **{**EXTERNAL, "email": person}, assetUIDs=[uid])
    studio.act("approve", asset=uid)
    studio.call("PUT", "/project/state", json={"projectUID": PROJECT, "state": "Completed"})
    assert studio.call("GET", "/task/all")["result"] == []
    counts = studio.call("GET", f"/asset?AssetUID={uid}")["result"]["reviewStatus"]
    assert counts == {"pendingCount": 0, "approvedCount": 1, "rejectedCount": 0}


def test_ended_tasks_are_listed_too_when_asked_for_all(studio: Caller) -> None:
    one = create(studio, "review_asset", **INTERNAL, assetUIDs=[upload(studio)])
    two = create(studio, "asset_upload", **INTERNAL)
    studio.act("approve", task=one)

    def found(query: str) -> list[str]:
        return [each["taskUID"] for each in studio.call("GET", f"/task/all?{query}")["result"]]

    assert found("") == found(f"ProjectUID={PROJECT}") == [one, two]
    assert found("ProjectUID=NONE") == []
    studio.call("GET", "/task/all?projectUID=NONE", 400)


def test_upload_task_is_completed_when_it_is_pending(studio: Caller) -> None:
    uid = create(studio, "refdoc_upload", **INTERNAL)
    studio.call("PUT", "/task/complete", json={"taskUID": uid})
    assert studio.call("PUT", "/task/complete", 410, json={"taskUID": uid})["statusCode"] == 410
    studio.call("PUT", "/task/complete", 404, json={"taskUID": "NONE"})
    review = create(studio, "review_asset", **INTERNAL, assetUIDs=[upload(studio)])
    assert studio.call("PUT", f"/task/complete?TaskUID={review}", 412)["statusCode"] == 412
    assert len(studio.effects("complete_task")) == 1


def test_task_is_gone_when_deleted(studio: Caller) -> None:
    uid = create(studio, "asset_upload", **INTERNAL)
    studio.call("DELETE", f"/task?TaskUID={uid}")
    studio.call("DELETE", f"/task?TaskUID={uid}", 404)
    studio.call("GET", f"/task?TaskUID={uid}", 404)


def test_upload_for_a_task_is_the_next_version_when_the_task_is_about_an_asset(studio: Caller) -> None:
    first = upload(studio)
    uid = create(studio, "asset_upload", **INTERNAL, assetUID=first)
    assert task(studio, uid)["taskType"] == "UploadChangedAsset"
    upload(studio, "label.png", 412, TaskUID=uid)
    second = upload(studio, "renamed.pdf", TaskUID=uid)
    assert studio.call("GET", f"/asset?AssetUID={second}")["result"]["version"] == 2
    assert task(studio, uid)["status"] == "Completed"
    upload(studio, "again.pdf", 404, TaskUID=uid)


def test_upload_for_a_task_is_refused_when_the_task_is_another(studio: Caller) -> None:
    assets = create(studio, "asset_upload", **INTERNAL)
    upload(studio, TaskUID=assets)
    assert task(studio, assets)["status"] == "Pending"
    upload(studio, "a.pdf", 412, TaskUID=create(studio, "refdoc_upload", **INTERNAL))
    upload(studio, "a.pdf", 404, TaskUID="NONE")
    create(studio, "asset_upload", 404, **INTERNAL, assetUID="NONE")


def test_remarks_hang_together_when_people_comment(studio: Caller) -> None:
    uid = upload(studio)
    first = studio.act("annotate", asset=uid, comment="Too dark")["annotationUID"]
    reply = studio.act("comment", asset=uid, comment="Yes", annotation=first, by="USROWNER")
    studio.act("edit-annotation", annotation=first, comment="Far too dark")
    shown = studio.call("GET", f"/annotation/all?AssetUID={uid}")["result"]
    assert [(each["text"], each["parentUID"]) for each in shown] == [("Far too dark", None), ("Yes", first)]
    assert [each["userUID"] for each in shown] == ["USRREV", "USROWNER"]
    studio.act("delete-annotation", annotation=first)
    assert studio.call("GET", f"/annotation/all?AssetUID={uid}")["result"] == []
    studio.act("comment", 404, asset=uid, comment="x", annotation=reply["annotationUID"])
    studio.call("GET", "/annotation/all?AssetUID=NONE", 404)
    studio.call("GET", "/annotation/all", 400)


def test_only_ones_own_annotation_is_deleted_and_hidden_when_asked_to(studio: Caller) -> None:
    uid = upload(studio)
    theirs = studio.act("annotate", asset=uid, comment="theirs")["annotationUID"]
    mine = studio.act("annotate", asset=uid, comment="mine", by="USROWNER")["annotationUID"]
    assert studio.call("DELETE", f"/annotation?AnnotationUID={theirs}", 412)["statusCode"] == 404
    assert studio.call("PUT", f"/annotation/hide?AnnotationUID={theirs}", 406)["statusCode"] == 406
    studio.call("PUT", "/annotation/hide", json={"annotationUID": mine})
    assert studio.call("GET", f"/annotation/all?AssetUID={uid}")["result"][1]["isHidden"] is True
    studio.call("DELETE", f"/annotation?AnnotationUID={mine}")
    assert studio.call("DELETE", f"/annotation?AnnotationUID={mine}", 404)["statusCode"] == 404


def test_annotation_is_completed_once_when_asked_twice(studio: Caller) -> None:
    uid = studio.act("annotate", asset=upload(studio), comment="x")["annotationUID"]
    studio.call("PUT", "/annotation/uncomplete", 406, json={"annotationUID": uid})
    studio.call("PUT", "/annotation/complete", json={"annotationUID": uid})
    studio.call("PUT", "/annotation/complete", 406, json={"annotationUID": uid})
    studio.call("PUT", "/annotation/uncomplete", json={"annotationUID": uid})
    studio.call("PUT", "/annotation/complete", 404, json={"annotationUID": "NONE"})
    effects = [effect["operation"] for effect in studio.effects() if effect["item"] == uid]
    assert effects == ["complete_annotation", "uncomplete_annotation"]


def test_reference_document_lives_in_its_project_when_uploaded(studio: Caller) -> None:
    files = {"File": ("brief.txt", b"words")}
    request = create(studio, "refdoc_upload", **INTERNAL)
    form = {"ProjectUID": PROJECT, "TaskUID": request}
    uid = studio.call("POST", "/refdoc/upload", data=form, files=files)["result"]["refDocUID"]
    assert studio.call("GET", f"/refdoc?RefDocUID={uid}")["result"]["fileSize"] == 5
    assert studio.send("GET", f"/refdoc/download?RefDocUID={uid}").content == b"words"
    wrong = {"ProjectUID": PROJECT, "TaskUID": create(studio, "asset_upload", **INTERNAL)}
    studio.call("POST", "/refdoc/upload", 404, data=wrong, files=files)
    studio.call("DELETE", f"/refdoc?RefDocUID={uid}")
    studio.call("DELETE", "/refdoc", 404, json={"refDocUID": uid})
    studio.call("GET", f"/refdoc?RefDocUID={uid}", 404)
