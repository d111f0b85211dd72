"""Faults to order: errors, delays, dropped connections, spoilt answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from local.simulators.server import ConnectionDroppedError


class FaultOrder(BaseModel):
    """A fault for the coming calls of an operation.

    `after` matching calls pass first, then `times` calls are hit (None: all, until the faults are deleted).
    `status` is for the fault of that name, `retry_after` its header; `seconds` is how long `slow` waits
    before, or `slow_body` takes over, the answer; `drop_body` hangs up after `bytes` of the request's body.
    With truncate, garbage, slow_body and drop_after the call is carried out, with status, drop_before and
    drop_body it is not.
    """

    model_config = ConfigDict(extra="forbid")

    fault: Literal[
        "status", "slow", "drop_before", "drop_body", "drop_after", "truncate", "garbage", "slow_body"
    ]
    operation: str = "*"
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: str | None = None
    seconds: float = Field(default=1, ge=0)
    bytes: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _status_belongs_to_status(self) -> FaultOrder:
        if (self.status is not None) != (self.fault == "status"):
            raise ValueError("the fault 'status' needs a status, and no other fault takes one")
        return self


@dataclass(slots=True)
class _Armed:
    order: FaultOrder
    passed: int = 0
    hit: int = 0


class Faults:
    """The faults that wait for their calls, oldest first."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, order: FaultOrder) -> None:
        """Let a fault wait for its calls."""
        with self._lock:
            self._armed.append(_Armed(order))

    def clear(self) -> None:
        """Delete all that still wait."""
        with self._lock:
            self._armed.clear()

    def waiting(self) -> list[FaultOrder]:
        """Return the orders that still wait."""
        with self._lock:
            return [armed.order for armed in self._armed]

    def take(self, operation: str) -> FaultOrder | None:
        """Return the fault that hits this call of `operation`, if any."""
        with self._lock:
            for armed in self._armed:
                if armed.order.operation not in {operation, "*"}:
                    continue
                if armed.passed < armed.order.after:
                    armed.passed += 1
                    continue
                armed.hit += 1
                if armed.hit == armed.order.times:
                    self._armed.remove(armed)
                return armed.order
        return None


_SLOW_PIECES = 20


def spoil(order: FaultOrder, answer: Response, closing: threading.Event) -> Response:
    """Return `answer` as the fault leaves it; `closing` ends a slow answer early."""
    if order.fault == "drop_after":
        return dropped()
    if order.fault == "garbage":
        return Response(b"<<<not json>>>", status=200, content_type="application/json")
    if order.fault in {"truncate", "slow_body"}:
        body = answer.get_data()
        pieces = _truncated(body) if order.fault == "truncate" else _dripping(body, order.seconds, closing)
        spoilt = Response(pieces, status=answer.status, headers=answer.headers)
        spoilt.content_length = len(body)
        return spoilt
    return answer


def dropped() -> Response:
    """Return an answer that closes the connection without a byte."""
    return Response(_truncated(b""), content_type="application/json")


def _truncated(body: bytes) -> Iterator[bytes]:
    if half := body[: len(body) // 2]:
        yield half
    raise ConnectionDroppedError


def _dripping(body: bytes, seconds: float, closing: threading.Event) -> Iterator[bytes]:
    step = max(1, -(-len(body) // _SLOW_PIECES))
    for start in range(0, len(body), step):
        if closing.wait(seconds / _SLOW_PIECES):
            raise ConnectionDroppedError
        yield body[start : start + step]
