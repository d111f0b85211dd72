"""What Proofbridge does at Approval Studio: project states, due dates, review tasks.

A proof is an asset, while states and due dates belong to its project. Nothing documented names an asset's
project, so it is found in the list of projects with their assets: open projects first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, ReviewStatus, Vendor
from proofbridge.vendors.catalogue import ActionName, DueDateParams, ProjectStateParams, ReviewTaskParams
from proofbridge.vendors.errors import (
    ConflictError,
    Happened,
    NotFoundError,
    RejectedError,
    TooEarlyError,
    VendorError,
)
from proofbridge.vendors.gateway import Effect, Lookup

from .client import ApprovalStudio
from .enums import MUTABLE_STATES, PROCESSING_ENDED, AssetStatus, ProjectState, SettableState, steps_between
from .inputs import ExternalReviewCreate, ProjectEdit, ProjectFilter, ReviewTaskCreate
from .mapping import review_status
from .models import Asset, Project, Task
from .projects import HAS_THAT_STATE

STATES: Final[Mapping[str, SettableState]] = {
    "active": SettableState.ACTIVE,
    "on_hold": SettableState.ON_HOLD,
    "completed": SettableState.COMPLETED,
}
"""The vendor's words for ours. Archiving is for people: its files can't be reviewed any more."""

_OPEN_STATES: Final = tuple(state for state in ProjectState if state in MUTABLE_STATES)
_CLOSED_STATES: Final = tuple(state for state in ProjectState if state not in MUTABLE_STATES)
_ALL_BUT_STATUS: Final = (
    *("updated_at", "vendor_status", "name", "version", "due_at", "assignee"),
    *("reviewers", "comment", "decided_by", "url"),
)
_ALL_BUT_DUE_AT: Final = ("status", *(name for name in _ALL_BUT_STATUS if name != "due_at"))


class StudioActions:
    """Performs and finds actions. `see` says in our words what a project is."""

    def __init__(
        self,
        client: ApprovalStudio,
        now: Callable[[], datetime],
        see: Callable[[Project, datetime], Observation],
    ) -> None:
        self._client = client
        self._now = now
        self._see = see

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action on a project, or on an asset for its project; raises VendorError."""
        match action.name, target:
            case ActionName.STUDIO_SET_PROJECT_STATE, ItemRef():
                return self._set_state(action, target)
            case ActionName.STUDIO_SET_DUE_DATE, ItemRef():
                return self._set_due_date(action, target)
            case ActionName.STUDIO_CREATE_REVIEW_TASK, ItemRef(kind=ItemKind.ASSET):
                return self._ask_for_reviews(action, target)
            case _:
                raise ValueError(f"{action.key}: Approval Studio can't {action.name} {target}")

    def find(self, action: Action, target: ItemRef | None) -> Effect | Lookup:
        """Look for the tasks that carry our marker: ABSENT unless everybody has been asked."""
        is_review = action.name is ActionName.STUDIO_CREATE_REVIEW_TASK
        if not is_review or target is None or target.kind is not ItemKind.ASSET:
            raise ValueError(f"{action.key}: Approval Studio can't look for {action.name} of {target}")
        project = self._project_of(target, action)
        asked, is_certain = self._asked(action, project, _asset_in(project, target))
        if all(_person(who) in asked for who in _reviewers(action)):
            return self._asked_for_reviews(project)
        return Lookup.ABSENT if is_certain else Lookup.CANT_TELL

    # -- a project's state

    def _set_state(self, action: Action, target: ItemRef) -> Effect:
        """Go the documented way to the state: an archived project is made active before it can be held.

        Completing deletes what people still have to do, so it waits until nobody has.
        """
        wanted = STATES[ProjectStateParams.model_validate(action.params).state]
        project = self._project_of(target, action)
        self._expect_settled(project, action)
        state = project.state
        way = steps_between(state, wanted) if isinstance(state, ProjectState) else (wanted,)
        tasks = [task for task in project.tasks if _is_open(task)]
        if wanted is SettableState.COMPLETED and way and tasks:
            raise self._error(
                TooEarlyError, action, project, f"completing it would delete {len(tasks)} tasks that are open"
            )
        for number, step in enumerate(way or ()):
            if number and state is ProjectState.ARCHIVED:
                raise self._error(TooEarlyError, action, project, "it is coming back from the archive")
            try:
                self._client.projects.set_state(project.project_uid, step)
            except ConflictError as error:
                if error.status != HAS_THAT_STATE:  # somebody was quicker, with the same in mind
                    raise
        return Effect(self._with_state(project, wanted), found=self._see(project, self._now()))

    def _with_state(self, project: Project, state: SettableState) -> Observation:
        """Tell of our own write alone: what others have changed since is for the next look to find."""
        status = review_status(project.review_status, ProjectState(state))
        # Between active and on hold the status stays what reviews have made of it.
        was_or_is_over = ReviewStatus.COMPLETED in {status, review_status(None, project.state)}
        return Observation(
            _ref(project),
            self._now(),
            status=status if was_or_is_over else None,
            silent_on=_ALL_BUT_STATUS if was_or_is_over else ("status", *_ALL_BUT_STATUS),
        )

    # -- a project's due date

    def _set_due_date(self, action: Action, target: ItemRef) -> Effect:
        """Give the project a due date, or none, and leave the rest of it as it was read."""
        text = DueDateParams.model_validate(action.params).due_at
        project = self._project_of(target, action)
        self._expect_settled(project, action)
        found = self._see(project, self._now())
        wanted = _moment(text)
        if project.due_date != wanted:
            if project.state in _CLOSED_STATES:
                return Effect(
                    held=f"the project is {project.state}: it can't be edited, nor is it due any more"
                )
            self._client.projects.edit(
                project.project_uid, ProjectEdit.of(project, due_date=_due(text) if wanted else None)
            )
            if wanted is None:
                self._expect_no_due_date(project, action)
        due = Observation(_ref(project), self._now(), due_at=wanted, silent_on=_ALL_BUT_DUE_AT)
        return Effect(due, found=found)

    def _expect_no_due_date(self, project: Project, action: Action) -> None:
        """It isn't documented whether what an edit leaves out is emptied: look."""
        if self._client.projects.get(project.project_uid).due_date is not None:
            rule = "Approval Studio keeps a due date that an edit leaves out: take it away there"
            raise self._error(RejectedError, action, project, rule)

    # -- reviews

    def _ask_for_reviews(self, action: Action, target: ItemRef) -> Effect:
        """Ask everybody who has not been asked yet by this very action: one call each, and e-mail at once."""
        params = ReviewTaskParams.model_validate(action.params)
        project = self._project_of(target, action)
        self._expect_settled(project, action)
        asset = _asset_in(project, target)
        self._expect_processed(asset, project, action)
        asked, _ = self._asked(action, project, asset)
        # Made before the first is sent: nobody is asked where something is wrong with one of them.
        tasks = [
            _review(who, params, action.marker, project, asset)
            for who in _reviewers(action)
            if _person(who) not in asked
        ]
        for task in tasks:
            match task:
                case ExternalReviewCreate():
                    self._client.tasks.review_externally(task)
                case ReviewTaskCreate():
                    self._client.tasks.review(task)
        return self._asked_for_reviews(project)

    def _asked_for_reviews(self, project: Project) -> Effect:
        return Effect(found=self._see(project, self._now()))

    def _expect_processed(self, asset: Asset, project: Project, action: Action) -> None:
        if asset.status is None or asset.status is AssetStatus.PROCESSED:
            return
        if asset.status in PROCESSING_ENDED:
            raise self._error(ConflictError, action, project, f"the asset's processing ended: {asset.status}")
        raise self._error(TooEarlyError, action, project, f"the asset is still {asset.status}")

    def _asked(self, action: Action, project: Project, asset: Asset) -> tuple[set[str], bool]:
        """Return whom this action has asked to review the asset, and whether nobody can be missing.

        A project lists the tasks that are active. An ended one, where somebody has decided on the asset, is
        in the list of all tasks only, which is not in the documentation at hand.
        """
        tasks, is_certain = project.tasks, True
        counts = asset.review_status
        if counts is None or counts.approved_count or counts.rejected_count:
            try:
                tasks = (*tasks, *self._client.tasks.list(project.project_uid))
            except (NotFoundError, RejectedError):
                is_certain = False
        marked = [task for task in tasks if action.marker in (task.comment or "")]
        return {_person(who) for task in marked for who in (task.user_uid, task.email) if who}, is_certain

    # -- finding the project

    def _project_of(self, target: ItemRef, action: Action) -> Project:
        """Return the project that the target is, or that has it among its assets, with its active tasks."""
        if target.kind is ItemKind.PROJECT:
            return self._client.projects.get(target.id, tasks=True)
        for states in (_OPEN_STATES, _CLOSED_STATES):
            wanted = ProjectFilter(
                states=states, is_load_assets=True, is_load_last_ver_assets=False, is_load_tasks=True
            )
            for project in self._client.projects.list(wanted):
                if any(asset.asset_uid == target.id for asset in project.assets):
                    return project
        raise NotFoundError(
            "no project has it",
            vendor=Vendor.APPROVAL_STUDIO,
            operation=action.name,
            item=f"asset {target.id}",
            happened=Happened.NO,
        )

    def _expect_settled(self, project: Project, action: Action) -> None:
        if project.state is ProjectState.IN_TRANSIT:
            raise self._error(TooEarlyError, action, project, "it is on its way to or from the archive")

    @staticmethod
    def _error(kind: type[VendorError], action: Action, project: Project, detail: str) -> VendorError:
        return kind(
            detail,
            vendor=Vendor.APPROVAL_STUDIO,
            operation=action.name,
            item=f"project {project.project_uid}",
            happened=Happened.NO,
        )


def _ref(project: Project) -> ItemRef:
    return ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, project.project_uid)


def _asset_in(project: Project, target: ItemRef) -> Asset:
    return next(asset for asset in project.assets if asset.asset_uid == target.id)


def _review(
    who: str, params: ReviewTaskParams, marker: str, project: Project, asset: Asset
) -> ReviewTaskCreate | ExternalReviewCreate:
    """Return the task for a user's UID, or for an e-mail address: that of somebody without an account."""
    task: dict[str, Any] = {
        "project_uid": project.project_uid,
        "asset_uids": (asset.asset_uid,),
        "comment": f"({marker})" if params.message is None else f"{params.message}\n({marker})",
        "due_date": _due(params.due_at) if params.due_at else None,
    }
    if "@" not in who:
        return ReviewTaskCreate(user_uid=who, **task)
    return ExternalReviewCreate(
        email=who,
        email_subject=params.subject,
        email_language=params.language,
        is_allow_download_assets=params.allow_download,
        **task,
    )


def _reviewers(action: Action) -> list[str]:
    """Return the reviewers, each once, in their order."""
    named = ReviewTaskParams.model_validate(action.params).reviewers
    return list({_person(who): who for who in reversed(named)}.values())[::-1]


def _person(who: str) -> str:
    """Return what tells people apart: a user's UID, or an address, whose case does not matter."""
    return who.casefold() if "@" in who else who


def _is_open(task: Task) -> bool:
    return task.completed is None and str(task.status).casefold() not in {"completed", "approved", "rejected"}


def _due(text: str) -> date | datetime:
    """Return the day or the moment that a text names."""
    return date.fromisoformat(text) if len(text) == len("2026-03-02") else datetime.fromisoformat(text)


def _moment(text: str) -> datetime | None:
    """Return the moment that a text names, the first of a day; None for an empty text."""
    if not text:
        return None
    due = _due(text)
    return due.astimezone(UTC) if isinstance(due, datetime) else datetime.combine(due, time(), UTC)
