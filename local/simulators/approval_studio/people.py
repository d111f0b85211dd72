"""What people do in Approval Studio: `POST /_control/act/<name>`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.studio import Asset, Studio, Task
from local.simulators.approval_studio.tokens import Tokens
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import Decision, Due, ProjectState
from local.simulators.page import moment_from_page
from local.simulators.vendor import RefusedError, act

_CONFLICT = 409


def _page_due(value: object) -> object:
    """Read a day, or a moment that has no zone in a browser's field, as the API writes them."""
    read = moment_from_page(value) if isinstance(value, str) and "T" in value else value
    return read.isoformat() if isinstance(read, datetime) else read


class _Deed(BaseModel):
    """`webhook` "silent" records the webhooks of the deed and withholds them."""

    model_config = ConfigDict(extra="forbid")

    webhook: Literal["send", "silent"] = "send"


class _Decide(_Deed):
    """`task`, or the first pending review of `asset` (of the reviewer `by`: a user's UID or an address)."""

    task: str | None = None
    asset: str | None = None
    by: str | None = None
    comment: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> _Decide:
        if (self.task is None) == (self.asset is None):
            raise ValueError("name a task or an asset")
        return self


class _Annotate(_Deed):
    asset: str
    comment: str
    by: str = "USRREV"


class _Comment(_Annotate):
    annotation: str | None = None


class _OnAnnotation(_Deed):
    annotation: str


class _EditAnnotation(_OnAnnotation):
    comment: str


class _SetDue(_Deed):
    project: str | None = None
    task: str | None = None
    due: Annotated[Due | None, BeforeValidator(_page_due)] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> _SetDue:
        if (self.task is None) == (self.project is None):
            raise ValueError("name a project or a task")
        return self


class _SetState(_Deed):
    project: str
    state: ProjectState


class _Rename(_Deed):
    project: str
    name: str


class _OnTask(_Deed):
    task: str


class _OnAsset(_Deed):
    asset: str


class People:
    """The acts. Every one sends the webhooks that Approval Studio sends for it."""

    def __init__(
        self,
        studio: Studio,
        views: Views,
        announcements: Announcements,
        lifecycle: Lifecycle,
        tokens: Tokens,
    ) -> None:
        self._studio = studio
        self._views = views
        self._announcements = announcements
        self._lifecycle = lifecycle
        self._tokens = tokens

    @act("approve")
    def approve(self, arguments: _Decide) -> dict[str, Any]:
        """Approve all assets of a review task."""
        return self._decide(arguments, "Approved")

    @act("reject")
    def reject(self, arguments: _Decide) -> dict[str, Any]:
        """Reject all assets of a review task."""
        return self._decide(arguments, "Rejected")

    @act("annotate")
    def annotate(self, arguments: _Annotate) -> dict[str, Any]:
        """Put a remark on an asset."""
        asset = self._studio.asset(arguments.asset)
        with self._announcements.by_person(arguments.webhook):
            annotation = self._lifecycle.annotate(asset, arguments.by, arguments.comment)
        return self._views.annotation(annotation)

    @act("comment")
    def comment(self, arguments: _Comment) -> dict[str, Any]:
        """Put a remark on an asset, or comment on the remark `annotation`."""
        asset = self._studio.asset(arguments.asset)
        parent = None if arguments.annotation is None else self._studio.annotation(arguments.annotation)
        with self._announcements.by_person(arguments.webhook):
            annotation = self._lifecycle.annotate(asset, arguments.by, arguments.comment, parent=parent)
        return self._views.annotation(annotation)

    @act("edit-annotation")
    def edit_annotation(self, arguments: _EditAnnotation) -> dict[str, Any]:
        """Change what a remark says."""
        annotation = self._studio.annotation(arguments.annotation)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.edit_annotation(annotation, arguments.comment)
        return self._views.annotation(annotation)

    @act("delete-annotation")
    def delete_annotation(self, arguments: _OnAnnotation) -> dict[str, Any]:
        """Take a remark away."""
        annotation = self._studio.annotation(arguments.annotation)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.delete_annotation(annotation)
        return self._views.annotation(annotation)

    @act("set-due")
    def set_due(self, arguments: _SetDue) -> dict[str, Any]:
        """Move the due date of a project or a task, or take it away."""
        with self._announcements.by_person(arguments.webhook):
            if arguments.project is not None:
                project = self._studio.project(arguments.project)
                self._lifecycle.edit_project(project, {"due": arguments.due})
                return self._views.project(project)
            task = self._studio.task(arguments.task or "")
            task.due = arguments.due
            return self._views.task(task)

    @act("set-state")
    def set_state(self, arguments: _SetState) -> dict[str, Any]:
        """Put a project into a state, as the rules allow."""
        project = self._studio.project(arguments.project)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.change_state(project, arguments.state)
        return self._views.project(project)

    @act("rename")
    def rename(self, arguments: _Rename) -> dict[str, Any]:
        """Give a project another name."""
        project = self._studio.project(arguments.project)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.edit_project(project, {"name": arguments.name})
        return self._views.project(project)

    @act("complete")
    def complete(self, arguments: _OnTask) -> dict[str, Any]:
        """Complete an upload task."""
        task = self._studio.task(arguments.task)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.complete_task(task)
        return self._views.task(task)

    @act("delete-task")
    def delete_task(self, arguments: _OnTask) -> dict[str, Any]:
        """Delete a task."""
        task = self._studio.task(arguments.task)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.delete_task(task)
        return self._views.task(task)

    @act("delete-asset")
    def delete_asset(self, arguments: _OnAsset) -> dict[str, Any]:
        """Delete an asset with all that hangs on it."""
        asset = self._studio.asset(arguments.asset)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.delete_asset(asset)
        return {"asset": asset.uid}

    @act("finish-processing")
    def finish_processing(self, arguments: _OnAsset) -> dict[str, Any]:
        """End the processing of an asset that waits for it."""
        return self._finish(arguments, succeed=True)

    @act("fail-processing")
    def fail_processing(self, arguments: _OnAsset) -> dict[str, Any]:
        """Let the processing of an asset fail that waits for it."""
        return self._finish(arguments, succeed=False)

    @act("expire-tokens")
    def expire_tokens(self, arguments: _Deed) -> dict[str, Any]:
        """Let every token of the API expire now."""
        del arguments
        return {"expired": self._tokens.expire()}

    def _decide(self, arguments: _Decide, decision: Decision) -> dict[str, Any]:
        task = self._task(arguments)
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.decide(task, decision, arguments.comment)
        return self._views.task(task)

    def _task(self, arguments: _Decide) -> Task:
        if arguments.task is not None:
            return self._studio.task(arguments.task)
        asset = self._studio.asset(arguments.asset or "")
        for task in self._studio.pending_reviews(asset):
            if arguments.by in {None, self._studio.reviewer_of(task)} and not task.read_only:
                return task
        raise RefusedError(_CONFLICT, f"nobody is asked to decide on {asset.uid}")

    def _finish(self, arguments: _OnAsset, *, succeed: bool) -> dict[str, Any]:
        asset: Asset = self._studio.asset(arguments.asset)
        if asset.status != "pending":
            raise RefusedError(_CONFLICT, f"{asset.uid} is {asset.status} already")
        with self._announcements.by_person(arguments.webhook):
            self._lifecycle.finish_processing(asset, succeed=succeed)
        return self._views.asset(asset)
