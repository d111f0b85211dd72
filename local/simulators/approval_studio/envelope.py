"""Approval Studio's answers: the envelope of a success, and its three shapes of an error."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final, Literal

import flask
from flask import Response

_VERSION: Final = "1.0"
_BAD_REQUEST = 400
_UNSUPPORTED = 415
_UNAUTHORIZED = 401

BODY_STATUSES: Final = {("set_project_state", 406): 412, ("delete_annotation", 412): 404}
"""Operations and HTTP statuses whose body shows another status, as the documentation has it."""

_FIELD_REASON = re.compile(r"(?P<field>[A-Za-z_][\w.\[\]]*): (?P<reason>.+)")
_WHOLE_BODY = "$"


def success(result: Any = None, *, message: str | None = None) -> dict[str, Any]:
    """Return the envelope of a success; without a result there is no such field."""
    envelope = {
        "version": _VERSION,
        "statusCode": 200,
        "message": message or f"{flask.request.method} request succeeded.",
    }
    return envelope if result is None else {**envelope, "result": result}


def failure(operation: str | None, status: int, message: str) -> Response:
    """Return an error in the envelope, or as ASP.NET shows a request that fails its validation."""
    if status == _BAD_REQUEST:
        return _problem(status, "One or more validation errors occurred.", errors=_errors(message))
    if status == _UNSUPPORTED:
        return _problem(status, "Unsupported Media Type")
    body_status = BODY_STATUSES.get((operation or "", status), status)
    answer = flask.jsonify({"version": _VERSION, "statusCode": body_status, "message": message})
    answer.status_code = status
    return answer


def unauthorized(message: str, body: Literal["envelope", "empty"]) -> Response:
    """Return a 401."""
    answer = Response(status=_UNAUTHORIZED) if body == "empty" else failure(None, _UNAUTHORIZED, message)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _problem(status: int, title: str, **fields: Any) -> Response:
    body = {
        **fields,
        "type": "https://tools.ietf.org/html/rfc7231#section-6.5",
        "title": title,
        "status": status,
        "traceId": f"|{secrets.token_hex(8)}.",
    }
    answer = flask.jsonify(body)
    answer.status_code = status
    answer.content_type = "application/problem+json; charset=utf-8"
    return answer


def _errors(message: str) -> dict[str, list[str]]:
    """Return the map of parameters and reasons from the reasons in one line."""
    errors: dict[str, list[str]] = {}
    for part in message.split("; "):
        found = _FIELD_REASON.fullmatch(part)
        name, reason = (found["field"], found["reason"]) if found else (_WHOLE_BODY, part)
        errors.setdefault(name, []).append(f"'{name}' {reason}" if found else reason)
    return errors
