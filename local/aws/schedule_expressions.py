"""When an EventBridge Scheduler schedule is due: `rate(…)`, `cron(…)` and `at(…)`.

EventBridge Scheduler user guide, 'Schedule types on EventBridge Scheduler'.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS_AHEAD = 8


class ScheduleError(ValueError):
    """The expression is not one that EventBridge Scheduler knows."""


def moments(expression: str, start: datetime, timezone: str = "UTC") -> Iterator[datetime]:
    """Yield the moments (UTC) at which a schedule created at `start` is due; a rate's first is at once.

    Raise ScheduleError.
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression.strip())
    if match is None:
        raise ScheduleError(f"{expression!r} is not rate(…), cron(…) or at(…)")
    kind, inside = match[1], match[2].strip()
    zone = ZoneInfo(timezone)
    if kind == "rate":
        return _rate(inside, start)
    if kind == "cron":
        return Cron.parse(inside).after(start, zone)
    moment = datetime.fromisoformat(inside).replace(tzinfo=zone).astimezone(UTC)
    return iter([moment] if moment > start else [])


def _rate(text: str, start: datetime) -> Iterator[datetime]:
    match = re.fullmatch(r"([1-9]\d*)\s+(minute|hour|day)s?", text)
    if match is None:
        raise ScheduleError(f"rate({text}): a positive number and minutes, hours or days are wanted")
    step = int(match[1]) * _UNITS[match[2]]

    def forever() -> Iterator[datetime]:
        moment = start
        while True:
            yield moment
            moment += step

    return forever()


@dataclass(frozen=True)
class Cron:
    """A parsed cron expression; the two day fields stay text, since L, W and # depend on the month."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: str
    months: frozenset[int]
    week_days: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read the six fields. Raise ScheduleError."""
        fields = text.upper().split()
        if len(fields) != 6:  # noqa: PLR2004 - minutes hours day-of-month month day-of-week year
            raise ScheduleError(f"cron({text}): six fields are wanted")
        minutes, hours, month_days, months, week_days, years = fields
        if "?" not in (month_days, week_days):
            raise ScheduleError(f"cron({text}): one of day-of-month and day-of-week must be ?")
        return cls(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            month_days,
            _numbers(months, 1, 12, _MONTHS),
            week_days,
            _numbers(years, 1970, 2199),
        )

    def after(self, start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the matching moments after `start`, in UTC; a local time that clocks skip is skipped."""
        day = start.astimezone(zone).date()
        last_year = day.year + _YEARS_AHEAD
        while day.year <= last_year:
            if day.year in self.years and day.month in self.months and self._is_day(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                        moment = local.astimezone(UTC)
                        if moment > start and moment.astimezone(zone).hour == hour:
                            yield moment
            day += timedelta(days=1)

    def _is_day(self, day: date) -> bool:
        if self.week_days == "?":
            return self._is_month_day(day)
        return any(_is_week_day(part, day) for part in self.week_days.split(","))

    def _is_month_day(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        for part in self.month_days.split(","):
            if part == "L":
                hit = day.day == last
            elif part.endswith("W"):
                wanted = last if part == "LW" else min(int(part[:-1]), last)
                hit = day == _nearest_workday(day.replace(day=wanted))
            else:
                hit = day.day in _numbers(part, 1, 31)
            if hit:
                return True
        return False


def _is_week_day(part: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    if "#" in part:
        wanted, _, nth = part.partition("#")
        return number in _numbers(wanted, 1, 7, _DAYS) and (day.day - 1) // 7 + 1 == int(nth)
    if part.endswith("L") and part != "L":
        last = calendar.monthrange(day.year, day.month)[1]
        return number in _numbers(part[:-1], 1, 7, _DAYS) and day.day > last - 7
    return number in ({7} if part == "L" else _numbers(part, 1, 7, _DAYS))


def _nearest_workday(day: date) -> date:
    """Find the weekday nearest to a day, in the same month."""
    saturday, sunday = 5, 6
    if day.weekday() == saturday:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.weekday() == sunday:
        last = calendar.monthrange(day.year, day.month)[1]
        return day + timedelta(days=1) if day.day < last else day - timedelta(days=2)
    return day


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """Read the values of a field: `*`, `a`, `a-b`, `a/step`, `a-b/step`, and lists of them."""
    for position, name in enumerate(names):
        field = field.replace(name, str(position + 1))
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\d+)(?:-(\d+))?(?:/(\d+))?", part)
        if match is None:
            raise ScheduleError(f"cron field {field!r} can't be read")
        first = low if match[1] == "*" else int(match[1])
        open_ended = match[1] == "*" or match[3] is not None
        last = int(match[2]) if match[2] else high if open_ended else first
        if not low <= first <= last <= high:
            raise ScheduleError(f"cron field {field!r}: {low} to {high} are allowed")
        found.update(range(first, last + 1, int(match[3] or 1)))
    return frozenset(found)
