"""How far from a due date something happens, as customers write it: "-2 workdays", "-4 h", "0", "+1 d"."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final


class Unit(enum.StrEnum):
    """What an offset counts."""

    HOURS = "h"
    """Hours as they pass."""
    DAYS = "d"
    """Days of the calendar: the same time on the clock, also across a change of the clocks."""
    WORKDAYS = "workdays"
    """Days of the calendar on which people work."""


@dataclass(frozen=True, slots=True)
class Offset:
    """So many units before (negative) or after a moment."""

    amount: int
    unit: Unit = Unit.HOURS

    def __str__(self) -> str:
        """Write it in the one form by which slots are known."""
        if not self.amount:
            return "0"
        unit = "workday" if self.unit is Unit.WORKDAYS and abs(self.amount) == 1 else self.unit
        return f"{self.amount:+d} {unit}"


_LIMITS: Final = {Unit.HOURS: 8784, Unit.DAYS: 366, Unit.WORKDAYS: 250}
MOST_REPEATS: Final = 60
_UNITS: Final = {"h": Unit.HOURS, "d": Unit.DAYS, "workday": Unit.WORKDAYS, "workdays": Unit.WORKDAYS}
_SINGLE: Final = re.compile(r"([+-])(\d{1,4}) (?P<unit>h|d|workdays?)")
_REPEATED: Final = re.compile(r"every (\d{1,4}) (?P<unit>h|d|workdays?) up to (\d{1,3})")


def parse_offsets(text: str) -> tuple[Offset, ...]:
    """Read one offset, or the several of "every 1 d up to 5", which begin after the due date.

    ValueError says what is wrong with another text.
    """
    if text == "0":
        return (Offset(0),)
    if (match := _SINGLE.fullmatch(text)) is not None:
        amounts = [int(match[2]) * (1 if match[1] == "+" else -1)]
    elif (match := _REPEATED.fullmatch(text)) is not None:
        step, times = int(match[1]), int(match[3])
        if not step or not 1 <= times <= MOST_REPEATS:
            raise ValueError(f"{text!r}: not every 0, and 1 to {MOST_REPEATS} times")
        amounts = [step * number for number in range(1, times + 1)]
    else:
        raise ValueError(
            f"{text!r} is no offset; write it as '0', '-4 h', '+1 d', '-2 workdays' or 'every 1 d up to 5'"
        )
    unit = _UNITS[match["unit"]]
    if abs(amounts[-1]) > _LIMITS[unit]:
        raise ValueError(f"{text!r} is too far from the due date: at most {_LIMITS[unit]} {unit}")
    return tuple(Offset(amount, unit if amount else Unit.HOURS) for amount in amounts)


def parse_offset(text: str) -> Offset:
    """Read one offset; ValueError for anything else."""
    offsets = parse_offsets(text)
    if len(offsets) != 1 or text.startswith("every"):
        raise ValueError(f"{text!r} is several; one is wanted here, such as '+1 d' or '+2 workdays'")
    return offsets[0]
