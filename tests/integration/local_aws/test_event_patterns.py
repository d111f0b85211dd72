"""The language of FilterCriteria."""

from __future__ import annotations

from typing import Any

import pytest

from local.aws.event_patterns import matches

EVENT = {
    "a": "Hello",
    "n": 5,
    "text": "12.5",
    "none": None,
    "flag": True,
    "list": ["x", "y"],
    "deep": {"er": {"est": "z"}},
    "many": [{"k": 1}, {"k": 2}],
    "ip": "10.0.0.7",
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
        ({"a": [{"prefix": "He"}]}, True),
        ({"a": [{"prefix": {"equals-ignore-case": "he"}}]}, True),
        ({"a": [{"suffix": "lo"}]}, True),
        ({"a": [{"suffix": "LO"}]}, False),
        ({"a": [{"equals-ignore-case": "hELLO"}]}, True),
        ({"a": [{"wildcard": "H*l*"}]}, True),
        ({"a": [{"wildcard": "H*x"}]}, False),
        ({"a": [{"anything-but": "Hello"}]}, False),
        ({"a": [{"anything-but": ["x", "y"]}]}, True),
        ({"a": [{"anything-but": {"prefix": "He"}}]}, False),
        ({"missing": [{"anything-but": "x"}]}, False),
        ({"n": [{"numeric": [">", 0, "<=", 5]}]}, True),
        ({"n": [{"numeric": ["=", 6]}]}, False),
        ({"text": [{"numeric": [">", 12]}]}, True),
        ({"a": [{"numeric": [">", 12]}]}, False),
        ({"missing": [{"exists": False}]}, True),
        ({"a": [{"exists": True}]}, True),
        ({"deep": {"nope": [{"exists": False}]}}, True),
        ({"gone": {"nope": [{"exists": False}]}}, True),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.1.0.0/24"}]}, False),
        ({"$or": [{"a": ["x"]}, {"n": [5]}]}, True),
        ({"$or": [{"a": ["x"]}, {"n": [6]}]}, False),
        ({}, True),
    ],
)
def test_pattern_is_met_when_every_key_is(*, pattern: dict[str, Any], met: bool) -> None:
    assert matches(pattern, EVENT) is met
