"""Good2Go proofs for the tests: uploads as a client would make them."""

from __future__ import annotations

from typing import Any

from local.simulators.good2go.account import PROOFS_GUID
from tests.unit.simulators.calls import Caller

PDF = b"%PDF-1.4 the artwork"
CUSTOMER = "customer@brand.test"
REVIEWER = "second@brand.test"
OWNER = "owner@printshop.test"
DUE = "2030-06-01T12:00:00.000Z"
REVIEW = {
    "reason": "notify-task",
    "schedule": "now",
    "task[category]": "review-task",
    "task[due_at]": DUE,
    "recipient": CUSTOMER,
    "parent": PROOFS_GUID,
    "puid": "ref-1",
}


def part(name: str = "carton.pdf", content: bytes = PDF, mime: str = "application/pdf") -> dict[str, Any]:
    """Return the file part of a form."""
    return {"filekey": (name, content, mime)}


def upload(good2go: Caller, fields: dict[str, Any] | None = None, **file: Any) -> Any:
    """Upload a file and return the new job."""
    return good2go.call("POST", "/upload", data=REVIEW if fields is None else fields, files=part(**file))


def bare(good2go: Caller, **fields: str) -> str:
    """Upload a file with no task, and return the GUID of the job, which is at the top level."""
    return str(upload(good2go, {"reason": "update-task", **fields})["guid"])


def folder(good2go: Caller, name: str, **fields: Any) -> str:
    """Make a folder and return its GUID."""
    return str(good2go.call("POST", "/jobs", json={"is_folder": 1, "name": name, **fields})["guid"])


def held(good2go: Caller, guid: str) -> dict[str, Any]:
    """Return what the simulator holds of a job, in full."""
    jobs: list[dict[str, Any]] = good2go.control("GET", "/state")["jobs"]
    return next(job for job in jobs if job["guid"] == guid)
