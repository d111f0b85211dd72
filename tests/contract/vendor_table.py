"""docs/vendors.md: every operation, its client method, its simulator's route and a contract test, from code.

`python -m tests.contract.vendor_table` writes it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.simulators.robohead.settings import COMMANDS
from local.simulators.vendor import Operation as SimulatedOperation
from local.simulators.vendors import vendor_type
from proofbridge.vendors.approval_studio.operations import OPERATIONS as APPROVAL_STUDIO
from proofbridge.vendors.good2go.operations import OPERATIONS as GOOD2GO
from proofbridge.vendors.goodday.operations import OPERATIONS as GOODDAY
from proofbridge.vendors.operation import Operation
from proofbridge.vendors.robohead.operations import OPERATIONS as ROBOHEAD

CONTRACT: Final = Path(__file__).parent
PAGE: Final = CONTRACT.parents[1] / "docs" / "vendors.md"
VENDORS: Final = {
    "good2go": ("Good2Go", GOOD2GO),
    "approval-studio": ("Approval Studio", APPROVAL_STUDIO),
    "goodday": ("GoodDay", GOODDAY),
    "robohead": ("RoboHead", ROBOHEAD),
}
_UPLOAD_COMMAND: Final = "UploadFile"


REPORT_FILES: Final = "/reports/"
"""Where a simulator keeps the reports whose links it answers: files, no operations."""


class MissingError(Exception):
    """An operation lacks its route or its test."""


@dataclass(frozen=True)
class Row:
    """One operation."""

    operation: Operation
    route: str
    test: str


def rows(vendor: str) -> Iterator[Row]:
    """Yield a vendor's operations; MissingError names the first that lacks its route or its test."""
    routes = dict(_routes(vendor))
    tests = _tests(vendor)
    for operation in VENDORS[vendor][1]:
        key = (operation.method, _plain(operation.path))
        if key not in routes:
            raise MissingError(f"{vendor}: no simulator route for {operation.method} {operation.path}")
        if operation.name not in tests:
            raise MissingError(f"{vendor}: no contract test calls {operation.name}")
        yield Row(operation, f"{routes[key].method} {routes[key].path}", tests[operation.name])


def unclaimed(vendor: str) -> set[tuple[str, str]]:
    """Return the routes of a simulator for which the client has no operation."""
    known = {(row.operation.method, _plain(row.operation.path)) for row in rows(vendor)}
    routes = {route for route, _ in _routes(vendor)}
    return {route for route in routes - known if not route[1].startswith(REPORT_FILES)}


def page() -> str:
    """Return docs/vendors.md."""
    parts = [
        "# Vendors: every operation",
        "",
        "Made from code by `python -m tests.contract.vendor_table`; a test fails where an operation lacks",
        "its method, its simulator's route or its contract test. *Repeated*: the client repeats the call by",
        "itself where its answer is lost. *Outside*: not in the vendor's documentation that we have.",
        "",
        "Nothing documented says that a file's name makes it the version of another, or when two names are",
        "the same. Assumed: at Approval Studio a file of the name of a project's asset becomes its next",
        "version (simulator: `version_by_file_name`). Left open: whether letters' case, or how an accent is",
        "written, tells names apart there (simulator: `file_names`); what differs in nothing else is kept",
        "apart. At Good2Go and RoboHead a name makes nothing: each upload is a job, or an item.",
    ]
    for vendor, (name, _) in VENDORS.items():
        table = list(rows(vendor))
        parts += [
            "",
            f"## {name}: {len(table)} operations",
            "",
            "| documentation | client method | call | repeated | simulator | contract test |",
            "|---|---|---|---|---|---|",
        ]
        parts += [_line(row) for row in table]
    return "\n".join(parts) + "\n"


def _line(row: Row) -> str:
    operation = row.operation
    section = "outside" if operation.outside else operation.section.replace("|", " ")
    call = f"{operation.method} {operation.path}"
    repeated = "yes" if operation.retry_safe else "no"
    return f"| {section} | `{operation.name}` | `{call}` | {repeated} | `{row.route}` | `{row.test}` |"


def _routes(vendor: str) -> Iterator[tuple[tuple[str, str], SimulatedOperation]]:
    """Yield the simulator's operations with their method and path, where they have a name by default."""
    for operation in vendor_type(vendor).operations():
        path = operation.path
        if vendor == "robohead":
            if operation.name not in COMMANDS:
                continue
            if COMMANDS[operation.name] != _UPLOAD_COMMAND:
                path = f"{path}?cmd={COMMANDS[operation.name]}"
        yield (operation.method, _plain(path)), operation


def _plain(path: str) -> str:
    return re.sub(r"<[^>]*>|{[^}]*}", "*", path)


def _tests(vendor: str) -> dict[str, str]:
    """Return, for each client method, the first contract test that calls it."""
    found: dict[str, str] = {}
    paths = CONTRACT.glob(f"test_{vendor.replace('-', '_')}_*.py")
    # A test of what an operation is for says more than one of its faults.
    for path in sorted(paths, key=lambda path: ("_faults" in path.name, "_traps" in path.name, path.name)):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for method in _called(node):
                    found.setdefault(method, f"{path.name}::{node.name}")
                if "login" in node.name:  # which the client does by itself
                    found.setdefault("token.login", f"{path.name}::{node.name}")
    return found


def _called(function: ast.FunctionDef) -> Iterator[str]:
    """Yield `area.method` for every attribute chain in a test that may be a client's method."""
    areas = [
        word.value
        for decorator in function.decorator_list
        for word in ast.walk(decorator)
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    ]
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            yield f"{node.value.attr}.{node.attr}"
        elif isinstance(node, ast.Attribute):
            # A test that is run for several areas has them as its parameters.
            yield from (f"{area}.{node.attr}" for area in areas)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
