"""Event patterns: which records an event source mapping's FilterCriteria lets through.

Lambda developer guide, 'Filter rule syntax'; the language is EventBridge's ('Comparison operators').
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_ABSENT = object()
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event (plain JSON) meets a pattern: every key of it, by any of the values it lists."""
    return all(_key_matches(key, wanted, event) for key, wanted in pattern.items())


def _key_matches(key: str, wanted: Any, event: Any) -> bool:
    if key == "$or":
        return any(matches(each, event) for each in wanted)
    value = event.get(key, _ABSENT) if isinstance(event, Mapping) else _ABSENT
    if isinstance(wanted, Mapping):
        if isinstance(value, list):
            return any(matches(wanted, each) for each in value)
        return matches(wanted, {} if value is _ABSENT else value)
    values = value if isinstance(value, list) else [value]
    return any(_value_matches(rule, each) for rule in wanted for each in values)


def _value_matches(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return value is not _ABSENT and type(value) is type(rule) and bool(value == rule)
    ((name, argument),) = rule.items()
    if name == "exists":
        return (value is not _ABSENT) is argument
    if value is _ABSENT:
        return False
    return _OPERATORS[name](argument, value)


def _anything_but(argument: Any, value: Any) -> bool:
    if isinstance(argument, Mapping):
        return not _value_matches(argument, value)
    return value not in (argument if isinstance(argument, list) else [argument])


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """Lift a comparison of two texts to the forms it is written in: a text, a list, or in any case."""

    def compare(argument: Any, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(argument, Mapping):
            return compare_any(argument["equals-ignore-case"], value, str.lower)
        return compare_any(argument, value, str)

    def compare_any(argument: Any, value: str, form: Callable[[str], str]) -> bool:
        wanted: Sequence[str] = argument if isinstance(argument, list) else [argument]
        return any(test(form(value), form(each)) for each in wanted)

    return compare


def _numeric(argument: Sequence[Any], value: Any) -> bool:
    # DynamoDB's JSON has its numbers as text.
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return all(
        _COMPARE[sign](number, bound) for sign, bound in zip(argument[::2], argument[1::2], strict=True)
    )


def _wildcard(value: str, wanted: str) -> bool:
    return (
        re.fullmatch(".*".join(re.escape(part) for part in wanted.split("*")), value, re.DOTALL) is not None
    )


def _cidr(argument: str, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(argument)
    except ValueError:
        return False


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _text(lambda value, wanted: value.lower() == wanted.lower()),
    "numeric": _numeric,
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "wildcard": _text(_wildcard),
}
