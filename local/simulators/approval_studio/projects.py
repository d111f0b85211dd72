"""Approval Studio's operations on projects (section Project management)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, get_args

from pydantic import AfterValidator, Field

from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.studio import (
    CLIENTS,
    NOT_FOUND,
    PRECONDITION_FAILED,
    Project,
    Studio,
    new_uid,
)
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import (
    CLOSED_STATES,
    STATES_LISTED,
    Due,
    Flag,
    ProjectState,
    Text,
    Uid,
)
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, ViolationError, operation


def _states(text: str) -> str:
    unknown = sorted(set(text.split(",")) - set(get_args(ProjectState)))
    if unknown:
        raise ValueError(f"no such state: {', '.join(unknown)}")
    return text


def _single_words(tags: list[str]) -> list[str]:
    if any(len(tag.split()) != 1 for tag in tags):
        raise ValueError("a tag must be a single word")
    return tags


Short = Annotated[str, Field(max_length=50)]
Tags = Annotated[list[str], Field(max_length=20), AfterValidator(_single_words)]
Owners = Annotated[list[Uid], Field(min_length=1, max_length=20)]


class ProjectsQuery(Strict):
    """GET /api/v1/project."""

    project_uid: Uid | None = Field(alias="ProjectUID", default=None)
    states: Annotated[str, AfterValidator(_states)] | None = Field(alias="States", default=None)
    query: str | None = Field(alias="Query", default=None)
    load_assets: Flag = Field(alias="IsLoadAssets", default=False)
    load_last_versions: Flag = Field(alias="IsLoadLastVerAssets", default=True)
    load_tasks: Flag = Field(alias="IsLoadTasks", default=False)
    load_reference_documents: Flag = Field(alias="IsLoadRefDocs", default=False)


class ProjectFields(Strict):
    """What a new project and an edited one have in common."""

    customer: Short | None = None
    project: Short | None = None
    design: Short | None = None
    revision: Short | None = None
    description: Annotated[str, Field(max_length=200)] | None = None
    tags: Tags | None = None
    due: Due | None = Field(alias="dueDate", default=None)


class NewProject(ProjectFields):
    """POST /api/v1/project."""

    client_uid: Uid | None = Field(alias="clientUID", default=None)
    name: Text = Field(alias="projectName")
    owner_uids: Owners = Field(alias="projectOwnersUIDS")


class EditedProject(ProjectFields):
    """PUT /api/v1/project, of which the documentation lost the body: that of POST with a `projectUID`."""

    uid: Uid = Field(alias="projectUID")
    name: Text | None = Field(alias="projectName", default=None)
    owner_uids: Owners | None = Field(alias="projectOwnersUIDS", default=None)


class ProjectQuery(Reference):
    """A project named in the query."""

    uid: Uid | None = Field(alias="ProjectUID", default=None)


class ProjectBody(Reference):
    """A project named in the body."""

    uid: Uid | None = Field(alias="projectUID", default=None)


class StateQuery(ProjectQuery):
    """A project and its new state in the query."""

    state: ProjectState | None = Field(alias="State", default=None)


class StateBody(ProjectBody):
    """A project and its new state in the body."""

    state: ProjectState | None = None


_EDITABLE: Final = tuple(name for name in EditedProject.model_fields if name != "uid")


class Projects:
    """The handlers."""

    def __init__(
        self, studio: Studio, views: Views, announcements: Announcements, lifecycle: Lifecycle
    ) -> None:
        self._studio = studio
        self._views = views
        self._announcements = announcements
        self._lifecycle = lifecycle
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/project", section="GET /api/v1/project")
    def list_projects(self, query: ProjectsQuery) -> dict[str, Any]:
        """Return the projects that fit all parameters, with the children that are asked for."""
        states = STATES_LISTED if query.states is None else set(query.states.split(","))
        found = [
            project
            for project in self._studio.projects.values()
            if query.project_uid in {None, project.uid}
            and project.state in states
            and any((query.query or "") in text for text in _searched(project))
        ]
        missing = settings_of(self._simulator).missing_project
        if query.project_uid is not None and not found and missing == "not_found":
            raise RefusedError(NOT_FOUND, "There is no such project, or it has been deleted.")
        return success([self._with_children(project, query) for project in found])

    @operation("POST", "/api/v1/project", section="POST /api/v1/project")
    def create_project(self, body: NewProject) -> dict[str, Any]:
        """Create a project, which is active."""
        client_uid = body.client_uid or CLIENTS[0]
        if client_uid not in CLIENTS:
            raise RefusedError(PRECONDITION_FAILED, f"There is no client [{client_uid}].")
        self._check(body.owner_uids, body.tags)
        project = Project(new_uid(), client_uid, body.name, self._studio.now, body.owner_uids)
        for name in ProjectFields.model_fields:
            value = getattr(body, name)
            setattr(project, name, [] if name == "tags" and value is None else value)
        self._studio.projects[project.uid] = project
        self._announcements.about_project("project.created", project, Name=project.name)
        self._simulator.effect("create_project", project.uid, name=project.name)
        return success({"projectUID": project.uid})

    @operation("PUT", "/api/v1/project", section="PUT /api/v1/project")
    def edit_project(self, body: EditedProject) -> dict[str, Any]:
        """Change a project's attributes; what the body does not carry is cleared, or kept by a setting."""
        replace = settings_of(self._simulator).edit == "replace"
        for name, parameter in (("name", "projectName"), ("owner_uids", "projectOwnersUIDS")):
            if replace and getattr(body, name) is None:
                raise ViolationError(f"{parameter}: must not be empty")
        project = self._studio.project(body.uid)
        self._check(body.owner_uids or (), body.tags)
        names = _EDITABLE if replace else tuple(set(body.given()) - {"uid"})
        changes = {name: getattr(body, name) for name in names}
        if "tags" in changes and changes["tags"] is None:
            changes["tags"] = []
        changed = self._lifecycle.edit_project(project, changes)
        self._simulator.effect("edit_project", project.uid, attributes=changed)
        return success()

    @operation("DELETE", "/api/v1/project", section="DELETE /api/v1/project")
    def delete_project(self, query: ProjectQuery, body: ProjectBody) -> dict[str, Any]:
        """Delete a project that is completed or archived."""
        project = self._studio.project(referred(self._simulator, query, body))
        if project.state not in CLOSED_STATES:
            raise RefusedError(PRECONDITION_FAILED, f"A project in state [{project.state}] can't be deleted.")
        self._lifecycle.delete_project(project)
        self._simulator.effect("delete_project", project.uid, name=project.name)
        return success()

    @operation("PUT", "/api/v1/project/state", section="PUT /api/v1/project/state")
    def set_project_state(self, query: StateQuery, body: StateBody) -> dict[str, Any]:
        """Change a project's state as the rules allow."""
        uid = referred(self._simulator, query, body)
        state = query.state if query.uid is not None else body.state
        if state is None or {query.state, body.state} != {state, None}:
            raise ViolationError("state: must be given once, beside the project's UID")
        project = self._studio.project(uid)
        self._lifecycle.change_state(project, state)
        self._simulator.effect("set_project_state", project.uid, state=state)
        return success()

    def _check(self, owner_uids: Iterable[str], tags: list[str] | None) -> None:
        longest = settings_of(self._simulator).tag_length
        if any(len(tag) > longest for tag in tags or ()):
            raise ViolationError(f"tags: a tag must have at most {longest} characters")
        for uid in owner_uids:
            self._studio.require_user(uid)

    def _with_children(self, project: Project, query: ProjectsQuery) -> dict[str, Any]:
        view = self._views.project(project)
        if query.load_assets:
            assets = self._studio.assets_of(project, last_versions=query.load_last_versions)
            view["assets"] = [self._views.asset(asset) for asset in assets]
        if query.load_tasks:
            view["tasks"] = [self._views.task(t) for t in self._studio.tasks_of(project, pending=True)]
        if query.load_reference_documents:
            documents = self._studio.reference_documents_of(project)
            view["refDocs"] = [self._views.reference_document(document) for document in documents]
        return view


def _searched(project: Project) -> list[str]:
    attributes = (
        project.name,
        project.customer,
        project.project,
        project.design,
        project.revision,
        project.description,
    )
    return [*(text for text in attributes if text is not None), *project.tags]
