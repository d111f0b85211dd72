"""The HTTP server under every simulator: keeps connections alive, can drop them, leaves no thread behind."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wsgi import LimitedStream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_PIECE_BYTES = 1 << 20
_POLL_SECONDS = 0.05


class ConnectionDroppedError(Exception):
    """Raised while a response is iterated: what was yielded is sent, then the connection is closed."""


class _Handler(WSGIRequestHandler):
    """One connection. werkzeug's own handler closes it after each answer, the vendors do not."""

    server: Server
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request; the connection stays open unless the answer was dropped."""
        environ = self.make_environ()
        if not environ.get("wsgi.input_terminated"):
            length = int(self.headers.get("Content-Length") or 0)
            environ["wsgi.input"] = LimitedStream(cast("IO[bytes]", self.rfile), length)
            environ["wsgi.input_terminated"] = True
        head: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            del exc_info  # nothing has been sent yet: the head goes out with the first piece of the body
            head[:] = [status, headers]
            return self.wfile.write

        answer: Iterable[bytes] = self.server.app(environ, start_response)
        try:
            self._send(head, answer)
            while environ["wsgi.input"].read(_PIECE_BYTES):
                pass  # a refused body is read to its end, else the client would see a reset, not the answer
        except (ConnectionDroppedError, ClientDisconnected, OSError):
            self.close_connection = True
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _send(self, head: list[Any], answer: Iterable[bytes]) -> None:
        head_sent = False
        for piece in answer:
            if not head_sent:
                self._send_head(head)
                head_sent = True
            if self.command != "HEAD":
                self.wfile.write(piece)
        if not head_sent:
            self._send_head(head)

    def _send_head(self, head: list[Any]) -> None:
        status, headers = head
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()


class Server(ThreadedWSGIServer):
    """Serves a WSGI application on 127.0.0.1 with a thread per connection, from `start` to `close`."""

    daemon_threads = False  # so that closing joins the threads of the connections

    def __init__(self, app: WSGIApplication, port: int) -> None:
        super().__init__("127.0.0.1", port, app, _Handler)
        self.connections_accepted = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, name=f"simulator-{self.port}"
        )

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count and remember a connection."""
        with self._lock:
            self.connections_accepted += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Stop accepting, end the connections that clients keep open, and join every thread."""
        self.shutdown()
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
