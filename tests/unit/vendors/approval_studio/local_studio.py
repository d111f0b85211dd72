"""A small real server that hands out tokens and accepts only those that are good."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LocalStudio:
    """Logins are answered with token-1, token-2, … once `gate` is open; every other path needs a good one.

    `login_status` other than 200 refuses the login. `arrived` is released once for each login that came in.
    """

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Semaphore(0)
        self.logins: list[dict[str, Any]] = []
        self.login_status = 200
        self.good: set[str] = set()
        self.calls: list[tuple[str, int]] = []
        self.lock = threading.Lock()
        studio = self

        class Handler(_Handler):
            pass

        Handler.studio = studio
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Stop, and leave no thread behind."""
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    studio: LocalStudio

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's
        """Say nothing."""

    def answer(self) -> None:
        studio = self.studio
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/api/v1/token/login":
            assert "Authorization" not in self.headers
            with studio.lock:
                studio.logins.append(json.loads(body))
                token = f"token-{len(studio.logins)}"
                status = studio.login_status
            studio.arrived.release()
            studio.gate.wait()
            if status == 200:
                studio.good.add(token)
            self._reply(status, {"token": token})
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status = 200 if token in studio.good else 401
        with studio.lock:
            studio.calls.append((token, status))
        self._reply(status, {"assetUID": "A1", "taskUID": "T1"})

    do_GET = do_POST = answer  # noqa: N815 - http.server's names

    def _reply(self, status: int, result: dict[str, str]) -> None:
        data = json.dumps({"statusCode": status, "message": "Said.", "result": result}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def local_studio() -> Iterator[LocalStudio]:
    """Run one on a free port."""
    studio = LocalStudio()
    try:
        yield studio
    finally:
        studio.close()
