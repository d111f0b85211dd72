"""A vendor that takes any file and forgets it: a process of its own, so that it costs the sender nothing.

`python -m tests.bench.sink` prints its port, and ends when its standard input does.
"""

from __future__ import annotations

import re
import socket
import sys
import threading

ANSWER = b'{"guid": "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d", "version": 1}'
_PIECE_BYTES = 1024 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def take(connection: socket.socket) -> None:
    """Answer the requests of a connection, each once it is there to its last byte."""
    piece = bytearray(_PIECE_BYTES)
    rest = b""
    with connection:
        while True:
            while b"\r\n\r\n" not in rest:
                came = connection.recv(65536)
                if not came:
                    return
                rest += came
            head, _, body = rest.partition(b"\r\n\r\n")
            length = _LENGTH.search(head + b"\r\n")
            left = (int(length[1]) if length else 0) - len(body)
            while left > 0:
                count = connection.recv_into(piece, min(left, _PIECE_BYTES))
                if not count:
                    return
                left -= count
            rest = b""
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(ANSWER), ANSWER)
            )


def main() -> None:
    """Serve one connection after the other, in threads of their own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)

        def accept() -> None:
            while True:
                connection, _ = server.accept()
                threading.Thread(target=take, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
