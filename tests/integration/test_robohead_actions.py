"""RoboHead's actions against the simulator: what each does, and that it happens once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from proofbridge.actions.perform import Outcome, Status
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, ReviewStatus, Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.errors import NotFoundError
from proofbridge.vendors.gateway import Lookup
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import AutocompleteOption, ReviewType
from proofbridge.vendors.robohead.gateway import RoboHeadGateway
from proofbridge.vendors.robohead.inputs import ReviewCreate, StageInput
from proofbridge.vendors.robohead.settings import Commands
from tests.contract.quick_clock import QuickClock
from tests.integration.cloud import Cloud
from tests.integration.desk import PROOF, Desk
from tests.integration.site import Site
from tests.integration.ticking import TickingClock

ROBOHEAD = Vendor.ROBOHEAD
STATUS = ActionName.ROBOHEAD_SET_STATUS
DUE = ActionName.ROBOHEAD_SET_DUE_DATE
COMMENT = ActionName.ROBOHEAD_COMMENT
ASKED: dict[ActionName, dict[str, Any]] = {
    STATUS: {"status": "approved"},
    DUE: {"due_at": "2099-03-05T12:00:00.000Z"},
    COMMENT: {"message": "Approved elsewhere."},
}
CALLS = {STATUS: "update_review", DUE: "update_review", COMMENT: "add_comment"}


@pytest.fixture
def client(robohead: Site) -> Iterator[RoboHead]:
    """A client of an account whose support has named the command for comments."""
    robohead.settings(commands={"add_comment": "AddReviewComment"})
    with RoboHead(
        base_url=robohead.url,
        api_key="rh-local-key",
        commands=Commands.named({"add_comment": "review.AddReviewComment"}, {}),
        clock=QuickClock().clock,
    ) as client:
        yield client


@pytest.fixture
def gateway(client: RoboHead, clock: TickingClock) -> RoboHeadGateway:
    return RoboHeadGateway(client, clock.now)


@pytest.fixture
def desk(tables: Cloud, clock: TickingClock, gateway: RoboHeadGateway) -> Desk:
    return Desk(tables, clock, gateway)


@pytest.fixture
def review(client: RoboHead, desk: Desk, gateway: RoboHeadGateway) -> ItemRef:
    """A proof with a review that asks for approval."""
    return desk.track(gateway.observe(new_review(client, ReviewType.APPROVAL)))


def new_review(client: RoboHead, kind: ReviewType, start: date | None = None) -> ItemRef:
    made = client.reviews.add(
        ReviewCreate(
            review_name="Label",
            review_type=kind,
            project_id=501,
            start_date=start,
            autocomplete_option=AutocompleteOption.NEVER,
            review_stages=[StageInput(stage_name="Review", existing_users=[102])],
        )
    )
    return ItemRef(ROBOHEAD, ItemKind.REVIEW, str(made.id))


def ask(name: ActionName, key: str = "k", **changes: Any) -> Action:
    return Action(key, name, ROBOHEAD, {**ASKED[name], **changes}, proof_id=PROOF)


def held_by(robohead: Site, ref: ItemRef) -> dict[str, Any]:
    """Return a review as RoboHead holds it."""
    (found,) = [each for each in robohead.see("state")["reviews"] if str(each["id"]) == ref.id]
    return dict(found)


# -- each: once, whatever happens to its call


@pytest.mark.parametrize("name", sorted(ASKED))
@pytest.mark.parametrize("fault", [None, "drop_after", "drop_before", "garbage"])
def test_effect_happens_once_when_its_call_is_lost_and_its_message_comes_twice(
    desk: Desk, robohead: Site, review: ItemRef, name: ActionName, fault: str | None
) -> None:
    if fault is not None:
        # A call that may be repeated is: so all the tries of the first delivery are lost.
        robohead.fault(CALLS[name], fault, times=1 if name is COMMENT else 4)
    outcome = desk.perform(ask(name))
    made = len(robohead.effects(CALLS[name]))
    if outcome.fate is Status.DEFERRED:
        assert desk.entry("k").state is EffectState.UNKNOWN
        outcome = desk.perform_again()
    assert outcome.fate is Status.DONE
    assert desk.perform(ask(name)).fate is Status.DUPLICATE
    assert len(robohead.effects(CALLS[name])) == max(made, 1), "what was done is seen, and not done again"
    held = held_by(robohead, review)
    assert {
        STATUS: held["status"] == 3,
        DUE: held["end"] == "2099-03-05",
        COMMENT: [said["text"] for said in held["comments"]]
        == [f"Approved elsewhere.\n({ask(name).marker})"],
    }[name]


@pytest.mark.parametrize("name", sorted(ASKED))
def test_gate_closes_and_nothing_is_done_when_calls_are_limited(
    desk: Desk, robohead: Site, review: ItemRef, name: ActionName
) -> None:
    assert review
    robohead.fault(CALLS[name], "status", status=429, retry_after="3600", times=None)
    assert desk.perform(ask(name)).fate is Status.DEFERRED
    assert desk.entry("k").state is EffectState.WAITING
    assert desk.gates.closed_until(ROBOHEAD, desk.clock.now()) is not None
    assert robohead.effects(CALLS[name]) == []


@pytest.mark.parametrize("name", sorted(ASKED))
def test_action_is_parked_when_the_review_is_gone(
    desk: Desk, robohead: Site, review: ItemRef, name: ActionName
) -> None:
    robohead.act("delete", review=int(review.id))
    outcome = desk.perform(ask(name))
    assert (outcome.fate, desk.entry("k").unclear) == (Status.PARKED, False)
    assert f"review {review.id}: not found" in (outcome.reason or "")


@pytest.mark.parametrize("name", sorted(ASKED))
def test_action_is_refused_when_it_has_no_item_or_is_not_roboheads(
    gateway: RoboHeadGateway, clock: TickingClock, name: ActionName
) -> None:
    task = ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK1")
    for action, target in ((ask(name), None), (Action("k", ActionName.GOODDAY_COMMENT, ROBOHEAD, {}), task)):
        with pytest.raises(ValueError, match="RoboHead can't"):
            gateway.perform(action, target)
        with pytest.raises(ValueError, match="RoboHead can't look"):
            gateway.find(action, target, clock.now())


@pytest.mark.parametrize("name", sorted(ASKED))
def test_action_is_parked_when_its_item_is_no_review(desk: Desk, name: ActionName) -> None:
    target = ItemRef(ROBOHEAD, ItemKind.REVIEW, "12a")
    outcome = desk.perform(Action("k", name, ROBOHEAD, ASKED[name], target=target))
    assert outcome.fate is Status.PARKED
    assert "must be a review's number" in (outcome.reason or "")


# -- statuses: the same number means another thing in a review of the other type


@pytest.mark.parametrize(
    ("kind", "status", "number", "read_as"),
    [
        (ReviewType.APPROVAL, "approved", 3, ReviewStatus.APPROVED),
        (ReviewType.APPROVAL, "approved_with_changes", 4, ReviewStatus.APPROVED_WITH_CHANGES),
        (ReviewType.APPROVAL, "changes_requested", 5, ReviewStatus.REJECTED),
        (ReviewType.APPROVAL, "in_review", 2, ReviewStatus.IN_REVIEW),
        (ReviewType.FEEDBACK, "approved", 3, ReviewStatus.COMPLETED),
        (ReviewType.FEEDBACK, "completed", 3, ReviewStatus.COMPLETED),
    ],
)
def test_status_is_the_number_that_means_it_in_a_review_of_the_type(
    desk: Desk,
    robohead: Site,
    client: RoboHead,
    gateway: RoboHeadGateway,
    kind: ReviewType,
    status: str,
    number: int,
    read_as: ReviewStatus,
) -> None:
    review = desk.track(gateway.observe(new_review(client, kind)))
    assert desk.perform(ask(STATUS, status=status)).fate is Status.DONE
    assert held_by(robohead, review)["status"] == number
    stored = desk.items.get(review)
    assert stored is not None
    assert stored.observation.status is gateway.observe(review).status is read_as


def test_nothing_is_called_when_the_review_has_the_status_already(
    desk: Desk, robohead: Site, review: ItemRef
) -> None:
    assert review
    assert desk.perform(ask(STATUS, status="not_started")) == Outcome(Status.HELD, "it already is so")
    assert robohead.requests("update_review") == []


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (ReviewType.APPROVAL, "completed", "a review of type Request Approval has none that means completed"),
        (ReviewType.FEEDBACK, "cancelled", "type Comments/Feedback has none that means cancelled"),
    ],
)
def test_status_is_parked_when_a_review_of_the_type_has_none_for_it(
    desk: Desk, client: RoboHead, gateway: RoboHeadGateway, kind: ReviewType, status: str, words: str
) -> None:
    desk.track(gateway.observe(new_review(client, kind)))
    outcome = desk.perform(ask(STATUS, status=status))
    assert outcome.fate is Status.PARKED
    assert words in (outcome.reason or "")


# -- due dates are days


@pytest.mark.parametrize(
    ("due_at", "day"),
    [
        ("2099-03-05", "2099-03-05"),
        ("2099-03-05T23:30:00.000Z", "2099-03-05"),
        ("2099-03-05T23:30:00-02:00", "2099-03-06"),
    ],
)
def test_due_date_is_the_day_in_utc_as_it_is_read_again(
    desk: Desk, robohead: Site, gateway: RoboHeadGateway, review: ItemRef, due_at: str, day: str
) -> None:
    assert desk.perform(ask(DUE, due_at=due_at)).fate is Status.DONE
    assert held_by(robohead, review)["end"] == day
    stored = desk.items.get(review)
    assert stored is not None
    wanted = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert stored.observation.due_at == gateway.observe(review).due_at == wanted
    assert desk.perform(ask(DUE, "again", due_at=due_at)) == Outcome(Status.HELD, "it already is so")
    assert len(robohead.requests("update_review")) == 1, "it has that date already"


def test_due_date_is_parked_when_it_is_to_be_taken_away_or_lies_before_the_start(
    desk: Desk, robohead: Site, client: RoboHead, gateway: RoboHeadGateway
) -> None:
    desk.track(gateway.observe(new_review(client, ReviewType.APPROVAL, date(2099, 3, 10))))
    early = desk.perform(ask(DUE, "k1", due_at="2099-03-09"))
    assert desk.perform(ask(DUE, "k2", due_at="2099-03-11")).fate is Status.DONE
    emptied = desk.perform(ask(DUE, "k3", due_at=""))
    assert (emptied.fate, early.fate) == (Status.PARKED, Status.PARKED)
    assert "no way is known to take a date away: do it in RoboHead" in (emptied.reason or "")
    assert "2099-03-09 is before the review starts, 2099-03-10" in (early.reason or "")
    assert len(robohead.requests("update_review")) == 1


# -- comments


def test_comment_is_found_by_our_marker_and_by_no_other(
    robohead: Site, gateway: RoboHeadGateway, clock: TickingClock, review: ItemRef
) -> None:
    robohead.act("comment", review=int(review.id), comment="Approved elsewhere.")
    assert gateway.find(ask(COMMENT), review, clock.now()) is Lookup.ABSENT
    gateway.perform(ask(COMMENT), review)
    assert gateway.find(ask(COMMENT), review, clock.now()) is not Lookup.ABSENT
    assert gateway.find(ask(COMMENT, "other"), review, clock.now()) is Lookup.ABSENT


def test_comment_is_parked_when_no_command_is_named_for_it(
    tables: Cloud, clock: TickingClock, robohead: Site
) -> None:
    with RoboHead(base_url=robohead.url, api_key="rh-local-key") as client:
        gateway = RoboHeadGateway(client, clock.now)
        desk = Desk(tables, clock, gateway)
        desk.track(gateway.observe(new_review(client, ReviewType.APPROVAL)))
        outcome = desk.perform(ask(COMMENT))
    assert outcome.fate is Status.PARKED
    assert "names no command for it" in (outcome.reason or "")


def test_review_that_is_gone_is_told_so_when_its_comments_are_looked_for(
    gateway: RoboHeadGateway, clock: TickingClock
) -> None:
    with pytest.raises(NotFoundError):
        gateway.find(ask(COMMENT), ItemRef(ROBOHEAD, ItemKind.REVIEW, "999999"), clock.now())
