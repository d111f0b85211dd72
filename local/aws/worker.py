"""One function process: started, given invocations, killed at its deadline."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.aws.children import Children
from local.aws.function_log import FunctionLog, ProcessOutput
from local.aws.layers import rewrite_opt
from local.aws.prepare import RUNTIME
from local.aws.runtime_api import Invocation, Message, RuntimeApi

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INIT_SECONDS = 60.0
"""Lambda allows ten; a busy machine may need more for what takes one."""
_RESPONSE_BYTES = 6_291_556


@dataclass(frozen=True)
class FunctionSettings:
    """What the template says of one function, every reference resolved."""

    logical_id: str
    name: str
    arn: str
    handler: str
    runtime: str
    code: Path
    opt: Path
    environment: dict[str, str]
    timeout_seconds: float
    memory_mb: int
    concurrency: int
    json_logs: bool
    log_level: str = "INFO"


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended: the answer, or (`error`: Unhandled) Lambda's JSON about the failure.

    `init_seconds` is what it took to start the process, 0 for a warm one.
    """

    request_id: str
    payload: bytes
    error: str | None
    log_tail: bytes
    duration_seconds: float
    init_seconds: float


class GoneError(Exception):
    """The process ended before it took the invocation; another one can have it."""


class Worker:
    """A process of one function. Not for two threads at once; `alive` may be asked by any."""

    def __init__(
        self, settings: FunctionSettings, *, aws: dict[str, str], children: Children, log: FunctionLog
    ) -> None:
        self._settings = settings
        self._log = log
        self._api = RuntimeApi()
        self._output = ProcessOutput(log)
        self._ready = False
        self._closed = False
        self._started = time.monotonic()
        directories = [
            settings.code,
            settings.opt
            / "python"
            / "lib"
            / f"python{sys.version_info.major}.{sys.version_info.minor}"
            / "site-packages",
            settings.opt / "python",
            RUNTIME,
        ]
        self._process = children.start(
            [
                *(sys.executable, "-I", "-S", str(_BOOTSTRAP)),
                *(os.pathsep.join(str(directory) for directory in directories), settings.handler),
            ],
            environment={**_environment(settings, aws), "AWS_LAMBDA_RUNTIME_API": self._api.address},
            directory=settings.code,
            output=self._output.write_end,
        )
        self._output.started()
        self._exits = threading.Thread(target=self._watch, daemon=True)
        self._exits.start()

    @property
    def alive(self) -> bool:
        """Whether the process can take another invocation."""
        return not self._closed and self._process.returncode is None

    def invoke(self, invocation_id: str, payload: bytes) -> Outcome:
        """Run the handler once. A process that could not start, crashed or ran too long is dead after it."""
        called = time.monotonic()
        cold = not self._ready
        self._output.begin_tail()
        failure = None if self._ready else self._initialise(invocation_id)
        version = {"requestId": invocation_id, "version": "$LATEST"}
        self._log.platform("start", f"START RequestId: {invocation_id} Version: $LATEST", version)
        began = time.monotonic()
        if failure is None:
            timeout = self._settings.timeout_seconds
            self._api.offer(
                Invocation(
                    request_id=invocation_id,
                    payload=payload,
                    function_arn=self._settings.arn,
                    deadline_ms=int((time.time() + timeout) * 1000),
                )
            )
            answer = self._await(("response", "error", "exit"), began + timeout, invocation_id)
            if answer is not None and answer.kind == "exit" and not self._api.fetched(invocation_id):
                self.close()
                raise GoneError
            result, error = self._judge(answer, invocation_id, timeout)
        else:
            result, error = failure, "Unhandled"
        duration = time.monotonic() - began
        tail = self._output.tail() + self._report(invocation_id, duration)
        return Outcome(invocation_id, result, error, tail, duration, began - called if cold else 0.0)

    def _initialise(self, invocation_id: str) -> bytes | None:
        """Wait until the handler's module is imported; Lambda's JSON about the failure if it isn't."""
        told = self._await(("ready", "init_error", "exit"), self._started + INIT_SECONDS)
        if told is None:
            self.close()
            return _failure(
                "Sandbox.Timedout", invocation_id, f"Error: Task timed out after {INIT_SECONDS:.2f} seconds"
            )
        if told.kind == "ready":
            self._ready = True
            return None
        self.close()
        if told.kind == "init_error":
            return told.payload
        return _failure("Runtime.ExitError", invocation_id, f"Error: Runtime exited {self._exit_words()}")

    def _judge(self, answer: Message | None, invocation_id: str, timeout: float) -> tuple[bytes, str | None]:
        if answer is None:
            self.close()
            words = f"Error: Task timed out after {timeout:.2f} seconds"
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            text = f"{now} {invocation_id} Task timed out after {timeout:.2f} seconds\n"
            self._log.platform("runtimeDone", text, {"requestId": invocation_id, "status": "timeout"})
            return _failure("Sandbox.Timedout", invocation_id, words), "Unhandled"
        if answer.kind == "exit":
            self.close()
            words = f"Error: Runtime exited {self._exit_words()}"
            return _failure("Runtime.ExitError", invocation_id, words), "Unhandled"
        if answer.kind == "error":
            return answer.payload, "Unhandled"
        if len(answer.payload) > _RESPONSE_BYTES:
            words = f"Response payload size exceeded maximum allowed payload size ({_RESPONSE_BYTES} bytes)."
            return _plain_failure("Function.ResponseSizeTooLarge", words), "Unhandled"
        return answer.payload, None

    def _await(self, kinds: tuple[str, ...], deadline: float, request_id: str = "") -> Message | None:
        while True:
            try:
                told = self._api.messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if told.kind in kinds and told.request_id in ("", request_id):
                return told

    def _exit_words(self) -> str:
        code = self._process.returncode
        if code is not None and code < 0:
            return f"with error: signal: {signal.Signals(-code).name}"
        return "without providing a reason" if code == 0 else f"with error: exit status {code}"

    def _report(self, invocation_id: str, duration: float) -> bytes:
        milliseconds = round(duration * 1000, 2)
        metrics = {"durationMs": milliseconds, "memorySizeMB": self._settings.memory_mb}
        return self._log.platform(
            "report",
            f"END RequestId: {invocation_id}\nREPORT RequestId: {invocation_id}\t"
            f"Duration: {milliseconds} ms\tMemory Size: {self._settings.memory_mb} MB",
            {"requestId": invocation_id, "metrics": metrics},
        )

    def _watch(self) -> None:
        self._process.wait()
        self._api.messages.put(Message("exit"))

    def kill(self) -> None:
        """End the process; an invocation in progress fails, and its thread closes the worker."""
        self._process.kill()

    def close(self) -> None:
        """Kill the process, if it lives, and let go of everything. May be called again."""
        if self._closed:
            return
        self._closed = True
        self._process.kill()
        self._exits.join()
        self._api.close()
        self._output.close()


def _failure(kind: str, request_id: str, words: str) -> bytes:
    return _plain_failure(kind, f"RequestId: {request_id} {words}")


def _plain_failure(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _environment(settings: FunctionSettings, aws: dict[str, str]) -> dict[str, str]:
    """Make the whole environment: what Lambda sets, then what the template says. Nothing is inherited."""
    given = {name: rewrite_opt(value, settings.opt) for name, value in settings.environment.items()}
    log_format = (
        {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": settings.log_level}
        if settings.json_logs
        else {}
    )
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{settings.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_RUNTIME_DIR": str(RUNTIME),
        "LAMBDA_TASK_ROOT": str(settings.code),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": settings.handler,
        **log_format,
        **aws,
        # Each function signs with a key of its own, as under its own role: so its calls can be told apart.
        "AWS_ACCESS_KEY_ID": settings.logical_id,
        **given,
    }
