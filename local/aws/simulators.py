"""The vendor simulators that local AWS runs beside the functions: one process each, on a fixed port."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from local.aws.children import Children
from local.aws.paths import ROOT
from local.aws.secrets import LOCAL_SECRETS
from local.simulators.vendors import NAMES

_START_SECONDS = 30.0


@dataclass(frozen=True)
class Simulator:
    """A vendor's simulator: its name for `python -m local.simulators`, its port, the template's parameter.

    `webhook_path` is where the vendor sends its webhooks to, None if it has none.
    """

    vendor: str
    port: int
    parameter: str
    webhook_path: str | None = None
    webhook_options: tuple[str, ...] = ()


_GOOD2GO = LOCAL_SECRETS["good2go"]["webhooks"][0]

# Ports as in the design. A vendor without a simulator, or without a parameter in the template, is skipped.
SIMULATORS = (
    Simulator(
        "good2go",
        9001,
        "Good2GoBaseUrl",
        "/webhooks/good2go",
        ("--webhook-username", _GOOD2GO["username"], "--webhook-password", _GOOD2GO["password"]),
    ),
    Simulator("approval-studio", 9002, "ApprovalStudioBaseUrl", "/webhooks/approval-studio"),
    Simulator("goodday", 9003, "GoodDayBaseUrl"),
    Simulator("robohead", 9004, "RoboHeadBaseUrl"),
)


class SimulatorError(Exception):
    """A simulator did not start; the message names it and its log."""


def existing(parameters: Collection[str]) -> tuple[Simulator, ...]:
    """Return the simulators that there are and whose vendor the template's parameters name."""
    return tuple(each for each in SIMULATORS if each.vendor in NAMES and each.parameter in parameters)


def start(
    simulator: Simulator,
    *,
    port: int,
    http_api: str,
    children: Children,
    environment: dict[str, str],
    log: Path,
) -> subprocess.Popen[bytes]:
    """Start a simulator's process; `wait_until_healthy` tells when it serves."""
    command = [sys.executable, "-m", "local.simulators", simulator.vendor, "--port", str(port)]
    if simulator.webhook_path is not None:
        command += ["--webhook-url", http_api + simulator.webhook_path, *simulator.webhook_options]
    with log.open("wb") as output:
        return children.start(
            command, environment=environment, directory=ROOT, output=output.fileno(), polite=True
        )


def wait_until_healthy(simulator: Simulator, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the simulator answers its health check. Raise SimulatorError."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_control/health")
            answer = connection.getresponse()
            if json.loads(answer.read()).get("ready") is True:
                return
        except (OSError, HTTPException, ValueError):
            time.sleep(0.05)
        finally:
            connection.close()
    last = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise SimulatorError(f"the simulator of {simulator.vendor} did not start; {log}: {' | '.join(last)}")
