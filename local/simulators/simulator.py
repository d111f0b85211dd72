"""One running simulator: its vendor, its clock, what it records, and its server."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from local.simulators.blobs import BlobStore
from local.simulators.clock import Clock
from local.simulators.faults import Faults
from local.simulators.journal import REQUESTS_KEPT, Journal
from local.simulators.server import Server
from local.simulators.vendor import Settings, Vendor
from local.simulators.vendors import vendor_type
from local.simulators.webhooks import WebhookSender


class Simulator:
    """A simulated vendor and everything around it.

    `lock` is held while the vendor's state is read or written. `closing` is set when the simulator ends, so
    that whoever waits stops waiting. `url` is empty until it is served.
    """

    def __init__(self, vendor: type[Vendor], settings: Settings) -> None:
        self.clock = Clock()
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self.effects = Journal(self.clock)
        self.requests = Journal(self.clock, REQUESTS_KEPT)
        self.violations = Journal(self.clock, REQUESTS_KEPT)
        self.faults = Faults()
        self.blobs = BlobStore()
        self.webhooks: WebhookSender | None = None
        self.server: Server | None = None
        self._first_settings = settings
        self.settings = settings.model_copy(deep=True)
        self.vendor = vendor(self)
        self.vendor.reset()

    @property
    def url(self) -> str:
        """The simulator's origin, without a slash at its end."""
        return "" if self.server is None else self.server.url

    def effect(self, operation: str, item: str, **fields: Any) -> None:
        """Record that a call changed something or sent e-mail (fields: `emails`, to whom)."""
        self.effects.add(operation=operation, item=item, **fields)

    def reset(self) -> None:
        """Return to the state, the settings and the time at the start, with empty records."""
        with self.lock:
            self.settings = self._first_settings.model_copy(deep=True)
            self.clock.reset()
            self.faults.clear()
            for journal in (self.effects, self.requests, self.violations):
                journal.clear()
            if self.webhooks is not None:
                self.webhooks.reset()
            self.vendor.reset()

    def close(self) -> None:
        """End the server, the vendor, the webhooks and the files; leaves no thread."""
        self.closing.set()
        if self.server is not None:
            self.server.close()
        self.vendor.close()
        if self.webhooks is not None:
            self.webhooks.close()
        self.blobs.close()


@contextlib.contextmanager
def serve(vendor: str, *, port: int = 0, **settings: Any) -> Iterator[Simulator]:
    """Serve one vendor ("good2go", "goodday", …) on 127.0.0.1 until the end of the `with`.

    `port` 0 takes a free one, see `url`. `settings` are those of the vendor's settings model;
    pydantic.ValidationError tells of a wrong one, LookupError of an unknown vendor.
    """
    from local.simulators.application import create_app  # noqa: PLC0415 - it needs this module

    kind = vendor_type(vendor)
    simulator = Simulator(kind, kind.settings_model(**settings))
    try:
        simulator.server = Server(create_app(simulator), port)
        simulator.server.start()
        yield simulator
    finally:
        simulator.close()
