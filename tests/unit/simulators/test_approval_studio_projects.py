from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulators.calls import Caller

NEW = {"projectName": "Label", "projectOwnersUIDS": ["USROWNER"]}
FULL = {
    **NEW,
    "clientUID": "CLIENTMAIN",
    "customer": "Acme",
    "project": "Autumn",
    "design": "Front",
    "revision": "Q7",
    "description": "Gold foil",
    "tags": ["foil", "front"],
    "dueDate": "2031-02-03T04:05:06.789Z",
}


def create(studio: Caller, **fields: Any) -> str:
    return str(studio.call("POST", "/project", json={**NEW, **fields})["result"]["projectUID"])


def projects(studio: Caller, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = studio.call("GET", "/project", params=query)["result"]
    return found


def put_state(studio: Caller, uid: str, state: str, expect: int = 200) -> Any:
    return studio.call("PUT", "/project/state", expect, json={"projectUID": uid, "state": state})


def test_one_project_is_there_when_started(studio: Caller) -> None:
    (seeded,) = projects(studio)
    assert (seeded["projectUID"], seeded["name"], seeded["state"]) == ("PRJARTWORK", "Artwork", "Active")
    assert [owner["userUID"] for owner in seeded["projectOwners"]] == ["USROWNER"]


def test_project_has_what_it_was_given_when_created_with_everything(studio: Caller) -> None:
    uid = create(studio, **FULL)
    (project,) = projects(studio, ProjectUID=uid)
    for name in ("customer", "project", "design", "revision", "description", "tags"):
        assert project[name] == FULL[name]
    assert project["dueDate"] == "2031-02-03T04:05:06.789000"
    assert project["reviewStatus"] == {"pendingCount": 0, "approvedCount": 0, "rejectedCount": 0}
    assert not project["created"].endswith("Z")
    assert studio.effects()[0]["item"] == uid


def test_day_stays_a_day_when_it_is_due_then(studio: Caller) -> None:
    (project,) = projects(studio, ProjectUID=create(studio, dueDate="2031-02-03"))
    assert project["dueDate"] == "2031-02-03"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("projectName", ""),
        ("projectName", " "),
        ("customer", "x" * 51),
        ("project", "x" * 51),
        ("design", "x" * 51),
        ("revision", "x" * 51),
        ("description", "x" * 201),
        ("tags", ["tag"] * 21),
        ("tags", ["x" * 21]),
        ("tags", ["two words"]),
        ("tags", "foil"),
        ("dueDate", "03.02.2031"),
        ("dueDate", "2031-02-30"),
        ("projectOwnersUIDS", []),
        ("projectOwnersUIDS", ["USROWNER"] * 21),
        ("customer", None),
        ("state", "Active"),
    ],
)
def test_project_is_refused_when_a_field_breaks_its_rule(studio: Caller, field: str, value: Any) -> None:
    problem = studio.call("POST", "/project", 400, json={**NEW, field: value})
    assert field in str(problem["errors"])
    assert field in studio.violation()
    assert studio.effects() == []


def test_longer_tags_are_taken_when_the_setting_allows_them(studio: Caller) -> None:
    studio.settings(tag_length=25)
    create(studio, tags=["x" * 25])
    studio.call("POST", "/project", 400, json={**NEW, "tags": ["x" * 26]})


def test_project_is_refused_when_an_owner_or_the_client_is_unknown(studio: Caller) -> None:
    assert (
        studio.call("POST", "/project", 412, json={**NEW, "projectOwnersUIDS": ["USRX"]})["statusCode"] == 412
    )
    studio.call("POST", "/project", 412, json={**NEW, "clientUID": "OTHER"})
    assert len(projects(studio)) == 1


def test_archived_and_moving_projects_are_hidden_when_no_state_is_asked_for(studio: Caller) -> None:
    archived, moving = create(studio, projectName="old"), create(studio, projectName="moving")
    for uid in (archived, moving):
        put_state(studio, uid, "Completed")
    put_state(studio, archived, "Archived")
    studio.settings(transit_seconds=60)
    put_state(studio, moving, "Archived")
    assert [project["name"] for project in projects(studio)] == ["Artwork"]
    assert [p["name"] for p in projects(studio, States="Archived,InTransit")] == ["old", "moving"]
    assert projects(studio, States="Archived", ProjectUID=archived)[0]["state"] == "Archived"


def test_hidden_project_is_not_found_by_its_id_when_the_state_is_not_asked_for(studio: Caller) -> None:
    uid = create(studio)
    put_state(studio, uid, "Completed")
    put_state(studio, uid, "Archived")
    assert studio.call("GET", f"/project?ProjectUID={uid}", 404)["statusCode"] == 404
    studio.call("GET", "/project?ProjectUID=NONE", 404)
    studio.settings(missing_project="empty")
    assert projects(studio, ProjectUID=uid) == []


@pytest.mark.parametrize("text", ["Lab", "Acm", "Autu", "Fron", "Q7", "Gold", "foil"])
def test_query_finds_a_part_of_any_attribute_when_the_case_is_the_same(studio: Caller, text: str) -> None:
    create(studio, **FULL)
    assert [project["name"] for project in projects(studio, Query=text)] == ["Label"]
    assert projects(studio, Query=text.swapcase()) == []


@pytest.mark.parametrize(
    "query", ["projectUID=X", "States=Done", "States=Active,,OnHold", "IsLoadAssets=1", "Page=2"]
)
def test_list_is_refused_when_a_parameter_is_wrong(studio: Caller, query: str) -> None:
    studio.call("GET", f"/project?{query}", 400)
    assert query.partition("=")[0] in studio.violation()


def test_edit_replaces_all_attributes_when_some_are_left_out(studio: Caller) -> None:
    uid = create(studio, **FULL)
    studio.call("PUT", "/project", json={"projectUID": uid, **NEW, "customer": "Beta"})
    (project,) = projects(studio, ProjectUID=uid)
    assert (project["customer"], project["design"], project["tags"], project["dueDate"]) == (
        "Beta",
        None,
        [],
        None,
    )
    studio.call("PUT", "/project", 400, json={"projectUID": uid, "customer": "Beta"})
    assert "projectName" in studio.violation()


def test_edit_keeps_what_is_left_out_when_set_so(studio: Caller) -> None:
    studio.settings(edit="merge")
    uid = create(studio, **FULL)
    studio.call("PUT", "/project", json={"projectUID": uid, "customer": "Beta"})
    (project,) = projects(studio, ProjectUID=uid)
    assert (project["customer"], project["design"], project["tags"]) == ("Beta", "Front", ["foil", "front"])
    assert studio.effects("edit_project")[0]["attributes"] == ["Customer"]


def test_edit_is_refused_when_the_project_is_closed_or_missing(studio: Caller) -> None:
    uid = create(studio)
    put_state(studio, uid, "Completed")
    assert studio.call("PUT", "/project", 406, json={"projectUID": uid, **NEW})["statusCode"] == 406
    studio.call("PUT", "/project", 404, json={"projectUID": "NONE", **NEW})


CHANGES = {
    ("Active", "OnHold"): 200,
    ("Active", "Completed"): 200,
    ("Active", "Archived"): 412,
    ("OnHold", "Active"): 200,
    ("OnHold", "Completed"): 200,
    ("OnHold", "Archived"): 412,
    ("Completed", "Active"): 200,
    ("Completed", "OnHold"): 412,
    ("Completed", "Archived"): 200,
    ("Archived", "Active"): 200,
    ("Archived", "OnHold"): 412,
    ("Archived", "Completed"): 412,
}
WAYS = {
    "Active": (),
    "OnHold": ("OnHold",),
    "Completed": ("Completed",),
    "Archived": ("Completed", "Archived"),
}


@pytest.mark.parametrize(("start", "end"), CHANGES)
def test_state_changes_when_the_rules_allow_it(studio: Caller, start: str, end: str) -> None:
    uid = create(studio)
    for state in WAYS[start]:
        put_state(studio, uid, state)
    status = CHANGES[start, end]
    answer = put_state(studio, uid, end, status)
    assert answer["statusCode"] == status
    (project,) = projects(studio, ProjectUID=uid, States="Active,OnHold,Completed,Archived,InTransit")
    assert project["state"] == (end if status == 200 else start)


@pytest.mark.parametrize("state", WAYS)
def test_state_is_refused_with_another_status_in_the_body_when_it_is_there_already(
    studio: Caller, state: str
) -> None:
    uid = create(studio)
    for step in WAYS[state]:
        put_state(studio, uid, step)
    assert put_state(studio, uid, state, 406)["statusCode"] == 412


def test_in_transit_can_not_be_set_when_asked_for(studio: Caller) -> None:
    uid = create(studio)
    assert put_state(studio, uid, "InTransit", 412)["statusCode"] == 412
    for unknown in ("Complete", "Archive", "active"):
        put_state(studio, uid, unknown, 400)


def test_project_is_in_transit_for_a_while_when_it_goes_to_and_from_the_archive(studio: Caller) -> None:
    studio.settings(transit_seconds=600)
    uid = create(studio)
    put_state(studio, uid, "Completed")
    put_state(studio, uid, "Archived")
    assert projects(studio, States="InTransit")[0]["projectUID"] == uid
    put_state(studio, uid, "Active", 412)
    studio.call("DELETE", f"/project?ProjectUID={uid}", 412)
    studio.control("POST", "/clock", json={"advance_seconds": 601})
    assert projects(studio, States="Archived")[0]["projectUID"] == uid
    put_state(studio, uid, "Active")
    studio.control("POST", "/clock", json={"advance_seconds": 601})
    assert [project["name"] for project in projects(studio)] == ["Artwork", "Label"]


def test_state_is_read_from_the_query_when_it_stands_there(studio: Caller) -> None:
    uid = create(studio)
    studio.call("PUT", f"/project/state?ProjectUID={uid}&State=OnHold")
    studio.call("PUT", f"/project/state?ProjectUID={uid}", 400, json={"state": "Active"})
    studio.settings(parameter_place="body")
    studio.call("PUT", f"/project/state?ProjectUID={uid}&State=Active", 400)
    put_state(studio, uid, "Active")


def test_project_is_deleted_when_it_is_closed(studio: Caller) -> None:
    uid = create(studio)
    assert studio.call("DELETE", f"/project?ProjectUID={uid}", 412)["statusCode"] == 412
    put_state(studio, uid, "Completed")
    studio.call("DELETE", f"/project?ProjectUID={uid}")
    studio.call("DELETE", "/project", 404, json={"projectUID": uid})
    assert [project["name"] for project in projects(studio)] == ["Artwork"]
    assert [effect["operation"] for effect in studio.effects()][-1] == "delete_project"
    assert len(studio.effects("delete_project")) == 1


def test_deletion_is_refused_when_the_project_is_named_twice_or_not_at_all(studio: Caller) -> None:
    studio.call("DELETE", "/project?ProjectUID=PRJARTWORK", 400, json={"projectUID": "PRJARTWORK"})
    studio.call("DELETE", "/project", 400)
    assert "ProjectUID" in studio.violation()


def test_report_is_a_pdf_without_a_token_when_its_link_is_followed(studio: Caller) -> None:
    url = studio.call("GET", "/project/proofreport?ProjectUID=PRJARTWORK")["result"]["downloadURL"]
    answer = studio.session.get(url, headers={"Authorization": ""}, timeout=20)
    assert (answer.status_code, answer.content[:8]) == (200, b"%PDF-1.4")
    assert studio.send("GET", "/project/proofreport?ProjectUID=NONE").status_code == 404
    gone = studio.session.get(f"{studio.origin}/reports/none.pdf", timeout=20)
    assert gone.status_code == 404
