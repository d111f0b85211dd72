"""Starting, refusing to start, and leaving nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws import LocalAws, LocalAwsError, prepare
from local.aws.paths import ROOT

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"
END_MS = 10_000

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc and pidfd")


def descendants(pid: int) -> set[int]:
    """Every process that a process has started, directly or not."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            parents[int(entry.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@contextlib.contextmanager
def watched(pids: set[int]) -> Iterator[dict[int, int]]:
    """Hold on to processes, so that their end can be awaited; a number may be used again, this can't."""
    handles = {pid: os.pidfd_open(pid) for pid in pids}
    try:
        yield handles
    finally:
        for handle in handles.values():
            os.close(handle)


def left(handles: dict[int, int]) -> list[int]:
    """The processes that have not ended after a while."""
    remaining = []
    for pid, handle in handles.items():
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        if not poll.poll(END_MS):
            remaining.append(pid)
    return remaining


def start_everything(aws: LocalAws) -> set[int]:
    """Have functions idle and at work, and return all processes."""
    for function in ("EchoFunction", "TickFunction"):
        aws.invoke(function, {"probe": "context"})
    queue = aws.outputs["JobsUrl"]
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody='{"note": "x", "do": "sleep", "seconds": 30}')
    aws.wait_for(lambda: "platform.start" in aws.log_text("WorkFunction"))
    pids = descendants(aws.process.pid)
    # The keeper, moto, and three functions.
    assert len(pids) >= 5
    return pids


@linux
def test_no_process_is_left_when_stopped() -> None:
    with LocalAws(template=FIXTURE, simulators=False) as aws, watched(start_everything(aws)) as handles:
        aws.process.send_signal(signal.SIGTERM)
        assert aws.process.wait(20) == 0
        assert left(handles) == []


@linux
def test_no_process_is_left_when_runner_is_killed() -> None:
    with LocalAws(template=FIXTURE, simulators=False) as aws, watched(start_everything(aws)) as handles:
        aws.process.kill()
        assert left(handles) == []


@linux
def test_no_process_is_left_when_the_one_that_started_it_is_killed() -> None:
    script = (
        "import sys, time; from pathlib import Path; from local.aws import LocalAws\n"
        f"with LocalAws(template=Path({str(FIXTURE)!r}), simulators=False) as aws:\n"
        "    print(aws.process.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:  # noqa: S603
        assert parent.stdout is not None
        runner = int(parent.stdout.readline())
        with watched({runner, *descendants(runner)}) as handles:
            parent.kill()
            assert left(handles) == []


def run_local(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; it is meant to refuse."""
    return subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-m", "local", "--template", str(FIXTURE), "--no-simulators", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_port_is_named_when_it_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(LocalAwsError, match=rf"port {port} can't be used .*--port-offset"),
            LocalAws(template=FIXTURE, simulators=False, port_offset=port - 3000),
        ):
            pytest.fail("it started")


def test_parameters_are_listed_when_one_is_unknown() -> None:
    done = run_local("--parameter-overrides", "Stage=prod", "Nonsense=1")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "unknown parameter Nonsense" in done.stderr
    assert "Good2GoBaseUrl, Limit, Stage, WithExtra" in done.stderr


def test_form_is_named_when_override_has_no_value() -> None:
    done = run_local("--parameter-overrides", "Stage")
    assert done.returncode == 2
    assert "Key=Value is wanted" in done.stderr


def test_configuration_is_refused_before_anything_runs_when_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("wrong = 1\n")
    done = run_local("--config", str(tmp_path), "--port-offset", "20500")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip() == "local aws: settings.toml: unknown key 'wrong'; allowed: name"


def test_secrets_are_refused_without_being_shown_when_file_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("hush: this is secret")
    done = run_local("--secrets", str(path))
    assert done.returncode == 2
    assert "not JSON" in done.stderr
    assert "hush" not in done.stderr


def test_options_reach_the_functions_and_interrupt_ends_it_when_given(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('name = "another"\n')
    secrets = tmp_path / "secrets.json"
    secrets.write_text('{"good2go": {"token": "mine"}}')
    overrides = {"Stage": "prod", "WithExtra": "yes", "Good2GoBaseUrl": "http://127.0.0.1:9"}
    with LocalAws(
        template=FIXTURE,
        simulators=False,
        config=tmp_path,
        secrets=secrets,
        parameter_overrides=overrides,
        log_dir=tmp_path / "logs",
    ) as aws:
        seen = aws.invoke("EchoFunction", {"probe": "environment"})
        assert (seen["STAGE"], seen["VENDOR"]) == ("prod", "http://127.0.0.1:9")
        assert (
            aws.invoke("EchoFunction", {"probe": "read", "variable": "CONFIG_FILE"}) == 'name = "another"\n'
        )
        secret = aws.client("secretsmanager").get_secret_value(SecretId="proofbridge/prod/good2go")
        assert json.loads(secret["SecretString"]) == {"token": "mine"}
        assert aws.outputs["BusName"] == "fixture-prod"
        # A function that there is only under a condition, with its queue.
        aws.client("sqs").send_message(QueueUrl=aws.outputs["GivenUpUrl"], MessageBody="hello")
        aws.wait_idle()
        assert [each["function"] for each in aws.invocations()][-1] == "ExtraFunction"
        assert (tmp_path / "logs" / "ExtraFunction.log").exists()
        aws.process.send_signal(signal.SIGINT)
        assert aws.process.wait(20) == 0


def test_one_line_tells_the_addresses_when_ready(aws: LocalAws) -> None:
    for address in (aws.http_api, aws.lambda_api, aws.aws):
        assert address.startswith("http://127.0.0.1:")
    assert aws.simulators == {}
    assert "ready in" in aws.log_text()


def test_nothing_is_installed_when_everything_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare.prepare()

    def refuse(*arguments: str) -> None:
        pytest.fail(f"uv {arguments[0]} was run again")

    monkeypatch.setattr(prepare, "_uv", refuse)
    prepare.prepare()
    assert (prepare.RUNTIME / "awslambdaric").is_dir()
    assert (prepare.DEPENDENCIES / "python" / "pydantic").is_dir()


@linux
def test_runner_ends_with_an_error_when_motos_process_is_gone() -> None:
    with LocalAws(template=FIXTURE, simulators=False) as aws:
        (moto,) = (
            pid
            for pid in descendants(aws.process.pid)
            if b"local.aws.aws_server" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(moto, signal.SIGKILL)
        assert aws.process.wait(20) == 1
        assert "moto's process does not answer" in aws.log_text()


def test_queue_is_named_when_its_visibility_timeout_is_too_short(tmp_path: Path) -> None:
    for directory in ("functions", "layer", "other", "config"):
        (tmp_path / directory).symlink_to(FIXTURE.parent / directory)
    template = tmp_path / "template.yaml"
    template.write_text(FIXTURE.read_text().replace("VisibilityTimeout: 3", "VisibilityTimeout: 1"))
    done = run_local("--template", str(template), "--port-offset", "20600")
    assert done.returncode == 1
    assert "its visibility timeout of 1 s is less than the 2 s of WorkFunction" in done.stderr
