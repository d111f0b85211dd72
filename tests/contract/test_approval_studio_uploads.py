"""Files for Approval Studio: assets of a project and their versions, found again where an answer was lost."""

from __future__ import annotations

import dataclasses
import functools
from datetime import timedelta
from typing import Any

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.uploads import ApprovalStudioUploads
from proofbridge.vendors.catalogue import ActionName, ReviewTaskParams
from proofbridge.vendors.errors import (
    Happened,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    VendorConnectionError,
    VendorError,
)
from proofbridge.vendors.upload_gateway import Processing, Span
from tests.contract.proofs import act, fault
from tests.contract.uploads import LONG_AGO, after, new_version, sha256

PROJECT = "PRJARTWORK"
of_project = functools.partial(new_version, project=PROJECT)


@pytest.fixture
def files(studio: ApprovalStudio, studio_simulator: Simulator) -> ApprovalStudioUploads:
    return ApprovalStudioUploads(studio, studio_simulator.clock.now)


def held(simulator: Simulator, *names: str) -> list[Any]:
    """Return these fields of the assets, each a version, in the order of their making."""
    assets = simulator.vendor.state()["assets"]
    return [tuple(asset[name] for name in names) for asset in assets]


def test_file_becomes_an_asset_of_its_project(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    seen = files.upload(*of_project(b"%PDF one"))
    ((uid, *rest),) = held(studio_simulator, "uid", "name", "version", "project_uid", "sha256")
    assert rest == ["summer-ale.pdf", 1, PROJECT, sha256(b"%PDF one")]
    assert (seen.ref, seen.version, seen.name) == (
        ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, uid),
        1,
        "summer-ale.pdf",
    )
    assert seen.url


def test_version_takes_the_name_of_its_asset_when_the_file_is_called_otherwise(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    first = files.upload(*of_project(b"%PDF one", name="ale_r1.pdf"))
    name = files.name_of(first.ref, of_project(b"%PDF two", name="ale_r2.pdf")[0])
    assert name == "ale_r1.pdf"
    second = files.revise(first.ref, *of_project(b"%PDF two", name=name))
    assert second.ref != first.ref
    assert second.version == 2
    assert held(studio_simulator, "name", "version", "sha256") == [
        ("ale_r1.pdf", 1, sha256(b"%PDF one")),
        ("ale_r1.pdf", 2, sha256(b"%PDF two")),
    ]
    assert files.name_of(second.ref, of_project(b"%PDF", name="ale_r3.pdf")[0]) == name


def test_asset_has_the_name_when_it_may_be_the_same_to_the_vendor(files: ApprovalStudioUploads) -> None:
    first = files.upload(*of_project(b"%PDF one", name="Caf\u00e9 1.pdf"))
    alike, _ = of_project(b"%PDF two", name="CAFE\u0301 1.PDF")
    assert files.shared_name(alike) == files.shared_name(of_project(b"", name="Caf\u00e9 1.pdf")[0])
    assert [seen.ref for seen in files.named_alike(None, alike)] == [first.ref]
    assert files.named_alike(first.ref, alike) == [], "it is the asset itself"
    other, _ = of_project(b"%PDF", name="Cafe 1.pdf")
    assert files.shared_name(other) != files.shared_name(alike)
    assert files.named_alike(None, other) == []
    assert files.shared_name(dataclasses.replace(other, project=PROJECT.lower())) == files.shared_name(other)
    elsewhere, _ = of_project(b"%PDF", name="Caf\u00e9 1.pdf", project="OTHER")
    assert files.shared_name(elsewhere) != files.shared_name(alike)


@pytest.mark.parametrize("lost", ["drop_after", "truncate", "garbage"])
def test_asset_is_found_when_the_answer_to_its_upload_was_lost(
    files: ApprovalStudioUploads, studio_simulator: Simulator, lost: str
) -> None:
    since = studio_simulator.clock.now()
    new, source = of_project(b"%PDF one")
    fault(studio_simulator, "upload_asset", lost)
    with pytest.raises(VendorError) as raised:
        files.upload(new, source)
    assert raised.value.happened is Happened.UNKNOWN
    ((uid,),) = held(studio_simulator, "uid")
    assert [found.seen.ref.id for found in files.find_uploads(new, after(since))] == [uid]
    other_size, _ = of_project(b"%PDF longer")
    assert files.find_uploads(other_size, after(since)) == []
    other_name, _ = of_project(b"%PDF one", name="winter-ale.pdf")
    assert files.find_uploads(other_name, after(since)) == []
    assert files.find_uploads(new, after(since + timedelta(minutes=5))) == []
    assert files.find_uploads(new, Span(since - timedelta(hours=1), since - timedelta(minutes=5))) == []


def test_version_is_found_when_the_answer_to_its_upload_was_lost(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    """Both versions have the same name and size: the number of the version tells them apart."""
    since = studio_simulator.clock.now()
    first = files.upload(*of_project(b"%PDF one"))
    new, source = of_project(b"%PDF two")
    assert files.find_revision(first.ref, new, 1, after(since)) is None
    fault(studio_simulator, "upload_asset", "drop_after")
    with pytest.raises(VendorConnectionError):
        files.revise(first.ref, new, source)
    found = files.find_revision(first.ref, new, 1, after(since))
    assert found is not None
    assert found.version == 2
    assert (found.ref.id,) in held(studio_simulator, "uid")[1:]
    assert files.find_revision(first.ref, new, 2, after(since)) is None


def test_upload_is_unclear_when_only_the_reading_back_fails(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    """That the second call was refused says nothing of the first."""
    fault(studio_simulator, "get_asset", "status", status=500, times=9)
    with pytest.raises(ServerError) as raised:
        files.upload(*of_project(b"%PDF"))
    assert raised.value.happened is Happened.UNKNOWN
    assert not raised.value.retry_safe
    assert len(held(studio_simulator, "uid")) == 1


def test_nothing_is_sent_when_the_asset_before_is_gone(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    gone = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "GONE")
    with pytest.raises(NotFoundError) as raised:
        files.name_of(gone, of_project(b"%PDF")[0])
    assert raised.value.happened is Happened.NO
    assert held(studio_simulator, "uid") == []


# -- the project


def test_project_is_found_by_its_name_when_it_is_open(
    files: ApprovalStudioUploads, studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    new, source = new_version(b"%PDF", project_name="Spring & Söhne", owners=("USROWNER",), create=True)
    assert files.find_project(new) is None
    with pytest.raises(InvalidRequestError, match="no open project is called 'Spring & Söhne'"):
        files.upload(new, source)
    assert files.find_uploads(new, after(LONG_AGO)) == []
    made = files.create_project(new)
    studio_simulator.clock.advance(60)
    files.create_project(new)
    assert files.find_project(new) == made, "the oldest of that name"
    files.upload(new, source)
    assert held(studio_simulator, "project_uid") == [(made,)]
    assert len(files.find_uploads(new, after(LONG_AGO))) == 1
    project = studio.projects.get(made)
    assert (project.name, project.project_owners_uids) == ("Spring & Söhne", ("USROWNER",))


def test_project_is_not_taken_when_its_name_only_begins_alike_or_it_is_closed(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    named = functools.partial(new_version, b"%PDF", owners=("USROWNER",))
    files.create_project(named(project_name="Spring 2026")[0])
    assert files.find_project(named(project_name="Spring")[0]) is None
    act(studio_simulator, "set-state", project=PROJECT, state="Completed")
    assert files.find_project(named(project_name="Artwork")[0]) is None


def test_upload_is_refused_before_it_is_sent_when_no_project_is_named(
    files: ApprovalStudioUploads, studio_simulator: Simulator
) -> None:
    new, source = new_version(b"%PDF")
    with pytest.raises(InvalidRequestError, match="project_name is needed"):
        files.upload(new, source)
    with pytest.raises(InvalidRequestError, match="project_name"):
        files.create_project(new)
    with pytest.raises(InvalidRequestError, match="fetches nothing"):
        files.upload_by_url(new, "https://x.test/a")
    asset = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "A")
    with pytest.raises(InvalidRequestError, match="fetches nothing"):
        files.revise_by_url(asset, new, "https://x.test/a")
    assert studio_simulator.requests.entries() == []


# -- processing, and what follows


@pytest.mark.parametrize(("outcome", "expected"), [("succeed", Processing.DONE), ("fail", Processing.FAILED)])
def test_processing_is_pending_until_it_has_ended(
    files: ApprovalStudioUploads, studio_simulator: Simulator, outcome: str, expected: Processing
) -> None:
    settings = studio_simulator.settings.model_copy(update={"processing": outcome, "processing_seconds": 600})
    studio_simulator.settings = settings
    seen = files.upload(*of_project(b"%PDF"))
    assert files.processing(seen.ref)[0] is Processing.PENDING
    studio_simulator.clock.advance(601)
    progress, now = files.processing(seen.ref)
    assert (progress, now.ref) == (expected, seen.ref)


@pytest.mark.parametrize(
    ("word", "expected"), [("Rasterising", Processing.PENDING), ("Rejected", Processing.FAILED)]
)
def test_processing_is_what_its_word_says_and_pending_for_an_unknown_one(
    files: ApprovalStudioUploads, studio_simulator: Simulator, word: str, expected: Processing
) -> None:
    studio_simulator.settings = studio_simulator.settings.model_copy(
        update={"asset_statuses": {"processed": word}}
    )
    seen = files.upload(*of_project(b"%PDF"))
    assert files.processing(seen.ref)[0] is expected


def test_reviewers_are_asked_once_for_each_version(files: ApprovalStudioUploads) -> None:
    new, source = of_project(b"%PDF one", reviewers=("USRREV", "ann@brand.test"))
    first = files.upload(new, source)
    (ask,) = files.after(first.ref, new, "PB1")
    assert (ask.name, ask.target, ask.proof_id) == (ActionName.STUDIO_CREATE_REVIEW_TASK, first.ref, "PB1")
    params = ReviewTaskParams.model_validate(ask.params)
    assert (params.reviewers, params.message) == (("USRREV", "ann@brand.test"), new.message)
    assert params.due_at == "2099-03-05T17:00:00.000Z"
    second = files.revise(first.ref, *of_project(b"%PDF two"))
    (again,) = files.after(second.ref, new, "PB1")
    assert again.key != ask.key
    assert files.after(first.ref, new, "PB1") == [ask]
    nobody, _ = of_project(b"%PDF")
    assert files.after(first.ref, nobody, "PB1") == []
