"""What the tables of every TOML file have in common: only known keys, and texts that are checked."""

from __future__ import annotations

import functools
import logging
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from jmespath.functions import Functions
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import model_validator as validator

from proofbridge.domain.templates import check_template

log = logging.getLogger(__name__)


def template(fields: Collection[str]) -> AfterValidator:
    """Return the check of a text that may name these places."""

    def check(text: str) -> str:
        check_template(text, fields)
        return text

    return AfterValidator(check)


def condition(text: str) -> str:
    """Return a JMESPath expression that can be evaluated; ValueError says what is wrong with another text."""
    try:
        _check_functions(jmespath.compile(text).parsed)
    except JMESPathError as error:
        raise ValueError(f"{text!r} is no JMESPath expression: {str(error).splitlines()[0]}") from None
    return text


def holds(expression: str, context: Mapping[str, Any]) -> bool:
    """Whether a checked condition holds. `contains(item.comment, 'x')` does not where there is no comment.

    JMESPath calls that a type error; raised, it would keep the item from being dealt with at all.
    """
    try:
        return bool(_compiled(expression).search(context))
    except JMESPathTypeError as error:
        log.info("a condition does not apply", extra={"condition": expression, "given": error.actual_type})
        return False


@functools.cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _check_functions(node: Any) -> None:
    """Refuse calls that JMESPath itself would refuse only when it came to them."""
    if not isinstance(node, dict):
        return
    if node["type"] == "function_expression":
        known: dict[str, Any] = Functions.FUNCTION_TABLE
        name, given = node["value"], len(node["children"])
        if name not in known:
            raise ValueError(f"it has no function {name!r}; it has: {', '.join(sorted(known))}")
        takes = known[name]["signature"]
        if given < len(takes) or (given > len(takes) and not takes[-1].get("variadic")):
            raise ValueError(f"{name}() takes {len(takes)} arguments, not {given}")
    for child in node["children"]:
        _check_functions(child)


ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[^/\s][^/]*(/[^/]+)*$", max_length=200)]


class ConfigModel(BaseModel):
    """A table of a TOML file: only the keys that it knows."""

    model_config = ConfigDict(frozen=True, populate_by_name=False)

    @validator(mode="before")
    @classmethod
    def _know_every_key(cls, data: Any) -> Any:
        if isinstance(data, dict):
            allowed = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in allowed:
                    close = get_close_matches(key, allowed, n=1)
                    meant = f"; did you mean {close[0]!r}?" if close else ""
                    raise ValueError(f"unknown key {key!r}; allowed: {', '.join(sorted(allowed))}{meant}")
        return data


def problems_of(error: ValidationError, without: Collection[tuple[int | str, ...]] = ()) -> list[str]:
    """Return what is wrong, a line each, but for what is wrong at the places in `without`."""
    lines = []
    problems = error.errors(include_url=False)
    for problem in problems:
        if problem["loc"] in without:
            continue
        depth = len(problem["loc"])
        if any(other["loc"][:depth] == problem["loc"] and len(other["loc"]) > depth for other in problems):
            continue  # a list counted as too short because its entries are wrong
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ")
        given = problem["input"]
        if problem["type"] != "value_error" and isinstance(given, str | int | float | bool):
            text = f"{text}, not {given!r}"
        lines.append(f"{place.removeprefix('.')}: {text}")
    return lines
