from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from local.simulators import Simulator
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import EmailLanguage, SettableState, TaskStatus, TaskType
from proofbridge.vendors.approval_studio.inputs import (
    AssetTaskCreate,
    ExternalReviewCreate,
    RefDocTaskCreate,
    ReviewTaskCreate,
)
from proofbridge.vendors.approval_studio.models import CreatedTask
from proofbridge.vendors.errors import ConflictError, Happened, NotFoundError, VendorError
from tests.contract.approval_studio_calls import (
    HOOK,
    MISSING,
    OWNER,
    REVIEWER,
    SEEDED,
    control,
    new_annotation,
    new_asset,
    new_project,
    new_review,
)
from tests.contract.proofs import act, effects

DUE = datetime(2030, 12, 4, 10, 30, tzinfo=UTC)
Create = Callable[[ApprovalStudio, str, str, str], CreatedTask]


def test_review_is_asked_for_when_everything_is_said(studio: ApprovalStudio) -> None:
    first, second = new_asset(studio), new_asset(studio, name="Back.pdf")
    uid = studio.tasks.review(
        ReviewTaskCreate(
            project_uid=SEEDED,
            user_uid=REVIEWER,
            asset_uids=[first, second],
            due_date=date(2030, 12, 4),
            comment="Both sides, «please».",
        )
    ).task_uid
    task = studio.tasks.get(uid)
    assert (task.task_uid, task.project_uid, task.user_uid) == (uid, SEEDED, REVIEWER)
    assert (task.type, task.status) == (TaskType.REVIEW_ASSET, TaskStatus.PENDING)
    assert task.asset_uids == (first, second)
    assert task.due_date == datetime(2030, 12, 4, tzinfo=UTC)
    assert task.comment == "Both sides, «please»."
    assert task.created is not None
    assert task.completed is None
    assert studio.tasks.list(SEEDED) == (task,)


def test_review_is_asked_for_by_email_when_everything_is_said(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    uid = studio.tasks.review_externally(
        ExternalReviewCreate(
            project_uid=SEEDED,
            email="customer@brand.test",
            asset_uids=[asset],
            due_date=DUE,
            password="open-sesame",
            email_subject="Please look",
            email_language=EmailLanguage.GERMAN,
            comment="The front only.",
            is_allow_download_assets=True,
            is_read_only=False,
        )
    ).task_uid
    task = studio.tasks.get(uid)
    assert (task.type, task.email, task.user_uid) == (
        TaskType.REVIEW_ASSET_EXTERNAL,
        "customer@brand.test",
        None,
    )
    assert (task.due_date, task.comment) == (DUE, "The front only.")
    sent = studio_simulator.effects.entries()[-1]
    assert (sent["operation"], sent["emails"]) == ("create_external_review_task", ["customer@brand.test"])
    (kept,) = [each for each in studio_simulator.vendor.state()["tasks"] if each["uid"] == uid]
    assert kept["options"] == {
        "password": True,
        "email_subject": "Please look",
        "email_language": "German",
        "allow_download": True,
    }
    assert kept["read_only"] is False


def test_uploads_are_asked_for_when_everything_is_said(studio: ApprovalStudio) -> None:
    asset = new_asset(studio)
    made = [
        studio.tasks.request_assets(
            AssetTaskCreate(project_uid=SEEDED, user_uid=OWNER, due_date=DUE, comment="All sides")
        ),
        studio.tasks.request_assets(AssetTaskCreate(project_uid=SEEDED, user_uid=OWNER, asset_uid=asset)),
        studio.tasks.request_ref_docs(
            RefDocTaskCreate(project_uid=SEEDED, user_uid=OWNER, due_date=DUE, comment="The brief")
        ),
    ]
    first, second, third = (studio.tasks.get(task.task_uid) for task in made)
    assert [task.type for task in (first, second, third)] == [
        TaskType.UPLOAD_ASSETS,
        TaskType.UPLOAD_CHANGED_ASSET,
        TaskType.UPLOAD_REF_DOC,
    ]
    assert (first.due_date, first.comment) == (DUE, "All sides")
    assert (second.asset_uids, second.due_date, second.comment) == ((asset,), None, None)
    assert (third.due_date, third.comment) == (DUE, "The brief")


def review(studio: ApprovalStudio, project: str, user: str, asset: str) -> CreatedTask:
    return studio.tasks.review(ReviewTaskCreate(project_uid=project, user_uid=user, asset_uids=[asset]))


def review_externally(studio: ApprovalStudio, project: str, user: str, asset: str) -> CreatedTask:
    del user
    return studio.tasks.review_externally(
        ExternalReviewCreate(project_uid=project, email="a@b.co", asset_uids=[asset])
    )


def request_assets(studio: ApprovalStudio, project: str, user: str, asset: str) -> CreatedTask:
    del asset
    return studio.tasks.request_assets(AssetTaskCreate(project_uid=project, user_uid=user))


def request_ref_docs(studio: ApprovalStudio, project: str, user: str, asset: str) -> CreatedTask:
    del asset
    return studio.tasks.request_ref_docs(RefDocTaskCreate(project_uid=project, user_uid=user))


ALL: list[Create] = [review, review_externally, request_assets, request_ref_docs]


@pytest.mark.parametrize("create", ALL)
def test_task_is_refused_when_project_is_missing(studio: ApprovalStudio, create: Create) -> None:
    with pytest.raises(NotFoundError) as caught:
        create(studio, MISSING, OWNER, new_asset(studio))
    assert (caught.value.status, caught.value.item) == (404, f"project {MISSING}")


@pytest.mark.parametrize("create", ALL)
def test_task_is_refused_when_project_is_closed(studio: ApprovalStudio, create: Create) -> None:
    asset = new_asset(studio)
    studio.projects.set_state(SEEDED, SettableState.COMPLETED)
    with pytest.raises(ConflictError, match=r"\[Completed\]") as caught:
        create(studio, SEEDED, OWNER, asset)
    assert (caught.value.status, caught.value.happened) == (412, Happened.NO)


@pytest.mark.parametrize("create", [review, request_assets, request_ref_docs])
def test_task_is_refused_when_nobody_has_the_uid(studio: ApprovalStudio, create: Create) -> None:
    with pytest.raises(ConflictError, match=MISSING) as caught:
        create(studio, SEEDED, MISSING, new_asset(studio))
    assert caught.value.status == 412


@pytest.mark.parametrize("create", [review, review_externally])
def test_review_is_refused_when_asset_is_not_in_the_project(studio: ApprovalStudio, create: Create) -> None:
    elsewhere = new_asset(studio, new_project(studio))
    for asset in (MISSING, elsewhere):
        with pytest.raises(NotFoundError):
            create(studio, SEEDED, OWNER, asset)


def test_task_is_ended_when_completed(studio: ApprovalStudio) -> None:
    task = request_assets(studio, SEEDED, OWNER, "").task_uid
    studio.tasks.complete(task)
    ended = studio.tasks.get(task)
    assert ended.status is TaskStatus.COMPLETED
    assert ended.completed is not None
    with pytest.raises(ConflictError) as again:
        studio.tasks.complete(task)
    assert (again.value.status, again.value.happened) == (410, Happened.NO)
    with pytest.raises(ConflictError) as by_hand:
        studio.tasks.complete(new_review(studio, new_asset(studio)))
    assert by_hand.value.status == 412


def test_task_is_gone_when_deleted(studio: ApprovalStudio, studio_simulator: Simulator) -> None:
    task = request_ref_docs(studio, SEEDED, OWNER, "").task_uid
    studio.tasks.delete(task)
    calls: list[Callable[[str], object]] = [studio.tasks.get, studio.tasks.delete, studio.tasks.complete]
    for call in calls:
        with pytest.raises(NotFoundError) as caught:
            call(task)
        assert caught.value.item == f"task {task}"
    assert effects(studio_simulator) == ["create_refdoc_upload_task", "delete_task"]


def test_tasks_of_one_project_are_listed_when_asked_for(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    decided, open_task = new_review(studio, asset), new_review(studio, asset)
    other = new_project(studio)
    elsewhere = request_assets(studio, other, OWNER, "").task_uid
    act(studio_simulator, "reject", task=decided)
    assert [task.task_uid for task in studio.tasks.list(SEEDED)] == [decided, open_task]
    assert [task.status for task in studio.tasks.list(SEEDED)] == [TaskStatus.REJECTED, TaskStatus.PENDING]
    assert {task.task_uid for task in studio.tasks.list()} == {decided, open_task, elsewhere}
    assert studio.tasks.list(MISSING) == ()


# --- annotations -------------------------------------------------------------------------------------------


def test_annotations_are_listed_and_marked_when_there_are_some(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    own = new_annotation(studio_simulator, asset, OWNER, "Bigger!")
    reply = act(studio_simulator, "comment", asset=asset, by=REVIEWER, comment="No.", annotation=own)[
        "annotationUID"
    ]
    first, second = studio.annotations.list(asset)
    assert (first.annotation_uid, first.asset_uid, first.comment) == (own, asset, "Bigger!")
    assert (first.user_uid, first.parent_uid) == (OWNER, None)
    assert (first.is_hidden, first.is_completed) == (False, False)
    assert first.created is not None
    assert (second.annotation_uid, second.parent_uid, second.comment) == (reply, own, "No.")
    studio.annotations.hide(own)
    studio.annotations.complete(own)
    marked = studio.annotations.list(asset)[0]
    assert (marked.is_hidden, marked.is_completed) == (True, True)
    studio.annotations.uncomplete(own)
    assert studio.annotations.list(asset)[0].is_completed is False
    studio.annotations.delete(own)
    assert studio.annotations.list(asset) == ()


def test_annotation_is_refused_when_state_or_owner_forbids(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    others = new_annotation(studio_simulator, asset, REVIEWER)
    for call, status in (
        (studio.annotations.uncomplete, 406),
        (studio.annotations.hide, 406),
        (studio.annotations.delete, 412),
    ):
        with pytest.raises(ConflictError) as caught:
            call(others)
        assert (caught.value.status, caught.value.happened) == (status, Happened.NO)
    studio.annotations.complete(others)
    with pytest.raises(ConflictError) as again:
        studio.annotations.complete(others)
    assert again.value.status == 406


def test_annotation_is_not_found_when_there_is_none(studio: ApprovalStudio) -> None:
    calls: list[Callable[[str], object]] = [
        studio.annotations.hide,
        studio.annotations.complete,
        studio.annotations.uncomplete,
        studio.annotations.delete,
    ]
    for call in calls:
        with pytest.raises(NotFoundError) as caught:
            call(MISSING)
        assert caught.value.item == f"annotation {MISSING}"


# --- webhooks and users ------------------------------------------------------------------------------------


def test_webhook_is_there_until_deleted_when_made(studio: ApprovalStudio) -> None:
    made = studio.webhooks.create(HOOK)
    assert made.url == HOOK
    assert made.secret
    assert made.created is not None
    assert studio.webhooks.list() == (made,)
    with pytest.raises(ConflictError) as twice:
        studio.webhooks.create(HOOK)
    assert (twice.value.status, twice.value.happened) == (412, Happened.NO)
    studio.webhooks.delete(made.webhook_uid)
    assert studio.webhooks.list() == ()
    for call in (studio.webhooks.delete, studio.webhooks.test):
        with pytest.raises(NotFoundError) as caught:
            call(made.webhook_uid)
        assert caught.value.item == f"webhook {made.webhook_uid}"


def test_users_are_known_by_uid_and_address_when_listed(studio: ApprovalStudio) -> None:
    users = {user.user_uid: (user.name, user.email) for user in studio.users.list()}
    assert users == {
        OWNER: ("Olive Owner", "owner@printshop.test"),
        REVIEWER: ("Rex Viewer", "reviewer@brand.test"),
    }


def test_asset_has_to_be_ready_when_its_review_is_asked_for(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    control(studio_simulator, "settings", processing_seconds=3600)
    asset = new_asset(studio)
    with pytest.raises(VendorError) as caught:
        new_review(studio, asset)
    assert (type(caught.value), caught.value.status) == (ConflictError, 412)
    act(studio_simulator, "finish-processing", asset=asset)
    assert new_review(studio, asset)
