"""What Approval Studio is asked for in these tests, and what came of it."""

from __future__ import annotations

from typing import Any

from proofbridge.domain.actions import Action
from proofbridge.domain.items import Vendor
from proofbridge.vendors.catalogue import ActionName
from tests.integration.desk import PROOF
from tests.integration.site import Site

STUDIO = Vendor.APPROVAL_STUDIO
CUSTOMER, COLLEAGUE = "customer@brand.test", "USRREV"
STATE = ActionName.STUDIO_SET_PROJECT_STATE
DUE = ActionName.STUDIO_SET_DUE_DATE
REVIEW = ActionName.STUDIO_CREATE_REVIEW_TASK
ASKED: dict[ActionName, dict[str, Any]] = {
    STATE: {"state": "on_hold"},
    DUE: {"due_at": "2099-03-05T12:00:00.000Z"},
    REVIEW: {"reviewers": [COLLEAGUE, CUSTOMER], "message": "Please look."},
}
CALLS = {STATE: "set_project_state", DUE: "edit_project", REVIEW: "create_review_task"}
"""The call that does it, the first of two for the reviews."""


def ask(name: ActionName, key: str = "k", **changes: Any) -> Action:
    return Action(key, name, STUDIO, {**ASKED[name], **changes}, proof_id=PROOF)


def held_by(studio: Site, kind: str, uid: str) -> dict[str, Any]:
    """Return one of the things that the studio holds."""
    (found,) = [each for each in studio.see("state")[kind] if each["uid"] == uid]
    return dict(found)


def reviews(studio: Site) -> list[tuple[str, str]]:
    """Return who was asked to review by which call, users first."""
    effects = [*studio.effects("create_review_task"), *studio.effects("create_external_review_task")]
    return [(each["operation"], each["to"]) for each in effects]


def done_by(studio: Site, name: ActionName) -> int:
    """Count the effects of an action."""
    if name is REVIEW:
        return len(reviews(studio))
    # An edit that changes nothing, because the client repeats it, is none.
    return sum(each.get("attributes") != [] for each in studio.effects(CALLS[name]))
