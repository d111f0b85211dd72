"""What can be chosen for the GoodDay simulator."""

from __future__ import annotations

from typing import Literal, cast

from pydantic import Field

from local.simulators.simulator import Simulator
from local.simulators.vendor import Settings


class GoodDaySettings(Settings):
    """Settings.

    GoodDay documents neither errors nor the answers of its writes: the status codes, the field that
    carries the message, and whether a write answers `{}` ("object") or with no body ("empty") are
    assumptions.
    """

    token: str = "gd-local-token"  # noqa: S105 - the local one
    error_field: str = "error"
    validation_status: int = Field(default=400, ge=400, le=499)
    unauthorized_status: int = Field(default=401, ge=400, le=499)
    not_found_status: int = Field(default=404, ge=400, le=499)
    write_answer: Literal["object", "empty"] = "object"


def settings_of(simulator: Simulator) -> GoodDaySettings:
    """Return the settings as they are now."""
    return cast("GoodDaySettings", simulator.settings)  # made from this model when it started
