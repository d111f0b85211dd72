"""Reviews asked for at the simulated Approval Studio: each person once, whatever happens to the call."""

from __future__ import annotations

import pytest

from proofbridge.actions.perform import Status
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef
from proofbridge.recovery.retry import retry_action
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.gateway import ApprovalStudioGateway
from proofbridge.vendors.approval_studio.inputs import ExternalReviewCreate, ReviewTaskCreate
from proofbridge.vendors.gateway import Lookup
from proofbridge.vendors.multipart import BytesSource
from tests.integration.desk import Desk
from tests.integration.site import Site
from tests.integration.studio.asked import ASKED, COLLEAGUE, CUSTOMER, REVIEW, STUDIO, ask, held_by, reviews


def test_users_and_outsiders_are_asked_with_all_that_was_said(
    desk: Desk, studio: Site, asset: ItemRef, project: str
) -> None:
    action = ask(
        REVIEW,
        reviewers=[COLLEAGUE, CUSTOMER, CUSTOMER.title(), COLLEAGUE],
        due_at="2099-03-05",
        subject="Your label",
        language="German",
        allow_download=True,
    )
    assert desk.perform(action).fate is Status.DONE
    (inside,) = studio.effects("create_review_task")
    (outside,) = studio.effects("create_external_review_task")
    for made, to in ((inside, COLLEAGUE), (outside, CUSTOMER)):
        assert (made["project"], made["assets"], made["to"]) == (project, [asset.id], to)
        assert made["comment"] == f"Please look.\n({action.marker})"
    task = held_by(studio, "tasks", outside["item"])
    assert (task["due"], task["read_only"]) == ("2099-03-05", False)
    assert task["options"] == {
        "password": False,
        "email_subject": "Your label",
        "email_language": "German",
        "allow_download": True,
    }


def test_only_those_who_miss_are_asked_when_the_answer_to_the_second_was_lost(
    desk: Desk, studio: Site, asset: ItemRef
) -> None:
    assert asset
    studio.fault("create_external_review_task", "drop_before")
    assert desk.perform(ask(REVIEW)).fate is Status.DEFERRED
    assert reviews(studio) == [("create_review_task", COLLEAGUE)]
    assert desk.perform_again().fate is Status.DONE
    assert reviews(studio) == [
        ("create_review_task", COLLEAGUE),
        ("create_external_review_task", CUSTOMER),
    ]


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_task_is_found_when_it_was_decided_before_we_could_look(
    desk: Desk, studio: Site, asset: ItemRef, decision: str
) -> None:
    studio.fault("create_external_review_task", "drop_after")
    assert desk.perform(ask(REVIEW, reviewers=[CUSTOMER])).fate is Status.DEFERRED
    studio.act(decision, asset=asset.id)
    assert desk.perform_again().fate is Status.DONE
    assert len(reviews(studio)) == 1


def test_action_is_parked_when_a_task_may_have_ended_and_ended_ones_cannot_be_listed(
    desk: Desk, studio: Site, asset: ItemRef
) -> None:
    studio.fault("create_external_review_task", "drop_after")
    desk.perform(ask(REVIEW, reviewers=[CUSTOMER]))
    studio.act("approve", asset=asset.id)
    studio.fault("list_tasks", "status", status=404, times=None)
    outcome = desk.perform_again()
    assert (outcome.fate, desk.entry("k").unclear) == (Status.PARKED, True)
    assert len(reviews(studio)) == 1


def test_review_is_asked_for_when_ended_tasks_cannot_be_listed_and_nothing_was_lost(
    desk: Desk, studio: Site, client: ApprovalStudio, asset: ItemRef, project: str
) -> None:
    task = ExternalReviewCreate(project_uid=project, email=CUSTOMER, asset_uids=[asset.id])
    client.tasks.review_externally(task)
    studio.act("reject", asset=asset.id)
    studio.fault("list_tasks", "status", status=404, times=None)
    assert desk.perform(ask(REVIEW, reviewers=[CUSTOMER])).fate is Status.DONE
    assert len(reviews(studio)) == 2


def test_task_of_somebody_elses_making_is_not_taken_for_ours(
    desk: Desk, studio: Site, client: ApprovalStudio, asset: ItemRef, project: str
) -> None:
    client.tasks.review(
        ReviewTaskCreate(
            project_uid=project, user_uid=COLLEAGUE, asset_uids=[asset.id], comment="Please look."
        )
    )
    studio.fault("create_review_task", "drop_before")
    desk.perform(ask(REVIEW, reviewers=[COLLEAGUE]))
    assert desk.perform_again().fate is Status.DONE
    assert len(reviews(studio)) == 2


def test_review_is_parked_when_nobody_has_a_users_id(desk: Desk, studio: Site, asset: ItemRef) -> None:
    assert asset
    outcome = desk.perform(ask(REVIEW, reviewers=[COLLEAGUE, "USRNOBODY", CUSTOMER]))
    assert outcome.fate is Status.PARKED
    assert "No user has the UID [USRNOBODY]" in (outcome.reason or "")
    assert reviews(studio) == [("create_review_task", COLLEAGUE)]


@pytest.mark.parametrize("wrong", ["Somebody Else", "nobody@nowhere", "a@b.test, c@d.test"])
def test_nobody_is_asked_when_one_is_neither_a_users_id_nor_an_address(
    desk: Desk, studio: Site, asset: ItemRef, wrong: str
) -> None:
    assert asset
    assert desk.perform(ask(REVIEW, reviewers=[COLLEAGUE, wrong])).fate is Status.PARKED
    assert reviews(studio) == []


def test_only_those_who_miss_are_asked_when_a_person_retries_what_was_parked(
    desk: Desk, studio: Site, asset: ItemRef
) -> None:
    assert asset
    studio.fault("create_external_review_task", "status", status=412)
    assert desk.perform(ask(REVIEW)).fate is Status.PARKED
    retry_action(desk.entry("k"), ledger=desk.ledger, queues=lambda _: desk.queues, now=desk.clock.now())
    assert desk.perform_again().fate is Status.DONE
    assert reviews(studio) == [
        ("create_review_task", COLLEAGUE),
        ("create_external_review_task", CUSTOMER),
    ]


def test_review_waits_when_the_asset_is_still_processed_and_is_parked_when_that_fails(
    desk: Desk, studio: Site, client: ApprovalStudio, project: str, gateway: ApprovalStudioGateway
) -> None:
    studio.settings(processing_seconds=3600)
    refs = []
    for name in ("ale.pdf", "lager.pdf"):
        uid = client.assets.upload(project, BytesSource(b"%PDF"), name).asset_uid
        refs.append(desk.track(gateway.observe(ItemRef(STUDIO, ItemKind.ASSET, uid)), f"PB-{name}"))
    actions = [Action(f"k{n}", REVIEW, STUDIO, ASKED[REVIEW], target=ref) for n, ref in enumerate(refs)]
    for action in actions:
        outcome = desk.perform(action)
        assert outcome.fate is Status.DEFERRED
        assert "the asset is still Pending" in (outcome.reason or "")
    studio.act("finish-processing", asset=refs[0].id)
    studio.act("fail-processing", asset=refs[1].id)
    assert desk.perform(actions[0]).fate is Status.DONE
    failed = desk.perform(actions[1])
    assert (failed.fate, "processing ended: Failed" in (failed.reason or "")) == (Status.PARKED, True)


def test_review_is_looked_for_by_its_marker(
    gateway: ApprovalStudioGateway, desk: Desk, asset: ItemRef
) -> None:
    assert gateway.find(ask(REVIEW), asset, desk.clock.now()) is Lookup.ABSENT
    gateway.perform(ask(REVIEW), asset)
    assert gateway.find(ask(REVIEW), asset, desk.clock.now()) is not Lookup.ABSENT
    assert gateway.find(ask(REVIEW, "other"), asset, desk.clock.now()) is Lookup.ABSENT
