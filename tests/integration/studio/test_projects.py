"""Approval Studio's actions against the simulator: each happens once; states and due dates of projects."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from proofbridge.actions.perform import Outcome, Status
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, ReviewStatus, Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import SettableState
from proofbridge.vendors.approval_studio.gateway import ApprovalStudioGateway
from proofbridge.vendors.approval_studio.inputs import ReviewTaskCreate
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.multipart import BytesSource
from tests.integration.desk import PROOF, Desk
from tests.integration.site import Site
from tests.integration.studio.asked import (
    ASKED,
    CALLS,
    COLLEAGUE,
    CUSTOMER,
    DUE,
    REVIEW,
    STATE,
    STUDIO,
    ask,
    done_by,
    held_by,
)
from tests.integration.ticking import TickingClock

# -- each: once, whatever happens to its call

EFFECTS = {STATE: 1, DUE: 1, REVIEW: 2}


@pytest.mark.parametrize("name", sorted(ASKED))
@pytest.mark.parametrize("fault", [None, "drop_after", "drop_before", "garbage"])
def test_effect_happens_once_when_its_call_is_lost_and_its_message_comes_twice(
    desk: Desk, studio: Site, asset: ItemRef, name: ActionName, fault: str | None
) -> None:
    if fault is not None:
        studio.fault(CALLS[name], fault)
    first = desk.perform(ask(name))
    if first.fate is Status.DEFERRED:
        assert desk.entry("k").state is EffectState.UNKNOWN
        first = desk.perform_again()
    assert first.fate is Status.DONE
    assert done_by(studio, name) == EFFECTS[name]
    assert desk.perform(ask(name)).fate is Status.DUPLICATE
    assert done_by(studio, name) == EFFECTS[name]
    assert asset in desk.items.of_proof(PROOF, STUDIO)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_gate_closes_and_nothing_is_done_when_calls_are_limited(
    desk: Desk, studio: Site, asset: ItemRef, name: ActionName
) -> None:
    assert asset
    studio.fault(CALLS[name], "status", status=429, retry_after="3600", times=None)
    assert desk.perform(ask(name)).fate is Status.DEFERRED
    assert desk.entry("k").state is EffectState.WAITING
    until = desk.gates.closed_until(STUDIO, desk.clock.now())
    assert until is not None
    assert done_by(studio, name) == 0


@pytest.mark.parametrize("name", sorted(ASKED))
def test_action_is_parked_when_the_asset_is_gone(
    desk: Desk, studio: Site, asset: ItemRef, name: ActionName
) -> None:
    studio.act("delete-asset", asset=asset.id)
    outcome = desk.perform(ask(name))
    assert (outcome.fate, desk.entry("k").unclear) == (Status.PARKED, False)
    assert f"asset {asset.id}: not found: no project has it" in (outcome.reason or "")


@pytest.mark.parametrize("name", sorted(ASKED))
def test_action_is_refused_when_it_has_no_item_or_is_not_approval_studios(
    gateway: ApprovalStudioGateway, clock: TickingClock, name: ActionName
) -> None:
    task = ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK1")
    for action, target in ((ask(name), None), (Action("k", ActionName.GOODDAY_COMMENT, STUDIO, {}), task)):
        with pytest.raises(ValueError, match="Approval Studio can't"):
            gateway.perform(action, target)
        with pytest.raises(ValueError, match="Approval Studio can't look"):
            gateway.find(action, target, clock.now())


# -- the project of an asset


def test_project_is_found_stored_and_linked_when_the_proof_holds_the_asset_alone(
    desk: Desk, asset: ItemRef, project: str
) -> None:
    ref = ItemRef(STUDIO, ItemKind.PROJECT, project)
    assert desk.perform(ask(DUE)).fate is Status.DONE
    assert desk.items.of_proof(PROOF, STUDIO) == [asset, ref]
    stored = desk.items.get(ref)
    assert stored is not None
    assert (stored.observation.name, stored.proof_id) == ("Label", PROOF)
    assert stored.observation.due_at == datetime(2099, 3, 5, 12, tzinfo=UTC)


def test_project_is_read_by_its_id_when_the_proof_holds_it(desk: Desk, studio: Site, asset: ItemRef) -> None:
    assert asset
    desk.perform(ask(STATE, "first"))
    before = len(studio.requests("list_projects"))
    assert desk.perform(ask(STATE, "second", state="active")).fate is Status.DONE
    calls = studio.requests("list_projects")[before:]
    assert [("ProjectUID=" in str(call)) for call in calls] == [True, True], (
        "looked at, then asked for its steps"
    )


def test_project_is_read_by_its_id_when_the_asset_was_seen_in_it(
    desk: Desk, studio: Site, asset: ItemRef, project: str
) -> None:
    stored = desk.items.get(asset)
    assert stored is not None
    # As a list shows it.
    desk.track(dataclasses.replace(stored.observation, project=project, silent_on=()))
    assert desk.perform(ask(STATE)).fate is Status.DONE
    calls = studio.requests("list_projects")
    assert [f"ProjectUID={project}" in str(call) for call in calls] == [True, True]
    assert held_by(studio, "projects", project)["state"] == "OnHold"


def test_project_stays_with_the_proof_that_it_belongs_to_when_another_has_an_asset_in_it(
    desk: Desk, client: ApprovalStudio, asset: ItemRef, project: str, gateway: ApprovalStudioGateway
) -> None:
    assert asset
    desk.perform(ask(STATE))
    uid = client.assets.upload(project, BytesSource(b"%PDF 2"), "lager.pdf").asset_uid
    seen = gateway.observe(ItemRef(STUDIO, ItemKind.ASSET, uid))
    other = desk.track(seen, "PB" + "B" * 20)
    moved = Action("k2", STATE, STUDIO, {"state": "active"}, proof_id="PB" + "B" * 20)
    assert desk.perform(moved).fate is Status.DONE
    assert desk.items.of_proof("PB" + "B" * 20, STUDIO) == [other]
    stored = desk.items.get(ItemRef(STUDIO, ItemKind.PROJECT, project))
    assert stored is not None
    assert stored.proof_id == PROOF


def test_newest_version_is_reviewed_when_each_version_is_an_asset_of_its_own(
    desk: Desk,
    studio: Site,
    client: ApprovalStudio,
    asset: ItemRef,
    project: str,
    gateway: ApprovalStudioGateway,
) -> None:
    versions = [asset]
    for number in range(2, 5):
        uid = client.assets.upload(project, BytesSource(b"%%PDF %d" % number), "ale.pdf").asset_uid
        seen = gateway.observe(ItemRef(STUDIO, ItemKind.ASSET, uid))
        versions.append(desk.track(seen))
        assert seen.version == number
    assert desk.perform(ask(REVIEW, reviewers=[CUSTOMER])).fate is Status.DONE
    studio.act("delete-asset", asset=versions[-1].id)
    desk.track(gateway.observe(versions[-1]))
    assert desk.perform(ask(REVIEW, "k2", reviewers=[CUSTOMER])).fate is Status.DONE
    made = [each["assets"] for each in studio.effects("create_external_review_task")]
    assert made == [[versions[-1].id], [versions[-2].id]]


def test_action_is_held_when_the_proof_has_nothing_at_approval_studio(desk: Desk) -> None:
    outcome = desk.perform(ask(STATE))
    assert outcome.fate is Status.HELD
    assert f"proof {PROOF} has no" in (outcome.reason or "")


# -- states


def test_state_is_set_and_its_echo_is_no_change_when_it_ends_or_begins_again(
    desk: Desk, studio: Site, gateway: ApprovalStudioGateway, asset: ItemRef, project: str
) -> None:
    assert asset
    ref = ItemRef(STUDIO, ItemKind.PROJECT, project)
    for number, (state, word, status) in enumerate(
        [
            ("on_hold", "OnHold", ReviewStatus.NOT_STARTED),
            ("completed", "Completed", ReviewStatus.COMPLETED),
            ("on_hold", "OnHold", ReviewStatus.NOT_STARTED),
            ("active", "Active", ReviewStatus.NOT_STARTED),
        ]
    ):
        assert desk.perform(ask(STATE, f"k{number}", state=state)).fate is Status.DONE
        assert held_by(studio, "projects", project)["state"] == word
        stored = desk.items.get(ref)
        assert stored is not None
        assert stored.observation.status is gateway.observe(ref).status is status


def test_nothing_is_called_when_the_project_has_the_state_already(
    desk: Desk, studio: Site, asset: ItemRef
) -> None:
    assert asset
    assert desk.perform(ask(STATE, state="active")).fate is Status.DONE
    assert studio.requests("set_project_state") == []


def test_completing_waits_when_it_would_delete_somebodys_open_task(
    desk: Desk, studio: Site, client: ApprovalStudio, asset: ItemRef, project: str
) -> None:
    task = client.tasks.review(
        ReviewTaskCreate(project_uid=project, user_uid=COLLEAGUE, asset_uids=[asset.id])
    )
    outcome = desk.perform(ask(STATE, state="completed"))
    assert outcome.fate is Status.DEFERRED
    assert "completing it would delete 1 tasks that are open" in (outcome.reason or "")
    assert desk.entry("k").state is EffectState.WAITING
    assert held_by(studio, "projects", project)["state"] == "Active"
    studio.act("approve", task=task.task_uid)
    assert desk.perform_again().fate is Status.DONE
    assert held_by(studio, "projects", project)["state"] == "Completed"


def test_archived_project_comes_back_first_when_it_is_to_be_held(
    desk: Desk, studio: Site, client: ApprovalStudio, asset: ItemRef, project: str
) -> None:
    assert asset
    for state in (SettableState.COMPLETED, SettableState.ARCHIVED):
        client.projects.set_state(project, state)
    studio.settings(transit_seconds=3600)
    assert desk.perform(ask(STATE)).reason is not None
    assert held_by(studio, "projects", project)["state"] == "InTransit"
    outcome = desk.perform_again()
    assert "on its way to or from the archive" in (outcome.reason or "")
    studio.advance(3601)
    assert desk.perform_again().fate is Status.DONE
    assert held_by(studio, "projects", project)["state"] == "OnHold"


# -- due dates


def test_due_date_is_moved_and_nothing_else_when_the_project_says_more(
    desk: Desk, studio: Site, asset: ItemRef, project: str
) -> None:
    assert asset
    before = held_by(studio, "projects", project)
    assert desk.perform(ask(DUE)).fate is Status.DONE
    after = held_by(studio, "projects", project)
    assert after.pop("due") == "2099-03-05T12:00:00Z"
    assert after == {name: value for name, value in before.items() if name != "due"}
    assert desk.perform(ask(DUE, "k2", due_at="2099-04-01")).fate is Status.DONE
    assert held_by(studio, "projects", project)["due"] == "2099-04-01"
    again = desk.perform(ask(DUE, "k3", due_at="2099-04-01T00:00:00.000Z"))
    assert again == Outcome(Status.HELD, "it already is so")
    assert len(studio.effects("edit_project")) == 2, "the same moment is no change"


def test_due_date_is_taken_away_when_the_text_is_empty(
    desk: Desk, studio: Site, asset: ItemRef, project: str
) -> None:
    assert asset
    desk.perform(ask(DUE))
    assert desk.perform(ask(DUE, "k2", due_at="")).fate is Status.DONE
    assert held_by(studio, "projects", project)["due"] is None


def test_action_is_parked_when_an_edit_keeps_the_due_date_that_it_leaves_out(
    desk: Desk, studio: Site, asset: ItemRef
) -> None:
    assert asset
    desk.perform(ask(DUE))
    studio.settings(edit="merge")
    outcome = desk.perform(ask(DUE, "k2", due_at=""))
    assert outcome.fate is Status.PARKED
    assert "keeps a due date that an edit leaves out: take it away there" in (outcome.reason or "")


def test_due_date_is_held_when_the_project_is_over(
    desk: Desk, studio: Site, client: ApprovalStudio, asset: ItemRef, project: str
) -> None:
    assert asset
    client.projects.set_state(project, SettableState.COMPLETED)
    outcome = desk.perform(ask(DUE))
    assert outcome.fate is Status.HELD
    assert "the project is Completed" in (outcome.reason or "")
    assert studio.requests("edit_project") == []
