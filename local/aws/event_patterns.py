"""Event patterns: which records an event source mapping's FilterCriteria lets through.

Lambda developer guide, 'Filter rule syntax'. Of its rules only listed values are known here, as the
template uses no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.aws.stack import StackError


def read(text: str) -> dict[str, Any]:
    """Read a pattern. Raise StackError, naming it, for an operator."""
    pattern: dict[str, Any] = json.loads(text)
    _refuse_operators(pattern)
    return pattern


def _refuse_operators(pattern: Mapping[str, Any]) -> None:
    for key, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            _refuse_operators(wanted)
            continue
        for rule in wanted:
            if isinstance(rule, Mapping) or key.startswith("$"):
                operator = key if key.startswith("$") else next(iter(rule))
                raise StackError(f"event patterns: {operator} is not known here; list the values")


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event (plain JSON) meets a pattern: every key of it, by any of the values it lists."""
    return isinstance(event, Mapping) and all(
        key in event and _value_matches(wanted, event[key]) for key, wanted in pattern.items()
    )


def _value_matches(wanted: Any, value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if isinstance(wanted, Mapping):
        return any(matches(wanted, each) for each in values)
    return any(type(each) is type(rule) and each == rule for rule in wanted for each in values)
