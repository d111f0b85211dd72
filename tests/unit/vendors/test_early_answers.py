"""Answers that come while the request is still being sent, and such that are only on the way to one."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import TypeAdapter

from proofbridge.vendors.errors import (
    AuthenticationError,
    Happened,
    RateLimitedError,
    RejectedError,
    VendorError,
)
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.multipart import BytesSource, FilePart, MultipartForm
from proofbridge.vendors.operation import Operation, RetryPolicy, Timeouts

SEND = Operation("things.send", "POST", "/things", "", retry_safe=False, transfer=True)
READ = Operation("things.get", "GET", "/things", "", retry_safe=True)
ANY: TypeAdapter[Any] = TypeAdapter(Any)
DATA = BytesSource(bytes(24 * 1024 * 1024))
FORM = MultipartForm((), FilePart("file", "a.bin", "application/octet-stream", DATA))
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id": 7}'


@contextmanager
def raw_vendor(talk: Callable[[socket.socket], None]) -> Iterator[VendorApi]:
    """Have each connection talked to by `talk`; gives an API of that vendor."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.ExitStack() as talks:
            while True:
                try:
                    accepted, _ = listener.accept()
                except OSError:
                    return
                one = threading.Thread(target=talk_to, args=(accepted,))
                one.start()
                talks.callback(one.join)

    def talk_to(accepted: socket.socket) -> None:
        with accepted, contextlib.suppress(OSError):
            accepted.settimeout(10)
            talk(accepted)

    thread = threading.Thread(target=accept)
    thread.start()
    api = VendorApi(
        "testing",
        f"http://127.0.0.1:{listener.getsockname()[1]}",
        headers=dict,
        secrets=tuple,
        timeouts=Timeouts(transfer_read_seconds=0.3),
        retries=RetryPolicy(attempts=1),
    )
    try:
        yield api
    finally:
        api.close()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def receive(sock: socket.socket, size: int) -> bytes:
    """Receive up to so many bytes; ConnectionResetError where no more come."""
    came = sock.recv(size)
    if not came:
        raise ConnectionResetError
    return came


def read_head(sock: socket.socket) -> int:
    """Read the head of a request; returns how much of its body has come with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock, 1024)
    return len(data.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("status", [102, 103])
def test_answer_is_the_last_one_when_others_lead_to_it(status: int) -> None:
    def talk(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"HTTP/1.1 %d Wait\r\nLink: </a>\r\n\r\n" % status + OK)
        read_head(sock)
        sock.sendall(OK.replace(b"7", b"8"))

    with raw_vendor(talk) as api:
        assert api.read(READ, ANY) == {"id": 7}
        assert api.read(READ, ANY) == {"id": 8}


@pytest.mark.parametrize(
    ("status", "kind", "ending"),
    [
        (413, RejectedError, "takes no more"),
        (401, AuthenticationError, "closes"),
        (429, RateLimitedError, "takes the rest"),
    ],
)
def test_refusal_is_heard_when_it_comes_before_all_was_sent(
    status: int, kind: type[VendorError], ending: str
) -> None:
    is_heard = threading.Event()

    def talk(sock: socket.socket) -> None:
        left = len(FORM.body()) - read_head(sock)
        sock.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 2\r\n\r\n{}" % status)
        if ending == "takes no more":
            is_heard.wait(10)
        if ending == "takes the rest":
            while left:
                left -= len(receive(sock, min(left, 1024 * 1024)))
            talk(sock)  # the connection stays open: it may be used again

    with raw_vendor(talk) as api:
        assert refusal(api) == (kind, Happened.NO)
        try:
            # Not on a connection that waits for the rest of the first.
            assert refusal(api) == (kind, Happened.NO)
        finally:
            is_heard.set()


def refusal(api: VendorApi) -> tuple[type[VendorError], Happened]:
    """Send the file; return how it was refused. The error itself would keep its connection open."""
    try:
        api.read(SEND, ANY, form=FORM)
    except VendorError as error:
        return type(error), error.happened
    raise AssertionError("it was taken")
