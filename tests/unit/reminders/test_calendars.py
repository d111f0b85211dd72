"""Workdays, quiet hours and changed clocks: by examples, and by a plain, slow model of the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofbridge.config.reminders.calendars import Calendar, DaysOff, parse_quiet_hours, public_holidays
from proofbridge.config.reminders.offsets import Offset, Unit, parse_offset, parse_offsets
from tests.unit.reminders.slow_model import Rules

DETERMINISTIC = settings(derandomize=True, deadline=None, max_examples=120)
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago",
         "Atlantic/Azores", "Antarctica/Troll", "Africa/Cairo", "UTC")  # fmt: skip
QUIET = (None, "19:00-08:00", "02:15-02:45", "22:30-02:30", "00:00-00:30", "12:00-13:00")
_DAYS = ((3, 7), (3, 28), (4, 4), (4, 23), (9, 5), (10, 24))
AROUND_CHANGES = tuple(datetime(2026, month, day, tzinfo=UTC) for month, day in _DAYS)


def berlin(text: str, *, fold: int = 0) -> datetime:
    """Read a time on a clock in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "offset", "expected"),
    [
        # Days keep the time on the clock across both changes; hours pass as they do.
        (berlin("2026-03-29T12:00"), "-1 d", berlin("2026-03-28T12:00")),
        (berlin("2026-03-29T12:00"), "-24 h", berlin("2026-03-28T11:00")),
        (berlin("2026-10-25T12:00"), "-1 d", berlin("2026-10-24T12:00")),
        (berlin("2026-10-25T12:00"), "-24 h", berlin("2026-10-24T13:00")),
        # 02:30 does not exist on the 29th of March, and exists twice on the 25th of October.
        (berlin("2026-03-28T02:30"), "+1 d", berlin("2026-03-29T03:30")),
        (berlin("2026-10-24T02:30"), "+1 d", berlin("2026-10-25T02:30", fold=0)),
        (berlin("2026-10-25T02:30", fold=1), "0", berlin("2026-10-25T02:30", fold=1)),
        (berlin("2026-10-25T02:30", fold=1), "-7 d", berlin("2026-10-18T02:30")),
        # Good Friday and Easter Monday are no workdays in Germany.
        (berlin("2026-04-07T17:00"), "-1 workday", berlin("2026-04-02T17:00")),
        (berlin("2026-04-02T17:00"), "+2 workdays", berlin("2026-04-08T17:00")),
        (berlin("2026-03-08T17:00"), "-1 workday", berlin("2026-03-06T17:00")),
        # It is Friday in UTC, and Saturday in Berlin already.
        (datetime(2026, 3, 6, 23, 30, tzinfo=UTC), "-1 workday", berlin("2026-03-06T00:30")),
    ],
)
def test_offset_keeps_the_clocks_time_when_clocks_or_weeks_change(
    due: datetime, offset: str, expected: datetime
) -> None:
    calendar = Calendar(BERLIN, holidays=DaysOff(public_holidays("DE"), frozenset()))
    shifted = calendar.shift(due, parse_offset(offset))
    assert shifted == expected
    assert shifted.tzinfo is UTC


@pytest.mark.parametrize(
    ("quiet", "slot", "moved"),
    [
        ("19:00-08:00", berlin("2026-03-06T18:59"), berlin("2026-03-06T18:59")),
        ("19:00-08:00", berlin("2026-03-05T19:00"), berlin("2026-03-06T08:00")),
        ("19:00-08:00", berlin("2026-03-06T07:59"), berlin("2026-03-06T08:00")),
        ("19:00-08:00", berlin("2026-03-06T19:00"), berlin("2026-03-09T08:00")),  # over the weekend
        ("19:00-08:00", berlin("2026-04-02T19:00"), berlin("2026-04-07T08:00")),  # over Easter
        ("12:00-13:00", berlin("2026-03-06T12:30"), berlin("2026-03-06T13:00")),
        (None, berlin("2026-03-07T10:00"), berlin("2026-03-09T00:00")),
    ],
)
def test_slot_moves_to_the_next_allowed_moment_when_it_is_quiet(
    quiet: str | None, slot: datetime, moved: datetime
) -> None:
    hours = None if quiet is None else parse_quiet_hours(quiet)
    calendar = Calendar(BERLIN, holidays=public_holidays("DE"), quiet=hours, only_on_workdays=True)
    assert calendar.next_allowed(slot) == moved


@pytest.mark.parametrize(
    ("slot", "moved"),
    [
        # Quiet until 02:30, which does not exist: clocks go from 02:00 to 03:00.
        (berlin("2026-03-29T01:59"), berlin("2026-03-29T03:00")),
        # Quiet until 02:30, which comes twice, and quiet again in between.
        (berlin("2026-10-25T01:59"), berlin("2026-10-25T02:30", fold=0)),
        (berlin("2026-10-25T02:10", fold=1), berlin("2026-10-25T02:30", fold=1)),
    ],
)
def test_quiet_hours_end_once_when_clocks_change_at_their_end(slot: datetime, moved: datetime) -> None:
    calendar = Calendar(BERLIN, quiet=parse_quiet_hours("22:30-02:30"))
    assert calendar.next_allowed(slot) == moved


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("0", ["0"]),
        ("+0 d", ["0"]),
        ("-4 h", ["-4 h"]),
        ("-2 workdays", ["-2 workdays"]),
        ("+1 workdays", ["+1 workday"]),
        ("every 1 d up to 3", ["+1 d", "+2 d", "+3 d"]),
        ("every 12 h up to 2", ["+12 h", "+24 h"]),
    ],
)
def test_offset_has_one_form_however_it_is_written(text: str, offsets: list[str]) -> None:
    assert [str(offset) for offset in parse_offsets(text)] == offsets


@pytest.mark.parametrize(
    "text",
    ["", "4 h", "-4h", "-4 m", "-0.5 d", "+ 1 d", "-4 h ", "00", "+99999 h", "every 1 d"],
)
def test_offset_refused_when_it_is_not_of_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="is no offset; write it as '0', '-4 h', '"):
        parse_offsets(text)


# -- against the model


def calendar_of(rules: Rules) -> Calendar:
    """The rules as the code has them."""
    quiet = rules.quiet and parse_quiet_hours(f"{rules.quiet[0]:%H:%M}-{rules.quiet[1]:%H:%M}")
    days_off = DaysOff((), frozenset(rules.days_off))
    return Calendar(ZoneInfo(rules.zone), frozenset(rules.workdays), days_off, quiet, rules.only_on_workdays)


def rules() -> st.SearchStrategy[Rules]:
    """Calendars around which everything happens that clocks and weeks can do."""

    def built(quiet: str | None, **values: Any) -> Rules:
        parsed = None if quiet is None else parse_quiet_hours(quiet)
        return Rules(quiet=None if parsed is None else (parsed.start, parsed.end), **values)

    around = st.sampled_from([moment.date() for moment in AROUND_CHANGES])
    return st.builds(
        built,
        zone=st.sampled_from(ZONES),
        quiet=st.sampled_from(QUIET),
        workdays=st.sampled_from([(0, 1, 2, 3, 4), (6, 0, 1, 2, 3), (2,)]),
        days_off=st.lists(st.builds(lambda day, more: day + timedelta(days=more), around, st.integers(-3, 3)),
                          max_size=3).map(tuple),
        only_on_workdays=st.booleans(),
    )  # fmt: skip


def minutes() -> st.SearchStrategy[datetime]:
    """Whole minutes in the days around changes of clocks somewhere."""
    return st.builds(
        lambda start, minute: start + timedelta(minutes=minute),
        st.sampled_from(AROUND_CHANGES),
        st.integers(-2000, 4000),
    )


def offsets() -> st.SearchStrategy[Offset]:
    return st.builds(Offset, st.integers(-6, 6), st.sampled_from(Unit)).map(
        lambda offset: offset if offset.amount else Offset(0)
    )


@DETERMINISTIC
@given(rules(), minutes(), offsets())
@example(Rules("Europe/Berlin"), datetime(2026, 3, 28, 1, 30, tzinfo=UTC), Offset(1, Unit.DAYS))
@example(
    Rules("Africa/Cairo", only_on_workdays=True),
    datetime(2026, 4, 22, 22, 10, tzinfo=UTC),
    Offset(1, Unit.DAYS),
)
def test_slots_lie_where_the_slow_model_puts_them(slow: Rules, due: datetime, offset: Offset) -> None:
    calendar = calendar_of(slow)
    nominal = calendar.shift(due, offset)
    assert nominal == slow.shifted(due, offset.amount, str(offset.unit))
    assert calendar.next_allowed(nominal) == slow.moved(nominal)


@DETERMINISTIC
@given(rules(), minutes(), offsets(), st.integers(0, 3000))
def test_spans_of_due_dates_hold_every_due_date_that_matters(
    slow: Rules, due: datetime, offset: Offset, later: int
) -> None:
    calendar = calendar_of(slow)
    at = calendar.next_allowed(calendar.shift(due, offset))
    now = at + timedelta(minutes=later)
    since = now - timedelta(minutes=later, milliseconds=1)
    first, last = calendar.shifted_from(calendar.not_later_than_moved(since), now, offset)
    assert first < due <= last


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("amount", [-2, 2])
def test_spans_are_no_longer_than_the_calendar_makes_them(unit: Unit, amount: int) -> None:
    calendar = Calendar(BERLIN, holidays=public_holidays("DE"), quiet=parse_quiet_hours("19:00-08:00"))
    now = berlin("2026-03-11T12:00")  # a Wednesday far from any day off
    since = now - timedelta(hours=25)
    plain, asked = Calendar(BERLIN), Offset(amount, unit)
    first, last = plain.shifted_from(plain.not_later_than_moved(since), now, asked)
    longest = {Unit.HOURS: 25, Unit.DAYS: 25 + 6, Unit.WORKDAYS: 25 + 6 + 2 * 24 + 2 * 24}
    assert last - first <= timedelta(hours=longest[unit])
    assert since - calendar.not_later_than_moved(since) <= timedelta(days=2)


def test_holidays_are_those_of_the_place_and_ones_own() -> None:
    days = DaysOff(public_holidays("DE-BY"), frozenset({date(2026, 12, 24)}))
    assert date(2026, 1, 6) in days
    assert date(2026, 1, 6) not in public_holidays("DE")
    assert date(2026, 12, 24) in days
    assert date(2031, 12, 25) in days
    assert date(2026, 12, 23) not in days
