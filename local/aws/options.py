"""How local AWS is asked to run: the options of `make local ARGS=…` and of LocalAws."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.aws.paths import ROOT, STATE

HTTP_API_PORT = 3000
LAMBDA_PORT = 3001
AWS_PORT = 5000
DEFAULT_CONCURRENCY = 10
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Options:
    """Everything that can be chosen; the defaults are those of `make local`."""

    template: Path = ROOT / "template.yaml"
    parameter_overrides: dict[str, str] = field(default_factory=dict)
    config: Path | None = None
    secrets: Path | None = None
    simulators: bool = True
    schedules: bool = True
    port_offset: int = 0
    concurrency: int = DEFAULT_CONCURRENCY
    region: str = DEFAULT_REGION
    log_dir: Path | None = None
    verbose: bool = False
    until_stdin_closes: bool = False

    def port(self, base: int) -> int:
        """Move a port of the design's table by the offset."""
        return base + self.port_offset

    @property
    def logs(self) -> Path:
        """Where the logs go; runs with different offsets don't share them."""
        if self.log_dir is not None:
            return self.log_dir
        return STATE / "logs" / (f"offset-{self.port_offset}" if self.port_offset else "")

    @property
    def scratch(self) -> Path:
        """What exists while it runs. No two runs have the same ports, so none have the same directory."""
        return STATE / "run" / str(self.port(HTTP_API_PORT))


def parse(arguments: Sequence[str] | None) -> Options:
    """Read the command line; argparse ends the process with status 2 if it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Run template.yaml on this machine: HTTP API on 3000, Lambda Invoke API on 3001, AWS "
        "services on 5000, vendor simulators from 9001. Prints one JSON line when ready; Ctrl-C ends it.",
    )
    parser.add_argument(
        "--parameter-overrides", nargs="+", action="extend", default=[], metavar="Key=Value",
        help="values of the template's parameters, as in SAM",
    )  # fmt: skip
    parser.add_argument("--config", type=_directory, metavar="DIR", help="in place of config/")
    parser.add_argument(
        "--secrets", type=Path, metavar="FILE", help="JSON object: the secrets in place of the local ones"
    )
    parser.add_argument(
        "--no-simulators", dest="simulators", action="store_false", help="start no vendor simulators"
    )
    parser.add_argument(
        "--no-schedules", dest="schedules", action="store_false", help="run no schedule by itself"
    )
    parser.add_argument("--port-offset", type=int, default=0, metavar="N", help="add N to every port")
    parser.add_argument(
        "--concurrency", type=int, default=DEFAULT_CONCURRENCY, metavar="N",
        help="processes per function without reserved concurrency (default 10)",
    )  # fmt: skip
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    parser.add_argument(
        "--region", default=region, help="the pretended region (default AWS_REGION or us-east-1)"
    )
    parser.add_argument("--log-dir", type=Path, metavar="DIR", help="function logs (default .local/logs)")
    parser.add_argument("--verbose", action="store_true", help="show what the functions print")
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml", help="another SAM template")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when the standard input ends")
    values = vars(parser.parse_args(arguments))
    overrides: dict[str, str] = {}
    for pair in values["parameter_overrides"]:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            parser.error(f"--parameter-overrides {pair!r}: Key=Value is wanted")
        overrides[name] = value
    return Options(**{**values, "parameter_overrides": overrides})


def _directory(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a directory")
    return path.resolve()
