"""The simulated Approval Studio: its tokens, its errors, its state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import Request, Response
from pydantic_core import to_jsonable_python

from local.simulators.approval_studio.annotations import Annotations
from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.assets import Assets
from local.simulators.approval_studio.board import board
from local.simulators.approval_studio.envelope import failure, unauthorized
from local.simulators.approval_studio.hooks import Hooks
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.limits import TOO_MANY_CALLS, Limits
from local.simulators.approval_studio.people import People
from local.simulators.approval_studio.processing import Processing
from local.simulators.approval_studio.projects import Projects
from local.simulators.approval_studio.refdocs import RefDocs
from local.simulators.approval_studio.reports import Reports
from local.simulators.approval_studio.settings import ApprovalStudioSettings, settings_of
from local.simulators.approval_studio.studio import Asset, ReferenceDocument, Studio
from local.simulators.approval_studio.tasks import Tasks
from local.simulators.approval_studio.tokens import UNAUTHORIZED, Tokens
from local.simulators.approval_studio.views import Views
from local.simulators.page import Page
from local.simulators.simulator import Simulator
from local.simulators.vendor import Operation, Settings, Vendor


class ApprovalStudio(Vendor):
    """Approval Studio, API v1."""

    name = "approval-studio"
    title = "Approval Studio"
    settings_model: ClassVar[type[Settings]] = ApprovalStudioSettings
    resource_types: ClassVar[tuple[type, ...]] = (
        Tokens,
        Projects,
        Assets,
        Tasks,
        Annotations,
        RefDocs,
        Hooks,
        Reports,
        People,
    )

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._studio = Studio(simulator)
        self._views = Views(self._studio)
        self._processing = Processing(simulator)
        self._limits = Limits(simulator)
        self._tokens = Tokens(simulator, self._limits)
        self._announcements = Announcements(self._studio)
        self._reports = Reports(self._studio)
        simulator.webhooks = self._announcements.sender

    def resources(self) -> Iterable[object]:
        """Return the operations and the people."""
        lifecycle = Lifecycle(self._studio, self._announcements, self._processing)
        seeing = (self._studio, self._views)
        return (
            self._tokens,
            Projects(*seeing, self._announcements, lifecycle),
            Assets(*seeing, lifecycle),
            Tasks(*seeing, lifecycle),
            Annotations(*seeing, lifecycle),
            RefDocs(*seeing, self._announcements),
            Hooks(*seeing, self._announcements),
            self._reports,
            People(*seeing, self._announcements, lifecycle, self._tokens),
        )

    def reset(self) -> None:
        """Return to two users, one project and the webhook of the settings."""
        self._studio.reset()
        self._processing.reset()
        self._limits.reset()
        self._tokens.reset()
        self._reports.reset()
        settings = settings_of(self.simulator)
        if settings.webhook_url is not None:
            self._announcements.register(settings.webhook_url, secret=settings.webhook_secret)

    def close(self) -> None:
        """End the processing."""
        self._processing.close()

    @property
    def validation_status(self) -> int:
        """The HTTP status of validation errors."""
        return 400

    def authenticate(self, request: Request) -> None:
        """Demand `Authorization: Bearer <token>`, within the limit of calls."""
        with self.simulator.lock:
            self._processing.settle()
            self._limits.count()
            self._tokens.check(request)

    def refusal(self, status: int, message: str) -> Response:
        """Return an error in the shape that its status has."""
        return self.refusal_of(None, status, message)

    def refusal_of(self, operation: Operation | None, status: int, message: str) -> Response:
        """Return an error of an operation; some show another status in the body."""
        if status == TOO_MANY_CALLS:
            return self._limits.refusal(message)
        if status == UNAUTHORIZED:
            return unauthorized(message, settings_of(self.simulator).unauthorized_body)
        return failure(None if operation is None else operation.name, status, message)

    def state(self) -> dict[str, Any]:
        """Return all that the studio holds."""
        self._processing.settle()
        studio = self._studio
        return {
            "users": to_jsonable_python(list(studio.users.values())),
            "projects": to_jsonable_python(list(studio.projects.values())),
            "assets": [_file_state(asset) for asset in studio.assets.values()],
            "tasks": to_jsonable_python(list(studio.tasks.values())),
            "annotations": to_jsonable_python(list(studio.annotations.values())),
            "reference_documents": [_file_state(each) for each in studio.reference_documents.values()],
            "webhooks": to_jsonable_python(list(studio.webhooks.values())),
        }

    def page(self) -> Page:
        """Return the projects and their assets."""
        self._processing.settle()
        return board(self._studio, settings_of(self.simulator))


def _file_state(held: Asset | ReferenceDocument) -> dict[str, Any]:
    names = set(type(held).__dataclass_fields__) - {"blob"}
    return {
        **{name: to_jsonable_python(getattr(held, name)) for name in sorted(names)},
        "sha256": held.blob.sha256,
        "size_bytes": held.blob.size_bytes,
    }
