"""An AWS endpoint that fails as told; what it lets through is answered by moto's server."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal

from moto.server import ThreadedMotoServer

Fault = Literal[
    "hang", "drip", "drop", "act_then_drop", "throttle", "error", "unavailable", "deny", "garbage", "truncate"
]
_HANG_SECONDS: Final = 30
_DRIP_SECONDS: Final = 0.1
_KEPT: Final = ("Content-Type", "x-amzn-RequestId")
_ERRORS: Final[dict[str, tuple[int, str]]] = {
    "throttle": (400, "ThrottlingException"),
    "error": (500, "InternalServerError"),
    "unavailable": (503, "ServiceUnavailable"),
    "deny": (400, "AccessDeniedException"),
}


class FailingAws:
    """Listens on a free port of this machine. One operation at a time can be made to fail."""

    def __init__(self) -> None:
        self._moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self._behind = f"{host}:{port}"
        self._released = threading.Event()
        self._operation = ""
        self._fault: Fault = "drop"
        self._left = 0
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, operation: str, fault: Fault, *, times: int = 1_000_000) -> None:
        """Let an operation fail from now on, for so many requests."""
        self._operation, self._fault, self._left = operation, fault, times

    def recover(self) -> None:
        """Answer everything from now on."""
        self._left = 0

    def close(self) -> None:
        """Let go of what hangs, and end."""
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        connection = HTTPConnection(self._behind)
        connection.request("POST", "/moto-api/reset")
        connection.getresponse().read()
        connection.close()
        self._moto.stop()

    def fault_of(self, operation: str) -> Fault | None:
        """Return how this request is to fail, None if it is not."""
        if operation != self._operation or self._left == 0:
            return None
        self._left -= 1
        return self._fault

    def pass_on(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Ask moto: status, headers of note and body of its answer."""
        connection = HTTPConnection(self._behind, timeout=_HANG_SECONDS)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def hang(self, seconds: float = _HANG_SECONDS) -> bool:
        """Wait so long, or until the end; return whether that has come."""
        return self._released.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, aws: FailingAws) -> None:
        self.aws = aws
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client has given up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        aws = self.server.aws
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = aws.fault_of(self.headers["X-Amz-Target"].rpartition(".")[2])
        if fault == "hang":
            aws.hang()
        elif fault == "drip":
            self._drip()
        elif fault == "garbage":
            self._answer(200, {"Content-Type": "text/html"}, b"<html>" + body)
        elif fault in _ERRORS:
            status, code = _ERRORS[fault]
            told = {"__type": f"com.amazonaws#{code}", "message": f"refused: {body.decode()}"}
            self._answer(status, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(told).encode())
        elif fault != "drop":
            status, headers, answer = aws.pass_on(self.path, dict(self.headers), body)
            if fault is None:
                self._answer(status, headers, answer)
            elif fault == "truncate":
                self._answer(status, headers, b"{", promised=1_000)

    def _drip(self) -> None:
        """Answer so slowly that no single wait is long, and that the answer never ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.server.aws.hang(_DRIP_SECONDS):
            try:
                self.wfile.write(b".")
            except OSError:
                return

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, *, promised: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep no access log."""
