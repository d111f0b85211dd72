"""Sends webhooks in the background, with the vendor's own retries, and remembers every delivery."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from local.simulators.clock import Clock, iso


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post, with which headers and HTTP Basic credentials."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When an answer will do, and how long to wait before each further attempt, before scaling."""

    accepts: Callable[[int], bool]
    delays_seconds: tuple[float, ...]


@dataclass(slots=True, eq=False)
class Delivery:
    """One webhook. `endpoint` is asked at each attempt; None from it withholds the delivery."""

    n: int
    event: str
    item: str
    body: bytes
    endpoint: Callable[[], Endpoint | None]
    copy_of: int | None = None
    state: Literal["pending", "delivered", "withheld", "failed"] = "pending"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """Return the record that the control API shows."""
        record = {
            "n": self.n,
            "event": self.event,
            "item": self.item,
            "attempts": list(self.attempts),
            "state": self.state,
            "body": self.body.decode(),
        }
        return record if self.copy_of is None else {**record, "copy_of": self.copy_of}


class WebhookSender:
    """Delivers webhooks one after the other on one thread, which starts with the first of them.

    `time_scale` multiplies the policy's delays, `timeout_seconds` bounds one attempt; both are asked anew
    each time, because settings can change.
    """

    def __init__(
        self,
        clock: Clock,
        policy: RetryPolicy,
        *,
        time_scale: Callable[[], float],
        timeout_seconds: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._time_scale = time_scale
        self._timeout_seconds = timeout_seconds
        self._deliveries: list[Delivery] = []
        self._due: list[tuple[float, int, Delivery]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def send(
        self,
        event: str,
        item: str,
        body: bytes,
        endpoint: Callable[[], Endpoint | None],
        *,
        withheld: bool = False,
    ) -> None:
        """Record a webhook and, unless it is withheld, deliver it soon."""
        with self._changed:
            delivery = Delivery(len(self._deliveries) + 1, event, item, body, endpoint)
            self._deliveries.append(delivery)
            if withheld:
                delivery.state = "withheld"
            else:
                self._schedule(delivery, delay_seconds=0)

    def resend(self, n: int, copies: int) -> list[int]:
        """Send the recorded webhook `n` again, byte for byte; returns the new numbers, or LookupError."""
        with self._changed:
            if not 1 <= n <= len(self._deliveries):
                raise LookupError(f"there is no webhook {n}")
            original = self._deliveries[n - 1]
            numbers = []
            for _ in range(copies):
                copy = Delivery(
                    len(self._deliveries) + 1,
                    original.event,
                    original.item,
                    original.body,
                    original.endpoint,
                    copy_of=n,
                )
                self._deliveries.append(copy)
                self._schedule(copy, delay_seconds=0)
                numbers.append(copy.n)
            return numbers

    def records(self) -> list[dict[str, Any]]:
        """Return every delivery, oldest first."""
        with self._changed:
            return [delivery.describe() for delivery in self._deliveries]

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until no delivery is pending; False if some still are when the time is over."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._closed or all(d.state != "pending" for d in self._deliveries), timeout_seconds
            )

    def reset(self) -> None:
        """Forget every delivery; what is pending is no longer sent."""
        with self._changed:
            self._deliveries.clear()
            self._due.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop sending and join the thread; an attempt under way is allowed to end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _schedule(self, delivery: Delivery, delay_seconds: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay_seconds, delivery.n, delivery))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="webhooks")
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # no proxy of this machine between us and 127.0.0.1
            while (delivery := self._next()) is not None:
                endpoint = delivery.endpoint()
                attempt = None if endpoint is None else self._attempt(session, endpoint, delivery.body)
                with self._changed:
                    self._conclude(delivery, attempt)
                    self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._closed:
                if not self._due:
                    self._changed.wait()
                elif (wait_seconds := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait_seconds)
                else:
                    return heapq.heappop(self._due)[2]
        return None

    def _attempt(self, session: requests.Session, endpoint: Endpoint, body: bytes) -> dict[str, Any]:
        attempt: dict[str, Any] = {"at": iso(self._clock.now()), "status": None}
        try:
            with session.post(
                endpoint.url,
                data=body,
                headers={"Content-Type": "application/json", **endpoint.headers},
                auth=endpoint.credentials,
                timeout=self._timeout_seconds(),
                allow_redirects=False,
            ) as answer:
                attempt["status"] = answer.status_code
        except requests.RequestException as error:
            attempt["error"] = type(error).__name__
        return attempt

    def _conclude(self, delivery: Delivery, attempt: dict[str, Any] | None) -> None:
        if self._deliveries[delivery.n - 1 : delivery.n] != [delivery]:
            return  # forgotten by a reset while it was under way
        if attempt is None:
            delivery.state = "withheld"
            return
        delivery.attempts.append(attempt)
        if attempt["status"] is not None and self._policy.accepts(attempt["status"]):
            delivery.state = "delivered"
        elif len(delivery.attempts) > len(self._policy.delays_seconds):
            delivery.state = "failed"
        elif not self._closed:
            delay_seconds = self._policy.delays_seconds[len(delivery.attempts) - 1]
            self._schedule(delivery, delay_seconds * self._time_scale())
