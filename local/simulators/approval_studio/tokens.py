"""Approval Studio's login (section Token management; its request and answer are known from outside)."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Request
from pydantic import Field

from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.limits import Limits
from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.words import Text
from local.simulators.simulator import Simulator
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, ViolationError, operation

UNAUTHORIZED = 401


class Credentials(Strict):
    """The body of a login."""

    user_name: Text = Field(alias="userName")
    password: Text


class Tokens:
    """Issues tokens, and knows which of them are still good."""

    def __init__(self, simulator: Simulator, limits: Limits) -> None:
        self._simulator = simulator
        self._limits = limits
        self._issued: dict[str, datetime] = {}

    def reset(self) -> None:
        """Forget all tokens."""
        self._issued.clear()

    @operation("POST", "/api/v1/token/login", section="POST /api/v1/token/login", authenticated=False)
    def login(self, body: Credentials) -> dict[str, Any]:
        """Return a new token; the ones before it stay good."""
        self._limits.count()
        settings = settings_of(self._simulator)
        right = hmac.compare_digest(
            f"{body.user_name}\n{body.password}".encode(),
            f"{settings.username}\n{settings.password}".encode(),
        )
        if not right:
            raise RefusedError(settings.login_failure_status, "No user has this name and password.")
        token = secrets.token_urlsafe(48)
        self._issued[token] = self._simulator.clock.now()
        return success({"token": token})

    def check(self, request: Request) -> None:
        """Raise unless the request carries `Authorization: Bearer` and a token that is still good.

        An expired token is refused, a missing or unknown one is a violation too.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._issued:
            raise ViolationError(
                "the bearer token is missing or unknown", status=UNAUTHORIZED, message="Unauthorized."
            )
        age = self._simulator.clock.now() - self._issued[token]
        if age >= timedelta(minutes=settings_of(self._simulator).token_minutes):
            raise RefusedError(UNAUTHORIZED, "Unauthorized: the token has expired.")

    def expire(self) -> int:
        """Let every token expire now; returns how many."""
        long_ago = (
            self._simulator.clock.now()
            - timedelta(days=1)
            - timedelta(minutes=settings_of(self._simulator).token_minutes)
        )
        self._issued = dict.fromkeys(self._issued, long_ago)
        return len(self._issued)
