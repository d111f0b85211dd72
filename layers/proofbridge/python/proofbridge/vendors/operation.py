"""What the http core needs to know of an operation, and how patient it is with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

OUTSIDE: Final = "outside"
"""The section of what is not in the vendor's documentation at hand."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a vendor's API.

    `name` is the client's method (`jobs.get`), `path` has `{placeholders}`, `section` is where the vendor's
    documentation has it, or OUTSIDE. `retry_safe`: a repetition has no second effect. `transfer`: moves a
    file, so it may take long. `authenticated`: the credentials go with it.
    """

    name: str
    method: str
    path: str
    section: str
    retry_safe: bool
    transfer: bool = False
    authenticated: bool = True

    @property
    def outside(self) -> bool:
        """Whether it is not in the documentation at hand."""
        return self.section == OUTSIDE

    @staticmethod
    def all_in(names: Mapping[str, object]) -> tuple[Operation, ...]:
        """Return all operations among the names of a module or an object, in their order."""
        return tuple(value for value in names.values() if isinstance(value, Operation))


@dataclass(frozen=True, slots=True)
class _Method:
    """Makes operations of one HTTP method, `retry_safe` as it usually is at these vendors.

    Without a section the documentation has the operation under its method and path.
    """

    name: str
    retry_safe: bool

    def __call__(
        self,
        name: str,
        path: str,
        section: str | None = None,
        *,
        retry_safe: bool | None = None,
        transfer: bool = False,
        authenticated: bool = True,
    ) -> Operation:
        return Operation(
            name,
            self.name,
            path,
            f"{self.name} {path}" if section is None else section,
            self.retry_safe if retry_safe is None else retry_safe,
            transfer,
            authenticated,
        )


get: Final = _Method("GET", retry_safe=True)
put: Final = _Method("PUT", retry_safe=True)
post: Final = _Method("POST", retry_safe=False)
delete: Final = _Method("DELETE", retry_safe=False)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long things may take: to connect, without a sign of life, and a call with all its retries.

    The `transfer` values hold for uploads and downloads; a vendor may think about a large file for a while
    before it answers. A deadline set by `within` replaces `call_seconds` and `transfer_seconds`.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    call_seconds: float = 60.0
    transfer_read_seconds: float = 120.0
    transfer_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a call is tried and how long is waited in between (doubling, half of it by chance).

    A vendor may name a longer wait. One of more than `longest_named_wait_seconds` is the caller's affair:
    nobody else would know meanwhile that the vendor wants no calls.
    """

    attempts: int = 4
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 8.0
    longest_named_wait_seconds: float = 10.0
    chance: Callable[[], float] = random.random

    def wait_seconds(self, attempt: int) -> float:
        """Return the wait after the given attempt (1 is the first)."""
        wait = min(self.first_wait_seconds * 2.0 ** (attempt - 1), self.longest_wait_seconds)
        return wait * (0.5 + self.chance() / 2)


def origin(base_url: str) -> str:
    """Return the URL's scheme, host and port; ValueError when it is anything more or less than that."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the base URL must be an origin such as https://www.example.com")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            f"the base URL must be an origin: {parts.scheme}://{parts.hostname} without path, query or user"
        )
    return f"{parts.scheme}://{parts.netloc}"


def header_token(token: str, what: str) -> str:
    """Return the token when it can stand in a header; else a ValueError that doesn't show it."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{what} must be printable ASCII characters without spaces")
    return token
