from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from local.simulators.good2go.account import PROOFS_GUID
from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller
from tests.unit.simulators.proofs import CUSTOMER, DUE, REVIEW, REVIEWER, bare, folder, held, upload

MEMBER = "prepress@printshop.test"
ASSIGNMENT = {
    "schedule": "now",
    "task": {"category": "assign-task", "due_at": DUE, "status": "processing"},
    "reason": "notify-task",
}


def test_folders_properties_are_taken_over_unless_ignored_when_inherited(good2go: Caller) -> None:
    box = folder(good2go, "Box", c_email=CUSTOMER, due_at=DUE, alt_text="May", cus_download=True)
    guid = bare(good2go, parent=box)
    job = good2go.call("POST", f"/jobs/{guid}/action/inherit", json={"ignore": ["due_at"]})
    assert (job["c_email"], job["due_at"]) == (CUSTOMER, None)
    assert not {"ac", "cus_download", "more_info", "locked"} & set(job)
    kept = held(good2go, guid)
    assert (kept["alt_text"], kept["cus_download"]) == ("May", True)


def test_earlier_status_returns_when_an_expired_job_is_renewed(good2go: Caller) -> None:
    guid = bare(good2go)
    for status in ("rejected", "expired"):
        good2go.call("PUT", f"/jobs/{guid}", json={"status": status})
    assert good2go.call("POST", f"/jobs/{guid}/action/renew")["status"] == "rejected"
    assert good2go.call("POST", f"/jobs/{guid}/action/renew", json={})["status"] == "rejected"
    good2go.call("POST", f"/jobs/{guid}/action/send-to-mis")
    assert [effect["action"] for effect in good2go.effects("apply_action")] == [
        "renew",
        "renew",
        "send-to-mis",
    ]


def test_action_is_refused_as_documented_when_impossible(good2go: Caller) -> None:
    guid = bare(good2go)
    unknown = good2go.call("POST", f"/jobs/{guid}/action/print", 406)
    assert "'inherit', 'renew', 'send-to-mis'" in unknown["error"]["message"]
    orphan = good2go.call("POST", f"/jobs/{guid}/action/inherit", 422)
    assert orphan["error"]["message"] == "Parent job is not a folder."
    assert good2go.control("GET", "/violations") == []
    good2go.call("POST", f"/jobs/{guid}/action/renew", 422, json={"ignore": ["label"]})
    assert "ignore" in good2go.violation()
    good2go.settings(actions_permitted=False)
    good2go.call("POST", f"/jobs/{guid}/action/renew", 403)
    assert good2go.effects("apply_action") == []


@pytest.mark.parametrize("who", [{"assignee": MEMBER}, {"recipient": MEMBER}])
def test_job_is_a_members_when_assigned(good2go: Caller, who: dict[str, str]) -> None:
    guid = bare(good2go)
    body = {**ASSIGNMENT, **who, "comments": "Please add bleed", "default": {"comments": True, "task": True}}
    answer = good2go.call("POST", f"/jobs/{guid}/assign", json=body)
    assert (answer["assignee"], answer["comments"]) == (MEMBER, "Please add bleed")
    task = answer["task"]
    assert (task["category"], task["due_at"], task["status"]) == ("assign-task", DUE, "processing")
    assert set(task) == {"category", "created_at", "due_at", "executed_at", "id", "status"}
    job = good2go.call("GET", f"/jobs/{guid}")
    assert (job["asg_email"], job["newly_assigned"], job["assigned_at"] is not None) == (MEMBER, True, True)
    assert good2go.effects("assign_job")[0]["emails"] == [MEMBER]
    latest = good2go.call("GET", f"/jobs/{guid}/changelogs/latest")
    assert (latest["category"], MEMBER in latest["comments"]) == ("comments.assigned", True)


def test_assignee_wins_when_there_is_a_recipient_too(good2go: Caller) -> None:
    body = {**ASSIGNMENT, "recipient": "stranger@x.test", "assignee": MEMBER, "reason": "send-message-all"}
    assert good2go.call("POST", f"/jobs/{bare(good2go)}/assign", json=body)["assignee"] == MEMBER


def test_assignment_is_refused_when_nobody_of_the_team_is_named(good2go: Caller) -> None:
    path = f"/jobs/{bare(good2go)}/assign"
    answer = good2go.call("POST", path, 422, json={**ASSIGNMENT, "assignee": "stranger@x.test"})
    assert answer["error"]["message"] == "User stranger@x.test is not a team member."
    assert good2go.control("GET", "/violations") == []
    for body, reason in (
        (ASSIGNMENT, "assignee"),
        ({**ASSIGNMENT, "assignee": MEMBER, "task": {"category": "review-task"}}, "task.category"),
        ({**ASSIGNMENT, "assignee": MEMBER, "reason": None}, "reason"),
        ({"assignee": MEMBER, "reason": "notify-task", "task": {"category": "assign-task"}}, "schedule"),
        ({**ASSIGNMENT, "assignee": MEMBER, "reviewers": []}, "reviewers"),
    ):
        good2go.call("POST", path, 422, json=body)
        assert reason in good2go.violation()
    assert good2go.effects("assign_job") == []


def test_history_is_newest_first_and_may_hold_json_when_read(good2go: Caller) -> None:
    guid = upload(good2go, {**REVIEW, "comments": "Please look"}, name="a.png", mime="image/png")["guid"]
    good2go.act("approve", job=guid, comment="Fine")
    log = good2go.call("GET", f"/jobs/{guid}/changelogs")
    assert [entry["category"] for entry in log] == [
        "comments.approval",
        "notification.manual",
        "comments",
        "comments",
        "image-info",
    ]
    assert (log[0]["comments"], log[0]["from_email"]) == ("(Status: approved) Fine", CUSTOMER)
    assert json.loads(log[-1]["comments"])["mime"] == "image/png"
    assert log[0]["job_guid"] == guid
    assert good2go.call("GET", f"/jobs/{guid}/changelogs/latest") == log[0]
    good2go.call("GET", f"/jobs/{PROOFS_GUID}/changelogs/latest", 404)


def test_job_is_locked_and_labelled_when_asked(good2go: Caller) -> None:
    guid = bare(good2go)
    assert good2go.call("GET", f"/jobs/{guid}/locking") == {"guid": guid, "locked": False}
    assert good2go.call("POST", f"/jobs/{guid}/locking", json={"locked": True})["locked"] is True
    assert good2go.call("GET", f"/jobs/{guid}/locking")["locked"] is True
    assert good2go.call("POST", f"/jobs/{guid}/send/update", json={"label": "At the press"})["guid"] == guid
    assert held(good2go, guid)["label"] == "At the press"
    good2go.call("POST", f"/jobs/{guid}/locking", 422, json={"locked": 1})
    good2go.call("POST", f"/jobs/{guid}/send/update", 422, json={"label": "x" * 65})
    good2go.call("POST", f"/jobs/{guid}/send/update", 422, json={})
    assert len(good2go.control("GET", "/violations")) == 3


@pytest.mark.parametrize(
    ("what", "status"),
    [("approve", "approved"), ("reject", "rejected"), ("request-changes", "change-requested")],
)
def test_job_and_task_show_the_decision_when_a_person_decides(
    good2go: Caller, what: str, status: str
) -> None:
    guid = upload(good2go, {**REVIEW, "reviewers[0][email]": REVIEWER})["guid"]
    good2go.act(what, job=guid, by=REVIEWER, comment="My view")
    job = good2go.call("GET", f"/jobs/{guid}")
    assert (job["status"], job["reviewed_at"] is not None, job["has_comment"]) == (status, True, True)
    tasks = good2go.call("GET", f"/jobs/{guid}/tasks")
    assert [(t["assigned_to"], t["status"], t["job_status"]) for t in tasks] == [
        (CUSTOMER, "new", None),
        (REVIEWER, "done", status),
    ]
    assert [effect["operation"] for effect in good2go.effects()] == ["upload"]


def test_job_waits_for_all_reviewers_when_the_setting_says_so(good2go: Caller) -> None:
    good2go.settings(approval_needs_all_reviewers=True)
    guid = upload(good2go, {**REVIEW, "reviewers[0][email]": REVIEWER})["guid"]
    assert good2go.act("approve", job=guid, by=REVIEWER)["status"] == "new"
    assert good2go.act("approve", job=guid)["status"] == "approved"
    assert good2go.act("reject", job=guid, by=REVIEWER)["status"] == "rejected"


def test_people_change_a_job_when_they_act(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    assert (
        good2go.act("set-due", job=guid, due_at="2031-01-02T03:04:05Z")["due_at"]
        == "2031-01-02T03:04:05.000Z"
    )
    assert good2go.call("GET", f"/jobs/{guid}/tasks/1")["due_at"] == "2031-01-02T03:04:05.000Z"
    assert good2go.act("rename", job=guid, name="Renamed.pdf")["name"] == "Renamed.pdf"
    assert good2go.act("comment", job=guid, comment="Hm", by=REVIEWER)["has_comment"] is True
    assert good2go.call("GET", f"/jobs/{guid}/changelogs/latest")["from_email"] == REVIEWER
    for status in ("pending", "processing", "done", "expired"):
        assert good2go.act("set-status", job=guid, status=status)["status"] == status
    good2go.act("delete", job=guid)
    assert good2go.call("GET", f"/jobs/{guid}")["deleted_at"] is not None
    good2go.act("delete", job=guid)
    good2go.call("GET", f"/jobs/{guid}", 404)


@pytest.mark.parametrize(
    ("what", "arguments", "status"),
    [
        ("approve", {}, 400),
        ("approve", {"job": "x"}, 404),
        ("approve", {"job": PROOFS_GUID, "mood": "good"}, 400),
        ("comment", {"job": PROOFS_GUID}, 400),
        ("set-due", {"job": PROOFS_GUID, "due_at": "soon"}, 400),
        ("set-status", {"job": PROOFS_GUID, "status": "lost"}, 400),
    ],
)
def test_act_is_refused_when_it_makes_no_sense(
    good2go: Caller, what: str, arguments: dict[str, Any], status: int
) -> None:
    assert good2go.act(what, status, **arguments)["error"]


def test_page_lets_a_person_decide_when_its_form_is_sent(good2go: Caller) -> None:
    guid = upload(good2go)["guid"]
    page = requests.get(good2go.origin, timeout=TIMEOUT_SECONDS).text
    for text in ("carton.pdf", CUSTOMER, "Approve", "Request changes", "Reject", "Move due date", "Proofs"):
        assert text in page
    for what, fields in (
        ("request-changes", {"comment": "Logo too small", "by": CUSTOMER}),
        ("set-due", {"due_at": "2031-01-02T03:04"}),
    ):
        url = f"{good2go.origin}/_control/act/{what}"
        shown = requests.post(url, data={"job": guid, **fields}, timeout=TIMEOUT_SECONDS)
        assert shown.status_code == 200
    assert "Logo too small" in shown.text
    job = good2go.call("GET", f"/jobs/{guid}")
    assert (job["status"], job["due_at"]) == ("change-requested", "2031-01-02T03:04:00.000Z")
