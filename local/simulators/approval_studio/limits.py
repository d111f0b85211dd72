"""Approval Studio's limit of calls for each second, minute and hour, and the 429 it ends in."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

import flask
from flask import Response

from local.simulators.approval_studio.settings import settings_of
from local.simulators.clock import iso
from local.simulators.simulator import Simulator
from local.simulators.vendor import RefusedError

TOO_MANY_CALLS: Final = 429
_ORDERED_SECONDS = 1.0
_PERIODS: Final = (("1s", 1), ("1m", 60), ("1h", 3600))


class Limits:
    """Counts calls in windows of the simulator's clock that start with the first call in each."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._windows: dict[str, tuple[datetime, int]] = {}

    def reset(self) -> None:
        """Forget all calls."""
        self._windows.clear()

    def count(self) -> None:
        """Count this call; RefusedError 429 if it is one too many, in which case it is not counted."""
        settings = settings_of(self._simulator)
        maxima = (settings.calls_per_second, settings.calls_per_minute, settings.calls_per_hour)
        limits = [(name, length, most) for (name, length), most in zip(_PERIODS, maxima, strict=True) if most]
        now = self._simulator.clock.now()
        for name, length, most in limits:
            start, calls = self._windows.get(name, (now, 0))
            if not start <= now < start + timedelta(seconds=length):
                start, calls = now, 0
            self._windows[name] = (start, calls)
            if calls >= most:
                flask.g.exceeded = (name, start + timedelta(seconds=length))
                raise RefusedError(TOO_MANY_CALLS, f"Too many calls: at most {most} per {name}.")
        for name, length, most in limits:
            start, calls = self._windows[name]
            self._windows[name] = (start, calls + 1)
            _show_remaining(name, most - calls - 1, start + timedelta(seconds=length))

    def refusal(self, message: str) -> Response:
        """Return a 429: plain text, with the seconds to wait."""
        now = self._simulator.clock.now()
        ordered = ("1m", now + timedelta(seconds=_ORDERED_SECONDS))  # by a fault, not by a limit
        name, reset_at = flask.g.get("exceeded", ordered)
        answer = Response(message, status=TOO_MANY_CALLS, content_type="text/plain")
        answer.headers["Retry-After"] = str(max(1, math.ceil((reset_at - now).total_seconds())))
        _describe(answer, name, 0, reset_at)
        return answer


def _show_remaining(name: str, remaining: int, reset_at: datetime) -> None:
    @flask.after_this_request
    def add_headers(answer: Response) -> Response:
        _describe(answer, name, remaining, reset_at)
        return answer


def _describe(answer: Response, name: str, remaining: int, reset_at: datetime) -> None:
    answer.headers["X-Rate-Limit-Limit"] = name
    answer.headers["X-Rate-Limit-Remaining"] = str(remaining)
    answer.headers["X-Rate-Limit-Reset"] = iso(reset_at)
