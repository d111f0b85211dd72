"""A small real HTTP server that answers as it is told, and fails in all the ways a vendor can."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Fault = Literal["drop", "hang_up", "truncate", "drip", "drip_head", "silence"]


@dataclass(frozen=True)
class Reply:
    """One answer.

    drop: reads the request and closes; hang_up: closes before the request's body was read; truncate: half
    of the body; drip: one byte of the body at a time, for ever; drip_head: the same within the head;
    silence: none.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    chunked: bool = False


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class LocalVendor:
    """Answers with the queued replies in turn, then with `usual`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.usual = Reply()
        self.replies: deque[Reply] = deque()
        self.received: list[Received] = []
        self.connections = 0
        self.keep_bodies = True
        self.stopped = threading.Event()
        self._arrival = threading.Condition()
        self._sockets: list[socket.socket] = []
        vendor = self

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def get_request(self) -> tuple[socket.socket, Any]:
                accepted, address = super().get_request()
                if tls is not None:
                    # The handshake is left to the connection's own thread, where it may fail.
                    accepted = tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
                vendor.connections += 1
                vendor._sockets.append(accepted)
                return accepted, address

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Let the client's disappearance pass: many tests are about just that."""

        class Handler(_Handler):
            pass

        Handler.vendor = vendor
        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def answer(self, *replies: Reply) -> None:
        """Queue replies."""
        self.replies.extend(replies)

    def record(self, received: Received) -> None:
        """Keep a request."""
        with self._arrival:
            self.received.append(received)
            self._arrival.notify_all()

    def wait_for(self, count: int) -> list[Received]:
        """Return the first `count` requests in the order of their connections, once they have arrived."""
        with self._arrival:
            assert self._arrival.wait_for(lambda: len(self.received) >= count, timeout=10)
            return sorted(self.received[:count], key=lambda request: request.connection)

    def close(self) -> None:
        """Stop, and leave no thread or socket behind."""
        self.stopped.set()
        self._server.shutdown()
        for connection in self._sockets:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    vendor: LocalVendor

    def setup(self) -> None:
        super().setup()
        self.number = self.vendor.connections

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's
        """Say nothing."""

    def answer(self) -> None:
        reply = self.vendor.replies.popleft() if self.vendor.replies else self.vendor.usual
        if reply.fault == "hang_up":
            self.close_connection = True
            return
        self._receive()
        match reply.fault:
            case "drop":
                self.close_connection = True
            case "silence":
                self.close_connection = True
                self.vendor.stopped.wait()
            case "drip_head":
                self.close_connection = True
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                self._drip()
            case _:
                self._reply(reply)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def _receive(self) -> None:
        left = int(self.headers.get("Content-Length") or 0)
        pieces = []
        while left > 0:
            piece = self.rfile.read(min(left, 1024 * 1024))
            if not piece:
                break
            left -= len(piece)
            if self.vendor.keep_bodies:
                pieces.append(piece)
        self.vendor.record(
            Received(self.command, self.path, dict(self.headers), b"".join(pieces), self.number)
        )

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body
        if reply.chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        if reply.fault == "truncate":
            self.close_connection = True
            self.wfile.write(body[: len(body) // 2])
        elif reply.fault == "drip":
            self.close_connection = True
            self._drip()
        else:
            self.wfile.write(body)

    def _drip(self) -> None:
        while not self.vendor.stopped.wait(0.01):
            self.wfile.write(b" ")


@contextmanager
def local_vendor(tls: ssl.SSLContext | None = None) -> Iterator[LocalVendor]:
    """Run a vendor on a free port."""
    vendor = LocalVendor(tls)
    try:
        yield vendor
    finally:
        vendor.close()
