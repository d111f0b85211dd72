"""The life of Approval Studio's bearer token: one login for all threads, renewed before it ends.

    login ─── 115 min: used by every call ─── 5 min: the next call logs in again ─── ended (401)
                       └─ a 401 before that: one login more, then the call is repeated once ─┘

Callers that need a token while a login is under way wait for it, up to their own deadline. A refusal of the
credentials is told to all who waited, so that wrong ones are tried once and not once per thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import TypeAdapter
from pydantic_core import to_json

from proofbridge.vendors.deadline import Clock
from proofbridge.vendors.errors import (
    AuthenticationError,
    ConflictError,
    Happened,
    NotFoundError,
    RejectedError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.http import VendorApi

from . import operations as op
from .models import Envelope, LoggedIn

LIFE: Final = timedelta(minutes=120)
"""How long a token is valid by default ("Authorization/authentication")."""

RENEWED_BEFORE_END: Final = timedelta(minutes=5)
"""Long enough for a call that starts with the token to end with it, and for clocks that differ."""

_LOGGED_IN: Final = TypeAdapter(Envelope[LoggedIn])


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment (aware) at which it ends."""

    value: str = field(repr=False)
    ends_at: datetime


class TokenStore(Protocol):
    """Where a fleet of processes shares one token; keep what it holds as secret as the password.

    What these methods raise goes through to who made the call.
    """

    def get(self) -> Token | None:
        """Return the token put last, ended or not; None when there is none."""
        ...

    def put(self, token: Token) -> None:
        """Keep the token in the place of any other."""
        ...


class Tokens:
    """Gives the token to calls, and gets one when there is none, when it ends, or when it was refused."""

    def __init__(
        self, username: str, password: str, *, store: TokenStore | None, life: timedelta, clock: Clock
    ) -> None:
        self._username = username
        self._password = password
        self._store = store
        self._life = life
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._coming: Future[Token] | None = None

    def secrets(self) -> Iterable[str]:
        """Return what must not show up anywhere; the token itself is kept out by `VendorApi.bearing`."""
        return (self._password, self._username)

    def current(self, api: VendorApi, *, refused: str | None = None) -> str:
        """Return a token that is good for a while and isn't the refused one; VendorError when none is had.

        `api` is bound to the caller's deadline, which a login or the wait for one keeps to. Whatever is
        raised here says that nothing has happened: the call itself was not made.
        """
        deadline = api.deadline_of(op.LOG_IN)
        while True:
            with self._lock:
                if self._token is not None and self._is_good(self._token, refused):
                    return self._token.value
                coming = self._coming
                if coming is None:
                    mine = self._coming = Future()
            if coming is None:
                return self._fetch(api, refused, mine).value
            try:
                return coming.result(timeout=deadline.remaining_seconds).value
            except TimeoutError:
                raise VendorTimeoutError(
                    "the deadline has passed while a login was under way",
                    vendor=api.vendor,
                    operation=op.LOG_IN.name,
                    happened=Happened.NO,
                ) from None
            except VendorError as error:
                # Who logged in may have had less time than is left here.
                if not error.transient:
                    raise

    def _is_good(self, token: Token, refused: str | None) -> bool:
        return token.value != refused and self._clock.now() < token.ends_at - RENEWED_BEFORE_END

    def _fetch(self, api: VendorApi, refused: str | None, coming: Future[Token]) -> Token:
        """Get a token for everybody who waits for it."""
        try:
            token = self._shared(refused) or self._log_in(api)
        except BaseException as error:
            with self._lock:
                self._coming = None
            coming.set_exception(error)
            raise
        with self._lock:
            self._token = token
            self._coming = None
        coming.set_result(token)
        return token

    def _shared(self, refused: str | None) -> Token | None:
        token = None if self._store is None else self._store.get()
        return token if token is not None and self._is_good(token, refused) else None

    def _log_in(self, api: VendorApi) -> Token:
        begun = self._clock.now()
        credentials = to_json({"userName": self._username, "password": self._password})
        try:
            answer = api.read(op.LOG_IN, _LOGGED_IN, json=credentials)
        except VendorError as error:
            raise _refusal(error) from None
        token = Token(answer.result.token, begun + self._life)
        if self._store is not None:
            self._store.put(token)
        return token


def _refusal(error: VendorError) -> VendorError:
    """Return the error of a login as what it means for the call that needed it: nothing has happened.

    Which status wrong credentials bring is not documented, so every refusal of them is taken for that: a 404
    of the login must not be read as the absence of what the call was about.
    """
    refused = isinstance(error, NotFoundError | ConflictError | RejectedError)
    if refused and error.status is not None and error.status >= 400:  # noqa: PLR2004 - not a redirect
        return AuthenticationError(
            error.detail,
            vendor=error.vendor,
            operation=error.operation,
            status=error.status,
            request_id=error.request_id,
            happened=Happened.NO,
        )
    error.happened = Happened.NO
    error.retry_safe = True
    return error
