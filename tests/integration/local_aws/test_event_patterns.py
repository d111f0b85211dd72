"""The language of FilterCriteria."""

from __future__ import annotations

from typing import Any

import pytest

from local.aws.event_patterns import matches, read
from local.aws.stack import StackError

EVENT = {
    "a": "Hello",
    "n": 5,
    "none": None,
    "flag": True,
    "list": ["x", "y"],
    "deep": {"er": {"est": "z"}},
    "many": [{"k": 1}, {"k": 2}],
}


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        ({"a": ["Hello"]}, True),
        ({"a": ["hello", "Hello"]}, True),
        ({"a": ["hello"]}, False),
        ({"a": ["Hello"], "n": [6]}, False),
        ({"n": [5]}, True),
        ({"n": ["5"]}, False),
        ({"flag": [True]}, True),
        ({"flag": [1]}, False),
        ({"none": [None]}, True),
        ({"missing": [None]}, False),
        ({"list": ["y"]}, True),
        ({"list": ["z"]}, False),
        ({"deep": {"er": {"est": ["z"]}}}, True),
        ({"deep": {"er": {"nope": ["z"]}}}, False),
        ({"many": {"k": [2]}}, True),
        ({"many": {"k": [3]}}, False),
        ({}, True),
    ],
)
def test_pattern_is_met_when_every_key_is(*, pattern: dict[str, Any], met: bool) -> None:
    assert matches(pattern, EVENT) is met


@pytest.mark.parametrize(
    ("pattern", "operator"),
    [
        ('{"a": ["x", {"prefix": "He"}]}', "prefix"),
        ('{"deep": {"er": [{"exists": false}]}}', "exists"),
        ('{"$or": [{"a": ["x"]}, {"n": [5]}]}', r"\$or"),
    ],
)
def test_operator_is_refused_when_a_pattern_has_one(pattern: str, operator: str) -> None:
    with pytest.raises(StackError, match=f"event patterns: {operator} is not known here"):
        read(pattern)
