"""Projects: what assets, tasks and reference documents belong to."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter
from pydantic_core import to_json

from proofbridge.vendors.errors import Happened, NotFoundError

from . import operations as op
from .area import Area
from .enums import ProjectState, SettableState
from .inputs import ProjectCreate, ProjectEdit, ProjectFilter, StateChange
from .models import CreatedProject, Envelope, Project, ProjectList, ProofReport

_PROJECTS: Final = TypeAdapter(Envelope[ProjectList])
_CREATED: Final = TypeAdapter(Envelope[CreatedProject])
_REPORT: Final = TypeAdapter(Envelope[ProofReport])

HAS_THAT_STATE: Final = 406


class Projects(Area):
    """Approval Studio's projects. Every method may raise any VendorError."""

    def list(self, filter: ProjectFilter | None = None) -> tuple[Project, ...]:  # noqa: A002 - as elsewhere
        """Return the projects that match ("GET /api/v1/project"): all at once, no paging is documented."""
        parameters = (filter or ProjectFilter()).parameters()
        return self._api.read(op.LIST_PROJECTS, _PROJECTS, query=parameters)

    def get(
        self,
        project_uid: str,
        *,
        assets: bool = False,
        all_versions: bool = False,
        tasks: bool = False,
        ref_docs: bool = False,
    ) -> Project:
        """Return one project in whatever state it is, by the list; NotFoundError when there is none.

        `assets` brings the last version of each, with `all_versions` every one; `tasks` brings the active
        ones.
        """
        wanted = ProjectFilter(
            project_uid=self._uid(op.LIST_PROJECTS, "project", project_uid),
            states=tuple(ProjectState),  # else an archived one would not be shown
            is_load_assets=assets or all_versions,
            is_load_last_ver_assets=not all_versions,
            is_load_tasks=tasks,
            is_load_ref_docs=ref_docs,
        )
        item = f"project {project_uid}"
        found = self._api.read(op.LIST_PROJECTS, _PROJECTS, query=wanted.parameters(), item=item)
        for project in found:
            if project.project_uid == project_uid:
                return project
        raise NotFoundError(
            "the list does not have it",
            vendor=wanted.vendor,
            operation=op.LIST_PROJECTS.name,
            item=item,
            happened=Happened.NO,
        )

    def create(self, project: ProjectCreate) -> CreatedProject:
        """Make a project ("POST /api/v1/project")."""
        return self._api.read(op.CREATE_PROJECT, _CREATED, json=project.json_body())

    def edit(self, project_uid: str, project: ProjectEdit) -> None:
        """Give a project new properties ("PUT /api/v1/project"), see ProjectEdit for what is left out.

        ConflictError (406) unless it is active or on hold.
        """
        uid = self._uid(op.EDIT_PROJECT, "project", project_uid)
        body = to_json({"projectUID": uid, **project.fields()})
        self._api.do(op.EDIT_PROJECT, json=body, item=f"project {project_uid}")

    def delete(self, project_uid: str) -> None:
        """Delete a project ("DELETE /api/v1/project").

        ConflictError (412) unless it is completed or archived.
        """
        self._delete(op.DELETE_PROJECT, "project", project_uid)

    def proof_report(self, project_uid: str) -> ProofReport:
        """Return where a project's report can be fetched ("GET /api/v1/project/proofreport")."""
        return self._read(op.PROJECT_PROOF_REPORT, _REPORT, "project", project_uid)

    def set_state(self, project_uid: str, state: SettableState) -> None:
        """Give a project another state ("PUT /api/v1/project/state"), see `enums.steps_between`.

        Completing deletes all its tasks. Archiving takes a while, in which the project is in transit.
        ConflictError when it has that state already (406), or can't have it next (412).
        """
        body = StateChange(project_uid=project_uid, state=state).json_body()
        item = f"project {project_uid}"
        self._api.do(op.SET_PROJECT_STATE, json=body, item=item, done_before=HAS_THAT_STATE)
