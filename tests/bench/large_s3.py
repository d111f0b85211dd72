"""An S3 of one object without end, for clients of S3: each request names in no way how much of it there is.

`python -m tests.bench.large_s3 SIZE_BYTES` serves it on a port that it prints, first with one byte, then with
so many, and ends when its standard input does.
"""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PIECE = bytes(1024 * 1024)


def server_of(sizes: list[int]) -> ThreadingHTTPServer:
    """Return the server: its answers have these sizes in turn, the last one ever after."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.send_header("ETag", '"1"')
            self.end_headers()
            left = size
            while left > 0:
                left -= self.wfile.write(_PIECE[:left])

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main(size_bytes: int) -> None:
    """Serve until nobody wants it any more."""
    server = server_of([1, size_bytes])
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
