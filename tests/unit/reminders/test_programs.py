"""Reminders that Good2Go sends by itself are told in its own units, with our calendar worked in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proofbridge.reminders.programs import agrees, moment_of, reminder_text, wanted
from tests.unit.reminders.samples import DUE, policy, subject

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEFORE = DUE - timedelta(days=20)


@pytest.mark.parametrize(
    ("moment", "text", "meant"),
    [
        (DUE, "0 none equal", DUE),
        (DUE - 4 * HOUR, "4 hours before", DUE - 4 * HOUR),
        (DUE + 48 * HOUR, "48 hours after", DUE + 48 * HOUR),
        (DUE - 90 * MINUTE, "90 minutes before", DUE - 90 * MINUTE),
        (DUE - 90 * MINUTE + timedelta(seconds=1), "89 minutes before", DUE - 89 * MINUTE),
        (DUE + 90 * MINUTE + timedelta(seconds=1), "91 minutes after", DUE + 91 * MINUTE),
        # 3600 minutes are the most, and then hours.
        (DUE - 3600 * MINUTE - MINUTE, "60 hours before", DUE - 60 * HOUR),
        (DUE + 3600 * MINUTE + MINUTE, "61 hours after", DUE + 61 * HOUR),
    ],
)
def test_moment_is_told_never_earlier_than_it_is(moment: datetime, text: str, meant: datetime) -> None:
    assert reminder_text(DUE, moment) == text
    assert moment_of(text, DUE) == meant >= moment


def test_workdays_and_quiet_hours_are_worked_in() -> None:
    by = policy(["-2 workdays", "-4 h"], mode="vendor", zone="Europe/Berlin", quiet_hours="12:00-14:00")
    # Monday the 2nd of March, 17:00 in Berlin; the 4 hours lead into the quiet ones.
    assert wanted(subject(due_at=datetime(2026, 3, 2, 16, tzinfo=UTC)), [by], BEFORE) == (
        "96 hours before",
        "3 hours before",
    )


def test_hours_are_fewer_when_the_clocks_go_forward_in_between() -> None:
    by = policy("-1 d", mode="vendor", zone="Europe/Berlin")
    assert wanted(subject(due_at=datetime(2026, 3, 29, 15, tzinfo=UTC)), [by], BEFORE) == ("23 hours before",)


def test_only_what_is_still_to_come_is_wanted() -> None:
    by = policy(["-4 h", "0", "+1 d"], mode="vendor")
    assert wanted(subject(), [by], DUE - 4 * HOUR) == ("0 none equal", "24 hours after")
    assert agrees(["4 hours before", "0 none equal", "24 hours after"],
                  wanted(subject(), [by], DUE - HOUR), DUE, DUE - HOUR)  # fmt: skip
    assert not agrees(["24 hours after"], wanted(subject(), [by], DUE - HOUR), DUE, DUE - HOUR)
    assert not agrees(["24 hours after"], (), DUE, DUE)


def test_nothing_is_wanted_of_an_item_that_the_policy_is_not_for() -> None:
    by = policy("0", mode="vendor", project="P1")
    assert wanted(subject(), [by], BEFORE) == ()
    assert wanted(subject(due_at=None), [policy("0", mode="vendor")], BEFORE) == ()
