from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import requests

from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller

CREDENTIALS = {"userName": "studio@proofbridge.test", "password": "local-studio-password"}


def log_in(studio: Caller, **credentials: str) -> requests.Response:
    url = studio.base + "/token/login"
    return requests.post(url, json={**CREDENTIALS, **credentials}, timeout=TIMEOUT_SECONDS)


def with_token(studio: Caller, token: str, expect: int = 200) -> Any:
    return studio.call("GET", "/users", expect, headers={"Authorization": f"Bearer {token}"})


def test_every_token_is_good_for_two_hours_when_there_are_several(studio: Caller) -> None:
    first = log_in(studio).json()["result"]["token"]
    studio.control("POST", "/clock", json={"advance_seconds": 3600})
    second = log_in(studio).json()["result"]["token"]
    assert first != second
    studio.control("POST", "/clock", json={"advance_seconds": 3599})
    with_token(studio, first)
    studio.control("POST", "/clock", json={"advance_seconds": 2})
    assert with_token(studio, first, 401)["statusCode"] == 401
    with_token(studio, second)
    assert studio.control("GET", "/violations") == []


def test_token_is_a_violation_when_missing_or_unknown(studio: Caller) -> None:
    answer = studio.send("GET", "/users", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    with_token(studio, "guessed", 401)
    assert "bearer token" in studio.violation()
    studio.settings(unauthorized_body="empty")
    assert studio.send("GET", "/users", headers={"Authorization": "Basic eA=="}).content == b""


def test_tokens_are_refused_when_a_person_lets_them_expire(studio: Caller) -> None:
    assert studio.act("expire-tokens") == {"expired": 1}
    studio.call("GET", "/users", 401)
    with_token(studio, log_in(studio).json()["result"]["token"])


@pytest.mark.parametrize("wrong", [{"userName": "nobody"}, {"password": "guess"}])
def test_login_is_refused_when_the_credentials_are_wrong(studio: Caller, wrong: dict[str, str]) -> None:
    assert log_in(studio, **wrong).status_code == 401
    studio.settings(login_failure_status=404)
    answer = log_in(studio, **wrong)
    assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)
    assert "result" not in answer.json()


def test_login_is_a_violation_when_a_field_is_missing_or_unknown(studio: Caller) -> None:
    problem = log_in(studio, username="x").json()
    assert problem["status"] == 400
    assert list(problem["errors"]) == ["username"]


def test_success_comes_in_the_envelope_when_called(studio: Caller) -> None:
    answer = studio.call("GET", "/users")
    assert {key: answer[key] for key in ("version", "statusCode")} == {"version": "1.0", "statusCode": 200}
    assert [user["email"] for user in answer["result"]] == ["owner@printshop.test", "reviewer@brand.test"]


def test_errors_are_a_map_of_parameters_when_several_are_wrong(studio: Caller) -> None:
    problem = studio.call("POST", "/project", 400, json={"projectName": "", "colour": "red"})
    assert sorted(problem["errors"]) == ["colour", "projectName", "projectOwnersUIDS"]
    assert all(isinstance(reasons, list) for reasons in problem["errors"].values())
    assert (problem["status"], "traceId" in problem) == (400, True)
    assert list(studio.call("POST", "/project", 400, data=b"{", headers=JSON)["errors"]) == ["$"]
    assert studio.call("POST", "/project", 415, data=b"{}")["status"] == 415


JSON = {"Content-Type": "application/json"}


def test_call_is_refused_in_plain_text_when_it_is_one_too_many(studio: Caller) -> None:
    studio.settings(calls_per_minute=2)
    assert studio.send("GET", "/users").headers["X-Rate-Limit-Remaining"] == "1"
    assert studio.send("GET", "/users").headers["X-Rate-Limit-Remaining"] == "0"
    answer = studio.send("GET", "/users")
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "text/plain")
    assert 58 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["X-Rate-Limit-Limit"] == "1m"
    assert datetime.fromisoformat(answer.headers["X-Rate-Limit-Reset"]).tzinfo is not None
    assert log_in(studio).status_code == 429
    studio.control("POST", "/clock", json={"advance_seconds": 61})
    studio.call("GET", "/users")


def test_longest_period_is_told_of_when_several_limits_are_set(studio: Caller) -> None:
    studio.settings(calls_per_second=100, calls_per_hour=5)
    answer = studio.send("GET", "/users")
    assert (answer.headers["X-Rate-Limit-Limit"], answer.headers["X-Rate-Limit-Remaining"]) == ("1h", "4")


def test_injected_429_has_the_vendors_shape_when_ordered(studio: Caller) -> None:
    fault = {"operation": "list_users", "fault": "status", "status": 429, "retry_after": "7"}
    studio.control("POST", "/faults", json=fault)
    answer = studio.send("GET", "/users")
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "text/plain")
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"


def test_plural_paths_of_the_tables_are_unknown_when_called(studio: Caller) -> None:
    assert studio.call("GET", "/assets?AssetUID=X", 404)["statusCode"] == 404
    assert "/api/v1/assets" in studio.violation()
