from __future__ import annotations

import ast
import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

import local.simulators
from local.simulators import serve
from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller

PACKAGE = Path(local.simulators.__file__).parent


def test_one_connection_serves_many_calls_when_the_client_keeps_it(goodday: Caller) -> None:
    before = goodday.control("GET", "/health")["connections_accepted"]
    for _ in range(10):
        goodday.call("GET", "/users")
    goodday.call("POST", "/tasks", 400, json={})
    assert goodday.control("GET", "/health")["connections_accepted"] == before + 2


def test_refusal_arrives_when_the_body_is_large_and_unread(good2go: Caller) -> None:
    files = {"filekey": ("a.pdf", b"x" * (4 << 20), "application/pdf")}
    answer = good2go.call(
        "POST", "/upload", 401, data={"reason": "update-task"}, files=files, headers={"Authorization": "no"}
    )
    assert answer["error"]["message"] == "Unauthenticated."
    good2go.call("GET", "/jobs")


def test_no_thread_or_port_is_left_when_closed_with_an_open_connection() -> None:
    before = set(threading.enumerate())
    with serve("good2go", token="t") as simulator, requests.Session() as session:
        session.get(f"{simulator.url}/_control/health", timeout=TIMEOUT_SECONDS)
        url = simulator.url
    assert set(threading.enumerate()) <= before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def test_nothing_but_the_standard_answer_is_sent_when_asked_for_the_head(goodday: Caller) -> None:
    answer = goodday.send("HEAD", "/users")
    assert (answer.status_code, answer.content) == (200, b"")
    goodday.call("GET", "/users")


def test_a_settings_mistake_is_told_when_serving() -> None:
    with pytest.raises(ValueError, match="per_page"), serve("good2go", per_page=0):
        pass
    with pytest.raises(LookupError, match="goodday"), serve("nobody"):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_serves_and_ends_cleanly_when_signalled(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "local.simulators", "good2go", "--token", "t1", "--per-page", "3"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, text=True, cwd=PACKAGE.parent.parent
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert (ready["ready"], ready["vendor"]) == (True, "good2go")
        answer = requests.get(
            f"{ready['url']}/api/v1/jobs", headers={"Authorization": "Bearer t1"}, timeout=TIMEOUT_SECONDS
        )
        assert answer.json()["meta"]["per_page"] == 3
        process.send_signal(number)
        assert process.wait(TIMEOUT_SECONDS) == 0


def test_command_is_refused_when_a_setting_is_wrong() -> None:
    command = [sys.executable, "-m", "local.simulators", "good2go", "--per-page", "none"]
    result = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, cwd=PACKAGE.parent.parent, timeout=60, check=False
    )
    assert result.returncode == 2
    assert "per_page" in result.stderr


def test_simulators_share_no_code_with_proofbridge_when_their_imports_are_read() -> None:
    imported = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert "flask" in imported
    assert not {"proofbridge", "boto3"} & imported
