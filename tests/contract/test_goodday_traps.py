"""Every trap that the vendor notes name for GoodDay, by its number."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.inputs import Reply, TaskCreate, TaskUpdate
from proofbridge.vendors.goodday.models import CreatedTask, Message, Task
from tests.contract.goodday_calls import BOT, DESIGNER, PROJECT
from tests.contract.proofs import effects


def new_task(client: GoodDay) -> str:
    return client.tasks.create(TaskCreate(project_id=PROJECT, title="A title"), user_id=BOT).id


def test_trap_goodday_01_update_writes_dates_with_hyphens_and_all_else_in_camel_case(
    goodday: GoodDay,
) -> None:
    day = date(2030, 1, 2)
    assert TaskUpdate(start_date=day, end_date=day).fields() == {
        "start-date": "2030-01-02",
        "end-date": "2030-01-02",
    }
    created = TaskCreate(project_id=PROJECT, title="x", start_date=day, end_date=day).fields()
    assert (created["startDate"], created["endDate"]) == ("2030-01-02", "2030-01-02")
    task = new_task(goodday)
    goodday.tasks.update(task, TaskUpdate(start_date=day, end_date=day), user_id=BOT)
    read = goodday.tasks.get(task)
    assert (read.start_date, read.end_date) == (day, day)


def test_trap_goodday_02_reply_misspells_the_parameter_that_reading_spells_right(goodday: GoodDay) -> None:
    assert Reply(action_required_user_id=DESIGNER).fields() == {"actionRequiredUsedId": DESIGNER}
    task = new_task(goodday)
    goodday.tasks.reply(task, action_required_user_id=DESIGNER, user_id=BOT)
    assert goodday.tasks.get(task).action_required_user_id == DESIGNER


def test_trap_goodday_03_title_and_users_are_written_and_read_under_other_names(goodday: GoodDay) -> None:
    made = goodday.tasks.create(
        TaskCreate(project_id=PROJECT, title="A title", to_user_id=DESIGNER), user_id=BOT
    )
    task = goodday.tasks.get(made.id)
    assert (task.name, task.created_by_user_id, task.assigned_to_user_id) == ("A title", BOT, DESIGNER)
    goodday.tasks.update(made.id, TaskUpdate(title="Another"), user_id=BOT)
    assert goodday.tasks.get(made.id).name == "Another"


def test_trap_goodday_04_writes_act_for_a_user_and_null_empties(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    task = new_task(goodday)
    goodday.tasks.comment(task, "x", user_id=DESIGNER)
    assert goodday.tasks.messages(task)[0].from_user_id == DESIGNER
    full = TaskUpdate(
        start_date=date(2030, 1, 2),
        end_date=date(2030, 1, 3),
        deadline=date(2030, 1, 4),
        estimate=5,
        progress=6,
    )
    goodday.tasks.update(task, full, user_id=BOT)
    nothing = TaskUpdate(start_date=None, end_date=None, deadline=None, estimate=None, progress=None)
    assert nothing.fields() == {
        "start-date": None,
        "end-date": None,
        "deadline": None,
        "estimate": None,
        "progress": None,
    }
    goodday.tasks.update(task, nothing, user_id=BOT)
    read = goodday.tasks.get(task)
    assert (read.start_date, read.end_date, read.deadline, read.estimate, read.progress) == (None,) * 5
    with pytest.raises(InvalidRequestError):
        TaskUpdate(deadline="null")
    assert effects(goodday_simulator).count("update_task") == 2


def test_trap_goodday_05_moments_without_a_zone_are_utc_in_every_form() -> None:
    def created(text: str) -> datetime | None:
        return CreatedTask.model_validate({"id": "T", "momentCreated": text}).moment_created

    assert created("2018-09-20 20:14:34.636937") == datetime(2018, 9, 20, 20, 14, 34, 636937, tzinfo=UTC)
    assert created("2018-09-07T19:35:32.09136") == datetime(2018, 9, 7, 19, 35, 32, 91360, tzinfo=UTC)
    assert created("2020-01-01T10:00:00") == datetime(2020, 1, 1, 10, tzinfo=UTC)
    message = Message.model_validate({"id": "M", "dateCreated": "2020-01-01T10:00:00"})
    assert message.date_created == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_trap_goodday_06_a_task_missing_from_a_list_may_only_be_closed(goodday: GoodDay) -> None:
    task = new_task(goodday)
    goodday.tasks.set_status(task, "STDONE", user_id=BOT)
    assert goodday.tasks.of_project(PROJECT) == ()
    assert [found.id for found in goodday.tasks.of_project(PROJECT, closed=True)] == [task]
    assert goodday.tasks.get(task).moment_closed is not None


def test_trap_goodday_07_odd_numbers_ids_and_subtasks_are_as_the_vendor_has_them(goodday: GoodDay) -> None:
    for priority in (1, 10, 50, 100):
        assert TaskUpdate(priority=priority).fields() == {"priority": priority}
    for priority in (0, 11, 49, 101):
        with pytest.raises(InvalidRequestError):
            TaskUpdate(priority=priority)
    parent = new_task(goodday)
    child = goodday.tasks.create(
        TaskCreate(project_id=PROJECT, title="x", parent_task_id=parent), user_id=BOT
    )
    assert isinstance(child.short_id, str)
    assert goodday.tasks.get(parent).subtasks == (child.id,)
    listed = next(task for task in goodday.tasks.of_project(PROJECT) if task.id == parent)
    assert listed.subtasks == ()
    odd = Task.model_validate({"id": "T", "subtasks": ["A", {"id": "B"}], "shortId": 75})
    assert (odd.subtasks, odd.short_id) == (("A", "B"), "75")


def test_trap_goodday_08_one_task_is_singular_and_making_one_plural(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    task = new_task(goodday)
    goodday.tasks.get(task)
    paths = [entry["path"] for entry in goodday_simulator.requests.entries()]
    assert paths == ["/2.0/tasks", f"/2.0/task/{task}"]
