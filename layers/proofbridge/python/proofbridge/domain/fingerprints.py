"""Short prints of states, so that many items can be held against what is stored by reading little of each."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from typing import Final

from proofbridge.domain.items import Observation

_FIELDS: Final = tuple(
    field.name
    for field in dataclasses.fields(Observation)
    if field.name not in {"ref", "observed_at", "silent_on"}
)
_WIDTH: Final = 4
"""Characters for each field: 24 bits, so that one change in 16 million would be taken for none."""


def fingerprint(state: Observation) -> str:
    """Return the print of a state: the same for the same content, whenever it was looked at."""
    data = state.to_dict()
    return "".join(_print_of(data.get(name)) for name in _FIELDS)


def says_nothing_new(seen: Observation, stored_print: str) -> bool:
    """Whether what is seen is what is stored, in all that is spoken of.

    False also where that isn't known: a print may have been made before a field was added.
    """
    if len(stored_print) != _WIDTH * len(_FIELDS):
        return False
    silent = set(seen.silent_on)
    if seen.updated_at is None:
        silent.add("updated_at")
    print_now = fingerprint(seen)
    return all(
        print_now[start : start + _WIDTH] == stored_print[start : start + _WIDTH]
        for start, name in zip(range(0, len(print_now), _WIDTH), _FIELDS, strict=True)
        if name not in silent
    )


def _print_of(value: object) -> str:
    if value is None or value is False:
        return "-" * _WIDTH
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return base64.b64encode(digest[:3]).decode()
