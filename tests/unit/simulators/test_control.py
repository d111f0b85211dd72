from __future__ import annotations

from datetime import UTC, datetime, timedelta

import requests

from local.simulators.clock import Clock
from local.simulators.journal import Journal
from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller

TASK = {"projectId": "PRJART", "title": "A <b>bold</b> title", "fromUserId": "USRBRG"}


def test_health_names_the_vendor_when_asked(goodday: Caller) -> None:
    health = goodday.control("GET", "/health")
    assert (health["vendor"], health["ready"]) == ("goodday", True)


def test_effects_hold_only_what_took_effect_when_calls_are_mixed(goodday: Caller) -> None:
    goodday.call("GET", "/users")
    goodday.call("POST", "/tasks", 400, json={})
    goodday.call("POST", "/tasks", json=TASK)
    goodday.call("GET", "/task/TSK0001")
    effect = goodday.control("GET", "/effects")[0]
    assert (effect["n"], effect["operation"], effect["item"]) == (1, "create_task", "TSK0001")
    assert datetime.fromisoformat(effect["at"]).tzinfo is not None
    assert len(goodday.effects()) == 1


def test_requests_are_counted_since_a_number_when_asked(goodday: Caller) -> None:
    goodday.call("GET", "/users")
    goodday.call("GET", "/project/PRJART/tasks?closed=true")
    goodday.call("GET", "/nothing", 404)
    first, second, third = goodday.control("GET", "/requests")
    assert (first["operation"], first["method"], first["path"], first["status"]) == (
        "list_users",
        "GET",
        "/2.0/users",
        200,
    )
    assert second["query"] == "closed=true"
    assert (third["operation"], third["status"]) == (None, 404)
    assert goodday.control("GET", f"/requests?since={second['n']}") == [third]


def test_only_the_newest_entries_stay_when_a_journal_is_full() -> None:
    journal = Journal(Clock(), kept=3)
    for name in "abcde":
        journal.add(name=name)
    assert [(entry["n"], entry["name"]) for entry in journal.entries()] == [(3, "c"), (4, "d"), (5, "e")]


def test_unknown_route_is_a_violation_in_the_vendors_shape_when_called(good2go: Caller) -> None:
    answer = good2go.call("GET", "/nothing/here", 404)
    assert answer["error"]["status_code"] == 404
    assert "GET /api/v1/nothing/here" in good2go.violation()
    assert good2go.call("PATCH", "/jobs", 405)["error"]["status_code"] == 405
    assert "PATCH" in good2go.violation()


def test_everything_is_as_at_the_start_when_reset(goodday: Caller) -> None:
    goodday.call("POST", "/tasks", json=TASK)
    goodday.settings(token="other")
    goodday.control("POST", "/faults", json={"fault": "garbage", "times": None})
    goodday.control("POST", "/clock", json={"now": "2040-01-01T00:00:00Z"})
    goodday.control("POST", "/reset")
    assert goodday.control("GET", "/state")["tasks"] == []
    assert goodday.control("GET", "/effects") == []
    assert goodday.control("GET", "/requests") == []
    assert goodday.control("GET", "/faults") == []
    assert goodday.control("GET", "/settings")["token"] == "token-2"
    now = datetime.fromisoformat(goodday.control("POST", "/clock", json={})["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    goodday.call("POST", "/tasks", json=TASK)
    assert goodday.effects()[0]["item"] == "TSK0001"


def test_settings_are_refused_when_unknown_or_wrong(goodday: Caller) -> None:
    assert "colour" in goodday.control("POST", "/settings", 400, json={"colour": "red"})["error"]
    assert "write_answer" in goodday.control("POST", "/settings", 400, json={"write_answer": 5})["error"]
    assert "JSON" in goodday.control("POST", "/settings", 400, data=b"{")["error"]
    goodday.settings(token="other")
    goodday.call("GET", "/users", 401)
    goodday.call("GET", "/users", headers={"gd-api-token": "other"})


def test_clock_moves_what_the_vendor_writes_when_moved(goodday: Caller) -> None:
    goodday.control("POST", "/clock", json={"now": "2031-05-06T07:08:09Z"})
    goodday.control("POST", "/clock", json={"advance_seconds": 86400})
    goodday.call("POST", "/tasks", json=TASK)
    assert goodday.call("GET", "/task/TSK0001")["momentCreated"].startswith("2031-05-07T07:08")
    goodday.control("POST", "/clock", 400, json={"now": "2031-05-06T07:08:09"})
    goodday.control("POST", "/clock", 400, json={"then": "2031-05-06T07:08:09Z"})


def test_operations_are_listed_with_their_section_when_asked(goodday: Caller) -> None:
    operations = {o["operation"]: o for o in goodday.control("GET", "/operations")}
    assert operations["update_status"] == {
        "operation": "update_status",
        "method": "PUT",
        "path": "/2.0/task/<task_id>/status",
        "section": "Update status",
    }
    assert operations["list_users"]["section"] == "outside"
    assert len(operations) == 14


def test_unknown_control_route_answers_json_when_called(goodday: Caller) -> None:
    assert "error" in goodday.control("GET", "/nothing", 404)
    assert goodday.control("GET", "/violations") == []


def test_webhooks_are_empty_when_the_vendor_has_none(goodday: Caller) -> None:
    assert goodday.control("GET", "/webhooks") == []
    assert goodday.control("POST", "/webhooks/drain") == {"drained": True}
    goodday.control("POST", "/webhooks/resend", 404, json={"n": 1})


def test_page_shows_the_state_and_escapes_it_when_opened(goodday: Caller) -> None:
    goodday.call("POST", "/tasks", json=TASK)
    goodday.call("POST", "/tasks", 400, json={})
    answer = requests.get(goodday.origin, timeout=TIMEOUT_SECONDS)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "A &lt;b&gt;bold&lt;/b&gt; title" in answer.text
    assert "create_task" in answer.text
    assert "1 refused as not documented" in answer.text


def test_page_returns_to_itself_when_a_form_is_sent(goodday: Caller) -> None:
    goodday.call("POST", "/tasks", json=TASK)
    answer = requests.post(
        f"{goodday.origin}/_control/act/set-status",
        data={"task": "TSK0001", "user": "USRDSG", "status": "STDONE", "comment": ""},
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert goodday.call("GET", "/task/TSK0001")["status"]["id"] == "STDONE"
