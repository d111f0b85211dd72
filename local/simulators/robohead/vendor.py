"""The simulated RoboHead: its key, its commands, its errors."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

import flask
from flask import Request, Response
from pydantic_core import to_jsonable_python

from local.simulators.page import Page
from local.simulators.robohead.account import Account, File
from local.simulators.robohead.board import board
from local.simulators.robohead.course import Course
from local.simulators.robohead.files import Files
from local.simulators.robohead.listing import Listing
from local.simulators.robohead.people import People
from local.simulators.robohead.reviews import Reviews
from local.simulators.robohead.settings import RoboHeadSettings, command_of, settings_of
from local.simulators.robohead.views import Views
from local.simulators.simulator import Simulator
from local.simulators.vendor import Operation, Settings, Vendor, ViolationError

_OK = 200
_MESSAGE_KEYS: Final = {401: "msg_error_invalidToken", 404: "msg_error_notFound"}
_OTHER_MESSAGE_KEY = "msg_error_invalidParameter"
_NO_SUCH_PATH: Final = {404, 405}
_SINGLE_IN_FORM = "upload_file"


class RoboHead(Vendor):
    """RoboHead."""

    name = "robohead"
    title = "RoboHead"
    settings_model: ClassVar[type[Settings]] = RoboHeadSettings
    resource_types: ClassVar[tuple[type, ...]] = (Listing, Reviews, Files, People)

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._account = Account(simulator)
        self._course = Course(self._account)
        self._views = Views(self._account, self._course)

    def resources(self) -> Iterable[object]:
        """Return the operations and the people."""
        seeing = (self._account, self._course, self._views)
        return (Listing(*seeing), Reviews(*seeing), Files(self._account, self._course), People(*seeing))

    def reset(self) -> None:
        """Return to three users and one project."""
        self._account.reset()

    def choose(self, request: Request, candidates: Sequence[Operation]) -> Operation:
        """Return the operation that the command names; an upload names it in the form, and looks itself."""
        commands = {each.name: command_of(self.simulator, each.name) for each in candidates}
        command = request.args.get("cmd")
        for candidate in candidates:
            if candidate.name == _SINGLE_IN_FORM or (command and commands[candidate.name] == command):
                return candidate
        known = ", ".join(filter(None, commands.values()))
        raise ViolationError(f"cmd: {request.method} {request.path} knows {known}, not {command}")

    @property
    def validation_status(self) -> int:
        """What the HTTP status of validation errors would be."""
        return 400

    def authenticate(self, request: Request) -> None:
        """Demand the header `X-API-Key`."""
        key = request.headers.get("X-API-Key", "")
        if not hmac.compare_digest(key.encode(), settings_of(self.simulator).api_key.encode()):
            raise ViolationError(
                "X-API-Key is missing or wrong", status=401, message="The API key is not valid."
            )

    def refusal(self, status: int, message: str) -> Response:
        """Return a failure; its HTTP status is 200 too, unless the settings say otherwise."""
        body = {
            "returnCode": 1,
            "errorMessages": [
                {"messageKey": _MESSAGE_KEYS.get(status, _OTHER_MESSAGE_KEY), "detailedMessage": message}
            ],
            "success": False,
        }
        answer = flask.jsonify(body)
        answer.status_code = status if settings_of(self.simulator).status_codes == "real" else _OK
        return answer

    def refusal_of(self, operation: Operation | None, status: int, message: str) -> Response:
        """Return a failure; a path that there is not is one that HTTP tells of."""
        answer = self.refusal(status, message)
        if operation is None and status in _NO_SUCH_PATH:
            answer.status_code = status
        return answer

    def state(self) -> dict[str, Any]:
        """Return users, projects, files and reviews."""
        self._course.start_due()
        account = self._account
        return {
            "users": to_jsonable_python(list(account.users.values())),
            "projects": to_jsonable_python(list(account.projects.values())),
            "files": [_file_state(file) for file in account.files.values()],
            "reviews": to_jsonable_python(list(account.reviews.values())),
        }

    def page(self) -> Page:
        """Return the reviews, newest first."""
        self._course.start_due()
        return board(self._account)


def _file_state(file: File) -> dict[str, Any]:
    names = set(File.__dataclass_fields__) - {"blob"}
    return {
        **{name: to_jsonable_python(getattr(file, name)) for name in sorted(names)},
        "sha256": file.blob.sha256,
        "size_bytes": file.blob.size_bytes,
    }
