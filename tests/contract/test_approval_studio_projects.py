from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from local.simulators import Simulator
from proofbridge.vendors.approval_studio import operations
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import (
    DELETABLE_STATES,
    MUTABLE_STATES,
    STATE_CHANGES,
    ProjectState,
    SettableState,
    steps_between,
)
from proofbridge.vendors.approval_studio.inputs import ProjectCreate, ProjectEdit, ProjectFilter
from proofbridge.vendors.errors import ConflictError, Happened, NotFoundError, RejectedError, VendorError
from proofbridge.vendors.multipart import BytesSource
from tests.contract.approval_studio_calls import (
    MISSING,
    OWNER,
    REVIEWER,
    SEEDED,
    control,
    new_asset,
    new_project,
    new_review,
)
from tests.contract.operations_called import known, offered, resolve
from tests.contract.proofs import act, effects

EDIT = ProjectEdit(project_name="x", project_owners_uids=[OWNER])
DUE = datetime(2030, 12, 7, 20, 56, 38, 818_000, tzinfo=UTC)


def test_every_operation_has_a_method_when_walked(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    report = ("GET", "/reports/*.pdf")  # where a proof report's link leads: no operation of the API
    assert known(operations.OPERATIONS) == offered(type(studio_simulator.vendor)) - {report}
    for operation in operations.OPERATIONS:
        assert operation is operations.LOG_IN or callable(resolve(studio, operation))
    assert sum(not operation.outside for operation in operations.OPERATIONS) == 18
    assert len(operations.OPERATIONS) == 34


def test_project_is_made_when_everything_is_said_of_it(studio: ApprovalStudio) -> None:
    made = studio.projects.create(
        ProjectCreate(
            client_uid="CLIENTMAIN",
            project_name="Label «Größe»",
            customer="Brand",
            project="Summer",
            design="Front",
            revision="1",
            description="d" * 200,
            tags=["red", "x" * 20],
            due_date=DUE,
            project_owners_uids=[OWNER, REVIEWER],
        )
    )
    project = studio.projects.get(made.project_uid)
    assert project.client_uid == "CLIENTMAIN"
    assert project.name == "Label «Größe»"
    assert (project.customer, project.project, project.design) == ("Brand", "Summer", "Front")
    assert (project.revision, project.description) == ("1", "d" * 200)
    assert project.tags == ("red", "x" * 20)
    assert project.due_date == DUE
    assert project.project_owners_uids == (OWNER, REVIEWER)
    assert project.state is ProjectState.ACTIVE
    assert project.created is not None
    assert project.created.tzinfo is UTC
    assert project.review_status is not None
    assert project.review_status.pending_count == 0
    assert (project.assets, project.tasks, project.ref_docs) == ((), (), ())


def test_project_is_refused_when_owner_or_tenant_is_unknown(studio: ApprovalStudio) -> None:
    for wrong in ({"project_owners_uids": [MISSING]}, {"client_uid": MISSING}):
        with pytest.raises(ConflictError) as caught:
            new_project(studio, **wrong)
        assert (caught.value.status, caught.value.happened) == (412, Happened.NO)
        assert MISSING in caught.value.detail


def test_children_come_along_only_when_asked_for(studio: ApprovalStudio) -> None:
    first, second = new_asset(studio), new_asset(studio)
    other = new_asset(studio, name="Back.pdf")
    review = new_review(studio, second)
    document = studio.ref_docs.upload(SEEDED, BytesSource(b"brief"), "brief.txt").ref_doc_uid

    def listed(**flags: bool) -> Any:
        (project,) = studio.projects.list(ProjectFilter(project_uid=SEEDED, **flags))
        return project

    everything = listed(is_load_assets=True, is_load_tasks=True, is_load_ref_docs=True)
    assert {asset.asset_uid for asset in everything.assets} == {second, other}
    assert [task.task_uid for task in everything.tasks] == [review]
    assert [found.ref_doc_uid for found in everything.ref_docs] == [document]
    all_versions = listed(is_load_assets=True, is_load_last_ver_assets=False)
    assert {asset.asset_uid for asset in all_versions.assets} == {first, second, other}
    assert (all_versions.tasks, all_versions.ref_docs) == ((), ())
    assert listed(is_load_last_ver_assets=False).assets == ()
    assert studio.projects.get(SEEDED, all_versions=True).assets == all_versions.assets
    assert studio.projects.get(SEEDED, assets=True).assets == everything.assets


def test_projects_are_found_when_all_conditions_hold(studio: ApprovalStudio) -> None:
    held = new_project(studio, "Held", customer="Brand")
    open_project = new_project(studio, "Open", customer="Brand")
    studio.projects.set_state(held, SettableState.ON_HOLD)

    def found(**wanted: Any) -> set[str]:
        return {project.project_uid for project in studio.projects.list(ProjectFilter(**wanted))}

    assert found() == {SEEDED, held, open_project}
    assert found(query="Brand") == {held, open_project}
    assert found(query="Brand", states=[ProjectState.ON_HOLD]) == {held}
    assert found(states=[ProjectState.ON_HOLD, ProjectState.ACTIVE]) == {SEEDED, held, open_project}
    assert found(project_uid=held, query="Brand", states=[ProjectState.ON_HOLD]) == {held}
    assert found(query="no such words") == set()


@pytest.mark.parametrize("missing_project", ["not_found", "empty"])
def test_project_is_missing_when_there_is_none(
    studio: ApprovalStudio, studio_simulator: Simulator, missing_project: str
) -> None:
    control(studio_simulator, "settings", missing_project=missing_project)
    with pytest.raises(NotFoundError) as caught:
        studio.projects.get(MISSING)
    assert caught.value.item == f"project {MISSING}"


@pytest.mark.parametrize("edit", ["replace", "merge"])
def test_only_the_change_is_made_when_edited_from_what_was_read(
    studio: ApprovalStudio, studio_simulator: Simulator, edit: str
) -> None:
    control(studio_simulator, "settings", edit=edit)
    uid = new_project(
        studio, customer="Brand", design="Front", description="d", tags=["a", "b"], due_date=date(2030, 1, 2)
    )
    before = studio.projects.get(uid)
    studio.projects.edit(uid, ProjectEdit.of(before, revision="2", customer=None, tags=["c"]))
    after = studio.projects.get(uid)
    assert (after.revision, after.customer, after.tags) == ("2", None, ("c",))
    assert after == before.model_copy(update={"revision": "2", "customer": None, "tags": ("c",)})
    edited = studio_simulator.effects.entries()[-1]
    assert set(edited["attributes"]) == {"Revision", "Customer", "Tags"}


def test_project_changes_in_everything_when_edited(studio: ApprovalStudio) -> None:
    uid = new_project(studio)
    studio.projects.edit(
        uid,
        ProjectEdit(
            project_name="New",
            project_owners_uids=[REVIEWER],
            customer="c",
            project="p",
            design="d",
            revision="r",
            description="t",
            tags=["x"],
            due_date=DUE,
        ),
    )
    project = studio.projects.get(uid)
    assert (project.name, project.customer, project.project, project.design) == ("New", "c", "p", "d")
    assert (project.revision, project.description, project.tags) == ("r", "t", ("x",))
    assert (project.due_date, project.project_owners_uids) == (DUE, (REVIEWER,))


def test_edit_is_refused_when_project_is_missing_or_closed(studio: ApprovalStudio) -> None:
    with pytest.raises(NotFoundError) as missing:
        studio.projects.edit(MISSING, EDIT)
    assert missing.value.status == 404
    studio.projects.set_state(SEEDED, SettableState.COMPLETED)
    with pytest.raises(ConflictError, match="Completed") as closed:
        studio.projects.edit(SEEDED, EDIT)
    assert (closed.value.status, closed.value.happened) == (406, Happened.NO)


def test_project_is_gone_when_deleted_after_its_completion(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    uid = new_project(studio)
    with pytest.raises(ConflictError) as open_still:
        studio.projects.delete(uid)
    assert open_still.value.status == 412
    studio.projects.set_state(uid, SettableState.COMPLETED)
    studio.projects.delete(uid)
    for gone in (studio.projects.delete, studio.projects.get, studio.projects.proof_report):
        with pytest.raises(NotFoundError):
            gone(uid)
    assert effects(studio_simulator) == ["create_project", "set_project_state", "delete_project"]


def test_report_can_be_fetched_without_the_token_when_linked(studio: ApprovalStudio) -> None:
    asset = new_asset(studio)
    for report in (studio.projects.proof_report(SEEDED), studio.assets.proof_report(asset)):
        answer = requests.get(report.download_url, timeout=10)
        assert answer.content.startswith(b"%PDF-1.4")


# --- states ------------------------------------------------------------------------------------------------


def put_into(studio: ApprovalStudio, uid: str, state: ProjectState) -> None:
    way = steps_between(ProjectState.ACTIVE, SettableState(state.value))
    assert way is not None
    for step in way:
        studio.projects.set_state(uid, step)
    assert studio.projects.get(uid).state is state


@pytest.mark.parametrize("now", [state for state in ProjectState if state is not ProjectState.IN_TRANSIT])
@pytest.mark.parametrize("wanted", list(SettableState))
def test_state_changes_as_tabled_when_all_pairs_are_tried(
    studio: ApprovalStudio, now: ProjectState, wanted: SettableState
) -> None:
    uid = new_project(studio)
    put_into(studio, uid, now)
    if wanted in STATE_CHANGES[now]:
        studio.projects.set_state(uid, wanted)
        assert studio.projects.get(uid).state == wanted.value
        return
    with pytest.raises(ConflictError) as caught:
        studio.projects.set_state(uid, wanted)
    assert caught.value.status == (406 if wanted.value == now.value else 412)
    assert now.value in caught.value.detail
    assert studio.projects.get(uid).state is now


def test_project_is_closed_to_all_when_in_transit(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    control(studio_simulator, "settings", transit_seconds=3600)
    studio.projects.set_state(SEEDED, SettableState.COMPLETED)
    studio.projects.set_state(SEEDED, SettableState.ARCHIVED)
    assert studio.projects.get(SEEDED).state is ProjectState.IN_TRANSIT
    with pytest.raises(ConflictError, match="InTransit"):
        studio.projects.set_state(SEEDED, SettableState.ACTIVE)
    with pytest.raises(ConflictError, match="InTransit"):
        studio.projects.delete(SEEDED)
    with pytest.raises(ConflictError, match="InTransit"):
        studio.projects.edit(SEEDED, EDIT)
    control(studio_simulator, "clock", advance_seconds=3601)
    assert studio.projects.get(SEEDED).state is ProjectState.ARCHIVED


@pytest.mark.parametrize("state", sorted(MUTABLE_STATES | DELETABLE_STATES))
def test_state_allows_what_is_tabled_when_tried(studio: ApprovalStudio, state: ProjectState) -> None:
    uid = new_project(studio)
    put_into(studio, uid, state)
    with contextlib.nullcontext() if state in MUTABLE_STATES else pytest.raises(ConflictError):
        studio.projects.edit(uid, EDIT)
    with contextlib.nullcontext() if state in DELETABLE_STATES else pytest.raises(ConflictError):
        studio.projects.delete(uid)


def test_tasks_are_gone_and_decisions_stay_when_project_is_completed(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    asset = new_asset(studio)
    act(studio_simulator, "approve", task=new_review(studio, asset))
    new_review(studio, asset)
    studio.projects.set_state(SEEDED, SettableState.COMPLETED)
    assert studio.tasks.list(SEEDED) == ()
    counts = studio.assets.get(asset).review_status
    assert counts is not None
    assert (counts.pending_count, counts.approved_count, counts.rejected_count) == (0, 1, 0)


def test_parameter_and_reason_are_told_when_vendor_refuses_the_form(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    control(studio_simulator, "settings", tag_length=3)
    with pytest.raises(RejectedError, match="tags: 'tags' a tag must have at most 3") as caught:
        new_project(studio, tags=["four"])
    assert (caught.value.status, caught.value.happened) == (400, Happened.NO)
    studio_simulator.violations.clear()


def test_state_of_a_missing_project_is_not_found_when_set(studio: ApprovalStudio) -> None:
    with pytest.raises(VendorError) as caught:
        studio.projects.set_state(MISSING, SettableState.ACTIVE)
    assert (type(caught.value), caught.value.status) == (NotFoundError, 404)
