"""The vendors that can be simulated."""

from __future__ import annotations

import importlib
from typing import Final, cast

from local.simulators.vendor import Vendor

_VENDORS: Final = {
    "approval-studio": "local.simulators.approval_studio:ApprovalStudio",
    "good2go": "local.simulators.good2go:Good2Go",
    "goodday": "local.simulators.goodday:GoodDay",
    "robohead": "local.simulators.robohead:RoboHead",
}

NAMES: Final = tuple(_VENDORS)


def vendor_type(name: str) -> type[Vendor]:
    """Return the class of the vendor of that name; LookupError names those that there are."""
    if name not in _VENDORS:
        raise LookupError(f"no simulator of {name!r}; there are: {', '.join(NAMES)}")
    module, _, attribute = _VENDORS[name].partition(":")
    return cast("type[Vendor]", getattr(importlib.import_module(module), attribute))
