"""Local AWS for tests and demos: started as a process of its own, and asked instead of slept for."""

from __future__ import annotations

import json
import queue
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import boto3
from botocore.config import Config

from local.aws.paths import ROOT, STATE

_START_SECONDS = 120.0
_STOP_SECONDS = 20.0
_ATTEMPTS = 5
_FUNCTION_SECONDS = 910
_KEEP_LOGS_SECONDS = 86_400
_CHECK_SECONDS = 0.02


class LocalAwsError(Exception):
    """It could not be started, or did not come to rest in time."""


def _forget_old_logs() -> None:
    """Remove the logs of earlier runs on ports of their own: nobody looks for them after a day."""
    for logs in (STATE / "logs").glob("offset-*"):
        # Another start may be doing the same.
        with suppress(OSError):
            if time.time() - logs.stat().st_mtime > _KEEP_LOGS_SECONDS:
                shutil.rmtree(logs)


class LocalAws:
    """A running local AWS; leaving the `with` block ends it and everything it started.

    Without `port_offset` free ports are found. It ends also when this process is killed.
    """

    http_api: str
    lambda_api: str
    aws: str
    region: str
    outputs: dict[str, str]
    simulators: dict[str, str]

    def __init__(
        self,
        *,
        port_offset: int | None = None,
        template: Path | None = None,
        config: Path | None = None,
        secrets: Path | None = None,
        parameter_overrides: Mapping[str, str] | None = None,
        schedules: bool = False,
        simulators: bool = True,
        concurrency: int | None = None,
        log_dir: Path | None = None,
        verbose: bool = False,
    ) -> None:
        self._offset = port_offset
        self._log_dir = log_dir
        self._arguments = [
            *(() if template is None else ("--template", str(template))),
            *(() if config is None else ("--config", str(config))),
            *(() if secrets is None else ("--secrets", str(secrets))),
            *(() if concurrency is None else ("--concurrency", str(concurrency))),
            *(() if schedules else ("--no-schedules",)),
            *(() if simulators else ("--no-simulators",)),
            *(("--verbose",) if verbose else ()),
        ]
        if parameter_overrides:
            pairs = [f"{name}={value}" for name, value in parameter_overrides.items()]
            self._arguments += ["--parameter-overrides", *pairs]
        self._clients = ExitStack()
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        if self._offset is not None:
            self._start(self._offset)
            return self
        for _ in range(_ATTEMPTS):
            try:
                # Below the range that the kernel takes ports of outgoing connections from.
                self._start(random.randrange(100, 23_000, 10))  # noqa: S311 - nobody is to be kept from guessing it
            except LocalAwsError as error:
                if "--port-offset" not in str(error):
                    raise
            else:
                return self
        raise LocalAwsError(f"no free ports after {_ATTEMPTS} attempts")

    def _start(self, offset: int) -> None:
        _forget_old_logs()
        self.logs = self._log_dir or STATE / "logs" / f"offset-{offset}"
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / "local-aws.log").open("wb") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - the command is ours
                [
                    *(
                        sys.executable,
                        "-m",
                        "local",
                        "--port-offset",
                        str(offset),
                        "--log-dir",
                        str(self.logs),
                    ),
                    *("--until-stdin-closes", *self._arguments),
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        line = self._first_line()
        if not line:
            self._end()
            raise LocalAwsError(f"local AWS did not start:\n{self.log_text()}")
        ready: dict[str, Any] = json.loads(line)
        self.http_api = ready["http_api"]
        self.lambda_api = ready["lambda"]
        self.aws = ready["aws"]
        self.region = ready["region"]
        self.outputs = ready["outputs"]
        self.simulators = ready["simulators"]

    def _first_line(self) -> bytes:
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        threading.Thread(target=lambda out: lines.put(out.readline()), args=(self.process.stdout,)).start()
        try:
            return lines.get(timeout=_START_SECONDS)
        except queue.Empty:
            self.process.kill()
            return b""

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of an AWS service here, `lambda` included; `options` are boto3's.

        It is closed at the end of the `with` block.
        """
        if service == "lambda":
            # A function may take its 15 minutes, and must not be run again because the client lost patience.
            options.setdefault(
                "config", Config(read_timeout=_FUNCTION_SECONDS, retries={"total_max_attempts": 1})
            )
        client = boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.lambda_api if service == "lambda" else self.aws,
            region_name=self.region,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - moto takes any
            **options,
        )
        self._clients.callback(client.close)
        return client

    def invoke(self, function: str, payload: Any = None) -> Any:
        """Invoke a function by its logical id and return its answer. Raise LocalAwsError if it fails."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload or {}))
        body = answer["Payload"].read()
        if "FunctionError" in answer:
            raise LocalAwsError(f"{function} failed: {body.decode()}")
        return json.loads(body) if body else None

    def simulator(self, vendor: str) -> str:
        """Return the address of a vendor's simulator."""
        return self.simulators[vendor]

    def wait_idle(self, timeout_seconds: float = 30.0) -> None:
        """Return once nothing runs and nothing waits to run. Raise LocalAwsError, naming what does.

        Delayed messages don't count, nor queues that no function reads, nor a simulator's webhook on its way.
        """
        query = urlencode({"timeout_seconds": timeout_seconds})
        answer = self._ask(f"/_local/idle?{query}", timeout_seconds)
        if not answer["idle"]:
            raise LocalAwsError(f"not idle after {timeout_seconds} s: {'; '.join(answer['waiting_for'])}")

    def wait_for(self, condition: Callable[[], bool], timeout_seconds: float = 30.0) -> None:
        """Return once `condition` holds, asked again and again. Raise LocalAwsError if it doesn't in time."""
        until = time.monotonic() + timeout_seconds
        while not condition():
            if time.monotonic() >= until:
                raise LocalAwsError(f"what was waited for did not come about in {timeout_seconds} s")
            time.sleep(_CHECK_SECONDS)

    def invocations(self) -> list[dict[str, Any]]:
        """Return what ran so far: function, trigger, request_id, at, duration_ms, init_ms, error."""
        recorded: list[dict[str, Any]] = self._ask("/_local/invocations", 0)
        return recorded

    def aws_calls(self) -> list[dict[str, str]]:
        """Return every AWS call made so far: function, action (as IAM names it), resource."""
        connection = HTTPConnection(urlsplit(self.aws).netloc, timeout=30)
        try:
            connection.request("GET", "/_local/calls")
            calls: list[dict[str, str]] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return calls

    def log_text(self, name: str = "local-aws") -> str:
        """Read a log: a function's by logical id, `aws` (moto), `simulator-<vendor>`, or the runner's own."""
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def _ask(self, path: str, extra_seconds: float) -> Any:
        connection = HTTPConnection(urlsplit(self.lambda_api).netloc, timeout=extra_seconds + 30)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def _end(self) -> None:
        self._clients.close()
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
