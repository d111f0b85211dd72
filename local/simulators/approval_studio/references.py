"""Where a call names what it is about, where the documentation lost the request: the query, or the body."""

from __future__ import annotations

from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.words import Uid
from local.simulators.simulator import Simulator
from local.simulators.validation import Strict
from local.simulators.vendor import ViolationError


class Reference(Strict):
    """The base of a model that names one thing; subclasses give `uid` the call's own name as its alias."""

    uid: Uid | None = None


def referred(simulator: Simulator, query: Reference, body: Reference) -> str:
    """Return the UID that stands in the one or the other, as the setting `parameter_place` allows.

    ViolationError if it stands in neither, in both, or in the wrong one.
    """
    place = settings_of(simulator).parameter_place
    allowed = {"query": [query], "body": [body], "either": [query, body]}[place]
    given = [each for each in (query, body) if each.uid is not None]
    if len(given) != 1 or given[0] not in allowed:
        name = type(allowed[0]).model_fields["uid"].alias
        where = "the query or the body" if place == "either" else f"the {place}"
        raise ViolationError(f"{name}: must be given once, in {where}")
    return given[0].uid or ""
