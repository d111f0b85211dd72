"""The WSGI application of a simulator: its vendor's operations, the control API and the page."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, cast

import flask
from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from local.simulators import control, page
from local.simulators.faults import dropped, spoil
from local.simulators.multipart import read_form
from local.simulators.simulator import Simulator
from local.simulators.validation import read_fields, read_json, read_query
from local.simulators.vendor import Operation, RefusedError, ViolationError


def create_app(simulator: Simulator) -> Flask:
    """Return the application; it answers nothing in HTML but the page itself."""
    app = Flask("local.simulators", static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would be an HTML answer
    cast("DefaultJSONProvider", app.json).sort_keys = False
    routes: dict[tuple[str, str], dict[Operation, Callable[..., Any]]] = {}
    for operation, handler in simulator.vendor.handlers():
        routes.setdefault((operation.method, operation.path), {})[operation] = handler
    for (method, path), handlers in routes.items():
        app.add_url_rule(
            path,
            endpoint=f"{method} {path}",
            view_func=_view(simulator, handlers),
            methods=[method],
            provide_automatic_options=False,
        )
    app.register_blueprint(control.blueprint(simulator))
    app.register_blueprint(page.blueprint(simulator))

    @app.errorhandler(HTTPException)
    def refuse_unknown(error: HTTPException) -> Response:
        if request.path.startswith("/_control/"):
            return control.refusal(error.code or 500, error.description or "")
        status = error.code or 500
        reason = f"no such operation: {request.method} {request.path}"
        answer = simulator.vendor.refusal_of(None, status, error.name)
        _record(simulator, None, answer, reason=reason)
        return answer

    @app.errorhandler(Exception)
    def report_defect(error: Exception) -> Response:
        # A defect of the simulator itself must be seen by who runs it, and still end in a proper answer.
        traceback.print_exception(error, file=sys.stderr)
        if request.path.startswith("/_control/"):
            return control.refusal(500, f"defect of the simulator: {type(error).__name__}")
        answer = simulator.vendor.refusal_of(None, 500, "defect of the simulator, see its stderr")
        _record(simulator, None, answer)
        return answer

    return app


def _view(simulator: Simulator, handlers: dict[Operation, Callable[..., Any]]) -> Callable[..., Response]:
    def view(**path_values: Any) -> Response:
        try:
            operation = simulator.vendor.choose(request, tuple(handlers))
        except ViolationError as violation:
            return _refuse(simulator, None, violation)
        handler = handlers[operation]
        fault = simulator.faults.take(operation.name)
        if fault is None:
            return _answer(simulator, operation, handler, path_values)
        if fault.fault in {"drop_before", "drop_body"}:
            if fault.bytes:
                request.environ["wsgi.input"].read(fault.bytes)
            _record(simulator, operation, None, fault=fault.fault)
            return dropped()
        if fault.status is not None:
            refusal = simulator.vendor.refusal_of(operation, fault.status, "injected fault")
            refusal.status_code = fault.status  # also where the vendor's refusals have another
            if fault.retry_after is not None:
                refusal.headers["Retry-After"] = fault.retry_after
            _record(simulator, operation, refusal, fault=fault.fault)
            return refusal
        if fault.fault == "slow":
            simulator.closing.wait(fault.seconds)
        answer = _answer(simulator, operation, handler, path_values, fault=fault.fault)
        return spoil(fault, answer, simulator.closing)

    return view


def _answer(
    simulator: Simulator,
    operation: Operation,
    handler: Callable[..., Any],
    path_values: dict[str, Any],
    *,
    fault: str | None = None,
) -> Response:
    try:
        answer = _respond(_call(simulator, operation, handler, path_values))
    except RefusedError as refused:
        answer = simulator.vendor.refusal_of(operation, refused.status, refused.message)
    except ViolationError as violation:
        return _refuse(simulator, operation, violation, fault=fault)
    _record(simulator, operation, answer, fault=fault)
    return answer


def _refuse(
    simulator: Simulator,
    operation: Operation | None,
    violation: ViolationError,
    *,
    fault: str | None = None,
) -> Response:
    status = violation.status or simulator.vendor.validation_status
    answer = simulator.vendor.refusal_of(operation, status, violation.message)
    _record(simulator, operation, answer, reason=violation.reason, fault=fault)
    return answer


def _call(
    simulator: Simulator, operation: Operation, handler: Callable[..., Any], path_values: dict[str, Any]
) -> Any:
    if operation.authenticated:
        simulator.vendor.authenticate(request)
    arguments = dict(path_values)
    if operation.query is not None:
        arguments["query"] = read_query(request, operation.query)
    else:
        read_query(request, None)
    if operation.form is not None:
        with read_form(request, operation.form, simulator.blobs) as arguments["form"]:
            return _enter(simulator, operation, handler, arguments)
    if operation.fields is not None:
        arguments["fields"] = read_fields(request, operation.fields)
    elif operation.body is not None:
        arguments["body"] = read_json(request, operation.body)
    else:
        read_json(request, None)
    return _enter(simulator, operation, handler, arguments)


def _enter(
    simulator: Simulator, operation: Operation, handler: Callable[..., Any], arguments: dict[str, Any]
) -> Any:
    if not operation.exclusive:
        return handler(**arguments)
    with simulator.lock:
        return handler(**arguments)


def _respond(result: Any) -> Response:
    return result if isinstance(result, Response) else flask.jsonify(result)


def _record(
    simulator: Simulator,
    operation: Operation | None,
    answer: Response | None,
    *,
    reason: str | None = None,
    fault: str | None = None,
) -> None:
    entry = {
        "operation": None if operation is None else operation.name,
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode(),
        "status": None if answer is None else answer.status_code,
    }
    simulator.requests.add(**entry, **({} if fault is None else {"fault": fault}))
    if reason is not None:
        simulator.violations.add(**entry, reason=reason)
