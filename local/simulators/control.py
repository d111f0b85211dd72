"""The control API of every simulator, under /_control: look inside, play a person, order faults."""

from __future__ import annotations

import json
from typing import Any

import flask
from flask import Blueprint, Response, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from local.simulators.clock import iso
from local.simulators.faults import FaultOrder
from local.simulators.simulator import Simulator
from local.simulators.validation import reason_of
from local.simulators.vendor import RefusedError, ViolationError

_DRAIN_SECONDS = 60.0


class _ClockOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    now: AwareDatetime | None = None
    advance_seconds: float | None = None


class _ResendOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    n: int
    copies: int = Field(default=1, ge=1, le=1000)


class _DrainOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    timeout_seconds: float = Field(default=_DRAIN_SECONDS, gt=0)


def refusal(status: int, message: str) -> Response:
    """Return an error of the control API."""
    answer = flask.jsonify({"error": message})
    answer.status_code = status
    return answer


def blueprint(simulator: Simulator) -> Blueprint:
    """Return the control API of a simulator. Wrong orders are answered 400, unknown things 404."""
    control = Blueprint("control", __name__, url_prefix="/_control")
    _add_records(control, simulator)
    _add_settings(control, simulator)
    _add_faults(control, simulator)
    _add_acts(control, simulator)
    _add_webhooks(control, simulator)

    @control.errorhandler(ValidationError)
    def refuse_invalid(error: ValidationError) -> Response:
        return refusal(400, reason_of(error))

    @control.errorhandler(RefusedError)
    def refuse_impossible(error: RefusedError) -> Response:
        return refusal(error.status, error.message)

    @control.errorhandler(ViolationError)
    def refuse_violation(error: ViolationError) -> Response:
        return refusal(error.status or 400, error.reason)

    return control


def _order() -> dict[str, Any]:
    try:
        order = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise RefusedError(400, "the body is not JSON") from None
    if not isinstance(order, dict):
        raise RefusedError(400, "the body is not a JSON object")
    return order


def _add_records(control: Blueprint, simulator: Simulator) -> None:
    @control.get("/health")
    def health() -> dict[str, Any]:
        accepted = 0 if simulator.server is None else simulator.server.connections_accepted
        return {"vendor": simulator.vendor.name, "ready": True, "connections_accepted": accepted}

    @control.get("/state")
    def state() -> dict[str, Any]:
        with simulator.lock:
            return simulator.vendor.state()

    @control.get("/operations")
    def operations() -> Response:
        return flask.jsonify(
            [
                {"operation": o.name, "method": o.method, "path": o.path, "section": o.section}
                for o, _ in simulator.vendor.handlers()
            ]
        )

    @control.get("/effects")
    def effects() -> Response:
        return flask.jsonify(simulator.effects.entries(_since()))

    @control.get("/requests")
    def requests() -> Response:
        return flask.jsonify(simulator.requests.entries(_since()))

    @control.get("/violations")
    def violations() -> Response:
        return flask.jsonify(simulator.violations.entries(_since()))


def _since() -> int:
    return request.args.get("since", default=0, type=int)


def _add_settings(control: Blueprint, simulator: Simulator) -> None:
    @control.post("/reset")
    def reset() -> dict[str, Any]:
        simulator.reset()
        return {}

    @control.get("/settings")
    def show_settings() -> dict[str, Any]:
        return simulator.settings.model_dump(mode="json")

    @control.post("/settings")
    def change_settings() -> dict[str, Any]:
        with simulator.lock:
            merged = {**simulator.settings.model_dump(), **_order()}
            simulator.settings = type(simulator.settings).model_validate(merged)
            return simulator.settings.model_dump(mode="json")


def _add_faults(control: Blueprint, simulator: Simulator) -> None:
    @control.get("/faults")
    def show_faults() -> Response:
        return flask.jsonify([order.model_dump() for order in simulator.faults.waiting()])

    @control.post("/faults")
    def add_fault() -> dict[str, Any]:
        order = FaultOrder.model_validate(_order())
        known = {"*", *(operation.name for operation, _ in simulator.vendor.handlers())}
        if order.operation not in known:
            raise RefusedError(
                400, f"no operation {order.operation!r}; there are: {', '.join(sorted(known))}"
            )
        simulator.faults.add(order)
        return order.model_dump()

    @control.delete("/faults")
    def delete_faults() -> dict[str, Any]:
        simulator.faults.clear()
        return {}


def _add_acts(control: Blueprint, simulator: Simulator) -> None:
    @control.post("/clock")
    def move_clock() -> dict[str, Any]:
        order = _ClockOrder.model_validate(_order())
        if order.now is not None:
            simulator.clock.move_to(order.now)
        elif order.advance_seconds is not None:
            simulator.clock.advance(order.advance_seconds)
        else:
            simulator.clock.reset()
        return {"now": iso(simulator.clock.now())}

    @control.post("/act/<what>")
    def act(what: str) -> Any:
        acts = simulator.vendor.acts()
        if what not in acts:
            raise RefusedError(404, f"nobody can {what!r}; they can: {', '.join(sorted(acts))}")
        from_page = request.mimetype == "application/x-www-form-urlencoded"
        order = _filled_in(request.form.to_dict()) if from_page else _order()
        mark, perform = acts[what]
        arguments = mark.arguments.model_validate(order)
        with simulator.lock:
            result = perform(arguments)
        return flask.redirect("/", code=303) if from_page else (result or {})


def _filled_in(form: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if value}


def _add_webhooks(control: Blueprint, simulator: Simulator) -> None:
    sender = simulator.webhooks  # None: the vendor has none, so there are never any to see

    @control.get("/webhooks")
    def webhooks() -> Response:
        return flask.jsonify([] if sender is None else sender.records())

    @control.post("/webhooks/resend")
    def resend() -> dict[str, Any]:
        order = _ResendOrder.model_validate(_order())
        if sender is None:
            raise RefusedError(404, f"{simulator.vendor.title} sends no webhooks")
        try:
            return {"numbers": sender.resend(order.n, order.copies)}
        except LookupError as error:
            raise RefusedError(404, str(error.args[0])) from None

    @control.post("/webhooks/drain")
    def drain() -> dict[str, Any]:
        order = _DrainOrder.model_validate(_order())
        return {"drained": sender is None or sender.drain(order.timeout_seconds)}
