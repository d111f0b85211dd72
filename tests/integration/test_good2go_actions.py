"""Good2Go's actions against the simulator: what each does, and how it is found when its answer is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.changes import StoredItem, diff
from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.items import ItemRef, ReviewStatus, Vendor
from proofbridge.domain.waiting import Waited
from proofbridge.vendors.catalogue import CATALOGUE, ActionName, RecoveryStrategy
from proofbridge.vendors.errors import Happened, InvalidRequestError, NotFoundError, VendorError
from proofbridge.vendors.gateway import Effect, Lookup
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import Schedule, TaskCategory
from proofbridge.vendors.good2go.gateway import Good2GoGateway
from proofbridge.vendors.good2go.inputs import NotificationCreate, NotificationTask
from proofbridge.vendors.good2go.uploads import Good2GoUploads
from proofbridge.vendors.multipart import BytesSource
from tests.integration.site import Site
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB

CUSTOMER, SECOND, COLLEAGUE = "customer@brand.test", "second@brand.test", "prepress@printshop.test"
DUE_AT = datetime(2099, 3, 5, 17, tzinfo=UTC)
NEW = NewVersion(
    reference="PB" + "A" * 20,
    name="summer-ale.pdf",
    size_bytes=4,
    fields={},
    content_type="application/pdf",
    message="Please review.",
    recipient=CUSTOMER,
    reviewers=(SECOND,),
    folder=None,
    due_at=DUE_AT,
)
ASKED: dict[ActionName, tuple[dict[str, Any], str]] = {
    ActionName.GOOD2GO_REMIND_REVIEWERS: ({"message": "Version 2."}, "create_notification"),
    ActionName.GOOD2GO_SET_STATUS: ({"status": "completed", "message": "Printed."}, "notify_task"),
    ActionName.GOOD2GO_SET_DUE_DATE: ({"due_at": "2099-04-01T12:00:00.000Z"}, "update_job"),
    ActionName.GOOD2GO_LABEL: ({"label": "At the press"}, "update_job"),
    ActionName.GOOD2GO_SEND_UPDATE: ({"label": "At the press"}, "send_status_update"),
    ActionName.GOOD2GO_ASSIGN: ({"person": COLLEAGUE, "message": "Yours."}, "assign_job"),
    ActionName.GOOD2GO_LOCK: ({"locked": True}, "set_lock"),
    ActionName.GOOD2GO_ADD_REMINDER: (
        {"quantity": 2, "unit": "hours", "comparator": "before"},
        "create_reminder",
    ),
}
"""Each action, as it is asked for, and the last of its calls."""

FOUND = sorted(
    {name for name in ASKED if CATALOGUE[name].resolution is not RecoveryStrategy.REPEATABLE}
    - {ActionName.GOOD2GO_SEND_UPDATE}
)


@pytest.fixture
def client(good2go: Site) -> Iterator[Good2Go]:
    with Good2Go(base_url=good2go.url, token="g2g-local-token") as client:
        yield client


@pytest.fixture
def gateway(client: Good2Go, clock: TickingClock) -> Good2GoGateway:
    return Good2GoGateway(client, clock.now)


@pytest.fixture
def uploads(client: Good2Go, clock: TickingClock) -> Good2GoUploads:
    return Good2GoUploads(client, clock.now)


@pytest.fixture
def job(good2go: Site, clock: TickingClock, uploads: Good2GoUploads) -> ItemRef:
    """A job under review, whose upload lies half an hour back."""
    ref = uploads.upload(NEW, BytesSource(b"%PDF")).ref
    clock.advance(minutes=30)
    good2go.advance(30 * 60)
    return ref


def ask(name: ActionName, key: str = "k", **changes: Any) -> Action:
    return Action(key, name, Vendor.GOOD2GO, {**ASKED[name][0], **changes})


# -- what each does


def test_every_action_of_good2go_is_tried_here_or_with_the_reminders() -> None:
    of_good2go = {name for name, kind in CATALOGUE.items() if kind.vendor is Vendor.GOOD2GO}
    assert of_good2go - ASKED.keys() == {ActionName.GOOD2GO_NOTIFY, ActionName.GOOD2GO_SET_REMINDERS}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_nothing_is_new_to_us_when_our_own_write_is_seen_again(
    gateway: Good2GoGateway, job: ItemRef, name: ActionName
) -> None:
    before = diff(None, gateway.observe(job))
    assert before is not None
    stored = before.merged
    effect = gateway.perform(ask(name), job)
    assert effect.held is None
    if effect.observation is not None:
        absorbed = diff(StoredItem(stored, 1), effect.observation)
        stored = stored if absorbed is None else absorbed.merged
    echo = diff(StoredItem(stored, 1), gateway.observe(job))
    assert echo is None or echo.changes == ()


def test_all_who_have_not_decided_are_told_in_one_call(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef
) -> None:
    good2go.settings(approval_needs_all_reviewers=True)
    good2go.act("approve", job=job.id, by=SECOND)
    gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job)
    (sent,) = good2go.effects("create_notification")
    assert (sent["emails"], sent["comments"], sent["reason"]) == ([CUSTOMER], "Version 2.", "notify-task")
    seen = gateway.observe(job)
    assert (seen.status, seen.due_at) == (ReviewStatus.NOT_STARTED, DUE_AT)
    assert [person.decision is None for person in seen.reviewers or ()] == [True, False]


def test_status_is_said_why_in_the_history_and_in_no_email(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef
) -> None:
    action = ask(ActionName.GOOD2GO_SET_STATUS)
    gateway.perform(action, job)
    assert gateway.observe(job).status is ReviewStatus.COMPLETED
    (said,) = good2go.effects("notify_task")
    assert (said["comments"], said["reason"]) == (f"Printed.\n({action.marker})", "update-task")
    assert said["emails"] == []


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("in_review", ReviewStatus.NOT_STARTED),
        ("approved_with_changes", ReviewStatus.CHANGES_REQUESTED),
        ("rejected", ReviewStatus.REJECTED),
    ],
)
def test_status_is_told_as_it_will_be_read(
    gateway: Good2GoGateway, job: ItemRef, asked: str, read: ReviewStatus
) -> None:
    action = Action("k", ActionName.GOOD2GO_SET_STATUS, Vendor.GOOD2GO, {"status": asked})
    told = gateway.perform(action, job).observation
    assert told is not None
    assert (told.status, gateway.observe(job).status) == (read, read)
    assert gateway.find(action, job, DUE_AT) == Effect(
        dataclasses.replace(told, observed_at=told.observed_at + timedelta(milliseconds=2))
    )


def test_status_is_refused_before_any_call_when_good2go_has_none(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef
) -> None:
    before = len(good2go.requests())
    with pytest.raises(InvalidRequestError, match="Good2Go has none for cancelled"):
        gateway.perform(ask(ActionName.GOOD2GO_SET_STATUS, status="cancelled"), job)
    assert len(good2go.requests()) == before


def test_status_stays_when_its_message_has_no_place_to_stand(
    good2go: Site, client: Good2Go, gateway: Good2GoGateway, job: ItemRef
) -> None:
    for person in gateway.observe(job).reviewers or ():
        client.tasks.delete(job.id, int(person.task_id or 0))
    with pytest.raises(InvalidRequestError, match="goes with a review task, and the job has none"):
        gateway.perform(ask(ActionName.GOOD2GO_SET_STATUS), job)
    assert good2go.effects("update_job") == []


@pytest.mark.parametrize(
    ("due_at", "seen"),
    [
        ("2099-04-01T12:00:00.000Z", datetime(2099, 4, 1, 12, tzinfo=UTC)),
        ("2099-04-01", datetime(2099, 4, 1, tzinfo=UTC)),
        ("", DUE_AT),
    ],
)
def test_due_date_is_the_given_one_and_that_of_the_tasks_when_it_is_taken_away(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef, due_at: str, seen: datetime
) -> None:
    told = gateway.perform(ask(ActionName.GOOD2GO_SET_DUE_DATE, due_at=due_at), job).observation
    assert told is not None
    assert (told.due_at, gateway.observe(job).due_at) == (seen, seen)
    if not due_at:
        assert good2go.job()["due_at"] is None


def test_job_is_labelled_locked_assigned_and_reminded_of(
    good2go: Site, client: Good2Go, gateway: Good2GoGateway, job: ItemRef
) -> None:
    for name in (
        ActionName.GOOD2GO_LABEL,
        ActionName.GOOD2GO_LOCK,
        ActionName.GOOD2GO_ASSIGN,
        ActionName.GOOD2GO_ADD_REMINDER,
    ):
        gateway.perform(ask(name), job)
    held = good2go.job()
    assert (held["label"], held["locked"], held["asg_email"]) == ("At the press", True, COLLEAGUE)
    (assigned,) = good2go.effects("assign_job")
    assert (assigned["emails"], assigned["comments"]) == ([COLLEAGUE], "Yours.")
    reminders = [each for each in client.reminders.list(job.id) if each.is_auto]
    assert {(each.quantity, each.unit, each.comparator) for each in reminders} == {(2, "hours", "before")}
    gateway.perform(ask(ActionName.GOOD2GO_LOCK, locked=False), job)
    assert not good2go.job()["locked"]


# -- what is left alone


@pytest.mark.parametrize(
    ("what", "why"), [("approve", "it is approved by now"), ("delete", "the job is no longer there")]
)
def test_nobody_is_told_when_nothing_is_left_to_decide(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef, what: str, why: str
) -> None:
    good2go.act(what, job=job.id)
    assert gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job).held == why
    assert good2go.effects("create_notification") == []


def test_nobody_is_told_when_nobody_has_a_task(
    client: Good2Go, gateway: Good2GoGateway, job: ItemRef
) -> None:
    for person in gateway.observe(job).reviewers or ():
        client.tasks.delete(job.id, int(person.task_id or 0))
    held = gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job).held
    assert held == "nobody has an open review task there by now"


@pytest.mark.parametrize("waited_hours", [0, 5])
def test_reviewers_are_not_told_again_when_the_new_version_itself_has_told_them(
    good2go: Site,
    clock: TickingClock,
    gateway: Good2GoGateway,
    uploads: Good2GoUploads,
    job: ItemRef,
    waited_hours: int,
) -> None:
    uploads.revise(job, NEW, BytesSource(b"%PDF 2"))
    asked = ask(ActionName.GOOD2GO_REMIND_REVIEWERS)
    if waited_hours:
        asked = dataclasses.replace(asked, waited=Waited(7, clock.now()))
        clock.advance(hours=waited_hours)
        good2go.advance(waited_hours * 3600)
    assert gateway.perform(asked, job).held == "the reviewers have just been told"
    assert good2go.effects("create_notification") == []


def test_reviewers_are_told_when_the_new_version_has_told_nobody(
    good2go: Site, gateway: Good2GoGateway, uploads: Good2GoUploads, job: ItemRef
) -> None:
    good2go.settings(reset_task_sends_email=False)
    uploads.revise(job, NEW, BytesSource(b"%PDF 2"))
    gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job)
    (sent,) = good2go.effects("create_notification")
    assert sent["emails"] == [CUSTOMER, SECOND]


def test_reviewers_are_told_when_a_notice_is_only_planned(
    good2go: Site, client: Good2Go, gateway: Good2GoGateway, job: ItemRef
) -> None:
    planned = NotificationCreate(
        task=NotificationTask(category=TaskCategory.REVIEW), schedule=Schedule.LATER, comments="Later."
    )
    client.notifications.create(job.id, planned)
    gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job)
    assert [sent["schedule"] for sent in good2go.effects("create_notification")] == ["later", "now"]


def test_job_is_not_assigned_again_when_it_is_that_persons_already(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef
) -> None:
    gateway.perform(ask(ActionName.GOOD2GO_ASSIGN), job)
    assert gateway.perform(ask(ActionName.GOOD2GO_ASSIGN, key="other"), job).held is not None
    assert len(good2go.effects("assign_job")) == 1


# -- lost answers


@pytest.mark.parametrize("name", FOUND)
def test_effect_is_found_when_its_answer_was_lost(
    good2go: Site, clock: TickingClock, gateway: Good2GoGateway, job: ItemRef, name: ActionName
) -> None:
    since, operation = clock.now(), ASKED[name][1]
    good2go.fault(operation, "drop_after")
    with pytest.raises(VendorError) as lost:
        gateway.perform(ask(name), job)
    assert lost.value.happened is not Happened.NO
    assert isinstance(gateway.find(ask(name), job, since), Effect)
    assert len(good2go.effects(operation)) == 1


@pytest.mark.parametrize("name", FOUND)
def test_effect_is_absent_and_brought_about_when_its_call_never_arrived(
    good2go: Site, clock: TickingClock, gateway: Good2GoGateway, job: ItemRef, name: ActionName
) -> None:
    since, operation = clock.now(), ASKED[name][1]
    good2go.fault(operation, "drop_before")
    with pytest.raises(VendorError):
        gateway.perform(ask(name), job)
    assert gateway.find(ask(name), job, since) is Lookup.ABSENT
    assert gateway.perform(ask(name), job).held is None
    assert isinstance(gateway.find(ask(name), job, since), Effect)
    assert len(good2go.effects(operation)) == 1


@pytest.mark.parametrize(
    "name", sorted(name for name in ASKED if CATALOGUE[name].resolution is RecoveryStrategy.REPEATABLE)
)
def test_job_is_as_wanted_when_what_can_be_repeated_is_repeated(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef, name: ActionName
) -> None:
    good2go.fault(ASKED[name][1], "drop_after")
    gateway.perform(ask(name), job)  # the client itself repeats what it may
    held = good2go.job()
    gateway.perform(ask(name), job)
    assert {**good2go.job(), "updated_at": 0} == {**held, "updated_at": 0}
    with pytest.raises(ValueError, match="Good2Go can't look for"):
        gateway.find(ask(name), job, DUE_AT)


def test_status_without_a_message_is_found_by_itself(gateway: Good2GoGateway, job: ItemRef) -> None:
    bare = dataclasses.replace(ask(ActionName.GOOD2GO_SET_STATUS), params={"status": "completed"})
    assert gateway.find(bare, job, DUE_AT) is Lookup.ABSENT
    gateway.perform(bare, job)
    assert isinstance(gateway.find(bare, job, DUE_AT), Effect)


def test_status_with_another_actions_message_is_not_taken_for_ours(
    clock: TickingClock, gateway: Good2GoGateway, job: ItemRef
) -> None:
    gateway.perform(ask(ActionName.GOOD2GO_SET_STATUS), job)
    other = ask(ActionName.GOOD2GO_SET_STATUS, key="other")
    assert gateway.find(other, job, clock.now()) is Lookup.ABSENT


def test_nobody_can_tell_when_somebody_else_has_told_the_reviewers_meanwhile(
    clock: TickingClock, gateway: Good2GoGateway, job: ItemRef
) -> None:
    since = clock.now()
    gateway.perform(ask(ActionName.GOOD2GO_REMIND_REVIEWERS, message="Something else."), job)
    assert gateway.find(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job, since) is Lookup.CANT_TELL


def test_nobody_can_tell_when_a_single_reviewer_was_told_meanwhile(
    clock: TickingClock, client: Good2Go, gateway: Good2GoGateway, job: ItemRef
) -> None:
    since, (first, *_) = clock.now(), gateway.observe(job).reviewers or ()
    client.tasks.notify(job.id, int(first.task_id or 0))
    assert gateway.find(ask(ActionName.GOOD2GO_REMIND_REVIEWERS), job, since) is Lookup.CANT_TELL


def test_update_is_absent_when_the_job_has_not_been_touched_since(
    clock: TickingClock, gateway: Good2GoGateway, job: ItemRef
) -> None:
    assert gateway.find(ask(ActionName.GOOD2GO_SEND_UPDATE), job, clock.now()) is Lookup.ABSENT


def test_nobody_can_tell_whether_an_update_was_sent_when_the_job_shows_no_label(
    good2go: Site, clock: TickingClock, gateway: Good2GoGateway, job: ItemRef
) -> None:
    since = clock.now()
    good2go.fault("send_status_update", "drop_after")
    with pytest.raises(VendorError):
        gateway.perform(ask(ActionName.GOOD2GO_SEND_UPDATE), job)
    assert gateway.find(ask(ActionName.GOOD2GO_SEND_UPDATE), job, since) is Lookup.CANT_TELL


def test_assignment_is_found_when_somebody_has_given_the_job_to_another_since(
    clock: TickingClock, gateway: Good2GoGateway, job: ItemRef
) -> None:
    since = clock.now()
    gateway.perform(ask(ActionName.GOOD2GO_ASSIGN), job)
    gateway.perform(ask(ActionName.GOOD2GO_ASSIGN, person="owner@printshop.test"), job)
    assert gateway.find(ask(ActionName.GOOD2GO_ASSIGN), job, since) == Effect()


def test_our_words_are_left_to_the_next_look_when_they_can_not_be_read_back(
    good2go: Site, gateway: Good2GoGateway, job: ItemRef
) -> None:
    good2go.fault("get_job", "status", status=403)
    told = gateway.perform(ask(ActionName.GOOD2GO_SET_STATUS), job)
    assert told.observation is not None
    assert told.observation.status is ReviewStatus.COMPLETED
    assert "comment" in told.observation.silent_on


@pytest.mark.parametrize("name", sorted(ASKED))
def test_error_comes_through_when_there_is_no_such_job(
    good2go: Site, gateway: Good2GoGateway, name: ActionName
) -> None:
    if name is ActionName.GOOD2GO_REMIND_REVIEWERS:
        assert gateway.perform(ask(name), JOB).held == "the job is no longer there"
    else:
        with pytest.raises(NotFoundError):
            gateway.perform(ask(name), JOB)
    assert good2go.effects() == []
