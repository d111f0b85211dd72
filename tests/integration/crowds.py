"""Many items at a simulated vendor, and stored as they are: put there directly, as calls would take long."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from moto.dynamodb.models import dynamodb_backends

from local.simulators import Simulator
from local.simulators.approval_studio.studio import SEEDED_PROJECT_UID, Asset
from local.simulators.good2go.account import PROOFS_GUID, Job
from local.simulators.goodday.workspace import Task
from local.simulators.robohead.account import PROJECTS, Review
from local.simulators.robohead.words import ReviewType
from proofbridge.domain.changes import diff
from proofbridge.domain.items import Vendor
from proofbridge.stores.items import Items
from proofbridge.vendors.gateway import Gateway
from tests.integration.cloud import REGION

LONG_AGO = timedelta(days=30)


def crowd(simulator: Simulator, vendor: Vendor, many: int) -> None:
    """Let a vendor hold many items, which nobody has touched for a month."""
    kept: Any = simulator.vendor
    then = simulator.clock.now() - LONG_AGO
    add = {
        Vendor.GOOD2GO: _job,
        Vendor.APPROVAL_STUDIO: _asset,
        Vendor.GOODDAY: _task,
        Vendor.ROBOHEAD: _review,
    }[vendor]
    with simulator.lock:
        for number in range(many):
            add(kept, simulator, number, then + timedelta(seconds=number))


def store_all(gateway: Gateway) -> int:
    """Store everything that a vendor lists, as if it had been observed; returns how much that is."""
    items = Items(cast("Any", _Direct()), "state")
    stored = 0
    for page in gateway.changed_since(None):
        for seen in page.observations:
            # In full, an item that nobody has touched has nothing more to show than its list entry.
            difference = diff(None, dataclasses.replace(seen, silent_on=()))
            assert difference is not None
            items.put(difference, None, unrouted=True)
            stored += 1
    return stored


class _Direct:
    """The one call that storing a new item makes, on moto's table itself."""

    exceptions = None

    def __init__(self) -> None:
        self._table = dynamodb_backends["123456789012"][REGION].get_table("state")

    def put_item(self, *, Item: dict[str, Any], **_: Any) -> None:  # noqa: N803 - boto3's word
        self._table.put_item(Item)


def _job(kept: Any, _: Simulator, number: int, at: datetime) -> None:
    account = kept._account
    guid = str(uuid.UUID(int=number + 1))
    name = f"label-{number}.pdf"
    account.jobs[guid] = Job(guid, name, False, account.email, at, at, parent_guid=PROOFS_GUID)  # noqa: FBT003


def _asset(kept: Any, simulator: Simulator, number: int, at: datetime) -> None:
    studio = kept._studio
    uid = f"{number:032X}"
    blob = next((asset.blob for asset in studio.assets.values()), None) or simulator.blobs.create()
    blob.close()
    studio.assets[uid] = Asset(
        uid, uid, SEEDED_PROJECT_UID, f"label-{number}.pdf", 1, "application/pdf", blob, at, "processed"
    )


def _task(kept: Any, _: Simulator, number: int, at: datetime) -> None:
    workspace = kept._workspace
    task_id = f"TSK{number:05d}"
    workspace.tasks[task_id] = Task(
        task_id, str(number), "PRJART", f"Label {number}", "USRMGR", at, at, "STNEW", "TTTASK"
    )


def _review(kept: Any, _: Simulator, number: int, at: datetime) -> None:
    reviews = kept._account.reviews
    reviews[number + 1] = Review(
        number + 1, f"Label {number}", PROJECTS[0].id, ReviewType.APPROVAL, 101, at, 101, at
    )
