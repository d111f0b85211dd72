"""Every trap that the vendor notes name for Approval Studio, by its number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from local.simulators import Simulator
from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.approval_studio.client import DEFAULT_BASE_URL, ApprovalStudio
from proofbridge.vendors.approval_studio.enums import (
    AssetStatus,
    EmailLanguage,
    EventType,
    ProjectAttribute,
    ProjectState,
    SettableState,
    steps_between,
)
from proofbridge.vendors.approval_studio.events import (
    SECRET_HEADER,
    AnnotationEvent,
    AssetEvent,
    Event,
    ProjectCreated,
    ProjectEdited,
    ProjectStateChanged,
    RefDocEvent,
    TaskEvent,
    read_event,
)
from proofbridge.vendors.approval_studio.inputs import (
    AssetTaskCreate,
    ExternalReviewCreate,
    ProjectCreate,
    ProjectEdit,
    ProjectFilter,
    StateChange,
)
from proofbridge.vendors.approval_studio.mapping import project_state, review_status
from proofbridge.vendors.approval_studio.models import Project
from proofbridge.vendors.approval_studio.operations import OPERATIONS
from proofbridge.vendors.deadline import Clock, Deadline
from proofbridge.vendors.errors import (
    ConflictError,
    Happened,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    VendorTimeoutError,
)
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.operation import RetryPolicy
from tests.contract.approval_studio_calls import (
    MISSING,
    OWNER,
    PDF,
    REVIEWER,
    SEEDED,
    control,
    new_annotation,
    new_asset,
    new_project,
    new_review,
)
from tests.contract.conftest import STUDIO_PASSWORD, STUDIO_USERNAME
from tests.contract.proofs import act
from tests.unit.vendors.local_vendor import LocalVendor, Reply, local_vendor

EXTERNAL: dict[str, Any] = {"project_uid": SEEDED, "email": "customer@brand.test"}


@pytest.fixture
def endpoint() -> Iterator[LocalVendor]:
    """Somebody who receives webhooks and answers each with 200."""
    with local_vendor() as running:
        yield running


def refused(model: type[Any], **fields: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        model(**fields)
    return caught.value


def listen(studio: ApprovalStudio, simulator: Simulator, endpoint: LocalVendor) -> str:
    """Have events sent to the endpoint from now on, and return the webhook's secret."""
    made = studio.webhooks.create(endpoint.url)
    control(simulator, "clock", advance_seconds=60)  # until it takes effect
    assert made.secret is not None
    return made.secret


def heard(simulator: Simulator, endpoint: LocalVendor) -> list[Event]:
    """Return the events that came in since the last time."""
    assert control(simulator, "webhooks/drain")["drained"]
    found = [read_event(request.body) for request in endpoint.received]
    endpoint.received.clear()
    return found


def types(events: list[Event]) -> list[EventType | str]:
    return [event.type for event in events]


def test_trap_approval_studio_01_paths_are_singular_and_calls_go_by_https(studio: ApprovalStudio) -> None:
    asset = new_asset(studio)
    assert studio.assets.get(asset).asset_uid == asset  # the plural path does not exist there
    assert not any("/assets" in operation.path for operation in OPERATIONS)
    assert DEFAULT_BASE_URL == "https://api.approval.studio"


def test_trap_approval_studio_02_http_status_decides_and_the_message_is_kept(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    with pytest.raises(ConflictError) as same:  # HTTP 406, the body says 412
        studio.projects.set_state(SEEDED, SettableState.ACTIVE)
    assert (same.value.status, same.value.detail) == (406, "The project's state is [Active] already.")
    annotation = new_annotation(studio_simulator, new_asset(studio), REVIEWER)
    with pytest.raises(ConflictError) as others:  # HTTP 412, the body says 404
        studio.annotations.delete(annotation)
    assert (others.value.status, others.value.happened) == (412, Happened.NO)
    assert others.value.detail == "Only the author of an annotation can delete it."
    with pytest.raises(NotFoundError) as none:
        studio.annotations.delete(MISSING)
    assert none.value.status == 404


def test_trap_approval_studio_03_three_shapes_of_an_error_are_read(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    with pytest.raises(NotFoundError) as envelope:
        studio.assets.get(MISSING)
    assert envelope.value.detail == "There is no such asset, or it has been deleted."
    control(studio_simulator, "settings", tag_length=3, calls_per_hour=4)
    with pytest.raises(RejectedError) as problem:
        new_project(studio, tags=["four"])
    assert problem.value.detail == "tags: 'tags' a tag must have at most 3 characters"
    studio_simulator.violations.clear()
    for _ in range(3):
        studio.users.list()
    with pytest.raises(RateLimitedError) as text:
        studio.users.list()
    assert text.value.detail == "Too many calls: at most 4 per 1h."


def test_trap_approval_studio_04_waiting_goes_by_seconds_or_the_reset_never_by_the_period(
    studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    limit = {"X-Rate-Limit-Limit": "1m", "X-Rate-Limit-Remaining": "0"}
    reset = {"X-Rate-Limit-Reset": (datetime.now(UTC) + timedelta(minutes=30)).isoformat()}
    login = Reply(body=b'{"result": {"token": "t"}}')
    patient = {"username": "u", "password": "p", "retries": RetryPolicy(attempts=1)}
    for headers, seconds in (
        (limit | reset | {"Retry-After": "58"}, 58),
        (limit | reset, 1800),
        (limit, None),
    ):
        endpoint.answer(login, Reply(429, b"Too many calls.", headers=headers))
        with (
            ApprovalStudio(base_url=endpoint.url, **patient) as studio,  # type: ignore[arg-type]
            pytest.raises(RateLimitedError) as caught,
        ):
            studio.users.list()
        until = caught.value.retry_at
        assert (until is None) is (seconds is None)
        if until is not None and seconds is not None:
            assert (until - datetime.now(UTC)).total_seconds() == pytest.approx(seconds, abs=5)
    control(studio_simulator, "settings", calls_per_minute=2)
    with ApprovalStudio(
        base_url=studio_simulator.url, username=STUDIO_USERNAME, password=STUDIO_PASSWORD
    ) as studio:
        studio.users.list()
        with pytest.raises(RateLimitedError) as limited:
            studio.within(Deadline.after(0.5)).users.list()
    assert limited.value.retry_at is not None
    assert 0 < (limited.value.retry_at - datetime.now(UTC)).total_seconds() <= 60


def test_trap_approval_studio_05_each_place_has_its_own_casing(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    filter_ = ProjectFilter(project_uid=SEEDED, is_load_ref_docs=True)
    assert [name for name, _ in filter_.parameters()] == ["ProjectUID", "IsLoadRefDocs"]
    body = ProjectCreate(project_name="x", project_owners_uids=[OWNER], client_uid="CLIENTMAIN").fields()
    assert set(body) == {"projectName", "projectOwnersUIDS", "clientUID"}
    listen(studio, studio_simulator, endpoint)
    made = studio.projects.create(ProjectCreate(project_name="x", project_owners_uids=[OWNER]))
    assert control(studio_simulator, "webhooks/drain")["drained"]
    (request,) = endpoint.received
    assert set(json.loads(request.body)) == {"EventId", "EventType", "Created", "Data"}
    (event,) = heard(studio_simulator, endpoint)
    assert event.data == ProjectCreated.model_validate({"ProjectUID": made.project_uid, "Name": "x"})
    for key in ("projectUID", "ProjectUID", "projectUid"):
        assert Project.model_validate({key: "P"}).project_uid == "P"


def test_trap_approval_studio_06_tags_are_short_and_states_have_two_spellings(studio: ApprovalStudio) -> None:
    fields = {"project_name": "x", "project_owners_uids": [OWNER]}
    uid = studio.projects.create(ProjectCreate(**fields, tags=["t" * 20] * 20)).project_uid
    assert studio.projects.get(uid).tags == ("t" * 20,) * 20
    assert refused(ProjectCreate, **fields, tags=["t" * 21]).field == "tags.0"
    assert refused(ProjectCreate, **fields, tags=["t"] * 21).field == "tags"
    assert Project.model_validate({"projectUID": "P", "tags": ["t" * 25]}).tags == ("t" * 25,)
    for spelling, state in (("Complete", ProjectState.COMPLETED), ("Archive", ProjectState.ARCHIVED)):
        assert Project.model_validate({"projectUID": "P", "state": spelling}).state is state
        assert refused(StateChange, project_uid="P", state=spelling).field == "state"
        assert StateChange(project_uid="P", state=state.value).fields()["state"] == state.value


def test_trap_approval_studio_07_hidden_states_are_asked_for_and_case_matters(studio: ApprovalStudio) -> None:
    uid = new_project(studio, "Archived Label")
    studio.projects.set_state(uid, SettableState.COMPLETED)
    studio.projects.set_state(uid, SettableState.ARCHIVED)
    assert uid not in {project.project_uid for project in studio.projects.list()}
    with pytest.raises(NotFoundError):
        studio.projects.list(ProjectFilter(project_uid=uid))
    with pytest.raises(NotFoundError):  # both conditions hold, or there is nothing
        studio.projects.list(ProjectFilter(project_uid=uid, states=[ProjectState.ACTIVE]))
    assert studio.projects.get(uid).state is ProjectState.ARCHIVED
    every = ProjectFilter(states=list(ProjectState), query="Archived Label")
    assert [project.project_uid for project in studio.projects.list(every)] == [uid]
    assert studio.projects.list(ProjectFilter(states=list(ProjectState), query="archived label")) == ()


def test_trap_approval_studio_08_states_have_rules_and_a_price(studio: ApprovalStudio) -> None:
    uid = new_project(studio)
    studio.tasks.request_assets(AssetTaskCreate(project_uid=uid, user_uid=OWNER))
    with pytest.raises(ConflictError) as directly:
        studio.projects.set_state(uid, SettableState.ARCHIVED)
    assert directly.value.status == 412
    assert refused(StateChange, project_uid=uid, state="InTransit").field == "state"
    with pytest.raises(ConflictError) as open_still:
        studio.projects.delete(uid)
    assert open_still.value.status == 412
    way = steps_between(ProjectState.ACTIVE, SettableState.ARCHIVED)
    assert way == (SettableState.COMPLETED, SettableState.ARCHIVED)
    assert len(studio.tasks.list(uid)) == 1
    for step in way:
        studio.projects.set_state(uid, step)
        assert studio.tasks.list(uid) == ()
    studio.projects.delete(uid)


def test_trap_approval_studio_09_moments_come_in_many_forms(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    now = datetime.now(UTC)
    created = studio.assets.get(new_asset(studio)).created
    assert created is not None
    assert abs(created - now) < timedelta(seconds=30)  # it carries no zone, and is UTC
    day = new_project(studio, due_date=date(2030, 12, 4))
    moment = new_project(studio, due_date=datetime(2030, 12, 7, 20, 56, 38, 818_000, tzinfo=UTC))
    assert studio.projects.get(day).due_date == datetime(2030, 12, 4, tzinfo=UTC)
    assert studio.projects.get(moment).due_date == datetime(2030, 12, 7, 20, 56, 38, 818_000, tzinfo=UTC)
    listen(studio, studio_simulator, endpoint)
    for number in range(30):
        studio.projects.edit(SEEDED, ProjectEdit(project_name=f"Label {number}", project_owners_uids=[OWNER]))
    assert control(studio_simulator, "webhooks/drain")["drained"]
    digits = {
        len(json.loads(request.body)["Created"].partition(".")[2].rstrip("Z"))
        for request in endpoint.received
    }
    assert digits <= {5, 6, 7}
    for event in heard(studio_simulator, endpoint):
        assert event.created is not None
        assert event.created.utcoffset() == timedelta()


def test_trap_approval_studio_10_only_success_is_told_and_a_deletion_only_once(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    listen(studio, studio_simulator, endpoint)
    control(studio_simulator, "settings", processing_seconds=3600)
    good, bad = new_asset(studio, name="Good.pdf"), new_asset(studio, name="Bad.pdf")
    assert studio.assets.get(good).status is AssetStatus.PENDING
    assert heard(studio_simulator, endpoint) == []
    act(studio_simulator, "fail-processing", asset=bad)
    assert studio.assets.get(bad).status is AssetStatus.FAILED  # which nobody tells: it has to be asked
    act(studio_simulator, "finish-processing", asset=good)
    assert studio.assets.get(good).status is AssetStatus.PROCESSED
    (uploaded,) = heard(studio_simulator, endpoint)
    assert uploaded.type is EventType.ASSET_UPLOADED
    assert isinstance(uploaded.data, AssetEvent)
    assert (uploaded.data.asset_uid, uploaded.data.project_uid) == (good, SEEDED)
    new_review(studio, good)
    new_annotation(studio_simulator, good)
    heard(studio_simulator, endpoint)
    studio.assets.delete(good)
    (deleted,) = heard(studio_simulator, endpoint)
    assert deleted.type is EventType.ASSET_DELETED
    assert studio.tasks.list(SEEDED) == ()


def test_trap_approval_studio_10_processing_is_asked_for_until_it_ends_or_time_does(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    control(studio_simulator, "settings", processing_seconds=3600)
    good, bad, stuck = (new_asset(studio, name=name) for name in ("Good.pdf", "Bad.pdf", "Stuck.pdf"))
    waited_seconds: list[float] = []
    ends = [("finish-processing", good), ("fail-processing", bad)]

    def wait(seconds: float) -> None:
        waited_seconds.append(seconds)
        assert len(waited_seconds) <= 6, "it is asked for without an end"
        if len(waited_seconds) % 2 == 0 and ends:
            deed, asset = ends.pop(0)
            act(studio_simulator, deed, asset=asset)

    clock = Clock(monotonic=lambda: sum(waited_seconds), sleep=wait)
    deadline = Deadline.after(60, clock)
    assert studio.assets.wait_until_processed(good, deadline).status is AssetStatus.PROCESSED
    assert studio.assets.wait_until_processed(bad, deadline, pause_seconds=7).status is AssetStatus.FAILED
    assert waited_seconds == [5, 5, 7, 7]
    with pytest.raises(VendorTimeoutError) as caught:
        studio.assets.wait_until_processed(stuck, deadline, pause_seconds=20)
    assert caught.value.item == f"asset {stuck}"
    assert waited_seconds[4:] == [20, 16]


def test_trap_approval_studio_11_edited_values_differ_in_type(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    listen(studio, studio_simulator, endpoint)
    studio.projects.edit(
        SEEDED,
        ProjectEdit(
            project_name="New",
            project_owners_uids=[OWNER, REVIEWER],
            customer="Brand",
            tags=["a", "b"],
            due_date=date(2030, 1, 2),
        ),
    )
    values = {}
    for event in heard(studio_simulator, endpoint):
        assert isinstance(event.data, ProjectEdited)
        assert event.data.project_uid == SEEDED
        values[event.data.attribute] = event.data.value
    assert values[ProjectAttribute.NAME] == "New"
    assert values[ProjectAttribute.TAGS] == ["a", "b"]
    assert values[ProjectAttribute.DUE_DATE] == "2030-01-02"
    assert isinstance(values[ProjectAttribute.PROJECT_OWNERS], list)
    studio.projects.edit(SEEDED, ProjectEdit(project_name="New", project_owners_uids=[OWNER]))
    emptied = [event.data for event in heard(studio_simulator, endpoint)]
    assert {data.attribute: data.value for data in emptied if isinstance(data, ProjectEdited)}[
        ProjectAttribute.DUE_DATE
    ] is None


def test_trap_approval_studio_12_external_review_ends_with_a_decision_if_it_can_bring_one(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    task = studio.tasks.review_externally(
        ExternalReviewCreate(**EXTERNAL, asset_uids=[asset], email_language=EmailLanguage.ENGLISH)
    ).task_uid
    reading = studio.tasks.review_externally(
        ExternalReviewCreate(**EXTERNAL, asset_uids=[asset], is_read_only=True)
    ).task_uid
    assert refused(ExternalReviewCreate, **EXTERNAL, asset_uids=[asset], email_language="en").field == (
        "email_language"
    )
    with pytest.raises(requests.HTTPError):  # the one for reading only takes no decision
        act(studio_simulator, "approve", task=reading)
    act(studio_simulator, "approve", task=task, comment="Fine.")
    with pytest.raises(requests.HTTPError):  # the link ended with the decision
        act(studio_simulator, "reject", task=task)
    ended = studio.tasks.get(task)
    assert (ended.status, ended.email) == ("Approved", "customer@brand.test")
    assert [remark.comment for remark in studio.annotations.list(asset)] == ["Fine."]
    assert studio.tasks.get(reading).status == "Pending"
    counts = studio.assets.get(asset).review_status
    # A task for reading only is pending for ever: its asset would never be seen as approved.
    assert counts is not None
    assert (counts.pending_count, counts.approved_count) == (1, 1)
    assert review_status(counts, ProjectState.ACTIVE) is ReviewStatus.IN_REVIEW
    studio.tasks.delete(reading)
    after = studio.assets.get(asset)
    assert review_status(after.review_status, ProjectState.ACTIVE) is ReviewStatus.APPROVED


# --- what else the webhooks promise ------------------------------------------------------------------------


def test_every_event_type_is_read_when_the_vendor_sends_it(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    secret = listen(studio, studio_simulator, endpoint)
    (webhook,) = studio.webhooks.list()
    project = new_project(studio)
    asset = new_asset(studio, project)
    document = studio.ref_docs.upload(project, BytesSource(PDF), "brief.pdf").ref_doc_uid
    studio.ref_docs.delete(document)
    annotation = new_annotation(studio_simulator, asset)
    act(studio_simulator, "edit-annotation", annotation=annotation, comment="Smaller!")
    studio.annotations.delete(annotation)
    act(studio_simulator, "approve", task=new_review(studio, asset, project=project))
    act(studio_simulator, "reject", task=new_review(studio, asset, project=project))
    wanted = AssetTaskCreate(project_uid=project, user_uid=OWNER)
    studio.tasks.complete(studio.tasks.request_assets(wanted).task_uid)
    studio.tasks.delete(studio.tasks.request_assets(wanted).task_uid)
    studio.assets.delete(asset)
    studio.projects.edit(project, ProjectEdit(project_name="New", project_owners_uids=[OWNER]))
    studio.projects.set_state(project, SettableState.COMPLETED)
    studio.webhooks.test(webhook.webhook_uid)
    assert control(studio_simulator, "webhooks/drain")["drained"]
    assert {request.headers[SECRET_HEADER] for request in endpoint.received} == {secret}
    events = heard(studio_simulator, endpoint)
    assert set(types(events)) == set(EventType)
    assert len({event.id for event in events}) == len(events)
    for event in events:
        match event.data:
            case TaskEvent(task_uid=uid) | AnnotationEvent(annotation_uid=uid):
                assert uid is not None
                assert event.data.project_uid == project
            case RefDocEvent(ref_doc_uid=uid):
                assert uid == document
            case AssetEvent(asset_uid=uid):
                assert uid == asset
            case ProjectStateChanged(state=state):
                assert state is ProjectState.COMPLETED
    decided = next(event.data for event in events if event.type is EventType.TASK_APPROVED)
    assert isinstance(decided, TaskEvent)
    assert (decided.asset_uids, decided.task_type) == ((asset,), "ReviewAsset")


def test_same_event_has_the_same_id_when_it_comes_again(
    studio: ApprovalStudio, studio_simulator: Simulator, endpoint: LocalVendor
) -> None:
    listen(studio, studio_simulator, endpoint)
    new_project(studio)
    (first,) = heard(studio_simulator, endpoint)
    control(studio_simulator, "webhooks/resend", n=1, copies=2)
    again = heard(studio_simulator, endpoint)
    assert [event.id for event in again] == [first.id, first.id]
    assert again[0].data == first.data


def test_status_is_ours_when_reviewers_and_owner_act(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)

    def status() -> ReviewStatus | None:
        return review_status(studio.assets.get(asset).review_status, studio.projects.get(SEEDED).state)

    assert status() is ReviewStatus.NOT_STARTED
    first = new_review(studio, asset)
    assert status() is ReviewStatus.IN_REVIEW
    studio.projects.set_state(SEEDED, SettableState.ON_HOLD)
    assert status() is ReviewStatus.IN_REVIEW
    act(studio_simulator, "approve", task=first)
    assert status() is ReviewStatus.APPROVED
    act(studio_simulator, "reject", task=new_review(studio, asset))
    assert status() is ReviewStatus.REJECTED
    written = project_state(ReviewStatus.COMPLETED)
    assert written is not None
    studio.projects.set_state(SEEDED, written)
    assert status() is ReviewStatus.COMPLETED
    control(studio_simulator, "settings", transit_seconds=3600)
    studio.projects.set_state(SEEDED, SettableState.ARCHIVED)
    assert status() is None
