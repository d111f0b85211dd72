"""Who may import whom, and how much a handler may say."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws.prepare import RUNTIME, prepare

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers/proofbridge/python"
PACKAGE = LAYER / "proofbridge"
DOMAIN = [
    *sorted(
        path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
        for folder in ("domain", "config")
        for path in (PACKAGE / folder).rglob("*.py")
        if path.stem not in {"__init__", "__main__"}
    ),
    "vendors.gateway",
    "actions.preconditions",
    "decisions.routing",
    "reminders.plans",
    "reminders.messages",
    "reminders.programs",
    "reminders.outlook",
]
HANDLERS = sorted((ROOT / "functions").glob("*/handler.py"))
RECEIVERS = [path.parent.name for path in HANDLERS if path.parent.name.startswith("receive_")]


def imported(path: Path, *, at_run_time: bool = True) -> set[str]:
    """The modules that a file imports by name, those for type checking only left out."""
    return {
        name
        for node in _imports(ast.parse(path.read_text()), at_run_time=at_run_time)
        for name in _names(node)
    }


def _imports(tree: ast.AST, *, at_run_time: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif at_run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        else:
            yield from _imports(node, at_run_time=at_run_time)


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""]


def reached(module: str) -> set[str]:
    """Every module that importing one of ours leads to, ours followed."""
    seen: set[str] = set()
    waiting = [f"proofbridge.{module}"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = LAYER / Path(*name.split("."))
        for found in (path.with_suffix(".py"), path / "__init__.py"):
            if found.exists():
                waiting += imported(found)
    return seen


@pytest.mark.parametrize("module", DOMAIN)
def test_domain_knows_neither_aws_nor_http_nor_environment(module: str) -> None:
    roots = {name.split(".")[0] for name in reached(module)}

    assert not roots & {"boto3", "botocore", "requests", "urllib3", "aws_lambda_powertools", "os"}


def test_only_stores_know_aws_in_the_layer() -> None:
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if {name.split(".")[0] for name in imported(path)} & {"boto3", "botocore"}
    }

    assert all(path.startswith("stores/") for path in knowing), knowing


def test_only_the_http_core_knows_requests() -> None:
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if {name.split(".")[0] for name in imported(path)} & {"requests", "urllib3"}
    }

    assert knowing
    assert all(path.count("/") == 1 and path.startswith("vendors/") for path in knowing), knowing


def test_layer_knows_neither_functions_nor_local_aws() -> None:
    names = {path.parent.name for path in HANDLERS} | {"local", "tests"}
    for path in PACKAGE.rglob("*.py"):
        assert not {name.split(".")[0] for name in imported(path, at_run_time=False)} & names, path


def test_simulators_share_no_code_with_the_clients() -> None:
    for path in (ROOT / "local/simulators").rglob("*.py"):
        assert "proofbridge" not in {name.split(".")[0] for name in imported(path, at_run_time=False)}, path


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.parent.name)
def test_handler_only_wires(path: Path) -> None:
    tree = ast.parse(path.read_text())

    deciding = [
        n for n in ast.walk(tree) if isinstance(n, ast.If | ast.For | ast.While | ast.Match | ast.IfExp)
    ]
    assert not deciding, [ast.unparse(node) for node in deciding]
    assert "lambda_handler" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


RECEIVER_MODULES = {
    "receive_signal": {"proofbridge.webhooks.signal"},
    **{
        f"receive_{vendor}": {
            "proofbridge.vendors",
            f"proofbridge.vendors.{vendor}",
            f"proofbridge.vendors.{vendor}.receiver",
        }
        for vendor in ("good2go", "approval_studio")
    },
}


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_receiver_imports_botocore_and_hardly_anything_else(receiver: str) -> None:
    prepare()
    script = (
        f"import json, sys; sys.path[:0] = {[str(ROOT / 'functions'), str(LAYER), str(RUNTIME)]}\n"
        f"before = set(sys.modules); import {receiver}.handler\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(  # noqa: S603 - our own script
        # With nothing but what Lambda's runtime provides, as local AWS starts a function.
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={
            "AWS_DEFAULT_REGION": "us-east-1",
            "INBOX_TABLE": "inbox",
            "SECRET_ID": "secret",
            "SECRET_CACHE_SECONDS": "300",
        },
    )
    names = set(json.loads(done.stdout))

    assert "botocore.session" in names
    packages = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert packages == {"botocore", "dateutil", "jmespath", "six", "urllib3", "proofbridge", receiver}
    assert {name for name in names if name.startswith("proofbridge.")} == {
        *(f"proofbridge.{name}" for name in ("domain", "domain.items", "metrics", "runtime", "webhooks")),
        *(f"proofbridge.{name}" for name in ("runtime.environment", "webhooks.receive")),
        *(f"proofbridge.stores{name}" for name in ("", ".inbox", ".receiving", ".secrets")),
        *RECEIVER_MODULES[receiver],
    }
