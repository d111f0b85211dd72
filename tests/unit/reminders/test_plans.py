"""Which slots an item has, which of them is due, and why there are no others."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofbridge.config.reminders.channels import Channel
from proofbridge.config.reminders.people import Contacts
from proofbridge.domain.items import Decision, ItemRef, Person
from proofbridge.reminders.plans import LOOK_BACK, PRIORITY, due_date_spans, due_now, plan
from tests.unit.observations import JOB, TASK
from tests.unit.reminders import slow_model
from tests.unit.reminders.samples import (
    CUSTOMER,
    DUE,
    REVIEW,
    STUDIO_PROJECT,
    contact,
    planned,
    policy,
    refusals,
    subject,
)  # fmt: skip
from tests.unit.reminders.slow_model import Rules, Step
from tests.unit.reminders.test_calendars import minutes, rules

DECIDED = Person("c@d.test", decision=Decision.REJECTED)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE = {"late": "+1 d", "to": "USRMGR", "channel": "goodday.reply"}


# -- for what


@pytest.mark.parametrize(
    ("restriction", "item", "why"),
    [
        ({"destination": "labels"}, {"destination": "labels"}, None),
        ({"destination": ["boxes", "labels"]}, {"destination": "labels"}, None),
        ({"destination": "labels"}, {"destination": "boxes"}, "it came by boxes, not by labels"),
        ({"destination": "labels"}, {}, "it came by no drop folder, not by labels"),
        ({"project": "P1"}, {"project": "P1"}, None),
        ({"project": ["P1", "P2"]}, {"project": "P3"}, "it lies in project P3, not in P1 or P2"),
        ({"condition": "item.version > `1`"}, {"version": 2}, None),
        ({"condition": "item.version > `1`"}, {"version": 1}, "item.version > `1` does not hold"),
        ({"condition": "contains(item.comment, 'x')"}, {}, "contains(item.comment, 'x') does not hold"),
        ({"condition": "destination == 'labels'"}, {"destination": "labels"}, None),
    ],
)
def test_policy_is_for_the_items_that_it_names(
    restriction: dict[str, Any], item: dict[str, Any], why: str | None
) -> None:
    about, restricted = subject(**item), policy(**restriction)
    assert refusals(about, restricted) == ([] if why is None else [why])
    assert len(planned(about, restricted)) == (why is None)


def test_policy_says_nothing_of_other_vendors_items() -> None:
    assert plan(subject(TASK), [policy()], Contacts(())) == ([], [])


# -- to whom


@pytest.mark.parametrize(
    ("to", "about", "people"),
    [
        ("open_reviewers", {}, [CUSTOMER]),
        ("open_reviewers", {"reviewers": (Person("a@b.test"), DECIDED)},
         ["a@b.test"]),
        ("open_reviewers", {"reviewers": None}, []),
        ("assignee", {"assignee": "x@y.test"}, ["x@y.test"]),
        ("assignee", {"task_assignee": "Mona"}, ["Mona"]),
        ("assignee", {"assignee": "x@y.test", "task_assignee": "Mona"}, ["x@y.test"]),
        ("assignee", {}, []),
        ("recipient", {"recipient": "c@d.test"}, ["c@d.test"]),
        ("recipient", {"recipient": CUSTOMER, "reviewers": (dataclasses.replace(DECIDED, id=CUSTOMER),)}, []),
        ("recipient", {}, []),
        ("boss@b.test", {}, ["boss@b.test"]),
        ("Mona", {}, ["Mona"]),
        ("Mona", {"reviewers": (Person("mona@b.test", decision=Decision.APPROVED),)}, []),
    ],
)  # fmt: skip
def test_those_are_reminded_whom_the_policy_names(to: str, about: dict[str, Any], people: list[str]) -> None:
    mona = contact("Mona", email="mona@b.test")
    found = planned(subject(**about), policy(to=to, channel="email"), people=(mona,))
    assert [each.slot.person for each in found] == people


@pytest.mark.parametrize(
    ("channel", "about", "people", "why"),
    [
        ("email", {"reviewers": (Person("7"),)}, (), "people.toml has no e-mail address for them"),
        ("email", {"reviewers": (Person("7"),)}, (contact("Ann", ids=["7"], email="a@b.test"),), None),
        ("goodday.reply", {}, (), "people.toml has no GoodDay user id for them"),
        ("goodday.reply", {}, (contact("Ann", email=CUSTOMER, goodday="USRANN"),), None),
        ("goodday.reply", {"proof_id": None}, (contact("Ann", email=CUSTOMER, goodday="USRANN"),),
         "the item belongs to no proof, so that there is no GoodDay task"),
        ("goodday.comment", {"proof_id": None}, (),
         "the item belongs to no proof, so that there is no GoodDay task"),
    ],
)  # fmt: skip
def test_nobody_is_reminded_by_a_channel_that_does_not_reach_them(
    channel: str, about: dict[str, Any], people: tuple[Any, ...], why: str | None
) -> None:
    by = policy(channel=channel)
    assert refusals(subject(**about), by, people=people) == ([] if why is None else [why])


def test_user_id_is_goodday_s_own_when_the_item_is_a_task() -> None:
    by = policy(vendor="goodday", channel="goodday.reply", to="assignee")
    (found,) = planned(subject(TASK, assignee="USRDSG"), by)
    assert (found.slot.person, found.role) == ("USRDSG", "assignee")


# -- when


def test_every_slot_has_its_moment() -> None:
    found = planned(subject(), policy(["-2 workdays", "-4 h", "0", "every 1 d up to 2"]))
    assert {each.slot.offset: each.at for each in found} == {
        "-2 workdays": DUE - 2 * DAY,
        "-4 h": DUE - 4 * HOUR,
        "0": DUE,
        "+1 d": DUE + DAY,
        "+2 d": DUE + 2 * DAY,
    }


@pytest.mark.parametrize(
    ("step", "offset", "at"),
    [
        (LATE, "+1 d", DUE + DAY),
        ({**LATE, "late": "+3 workdays"}, "+3 workdays", DUE + 5 * DAY),  # from Wednesday over a weekend
        ({"after": 2, "priority": 9}, "+2 h, then +1 d", DUE + DAY + 2 * HOUR),
        ({"after": 1, "wait": "0", "priority": 9}, "0, then 0", DUE),
        ({"after": 1, "wait": "+3 workdays", "priority": 9}, "0, then +3 workdays", DUE + 5 * DAY),
    ],
)
def test_escalation_comes_so_late_or_after_so_many(step: dict[str, Any], offset: str, at: datetime) -> None:
    found = planned(subject(), policy(["0", "+2 h"], escalation=[step]))
    (escalated,) = [each for each in found if each.step is not None]
    assert (escalated.slot.offset, escalated.at) == (offset, at)
    assert escalated.slot.person == ("USRMGR" if "to" in step else PRIORITY)


def test_escalation_waits_from_when_the_last_reminder_could_be_sent() -> None:
    step = {"after": 1, "wait": "+2 h", "to": "USRMGR", "channel": "goodday.reply", "priority": 9}
    quiet = policy("+4 h", quiet_hours="19:00-08:00", escalation=[step])  # 20:00, so the next morning
    morning = DUE.replace(day=5, hour=8)
    moments = {each.slot.person: each.at for each in planned(subject(), quiet)}
    assert moments == {CUSTOMER: morning, "USRMGR": morning + 2 * HOUR, PRIORITY: morning + 2 * HOUR}
    spans = due_date_spans([quiet], Contacts(()), morning + HOUR, morning + 2 * HOUR)
    assert any(first < DUE <= last for first, last in spans)


def test_somebody_named_has_to_be_told_no_more_when_they_decide() -> None:
    (asked,) = planned(subject(), policy(to=CUSTOMER))
    (manager,) = planned(subject(), policy(to="boss@b.test", channel="email"))
    assert (asked.role, manager.role) == ("named", None)


def test_escalation_has_a_slot_for_the_person_and_one_for_the_priority() -> None:
    found = planned(subject(), policy(escalation=[{**LATE, "priority": 9}]))
    assert [(each.slot.person, each.channel) for each in found if each.step is not None] == [
        ("USRMGR", Channel.REPLY),
        (PRIORITY, None),
    ]


def test_persons_own_time_counts_when_people_toml_has_it() -> None:
    tokyo = contact("Yuki", email=CUSTOMER, zone="Asia/Tokyo", quiet_hours="20:00-09:00")
    (found,) = planned(subject(), policy(quiet_hours="01:00-02:00"), people=(tokyo,))  # 01:00 in Tokyo
    assert found.at == datetime.fromisoformat("2026-03-05T09:00+09:00")
    (found,) = planned(subject(), policy(zone_of="policy"), people=(tokyo,))
    assert found.at == DUE


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize(
    ("offset", "day"), [("0", "2026-03-02"), ("+1 workday", "2026-03-03"), ("-1 workday", "2026-02-27")]
)
def test_due_day_is_one_of_the_persons_calendar(zone: str, offset: str, day: str) -> None:
    monday = datetime.fromisoformat("2026-03-02T00:00Z")
    by = policy(offset, vendor="robohead", channel="email", zone=zone)
    (found,) = planned(subject(REVIEW, due_at=monday), by)
    assert found.at == datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    assert found.slot.due_at == monday
    (due,) = due_now([found], found.at)
    assert due.newest == found
    spans = due_date_spans([by], Contacts(()), found.at - HOUR, found.at)
    assert any(first < monday <= last for first, last in spans)


# -- what is due


def test_newest_alone_is_due_when_several_came_meanwhile() -> None:
    found = planned(subject(), policy(["-4 h", "-2 h", "0", "+1 d"]))
    (due,) = due_now(found, DUE + HOUR)
    assert due.newest.slot.offset == "0"
    assert [each.slot.offset for each in due.passed] == ["-4 h", "-2 h"]


def test_slots_merge_when_quiet_hours_move_them_to_one_moment() -> None:
    found = planned(subject(), policy(["+5 h", "+10 h", "+16 h"], quiet_hours="19:00-08:00"))
    assert due_now(found, DUE + 15 * HOUR) == []
    (due,) = due_now(found, DUE + 16 * HOUR)
    assert due.newest.slot.offset == "+16 h"
    assert len(due.passed) == 2


def test_one_person_hears_once_when_several_policies_or_ids_of_theirs_are_due() -> None:
    ann = contact("Ann", email=CUSTOMER, goodday="USRANN")
    policies = (policy(), policy(channel="email"), policy("-1 h", to="Ann", channel="goodday.reply"))
    (due,) = due_now(planned(subject(), *policies, people=(ann,)), DUE)
    assert (due.newest.policy, due.newest.channel) == (policies[0], Channel.NOTIFY)
    assert [each.slot.offset for each in due.passed] == ["-1 h"]


def test_each_person_is_due_alone() -> None:
    people = (Person("a@b.test"), Person("c@d.test"))
    found = planned(subject(reviewers=people), policy(["0", "-1 h"], escalation=[{**LATE, "late": "0"}]))
    assert sorted(due.newest.slot.person for due in due_now(found, DUE)) == ["USRMGR", "a@b.test", "c@d.test"]


@pytest.mark.parametrize(
    ("ref", "vendor"), [(STUDIO_PROJECT, "approval-studio"), (REVIEW, "robohead"), (TASK, "goodday")]
)
def test_items_of_every_vendor_have_slots(ref: ItemRef, vendor: str) -> None:
    (found,) = planned(subject(ref), policy(vendor=vendor, channel="email"))
    assert found.slot.item == ref


# -- against the model

STEPS = (
    Step("-2 workdays", -2, "workdays"),
    Step("-1 d", -1, "d"),
    Step("-4 h", -4, "h"),
    Step("0", 0, "h"),
    Step("+1 d", 1, "d"),
    Step("+2 workdays", 2, "workdays"),
)
PEOPLE = ("a@b.test", "c@d.test")


def states() -> st.SearchStrategy[list[tuple[timedelta, timedelta, frozenset[str]]]]:
    """What becomes of an item: when, by how much the due date has moved, and who still has to decide."""
    return st.lists(
        st.tuples(
            st.integers(-90, 90).map(lambda hours: hours * HOUR),
            st.integers(-30, 60).map(lambda hours: hours * HOUR),
            st.frozensets(st.sampled_from(PEOPLE)),
        ),
        min_size=1,
        max_size=3,
    )


def runs() -> st.SearchStrategy[list[timedelta]]:
    """When the schedule runs: often, with outages, and with clocks that jump, also back."""
    return st.lists(st.integers(-600, 900).map(lambda tenths: tenths * timedelta(minutes=12)), max_size=30)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    rules(),
    minutes(),
    states(),
    runs(),
    st.sets(st.sampled_from(STEPS), min_size=1),
    st.sampled_from([JOB, REVIEW]),
)
def test_history_is_that_of_the_slow_model(
    slow: Rules,
    due: datetime,
    moved: list[tuple[timedelta, timedelta, frozenset[str]]],
    ran: list[timedelta],
    chosen: set[Step],
    ref: ItemRef,
) -> None:
    """Random policies, zones and due dates that move; outages, repeated runs and clocks that jump."""
    steps = [step for step in STEPS if step in chosen]
    state = [(due + at, due + by, people) for at, by, people in sorted(moved, key=lambda each: each[0])]
    moments = [due + each for each in ran]
    by = policy([step.name for step in steps], vendor=str(ref.vendor), channel="email", **_calendar(slow))
    on_clocks = {due_at: due_at for _, due_at, _ in state}
    if ref == REVIEW:  # due on a day, wherever
        state = [(at, due_at.replace(hour=0, minute=0), people) for at, due_at, people in state]
        on_clocks = {due_at: slow.when_clock_shows(due_at.replace(tzinfo=None)) for _, due_at, _ in state}
    used: set[tuple[str, str]] = set()
    out = []
    for number, now in enumerate(moments):
        spans = due_date_spans([by], Contacts(()), now - LOOK_BACK, now)
        known = [entry for entry in state if entry[0] <= now]
        if not known:
            continue
        _, due_at, people = known[-1]
        about = subject(ref, due_at=due_at, reviewers=tuple(Person(each) for each in sorted(people)))
        for one in due_now(planned(about, by), now):
            assert any(first < due_at <= last for first, last in spans)
            name = (one.newest.slot.person, one.newest.slot.key)
            if name not in used:
                out.append((number, (one.newest.slot.person, on_clocks[due_at], one.newest.slot.offset)))
                used |= {(each.slot.person, each.slot.key) for each in (one.newest, *one.passed)}
    as_shown = [(at, on_clocks[due_at], people) for at, due_at, people in state]
    assert out == slow_model.sent(moments, as_shown, slow, steps)


def _calendar(slow: Rules) -> dict[str, Any]:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {
        "zone": slow.zone,
        "workdays": [week[day] for day in slow.workdays],
        "days_off": slow.days_off,
        "quiet_hours": slow.quiet and f"{slow.quiet[0]:%H:%M}-{slow.quiet[1]:%H:%M}",
        "only_on_workdays": slow.only_on_workdays,
    }
