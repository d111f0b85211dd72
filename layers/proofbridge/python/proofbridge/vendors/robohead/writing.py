"""The forms in which RoboHead takes values, shared by what is written and by filters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, ClassVar

from pydantic import Field, PlainSerializer, Strict, StrictBool, StrictInt, StringConstraints

from proofbridge.vendors.writing import CalendarDay, Instant, RequestModel

from .enums import Numbered

YES = 1
NO = 2


def yes_or_no(on: bool) -> int:  # noqa: FBT001 - the value itself
    """Return how RoboHead writes true and false: 1 and 2."""
    return YES if on else NO


def us_day(day: date) -> str:
    """Return a day as mm/dd/yyyy."""
    return f"{day:%m/%d/}{day.year:04d}"


def naive_moment(moment: datetime) -> str:
    """Return an aware moment in UTC without its zone, as in 2016-07-08T15:25:47."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def joined(values: tuple[object, ...]) -> str:
    """Return values joined by commas, members by their numbers."""
    return ",".join(str(value.value if isinstance(value, Numbered) else value) for value in values)


class RoboHeadRequest(RequestModel):
    """The base of what is written to RoboHead."""

    vendor: ClassVar[str] = "robohead"


Id = Annotated[StrictInt, Field(ge=1)]
IdOrNew = Annotated[StrictInt, Field(ge=0)]
"""An id; 0 stands for what is new."""
Line = Annotated[str, StringConstraints(min_length=1)]
YesNo = Annotated[StrictBool, PlainSerializer(yes_or_no)]
UsDay = Annotated[CalendarDay, PlainSerializer(us_day)]
NaiveMoment = Annotated[Instant, PlainSerializer(naive_moment)]
UserIds = Annotated[tuple[Id, ...], Field(min_length=1), PlainSerializer(joined)]
Member = Strict()
"""Takes members of the one enum only: a bare number would not say which meaning it has."""
