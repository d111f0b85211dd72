from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests

from local.simulators import serve
from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller

TASK = {"projectId": "PRJART", "title": "Proof", "fromUserId": "USRBRG"}


def order(caller: Caller, **fault: Any) -> None:
    caller.control("POST", "/faults", json=fault)


def test_error_and_header_are_sent_and_nothing_is_done_when_a_status_is_ordered(goodday: Caller) -> None:
    order(goodday, operation="create_task", fault="status", status=429, retry_after="2")
    answer = goodday.send("POST", "/tasks", json=TASK)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert "error" in answer.json()
    assert goodday.effects() == []
    goodday.call("POST", "/tasks", json=TASK)
    assert goodday.control("GET", "/requests")[0]["fault"] == "status"


def test_error_has_the_vendors_shape_when_a_status_is_ordered(good2go: Caller) -> None:
    order(good2go, fault="status", status=503)
    assert good2go.call("GET", "/jobs", 503)["error"]["status_code"] == 503


def test_nothing_is_done_when_the_connection_is_dropped_before(goodday: Caller) -> None:
    order(goodday, fault="drop_before")
    with pytest.raises(requests.ConnectionError):
        goodday.send("POST", "/tasks", json=TASK)
    assert goodday.effects() == []
    assert goodday.control("GET", "/requests")[0]["status"] is None


def test_nothing_is_done_when_the_connection_is_dropped_within_the_body(good2go: Caller) -> None:
    order(good2go, fault="drop_body", bytes=100_000)
    with pytest.raises(requests.ConnectionError):
        good2go.send("POST", "/upload", files={"filekey": ("a.pdf", bytes(9_000_000))})
    assert good2go.effects() == []
    assert good2go.control("GET", "/requests")[0]["fault"] == "drop_body"


def test_the_call_took_effect_when_the_connection_is_dropped_after(goodday: Caller) -> None:
    order(goodday, fault="drop_after")
    with pytest.raises(requests.ConnectionError):
        goodday.send("POST", "/tasks", json=TASK)
    assert len(goodday.effects("create_task")) == 1


def test_the_answer_is_cut_when_truncated(goodday: Caller) -> None:
    order(goodday, fault="truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        goodday.send("POST", "/tasks", json=TASK)
    assert len(goodday.effects("create_task")) == 1


def test_the_answer_is_no_json_when_garbage_is_ordered(goodday: Caller) -> None:
    order(goodday, fault="garbage")
    answer = goodday.send("GET", "/users")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("fault", ["slow", "slow_body"])
def test_the_answer_takes_its_time_and_is_whole_when_slow(goodday: Caller, fault: str) -> None:
    order(goodday, fault=fault, seconds=0.2)
    started = time.monotonic()
    assert len(goodday.call("GET", "/users")) == 3
    assert time.monotonic() - started >= 0.18


def test_only_so_many_calls_of_the_operation_are_hit_when_counted(goodday: Caller) -> None:
    order(goodday, operation="list_users", fault="status", status=500, times=2, after=1)
    statuses = [goodday.send("GET", "/users").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    goodday.call("GET", "/projects")
    assert goodday.control("GET", "/faults") == []


def test_every_call_is_hit_until_deleted_when_times_is_null(goodday: Caller) -> None:
    order(goodday, fault="status", status=500, times=None)
    assert [goodday.send("GET", "/users").status_code for _ in range(3)] == [500] * 3
    goodday.control("DELETE", "/faults")
    goodday.call("GET", "/users")


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "status"},
        {"fault": "slow", "status": 500},
        {"fault": "status", "status": 200},
        {"fault": "explode"},
        {"fault": "slow", "operation": "list_users_of_the_world"},
        {"fault": "slow", "unknown": 1},
    ],
)
def test_order_is_refused_when_it_makes_no_sense(goodday: Caller, fault: dict[str, Any]) -> None:
    assert goodday.control("POST", "/faults", 400, json=fault)["error"]
    assert goodday.control("GET", "/faults") == []


def test_closing_does_not_wait_when_an_answer_is_slow() -> None:
    outcome: list[str] = []
    slowed = threading.Event()

    class Closing(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            slowed.set()
            return super().wait(timeout)

    def call(url: str) -> None:
        try:
            requests.get(f"{url}/2.0/users", headers={"gd-api-token": "t"}, timeout=TIMEOUT_SECONDS)
            outcome.append("answered")
        except requests.ConnectionError:
            outcome.append("dropped")

    with serve("goodday", token="t") as simulator:
        simulator.closing = Closing()
        fault = {"fault": "slow", "seconds": 300}
        requests.post(f"{simulator.url}/_control/faults", json=fault, timeout=TIMEOUT_SECONDS)
        caller = threading.Thread(target=call, args=(simulator.url,))
        caller.start()
        assert slowed.wait(TIMEOUT_SECONDS)
    caller.join(TIMEOUT_SECONDS)
    assert not caller.is_alive()
    assert outcome
