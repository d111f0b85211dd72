"""Rehearsing actions: the vendor calls that they would make, written down by a stand-in on this machine.

The real gateways and clients speak to the stand-in, with stand-ins for the secrets, so that what is shown is
what would be sent. No vendor is asked anything: what they would read is made up (see `stand_ins`), and a call
that depends on another answer is not shown.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, NoReturn, Self, cast
from urllib.parse import parse_qsl

from proofbridge.config.loader import VendorSettings
from proofbridge.decisions.targets import target_of
from proofbridge.decisions.write_guard import superseded
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemRef, Vendor
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.amazon import Amazon
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.items import Items
from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import InvalidRequestError, VendorError

from .stand_ins import answer

PATIENCE_SECONDS: Final = 10.0
DEPENDS: Final = "what follows depends on the answer"
MADE_UP: Final = "what is read is made up here: an open proof with one reviewer"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that would be made: the body is JSON, or a text that says what it is."""

    method: str
    path: str
    body: Any = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"method": self.method, "path": self.path, "body": self.body}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an action would come to. `note` says why it would do nothing, or what depends on an answer."""

    calls: tuple[Call, ...] = ()
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"calls": [call.to_dict() for call in self.calls], "note": self.note}


class Rehearsal:
    """A stand-in for all vendors, for as long as the `with` block lasts."""

    def __init__(self, settings: VendorSettings) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        origin = f"http://127.0.0.1:{self._server.server_port}"
        self._connections = Connections(
            {vendor: Endpoint(origin, vendor) for vendor in Vendor},
            _StandIns(),
            settings,
            _now,
            Amazon(lambda: cast("Any", _Mail(self._server)), lambda: cast("Any", _Bus(self._server)), _now),
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def rehearse(self, action: Action, items: Items, words: LatestDecisions) -> Rehearsed:
        """Return what performing the action would come to, as far as is known without the vendor."""
        target = target_of(items, action)
        if target is None and action.kind.target is not None:
            return Rehearsed(note=f"it would wait: the proof has no {action.vendor} {action.kind.target} yet")
        if superseded(items, words, action):
            return Rehearsed(note="it would be held: a newer change has replaced its cause")
        return self.calls_of(action, target)

    def calls_of(self, action: Action, target: ItemRef | None) -> Rehearsed:
        """Return the calls that the action would make on the target."""
        first = len(self._server.calls)
        self._server.params = action.params
        note = None
        try:
            gateway = self._connections.gateway(action.vendor, Deadline.after(PATIENCE_SECONDS))
            if action.name is ActionName.OBSERVE and target is not None:
                gateway.observe(target)
                note = DEPENDS
            else:
                held = gateway.perform(action, target).held
                note = None if held is None else f"it would be held: {held}"
        except InvalidRequestError as error:
            note = f"it would be parked: {error.field}: {error.rule}"
        except VendorError:
            note = DEPENDS
        calls = tuple(call for call in self._server.calls[first:] if not call.path.endswith("/token/login"))
        if note is None and any(call.method == "GET" for call in calls):
            note = MADE_UP
        return Rehearsed(calls, note)


class _StandIns(Secrets):
    """Names in place of secrets: they stand in what is shown."""

    def __init__(self) -> None:
        super().__init__(_no_client, 0)

    def text(self, secret_id: str, key: str) -> str:
        return f"{secret_id}-{key}"


def _no_client() -> NoReturn:
    raise AssertionError("a rehearsal needs no secret")


class _Server(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.calls: list[Call] = []
        self.params: Mapping[str, Any] = {}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _take(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.calls.append(
            Call(self.command, self.path, _body(data, self.headers.get("Content-Type", "")))
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        data = answer(self.path, self.server.params)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _take  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the calls are printed."""


class _Mail:
    """SES: notes what would be sent."""

    def __init__(self, server: _Server) -> None:
        self._calls = server.calls

    def send_email(self, **request: Any) -> None:
        self._calls.append(Call("POST", "/v2/email/outbound-emails", request))


class _Bus:
    """The changes bus: notes what would be published."""

    def __init__(self, server: _Server) -> None:
        self._calls = server.calls

    def publish(self, events: Iterable[Mapping[str, Any]]) -> None:
        self._calls += [Call("POST", "/ (PutEvents)", event) for event in events]


def _now() -> datetime:
    return datetime.now(UTC)


def _body(data: bytes, content_type: str) -> Any:
    if not data:
        return None
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(data.decode()))
    try:
        return json.loads(data)
    except ValueError:
        return f"({len(data):,} bytes that are not JSON)"
