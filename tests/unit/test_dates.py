from __future__ import annotations

from datetime import UTC, datetime

import pytest

from proofbridge.config.due_dates import DueRule

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 9, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "dropped_at", "due_at"),
    [
        ("+2 days 12:00 UTC", MONDAY, datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("+1 day 12:00 UTC", FRIDAY, datetime(2026, 3, 7, 12, tzinfo=UTC)),
        ("+0 days 17:00 UTC", MONDAY, datetime(2026, 3, 2, 17, tzinfo=UTC)),
        ("+1 workday 12:00 UTC", FRIDAY, datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("+1 workday 12:00 UTC", SATURDAY, datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("+0 workdays 12:00 UTC", FRIDAY, datetime(2026, 3, 6, 12, tzinfo=UTC)),
        ("+0 workdays 12:00 UTC", SATURDAY, datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("+0 days 12:00 UTC", SATURDAY, datetime(2026, 3, 7, 12, tzinfo=UTC)),
        ("+5 workdays 12:00 UTC", MONDAY, datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("+10 workdays 12:00 UTC", FRIDAY, datetime(2026, 3, 20, 12, tzinfo=UTC)),
        # Winter and summer time in Berlin; the clocks go forward on the 29th of March.
        ("+3 workdays 17:00 Europe/Berlin", MONDAY, datetime(2026, 3, 5, 16, tzinfo=UTC)),
        (
            "+3 workdays 17:00 Europe/Berlin",
            datetime(2026, 3, 26, 9, tzinfo=UTC),
            datetime(2026, 3, 31, 15, tzinfo=UTC),
        ),
        (
            "+3 days 02:30 Europe/Berlin",
            datetime(2026, 3, 26, 9, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
        # The day is the zone's: it is Tuesday in Auckland already, and Monday in Los Angeles still.
        (
            "+1 day 09:00 Pacific/Auckland",
            datetime(2026, 3, 2, 20, tzinfo=UTC),
            datetime(2026, 3, 3, 20, tzinfo=UTC),
        ),
        (
            "+1 day 09:00 America/Los_Angeles",
            datetime(2026, 3, 3, 4, tzinfo=UTC),
            datetime(2026, 3, 3, 17, tzinfo=UTC),
        ),
    ],
)
def test_due_date_is_counted_in_the_rules_zone_when_a_file_is_dropped(
    rule: str, dropped_at: datetime, due_at: datetime
) -> None:
    found = DueRule.parse(rule).due_at(dropped_at)
    assert found == due_at
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3 days 17:00 UTC",
        "-1 day 17:00 UTC",
        "+3 weeks 17:00 UTC",
        "+3 days 24:00 UTC",
        "+3 days 17:60 UTC",
        "+3 days 7:00 UTC",
        "+3 days 17:00",
        "+1000 days 17:00 UTC",
        "+3 days 17:00 UTC ",
        "+3 days 17:00 UTC\n",
        "+3  days 17:00 UTC",
        "+3 Days 17:00 UTC",
    ],
)
def test_due_rule_refused_when_it_is_not_of_the_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no due rule; write '\+3 workdays 17:00 Europe/Berlin'"):
        DueRule.parse(text)


@pytest.mark.parametrize(
    "zone", ["Europe/Bremen", "Berlin", "europe", "Europe", "../../etc/passwd", "/etc/passwd", "+02:00"]
)
def test_due_rule_refused_when_the_zone_is_unknown(zone: str) -> None:
    with pytest.raises(ValueError, match="is no time zone; write one such as Europe/Berlin"):
        DueRule.parse(f"+3 days 17:00 {zone}")
