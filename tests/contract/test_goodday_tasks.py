from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError, RejectedError
from proofbridge.vendors.goodday import operations
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.inputs import TaskCreate, TaskUpdate
from proofbridge.vendors.goodday.mapping import StatusTable
from tests.contract.goodday_calls import ARCHIVE, BOT, DESIGNER, MISSING, PROJECT
from tests.contract.operations_called import known, offered, resolve
from tests.contract.proofs import act, effects


def new_task(client: GoodDay, title: str = "Check the proof", project: str = PROJECT) -> str:
    return client.tasks.create(TaskCreate(project_id=project, title=title), user_id=BOT).id


def test_every_operation_has_a_method_when_walked(goodday: GoodDay, goodday_simulator: Simulator) -> None:
    assert known(operations.OPERATIONS) == offered(type(goodday_simulator.vendor))
    assert len(operations.OPERATIONS) == 14
    assert sum(not operation.outside for operation in operations.OPERATIONS) == 11
    for operation in operations.OPERATIONS:
        assert callable(resolve(goodday, operation))


def test_task_is_made_when_everything_is_said_of_it(goodday: GoodDay) -> None:
    parent = new_task(goodday)
    before = datetime.now(UTC) - timedelta(seconds=2)
    made = goodday.tasks.create(
        TaskCreate(
            project_id=PROJECT,
            parent_task_id=parent,
            title="Check «Größe»",
            message="The proof is at https://example.com",
            to_user_id=DESIGNER,
            task_type_id="TTPRF",
            start_date=date(2030, 1, 2),
            end_date=date(2030, 1, 3),
            deadline=date(2030, 1, 4),
            estimate=120,
            priority=50,
        ),
        user_id=BOT,
    )
    assert made.short_id is not None
    assert made.moment_created is not None
    assert before < made.moment_created
    task = goodday.tasks.get(made.id)
    assert (task.name, task.project_id, task.parent_task_id) == ("Check «Größe»", PROJECT, parent)
    assert (task.created_by_user_id, task.assigned_to_user_id) == (BOT, DESIGNER)
    assert task.action_required_user_id == DESIGNER
    assert task.task_type is not None
    assert (task.task_type.id, task.task_type.name) == ("TTPRF", "Proof")
    assert (task.start_date, task.end_date, task.deadline) == (
        date(2030, 1, 2),
        date(2030, 1, 3),
        date(2030, 1, 4),
    )
    assert (task.estimate, task.priority) == (120, 50)
    assert {BOT, DESIGNER} <= set(task.users)
    assert goodday.tasks.get(parent).subtasks == (made.id,)
    assert [message.message for message in goodday.tasks.messages(made.id)] == [
        "The proof is at https://example.com"
    ]


def test_start_becomes_schedule_when_no_end_is_given(goodday: GoodDay) -> None:
    made = goodday.tasks.create(
        TaskCreate(project_id=PROJECT, title="x", start_date=date(2030, 1, 2)), user_id=BOT
    )
    task = goodday.tasks.get(made.id)
    assert (task.schedule_date, task.start_date) == (date(2030, 1, 2), None)


def test_open_tasks_are_listed_unless_closed_ones_are_asked_for(goodday: GoodDay) -> None:
    open_task, closed_task, archived = (
        new_task(goodday),
        new_task(goodday),
        new_task(goodday, project=ARCHIVE),
    )
    goodday.tasks.set_status(closed_task, "STDONE", user_id=BOT)
    assert [task.id for task in goodday.tasks.of_project(PROJECT)] == [open_task]
    assert {task.id for task in goodday.tasks.of_project(PROJECT, closed=True)} == {open_task, closed_task}
    below = {task.id for task in goodday.tasks.of_project(PROJECT, closed=True, subfolders=True)}
    assert {open_task, closed_task} <= below
    assert archived in {task.id for task in goodday.tasks.of_project(ARCHIVE)}


def test_tasks_of_a_user_are_listed_when_asked_for(goodday: GoodDay) -> None:
    made = goodday.tasks.create(TaskCreate(project_id=PROJECT, title="x", to_user_id=DESIGNER), user_id=BOT)
    assert [task.id for task in goodday.tasks.action_required(DESIGNER)] == [made.id]
    assert [task.id for task in goodday.tasks.assigned(DESIGNER)] == [made.id]
    goodday.tasks.set_status(made.id, "STDONE", user_id=BOT)
    assert goodday.tasks.assigned(DESIGNER) == ()
    assert [task.id for task in goodday.tasks.assigned(DESIGNER, closed=True)] == [made.id]


def test_messages_tell_the_story_when_things_are_done(goodday: GoodDay, goodday_simulator: Simulator) -> None:
    task = new_task(goodday)
    goodday.tasks.comment(task, "Approved by the customer.", user_id=BOT)
    goodday.tasks.reply(task, action_required_user_id=DESIGNER, user_id=BOT, message="Your turn")
    goodday.tasks.reply(task, action_required_user_id=BOT, user_id=BOT)
    goodday.tasks.set_status(task, "STCHG", user_id=BOT, message="Changes wanted")
    told = goodday.tasks.messages(task)
    assert [message.message for message in told] == [
        "Approved by the customer.",
        "Your turn",
        None,
        "Changes wanted",
    ]
    assert {message.from_user_id for message in told} == {BOT}
    assert (told[1].to_user_id, told[3].task_status_id) == (DESIGNER, "STCHG")
    assert all(message.date_created is not None for message in told)
    assert goodday.tasks.get(task).action_required_user_id == BOT
    assert effects(goodday_simulator) == ["create_task", "comment", "reply", "reply", "update_status"]


def test_only_what_is_given_changes_when_task_is_updated(goodday: GoodDay) -> None:
    task_id = new_task(goodday)
    goodday.tasks.update(
        task_id,
        TaskUpdate(
            start_date=date(2030, 1, 2),
            end_date=date(2030, 1, 3),
            deadline=date(2030, 1, 4),
            priority=100,
            estimate=60,
            progress=70,
            title="New title",
        ),
        user_id=DESIGNER,
    )
    task = goodday.tasks.get(task_id)
    assert (task.start_date, task.end_date, task.deadline) == (
        date(2030, 1, 2),
        date(2030, 1, 3),
        date(2030, 1, 4),
    )
    assert (task.priority, task.estimate, task.progress, task.name) == (100, 60, 70, "New title")
    goodday.tasks.update(task_id, TaskUpdate(deadline=None), user_id=BOT)
    task = goodday.tasks.get(task_id)
    assert (task.deadline, task.end_date, task.name) == (None, date(2030, 1, 3), "New title")


def test_task_and_what_hangs_on_it_are_gone_when_deleted(goodday: GoodDay) -> None:
    parent = new_task(goodday)
    child = goodday.tasks.create(
        TaskCreate(project_id=PROJECT, title="x", parent_task_id=parent), user_id=BOT
    )
    goodday.tasks.delete(parent)
    for gone in (parent, child.id):
        with pytest.raises(NotFoundError, match=f"task {gone}"):
            goodday.tasks.get(gone)


def test_people_projects_and_statuses_are_listed_when_asked_for(goodday: GoodDay) -> None:
    assert {BOT, DESIGNER, "USRMGR"} <= {user.id for user in goodday.users.list()}
    assert {(project.id, project.name) for project in goodday.projects.list()} >= {
        (PROJECT, "Artwork"),
        (ARCHIVE, "Archive"),
    }
    statuses = goodday.statuses.list()
    assert {(status.id, status.name) for status in statuses} >= {("STNEW", "Not started"), ("STDONE", "Done")}
    table = StatusTable({"done": ReviewStatus.APPROVED, "STCHG": ReviewStatus.CHANGES_REQUESTED})
    assert table.status_id(ReviewStatus.APPROVED, statuses) == "STDONE"
    assert table.status_id(ReviewStatus.CHANGES_REQUESTED, statuses) == "STCHG"


def test_status_is_told_in_our_words_when_customers_table_names_it(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    table = StatusTable({"Changes Requested": ReviewStatus.CHANGES_REQUESTED})
    task = new_task(goodday)
    assert table.review_status(goodday.tasks.get(task)) is ReviewStatus.NOT_STARTED
    act(goodday_simulator, "set-status", task=task, status="STCHG")
    assert table.review_status(goodday.tasks.get(task)) is ReviewStatus.CHANGES_REQUESTED
    act(goodday_simulator, "set-status", task=task, status="STDONE")
    assert table.review_status(goodday.tasks.get(task)) is ReviewStatus.COMPLETED


def test_missing_task_is_told_when_anything_is_asked_of_it(goodday: GoodDay) -> None:
    tasks = goodday.tasks
    calls: list[Callable[[], object]] = [
        lambda: tasks.get(MISSING),
        lambda: tasks.messages(MISSING),
        lambda: tasks.comment(MISSING, "x", user_id=BOT),
        lambda: tasks.reply(MISSING, action_required_user_id=BOT, user_id=BOT),
        lambda: tasks.set_status(MISSING, "STNEW", user_id=BOT),
        lambda: tasks.update(MISSING, TaskUpdate(title="x"), user_id=BOT),
        lambda: tasks.delete(MISSING),
        lambda: tasks.of_project(MISSING),
        lambda: tasks.assigned(MISSING),
        lambda: tasks.action_required(MISSING),
    ]
    for call in calls:
        with pytest.raises(NotFoundError) as caught:
            call()
        assert MISSING in str(caught.value)


def test_refusal_is_told_when_vendor_knows_no_such_status_or_user(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    task = new_task(goodday)
    with pytest.raises(RejectedError, match="no status STX"):
        goodday.tasks.set_status(task, "STX", user_id=BOT)
    with pytest.raises(RejectedError, match="USRX"):
        goodday.tasks.comment(task, "x", user_id="USRX")
    goodday_simulator.violations.clear()


@pytest.mark.parametrize("write_answer", ["object", "empty"])
def test_writes_succeed_when_vendor_answers_with(
    goodday: GoodDay, goodday_simulator: Simulator, write_answer: str
) -> None:
    goodday_simulator.settings.write_answer = write_answer  # type: ignore[attr-defined]
    task = new_task(goodday)
    goodday.tasks.comment(task, "x", user_id=BOT)
    goodday.tasks.delete(task)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("project_id", ""),
        ("project_id", "a/b"),
        ("title", ""),
        ("parent_task_id", "../x"),
        ("priority", 0),
        ("priority", 11),
        ("priority", 99),
        ("priority", "5"),
        ("estimate", -1),
        ("estimate", 1.5),
        ("deadline", "tomorrow"),
        ("deadline", 20_000),
        ("start_date", datetime(2030, 1, 2, 3, 4, tzinfo=UTC)),
        ("from_user_id", BOT),
    ],
)
def test_task_is_refused_before_sending_when_wrong(field: str, value: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        TaskCreate.model_validate({"project_id": PROJECT, "title": "x", field: value})
    assert caught.value.field == field
    assert caught.value.vendor == "goodday"


@pytest.mark.parametrize(
    ("field", "value"), [("progress", 101), ("progress", -1), ("title", ""), ("priority", None)]
)
def test_update_is_refused_or_left_out_when_it_resets_what_has_no_reset(field: str, value: object) -> None:
    if value is None:
        assert TaskUpdate.model_validate({field: None}).fields() == {}
    else:
        with pytest.raises(InvalidRequestError):
            TaskUpdate.model_validate({field: value})


def test_ids_are_refused_before_sending_when_wrong(goodday: GoodDay, goodday_simulator: Simulator) -> None:
    calls: list[Callable[[], object]] = [
        lambda: goodday.tasks.get("a/b"),
        lambda: goodday.tasks.get(""),
        lambda: goodday.tasks.comment("T", "x", user_id=""),
        lambda: goodday.tasks.comment("T", "", user_id=BOT),
        lambda: goodday.tasks.comment("T", "\ud800", user_id=BOT),
        lambda: goodday.tasks.reply("T", action_required_user_id="", user_id=BOT),
        lambda: goodday.tasks.set_status("T", " ", user_id=BOT),
        lambda: goodday.tasks.create(TaskCreate(project_id=PROJECT, title="x"), user_id="a b"),
        lambda: goodday.tasks.update("T", TaskUpdate(), user_id="?"),
    ]
    for call in calls:
        with pytest.raises(InvalidRequestError):
            call()
    assert goodday_simulator.requests.entries() == []
