"""When people can be reminded: workdays and holidays, quiet hours, and clocks that are changed.

Two rules for clocks, wherever a time of day is meant:

    a time that does not exist (clocks go forward over it) is as much later as the clocks went forward
    a time that exists twice (clocks go back over it) is the first of the two
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from proofbridge.config.reminders.offsets import Offset, Unit

DAY: Final = timedelta(days=1)
LONGEST_CLOCK_CHANGE: Final = timedelta(hours=3)
"""More than clocks are moved at once, anywhere, since 2012."""

_QUIET: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Times of day at which nobody is reminded, from `start` to before `end`, over midnight or not."""

    start: time
    end: time

    def cover(self, at: time) -> bool:
        """Whether a time of day is quiet."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, eq=False)
class Calendar:
    """One place's time: its zone, the days on which people work, and when they are left alone.

    `workdays` are numbers from 0, Monday. `holidays` holds dates. With `only_on_workdays` nobody is reminded
    on another day.
    """

    zone: ZoneInfo
    workdays: frozenset[int] = frozenset(range(5))
    holidays: Container[date] = ()
    quiet: QuietHours | None = None
    only_on_workdays: bool = False

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day."""
        return day.weekday() in self.workdays and day not in self.holidays

    # -- from due dates to slots

    def shift(self, moment: datetime, offset: Offset) -> datetime:
        """Return the moment that lies the offset away, in UTC. Days keep the time on the clock."""
        if not offset.amount:
            return moment.astimezone(UTC)
        if offset.unit is Unit.HOURS:
            return moment.astimezone(UTC) + timedelta(hours=offset.amount)
        local = moment.astimezone(self.zone)
        if offset.unit is Unit.DAYS:
            day = local.date() + timedelta(days=offset.amount)
        else:
            day = self.shift_day(local.date(), offset.amount)
        return self._at(datetime.combine(day, local.time()))

    def shift_day(self, day: date, workdays: int) -> date:
        """Return the day so many workdays away."""
        step = DAY if workdays > 0 else -DAY
        left = abs(workdays)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def start_of(self, day: date) -> datetime:
        """Return when a day begins here, in UTC."""
        return self._at(datetime.combine(day, time()))

    def next_allowed(self, moment: datetime) -> datetime:
        """Return the first moment from this one on at which people may be reminded, in UTC."""
        moment = moment.astimezone(UTC)
        while True:
            local = moment.astimezone(self.zone)
            if self.only_on_workdays and not self.is_workday(local.date()):
                until = datetime.combine(local.date() + DAY, time())
            elif self.quiet is not None and self.quiet.cover(local.time()):
                day = local.date() if local.time() < self.quiet.end else local.date() + DAY
                until = datetime.combine(day, self.quiet.end)
            else:
                return moment
            moment = self._first_after(moment, until)

    def _at(self, wall: datetime) -> datetime:
        """Return when a clock here shows a time, by the two rules for clocks, in UTC."""
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def _first_after(self, moment: datetime, wall: datetime) -> datetime:
        """Return the first moment after `moment` from which on a clock here shows `wall` or later."""
        first, second = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if second < first:
            return self._change_between(second, first)
        return first if first > moment else second

    def _change_between(self, before: datetime, after: datetime) -> datetime:
        """Return the second at which clocks are changed between two moments."""
        old = before.astimezone(self.zone).utcoffset()
        seconds = int((after - before).total_seconds())
        low, high = 0, seconds
        while low < high:
            middle = (low + high) // 2
            if (before + timedelta(seconds=middle)).astimezone(self.zone).utcoffset() == old:
                low = middle + 1
            else:
                high = middle
        return before + timedelta(seconds=low)

    # -- from now to the due dates that matter now

    def not_later_than_moved(self, moment: datetime) -> datetime:
        """Return a moment before which nothing is moved to `moment` or later: quiet spans are left behind.

        At most a day earlier than the quiet hours and days off that `moment` lies in or after began.
        """
        if self.quiet is None and not self.only_on_workdays:
            return moment
        day = moment.astimezone(self.zone).date() - DAY
        while self.only_on_workdays and not self.is_workday(day):
            day -= DAY
        return self._at(datetime.combine(day, time())) - LONGEST_CLOCK_CHANGE

    def days_from(self, first: datetime, last: datetime) -> tuple[datetime, datetime]:
        """Return a span that holds the UTC midnight of every day that begins here between the two."""
        away = [moment.astimezone(self.zone).utcoffset() or timedelta() for moment in (first, last)]
        return first + min(away) - LONGEST_CLOCK_CHANGE, last + max(away) + LONGEST_CLOCK_CHANGE

    def shifted_from(self, first: datetime, last: datetime, offset: Offset) -> tuple[datetime, datetime]:
        """Return a span that holds every moment which `shift` puts between the two.

        It is exact for hours, wider by a clock change for days, and of whole days for workdays.
        """
        if offset.unit is Unit.HOURS:
            away = timedelta(hours=offset.amount)
            return first - away, last - away
        if offset.unit is Unit.DAYS:
            away = timedelta(days=offset.amount)
            return first - away - LONGEST_CLOCK_CHANGE, last - away + LONGEST_CLOCK_CHANGE
        low = (first - LONGEST_CLOCK_CHANGE).astimezone(self.zone).date()
        high = (last + LONGEST_CLOCK_CHANGE).astimezone(self.zone).date()
        amount = offset.amount
        earliest, latest = low - amount * DAY, high - amount * DAY
        if amount < 0:
            while self.shift_day(latest + DAY, amount) <= high:
                latest += DAY
        else:
            while self.shift_day(earliest - DAY, amount) >= low:
                earliest -= DAY
        return (
            self._at(datetime.combine(earliest, time())) - LONGEST_CLOCK_CHANGE,
            self._at(datetime.combine(latest + DAY, time())) + LONGEST_CLOCK_CHANGE,
        )


def parse_zone(text: str) -> str:
    """Return the name of a time zone; ValueError for another text."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{text!r} is no time zone; write one such as Europe/Berlin or UTC") from None
    return text


def parse_quiet_hours(text: str) -> QuietHours:
    """Read "19:00-08:00"; ValueError says what is wrong with another text."""
    match = _QUIET.fullmatch(text)
    if match is None or match.group(1, 2) == match.group(3, 4):
        raise ValueError(f"{text!r} are no quiet hours; write them as '19:00-08:00', not all day long")
    return QuietHours(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))


def parse_workdays(days: Collection[str]) -> frozenset[int]:
    """Read names of days; ValueError where there is none, or one is no day."""
    for day in days:
        if day not in _WEEK:
            raise ValueError(f"{day!r} is no day; allowed: {', '.join(_WEEK)}")
    if not days:
        raise ValueError(f"needs at least one day; allowed: {', '.join(_WEEK)}")
    return frozenset(_WEEK.index(day) for day in days)


@functools.cache
def public_holidays(place: str) -> Container[date]:
    """Return the public holidays of a country ("DE") or its subdivision ("DE-BY"), of any year.

    ValueError says what is wrong with another text.
    """
    # Imported where a policy names a place: the functions that load none start faster.
    import holidays  # noqa: PLC0415

    country, _, subdivision = place.partition("-")
    try:
        of_country = holidays.country_holidays(country)
    except NotImplementedError:
        raise ValueError(
            f"{place!r}: no holidays are known of {country!r}; write a country such as 'DE'"
        ) from None
    if not subdivision:
        return of_country
    if subdivision not in of_country.subdivisions:
        raise ValueError(
            f"{place!r}: {country} has no {subdivision!r}; allowed: {country}, "
            + ", ".join(f"{country}-{each}" for each in of_country.subdivisions)
        )
    return holidays.country_holidays(country, subdiv=subdivision)


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The public holidays of a place, if one is named, and days of one's own."""

    public: Container[date]
    own: frozenset[date]

    def __contains__(self, day: object) -> bool:
        return day in self.own or day in self.public
