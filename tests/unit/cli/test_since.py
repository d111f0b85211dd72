from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proofbridge_cli.errors import USAGE, CommandError
from proofbridge_cli.since import parse_since

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("5m", NOW - timedelta(minutes=5)),
        ("2h", NOW - timedelta(hours=2)),
        (" 3 d ", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(weeks=1)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:30", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("2026-11-01T08:30Z", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("2026-11-01T08:30+02:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_moment_is_understood_when_it_is_written_in_one_of_the_ways(text: str, moment: datetime) -> None:
    assert parse_since(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "h", "2", "2x", "-2h", "yesterday", "2026-13-01", "999999w", "2h3m"])
def test_usage_error_names_the_ways_when_a_moment_makes_no_sense(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse_since(text, NOW)

    assert caught.value.status == USAGE
    assert "3d" in caught.value.what_to_do
