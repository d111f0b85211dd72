"""Request bodies that count what they hand out: forms, with a file in constant memory (RFC 7578)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import urlencode

PIECE_BYTES: Final = 1024 * 1024
"""How much is read from a source and written to a socket at once."""

Progress = Callable[[int, int | None], None]
"""Is told the bytes done so far and the bytes in all (None where the vendor does not say)."""


class SourceSizeError(Exception):
    """A source gave fewer or more bytes than it had announced."""


class SourceReadError(Exception):
    """A source could not be opened or read."""


class Source(Protocol):
    """Where the bytes of an upload come from. Each attempt opens it anew and closes what it opened."""

    @property
    def size_bytes(self) -> int:
        """The exact number of bytes that `open()` will give."""
        ...

    def open(self) -> BinaryIO:
        """Return a new stream at the first byte; only `read(size)` and `close()` are used."""
        ...


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory as the source of an upload."""

    data: bytes

    @property
    def size_bytes(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """Return the bytes as a stream."""
        return BytesIO(self.data)


class FileSource:
    """A file on disk as the source of an upload; its size is taken once, so that a change is noticed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.size_bytes = self.path.stat().st_size

    def __repr__(self) -> str:
        return f"FileSource({str(self.path)!r}, size_bytes={self.size_bytes})"

    def open(self) -> BinaryIO:
        """Return the file, opened without a buffer: it is read in large pieces anyway."""
        return self.path.open("rb", buffering=0)


class Body(Protocol):
    """What the transport sends: its exact length, and pieces of it until an empty one."""

    @property
    def handed_out_bytes(self) -> int:
        """How many bytes were read."""
        ...

    def __len__(self) -> int: ...

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, empty at the end."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


class BytesBody(BytesIO):
    """A body in memory. It counts, because a request of which no byte went out can't have taken effect."""

    def __len__(self) -> int:
        return self.getbuffer().nbytes

    @property
    def handed_out_bytes(self) -> int:
        """How many bytes were read."""
        return self.tell()


class Form(Protocol):
    """Fields on their way to a vendor; `body()` gives a fresh body, so every attempt sends all of it."""

    @property
    def content_type(self) -> str:
        """The header that goes with the body."""
        ...

    def body(self) -> Body:
        """Return a new body at its first byte."""
        ...


class UrlEncodedForm:
    """The fields of a form without a file, in their order; a field may stand there more than once."""

    content_type = "application/x-www-form-urlencoded"

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._data = urlencode(fields).encode("ascii")

    def body(self) -> Body:
        """Return a new body at its first byte."""
        return BytesBody(self._data)


@dataclass(frozen=True, slots=True)
class FilePart:
    """The file of a multipart body: the field's name, the name and type the vendor is told, and the bytes."""

    field: str
    name: str
    content_type: str
    source: Source


class MultipartForm:
    """The fields and the file of a form; `body()` gives a fresh body, so every attempt sends all of it."""

    def __init__(
        self,
        fields: Sequence[tuple[str, str]],
        file: FilePart | None = None,
        *,
        progress: Progress | None = None,
    ) -> None:
        self._boundary = f"proofbridge-{secrets.token_hex(16)}"
        self._file = file
        self._progress = progress
        head = [
            f"--{self._boundary}\r\nContent-Disposition: form-data; "
            f'name="{_escaped(name)}"\r\n\r\n{value}\r\n'
            for name, value in fields
        ]
        if file is not None:
            head.append(
                f"--{self._boundary}\r\nContent-Disposition: form-data; "
                f'name="{_escaped(file.field)}"; filename="{_escaped(file.name)}"\r\n'
                f"Content-Type: {file.content_type}\r\n\r\n"
            )
        self._prelude = "".join(head).encode()
        # A field's own line end stands in the prelude, the file's can only follow its bytes.
        line_end = "" if file is None else "\r\n"
        self._epilogue = f"{line_end}--{self._boundary}--\r\n".encode()

    @property
    def content_type(self) -> str:
        """The header that goes with the body."""
        return f"multipart/form-data; boundary={self._boundary}"

    def body(self) -> Body:
        """Return a new body at its first byte."""
        if self._file is None:
            return BytesBody(self._prelude + self._epilogue)
        return _FileBody(self._prelude, self._file.source, self._epilogue, self._progress)


class _FileBody:
    """Prelude, file, epilogue. The epilogue goes out only when the file had exactly its announced size."""

    def __init__(self, prelude: bytes, source: Source, epilogue: bytes, progress: Progress | None) -> None:
        self._prelude = prelude
        self._source = source
        self._size_bytes = source.size_bytes
        self._epilogue = epilogue
        self._progress = progress
        self._stream: BinaryIO | None = None
        self.handed_out_bytes = 0

    def __len__(self) -> int:
        return len(self._prelude) + self._size_bytes + len(self._epilogue)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, empty at the end; a piece never spans prelude, file and epilogue."""
        size = PIECE_BYTES if size < 0 else size
        start = self.handed_out_bytes
        file_start = len(self._prelude)
        file_end = file_start + self._size_bytes
        if start < file_start:
            piece = self._prelude[start : start + size]
        elif start < file_end:
            piece = self._file_piece(min(size, file_end - start), start - file_start)
        else:
            if start == file_end:
                self._expect_end()
            piece = self._epilogue[start - file_end : start - file_end + size]
        self.handed_out_bytes += len(piece)
        return piece

    def close(self) -> None:
        """Close the source's stream."""
        if self._stream is not None:
            self._stream.close()

    def _file_piece(self, size: int, done: int) -> bytes:
        piece = self._read_source(size)
        if not piece:
            raise SourceSizeError(f"the file ended after {done} of {self._size_bytes} bytes")
        if self._progress is not None:
            self._progress(done + len(piece), self._size_bytes)
        return piece

    def _expect_end(self) -> None:
        if self._read_source(1):
            raise SourceSizeError(f"the file has more than the announced {self._size_bytes} bytes")

    def _read_source(self, size: int) -> bytes:
        try:
            if self._stream is None:
                self._stream = self._source.open()
            return self._stream.read(size)
        except Exception as error:
            raise SourceReadError(f"the file could not be read ({type(error).__name__})") from error


def _escaped(name: str) -> str:
    """Write a field or file name as browsers do: UTF-8, and only quote, CR and LF escaped (RFC 7578, 5.1).

    A backslash is an escape to some who read it, to others the end of a folder's name: it does not go out.
    """
    return name.replace("\\", "_").replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
