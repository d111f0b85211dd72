from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from local.simulators import Simulator
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.dialect import Dialect, Place, Uploads
from proofbridge.vendors.approval_studio.enums import AssetStatus, SettableState, TaskStatus
from proofbridge.vendors.approval_studio.inputs import AssetTaskCreate, RefDocTaskCreate
from proofbridge.vendors.errors import ConflictError, Happened, NotFoundError
from proofbridge.vendors.multipart import BytesSource, FileSource
from tests.contract.approval_studio_calls import (
    MISSING,
    OWNER,
    PDF,
    SEEDED,
    control,
    new_asset,
    new_project,
    new_review,
    new_things,
)
from tests.contract.conftest import STUDIO_PASSWORD, STUDIO_USERNAME
from tests.contract.proofs import act, effects

MIB = 1024 * 1024


def another(simulator: Simulator, **more: Any) -> ApprovalStudio:
    return ApprovalStudio(username=STUDIO_USERNAME, password=STUDIO_PASSWORD, base_url=simulator.url, **more)


def test_asset_is_shown_in_full_when_read(studio: ApprovalStudio, studio_simulator: Simulator) -> None:
    uid = new_asset(studio)
    new_review(studio, uid)
    act(studio_simulator, "approve", task=new_review(studio, uid))
    act(studio_simulator, "reject", task=new_review(studio, uid))
    asset = studio.assets.get(uid)
    assert (asset.asset_uid, asset.name, asset.version) == (uid, "Label.pdf", 1)
    assert asset.status is AssetStatus.PROCESSED
    assert asset.review_status is not None
    assert asset.review_status.model_dump() == {"pending_count": 1, "approved_count": 1, "rejected_count": 1}
    assert (asset.pages_count, asset.file_size) == (1, len(PDF))
    assert asset.created is not None
    assert asset.review_url is not None
    assert asset.thumbnail_url is not None
    assert asset.thumbnail_url.endswith(".jpg")


def test_file_comes_back_the_same_when_uploaded_and_downloaded(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    data = bytes(range(256)) * 8000
    done: list[tuple[int, int | None]] = []
    asset = studio.assets.upload(
        SEEDED,
        BytesSource(data),
        "Größe «1».pdf",
        content_type="application/pdf",
        progress=lambda now, total: done.append((now, total)),
    ).asset_uid
    assert done[-1] == (len(data), len(data))
    assert studio.assets.get(asset).name == "Größe «1».pdf"
    to = io.BytesIO()
    seen: list[tuple[int, int | None]] = []
    assert studio.assets.download(asset, to, progress=lambda now, total: seen.append((now, total))) == len(
        data
    )
    assert to.getvalue() == data
    assert seen[-1] == (len(data), len(data))
    with studio.assets.open(asset) as download:
        assert (download.size_bytes, download.content_type) == (len(data), "application/pdf")
        assert b"".join(download) == data
    assert effects(studio_simulator) == ["upload_asset"]


def test_memory_stays_constant_when_file_is_large(
    studio: ApprovalStudio, studio_simulator: Simulator, tmp_path: Path
) -> None:
    control(studio_simulator, "settings", processing_seconds=0)
    source = tmp_path / "large.tif"
    with source.open("wb") as file:
        file.truncate(48 * MIB)
    tracemalloc.start()
    try:
        asset = studio.assets.upload(SEEDED, FileSource(source), source.name).asset_uid
        with (tmp_path / "back.tif").open("wb") as back:
            assert studio.assets.download(asset, back) == 48 * MIB
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 16 * MIB  # of client and simulator together


def test_version_goes_up_when_the_name_is_there_already(studio: ApprovalStudio) -> None:
    first, second, other = new_asset(studio), new_asset(studio), new_asset(studio, name="Back.pdf")
    assert [studio.assets.get(uid).version for uid in (first, second, other)] == [1, 2, 1]


def test_next_version_is_uploaded_when_a_task_asks_for_it(studio: ApprovalStudio) -> None:
    first = new_asset(studio)
    task = studio.tasks.request_assets(
        AssetTaskCreate(project_uid=SEEDED, user_uid=OWNER, asset_uid=first)
    ).task_uid
    with pytest.raises(ConflictError) as caught:
        studio.assets.upload(SEEDED, BytesSource(PDF), "Other.png", task_uid=task)
    assert (caught.value.status, caught.value.happened) == (412, Happened.NO)
    second = studio.assets.upload(SEEDED, BytesSource(PDF), "Other.pdf", task_uid=task).asset_uid
    assert studio.assets.get(second).version == 2
    assert studio.tasks.get(task).status is TaskStatus.COMPLETED


def test_upload_is_refused_when_project_or_task_is_not_there(studio: ApprovalStudio) -> None:
    project = new_project(studio)
    elsewhere = studio.tasks.request_assets(AssetTaskCreate(project_uid=project, user_uid=OWNER)).task_uid
    review = new_review(studio, new_asset(studio))
    for where, task, status in (
        (MISSING, None, 404),
        (SEEDED, MISSING, 404),
        (SEEDED, elsewhere, 404),
        (SEEDED, review, 412),
    ):
        with pytest.raises((NotFoundError, ConflictError)) as caught:
            studio.assets.upload(where, BytesSource(PDF), "x.pdf", task_uid=task)
        assert (caught.value.status, caught.value.happened) == (status, Happened.NO)
    studio.projects.set_state(project, SettableState.COMPLETED)
    with pytest.raises(NotFoundError):
        new_asset(studio, project)


def test_upload_goes_by_the_query_when_both_sides_speak_so(studio_simulator: Simulator) -> None:
    control(studio_simulator, "settings", upload_parameters="query")
    dialect = Dialect(uploads=Uploads.ATTACHMENT_AND_QUERY)
    with another(studio_simulator, dialect=dialect) as client:
        asset = new_asset(client)
        document = client.ref_docs.upload(SEEDED, BytesSource(b"brief"), "brief.txt").ref_doc_uid
        assert client.assets.get(asset).name == "Label.pdf"
        assert client.ref_docs.get(document).name == "brief.txt"


@pytest.mark.parametrize(
    ("place", "dialect"),
    [
        ("query", Dialect(deletes=Place.QUERY, changes=Place.QUERY)),
        ("body", Dialect(deletes=Place.BODY, changes=Place.BODY)),
        ("either", Dialect()),
    ],
)
def test_ids_are_found_when_both_sides_put_them_into_the_same_place(
    studio: ApprovalStudio, studio_simulator: Simulator, place: str, dialect: Dialect
) -> None:
    things = new_things(studio, studio_simulator)
    control(studio_simulator, "settings", parameter_place=place)
    with another(studio_simulator, dialect=dialect) as client:
        client.tasks.complete(things.task)
        client.annotations.hide(things.annotation)
        client.annotations.complete(things.annotation)
        client.annotations.uncomplete(things.annotation)
        client.webhooks.test(things.webhook)
        client.annotations.delete(things.annotation)
        client.tasks.delete(things.task)
        client.ref_docs.delete(things.ref_doc)
        client.webhooks.delete(things.webhook)
        client.assets.delete(things.asset)
    assert effects(studio_simulator)[-10:] == [
        "complete_task",
        "hide_annotation",
        "complete_annotation",
        "uncomplete_annotation",
        "test_webhook",
        "delete_annotation",
        "delete_task",
        "delete_refdoc",
        "delete_webhook",
        "delete_asset",
    ]


def test_asset_is_gone_when_deleted(studio: ApprovalStudio) -> None:
    asset = new_asset(studio)
    studio.assets.delete(asset)
    calls: list[Any] = [
        studio.assets.get,
        studio.assets.delete,
        studio.assets.proof_report,
        studio.assets.open,
        studio.annotations.list,
    ]
    for call in calls:
        with pytest.raises(NotFoundError) as caught:
            call(asset)
        assert (caught.value.status, caught.value.item) == (404, f"asset {asset}")


# --- reference documents -----------------------------------------------------------------------------------


def test_document_comes_back_the_same_when_uploaded(studio: ApprovalStudio) -> None:
    task = studio.tasks.request_ref_docs(RefDocTaskCreate(project_uid=SEEDED, user_uid=OWNER)).task_uid
    uid = studio.ref_docs.upload(
        SEEDED, BytesSource(b"brief"), "brief.txt", content_type="text/plain", task_uid=task
    ).ref_doc_uid
    document = studio.ref_docs.get(uid)
    assert (document.ref_doc_uid, document.name, document.file_size) == (uid, "brief.txt", 5)
    assert document.project_uid == SEEDED
    assert document.created is not None
    to = io.BytesIO()
    assert studio.ref_docs.download(uid, to) == 5
    assert to.getvalue() == b"brief"
    studio.ref_docs.delete(uid)
    for call in (studio.ref_docs.get, studio.ref_docs.delete, studio.ref_docs.open):
        with pytest.raises(NotFoundError):
            call(uid)
    assert studio.projects.get(SEEDED, ref_docs=True).ref_docs == ()


def test_document_is_refused_when_project_or_task_is_not_there(studio: ApprovalStudio) -> None:
    for project, task in ((MISSING, None), (SEEDED, MISSING)):
        with pytest.raises(NotFoundError):
            studio.ref_docs.upload(project, BytesSource(b"x"), "x.txt", task_uid=task)
