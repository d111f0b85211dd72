"""The http core of the vendor clients: one call, with its deadline, its safe retries and its errors.

A timeline of one call:

    attempt 1 ── fails ── may it be repeated? ── wait (backoff or Retry-After) ── attempt 2 ── … ── answer
    └──────────────────────── all of it within one deadline ────────────────────────────────────┘

A call is repeated when that can't do harm: the operation is `retry_safe`, or surely nothing happened (nothing
was sent, or the vendor refused with 429). A redirect is never followed, so a token never leaves its host.
"""

from __future__ import annotations

import copy
import logging
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Self, TypedDict, TypeVar
from urllib.parse import quote

import requests
from pydantic import TypeAdapter, ValidationError
from urllib3.exceptions import HTTPError

from . import answers
from .deadline import SYSTEM_CLOCK, Clock, Deadline
from .download import Download
from .errors import (
    DecodeError,
    Happened,
    InvalidRequestError,
    SourceError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
    redact,
)
from .multipart import PIECE_BYTES, Body, BytesBody, Form, SourceReadError, SourceSizeError
from .operation import Operation, RetryPolicy, Timeouts, origin
from .transport import Exchange, current_exchange, new_session
from .writing import is_text

LONG_SILENCE_SECONDS: Final = 15
"""A connection that ends after as long without an answer ends like one that was waited on for too long."""
MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
MAX_ERROR_BYTES: Final = 64 * 1024
USER_AGENT: Final = "proofbridge/0.1 (+python-requests)"

T = TypeVar("T")
E = TypeVar("E", bound=VendorError)
Query = Sequence[tuple[str, str]]
_logger = logging.getLogger("proofbridge.vendors")
_ANY_JSON: Final[TypeAdapter[Any]] = TypeAdapter(Any)


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked, the same for each attempt."""

    operation: Operation
    url: str
    query: Query
    content_type: str | None
    new_body: Callable[[], Body] | None
    item: str | None
    deadline: Deadline
    read_seconds: float


class ApiSettings(TypedDict, total=False):
    """What every client can be told of how its calls are made; see VendorApi."""

    timeouts: Timeouts | None
    retries: RetryPolicy | None
    clock: Clock


class VendorApi:
    """One vendor's API at one origin: what every client of this package is built on.

    `headers` gives the credentials' headers anew for each attempt and `secrets` everything that must not show
    up in an error; both are asked late, so that a token may change. `read_message` finds the vendor's words
    in an error's body, `read_failure` a failure in the body of an answer with 2xx, for vendors that tell it
    there. `error_by_status` says what a status means at this vendor, where that differs from
    `answers.ERROR_BY_STATUS`. Safe for use by several threads.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Callable[[], Mapping[str, str]],
        secrets: Callable[[], Iterable[str]],
        read_message: Callable[[bytes], str | None] = answers.vendor_message,
        read_failure: Callable[[bytes], answers.Failure | None] | None = None,
        error_by_status: Mapping[int, type[VendorError]] = MappingProxyType({}),
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.vendor = vendor
        self.base_url = origin(base_url)
        self._headers = headers
        self._secrets = secrets
        self._read_message = read_message
        self._read_failure = read_failure
        self._error_by_status = error_by_status
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or RetryPolicy()
        self._clock = clock
        self._session = new_session()
        self._deadline: Deadline | None = None

    def __repr__(self) -> str:
        return f"VendorApi({self.vendor!r}, {self.base_url!r})"

    def within(self, deadline: Deadline) -> Self:
        """Return this API, on the same connections, with every call bound to the one deadline."""
        return self._but(_deadline=deadline)

    def bearing(self, token: str) -> Self:
        """Return this API, on the same connections, with a bearer token, which errors never show."""
        headers = {"Authorization": f"Bearer {token}"}
        return self._but(_headers=lambda: headers, _secrets=lambda: (*self._secrets(), token))

    def concealing(self, *texts: str) -> Self:
        """Return this API, on the same connections, with errors that show none of the texts."""
        return self._but(_secrets=lambda: (*self._secrets(), *texts))

    def patient(self) -> Self:
        """Return this API, on the same connections, which waits for a transfer's answer as long as it may.

        For a vendor that works on its own before it answers, with nothing to be heard meanwhile.
        """
        times = self._timeouts
        return self._but(_timeouts=replace(times, transfer_read_seconds=times.transfer_seconds))

    def _but(self, **changed: object) -> Self:
        bound = copy.copy(self)
        vars(bound).update(changed)
        return bound

    def deadline_of(self, operation: Operation) -> Deadline:
        """Return the deadline of a call of the operation that begins now."""
        times = self._timeouts
        seconds = times.transfer_seconds if operation.transfer else times.call_seconds
        return self._deadline or Deadline.after(seconds, self._clock)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def read(
        self,
        operation: Operation,
        answer: TypeAdapter[T],
        *,
        ids: Mapping[str, str | int] | None = None,
        query: Query = (),
        json: bytes | None = None,
        form: Form | None = None,
        item: str | None = None,
    ) -> T:
        """Carry out the operation and return what `answer` reads; every failure is a VendorError."""
        call = self._prepare(operation, ids or {}, query, json, form, item)
        return self._repeatedly(call, lambda: self._answer(call, answer))

    def do(
        self,
        operation: Operation,
        *,
        ids: Mapping[str, str | int] | None = None,
        query: Query = (),
        json: bytes | None = None,
        item: str | None = None,
    ) -> None:
        """Carry out an operation whose answer says nothing: it must be empty or JSON."""
        call = self._prepare(operation, ids or {}, query, json, None, item)
        self._repeatedly(call, lambda: self._answer(call, None))

    def open(
        self,
        operation: Operation,
        *,
        ids: Mapping[str, str | int] | None = None,
        query: Query = (),
        item: str | None = None,
    ) -> Download:
        """Begin a download. Retries end when the answer begins; the caller closes what is returned."""
        call = self._prepare(operation, ids or {}, query, None, None, item)
        return self._repeatedly(call, lambda: self._begin_download(call))

    def invalid(self, operation: Operation, field: str, rule: str) -> InvalidRequestError:
        """Return the error for input that is not worth sending."""
        return InvalidRequestError(field, rule, vendor=self.vendor, operation=operation.name)

    # --- one call ----------------------------------------------------------------------------------------

    def _prepare(
        self,
        operation: Operation,
        ids: Mapping[str, str | int],
        query: Query,
        json: bytes | None,
        form: Form | None,
        item: str | None,
    ) -> _Call:
        for name, value in ids.items():
            if str(value) in {"", ".", ".."}:
                raise self.invalid(operation, name, "must name something")
        for name, value in (*ids.items(), *query):
            if not is_text(str(value)):
                raise self.invalid(operation, name, "must be text that can be written as UTF-8")
        path = operation.path.format_map({name: quote(str(value), safe="") for name, value in ids.items()})
        content_type: str | None = None
        new_body: Callable[[], Body] | None = None
        if form is not None:
            content_type, new_body = form.content_type, form.body
        elif json is not None:
            content_type, new_body = "application/json", lambda: BytesBody(json)
        times = self._timeouts
        return _Call(
            operation=operation,
            url=self.base_url + path,
            query=query,
            content_type=content_type,
            new_body=new_body,
            item=item,
            deadline=self.deadline_of(operation),
            read_seconds=times.transfer_read_seconds if operation.transfer else times.read_seconds,
        )

    def _repeatedly(self, call: _Call, attempt: Callable[[], T]) -> T:
        attempts = 0
        uncertain = False
        while True:
            attempts += 1
            started = self._clock.monotonic()
            try:
                result = attempt()
            except VendorError as error:
                self._log(call, attempts, started, error)
                uncertain = uncertain or error.happened is Happened.UNKNOWN
                wait_seconds = self._wait_before_retry(error, attempts, call.deadline)
                if wait_seconds is None:
                    if uncertain:
                        # The last attempt had no effect, but an earlier one may have had it.
                        error.happened = Happened.UNKNOWN
                    raise
            else:
                self._log(call, attempts, started, None)
                return result
            self._clock.sleep(wait_seconds)

    def _wait_before_retry(self, error: VendorError, attempts: int, deadline: Deadline) -> float | None:
        """Return how long to wait before the next attempt; None when there shall be none."""
        if attempts >= self._retries.attempts or not (error.transient and error.retry_safe):
            return None
        wait_seconds = self._retries.wait_seconds(attempts)
        if error.retry_at is not None:
            wait_seconds = max(0.0, (error.retry_at - self._clock.now()).total_seconds())
            if wait_seconds > self._retries.longest_named_wait_seconds:
                return None
        return wait_seconds if wait_seconds < deadline.remaining_seconds else None

    def _log(self, call: _Call, attempts: int, started: float, error: VendorError | None) -> None:
        _logger.debug(
            "%s %s attempt %d: %s after %.0f ms",
            self.vendor,
            call.operation.name,
            attempts,
            "done" if error is None else type(error).__name__,
            (self._clock.monotonic() - started) * 1000,
        )

    # --- one attempt -------------------------------------------------------------------------------------

    def _answer(self, call: _Call, answer: TypeAdapter[T] | None) -> T:
        response, exchange = self._send(call)
        with response:
            data = self._read_body(call, response, exchange, MAX_ANSWER_BYTES)
        failure = None if self._read_failure is None else self._read_failure(data)
        if failure is not None:
            raise self._error(
                call, failure.kind, failure.message, happened=failure.happened, response=response
            )
        if answer is None and not data.strip():
            return None  # type: ignore[return-value] # do() asks for nothing
        adapter = _ANY_JSON if answer is None else answer
        try:
            return adapter.validate_json(data)
        except ValidationError as error:
            raise self._undecodable(call, response, error) from None

    def _begin_download(self, call: _Call) -> Download:
        response, exchange = self._send(call)
        return Download(response, self._pieces(call, response, exchange))

    def _send(self, call: _Call) -> tuple[requests.Response, Exchange]:
        """Send the request; return the answer, its body unread, when its status is 2xx."""
        exchange = Exchange(call.deadline, call.read_seconds)
        left_seconds = call.deadline.remaining_seconds  # asked once: it must not run out in between
        if left_seconds <= 0:
            raise self._error(call, VendorTimeoutError, "no time was left to begin", happened=Happened.NO)
        body = call.new_body() if call.new_body else None
        request = self._request(call, body)
        settings = self._session.merge_environment_settings(request.url, {}, True, None, None)  # noqa: FBT003
        reset = current_exchange.set(exchange)
        try:
            response = self._session.send(
                request,
                timeout=(
                    min(self._timeouts.connect_seconds, left_seconds),
                    min(call.read_seconds, left_seconds),
                ),
                allow_redirects=False,
                **settings,
            )
        except (requests.RequestException, HTTPError, SourceSizeError, SourceReadError) as error:
            raise self._broken(call, error, exchange, _effect(exchange, body)) from None
        finally:
            current_exchange.reset(reset)
            if body is not None:
                body.close()
        if not 200 <= response.status_code < 300:  # noqa: PLR2004 - the classes of HTTP
            with response:
                raise self._refused(call, response, exchange)
        return response, exchange

    def _request(self, call: _Call, body: Body | None) -> requests.PreparedRequest:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if call.operation.authenticated:
            headers.update(self._headers())
        request = requests.PreparedRequest()
        request.prepare(method=call.operation.method, url=call.url, headers=headers, params=list(call.query))
        if body is not None:
            # Set by hand: requests would guess a length from what the body seems to be.
            request.body = body  # type: ignore[assignment]
            request.headers["Content-Length"] = str(len(body))
            request.headers["Content-Type"] = call.content_type or "application/octet-stream"
        return request

    def _read_body(self, call: _Call, response: requests.Response, exchange: Exchange, limit: int) -> bytes:
        """Return an answer's text, in UTF-8 and without the mark that some servers put before it."""
        data = bytearray()
        for piece in self._pieces(call, response, exchange):
            data += piece
            if len(data) > limit:
                raise self._error(
                    call, DecodeError, f"the answer is longer than {limit} bytes", response=response
                )
        return bytes(data).removeprefix(BOM_UTF8)

    def _pieces(self, call: _Call, response: requests.Response, exchange: Exchange) -> Iterator[bytes]:
        try:
            # read1 returns what has come, so that the deadline is looked at before each wait for more.
            while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
                yield piece
        except HTTPError as error:
            raise self._broken(call, error, exchange, _effect(exchange, None), response) from None

    # --- what went wrong ---------------------------------------------------------------------------------

    def _refused(self, call: _Call, response: requests.Response, exchange: Exchange) -> VendorError:
        try:
            message = self._read_message(self._read_body(call, response, exchange, MAX_ERROR_BYTES))
        except VendorError:
            message = None  # the status has said enough
        status = response.status_code
        if 300 <= status < 400:  # noqa: PLR2004 - the classes of HTTP
            message = "it answered with a redirect, which is not followed; check the base URL"
        return self._error(
            call,
            self._error_by_status.get(status) or answers.error_class(status),
            message or "the vendor gave no reason",
            happened=answers.happened(status),
            response=response,
        )

    def _broken(
        self,
        call: _Call,
        error: Exception,
        exchange: Exchange,
        happened: Happened,
        response: requests.Response | None = None,
    ) -> VendorError:
        if isinstance(error, SourceSizeError | SourceReadError):
            return self._error(call, SourceError, str(error), happened=happened)
        causes = list(_causes(error))
        if isinstance(error, requests.Timeout) or any(isinstance(cause, TimeoutError) for cause in causes):
            late = "the deadline has passed" if call.deadline.expired else "the vendor took too long"
            return self._error(call, VendorTimeoutError, late, happened=happened, response=response)
        reason = type(causes[-1]).__name__
        waited_seconds = call.deadline.clock.monotonic() - exchange.sent_at
        if response is None and exchange.started and waited_seconds >= LONG_SILENCE_SECONDS:
            # Whatever stands in between has lost patience; the vendor may still be at work.
            late = f"{reason} after {waited_seconds:.0f} s without an answer"
            return self._error(call, VendorTimeoutError, late, happened=happened)
        return self._error(
            call, VendorConnectionError, f"{reason} at {self.base_url}", happened=happened, response=response
        )

    def _undecodable(self, call: _Call, response: requests.Response, error: ValidationError) -> DecodeError:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        garbage = first["type"] == "json_invalid"
        path = ".".join(str(part) for part in first["loc"]) or "the answer"
        detail = "it is not JSON" if garbage else f"{path}: {first['type']}"
        found = self._error(call, DecodeError, detail, response=response)
        # Garbage comes from something between the vendor and us and may be gone the next time.
        found.transient = garbage
        return found

    def _error(
        self,
        call: _Call,
        kind: type[E],
        detail: str,
        *,
        happened: Happened = Happened.UNKNOWN,
        response: requests.Response | None = None,
    ) -> E:
        headers = {} if response is None else response.headers
        status = None if response is None else response.status_code
        return kind(
            redact(detail, self._secrets()),
            vendor=self.vendor,
            operation=call.operation.name,
            item=call.item,
            status=status,
            request_id=answers.request_id(headers),
            # What only reads can't have changed anything.
            happened=Happened.NO if call.operation.method == "GET" else happened,
            retry_safe=call.operation.retry_safe,
            retry_at=answers.closed_until(status, headers, self._clock.now()),
        )


def _effect(exchange: Exchange, body: Body | None) -> Happened:
    """Return whether a broken exchange may have taken effect: not if nothing, or only a head, went out."""
    only_a_head = body is not None and len(body) > 0 and body.handed_out_bytes == 0
    return Happened.NO if not exchange.started or only_a_head else Happened.UNKNOWN


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what is wrapped in it, the way requests and urllib3 wrap, the innermost last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        inner = getattr(cause, "reason", None) or next(
            (arg for arg in reversed(cause.args) if isinstance(arg, BaseException)), None
        )
        cause = inner if isinstance(inner, BaseException) else cause.__cause__
