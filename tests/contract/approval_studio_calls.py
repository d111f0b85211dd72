"""One call of every Approval Studio operation, by its name, and things to work on."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from local.simulators import Simulator
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import SettableState
from proofbridge.vendors.approval_studio.inputs import (
    AssetTaskCreate,
    ExternalReviewCreate,
    ProjectCreate,
    ProjectEdit,
    RefDocTaskCreate,
    ReviewTaskCreate,
)
from proofbridge.vendors.multipart import BytesSource
from tests.contract.proofs import act

OWNER: Final = "USROWNER"
REVIEWER: Final = "USRREV"
SEEDED: Final = "PRJARTWORK"
MISSING: Final = "NOPE"
PDF: Final = b"%PDF-1.7 one proof"
HOOK: Final = "http://127.0.0.1:9/hook"


@dataclass(frozen=True, slots=True)
class Things:
    """What calls are about. By default nothing of it is there."""

    project: str = MISSING
    asset: str = MISSING
    task: str = MISSING
    annotation: str = MISSING
    ref_doc: str = MISSING
    webhook: str = MISSING


NOTHING: Final = Things()


def control(simulator: Simulator, what: str, **order: Any) -> Any:
    """Give an order to the simulator."""
    answer = requests.post(f"{simulator.url}/_control/{what}", json=order, timeout=10)
    answer.raise_for_status()
    return answer.json()


def new_project(studio: ApprovalStudio, name: str = "Label", **more: Any) -> str:
    """Make a project."""
    fields = {"project_name": name, "project_owners_uids": [OWNER], **more}
    return studio.projects.create(ProjectCreate(**fields)).project_uid


def new_asset(
    studio: ApprovalStudio, project: str = SEEDED, name: str = "Label.pdf", data: bytes = PDF
) -> str:
    """Upload an asset."""
    return studio.assets.upload(project, BytesSource(data), name).asset_uid


def new_review(studio: ApprovalStudio, *assets: str, project: str = SEEDED, **more: Any) -> str:
    """Ask the reviewer to review assets."""
    fields = {"project_uid": project, "user_uid": REVIEWER, "asset_uids": assets, **more}
    return studio.tasks.review(ReviewTaskCreate(**fields)).task_uid


def new_annotation(simulator: Simulator, asset: str, by: str = OWNER, comment: str = "Bigger!") -> str:
    """Let a person, by default the API's own user, put a remark on an asset."""
    return str(act(simulator, "annotate", asset=asset, by=by, comment=comment)["annotationUID"])


def new_things(studio: ApprovalStudio, simulator: Simulator) -> Things:
    """Make one of everything, in a project of its own; the task can be completed."""
    project = new_project(studio)
    asset = new_asset(studio, project)
    return Things(
        project=project,
        asset=asset,
        task=studio.tasks.request_assets(AssetTaskCreate(project_uid=project, user_uid=OWNER)).task_uid,
        annotation=new_annotation(simulator, asset),
        ref_doc=studio.ref_docs.upload(project, BytesSource(b"brief"), "brief.txt").ref_doc_uid,
        webhook=studio.webhooks.create(f"{HOOK}/{project}").webhook_uid,
    )


def _edit(studio: ApprovalStudio, things: Things) -> None:
    edit = ProjectEdit(project_name="Label", project_owners_uids=[OWNER], revision="2")
    studio.projects.edit(things.project, edit)


CALLS: Final[Mapping[str, Callable[[ApprovalStudio, Things], object]]] = {
    "projects.list": lambda client, _: client.projects.list(),
    "projects.create": lambda client, _: new_project(client),
    "projects.edit": _edit,
    "projects.delete": lambda client, things: client.projects.delete(things.project),
    "projects.proof_report": lambda client, things: client.projects.proof_report(things.project),
    "projects.set_state": lambda client, things: client.projects.set_state(
        things.project, SettableState.ON_HOLD
    ),
    "assets.get": lambda client, things: client.assets.get(things.asset),
    "assets.delete": lambda client, things: client.assets.delete(things.asset),
    "assets.upload": lambda client, things: new_asset(client, things.project),
    "assets.download": lambda client, things: client.assets.download(things.asset, io.BytesIO()),
    "assets.proof_report": lambda client, things: client.assets.proof_report(things.asset),
    "tasks.list": lambda client, _: client.tasks.list(),
    "tasks.get": lambda client, things: client.tasks.get(things.task),
    "tasks.request_assets": lambda client, things: client.tasks.request_assets(
        AssetTaskCreate(project_uid=things.project, user_uid=OWNER)
    ),
    "tasks.request_ref_docs": lambda client, things: client.tasks.request_ref_docs(
        RefDocTaskCreate(project_uid=things.project, user_uid=OWNER)
    ),
    "tasks.review": lambda client, things: new_review(client, things.asset, project=things.project),
    "tasks.review_externally": lambda client, things: client.tasks.review_externally(
        ExternalReviewCreate(
            project_uid=things.project, email="customer@brand.test", asset_uids=[things.asset]
        )
    ),
    "tasks.complete": lambda client, things: client.tasks.complete(things.task),
    "tasks.delete": lambda client, things: client.tasks.delete(things.task),
    "annotations.list": lambda client, things: client.annotations.list(things.asset),
    "annotations.hide": lambda client, things: client.annotations.hide(things.annotation),
    "annotations.complete": lambda client, things: client.annotations.complete(things.annotation),
    "annotations.uncomplete": lambda client, things: client.annotations.uncomplete(things.annotation),
    "annotations.delete": lambda client, things: client.annotations.delete(things.annotation),
    "ref_docs.get": lambda client, things: client.ref_docs.get(things.ref_doc),
    "ref_docs.upload": lambda client, things: client.ref_docs.upload(
        things.project, BytesSource(b"brief"), "brief.txt"
    ),
    "ref_docs.download": lambda client, things: client.ref_docs.download(things.ref_doc, io.BytesIO()),
    "ref_docs.delete": lambda client, things: client.ref_docs.delete(things.ref_doc),
    "webhooks.list": lambda client, _: client.webhooks.list(),
    "webhooks.create": lambda client, _: client.webhooks.create(HOOK),
    "webhooks.delete": lambda client, things: client.webhooks.delete(things.webhook),
    "webhooks.test": lambda client, things: client.webhooks.test(things.webhook),
    "users.list": lambda client, _: client.users.list(),
}
"""All but the login, which goes before each of them where there is no token."""
