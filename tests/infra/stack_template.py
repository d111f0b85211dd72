"""template.yaml as data, with CloudFormation's short forms as {"Ref": …}, {"GetAtt": […]}, {"Sub": …}."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    pass


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {suffix: value.split(".") if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    raise TypeError(f"!{suffix} of a mapping")


_Loader.add_multi_constructor("!", _short_form)


def text_of(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


@functools.cache
def _section(name: str) -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, dict[str, Any]]] = yaml.load(text_of("template.yaml"), _Loader)  # noqa: S506 - a SafeLoader
    return data[name]


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
