"""An API of no vendor in particular, for tests of the http core."""

from __future__ import annotations

import socket
from typing import Any

from pydantic import BaseModel, TypeAdapter

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import Operation, RetryPolicy, Timeouts
from tests.unit.vendors.manual_clock import ManualClock

TOKEN = "very-secret-token"
READ = Operation("things.get", "GET", "/things/{id}", "Things", retry_safe=True)
WRITE = Operation("things.create", "POST", "/things", "Things", retry_safe=False)
SET = Operation("things.set", "PUT", "/things/{id}", "Things", retry_safe=True)
ANY: TypeAdapter[Any] = TypeAdapter(Any)
QUICK = Timeouts(connect_seconds=2, read_seconds=0.15, call_seconds=2)


class Thing(BaseModel):
    id: int
    parts: list[dict[str, int]] = []


THING = TypeAdapter(Thing)


def new_api(url: str, manual_clock: ManualClock, **more: Any) -> VendorApi:
    return VendorApi(
        "testing",
        url,
        headers=lambda: {"Authorization": f"Bearer {TOKEN}"},
        secrets=lambda: (TOKEN,),
        retries=RetryPolicy(chance=lambda: 1.0),
        clock=manual_clock.clock,
        **more,
    )


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
