"""GoodDay's lists of projects, users and statuses, which its Tasks documentation does not describe."""

from __future__ import annotations

from typing import Any

from local.simulators.goodday.workspace import Workspace
from local.simulators.vendor import operation


class Directory:
    """The handlers."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @operation("GET", "/2.0/projects", section="outside")
    def list_projects(self) -> list[dict[str, Any]]:
        """Return all projects."""
        return [
            {"id": project.id, "name": project.name, "parentProjectId": project.parent_id}
            for project in self._workspace.projects.values()
        ]

    @operation("GET", "/2.0/users", section="outside")
    def list_users(self) -> list[dict[str, Any]]:
        """Return all users."""
        return [{"id": user.id, "name": user.name} for user in self._workspace.users.values()]

    @operation("GET", "/2.0/statuses", section="outside")
    def list_statuses(self) -> list[dict[str, Any]]:
        """Return all statuses."""
        return [
            {"id": status.id, "name": status.name, "systemStatus": status.system}
            for status in self._workspace.statuses.values()
        ]
