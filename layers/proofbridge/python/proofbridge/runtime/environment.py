"""A function's environment as a typed record, read once at start."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from proofbridge.domain.items import Vendor

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Environment = TypeVar("Environment", bound=DataclassInstance)
else:
    Environment = TypeVar("Environment")


class EnvironmentVariableError(Exception):
    """A function was started without a variable that the template should give it."""


def read_environment(record: type[Environment], variables: Mapping[str, str]) -> Environment:
    """Fill the dataclass `record` from the variables named like its fields, in capitals.

    Fields are `str` or `int`; one with a default may be absent or empty. EnvironmentVariableError names every
    variable that is missing or no number.
    """
    values: dict[str, str | int] = {}
    problems: list[str] = []
    for field in dataclasses.fields(record):
        name = field.name.upper()
        text = variables.get(name)
        if not text:
            if field.default is dataclasses.MISSING:
                problems.append(f"{name} is missing")
        elif field.type in {int, "int"}:
            if text.isascii() and text.isdigit():
                values[field.name] = int(text)
            else:
                problems.append(f"{name} is {text!r}, not a whole number")
        else:
            values[field.name] = text
    if problems:
        raise EnvironmentVariableError(f"{'; '.join(problems)}: see this function in template.yaml")
    return record(**values)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a vendor is, and which secret opens it."""

    base_url: str
    secret_id: str


def action_queues(text: str) -> dict[Vendor, str]:
    """Read the template's JSON of queue addresses by vendor."""
    return {Vendor(vendor): str(url) for vendor, url in json.loads(text).items()}


def vendor_endpoints(text: str) -> dict[Vendor, Endpoint]:
    """Read the template's JSON of endpoints by vendor: `{"good2go": {"base_url": …, "secret_id": …}}`."""
    return {Vendor(vendor): Endpoint(**endpoint) for vendor, endpoint in json.loads(text).items()}
