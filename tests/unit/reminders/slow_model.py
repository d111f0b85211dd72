"""The rules of reminders once more: plain and slow, a minute at a time, and without a look at the code."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FAR = timedelta(hours=40)
"""Longer than any zone is away from UTC, and a clock change more."""

PATIENCE = timedelta(hours=25)


@dataclass(frozen=True)
class Rules:
    """Where and when people can be reminded."""

    zone: str = "UTC"
    workdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    days_off: tuple[date, ...] = ()
    quiet: tuple[time, time] | None = None
    only_on_workdays: bool = False

    def clock(self, moment: datetime) -> datetime:
        """What a clock there shows."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def works(self, day: date) -> bool:
        return day.weekday() in self.workdays and day not in self.days_off

    def when_clock_shows(self, wall: datetime) -> datetime:
        """The first moment; for a time that the clocks skip, as much later as they skip."""
        moment = wall.replace(tzinfo=UTC, second=0, microsecond=0) - FAR
        rest = wall - wall.replace(second=0, microsecond=0)
        wall -= rest
        end = moment + 2 * FAR
        while moment < end:
            shown, then = self.clock(moment), self.clock(moment + MINUTE)
            if shown == wall:
                return moment + rest
            if shown < wall < then and then - shown > MINUTE:
                return self.when_clock_shows(wall + (then - shown - MINUTE)) + rest
            moment += MINUTE
        raise AssertionError(f"no clock in {self.zone} ever shows {wall}")

    def shifted(self, moment: datetime, amount: int, unit: str) -> datetime:
        if not amount:
            return moment
        if unit == "h":
            return moment + amount * timedelta(hours=1)
        shown = self.clock(moment)
        day, left = shown.date(), abs(amount)
        while left:
            day += DAY if amount > 0 else -DAY
            if unit == "d" or self.works(day):
                left -= 1
        return self.when_clock_shows(datetime.combine(day, shown.time()))

    def may_remind(self, moment: datetime) -> bool:
        shown = self.clock(moment)
        if self.only_on_workdays and not self.works(shown.date()):
            return False
        if self.quiet is None:
            return True
        start, end = self.quiet
        now = shown.time()
        inside = start <= now < end if start < end else (now >= start or now < end)
        return not inside

    def moved(self, moment: datetime) -> datetime:
        """The first moment from then on at which somebody may be reminded."""
        if self.may_remind(moment):
            return moment
        moment = moment.replace(second=0, microsecond=0)
        while not self.may_remind(moment):
            moment += MINUTE
        return moment


@dataclass(frozen=True)
class Step:
    """One reminder: so far from the due date."""

    name: str
    amount: int
    unit: str


Key = tuple[str, datetime, str]


def sent(
    runs: Iterable[datetime], state: Sequence[tuple[datetime, datetime, frozenset[str]]], rules: Rules,
    steps: Sequence[Step],
) -> list[tuple[int, Key]]:  # fmt: skip
    """What goes out at which run.

    `state` says from which moment on the item is due when, and who has to decide. A person hears of an item
    once at a time: of the newest that came in the last 25 hours, and never of the same again.
    """
    used: set[Key] = set()
    out = []
    for number, now in enumerate(runs):
        known = [entry for entry in state if entry[0] <= now]
        if not known:
            continue
        _, due, people = known[-1]
        for person in sorted(people):
            came = []
            for step in steps:
                nominal, at = _moments(rules, due, step)
                if now - PATIENCE < at <= now:
                    came.append((at, nominal, step.name))
            if came:
                newest = max(came, key=lambda each: each[:2])
                key = (person, due, newest[2])
                if key not in used:
                    out.append((number, key))
                    used |= {(person, due, name) for _, _, name in came}
    return out


@functools.cache
def _moments(rules: Rules, due: datetime, step: Step) -> tuple[datetime, datetime]:
    nominal = rules.shifted(due, step.amount, step.unit)
    return nominal, rules.moved(nominal)
