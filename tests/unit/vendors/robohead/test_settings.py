from __future__ import annotations

import pytest

from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import FieldType
from proofbridge.vendors.robohead.filters import ReviewNameFilter
from proofbridge.vendors.robohead.operations import OPERATIONS
from proofbridge.vendors.robohead.settings import Command, Commands
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.robohead.requests_seen import multipart, path, query


def test_operations_are_these_when_table_is_walked() -> None:
    assert {
        operation.name: (operation.method, operation.path, operation.retry_safe) for operation in OPERATIONS
    } == {
        "reviews.list": ("GET", "/review.do?cmd=ListReview", True),
        "reviews.get": ("GET", "/review.do?cmd=GetReview", True),
        "reviews.add": ("POST", "/review.do?cmd=AddReview", False),
        "reviews.update": ("POST", "/review.do?cmd=UpdateReview", True),
        "comments.list": ("GET", "/review.do?cmd=ListReviewAllComments", True),
        "files.upload": ("POST", "/file.do", False),
        "comparators.list": ("GET", "/form.do?cmd=ListFieldComparator", True),
        "lists.by_type": ("GET", "/list.do?cmd=GetListByType", True),
        "users.list": ("GET", "/user.do?cmd=ListAccountActiveUser", True),
    }
    assert {operation.name for operation in OPERATIONS if operation.outside} == {
        "reviews.get",
        "files.upload",
    }
    assert {operation.name for operation in OPERATIONS if operation.transfer} == {"files.upload"}
    assert all(operation.section and operation.authenticated for operation in OPERATIONS)


def test_every_operation_has_a_method_when_client_is_walked(robohead: RoboHead) -> None:
    for operation in OPERATIONS:
        area, _, method = operation.name.partition(".")
        assert callable(getattr(getattr(robohead, area), method))


def test_commands_are_called_as_named_when_settings_differ(vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b'{"List": [], "fileId": 1}')
    commands = Commands(
        list_reviews=Command("reviews", "FindReview"),
        upload_file=Command("document", "AddFile"),
        comparator_ids={FieldType.TEXT: {"is": 41}},
    )
    with RoboHead(base_url=vendor.url, api_key="k", commands=commands) as robohead:
        list(robohead.reviews.list([ReviewNameFilter(comparator="Is", value="a")]))
        robohead.files.upload(LocalFile(BytesSource(b"x"), "x.pdf"))
    listed, uploaded = vendor.received  # the comparator's id was known, so it wasn't asked for
    assert path(listed) == "/reviews.do"
    assert query(listed)[0] == ("cmd", "FindReview")
    assert ("comparatorId", "41") in query(listed)
    assert path(uploaded) == "/document.do"
    assert multipart(uploaded)[0] == ("cmd", None, b"AddFile")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../x", "a&b=c", "1st", "{module}", "x" * 101])
def test_command_is_refused_when_no_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="must be a name"):
        Command("review", name)
    with pytest.raises(ValueError, match="must be a name"):
        Command(name, "ListReview")


def test_commands_are_read_from_texts_when_named() -> None:
    commands = Commands.named({"add_comment": "review.Say"}, {"single select": {"Is": 7}})
    assert commands == Commands(
        add_comment=Command("review", "Say"), comparator_ids={FieldType.SINGLE_SELECT: {"is": 7}}
    )
