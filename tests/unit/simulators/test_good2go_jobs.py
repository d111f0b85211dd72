from __future__ import annotations

from typing import Any

import pytest

from local.simulators.good2go import Good2Go
from local.simulators.good2go.account import PROOFS_GUID
from tests.unit.simulators.calls import Caller
from tests.unit.simulators.proofs import CUSTOMER, DUE, bare, folder, held, part, upload

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_every_documented_operation_is_there_when_listed() -> None:
    routes = {(operation.method, operation.path) for operation in Good2Go.operations()}
    assert len(routes) == len(Good2Go.operations()) == 41
    assert sum(not operation.authenticated for operation in Good2Go.operations()) == 1


@pytest.mark.parametrize("header", ["Bearer wrong", "token-1", "Basic dG9rZW4tMQ==", "bearer token-1", ""])
def test_call_is_refused_when_the_token_is_wrong(good2go: Caller, header: str) -> None:
    answer = good2go.call("GET", "/jobs", 401, headers={"Authorization": header})
    assert answer == {"error": {"message": "Unauthenticated.", "status_code": 401}}
    assert "token" in good2go.violation()


def test_folder_is_made_when_is_folder_is_one(good2go: Caller) -> None:
    fields = {
        "alt_text": "Orders of May",
        "c_email": CUSTOMER,
        "cus_download": True,
        "due_at": DUE,
        "is_portal": True,
        "label": "Send for review",
        "p_email": "partner@press.test",
        "show_job_spec": True,
        "show_preflight": False,
        "status": "new",
        "type": "application/pdf",
    }
    body = {"is_folder": True, "name": "May", "parent_guid": PROOFS_GUID, **fields}
    job = good2go.call("POST", "/jobs", json=body)
    assert (job["is_folder"], job["size"], job["path_url"], job["version"]) == (True, 0, None, 1)
    assert (job["c_email"], job["p_email"], job["due_at"]) == (CUSTOMER, "partner@press.test", DUE)
    kept = held(good2go, job["guid"])
    assert (kept["label"], kept["alt_text"], kept["show_job_spec"]) == (
        "Send for review",
        "Orders of May",
        True,
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_folder": False}, "is_folder"),
        ({"is_folder": 0}, "is_folder"),
        ({"is_folder": "1"}, "is_folder"),
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"parent": PROOFS_GUID}, "parent"),
        ({"parent_guid": PROOFS_GUID + "."}, "parent_guid"),
        ({"due_at": "2030-06-01T12:00:00Z"}, "due_at"),
        ({"due_at": 1}, "due_at"),
        ({"status": "pending"}, "status"),
        ({"status": "processing"}, "status"),
        ({"status": "Approved"}, "status"),
        ({"c_email": "x"}, "c_email"),
        ({"c_email": None}, "c_email"),
        ({"cus_download": "1"}, "cus_download"),
        ({"label": "x" * 65}, "label"),
        ({"alt_text": "x" * 256}, "alt_text"),
        ({"type": "x" * 256}, "type"),
        ({"guid": UNKNOWN}, "guid"),
    ],
)
def test_creation_is_a_violation_when_a_field_is_not_as_documented(
    good2go: Caller, fields: dict[str, Any], reason: str
) -> None:
    answer = good2go.call("POST", "/jobs", 422, json={"is_folder": 1, "name": "x", **fields})
    assert reason in answer["error"]["message"]
    assert reason in good2go.violation()
    assert good2go.effects() == []


def test_body_is_refused_when_it_is_no_json_object(good2go: Caller) -> None:
    good2go.call("POST", "/jobs", 415, data="{}", headers={"Content-Type": "text/plain"})
    assert "text/plain" in good2go.violation()
    headers = {"Content-Type": "application/json"}
    good2go.call("POST", "/jobs", 422, data="{", headers=headers)
    good2go.call("POST", "/jobs", 422, data="[]", headers=headers)
    good2go.call("POST", "/jobs", 422)
    good2go.call("GET", "/jobs", 422, json={"page": 1})
    assert len(good2go.control("GET", "/violations")) == 5


@pytest.mark.parametrize("guid", [UNKNOWN, "et", f"{PROOFS_GUID}.", PROOFS_GUID.upper()])
def test_job_is_not_found_when_its_guid_is_not_one_of_ours(good2go: Caller, guid: str) -> None:
    answer = good2go.call("GET", f"/jobs/{guid}", 404)
    assert answer == {"error": {"message": "Resource not found", "status_code": 404}}
    malformed = guid != UNKNOWN
    assert len(good2go.control("GET", "/violations")) == malformed


def test_only_given_fields_change_when_updated(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.control("POST", "/clock", json={"advance_seconds": 60})
    job = good2go.call("PUT", f"/jobs/{guid}", json={"name": "New name.pdf", "is_folder": False})
    assert (job["name"], job["due_at"], job["c_email"]) == ("New name.pdf", DUE, CUSTOMER)
    assert job["updated_at"] > job["created_at"]
    job = good2go.call("PUT", f"/jobs/{guid}", json={"due_at": None, "parent_guid": None})
    assert (job["due_at"], job["parent_guid"]) == (None, None)
    assert good2go.effects("update_job")[0]["changes"] == {"name": "New name.pdf", "is_folder": False}


@pytest.mark.parametrize("status", ["approved", "rejected", "change-requested"])
def test_review_is_dated_when_the_status_is_a_decision(good2go: Caller, status: str) -> None:
    guid = bare(good2go)
    job = good2go.call("PUT", f"/jobs/{guid}", json={"status": status})
    assert job["status"] == status
    assert job["reviewed_at"].endswith("Z")
    assert "reviewed_at" not in good2go.call("PUT", f"/jobs/{guid}", json={"status": "new"})


def test_update_is_refused_when_it_is_impossible(good2go: Caller) -> None:
    guid = bare(good2go)
    box = folder(good2go, "Box", parent_guid=PROOFS_GUID)
    good2go.call("PUT", f"/jobs/{guid}", 422, json={"is_folder": True})
    good2go.call("PUT", f"/jobs/{guid}", 422, json={"status": "processing"})
    assert len(good2go.control("GET", "/violations")) == 2
    good2go.call("PUT", f"/jobs/{guid}", 404, json={"parent_guid": UNKNOWN})
    good2go.call("PUT", f"/jobs/{PROOFS_GUID}", 422, json={"parent_guid": guid})
    good2go.call("PUT", f"/jobs/{PROOFS_GUID}", 422, json={"parent_guid": box})
    assert good2go.effects("update_job") == []


def test_job_is_trashed_and_then_gone_when_deleted_twice(good2go: Caller) -> None:
    guid = bare(good2go)
    assert good2go.call("DELETE", f"/jobs/{guid}") == {}
    trashed = good2go.call("GET", f"/jobs/{guid}")
    assert trashed["deleted_at"] is not None
    assert trashed["ac"]["delete_options"] == {"action": "delete"}
    good2go.call("PUT", f"/jobs/{guid}", 404, json={"name": "x"})
    assert good2go.call("DELETE", f"/jobs/{guid}") == {}
    good2go.call("GET", f"/jobs/{guid}", 404)
    good2go.call("DELETE", f"/jobs/{guid}", 404)
    assert [effect["for_ever"] for effect in good2go.effects("delete_job")] == [False, True]


def test_job_is_gone_at_once_when_there_is_no_trash(good2go: Caller) -> None:
    good2go.settings(trash_on_delete=False)
    guid = bare(good2go)
    assert good2go.call("GET", f"/jobs/{guid}")["ac"]["delete_options"] == {"action": "delete"}
    good2go.call("DELETE", f"/jobs/{guid}")
    good2go.call("GET", f"/jobs/{guid}", 404)


def test_what_a_folder_holds_goes_with_it_when_deleted(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.call("DELETE", f"/jobs/{PROOFS_GUID}")
    assert good2go.call("GET", f"/jobs/{guid}")["deleted_at"] is not None
    good2go.call("DELETE", f"/jobs/{PROOFS_GUID}")
    good2go.call("GET", f"/jobs/{guid}", 404)


def test_newest_file_is_a_new_job_when_duplicated(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    good2go.call("POST", f"/jobs/{guid}/revision", data={"reason": "update-task"}, files=part(content=b"v2"))
    copy = good2go.call("POST", f"/jobs/{guid}/duplicate", json={"c_email": "other@brand.test"})
    assert copy["guid"] != guid
    assert (copy["version"], copy["size"], copy["c_email"]) == (1, 2, "other@brand.test")
    assert good2go.call("POST", f"/jobs/{guid}/duplicate")["c_email"] is None
    good2go.call("POST", f"/jobs/{PROOFS_GUID}/duplicate", 422)
    good2go.call("POST", f"/jobs/{guid}/duplicate", 422, json={"email": "other@brand.test"})
    for _ in range(2):
        good2go.call("DELETE", f"/jobs/{guid}")
    again = good2go.call("POST", f"/jobs/{copy['guid']}/duplicate")
    url = f"{good2go.origin}/review/download/{again['guid']}/document/carton.pdf"
    assert good2go.session.get(url, timeout=5).content == b"v2"


@pytest.mark.parametrize(("kind", "field"), [("customer", "c_email"), ("partner", "p_email")])
def test_contact_is_kept_and_unassigned_when_asked(good2go: Caller, kind: str, field: str) -> None:
    guid = bare(good2go)
    message = good2go.call("GET", f"/jobs/{guid}/{kind}", 404)["error"]["message"]
    assert message == f"{kind.title()} email not defined."
    details = {
        "address": "1 Main Street",
        "alt_phone": "123",
        "c_name": "Pat",
        "city": "Springfield",
        "company": "Brand",
        "group": "Sales",
        "identity": "id-1",
        "phone": "456",
        "state": "PA",
        "zip_code": "12345",
    }
    email = f"pat-{kind}@brand.test"
    contact = good2go.call("PUT", f"/jobs/{guid}/{kind}", json={"c_email": email, **details})
    assert contact["c_email"] == email
    assert {name: contact[name] for name in details} == details
    assert (contact["valid_email"], isinstance(contact["id"], int)) == (1, True)
    assert good2go.call("GET", f"/jobs/{guid}/{kind}") == contact
    assert good2go.call("GET", f"/jobs/{guid}")[field] == email
    assert good2go.call("DELETE", f"/jobs/{guid}/{kind}") == {}
    good2go.call("GET", f"/jobs/{guid}/{kind}", 404)
    assert good2go.control("GET", "/state")[f"{kind}s"][0]["details"] == details


@pytest.mark.parametrize(
    "body", [{}, {"c_email": "x"}, {"p_email": CUSTOMER}, {"c_email": CUSTOMER, "group": "x" * 65}]
)
def test_contact_is_a_violation_when_a_field_is_wrong(good2go: Caller, body: dict[str, Any]) -> None:
    good2go.call("PUT", f"/jobs/{bare(good2go)}/partner", 422, json=body)
    assert good2go.violation()


@pytest.mark.parametrize("email", ["jürgen@bücher.example", "a@b.xn--p1ai", "a+b_c@sub.b-c.co.uk", "A@B.CO"])
def test_address_is_taken_when_it_is_a_valid_one(good2go: Caller, email: str) -> None:
    assert good2go.call("PUT", f"/jobs/{bare(good2go)}/customer", json={"c_email": email})["c_email"] == email


@pytest.mark.parametrize(
    "email",
    ["a.@b.co", ".a@b.co", "a..b@b.co", "Tom<a@b.co", "a@b.co.", "a@-b.co", "a@b-.co", "a@b", "a@b..co"],
)
def test_address_is_a_violation_when_it_is_no_valid_one(good2go: Caller, email: str) -> None:
    good2go.call("PUT", f"/jobs/{bare(good2go)}/customer", 422, json={"c_email": email})
    assert good2go.violation()


def test_job_moves_when_its_ownership_is_updated(good2go: Caller) -> None:
    guid = bare(good2go)
    path = f"/jobs/{guid}/ownership"
    assert good2go.call("GET", path)["parent"] is None
    assert good2go.call("POST", path, json={"parent_guid": PROOFS_GUID})["parent_guid"] == PROOFS_GUID
    ownership = good2go.call("GET", path)
    assert (ownership["parent"]["name"], ownership["parent_guid"]) == ("Proofs", PROOFS_GUID)
    assert ownership["owner"]["email"] == "owner@printshop.test"
    good2go.call("POST", path, json={"parent_guid": None})
    good2go.call("POST", path, 422, json={})
    good2go.call("POST", path, 404, json={"parent_guid": UNKNOWN})
    good2go.call("POST", path, 422, json={"parent_guid": bare(good2go)})


def test_figures_are_counted_when_analytics_are_asked_for(good2go: Caller) -> None:
    good2go.control("POST", "/clock", json={"now": "2030-06-01T01:00:00Z"})
    guid = upload(good2go)["guid"]
    bare(good2go)
    good2go.act("approve", job=guid)
    all_jobs = good2go.call("GET", "/analytics/jobs")
    assert (all_jobs["approved"], all_jobs["live_files"], all_jobs["processed"]) == (1, 2, 2)
    assert (all_jobs["due_cnt"], all_jobs["guid"], all_jobs["data_size_mb"]) == (1, None, "0")
    in_folder = good2go.call("GET", f"/analytics/jobs/{PROOFS_GUID}")
    assert (in_folder["live_files"], in_folder["guid"], in_folder["name"]) == (1, PROOFS_GUID, "Proofs")
    answer = good2go.call("GET", f"/analytics/jobs/{guid}", 422)
    assert answer["error"]["message"] == "This job is not a folder."
    good2go.call("GET", f"/analytics/jobs/{UNKNOWN}", 404)


def test_moments_have_milliseconds_when_the_setting_says_so(good2go: Caller) -> None:
    guid = bare(good2go)
    exact = held(good2go, guid)["updated_at"]
    whole, milliseconds = exact[:19], exact.rstrip("Z")[20:23].ljust(3, "0")
    assert good2go.call("GET", f"/jobs/{guid}")["updated_at"] == f"{whole}.000Z"
    good2go.settings(whole_seconds=False)
    assert good2go.call("GET", f"/jobs/{guid}")["updated_at"] == f"{whole}.{milliseconds}Z"
