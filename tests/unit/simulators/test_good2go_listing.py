from __future__ import annotations

from typing import Any

import pytest

from local.simulators.good2go.account import PROOFS_GUID
from tests.unit.simulators.calls import Caller
from tests.unit.simulators.proofs import CUSTOMER, DUE, OWNER, bare, folder, upload


@pytest.fixture
def names(good2go: Caller) -> list[str]:
    """Three files and a folder at the top level, besides the seeded one, and a file in the latter."""
    for number, name in enumerate(("beta.pdf", "alpha.pdf", "gamma.png")):
        mime = "image/png" if name.endswith("png") else "application/pdf"
        upload(good2go, {"reason": "update-task"}, name=name, content=b"x" * (number + 1), mime=mime)
    folder(good2go, "Box")
    upload(good2go)
    return ["Proofs", "beta.pdf", "alpha.pdf", "gamma.png", "Box"]


def listed(good2go: Caller, query: str = "") -> list[str]:
    return [job["name"] for job in good2go.call("GET", f"/jobs?{query}")["data"]]


def guid_of(good2go: Caller, name: str) -> str:
    jobs = good2go.call("GET", "/jobs?flat=true")["data"]
    return next(str(job["guid"]) for job in jobs if job["name"] == name)


def test_top_level_is_listed_when_no_parent_is_given(good2go: Caller, names: list[str]) -> None:
    page = good2go.call("GET", "/jobs")
    assert [job["name"] for job in page["data"]] == names
    assert (page["guid"], page["name"], page["parent_guid"]) == ("", "", "")
    assert listed(good2go, "parent=") == names


def test_rows_carry_fewer_fields_than_the_single_job_when_listed(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    row = good2go.call("GET", f"/jobs?parent={PROOFS_GUID}")["data"][0]
    single = good2go.call("GET", f"/jobs/{guid}")
    assert {"more_info", "c_name", "p_name", "asg_name"} <= set(single) - set(row)
    assert {"reminded_at", "set_to_me", "user_email"} <= set(row) - set(single)


def test_folder_is_listed_when_it_is_the_parent(good2go: Caller, names: list[str]) -> None:
    page = good2go.call("GET", f"/jobs?parent={PROOFS_GUID}")
    assert (page["guid"], page["name"]) == (PROOFS_GUID, "Proofs")
    assert [job["name"] for job in page["data"]] == ["carton.pdf"]
    assert len(listed(good2go, "flat=true")) == len(names) + 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("file_only=true", ["beta.pdf", "alpha.pdf", "gamma.png"]),
        ("file_only=false", ["beta.pdf", "alpha.pdf", "gamma.png"]),
        ("file_only=", ["beta.pdf", "alpha.pdf", "gamma.png"]),
        ("dir_only=false", ["Proofs", "Box"]),
        ("dir_only=1&file_only=1", []),
        ("name=AL", ["alpha.pdf"]),
        ("type=image/png", ["gamma.png"]),
        ("sort_column=name&file_only=1", ["alpha.pdf", "beta.pdf", "gamma.png"]),
        ("sort_column=name&sort_direction=DESC&file_only=1", ["gamma.png", "beta.pdf", "alpha.pdf"]),
        ("sort_column=size&sort_direction=DESC&file_only=1", ["gamma.png", "alpha.pdf", "beta.pdf"]),
        (f"customer={CUSTOMER}&flat=true", ["carton.pdf"]),
        (f"customer={CUSTOMER}", []),
        ("assignee=user&flat=true", []),
        (f"start_date={DUE}&end_date={DUE}&flat=1", ["carton.pdf"]),
        ("start_date=2031-01-01T00:00:00.000Z&flat=1", []),
        ("date_for=created_at&start_date=2100-01-01T00:00:00.000Z&flat=1", []),
    ],
)
def test_jobs_are_filtered_and_sorted_when_the_query_says_so(
    good2go: Caller, names: list[str], query: str, expected: list[str]
) -> None:
    assert names
    assert listed(good2go, query) == expected


def test_jobs_are_filtered_when_their_fields_were_changed(good2go: Caller, names: list[str]) -> None:
    assert names
    beta = guid_of(good2go, "beta.pdf")
    good2go.call("PUT", f"/jobs/{beta}", json={"status": "rejected", "p_email": "partner@press.test"})
    assignment = {"schedule": "later", "task": {"category": "assign-task"}, "reason": "update-task"}
    good2go.call("POST", f"/jobs/{beta}/assign", json={**assignment, "assignee": "prepress@printshop.test"})
    assert listed(good2go, "status=rejected") == ["beta.pdf"]
    assert listed(good2go, "p_email=partner@press.test") == ["beta.pdf"]
    assert listed(good2go, "date_for=reviewed_at&start_date=2020-01-01T00:00:00.000Z") == ["beta.pdf"]
    assert listed(good2go, "date_for=assigned_at&end_date=2100-01-01T00:00:00.000Z") == ["beta.pdf"]
    assert listed(good2go, "assignee=only") == ["beta.pdf"]
    assert "beta.pdf" not in listed(good2go, "assignee=none")
    assert "beta.pdf" in listed(good2go, "assignee=any")
    assert listed(good2go, "sort_column=asg_email&sort_direction=DESC")[0] == "beta.pdf"
    good2go.call("DELETE", f"/jobs/{beta}")
    assert "beta.pdf" not in listed(good2go)
    assert listed(good2go, "state=deleted") == ["beta.pdf"]


def test_pages_are_cut_and_linked_to_another_host_when_there_are_many(good2go: Caller) -> None:
    for number in range(11):
        bare(good2go, name=f"{number:02d}.pdf")
    first = good2go.call("GET", "/jobs?file_only=1")
    assert (len(first["data"]), first["meta"]["per_page"]) == (10, 10)
    second = good2go.call("GET", "/jobs?file_only=1&page=2")
    assert [job["name"] for job in second["data"]] == ["10.pdf"]
    path = "http://www.good2gosoftware.com/api/v1/jobs"
    assert second["meta"] == {
        "current_page": 2,
        "from": 11,
        "last_page": 2,
        "path": path,
        "per_page": 10,
        "to": 11,
        "total": 11,
    }
    assert second["links"] == {
        "first": f"{path}?page=1",
        "last": f"{path}?page=2",
        "prev": f"{path}?page=1",
        "next": None,
    }
    beyond = good2go.call("GET", "/jobs?file_only=1&page=3")
    assert (beyond["data"], beyond["meta"]["from"], beyond["meta"]["to"]) == ([], None, None)
    good2go.settings(per_page=4)
    assert good2go.call("GET", "/jobs?file_only=1&page=3")["meta"]["to"] == 11


@pytest.mark.parametrize(
    "query",
    [
        "status=change-requested",
        "status=done",
        "status=new.",
        "assignee=me",
        "customer=nobody",
        "date_for=deleted_at",
        "start_date=2030-01-01",
        "page=0",
        "page=two",
        "parent=Proofs",
        "sort_column=status",
        "sort_direction=asc",
        "state=trashed",
        "flat=yes",
        "per_page=50",
        "page=1&page=2",
    ],
)
def test_list_is_a_violation_when_its_query_is_not_as_documented(good2go: Caller, query: str) -> None:
    good2go.call("GET", f"/jobs?{query}", 422)
    assert query.partition("=")[0] in good2go.violation()


def test_list_is_refused_when_the_parent_is_no_folder(good2go: Caller) -> None:
    good2go.call("GET", f"/jobs?parent={bare(good2go)}", 422)
    good2go.call("GET", "/jobs?parent=00000000-0000-4000-8000-000000000000", 404)
    assert good2go.control("GET", "/violations") == []


def test_owner_is_whose_token_it_is_when_listed(good2go: Caller) -> None:
    bare(good2go)
    rows: list[dict[str, Any]] = good2go.call("GET", "/jobs")["data"]
    assert {(row["user_email"], row["is_own"]) for row in rows} == {(OWNER, True)}
