"""Good2Go's gateway against the simulator: what it shows in our words, and what it finds again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.items import Decision, Observation, Person, ReviewStatus, Vendor
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.errors import NotFoundError
from proofbridge.vendors.good2go.gateway import Good2GoGateway
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.upload_gateway import UploadGateway
from tests.contract.uploads import after
from tests.integration.bridge import CUSTOMER, FOLDER, Bridge
from tests.integration.listing import listed
from tests.unit.observations import JOB

SECOND = "second@brand.test"
DUE_AT = datetime(2099, 3, 5, 17, tzinfo=UTC)
NEW = NewVersion(
    reference="PB" + "A" * 20,
    name="summer-ale.pdf",
    content_type="application/pdf",
    size_bytes=4,
    fields={},
    message="Please review.",
    recipient=CUSTOMER,
    reviewers=(SECOND,),
    folder=FOLDER,
    due_at=DUE_AT,
)
Upload = Callable[..., Observation]


def sized(size_bytes: int) -> NewVersion:
    """Return what is said of a file of that size."""
    return dataclasses.replace(NEW, size_bytes=size_bytes)


@pytest.fixture
def gateway(bridge: Bridge) -> Good2GoGateway:
    return bridge.connections.good2go(bridge.deadline())


@pytest.fixture
def files(bridge: Bridge) -> UploadGateway:
    return bridge.connections.uploads(Vendor.GOOD2GO, bridge.deadline())


@pytest.fixture
def upload(files: UploadGateway) -> Upload:
    def send(data: bytes = b"%PDF", **changes: Any) -> Observation:
        return files.upload(dataclasses.replace(NEW, **changes), BytesSource(data))

    return send


# -- what a job is in our words


def test_job_is_shown_whole_when_it_is_read_alone(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    now = bridge.clock.now()
    seen = gateway.observe(ref)
    assert seen.observed_at > now
    assert seen.updated_at is not None
    assert (seen.ref, seen.status, seen.vendor_status) == (ref, ReviewStatus.NOT_STARTED, "new")
    assert (seen.name, seen.version, seen.due_at, seen.deleted) == ("summer-ale.pdf", 1, DUE_AT, False)
    assert [(person.id, person.decision) for person in seen.reviewers or ()] == [
        (CUSTOMER, None),
        (SECOND, None),
    ]
    assert all(person.task_id for person in seen.reviewers or ())
    assert seen.url is not None
    assert ref.id in seen.url
    assert seen.silent_on == ()
    assert (seen.comment, seen.decided_by) == (None, None)


def test_few_calls_are_made_when_a_job_is_read(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    before = len(bridge.good2go.requests())
    gateway.observe(ref)
    assert [r["operation"] for r in bridge.good2go.requests()[before:]] == ["get_job", "list_tasks"]
    bridge.good2go.act("approve", job=ref.id)
    before = len(bridge.good2go.requests())
    gateway.observe(ref)
    assert [r["operation"] for r in bridge.good2go.requests()[before:]] == [
        "get_job",
        "list_tasks",
        "get_latest_changelog",
    ]


@pytest.mark.parametrize(
    ("what", "status", "decision"),
    [
        ("approve", ReviewStatus.APPROVED, Decision.APPROVED),
        ("reject", ReviewStatus.REJECTED, Decision.REJECTED),
        ("request-changes", ReviewStatus.CHANGES_REQUESTED, Decision.CHANGES_REQUESTED),
    ],
)
def test_decision_is_shown_with_who_made_it_and_what_was_said(
    bridge: Bridge,
    gateway: Good2GoGateway,
    upload: Upload,
    what: str,
    status: ReviewStatus,
    decision: Decision,
) -> None:
    ref = upload().ref
    bridge.good2go.act(what, job=ref.id, by=SECOND, comment="So (really) it is.")
    seen = gateway.observe(ref)
    assert (seen.status, seen.decided_by, seen.comment) == (status, SECOND, "So (really) it is.")
    people = {person.id: person for person in seen.reviewers or ()}
    assert people[SECOND] == Person(SECOND, decision=decision)
    assert people[CUSTOMER].decision is None
    assert people[CUSTOMER].task_id is not None


def test_everybody_is_named_when_several_have_decided_alike(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    for person in (CUSTOMER, SECOND):
        bridge.good2go.act("approve", job=ref.id, by=person)
    assert gateway.observe(ref).decided_by == f"{CUSTOMER}, {SECOND}"


def test_customer_is_named_when_nobody_with_a_task_has_decided(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    bridge.good2go.act("set-status", job=ref.id, status="approved")
    assert gateway.observe(ref).decided_by == CUSTOMER


def test_nothing_is_quoted_when_the_decision_came_without_a_word(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    bridge.good2go.act("approve", job=ref.id)
    assert gateway.observe(ref).comment is None


@pytest.mark.parametrize("data", ['{"mime": "application/pdf"}', "[1, 2]"])
def test_data_of_the_vendor_is_not_quoted(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload, data: str
) -> None:
    ref = upload().ref
    bridge.good2go.act("comment", job=ref.id, comment=data)
    assert gateway.observe(ref).comment is None


def test_job_is_shown_without_words_when_the_vendor_has_none(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    bridge.good2go.act("approve", job=ref.id)
    bridge.good2go.fault("get_latest_changelog", "status", status=404)
    seen = gateway.observe(ref)
    assert (seen.status, seen.comment) == (ReviewStatus.APPROVED, None)


def test_due_date_of_the_task_is_the_jobs_when_the_job_has_none(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    bridge.good2go.settings(task_due_at_sets_job_due_at=False)
    ref = upload().ref
    assert gateway.observe(ref).due_at == DUE_AT
    (seen,) = listed(gateway)
    assert seen.due_at is None
    assert "due_at" in seen.silent_on


@pytest.mark.parametrize("trash", [True, False])
def test_job_is_deleted_when_it_is_in_the_trash_or_gone(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload, *, trash: bool
) -> None:
    bridge.good2go.settings(trash_on_delete=trash)
    ref = upload().ref
    bridge.good2go.act("delete", job=ref.id)
    before = len(bridge.good2go.requests())
    seen = gateway.observe(ref)
    assert (seen.ref, seen.deleted) == (ref, True)
    assert len(bridge.good2go.requests()) == before + 1


def test_job_is_deleted_when_it_goes_while_it_is_read(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    ref = upload().ref
    bridge.good2go.fault("list_tasks", "status", status=404)
    assert gateway.observe(ref).deleted


def test_job_is_deleted_when_there_never_was_one(gateway: Good2GoGateway) -> None:
    assert gateway.observe(JOB).deleted


# -- lists


def test_list_is_silent_on_what_it_does_not_show(gateway: Good2GoGateway, upload: Upload) -> None:
    ref = upload().ref
    (seen,) = listed(gateway)
    assert seen.ref == ref
    assert set(seen.silent_on) == {"reviewers", "comment", "decided_by"}
    whole = gateway.observe(ref)
    told = {"status", "vendor_status", "name", "version", "due_at", "url", "updated_at"}
    assert {name: getattr(seen, name) for name in told} == {name: getattr(whole, name) for name in told}


def test_files_of_all_folders_are_listed_oldest_change_first(
    bridge: Bridge, gateway: Good2GoGateway, upload: Upload
) -> None:
    first = upload(name="a.pdf").ref
    bridge.good2go.advance(100)
    second = upload(name="b.pdf", folder=None).ref
    bridge.good2go.advance(100)
    bridge.good2go.act("rename", job=first.id, name="c.pdf")
    assert [seen.ref for seen in listed(gateway)] == [second, first]
    assert [seen.ref for seen in listed(gateway, datetime.now(UTC) + timedelta(seconds=150))] == [first]


# -- lost answers


def test_upload_is_found_by_place_name_size_and_moment(
    bridge: Bridge, files: UploadGateway, upload: Upload
) -> None:
    since = datetime.now(UTC)
    ref = upload(b"%PDF").ref
    assert [found.seen.ref for found in files.find_uploads(NEW, after(since))] == [ref]
    assert files.find_uploads(dataclasses.replace(NEW, size_bytes=5), after(since)) == []
    assert files.find_uploads(dataclasses.replace(NEW, name="summer"), after(since)) == []
    assert files.find_uploads(dataclasses.replace(NEW, folder=None), after(since)) == []
    assert files.find_uploads(NEW, after(since + timedelta(minutes=5))) == []
    assert bridge.good2go.violations() == []


def test_upload_is_found_only_by_our_reference_when_the_vendor_shows_it(
    bridge: Bridge, files: UploadGateway, upload: Upload
) -> None:
    since = datetime.now(UTC)
    upload(reference="PBOTHER")
    ours = upload().ref
    assert len(files.find_uploads(NEW, after(since))) == 2
    bridge.good2go.settings(puid_in_responses=True)
    (found,) = files.find_uploads(NEW, after(since))
    assert (found.seen.ref, found.is_ours) == (ours, True)


def test_revision_is_found_by_version_size_and_moment(files: UploadGateway, upload: Upload) -> None:
    since = datetime.now(UTC)
    ref = upload(b"%PDF").ref
    assert files.find_revision(ref, sized(4), 1, after(since)) is None
    revised = files.revise(ref, NEW, BytesSource(b"%PDF 2"))
    assert (revised.ref, revised.version) == (ref, 2)
    found = files.find_revision(ref, sized(6), 1, after(since))
    assert found is not None
    assert (found.ref, found.version) == (ref, 2)
    assert files.find_revision(ref, sized(7), 1, after(since)) is None
    assert files.find_revision(ref, sized(6), 2, after(since)) is None
    assert files.find_revision(ref, sized(6), 1, after(since + timedelta(minutes=5))) is None
    with pytest.raises(NotFoundError):
        files.find_revision(JOB, sized(6), 1, after(since))


def test_review_begins_anew_with_the_same_people_when_a_revision_names_none(
    bridge: Bridge, gateway: Good2GoGateway, files: UploadGateway, upload: Upload
) -> None:
    ref = upload().ref
    bridge.good2go.act("reject", job=ref.id, by=SECOND)
    files.revise(ref, dataclasses.replace(NEW, reviewers=()), BytesSource(b"%PDF 2"))
    (revised,) = bridge.good2go.effects("upload_revision")
    assert revised["emails"] == [CUSTOMER, SECOND]
    seen = gateway.observe(ref)
    assert seen.status is ReviewStatus.NOT_STARTED
    assert [(person.id, person.decision) for person in seen.reviewers or ()] == [
        (CUSTOMER, None),
        (SECOND, None),
    ]


def test_what_good2go_can_not_do_is_an_error(gateway: Good2GoGateway, bridge: Bridge) -> None:
    action = Action("k", ActionName.GOODDAY_COMMENT, Vendor.GOOD2GO, {"message": "x"}, target=JOB)
    with pytest.raises(ValueError, match=r"Good2Go can't goodday\.comment"):
        gateway.perform(action, JOB)
    with pytest.raises(ValueError, match="Good2Go can't look for"):
        gateway.find(action, JOB, bridge.clock.now())
