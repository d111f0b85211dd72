"""What a local vendor received, taken apart."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl, urlsplit

from tests.unit.vendors.local_vendor import Received

Fields = list[tuple[str, str]]


def path(request: Received) -> str:
    return urlsplit(request.path).path


def query(request: Received) -> Fields:
    return parse_qsl(urlsplit(request.path).query, keep_blank_values=True, strict_parsing=True)


def form(request: Received) -> Fields:
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    return parse_qsl(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def multipart(request: Received) -> list[tuple[str, str | None, bytes]]:
    """Return name, file name and bytes of each part, in order."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [_part(part) for part in message.iter_parts()]


def _part(part: Message) -> tuple[str, str | None, bytes]:
    name = part.get_param("name", header="content-disposition")
    data = part.get_payload(decode=True)
    assert isinstance(name, str)
    assert isinstance(data, bytes)
    return name, part.get_filename(), data
