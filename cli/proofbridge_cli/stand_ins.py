"""What stands in for the vendors in a rehearsal: their items as they may well be, in the vendors' own forms.

An open proof with one reviewer, that was told of nothing lately; a project that is on hold or active, as the
action does not want it. Whatever else is read is answered emptily.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef

REVIEWER: Final = "the-reviewer@proof.example"
_IDS: Final = {
    ItemKind.JOB: "00000000-0000-4000-8000-000000000000",
    ItemKind.REVIEW: "1",
    ItemKind.ASSET: "the-proofs-asset",
    ItemKind.PROJECT: "the-proofs-project",
    ItemKind.TASK: "the-proofs-task",
}

NOBODY: Final = {"pendingCount": 0, "approvedCount": 0, "rejectedCount": 0}
_Params = Mapping[str, Any]


def stand_in(action: Action) -> ItemRef | None:
    """Return an item in the place of the proof's own, which is known only to a stack."""
    kind = action.kind.target
    return None if kind is None else ItemRef(action.vendor, kind, _IDS[kind])


def answer(path: str, params: _Params) -> bytes:
    """Return what a vendor may answer to a call, as JSON. `params` are the action's."""
    place = urlsplit(path)
    for pattern, make in _ANSWERS:
        match = re.fullmatch(pattern, place.path)
        if match is not None:
            query = {name: values[-1] for name, values in parse_qs(place.query).items()}
            return json.dumps(make({**query, **match.groupdict()}, params)).encode()
    return b'{"success": true, "result": {}}'


def _job(asked: _Params, params: _Params) -> Any:
    return {"guid": asked["guid"], "status": "new", "version": 1, "due_at": params.get("due_at")}


def _review_task(_: _Params, params: _Params) -> Any:
    person = params.get("person", REVIEWER)
    return [{"id": 1, "assigned_to": person, "category": "review-task", "status": "new"}]


def _task(asked: _Params, _: _Params) -> Any:
    return {"id": asked["task"], "assignedToUserId": "the-tasks-assignee"}


def _created_task(_: _Params, __: _Params) -> Any:
    return {"id": "the-new-task"}


def _login(_: _Params, __: _Params) -> Any:
    return {"result": {"token": "rehearsal"}}


def _projects(asked: _Params, params: _Params) -> Any:
    project = {
        "projectUID": asked.get("ProjectUID", _IDS[ItemKind.PROJECT]),
        "name": "the proof's project",
        "projectOwners": [{"userUID": "the-projects-owner"}],
        "state": "OnHold" if params.get("state") == "active" else "Active",
        "assets": [{"assetUID": _IDS[ItemKind.ASSET], "status": "Processed", "reviewStatus": NOBODY}],
        "tasks": [],
    }
    return {"result": [project]}


def _created_review_task(_: _Params, __: _Params) -> Any:
    return {"result": {"taskUID": "the-new-task"}}


def _robohead_review(asked: _Params, _: _Params) -> Any:
    review = {"id": int(asked.get("reviewId", 1)), "reviewType": 2, "reviewStatus": 1}
    return {"success": True, "review": review}


_ANSWERS: Final[tuple[tuple[str, Callable[[_Params, _Params], Any]], ...]] = (
    (r"/api/v1/jobs/(?P<guid>[^/]+)(/locking|/send/update)?", _job),
    (r"/api/v1/jobs/[^/]+/tasks", _review_task),
    (r"/api/v1/jobs/[^/]+/tasks/\d+/notify", lambda asked, params: _review_task(asked, params)[0]),
    (r"/api/v1/jobs/[^/]+/notifications/history", lambda *_: []),
    (r"/2\.0/task/(?P<task>[^/]+)", _task),
    (r"/2\.0/tasks", _created_task),
    (r"/api/v1/token/login", _login),
    (r"/api/v1/project", _projects),
    (r"/api/v1/task/review_asset(_ext)?", _created_review_task),
    (r"/review\.do", _robohead_review),
)
