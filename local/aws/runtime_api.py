"""The Lambda Runtime API, as AWS's runtime client speaks it; one small server for each function process.

Lambda developer guide, 'Using the Lambda runtime API'. The client has no way to say which process it is, so
each process gets an address of its own. It asks for one thing at a time, hence one thread is enough.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Literal

_VERSION = "/2018-06-01/runtime"


@dataclass(frozen=True)
class Invocation:
    """One event for a function."""

    request_id: str
    payload: bytes
    function_arn: str
    deadline_ms: int


@dataclass(frozen=True)
class Message:
    """What a function process told: it waits for work, answered, failed, can't start, or (`exit`) is gone."""

    kind: Literal["ready", "response", "error", "init_error", "exit"]
    payload: bytes = b""
    request_id: str = ""


class RuntimeApi:
    """Serves one process. Read what it tells from `messages`; give it work with `offer`."""

    def __init__(self) -> None:
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._fetched: set[str] = set()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """`host:port`, the value of AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def offer(self, invocation: Invocation) -> None:
        """Let the process have this invocation when it asks for the next."""
        self._work.put(invocation)

    def fetched(self, request_id: str) -> bool:
        """Whether the process has taken this invocation."""
        return request_id in self._fetched

    def next(self) -> Invocation | None:
        """Wait for work; None when the server is being closed."""
        invocation = self._work.get()
        if invocation is not None:
            self._fetched.add(invocation.request_id)
        return invocation

    def close(self) -> None:
        """Stop serving, whatever the process is at."""
        self._work.put(None)
        self._server.cut()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(HTTPServer):
    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        self._connection: socket.socket | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    def serves(self, connection: socket.socket | None) -> None:
        """Remember the connection being served, so that it can be cut."""
        self._connection = connection

    def cut(self) -> None:
        """End a read on the connection being served."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):  # the process may have closed it just now
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a killed process cuts its connection, and its end is reported elsewhere."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The client waits for each answer before it goes on; Nagle's algorithm would add 40 ms to some.
    disable_nagle_algorithm = True

    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.serves(self.connection)

    def finish(self) -> None:
        self.server.serves(None)
        super().finish()

    @property
    def _api(self) -> RuntimeApi:
        return self.server.api

    def do_GET(self) -> None:
        if self.path != f"{_VERSION}/invocation/next":
            self._answer(404)
            return
        self._api.messages.put(Message("ready"))
        invocation = self._api.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Content-Type": "application/json",
        }
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == f"{_VERSION}/init/error":
            self._api.messages.put(Message("init_error", body))
        elif self.path.startswith(f"{_VERSION}/invocation/"):
            _, _, rest = self.path.partition("/invocation/")
            request_id, _, verb = rest.partition("/")
            self._api.messages.put(Message("error" if verb == "error" else "response", body, request_id))
        else:
            self._answer(404)
            return
        self._answer(202, json.dumps({"status": "OK"}).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep no access log."""
