"""API Gateway's HTTP API in front of the functions: routes from the template, payload format 2.0.

API Gateway developer guide, 'Create AWS Lambda proxy integrations for HTTP APIs in API Gateway' (events and
answers), 'Create routes for HTTP APIs' (which route wins) and 'Quotas' (10 MB bodies, 30 seconds).
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from werkzeug.datastructures import Headers
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from local.aws.function import Functions, StoppedError, ThrottledError
from local.aws.stack import ACCOUNT, Stack, StackError

_BODY_BYTES = 10 * 1024 * 1024
_EVENT_BYTES = 6_291_456
_INTEGRATION_SECONDS = 30.0
_TEXT = re.compile(r"text/.*|application/(json|javascript|xml|.*\+(json|xml))")
_ANY = "x-amazon-apigateway-any-method"
_FUNCTION = re.compile(r":function:([^/:]+)/invocations")


@dataclass(frozen=True)
class Route:
    """One route of the API, as API Gateway names it: `POST /webhooks/{source}`."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        """The route key of events."""
        return f"{self.method} {self.path}"

    def match(self, path: str) -> dict[str, str] | None:
        """Return the path parameters if a raw path is this route's, else None."""
        wanted, given = self.path.split("/"), [unquote(segment) for segment in path.split("/")]
        if len(wanted) != len(given):
            return None
        parameters: dict[str, str] = {}
        for name, value in zip(wanted, given, strict=True):
            if name.startswith("{") and value:
                parameters[name[1:-1]] = value
            elif name != value:
                return None
        return parameters


def routes(stack: Stack) -> list[Route]:
    """Return the routes of every HTTP API of the stack, the most exact first. Raise StackError."""
    found = []
    for api in stack.of_type("AWS::ApiGatewayV2::Api"):
        for path, methods in api.properties["Body"]["paths"].items():
            for method, operation in methods.items():
                uri = operation.get("x-amazon-apigateway-integration", {}).get("uri", "")
                function = _FUNCTION.search(uri)
                if method == _ANY or path == "$default" or "+}" in path:
                    raise StackError(f"{api.logical_id}: {path} is for more than one path or method")
                if function is not None:
                    found.append(Route(method.upper(), path, function[1]))
    return sorted(found, key=lambda route: route.path.count("{"))


class HttpApi:
    """A WSGI application that turns requests into invocations.

    Raise StackError for a function that may take longer than the gateway waits.
    """

    def __init__(self, routes: Iterable[Route], functions: Functions, *, region: str) -> None:
        self._routes = list(routes)
        self._functions = functions
        self._region = region
        for route in self._routes:
            function = functions.find(route.function)
            if function is not None and function.settings.timeout_seconds > _INTEGRATION_SECONDS:
                raise StackError(f"{route.function}: the HTTP API waits {_INTEGRATION_SECONDS:g} s at most")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        request = Request(environ)
        request.max_content_length = _BODY_BYTES
        request_id = uuid4().hex[:15] + "="
        response = self._answer(request, request_id)
        response.headers["Apigw-Requestid"] = request_id
        return response(environ, start_response)

    def _answer(self, request: Request, request_id: str) -> Response:
        path = request.environ.get("RAW_URI", request.path).partition("?")[0]
        for route in self._routes:
            parameters = route.match(path) if route.method == request.method else None
            function = self._functions.find(route.function) if parameters is not None else None
            if function is not None and parameters is not None:
                break
        else:
            return _message(404, "Not Found")
        try:
            event = self._event(request, request_id, route, unquote(path), parameters)
        except RequestEntityTooLarge:
            return _message(413, "Request Entity Too Large")
        except (ClientDisconnected, OSError):
            return _message(400, "Bad Request")  # the body ends too soon, or its chunks are none
        payload = json.dumps(event).encode()
        if len(payload) > _EVENT_BYTES:
            return _message(413, "Request Entity Too Large")
        try:
            outcome = self._functions.invoke(function, payload, wait=False, trigger=route.key)
        except (ThrottledError, StoppedError):
            return _message(503, "Service Unavailable")
        failed = outcome.error is not None
        return _message(500, "Internal Server Error") if failed else _response(outcome.payload)

    def _event(
        self, request: Request, request_id: str, route: Route, path: str, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        body = request.get_data()
        text = _text(body, request.mimetype)
        now = datetime.now(UTC)
        host = request.headers.get("Host", "")
        source = request.remote_addr or "127.0.0.1"
        query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": path,
            "rawQueryString": request.query_string.decode("latin-1"),
            "headers": {**_headers(request), "x-forwarded-for": source, "x-forwarded-proto": "http"},
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "localhttpapi",
                "domainName": host.partition(":")[0],
                "domainPrefix": host.partition(".")[0].partition(":")[0],
                "http": {
                    "method": request.method,
                    "path": path,
                    "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
                    "sourceIp": source,
                    "userAgent": request.headers.get("User-Agent", ""),
                },
                "requestId": request_id,
                "routeKey": route.key,
                "stage": "$default",
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
                "timeEpoch": int(now.timestamp() * 1000),
            },
            "isBase64Encoded": text is None,
        }
        cookies = [part.strip() for line in request.headers.getlist("Cookie") for part in line.split(";")]
        if cookies:
            event["cookies"] = cookies
        if query:
            event["queryStringParameters"] = _joined(query)
        if parameters:
            event["pathParameters"] = dict(parameters)
        if body:
            event["body"] = base64.b64encode(body).decode() if text is None else text
        else:
            event["isBase64Encoded"] = False
        return event


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _headers(request: Request) -> dict[str, str]:
    trace = f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]}"
    given = ((name.lower(), value) for name, value in request.headers if name.lower() != "cookie")
    return {**_joined(given), "x-amzn-trace-id": trace, "x-forwarded-port": request.environ["SERVER_PORT"]}


def _text(body: bytes, media_type: str) -> str | None:
    """Return the body as text if the gateway passes it as such; other content types travel in base64."""
    if _TEXT.fullmatch(media_type.lower()) is None:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _response(payload: bytes) -> Response:
    """Shape an answer as format 2.0 says: a structured one if it has a statusCode, else the whole as JSON."""
    answer = json.loads(payload) if payload else None
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(body, status=200, content_type="application/json")
    headers = Headers()
    try:
        status = int(answer["statusCode"])
        for name, value in (answer.get("headers") or {}).items():
            headers.add(name, _header_value(value))
        for cookie in answer.get("cookies") or []:
            headers.add("Set-Cookie", str(cookie))
        content = answer.get("body") or ""
        data = base64.b64decode(content, validate=True) if answer.get("isBase64Encoded") else content.encode()
    except (ValueError, TypeError, AttributeError):
        return _message(500, "Internal Server Error")
    headers.setdefault("Content-Type", "text/plain;charset=UTF-8")
    return Response(data, status=status, headers=headers)


def _header_value(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError("a header's value must be text, a number or a boolean")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _message(status: int, words: str) -> Response:
    return Response(json.dumps({"message": words}), status=status, content_type="application/json")
