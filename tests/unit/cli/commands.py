"""The command line as its user has it: run, and judged by its screen, its JSON and its exit status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from proofbridge_cli.main import app


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    screen: str
    errors: str

    @property
    def data(self) -> Any:
        """What it printed for scripts."""
        return json.loads(self.screen)

    @property
    def error(self) -> dict[str, str]:
        """What it said went wrong, for scripts."""
        error: dict[str, str] = json.loads(self.errors)["error"]
        return error


def run(*arguments: str, columns: int = 100) -> Ran:
    """Run a command; an error that it did not foresee comes through."""
    screen = {"COLUMNS": str(columns), "TERM": "dumb"}
    result = CliRunner().invoke(app, list(arguments), env=screen)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "[dim]" not in result.stdout + result.stderr, "the screen takes no markup: write Text(…, style=…)"
    return Ran(result.exit_code, result.stdout, result.stderr)


def read(*arguments: str) -> Any:
    """Run a command that must succeed, for its JSON."""
    ran = run(*arguments, "--json")
    assert ran.status == 0, ran.errors
    return ran.data
