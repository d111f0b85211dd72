"""Forms in which vendors send values, read without fuss: blank for none, numbers as text and the reverse.

What can't be read at all (a status that is a list, an id that is missing) is still a `DecodeError`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from proofbridge.domain.items import in_utc

S = TypeVar("S")


class AnswerModel(BaseModel):
    """The base of every model that reads a vendor's answer: fields we don't know are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _as_text(value: Any) -> Any:
    """Turn a number into text: ids are documented as strings and sent as numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _none_if_blank(value)


def _as_moment(value: Any) -> Any:
    """Read an ISO 8601 date-time or date; without a zone it is UTC, a date is its first moment."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else in_utc(moment)


def _as_day(value: Any) -> Any:
    """Read the date from a date or a date-time."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    return datetime.fromisoformat(text).date() if text else None


def _as_list(value: Any) -> Any:
    return [] if value is None or value == "" else value


def _as_part(value: Any) -> Any:
    """Take a blank, or PHP's empty array, for an object that isn't there."""
    return None if value in ("", []) else value


def _as_mapping(value: Any) -> Any:
    """Take PHP's empty array, which is what an empty object becomes there, for an empty mapping."""
    return {} if value in (None, "", []) else value


Text = Annotated[str | None, BeforeValidator(_as_text)]
"""Text or a number; None when blank."""

RequiredText = Annotated[str, BeforeValidator(_as_text)]
"""Text or a number; blank is an error."""

Count = Annotated[int | None, BeforeValidator(_none_if_blank)]
"""An integer, perhaps written as text; None when blank."""

Amount = Annotated[float | None, BeforeValidator(_none_if_blank)]
"""A number, perhaps written as text; None when blank."""

Flag = Annotated[bool | None, BeforeValidator(_none_if_blank)]
"""True or false, 1 or 0, "1" or "0", "true" or "false"; None when blank."""

Moment = Annotated[datetime | None, BeforeValidator(_as_moment)]
"""An aware moment in UTC; None when blank."""

Day = Annotated[date | None, BeforeValidator(_as_day)]
"""A calendar day; None when blank."""

Known = Annotated[S | str | None, Field(union_mode="left_to_right"), BeforeValidator(_as_text)]
"""`Known[Enum]`: a member where the value is one, else the text as it came; None when blank."""

Many = Annotated[tuple[S, ...], BeforeValidator(_as_list)]
"""`Many[Model]`: a list; empty when null or blank."""

Part = Annotated[S | None, BeforeValidator(_as_part)]
"""`Part[Model]`: an object; None when null, blank or an empty array."""

Mapping = Annotated[dict[str, Any], BeforeValidator(_as_mapping)]
"""A JSON object with free keys; empty when null, blank or an empty array."""
