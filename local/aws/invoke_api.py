"""The Lambda Invoke API, as `aws lambda invoke --endpoint-url` and the SDKs speak it.

AWS Lambda API reference, 'Invoke'. Only this operation is served. Besides it there are addresses for tests
and demos: `/_local/idle`, `/_local/invocations` and `/_local/logs/{function}`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from local.aws.function import Function, Functions, StoppedError, ThrottledError

_INVOCATIONS = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_SYNCHRONOUS_BYTES = 6_291_456
_ASYNCHRONOUS_BYTES = 1_048_576


class InvokeApi:
    """A WSGI application over the functions."""

    def __init__(self, functions: Functions, *, wait_idle: Callable[[float], list[str]]) -> None:
        self._functions = functions
        self._wait_idle = wait_idle

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/_local/") and request.method == "GET":
            return self._answer_local(request)
        # The SDKs send an ARN percent-encoded; the raw path keeps its slashes apart from the path's.
        path = request.environ.get("RAW_URI", request.path).partition("?")[0]
        match = _INVOCATIONS.fullmatch(path)
        if match is None or request.method != "POST":
            return _refuse(
                404, "UnknownOperationException", f"{request.method} {request.path} is not served here"
            )
        name = unquote(match[1])
        function = self._functions.find(name)
        if function is None:
            known = ", ".join(sorted(each.settings.logical_id for each in self._functions))
            return _refuse(
                404, "ResourceNotFoundException", f"Function not found: {name}; there are: {known}"
            )
        return self._invoke(request, function)

    def _invoke(self, request: Request, function: Function) -> Response:
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        payload = request.get_data() or b"{}"
        limit = _SYNCHRONOUS_BYTES if kind == "RequestResponse" else _ASYNCHRONOUS_BYTES
        if len(payload) > limit:
            message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
            return _refuse(413, "RequestTooLargeException", message)
        try:
            json.loads(payload)
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            return _refuse(400, "InvalidRequestContentException", message)
        match kind:
            case "Event":
                self.invoke_later(function, payload, trigger="event")
                return Response(status=202)
            case "RequestResponse":
                return self._invoke_now(request, function, payload)
            case _:
                return _refuse(400, "InvalidParameterValueException", f"InvocationType {kind} is not known")

    def _invoke_now(self, request: Request, function: Function, payload: bytes) -> Response:
        try:
            outcome = self._functions.invoke(function, payload, wait=False, trigger="invoke")
        except ThrottledError:
            return _refuse(429, "TooManyRequestsException", "Rate Exceeded.")
        except StoppedError:
            return _refuse(500, "ServiceException", "local AWS is being stopped")
        headers = {"X-Amz-Executed-Version": "$LATEST", "X-Amzn-RequestId": outcome.request_id}
        if outcome.error is not None:
            headers["X-Amz-Function-Error"] = outcome.error
        if request.headers.get("X-Amz-Log-Type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log_tail[-4096:]).decode()
        return Response(outcome.payload, headers=headers, content_type="application/json")

    def invoke_later(self, function: Function, payload: bytes, *, trigger: str) -> None:
        """Invoke in the background, after the invocations that keep the function at its limit."""
        ready = threading.Event()

        def run() -> None:
            with self._functions.pending(), contextlib.suppress(StoppedError):
                ready.set()
                self._functions.invoke(function, payload, wait=True, trigger=trigger)

        threading.Thread(target=run, daemon=True).start()
        # Counted as pending before the caller is told that it was accepted.
        ready.wait()

    def _answer_local(self, request: Request) -> Response:
        if request.path == "/_local/invocations":
            return _json(200, self._functions.invocations())
        if request.path == "/_local/idle":
            reasons = self._wait_idle(request.args.get("timeout_seconds", default=30.0, type=float))
            return _json(200 if not reasons else 504, {"idle": not reasons, "waiting_for": reasons})
        function = self._functions.find(request.path.removeprefix("/_local/logs/"))
        if request.path.startswith("/_local/logs/") and function is not None:
            return Response(function.log.path.read_bytes(), content_type="text/plain; charset=utf-8")
        return _json(404, {"message": "Not Found"})


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def _refuse(status: int, kind: str, message: str) -> Response:
    response = _json(status, {"Type": "User", "Message": message, "message": message})
    response.headers["X-Amzn-ErrorType"] = kind
    return response
