"""template.yaml as data, its loops carried out, functions as {"Ref": …}, {"GetAtt": […]}, {"Sub": …}."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.aws.loops import expand

ROOT = Path(__file__).parents[2]


def text_of(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def _short(node: Any) -> Any:
    if isinstance(node, dict):
        return {key.removeprefix("Fn::"): _short(value) for key, value in node.items()}
    return [_short(each) for each in node] if isinstance(node, list) else node


@functools.cache
def _section(name: str) -> dict[str, dict[str, Any]]:
    section: dict[str, dict[str, Any]] = _short(expand(yaml_parse(text_of("template.yaml")))[name])
    return section


def resources() -> dict[str, dict[str, Any]]:
    """All resources by logical id."""
    return _section("Resources")


def parameters() -> dict[str, dict[str, Any]]:
    """All parameters by name."""
    return _section("Parameters")


def resources_of(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of all resources of a type, by logical id."""
    return {name: r.get("Properties", {}) for name, r in resources().items() if r["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    """The properties of all functions, by logical id."""
    return resources_of("AWS::Serverless::Function")
