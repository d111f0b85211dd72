"""Tasks: what people are asked to do. Only projects that are active or on hold can have them."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.operation import Operation
from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .inputs import AssetTaskCreate, ExternalReviewCreate, RefDocTaskCreate, ReviewTaskCreate
from .models import CreatedTask, Envelope, Task

_TASK: Final = TypeAdapter(Envelope[Task])
_TASKS: Final = TypeAdapter(Envelope[Many[Task]])
_CREATED: Final = TypeAdapter(Envelope[CreatedTask])

NOT_PENDING: Final = 410


class Tasks(Area):
    """Approval Studio's tasks. Every method may raise any VendorError.

    Making one raises NotFoundError when project or asset are not there, or don't belong together, and
    ConflictError (412) when the project's state allows none or nobody has the user's UID.
    """

    def list(self, project_uid: str | None = None) -> tuple[Task, ...]:
        """Return the tasks, ended ones too, of one project if given (outside).

        The parameter is an assumption, so a task that names another project is left out here as well.
        """
        query = self._query(op.LIST_TASKS, "project", project_uid) if project_uid is not None else ()
        item = None if project_uid is None else f"project {project_uid}"
        tasks = self._api.read(op.LIST_TASKS, _TASKS, query=query, item=item)
        return tuple(task for task in tasks if project_uid is None or task.project_uid in {None, project_uid})

    def get(self, task_uid: str) -> Task:
        """Return a task (outside)."""
        return self._read(op.GET_TASK, _TASK, "task", task_uid)

    def review(self, task: ReviewTaskCreate) -> CreatedTask:
        """Ask a user to review assets ("POST /api/v1/task/review_asset")."""
        return self._create(op.CREATE_REVIEW, task)

    def review_externally(self, task: ExternalReviewCreate) -> CreatedTask:
        """Ask somebody without an account, by e-mail ("POST /api/v1/task/review_asset_ext").

        The link in the e-mail ends with the decision.
        """
        return self._create(op.CREATE_EXTERNAL_REVIEW, task)

    def request_assets(self, task: AssetTaskCreate) -> CreatedTask:
        """Ask a user to upload assets, or the next version of one (outside)."""
        return self._create(op.CREATE_ASSET_UPLOAD, task)

    def request_ref_docs(self, task: RefDocTaskCreate) -> CreatedTask:
        """Ask a user to upload reference documents (outside)."""
        return self._create(op.CREATE_REF_DOC_UPLOAD, task)

    def complete(self, task_uid: str) -> None:
        """Complete an upload task (outside).

        ConflictError when it is not pending (410), or is of a kind that can't be completed by hand (412).
        """
        self._change(op.COMPLETE_TASK, "task", task_uid, done_before=NOT_PENDING)

    def delete(self, task_uid: str) -> None:
        """Delete a task (outside)."""
        self._delete(op.DELETE_TASK, "task", task_uid)

    def _create(
        self,
        operation: Operation,
        task: ReviewTaskCreate | ExternalReviewCreate | AssetTaskCreate | RefDocTaskCreate,
    ) -> CreatedTask:
        item = f"project {task.project_uid}"
        return self._api.read(operation, _CREATED, json=task.json_body(), item=item)
