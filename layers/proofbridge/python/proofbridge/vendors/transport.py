"""The sockets below the http core: pooled connections on which every wait ends with the call's deadline.

requests' own timeouts limit each single wait, so a vendor that drips one byte at a time could hold a call for
ever. Here every send and every receive is given only what is left.
"""

from __future__ import annotations

import http.client
import io
import socket
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.wait import wait_for_read

from .deadline import Deadline
from .multipart import PIECE_BYTES

_RECEIVE_BUFFER_BYTES: Final = 64 * 1024
_LEADING_TO_AN_ANSWER: Final = frozenset({102, 103})


@dataclass(slots=True)
class Exchange:
    """One request and its answer: how long they may wait, and whether anything went out.

    `cut_short`: the vendor took no more of the request, but has answered. `sent_at` is when the last of it
    went out, by the deadline's clock.
    """

    deadline: Deadline
    read_seconds: float
    started: bool = False
    cut_short: bool = False
    sent_at: float = 0.0

    def patience_seconds(self) -> float:
        """Return how long the next wait may be; TimeoutError when the deadline has passed."""
        patience = self.deadline.cut(self.read_seconds)
        if patience <= 0:
            raise TimeoutError("the deadline has passed")
        return patience


current_exchange: Final[ContextVar[Exchange]] = ContextVar("current_exchange")
"""Set around every send: urllib3 makes the connections, so it can't be handed to them."""


class _PatientReader(io.RawIOBase):
    """A socket's stream that waits no longer than its exchange allows."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, exchange: Exchange) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._exchange.patience_seconds())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PatientResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw: io.RawIOBase = self.fp.detach()
        reader = _PatientReader(sock, raw, current_exchange.get())
        self.fp = io.BufferedReader(reader, _RECEIVE_BUFFER_BYTES)

    def begin(self) -> None:
        super().begin()
        if current_exchange.get().cut_short:
            self.will_close = True  # what is left of the request would be taken for the next one

    def _read_status(self) -> tuple[str, int, str]:
        """Pass over what only leads to an answer, such as 103 (Early Hints): http.client knows only 100."""
        while True:
            read: tuple[str, int, str] = super()._read_status()  # type: ignore[misc] # in no stub
            if read[1] not in _LEADING_TO_AN_ANSWER:
                return read
            http.client.parse_headers(self.fp)


class _PatientSending:
    """Sends within the deadline, and marks that something went out.

    A vendor may answer before it has the whole request, and take no more of it.
    """

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        connection: Any = self
        if self.sock is None:
            connection.connect()
        exchange = current_exchange.get()
        exchange.started = True
        connection.sock.settimeout(exchange.patience_seconds())
        try:
            super().send(data)  # type: ignore[misc] # mixed into http.client's connections
            exchange.sent_at = exchange.deadline.clock.monotonic()
        except TimeoutError:
            if not wait_for_read(connection.sock, timeout=0):
                raise
            # A refusal, mostly. At a broken pipe urllib3 reads what has been answered.
            exchange.cut_short = True
            raise BrokenPipeError from None


class _Connection(_PatientSending, HTTPConnection):
    response_class = _PatientResponse


class _TlsConnection(_PatientSending, HTTPSConnection):
    response_class = _PatientResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS: Final = {"http": _Pool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    """Pools of patient connections that write in large pieces; nothing is retried below the http core."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, blocksize=PIECE_BYTES, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, blocksize=PIECE_BYTES, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Know of no redirect: requests would read its whole body just to prepare a request we never send."""
        del resp
        return None


def new_session(*, connections: int = 10) -> requests.Session:
    """Return a session that keeps up to `connections` open per vendor."""
    session = _Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=connections, max_retries=0))
    return session
