"""A small real HTTP server that serves one object as S3 does, and cuts its answers off where it is told."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass
class CutOffS3:
    """The object, what was asked for it, and after how many bytes each of the next answers ends.

    A negative number is a status instead of an answer. `headers` replace those that S3 sends.
    """

    data: bytes
    url: str = ""
    cuts: deque[int] = field(default_factory=deque)
    headers: Mapping[str, str] = field(default_factory=dict)
    ignores_ranges: bool = False
    asked: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def etag(self) -> str:
        """The object's ETag now."""
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'

    def reset(self, data: bytes) -> None:
        """Begin anew, with another object."""
        self.data = data
        self.cuts.clear()
        self.headers = {}
        self.ignores_ranges = False
        self.asked.clear()

    @cached_property
    def client(self) -> S3Client:
        """Return a client that talks to it, and to nobody else."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                proxies={},
            ),
        )


@contextmanager
def cut_off_s3(data: bytes) -> Iterator[CutOffS3]:
    """Run it on a free port."""
    s3 = CutOffS3(data)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            s3.asked.append({"Path": self.path, **self.headers})
            if self.headers.get("If-Match", s3.etag) != s3.etag:
                self.send_response(412)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if s3.cuts and s3.cuts[0] < 0:
                self.send_response(-s3.cuts.popleft())
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            wanted = (
                None if s3.ignores_ranges else re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            )
            start = int(wanted[1]) if wanted else 0
            body = s3.data[start:]
            head = {"ETag": s3.etag, "Content-Length": str(len(body))}
            if wanted:
                head["Content-Range"] = f"bytes {start}-{len(s3.data) - 1}/{len(s3.data)}"
            self.send_response(206 if wanted else 200)
            for name, value in {**head, **s3.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if s3.cuts:
                body = body[: s3.cuts.popleft()]
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Let the client's disappearance pass."""

    server = Server(("127.0.0.1", 0), Handler)
    s3.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield s3
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
