"""How a client's operations compare with those that its simulator offers."""

from __future__ import annotations

import re

from local.simulators.vendor import Vendor
from proofbridge.vendors.operation import Operation


def offered(vendor: type[Vendor]) -> set[tuple[str, str]]:
    """Return the simulator's operations as method and path, with `*` for each value in the path."""
    return {(one.method, re.sub(r"<[^>]*>", "*", one.path)) for one in vendor.operations()}


def known(operations: tuple[Operation, ...]) -> set[tuple[str, str]]:
    """Return the client's operations in the same form."""
    return {(one.method, re.sub(r"{[^}]*}", "*", one.path)) for one in operations}


def resolve(client: object, operation: Operation) -> object:
    """Return the client's method that carries out the operation, by the operation's name."""
    found: object = client
    for part in operation.name.split("."):
        found = getattr(found, part)
    return found
