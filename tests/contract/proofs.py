"""Makes jobs to work on."""

from __future__ import annotations

from typing import Any

import requests

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import UploadReason, UploadTaskCategory
from proofbridge.vendors.good2go.inputs import Reviewer, Upload, UploadTask
from proofbridge.vendors.good2go.models import Job
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource

FOLDER = "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d"
MISSING = "00000000-0000-4000-8000-000000000000"
CUSTOMER = "buyer@brand.test"
PDF = b"%PDF-1.7 one proof"


def pdf(name: str = "Label.pdf", data: bytes = PDF) -> LocalFile:
    """Return a file to upload."""
    return LocalFile(BytesSource(data), name)


def new_proof(client: Good2Go, name: str = "Label.pdf", **more: Any) -> Job:
    """Upload a proof with one review task for the customer."""
    fields: dict[str, Any] = {
        "reason": UploadReason.NOTIFY_TASK,
        "recipient": CUSTOMER,
        "reviewers": (Reviewer(email=CUSTOMER),),
        "task": UploadTask(category=UploadTaskCategory.REVIEW),
        **more,
    }
    return client.files.upload(Upload(**fields), pdf(name))


def act(simulator: Simulator, what: str, **arguments: Any) -> Any:
    """Do what a person does at the vendor."""
    answer = requests.post(f"{simulator.url}/_control/act/{what}", json=arguments, timeout=10)
    answer.raise_for_status()
    return answer.json()


def effects(simulator: Simulator) -> list[str]:
    """Return the names of what took effect, in order."""
    return [entry["operation"] for entry in simulator.effects.entries()]


def fault(simulator: Simulator, operation: str, fault: str, **details: Any) -> None:
    """Let something go wrong at the next call of an operation."""
    simulator.faults.add(FaultOrder.model_validate({"operation": operation, "fault": fault, **details}))
