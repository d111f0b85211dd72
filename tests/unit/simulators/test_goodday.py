from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.simulators.calls import Caller

NEW_TASK = {"projectId": "PRJART", "title": "Proof of a carton", "fromUserId": "USRBRG"}


def create(goodday: Caller, **fields: Any) -> str:
    return str(goodday.call("POST", "/tasks", json={**NEW_TASK, **fields})["id"])


def test_task_is_created_when_every_documented_parameter_is_given(goodday: Caller) -> None:
    parent = create(goodday)
    answer = goodday.call(
        "POST",
        "/tasks",
        json={
            **NEW_TASK,
            "parentTaskId": parent,
            "message": "Please see the proof",
            "toUserId": "USRDSG",
            "taskTypeId": "TTPRF",
            "startDate": "2030-01-01",
            "endDate": "2030-01-03",
            "deadline": "2030-01-04",
            "estimate": 120,
            "priority": 50,
        },
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", answer["momentCreated"])
    assert isinstance(answer["shortId"], str)
    task = goodday.call("GET", f"/task/{answer['id']}")
    assert task["name"] == NEW_TASK["title"]
    assert task["parentTaskId"] == parent
    assert task["assignedToUserId"] == task["actionRequiredUserId"] == "USRDSG"
    assert task["createdByUserId"] == "USRBRG"
    assert (task["startDate"], task["endDate"], task["deadline"]) == (
        "2030-01-01",
        "2030-01-03",
        "2030-01-04",
    )
    assert (task["estimate"], task["priority"]) == (120, 50)
    assert task["taskType"] == {"id": "TTPRF", "name": "Proof"}
    assert task["status"] == {"id": "STNEW", "name": "Not started"}
    assert goodday.call("GET", f"/task/{parent}")["subtasks"][0]["id"] == answer["id"]
    assert goodday.call("GET", f"/task/{answer['id']}/messages")[0]["message"] == "Please see the proof"


def test_start_is_the_schedule_date_when_no_end_is_given(goodday: Caller) -> None:
    task = goodday.call("GET", f"/task/{create(goodday, startDate='2030-01-01')}")
    assert (task["scheduleDate"], task["startDate"]) == ("2030-01-01", None)


def test_moments_carry_no_zone_and_differ_in_precision_when_read(goodday: Caller) -> None:
    task_id = create(goodday, message="x")
    task = goodday.call("GET", f"/task/{task_id}")
    message = goodday.call("GET", f"/task/{task_id}/messages")[0]
    assert re.fullmatch(r".{10}T\d\d:\d\d:\d\d\.\d{5}", task["momentCreated"])
    assert re.fullmatch(r".{10}T\d\d:\d\d:\d\d\.\d{6}", task["recentActivityMoment"])
    assert re.fullmatch(r".{10}T\d\d:\d\d:\d\d", message["dateCreated"])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": None}, "null"),
        ({"title": ""}, "title"),
        ({"title": 5}, "title"),
        ({"name": "x"}, "name"),
        ({"projectId": "NOPE"}, "projectId"),
        ({"fromUserId": "NOPE"}, "fromUserId"),
        ({"toUserId": "NOPE"}, "toUserId"),
        ({"parentTaskId": "NOPE"}, "parentTaskId"),
        ({"taskTypeId": "NOPE"}, "taskTypeId"),
        ({"deadline": "2030-1-1"}, "deadline"),
        ({"deadline": "2030-02-30"}, "deadline"),
        ({"deadline": "2030-01-01T00:00:00Z"}, "deadline"),
        ({"start-date": "2030-01-01"}, "start-date"),
        ({"estimate": "120"}, "estimate"),
        ({"estimate": -1}, "estimate"),
        ({"priority": 11}, "priority"),
        ({"priority": 0}, "priority"),
        ({"priority": True}, "priority"),
    ],
)
def test_creation_is_refused_when_a_parameter_is_wrong(
    goodday: Caller, fields: dict[str, Any], reason: str
) -> None:
    answer = goodday.call("POST", "/tasks", 400, json={**NEW_TASK, **fields})
    assert reason in answer["error"]
    assert reason in goodday.violation()
    assert goodday.effects() == []


@pytest.mark.parametrize("missing", ["projectId", "title", "fromUserId"])
def test_creation_is_refused_when_a_required_parameter_is_missing(goodday: Caller, missing: str) -> None:
    fields = {name: value for name, value in NEW_TASK.items() if name != missing}
    goodday.call("POST", "/tasks", 400, json=fields)
    assert missing in goodday.violation()


def test_closed_tasks_are_left_out_of_lists_unless_asked_for(goodday: Caller) -> None:
    task_id = create(goodday, toUserId="USRDSG")
    body = {"userId": "USRBRG", "statusId": "STDONE", "message": "Approved"}
    goodday.call("PUT", f"/task/{task_id}/status", json=body)
    assert goodday.call("GET", "/project/PRJART/tasks") == []
    assert goodday.call("GET", "/user/USRDSG/assigned-tasks?closed=false") == []
    assert len(goodday.call("GET", "/project/PRJART/tasks?closed=true")) == 1
    assert len(goodday.call("GET", "/user/USRDSG/assigned-tasks?closed=true")) == 1
    task = goodday.call("GET", f"/task/{task_id}")
    assert task["momentClosed"] is not None
    assert "subtasks" not in goodday.call("GET", "/project/PRJART/tasks?closed=true")[0]


def test_task_opens_again_when_its_status_is_open(goodday: Caller) -> None:
    task_id = create(goodday)
    for status in ("STDONE", "STREV"):
        goodday.call("PUT", f"/task/{task_id}/status", json={"userId": "USRBRG", "statusId": status})
    assert goodday.call("GET", f"/task/{task_id}")["momentClosed"] is None
    assert len(goodday.call("GET", "/project/PRJART/tasks")) == 1


def test_subfolders_are_listed_only_when_asked_for(goodday: Caller) -> None:
    create(goodday, projectId="PRJARC")
    assert goodday.call("GET", "/project/PRJART/tasks") == []
    assert len(goodday.call("GET", "/project/PRJART/tasks?subfolders=true")) == 1


@pytest.mark.parametrize(
    "query", ["closed=1", "closed=True", "closed=", "closed=true&closed=true", "page=1", "subfolders=yes"]
)
def test_list_is_refused_when_its_query_is_not_documented(goodday: Caller, query: str) -> None:
    goodday.call("GET", f"/project/PRJART/tasks?{query}", 400)
    assert query.partition("=")[0] in goodday.violation()


def test_reply_moves_the_action_when_the_misspelt_parameter_is_sent(goodday: Caller) -> None:
    task_id = create(goodday)
    goodday.call(
        "POST", f"/task/{task_id}/reply", 400, json={"userId": "USRBRG", "actionRequiredUserId": "USRDSG"}
    )
    body = {"userId": "USRBRG", "actionRequiredUsedId": "USRDSG", "message": "Your turn"}
    goodday.call("POST", f"/task/{task_id}/reply", json=body)
    assert [task["id"] for task in goodday.call("GET", "/user/USRDSG/action-required-tasks")] == [task_id]
    message = goodday.call("GET", f"/task/{task_id}/messages")[-1]
    assert (message["fromUserId"], message["toUserId"]) == ("USRBRG", "USRDSG")


def test_comment_is_kept_and_counts_as_activity_when_made(goodday: Caller) -> None:
    task_id = create(goodday)
    before = goodday.call("GET", f"/task/{task_id}")["recentActivityMoment"]
    goodday.call("POST", f"/task/{task_id}/comment", json={"userId": "USRMGR", "message": "Looks fine"})
    messages = goodday.call("GET", f"/task/{task_id}/messages")
    assert [(m["fromUserId"], m["message"]) for m in messages] == [("USRMGR", "Looks fine")]
    task = goodday.call("GET", f"/task/{task_id}")
    assert task["recentActivityMoment"] > before
    assert "USRMGR" in task["users"]
    goodday.call("POST", f"/task/{task_id}/comment", 400, json={"message": "x"})


def test_update_changes_only_what_is_given_and_null_resets(goodday: Caller) -> None:
    task_id = create(goodday, deadline="2030-01-01", estimate=60)
    body = {"userId": "USRBRG", "start-date": "2030-01-01", "end-date": "2030-01-02", "progress": 70}
    goodday.call("PUT", f"/task/{task_id}/update", json={**body, "title": "New name", "priority": 100})
    task = goodday.call("GET", f"/task/{task_id}")
    assert (task["name"], task["priority"], task["progress"]) == ("New name", 100, 70)
    assert (task["startDate"], task["endDate"], task["deadline"]) == (
        "2030-01-01",
        "2030-01-02",
        "2030-01-01",
    )
    body = {"userId": "USRBRG", "deadline": None, "estimate": None, "progress": None, "end-date": None}
    goodday.call("PUT", f"/task/{task_id}/update", json=body)
    task = goodday.call("GET", f"/task/{task_id}")
    assert (task["deadline"], task["estimate"], task["progress"], task["endDate"]) == (None,) * 4
    assert task["startDate"] == "2030-01-01"


@pytest.mark.parametrize(
    "fields",
    [
        {"startDate": "2030-01-01"},
        {"priority": None},
        {"title": None},
        {"deadline": "null"},
        {"progress": 101},
        {"userId": "NOPE"},
    ],
)
def test_update_is_refused_when_a_parameter_is_wrong(goodday: Caller, fields: dict[str, Any]) -> None:
    task_id = create(goodday)
    goodday.call("PUT", f"/task/{task_id}/update", 400, json={"userId": "USRBRG", **fields})
    assert next(iter(fields)) in goodday.violation()


def test_status_update_is_refused_when_the_status_is_unknown(goodday: Caller) -> None:
    task_id = create(goodday)
    goodday.call("PUT", f"/task/{task_id}/status", 400, json={"userId": "USRBRG", "statusId": "NOPE"})
    assert "statusId" in goodday.violation()


def test_subtasks_go_too_when_a_task_is_deleted(goodday: Caller) -> None:
    parent = create(goodday)
    child = create(goodday, parentTaskId=parent)
    goodday.call("DELETE", f"/task/{parent}")
    goodday.call("GET", f"/task/{parent}", 404)
    goodday.call("GET", f"/task/{child}", 404)
    assert goodday.effects("delete_task")[0]["deleted"] == [parent, child]


def test_directory_is_listed_when_asked_for(goodday: Caller) -> None:
    assert {p["id"] for p in goodday.call("GET", "/projects")} == {"PRJART", "PRJARC"}
    assert {u["id"] for u in goodday.call("GET", "/users")} == {"USRBRG", "USRDSG", "USRMGR"}
    statuses = {s["id"]: s["systemStatus"] for s in goodday.call("GET", "/statuses")}
    assert statuses["STNEW"] == 1
    assert set(statuses) == {"STNEW", "STREV", "STCHG", "STDONE", "STCNC"}


def test_call_is_refused_when_the_token_is_wrong(goodday: Caller) -> None:
    for headers in ({"gd-api-token": "wrong"}, {"gd-api-token": ""}):
        assert goodday.call("GET", "/users", 401, headers=headers) == {"error": "Unauthorized"}
    assert "gd-api-token" in goodday.violation()


def test_unknown_things_are_not_found_when_asked_for(goodday: Caller) -> None:
    for path in ("/task/NOPE", "/project/NOPE/tasks", "/user/NOPE/assigned-tasks", "/tasks/NOPE"):
        assert "error" in goodday.call("GET", path, 404)


def test_errors_follow_the_settings_when_they_are_changed(goodday: Caller) -> None:
    goodday.settings(
        error_field="message", validation_status=422, not_found_status=410, unauthorized_status=403
    )
    assert "message" in goodday.call("POST", "/tasks", 422, json={})
    assert "message" in goodday.call("GET", "/task/NOPE", 410)
    goodday.call("GET", "/users", 403, headers={"gd-api-token": "wrong"})


def test_write_answers_nothing_when_the_setting_says_so(goodday: Caller) -> None:
    task_id = create(goodday)
    goodday.settings(write_answer="empty")
    answer = goodday.send("POST", f"/task/{task_id}/comment", json={"userId": "USRBRG", "message": "x"})
    assert (answer.status_code, answer.content) == (200, b"")


def test_people_change_a_task_when_they_act(goodday: Caller) -> None:
    task_id = create(goodday, deadline="2030-01-01")
    goodday.act("set-status", task=task_id, user="USRDSG", status="STREV", comment="On it")
    goodday.act("set-deadline", task=task_id, deadline="2031-02-03")
    goodday.act("rename", task=task_id, name="Renamed")
    goodday.act("comment", task=task_id, user="USRDSG", comment="Done soon")
    task = goodday.call("GET", f"/task/{task_id}")
    assert (task["name"], task["status"]["id"], task["deadline"]) == ("Renamed", "STREV", "2031-02-03")
    messages = goodday.call("GET", f"/task/{task_id}/messages")
    assert [m["message"] for m in messages] == ["On it", "Done soon"]
    assert messages[0]["taskStatusId"] == "STREV"
    goodday.act("delete", task=task_id)
    goodday.call("GET", f"/task/{task_id}", 404)
    assert [e["operation"] for e in goodday.effects()] == ["create_task"]


def test_act_is_refused_when_it_makes_no_sense(goodday: Caller) -> None:
    task_id = create(goodday)
    goodday.act("set-status", 400, task=task_id, status="NOPE")
    goodday.act("set-status", 400, task=task_id)
    goodday.act("comment", 400, task=task_id, user="NOPE", comment="x")
    goodday.act("comment", 404, task="NOPE", comment="x")
    goodday.act("fly", 404, task=task_id)
