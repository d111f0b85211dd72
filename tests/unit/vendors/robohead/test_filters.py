from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.robohead import filters
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import Comparison, FieldType, FileProgress
from proofbridge.vendors.robohead.filters import (
    AuthorFilter,
    CommentCountFilter,
    CommentedOnFilter,
    CommentFilter,
    CreatorFilter,
    EndDateFilter,
    FileNameFilter,
    FileProgressFilter,
    Filter,
    ProjectNameFilter,
    ProjectNumberFilter,
    ReviewFilter,
    ReviewNameFilter,
    ReviewStatusFilter,
    ReviewTypeFilter,
    StartDateFilter,
    VersionFilter,
)
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.robohead.requests_seen import path, query

DAY = date(2026, 3, 8)
EMPTY = Reply(body=b'{"List": []}')
REVIEW_FILTERS: list[tuple[ReviewFilter, tuple[str, str, str]]] = [
    (ReviewNameFilter(comparator=5, value="Label, front"), ("reviewName", "Label, front", "1")),
    (ProjectNameFilter(comparator=5, value="Spring"), ("projectName", "Spring", "1")),
    (ProjectNumberFilter(comparator=5, value="P-17"), ("formattedProjectNumber", "P-17", "1")),
    (CommentCountFilter(comparator=5, value=0), ("numComments", "0", "3")),
    (ReviewTypeFilter(comparator=5, value=2), ("reviewTypeString", "2", "7")),
    (CreatorFilter(comparator=5, value=10), ("createdBy", "10", "7")),
    (ReviewStatusFilter(comparator=5, value=(1, 2, 3)), ("statusString", "1,2,3", "9")),
    (
        FileProgressFilter(comparator=5, value=(FileProgress.NOT_UPLOADED, FileProgress.NOT_READY)),
        ("progressString", "7,1", "9"),
    ),
    (StartDateFilter(comparator=5, value=DAY), ("startDate", "03/08/2026", "4")),
    (EndDateFilter(comparator=5, value=DAY), ("endDate", "03/08/2026", "4")),
]
COMMENT_FILTERS: list[tuple[CommentFilter, tuple[str, str, str]]] = [
    (AuthorFilter(comparator=5, value=(10, 20)), ("author", "10,20", "9")),
    (CommentedOnFilter(comparator=5, value=DAY), ("created_on", "03/08/2026", "4")),
    (FileNameFilter(comparator=5, value="label.pdf"), ("fileId", "label.pdf", "1")),
    (VersionFilter(comparator=5, value=2), ("version", "2", "3")),
]


def conditions(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    names = {"filterColumn", "comparatorId", "filterValue", "fieldType"}
    return [(name, value) for name, value in fields if name in names]


def as_sent(column: str, value: str, field_type: str, comparator: str = "5") -> list[tuple[str, str]]:
    return [
        ("filterColumn", column),
        ("comparatorId", comparator),
        ("filterValue", value),
        ("fieldType", field_type),
    ]


def test_every_documented_column_has_a_filter_when_walked() -> None:
    kinds = {
        kind
        for kind in vars(filters).values()
        if isinstance(kind, type) and issubclass(kind, Filter) and hasattr(kind, "column")
    }
    assert kinds == {type(it) for it, _ in REVIEW_FILTERS} | {type(it) for it, _ in COMMENT_FILTERS}


@pytest.mark.parametrize(("condition", "sent"), REVIEW_FILTERS, ids=lambda it: type(it).__name__)
def test_condition_is_sent_when_reviews_are_filtered(
    robohead: RoboHead, vendor: LocalVendor, condition: ReviewFilter, sent: tuple[str, str, str]
) -> None:
    vendor.usual = EMPTY
    assert list(robohead.reviews.list([condition])) == []
    assert conditions(query(vendor.received[0])) == as_sent(*sent)


@pytest.mark.parametrize(("condition", "sent"), COMMENT_FILTERS, ids=lambda it: type(it).__name__)
def test_condition_is_sent_when_comments_are_filtered(
    robohead: RoboHead, vendor: LocalVendor, condition: CommentFilter, sent: tuple[str, str, str]
) -> None:
    vendor.usual = EMPTY
    assert list(robohead.comments.list(4, [condition])) == []
    assert conditions(query(vendor.received[0])) == as_sent(*sent)
    assert ("reviewId", "4") in query(vendor.received[0])


def test_conditions_stay_in_step_when_there_are_several(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = EMPTY
    list(robohead.reviews.list([condition for condition, _ in REVIEW_FILTERS]))
    expected = [pair for _, sent in REVIEW_FILTERS for pair in as_sent(*sent)]
    assert conditions(query(vendor.received[0])) == expected


def test_comparator_is_asked_for_once_when_given_by_name(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.usual = EMPTY
    vendor.answer(
        Reply(
            body=b'{"List": [{"comparatorId": 31, "comparatorName": "is"},'
            b'{"comparatorId": 32, "comparatorName": "Is Not"}]}'
        )
    )
    wanted = [
        ReviewNameFilter(comparator=Comparison.IS, value="a"),
        ProjectNameFilter(comparator=Comparison.IS_NOT, value="b"),
    ]
    list(robohead.reviews.list(wanted))
    list(robohead.reviews.list(wanted))
    asked, first, second = vendor.received
    assert path(asked) == "/form.do"
    assert query(asked) == [("cmd", "ListFieldComparator"), ("fieldTypeId", "1")]
    for request in (first, second):
        assert conditions(query(request)) == [
            *as_sent("reviewName", "a", "1", "31"),
            *as_sent("projectName", "b", "1", "32"),
        ]


def test_offered_comparators_are_named_when_there_is_none_of_the_name(
    robohead: RoboHead, vendor: LocalVendor
) -> None:
    vendor.answer(Reply(body=b'{"List": [{"id": 1, "name": "is"}, {"id": 2, "name": "between"}]}'))
    with pytest.raises(InvalidRequestError, match="a date column has: is, between") as caught:
        list(robohead.reviews.list([EndDateFilter(comparator="after", value=DAY)]))
    assert caught.value.field == "endDate.comparator"
    assert len(vendor.received) == 1


def test_condition_is_refused_when_of_the_other_list(robohead: RoboHead, vendor: LocalVendor) -> None:
    wrong: Any = VersionFilter(comparator=1, value=2)
    with pytest.raises(InvalidRequestError, match="ReviewFilter"):
        list(robohead.reviews.list([wrong]))
    wrong = ReviewNameFilter(comparator=1, value="a")
    with pytest.raises(InvalidRequestError, match="CommentFilter"):
        list(robohead.comments.list(4, [wrong]))
    assert not vendor.received


@pytest.mark.parametrize(
    ("kind", "comparator", "value"),
    [
        (ReviewNameFilter, 1, ""),
        (ReviewNameFilter, 1, 5),
        (ReviewNameFilter, -1, "a"),
        (ReviewNameFilter, "", "a"),
        (ReviewNameFilter, None, "a"),
        (ReviewNameFilter, True, "a"),
        (CommentCountFilter, 1, "3"),
        (CommentCountFilter, 1, -1),
        (CreatorFilter, 1, 0),
        (CreatorFilter, 1, (10, 20)),
        (ReviewTypeFilter, 1, "Request Approval"),
        (ReviewStatusFilter, 1, ()),
        (ReviewStatusFilter, 1, ("1",)),
        (FileProgressFilter, 1, (1,)),
        (FileProgressFilter, 1, ()),
        (StartDateFilter, 1, "03/08/2026"),
        (StartDateFilter, 1, 0),
        (AuthorFilter, 1, ()),
        (AuthorFilter, 1, (0,)),
        (FileNameFilter, 1, 55),
        (VersionFilter, 1, 1.5),
    ],
)
def test_condition_is_refused_when_value_is_not_of_the_columns_type(
    kind: type[Filter], comparator: Any, value: Any
) -> None:
    with pytest.raises(InvalidRequestError):
        kind(comparator=comparator, value=value)


def test_comparators_are_listed_when_asked_for_a_type(robohead: RoboHead, vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b'{"List": [{"id": 1, "name": "is"}]}'))
    (comparator,) = robohead.comparators.list(FieldType.MULTI_SELECT)
    assert (comparator.id, comparator.name) == (1, "is")
    assert ("fieldTypeId", "9") in query(vendor.received[0])
