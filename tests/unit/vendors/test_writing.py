from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar

import pytest
from pydantic import Field

from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.writing import (
    CalendarDay,
    Email,
    Guid,
    Instant,
    MimeType,
    RequestModel,
    Switch,
)

GUID = "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d"


class Part(RequestModel):
    vendor: ClassVar[str] = "testing"
    nullable: ClassVar[frozenset[str]] = frozenset({"due"})
    due: Instant | None = None
    word: str | None = None


class Sample(RequestModel):
    vendor: ClassVar[str] = "testing"
    nullable: ClassVar[frozenset[str]] = frozenset({"end-date"})
    email: Email | None = None
    guid: Guid | None = None
    due: Instant | None = None
    end_date: CalendarDay | None = Field(default=None, alias="end-date")
    on: Switch | None = None
    type: MimeType | None = None
    part: Part | None = None
    parts: tuple[Part, ...] | None = None


@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        ("email", "tom.jerry@tj.com", "tom.jerry@tj.com"),
        ("email", "a+b_c@sub.example.co.uk", "a+b_c@sub.example.co.uk"),
        ("email", "jürgen@bücher.example", "jürgen@bücher.example"),
        ("guid", GUID, GUID),
        ("guid", GUID.upper(), GUID),
        ("due", datetime(2024, 11, 30, 8, 37, 46, tzinfo=UTC), "2024-11-30T08:37:46.000Z"),
        ("due", datetime(2024, 11, 30, 8, 37, 46, 123999, tzinfo=UTC), "2024-11-30T08:37:46.123Z"),
        (
            "due",
            datetime(2024, 11, 30, 8, 0, tzinfo=timezone(timedelta(hours=-5))),
            "2024-11-30T13:00:00.000Z",
        ),
        ("due", "2024-11-30T08:37:46Z", "2024-11-30T08:37:46.000Z"),
        ("due", datetime(900, 1, 2, tzinfo=UTC), "0900-01-02T00:00:00.000Z"),
        ("on", False, False),
        ("type", "image/svg+xml", "image/svg+xml"),
        ("type", "application/vnd.adobe.illustrator", "application/vnd.adobe.illustrator"),
    ],
)
def test_value_is_sent_when_valid(field: str, value: Any, sent: Any) -> None:
    assert json.loads(Sample(**{field: value}).json_body()) == {field: sent}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a@b.co."),
        ("email", "a.@b.co"),
        ("email", ".a@b.co"),
        ("email", "a..b@b.co"),
        ("email", "a@localhost"),
        ("email", "tom@xyz,com"),
        ("email", "a@b..co"),
        ("email", "a@-b.co"),
        ("email", "Tom <a@b.co>"),
        ("email", "a@b.co, c@d.co"),
        ("email", "a@b.co\n"),
        ("email", " a@b.co"),
        ("email", ""),
        ("email", "a" * 65 + "@b.co"),
        ("email", "a@" + "b." * 130 + "co"),
        ("guid", GUID + "."),
        ("guid", GUID.replace("-", "")),
        ("guid", "{" + GUID + "}"),
        ("guid", f"urn:uuid:{GUID}"),
        ("guid", "et"),
        ("guid", ""),
        ("due", datetime(2024, 11, 30)),  # noqa: DTZ001 - a moment without a zone is the point
        ("due", "2024-11-30T08:37:46.000Z."),
        ("due", "9999-12-31T23:59:59-05:00"),
        ("due", "2024-11-30"),
        ("due", 1_732_955_866),
        ("end_date", 20_000),
        ("end_date", datetime(2024, 11, 30, 8, tzinfo=UTC)),
        ("on", 1),
        ("on", "true"),
        ("type", "pdf"),
        ("type", "application/pdf."),
        ("type", "application/pdf\r\nX: 1"),
        ("unknown", 1),
        ("email", "\ud800@b.co"),
    ],
)
def test_value_is_refused_when_vendor_would_refuse_it(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Sample(**{field: value})
    error = caught.value
    assert error.field == field
    assert error.rule
    assert (error.vendor, error.operation) == ("testing", "Sample")


def test_field_is_left_out_when_none_unless_none_means_empty() -> None:
    assert Sample().fields() == {}
    assert Sample(email=None, on=None).fields() == {}
    assert Sample(end_date=None).fields() == {"end-date": None}
    assert Sample(end_date=date(2024, 1, 31)).fields() == {"end-date": "2024-01-31"}


def test_parts_follow_the_same_rules_when_nested() -> None:
    sample = Sample(part=Part(due=None, word=None), parts=(Part(word="x"), Part()))
    assert json.loads(sample.json_body()) == {"part": {"due": None}, "parts": [{"word": "x"}, {}]}
    with pytest.raises(InvalidRequestError) as caught:
        Sample(part={"due": "soon"})
    assert (caught.value.operation, caught.value.field) == ("Part", "due")


def test_request_cannot_be_changed_when_made() -> None:
    sample = Sample(on=True)
    with pytest.raises(Exception, match="frozen"):
        sample.on = False  # type: ignore[misc]
