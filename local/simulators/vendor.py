"""What a simulated vendor is made of: settings, operations, acts of people, refusals.

A vendor's package subclasses `Vendor` and `Settings` and marks the methods of its resources with
`@operation` (its HTTP API) and `@act` (what a person does in its web page).
"""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_type_hints

from flask import Request, Response
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from local.simulators.page import Page
    from local.simulators.simulator import Simulator


class Settings(BaseModel):
    """What can be chosen when a simulator starts, and changed by `POST /_control/settings`."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class RefusedError(Exception):
    """The vendor says no, in a way that its documentation describes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ViolationError(Exception):
    """The request is not what the documentation describes; it is refused and recorded.

    `status` None stands for the vendor's status of validation errors. `message` is what the vendor would
    say, where that differs from the reason.
    """

    def __init__(self, reason: str, *, status: int | None = None, message: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.message = message or reason


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a vendor's HTTP API.

    `query`, `body` (JSON), `form` (multipart) and `fields` (application/x-www-form-urlencoded) are the models
    of the handler's parameters of those names; None means that the operation takes none. An operation that
    is not `exclusive` is called without the simulator's lock and takes it itself, because it waits for
    something outside.
    """

    name: str
    method: str
    path: str
    section: str
    authenticated: bool
    exclusive: bool
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    form: type[BaseModel] | None
    fields: type[BaseModel] | None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does at the vendor, with the model of its arguments."""

    name: str
    arguments: type[BaseModel]


Function = TypeVar("Function", bound=Callable[..., Any])


def operation(
    method: str, path: str, *, section: str, authenticated: bool = True, exclusive: bool = True
) -> Callable[[Function], Function]:
    """Mark a method as the handler of `method` `path` (a Flask rule), named after the method.

    `section` names the section of the vendor's documentation ("outside" for what it doesn't have). The
    handler gets the path's values by name and, where it has such parameters, `query`, `body`, `form`,
    `fields`; it returns JSON-ready data or a Response, and raises RefusedError or ViolationError.
    """

    def mark(function: Function) -> Function:
        hints = get_type_hints(function)
        function.__dict__["operation"] = Operation(
            name=function.__name__,
            method=method,
            path=path,
            section=section,
            authenticated=authenticated,
            exclusive=exclusive,
            query=hints.get("query"),
            body=hints.get("body"),
            form=hints.get("form"),
            fields=hints.get("fields"),
        )
        return function

    return mark


def act(name: str) -> Callable[[Function], Function]:
    """Mark a method `(self, arguments: Model)` as what a person does by `POST /_control/act/<name>`."""

    def mark(function: Function) -> Function:
        function.__dict__["act"] = Act(name=name, arguments=get_type_hints(function)["arguments"])
        return function

    return mark


def _marked(resource: type, attribute: str) -> Iterator[tuple[str, Any]]:
    for name, function in vars(resource).items():  # in the order in which they are written
        if inspect.isfunction(function) and attribute in function.__dict__:
            yield name, function.__dict__[attribute]


class Vendor(abc.ABC):
    """A simulated vendor: its state and its API. Its methods are called under the simulator's lock."""

    name: ClassVar[str]
    title: ClassVar[str]
    settings_model: ClassVar[type[Settings]]
    resource_types: ClassVar[tuple[type, ...]]

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    @abc.abstractmethod
    def resources(self) -> Iterable[object]:
        """Return one object of each of `resource_types`."""

    @abc.abstractmethod
    def reset(self) -> None:
        """Return to the seeded state."""

    def close(self) -> None:  # noqa: B027 - most vendors have nothing to end
        """End what the vendor does in the background; its requests have ended, `closing` is set."""

    @abc.abstractmethod
    def state(self) -> dict[str, Any]:
        """Return everything it holds, as JSON-ready data."""

    @abc.abstractmethod
    def page(self) -> Page:
        """Return what the HTML page shows."""

    @abc.abstractmethod
    def authenticate(self, request: Request) -> None:
        """Raise ViolationError if the request's credentials are missing or wrong."""

    @abc.abstractmethod
    def refusal(self, status: int, message: str) -> Response:
        """Return an error in the vendor's own shape."""

    def refusal_of(self, operation: Operation | None, status: int, message: str) -> Response:  # noqa: ARG002
        """Return an error of an operation (None: no such operation), for vendors with several shapes."""
        return self.refusal(status, message)

    def choose(self, request: Request, candidates: Sequence[Operation]) -> Operation:  # noqa: ARG002
        """Return the operation that is meant, of those with the request's method and path.

        For vendors that tell their operations apart by something else; ViolationError if it is none of them.
        """
        return candidates[0]

    @property
    def validation_status(self) -> int:
        """The HTTP status of validation errors."""
        return 422

    @classmethod
    def operations(cls) -> list[Operation]:
        """Return every operation that the vendor offers, without a running simulator."""
        return [mark for resource in cls.resource_types for _, mark in _marked(resource, "operation")]

    def handlers(self) -> Iterator[tuple[Operation, Callable[..., Any]]]:
        """Return every operation with its bound handler."""
        for resource in self.resources():
            for name, mark in _marked(type(resource), "operation"):
                yield mark, getattr(resource, name)

    def acts(self) -> dict[str, tuple[Act, Callable[[Any], Any]]]:
        """Return what people can do, by name."""
        return {
            mark.name: (mark, getattr(resource, name))
            for resource in self.resources()
            for name, mark in _marked(type(resource), "act")
        }
