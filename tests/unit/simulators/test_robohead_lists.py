from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulators.calls import Caller
from tests.unit.simulators.test_robohead_reviews import full, refused

COLUMNS = [
    "id",
    "reviewName",
    "startDate",
    "statusString",
    "numComments",
    "creatorDisplayName",
    "createdOn",
    "endDate",
    "modifierDisplayName",
    "modifiedOn",
    "progressString",
    "reviewOwners",
    "reviewTypeString",
    "projectName",
    "projectNumber",
]


def comparator(robohead: Caller, field_type: int, name: str) -> int:
    query = f"/form.do?cmd=ListFieldComparator&fieldTypeId={field_type}"
    return next(int(each["id"]) for each in robohead.call("GET", query)["List"] if each["name"] == name)


def listed(robohead: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = robohead.call("GET", "/review.do", params={"cmd": "ListReview", **query})
    assert list(answer) == ["List"], answer
    rows: list[dict[str, Any]] = answer["List"]
    return rows


def filtered(robohead: Caller, column: str, name: str, value: str, field_type: int) -> list[str]:
    query = {
        "filterColumn": column,
        "comparatorId": comparator(robohead, field_type, name),
        "filterValue": value,
        "fieldType": field_type,
    }
    return [row["reviewName"] for row in listed(robohead, **query)]


def test_rows_have_the_documented_columns_when_listed(robohead: Caller) -> None:
    full(robohead, endDate="03/20/2031")
    (row,) = listed(robohead)
    assert list(row) == COLUMNS
    assert (row["statusString"], row["progressString"]) == ("In Progress", "reviewers notified")
    assert (row["reviewTypeString"], row["projectNumber"]) == ("Request Approval", 501)
    assert row["endDate"] == "03/20/2031"
    robohead.settings(date_form="iso")
    assert listed(robohead)[0]["endDate"] == "2031-03-20"


def test_pages_are_cut_by_page_or_start_when_listed(robohead: Caller) -> None:
    for number in range(5):
        full(robohead, reviewName=f"R{number}")

    def names(**query: Any) -> list[str]:
        return [row["reviewName"] for row in listed(robohead, **query)]

    assert names(page=1, start=0, limit=2) == names(limit=2) == ["R0", "R1"]
    assert names(page=3, start=4, limit=2) == names(page=3, limit=2) == names(start=4, limit=2) == ["R4"]
    assert names(page=4, limit=2) == []
    assert names(limit=-1) == names(page=1, start=0, limit=-1) == ["R0", "R1", "R2", "R3", "R4"]
    robohead.settings(page_size=3)
    assert names() == ["R0", "R1", "R2"]


@pytest.mark.parametrize(
    "query",
    [{"page": 2, "start": 0, "limit": 2}, {"page": 0}, {"limit": 0}, {"limit": -2}, {"page": 2, "limit": -1}],
)
def test_page_is_refused_when_its_numbers_contradict(robohead: Caller, query: dict[str, int]) -> None:
    answer = robohead.call("GET", "/review.do", params={"cmd": "ListReview", **query})
    assert answer["success"] is False
    assert robohead.violation()


@pytest.mark.parametrize(
    ("column", "name", "value", "field_type", "found"),
    [
        ("reviewName", "is", "front label", 1, ["Front label"]),
        ("reviewName", "is not", "Front label", 1, ["Back"]),
        ("reviewName", "contains", "LABEL", 1, ["Front label"]),
        ("reviewName", "starts with", "ba", 1, ["Back"]),
        ("projectName", "ends with", "work", 1, ["Front label", "Back"]),
        ("formattedProjectNumber", "is", "P-000501", 1, ["Front label", "Back"]),
        ("numComments", "at least", "1", 3, ["Back"]),
        ("numComments", "is", "0", 3, ["Front label"]),
        ("reviewTypeString", "is", "1", 7, ["Back"]),
        ("createdBy", "is", "101", 7, ["Front label", "Back"]),
        ("createdBy", "is not", "101", 7, []),
        ("statusString", "in", "1,2", 9, ["Front label", "Back"]),
        ("statusString", "not in", "1,2", 9, []),
        ("progressString", "in", "4,5", 9, ["Front label", "Back"]),
        ("startDate", "is", "01/01/2026", 4, ["Front label"]),
        ("endDate", "before", "03/20/2031", 4, ["Back"]),
        ("endDate", "on or after", "03/20/2031", 4, ["Front label"]),
    ],
)
def test_reviews_are_found_when_they_fit_a_filter(
    robohead: Caller, column: str, name: str, value: str, field_type: int, found: list[str]
) -> None:
    full(robohead, reviewName="Front label", startDate="01/01/2026", endDate="03/20/2031")
    back = full(robohead, reviewName="Back", reviewType="1", endDate="03/19/2031")
    robohead.act("comment", review=back, comment="x")
    assert filtered(robohead, column, name, value, field_type) == found


def test_filters_are_all_to_hold_when_there_are_several(robohead: Caller) -> None:
    full(robohead, reviewName="Front")
    full(robohead, reviewName="Front", reviewType="1")
    query = {
        "filterColumn": ["reviewName", "reviewTypeString"],
        "comparatorId": [comparator(robohead, 1, "is"), comparator(robohead, 7, "is")],
        "filterValue": ["Front", "2"],
        "fieldType": [1, 7],
    }
    assert [row["reviewTypeString"] for row in listed(robohead, **query)] == ["Request Approval"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"filterColumn": "status"}, "filterColumn"),
        ({"fieldType": 1}, "fieldType"),
        ({"comparatorId": 1}, "comparatorId"),
        ({"filterValue": "one"}, "filterValue"),
        ({"filterValue": ["1", "2"]}, "in step"),
    ],
)
def test_filter_is_refused_when_a_part_is_wrong(
    robohead: Caller, change: dict[str, Any], reason: str
) -> None:
    query = {"filterColumn": "statusString", "comparatorId": 23, "filterValue": "1", "fieldType": 9, **change}
    refused(robohead, robohead.call("GET", "/review.do", params={"cmd": "ListReview", **query}), reason)


def test_comments_are_found_by_author_day_file_and_version_when_filtered(robohead: Caller) -> None:
    robohead.control("POST", "/clock", json={"now": "2031-01-01T12:00:00Z"})
    review_id = full(robohead)
    robohead.act("approve", review=review_id, by=102, comment="Fine")
    robohead.control("POST", "/clock", json={"now": "2031-01-02T12:00:00Z"})
    robohead.act("comment", review=review_id, by=103, comment="Wait")

    def found(column: str, name: str, value: str, field_type: int) -> list[str]:
        query = {
            "cmd": "ListReviewAllComments",
            "reviewId": review_id,
            "filterColumn": column,
            "comparatorId": comparator(robohead, field_type, name),
            "filterValue": value,
            "fieldType": field_type,
        }
        return [each["comment"] for each in robohead.call("GET", "/review.do", params=query)["List"]]

    assert found("author", "in", "102", 9) == ["Fine"]
    assert found("created_on", "after", "01/01/2031", 4) == ["Wait"]
    assert found("fileId", "is", "label.pdf", 1) == ["Fine", "Wait"]
    assert found("version", "is", "2", 3) == []
    answer = robohead.call("GET", f"/review.do?cmd=ListReviewAllComments&reviewId={review_id}&limit=1")
    (comment,) = answer["List"]
    assert (comment["author"], comment["createdOn"]) == (102, "2031-01-01T12:00:00")


def test_options_of_lists_are_shown_when_asked_for(robohead: Caller) -> None:
    types = robohead.call("GET", "/list.do?cmd=GetListByType&type=23")["List"]
    assert types == [{"value": 1, "name": "Comments/Feedback"}, {"value": 2, "name": "Request Approval"}]
    statuses = robohead.call("GET", "/list.do?cmd=GetListByType&type=25")["List"]
    assert [each["name"] for each in statuses if each["value"] == 3] == [
        "Completed",
        "Completed and approved",
    ]
    refused(robohead, robohead.call("GET", "/list.do?cmd=GetListByType&type=24"), "type")
    refused(robohead, robohead.call("GET", "/form.do?cmd=ListFieldComparator&fieldTypeId=2"), "fieldTypeId")


def test_users_are_listed_when_asked_for(robohead: Caller) -> None:
    users = robohead.call("GET", "/user.do?cmd=ListAccountActiveUser&limit=2")["List"]
    assert [(user["id"], user["email"]) for user in users] == [
        (101, "owner@printshop.test"),
        (102, "reviewer@brand.test"),
    ]
