"""Rules about due dates, as customers write them: "+3 workdays 17:00 Europe/Berlin"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DUE: Final = re.compile(r"\+(\d{1,3}) (days?|workdays?) ([01]\d|2[0-3]):([0-5]\d) (\S+)")
_FIRST_WEEKEND_DAY: Final = 5
_DAY: Final = timedelta(days=1)


def is_weekday(day: date) -> bool:
    """Whether a day is none of a weekend's: Monday to Friday."""
    return day.weekday() < _FIRST_WEEKEND_DAY


@dataclass(frozen=True, slots=True)
class DueRule:
    """When a proof is due, counted from the moment its file was dropped."""

    days: int
    workdays_only: bool
    at: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "+N days HH:MM Zone" or "+N workdays HH:MM Zone"; ValueError says what is wrong."""
        match = _DUE.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text!r} is no due rule; write '+3 workdays 17:00 Europe/Berlin' or '+2 days 12:00 UTC'"
            )
        try:
            zone = ZoneInfo(match[5])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"{match[5]!r} is no time zone; write one such as Europe/Berlin or UTC"
            ) from None
        return cls(int(match[1]), match[2].startswith("work"), time(int(match[3]), int(match[4])), zone)

    def due_at(self, dropped_at: datetime, is_workday: Callable[[date], bool] = is_weekday) -> datetime:
        """Return the due moment, aware and UTC. What falls on a day off by "+0 workdays" is due the next."""
        day = dropped_at.astimezone(self.zone).date()
        left = self.days
        while left or (self.workdays_only and not is_workday(day)):
            day += _DAY
            left -= bool(left) and (not self.workdays_only or is_workday(day))
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)
