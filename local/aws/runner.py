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
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import boto3

from local.aws import deployment, prepare, secrets, simulators, stack, template
from local.aws.children import Children
from local.aws.layers import OptDirectories
from local.aws.options import AWS_PORT, HTTP_API_PORT, LAMBDA_PORT, Options, parse
from local.aws.paths import ROOT
from local.aws.schedule_expressions import ScheduleError
from local.aws.sources import Sources
from local.aws.template import Template
from local.aws.wiring import Wiring

_CHECK_CONFIG = Path(__file__).with_name("check_config.py")
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

    with ExitStack() as ends:
        try:
            ready = _start(options, ends, fail=fail)
            print(json.dumps(ready), flush=True)
            threading.Event().wait()
        except _StopSignal:
            pass
        except (StartError, template.TemplateError, secrets.SecretsError) as error:
            print(f"local aws: {error}", file=sys.stderr)
            return error.status if isinstance(error, StartError) else _USAGE
        except (stack.StackError, simulators.SimulatorError, ScheduleError, prepare.PrepareError) as error:
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


def _start(options: Options, ends: ExitStack, *, fail: Any) -> dict[str, Any]:
    began = time.monotonic()
    if options.until_stdin_closes:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    _quiet()
    http_api, invoke_api, aws = (
        f"http://{_HOST}:{options.port(base)}" for base in (HTTP_API_PORT, LAMBDA_PORT, AWS_PORT)
    )
    document = template.read(options.template)
    wanted = simulators.existing(document.get("Parameters") or {}) if options.simulators else ()
    parameters = template.parameter_values(
        document,
        options.parameter_overrides,
        {each.parameter: f"http://{_HOST}:{options.port(each.port)}" for each in simulators.SIMULATORS},
    )
    vault = secrets.LOCAL_SECRETS if options.secrets is None else secrets.read(options.secrets)
    prepare.prepare()
    listeners = {base: _listen(options.port(base), ends) for base in (HTTP_API_PORT, LAMBDA_PORT, AWS_PORT)}
    for simulator in wanted:
        _listen(options.port(simulator.port), ends).close()
    options.logs.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(options.scratch, ignore_errors=True)
    ends.callback(shutil.rmtree, options.scratch, ignore_errors=True)

    children = ends.enter_context(Children())
    # Only moto's process has it open from here on: when that ends, connecting fails instead of waiting.
    with listeners.pop(AWS_PORT) as listener:
        _start_moto(options, children, listener)
    translated = template.translate(
        document, base=options.template.parent, parameters=parameters, region=options.region
    )
    contents = _layer_contents(translated, options)
    _check_config(contents, options)
    processes = {
        simulator: simulators.start(
            simulator,
            port=options.port(simulator.port),
            http_api=http_api,
            children=children,
            environment=_tool_environment(),
            log=_simulator_log(options, simulator),
        )
        for simulator in wanted
    }

    session = boto3.Session(
        aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=options.region,
    )
    created = stack.create(
        session.client("cloudformation", endpoint_url=aws),
        translated,
        creatable=_creatable_types(options.port(AWS_PORT)),
        region=options.region,
        addresses={"http_api": http_api, "aws": aws},
    )
    stack.configure_buckets(session.client("s3", endpoint_url=aws), created)
    secrets.store(session.client("secretsmanager", endpoint_url=aws), parameters.get("Stage", "dev"), vault)
    sources = Sources(options.port(AWS_PORT), on_loss=fail)
    ends.callback(sources.stop)
    settings = deployment.function_settings(
        created,
        directories=translated.directories,
        opt=OptDirectories(options.scratch / "opt", contents),
        region=options.region,
        default_concurrency=options.concurrency,
    )
    wiring = Wiring(
        created,
        settings,
        options=options,
        aws=_function_environment(options.region, aws),
        children=children,
        sources=sources,
        session=session,
    )
    ends.callback(wiring.close)
    ends.callback(sources.stop)
    for simulator, process in processes.items():
        simulators.wait_until_healthy(
            simulator, process, options.port(simulator.port), _simulator_log(options, simulator)
        )
    wiring.start(http_api=listeners[HTTP_API_PORT], invoke_api=listeners[LAMBDA_PORT])
    print(f"local aws: ready in {time.monotonic() - began:.1f} s; logs in {options.logs}", file=sys.stderr)
    return {
        "ready": True,
        "http_api": http_api,
        "lambda": invoke_api,
        "aws": aws,
        "region": options.region,
        "simulators": {each.vendor: f"http://{_HOST}:{options.port(each.port)}" for each in wanted},
        "outputs": created.outputs,
    }


def _stop_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _quiet() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # A proxy of the surroundings must not get what goes to this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = f"{_HOST},localhost"


def _listen(port: int, ends: ExitStack) -> socket.socket:
    try:
        listener = socket.create_server((_HOST, port))
    except OSError as error:
        raise StartError(
            f"port {port} can't be used ({error.strerror}): "
            "end what has it, or move all ports by --port-offset N"
        ) from error
    return ends.enter_context(listener)


def _start_moto(options: Options, children: Children, listener: socket.socket) -> None:
    with (options.logs / "aws.log").open("wb") as output:
        children.start(
            [
                *(sys.executable, "-m", "local.aws.aws_server", "--fd", str(listener.fileno())),
                *("--account", stack.ACCOUNT, "--region", options.region),
            ],
            environment={**_tool_environment(), **_CREDENTIALS},
            directory=ROOT,
            output=output.fileno(),
            pass_fds=[listener.fileno()],
        )


def _creatable_types(port: int) -> list[str]:
    # The request waits in the listening socket until moto has started, and fails if its process ends.
    connection = HTTPConnection(_HOST, port, timeout=60)
    try:
        connection.request("GET", "/_local/resource-types")
        types: list[str] = json.loads(connection.getresponse().read())
    except OSError as error:
        raise StartError(f"moto's process does not answer ({error}); see aws.log") from error
    finally:
        connection.close()
    return types


def _layer_contents(translated: Template, options: Options) -> dict[str, Path]:
    """Tell where each layer's content comes from: prepared, replaced by --config, or its own."""
    contents = {}
    for logical_id, directory in translated.directories.items():
        if logical_id in translated.built:
            contents[logical_id] = prepare.DEPENDENCIES
        elif options.config is not None and directory.name == "config":
            contents[logical_id] = options.config
        else:
            contents[logical_id] = directory
    return contents


def _check_config(contents: dict[str, Path], options: Options) -> None:
    """Refuse a wrong configuration before anything is created, in the words of the layers' own code."""
    own = options.template.parent / "config"
    folder = options.config or (own if own in contents.values() else None)
    code = [directory / "python" for directory in contents.values()]
    if folder is None or not any((directory / "proofbridge" / "config.py").is_file() for directory in code):
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


def _simulator_log(options: Options, simulator: simulators.Simulator) -> Path:
    return options.logs / f"simulator-{simulator.vendor}.log"


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
