"""Local AWS as a whole: starts everything in order, prints the ready line, and ends everything."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import boto3

from local.aws import deployment, mail, prepare, secrets, simulators, stack, template
from local.aws.children import Children
from local.aws.layers import OptDirectories
from local.aws.options import AWS_PORT, HTTP_API_PORT, LAMBDA_PORT, Options, parse
from local.aws.paths import ROOT
from local.aws.sources import Sources
from local.aws.stack import Stack
from local.aws.template import Template
from local.aws.wiring import Wiring

_CHECK_CONFIG = Path(__file__).with_name("check_config.py")
_CONFIG = "config"
_CONFIG_MODULE = Path("proofbridge", "config", "loader.py")
_MOTO_START_SECONDS = 60.0
_HOST = "127.0.0.1"
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
}
_USAGE = 2


class StartError(Exception):
    """It can't run; the message says why, `status` is the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class _StopSignal(BaseException):
    """SIGINT or SIGTERM arrived; like KeyboardInterrupt it unwinds whatever is being done."""


def run(options: Options) -> int:
    """Run until SIGINT or SIGTERM; the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    failures: list[str] = []

    def fail(message: str) -> None:
        failures.append(message)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.excepthook = lambda thread: _report_thread(thread, fail)
    with ExitStack() as ends:
        try:
            ready = _Start(options, ends, fail=fail).start()
            print(json.dumps(ready), flush=True)
            threading.Event().wait()
        except _StopSignal:
            # Threads that are at work lose what they work with: that is no news.
            threading.excepthook = _say_nothing
        except (StartError, template.TemplateError, secrets.SecretsError) as error:
            print(f"local aws: {error}", file=sys.stderr)
            return error.status if isinstance(error, StartError) else _USAGE
        except (stack.StackError, simulators.SimulatorError, prepare.PrepareError) as error:
            print(f"local aws: {error}", file=sys.stderr)
            return 1
    for message in failures:
        print(f"local aws: {message}", file=sys.stderr)
    return 1 if failures else 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # One is enough: a second Ctrl-C must not interrupt the cleaning up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise _StopSignal


def _report_thread(thread: threading.ExceptHookArgs, fail: Callable[[str], None]) -> None:
    """End everything when one of our threads fails: a queue that nobody reads any more helps no one."""
    threading.__excepthook__(thread)
    fail(f"a thread failed: {thread.exc_type.__name__}: {thread.exc_value}")


def _say_nothing(_thread: threading.ExceptHookArgs) -> None:
    pass


class _Start:
    """The steps from the options to the ready line. What has to be undone is left to `ends`."""

    def __init__(self, options: Options, ends: ExitStack, *, fail: Callable[[str], None]) -> None:
        self._options = options
        self._ends = ends
        self._fail = fail
        self._began = time.monotonic()
        self._http_api, self._invoke_api, self._aws = (
            f"http://{_HOST}:{options.port(base)}" for base in (HTTP_API_PORT, LAMBDA_PORT, AWS_PORT)
        )

    def start(self) -> dict[str, Any]:
        """Start everything and return what the ready line says. What it raises names the cause."""
        options = self._options
        if options.until_stdin_closes:
            threading.Thread(target=_stop_with_stdin, daemon=True).start()
        _prepare_process()
        document = template.read(options.template)
        parameters = template.parameter_values(
            document,
            options.parameter_overrides,
            {
                mail.IDENTITY_PARAMETER: mail.sender(options.config or options.template.parent / _CONFIG),
                **{each.parameter: self._address(each) for each in simulators.SIMULATORS},
            },
        )
        wanted = simulators.existing(document.get("Parameters") or {}) if options.simulators else ()
        vault = secrets.LOCAL_SECRETS if options.secrets is None else secrets.read(options.secrets)
        prepare.prepare()
        listeners = {
            port: self._listen(options.port(port)) for port in (HTTP_API_PORT, LAMBDA_PORT, AWS_PORT)
        }
        for simulator in wanted:
            self._listen(options.port(simulator.port)).close()
        self._make_directories()

        # moto takes the longest to start: first it, and the rest meanwhile.
        children = self._ends.enter_context(Children())
        with listeners.pop(AWS_PORT) as listener:
            self._start_moto(children, listener)
        translated = template.translate(
            document, base=options.template.parent, parameters=parameters, region=options.region
        )
        contents = self._layer_contents(translated)
        self._check_config(contents)
        processes = {each: self._start_simulator(each, children) for each in wanted}

        session = boto3.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=options.region,
        )
        created = self._create_stack(session, translated, parameters.get("Stage", "dev"), vault)
        if identity := parameters.get(mail.IDENTITY_PARAMETER):
            mail.verify(session.client("sesv2", endpoint_url=self._aws), identity)
        wiring = self._wire(session, translated, contents, created, children)
        for simulator, process in processes.items():
            simulators.wait_until_healthy(
                simulator, process, options.port(simulator.port), self._simulator_log(simulator)
            )
        wiring.start(http_api=listeners[HTTP_API_PORT], invoke_api=listeners[LAMBDA_PORT])
        seconds = time.monotonic() - self._began
        print(f"local aws: ready in {seconds:.1f} s; logs in {options.logs}", file=sys.stderr)
        return {
            "ready": True,
            "http_api": self._http_api,
            "lambda": self._invoke_api,
            "aws": self._aws,
            "region": options.region,
            "simulators": {each.vendor: self._address(each) for each in wanted},
            "outputs": created.outputs,
        }

    def _address(self, simulator: simulators.Simulator) -> str:
        return f"http://{_HOST}:{self._options.port(simulator.port)}"

    def _simulator_log(self, simulator: simulators.Simulator) -> Path:
        return self._options.logs / f"simulator-{simulator.vendor}.log"

    def _listen(self, port: int) -> socket.socket:
        try:
            listener = socket.create_server((_HOST, port))
        except (OSError, OverflowError) as error:
            cause = error.strerror if isinstance(error, OSError) else error
            raise StartError(
                f"port {port} can't be used ({cause}): end what has it, or move all ports by --port-offset N"
            ) from error
        return self._ends.enter_context(listener)

    def _make_directories(self) -> None:
        self._options.logs.mkdir(parents=True, exist_ok=True)
        # A run that was killed leaves its own behind.
        shutil.rmtree(self._options.scratch, ignore_errors=True)
        self._ends.callback(shutil.rmtree, self._options.scratch, ignore_errors=True)

    def _start_moto(self, children: Children, listener: socket.socket) -> None:
        # Only moto's process keeps the socket open: when it ends, connecting fails instead of waiting.
        with (self._options.logs / "aws.log").open("wb") as output:
            children.start(
                [
                    *(sys.executable, "-m", "local.aws.aws_server", "--fd", str(listener.fileno())),
                    *("--account", stack.ACCOUNT, "--region", self._options.region),
                ],
                environment={**_tool_environment(), **_CREDENTIALS},
                directory=ROOT,
                output=output.fileno(),
                pass_fds=[listener.fileno()],
            )

    def _start_simulator(
        self, simulator: simulators.Simulator, children: Children
    ) -> subprocess.Popen[bytes]:
        return simulators.start(
            simulator,
            port=self._options.port(simulator.port),
            http_api=self._http_api,
            children=children,
            environment=_tool_environment(),
            log=self._simulator_log(simulator),
        )

    def _layer_contents(self, translated: Template) -> dict[str, Path]:
        """Tell where each layer's content comes from: prepared, replaced by --config, or its own."""
        contents = {}
        for logical_id, directory in translated.directories.items():
            if logical_id in translated.built:
                contents[logical_id] = prepare.DEPENDENCIES
            elif self._options.config is not None and directory.name == _CONFIG:
                contents[logical_id] = self._options.config
            else:
                contents[logical_id] = directory
        return contents

    def _check_config(self, contents: dict[str, Path]) -> None:
        """Refuse a wrong configuration before anything is created, in the words of the layers' own code."""
        own = (self._options.template.parent / _CONFIG).resolve()
        folder = self._options.config or (own if own in contents.values() else None)
        code = [directory / "python" for directory in contents.values()]
        if folder is None or not any((directory / _CONFIG_MODULE).is_file() for directory in code):
            return
        checked = subprocess.run(  # noqa: S603 - the command is ours
            [
                *(sys.executable, "-I", "-S", str(_CHECK_CONFIG)),
                *(os.pathsep.join(str(directory) for directory in code if directory.is_dir()), str(folder)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if checked.returncode == _USAGE:
            raise StartError(checked.stdout.strip(), _USAGE)
        if checked.returncode != 0:
            raise StartError(f"the configuration could not be checked:\n{checked.stderr.strip()}")

    def _create_stack(
        self, session: boto3.Session, translated: Template, stage: str, vault: dict[str, Any]
    ) -> Stack:
        created = stack.create(
            session.client("cloudformation", endpoint_url=self._aws),
            translated,
            creatable=self._creatable_types(),
            region=self._options.region,
            addresses={"http_api": self._http_api, "aws": self._aws},
        )
        stack.configure_buckets(session.client("s3", endpoint_url=self._aws), created)
        secrets.store(session.client("secretsmanager", endpoint_url=self._aws), stage, vault)
        return created

    def _creatable_types(self) -> list[str]:
        # The request waits in the listening socket until moto has started, and fails if its process ends.
        connection = HTTPConnection(_HOST, self._options.port(AWS_PORT), timeout=_MOTO_START_SECONDS)
        try:
            connection.request("GET", "/_local/resource-types")
            types: list[str] = json.loads(connection.getresponse().read())
        except (OSError, HTTPException) as error:
            log = self._options.logs / "aws.log"
            raise StartError(f"moto's process does not answer ({error}); see {log}") from error
        finally:
            connection.close()
        return types

    def _wire(
        self,
        session: boto3.Session,
        translated: Template,
        contents: dict[str, Path],
        created: Stack,
        children: Children,
    ) -> Wiring:
        options = self._options
        sources = Sources(options.port(AWS_PORT), on_loss=self._fail)
        self._ends.callback(sources.stop)
        wiring = Wiring(
            created,
            deployment.function_settings(
                created,
                directories=translated.directories,
                opt=OptDirectories(options.scratch / "opt", contents),
                region=options.region,
                default_concurrency=options.concurrency,
            ),
            options=options,
            aws=_function_environment(options.region, self._aws),
            children=children,
            sources=sources,
            session=session,
        )
        self._ends.callback(wiring.close)
        # Called before the other one: whatever reads should have ended before it has nothing to read from.
        self._ends.callback(sources.stop)
        return wiring


def _stop_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _prepare_process() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # A proxy of the surroundings must not get what goes to this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = f"{_HOST},localhost"


def _tool_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def _function_environment(region: str, aws: str) -> dict[str, str]:
    """Make what local AWS adds to Lambda's environment: where AWS is, and nobody's own AWS settings."""
    return {
        **_CREDENTIALS,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": aws,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def main(arguments: list[str] | None = None) -> int:
    """`python -m local`: the exit status."""
    return run(parse(arguments))
