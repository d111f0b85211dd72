"""A template's `Fn::ForEach` loops, carried out as CloudFormation's AWS::LanguageExtensions does.

CloudFormation template reference, 'Fn::ForEach' and 'AWS::LanguageExtensions transform'. What CloudFormation
refuses, or leaves as it stands, is refused here, and so are loops within a resource or within a loop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LOOP = "Fn::ForEach::"
_TRANSFORMS = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]


class LoopError(ValueError):
    """A loop can't be carried out; the message names it and says why."""


def expand(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parsed template (`!Sub` and its kin in their long form) without loops. Raise LoopError."""
    expanded = dict(document)
    for section in {"Conditions", "Resources", "Outputs"} & set(document):
        entries: dict[str, Any] = {}
        for key, entry in document[section].items():
            made = _repeated(document, key, entry) if key.startswith(_LOOP) else [(key, entry)]
            for name, value in made:
                if name in entries:
                    raise LoopError(f"{key}: there is a {name} already")
                entries[name] = value
        if _LOOP in json.dumps(entries, default=str):
            raise LoopError(f"{_LOOP}… is known here only at the top of a section")
        expanded[section] = entries
    return expanded


def _repeated(document: Mapping[str, Any], key: str, loop: Any) -> Iterator[tuple[str, Any]]:
    if document.get("Transform") != _TRANSFORMS:
        raise LoopError(f"{key} needs Transform: [{', '.join(_TRANSFORMS)}], in this order")
    match loop:
        case [str(identifier), [*values], dict(body)] if all(isinstance(value, str) for value in values):
            pass
        case _:
            raise LoopError(f"{key} layout is incorrect: an identifier, a list of texts and a map are wanted")
    if identifier in {**document.get("Parameters", {}), **document["Resources"]}:
        raise LoopError(f"{key}: {identifier} is the name of a parameter or of a resource")
    for value in values:
        fill = _Fill(key, identifier, value, document.get("Mappings", {}))
        for name, fragment in body.items():
            yield name.replace(fill.word, value), fill(fragment)


class _Fill:
    """Puts a loop's value where CloudFormation does: into `Ref` and `Fn::Sub`, nowhere else."""

    def __init__(self, loop: str, identifier: str, value: str, mappings: Mapping[str, Any]) -> None:
        self.word = f"${{{identifier}}}"
        self._loop, self._identifier, self._value, self._mappings = loop, identifier, value, mappings

    def __call__(self, node: Any) -> Any:
        match node:
            case {"Ref": self._identifier}:
                return self._value
            case {"Fn::Sub": sub}:
                text, names = sub if isinstance(sub, list) else (sub, {})
                return _substituted(text, {self._identifier: self._value, **self(names)})
            case {"Fn::FindInMap": [str(mapping), row, column]}:
                return self._found(mapping, self(row), self(column))
            case dict():
                return {self(name): self(value) for name, value in node.items()}
            case list():
                return [self(each) for each in node]
            case str() if self.word in node:
                raise LoopError(f"{self._loop}: {node!r} would stay as it is; !Sub is wanted")
        return node

    def _found(self, mapping: str, row: Any, column: Any) -> Any:
        try:
            return self._mappings[mapping][row][column]
        except (KeyError, TypeError):
            raise LoopError(f"{self._loop}: {mapping} has no {row}, {column}") from None


def _substituted(text: str, names: Mapping[str, Any]) -> Any:
    """Substitute the names whose values are known by now: plain text once nothing else is left."""
    left = {}
    for name, value in names.items():
        if isinstance(value, str):
            text = text.replace(f"${{{name}}}", value)
        else:
            left[name] = value
    if left:
        return {"Fn::Sub": [text, left]}
    return {"Fn::Sub": text} if "${" in text else text
