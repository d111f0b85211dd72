"""Calls on a simulator over real HTTP, and an endpoint that receives its webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from local.simulators import Simulator

TIMEOUT_SECONDS = 20


class Caller:
    """Calls a simulator's vendor API and its control API, and fails on a status that was not expected."""

    def __init__(self, simulator: Simulator, prefix: str, headers: dict[str, str]) -> None:
        self.simulator = simulator
        self.origin = simulator.url
        self.base = simulator.url + prefix
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the vendor's API; the answer may be anything."""
        return self.session.request(method, self.base + path, timeout=TIMEOUT_SECONDS, **options)

    def call(self, method: str, path: str, expect: int = 200, **options: Any) -> Any:
        """Call the vendor's API and return the JSON of the answer."""
        answer = self.send(method, path, **options)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def control(self, method: str, path: str, expect: int = 200, **options: Any) -> Any:
        """Call the control API, without the vendor's credentials, and return the JSON of the answer."""
        url = f"{self.origin}/_control{path}"
        answer = requests.request(method, url, timeout=TIMEOUT_SECONDS, **options)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def act(self, what: str, expect: int = 200, **arguments: Any) -> Any:
        """Play a person."""
        return self.control("POST", f"/act/{what}", expect, json=arguments)

    def settings(self, **settings: Any) -> None:
        """Change settings."""
        self.control("POST", "/settings", json=settings)

    def effects(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the effects, or those of one operation."""
        effects: list[dict[str, Any]] = self.control("GET", "/effects")
        return [e for e in effects if operation in {None, e["operation"]}]

    def violation(self) -> str:
        """Return the reason of the newest violation; there must be one."""
        violations = self.control("GET", "/violations")
        assert violations, "no violation was recorded"
        return str(violations[-1]["reason"])

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


@dataclass
class Endpoint:
    """A receiver of webhooks: answers with `statuses` one after the other, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str, dict[str, str], bytes], tuple[int, bytes]]) -> Iterator[str]:
    """Serve every request by `answer(path, headers, body) -> (status, body)`; gives the origin."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            status, body = answer(self.path, dict(self.headers), self.rfile.read(length))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
