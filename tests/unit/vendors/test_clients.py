from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import DecodeError, VendorTimeoutError
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.inputs import JobFilter
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.robohead.client import RoboHead
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import ManualClock

GUID = "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d"


def page(number: int, last: int | None, *names: str) -> Reply:
    jobs = ",".join(f'{{"guid": "{name}"}}' for name in names)
    meta = "null" if last is None else f'{{"current_page": {number}, "last_page": "{last}"}}'
    links = '{"next": "http://127.0.0.1:1/api/v1/jobs?page=9"}'
    return Reply(body=f'{{"data": [{jobs}], "meta": {meta}, "links": {links}}}'.encode())


@pytest.mark.parametrize(
    ("client", "origin"), [(Good2Go, "www.review.good2gosoftware.com"), (GoodDay, "api.goodday.work")]
)
def test_client_needs_a_token_only_when_used_on_its_own(client: Any, origin: str) -> None:
    with client(token="secret-token") as made:
        assert repr(made) == f"{client.__name__}(base_url='https://{origin}')"


@pytest.mark.parametrize("client", [Good2Go, GoodDay, ApprovalStudio, RoboHead])
def test_example_is_python_when_copied_from_the_modules_docstring(client: type[object]) -> None:
    text = sys.modules[client.__module__].__doc__ or ""
    title, _, example = text.partition("\n\n")
    assert title.endswith("client.")
    assert ast.parse(example).body


@pytest.mark.parametrize("client", [Good2Go, GoodDay])
def test_connection_is_reused_when_client_is_bound_to_deadlines(vendor: LocalVendor, client: Any) -> None:
    vendor.usual = Reply(body=b'{"guid": "x", "id": "x", "data": []}')
    with client(token="t0ken", base_url=vendor.url) as made:
        areas = ("jobs", GUID) if client is Good2Go else ("tasks", "T1")
        for _ in range(5):
            getattr(made, areas[0]).get(areas[1])
            getattr(made.within(Deadline.after(5)), areas[0]).get(areas[1])
    assert len(vendor.received) == 10
    assert vendor.connections == 1


@pytest.mark.parametrize("client", [Good2Go, GoodDay])
def test_every_area_is_bound_when_client_is_within_a_deadline(
    vendor: LocalVendor, manual_clock: ManualClock, client: Any
) -> None:
    with client(token="t0ken", base_url=vendor.url, clock=manual_clock.clock) as made:
        bound = made.within(Deadline.after(0, manual_clock.clock))
        with pytest.raises(VendorTimeoutError):
            bound.jobs.get(GUID) if client is Good2Go else bound.statuses.list()
        with pytest.raises(VendorTimeoutError):
            bound.analytics.account() if client is Good2Go else bound.tasks.get("T")
    assert not vendor.received


def test_credentials_go_into_the_vendors_header_when_calling(vendor: LocalVendor) -> None:
    vendor.usual = Reply(body=b"[]")
    with Good2Go(token="one", base_url=vendor.url) as good2go:
        good2go.tasks.list(GUID)
    with GoodDay(token="two", base_url=vendor.url) as goodday:
        goodday.statuses.list()
    first, second = vendor.received
    assert (first.path, first.headers["Authorization"]) == (f"/api/v1/jobs/{GUID}/tasks", "Bearer one")
    assert (second.path, second.headers["gd-api-token"]) == ("/2.0/statuses", "two")
    assert "Authorization" not in second.headers


def test_pages_are_read_only_as_far_as_wanted_when_listed(vendor: LocalVendor) -> None:
    vendor.answer(page(1, 3, "a", "b"), page(2, 3, "c"), page(3, 3, "d"))
    with Good2Go(token="t0ken", base_url=vendor.url) as good2go:
        jobs = good2go.jobs.list(JobFilter(flat=True))
        assert not vendor.received
        assert [next(jobs).guid, next(jobs).guid] == ["a", "b"]
        assert len(vendor.received) == 1
        assert [job.guid for job in jobs] == ["c", "d"]
    assert [request.path.rpartition("page=")[2] for request in vendor.received] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([page(1, None, "a")], ["a"]),
        ([page(1, 0)], []),
        ([page(1, 5, "a"), page(2, 5)], ["a"]),
        ([page(1, 2, "a"), page(1, 1, "b")], ["a", "b"]),
    ],
    ids=["no meta", "no pages", "an empty page", "fewer pages than before"],
)
def test_paging_ends_when_meta_is_odd(vendor: LocalVendor, replies: list[Reply], expected: list[str]) -> None:
    vendor.answer(*replies)
    with Good2Go(token="t0ken", base_url=vendor.url) as good2go:
        assert [job.guid for job in good2go.jobs.list()] == expected
    assert len(vendor.received) == len(replies)


@pytest.mark.parametrize("nothing", [b"{}", b"[]", b"null"])
def test_latest_comment_is_none_when_there_is_none(vendor: LocalVendor, nothing: bytes) -> None:
    vendor.answer(Reply(body=nothing))
    with Good2Go(token="t0ken", base_url=vendor.url) as good2go:
        assert good2go.jobs.latest_changelog(GUID) is None


def test_field_path_is_named_when_a_list_does_not_fit(vendor: LocalVendor) -> None:
    vendor.answer(Reply(body=b'{"data": [{"guid": "a"}, {"guid": "b", "size": "private"}]}'))
    with Good2Go(token="t0ken", base_url=vendor.url) as good2go:
        with pytest.raises(DecodeError) as caught:
            list(good2go.jobs.list())
        assert caught.value.detail == "data.1.size: int_parsing"
    vendor.answer(Reply(body=b'[{"id": "a", "status": {"name": "no id"}}]'))
    with GoodDay(token="t0ken", base_url=vendor.url) as goodday:
        with pytest.raises(DecodeError) as caught:
            goodday.tasks.assigned("U")
        assert caught.value.detail == "0.status.id: missing"
