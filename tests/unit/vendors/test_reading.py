from __future__ import annotations

import enum
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from proofbridge.vendors.reading import (
    Amount,
    AnswerModel,
    Count,
    Day,
    Flag,
    Known,
    Many,
    Mapping,
    Moment,
    RequiredText,
    Text,
)


class Colour(enum.StrEnum):
    RED = "red"


class Sample(AnswerModel):
    text: Text = None
    count: Count = None
    amount: Amount = None
    flag: Flag = None
    moment: Moment = None
    day: Day = None
    known: Known[Colour] = None
    many: Many[int] = ()
    mapping: Mapping = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("field", "sent", "read"),
    [
        ("text", "a", "a"),
        ("text", 12, "12"),
        ("text", 1.5, "1.5"),
        ("text", "", None),
        ("text", "  ", None),
        ("text", None, None),
        ("count", 3, 3),
        ("count", "3", 3),
        ("count", "-1", -1),
        ("count", "", None),
        ("count", None, None),
        ("amount", "1.5", 1.5),
        ("amount", 2, 2.0),
        ("amount", "", None),
        ("flag", True, True),
        ("flag", 1, True),
        ("flag", 0, False),
        ("flag", "1", True),
        ("flag", "0", False),
        ("flag", "true", True),
        ("flag", "", None),
        ("moment", "2022-06-20T17:05:45.000Z", datetime(2022, 6, 20, 17, 5, 45, tzinfo=UTC)),
        ("moment", "2018-09-07T19:35:32.09136", datetime(2018, 9, 7, 19, 35, 32, 91360, tzinfo=UTC)),
        ("moment", "2018-09-20 20:14:34.636937", datetime(2018, 9, 20, 20, 14, 34, 636937, tzinfo=UTC)),
        ("moment", "2020-01-01T10:00:00", datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("moment", "2020-01-01T10:00:00+02:00", datetime(2020, 1, 1, 8, tzinfo=UTC)),
        ("moment", "2020-01-01", datetime(2020, 1, 1, tzinfo=UTC)),
        ("moment", "", None),
        ("moment", None, None),
        ("day", "2020-02-15", date(2020, 2, 15)),
        ("day", "2020-02-15T00:00:00", date(2020, 2, 15)),
        ("day", "2020-02-15T23:59:59.000Z", date(2020, 2, 15)),
        ("day", "", None),
        ("known", "red", Colour.RED),
        ("known", "violet", "violet"),
        ("known", 7, "7"),
        ("known", "", None),
        ("many", ["1", 2], (1, 2)),
        ("many", None, ()),
        ("many", "", ()),
        ("mapping", {"a": [1]}, {"a": [1]}),
        ("mapping", [], {}),
        ("mapping", None, {}),
    ],
)
def test_value_is_read_when_sent_as(field: str, sent: Any, read: Any) -> None:
    found = getattr(Sample.model_validate({field: sent, "unknown field": 1}), field)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("text", ["a"]),
        ("count", "three"),
        ("flag", "perhaps"),
        ("moment", "yesterday"),
        ("moment", "0001-01-01T00:00:00+05:00"),
        ("moment", ["2020-01-01"]),
        ("day", "15.02.2020"),
        ("known", {"id": 1}),
        ("many", {"a": 1}),
        ("mapping", "text"),
    ],
)
def test_value_is_an_error_when_it_makes_no_sense(field: str, sent: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({field: sent})
    assert caught.value.errors()[0]["loc"][0] == field


def test_required_text_is_an_error_when_blank() -> None:
    adapter = TypeAdapter(RequiredText)
    assert adapter.validate_python(5) == "5"
    with pytest.raises(ValidationError):
        adapter.validate_python("")
