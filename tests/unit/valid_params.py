"""Parameters for every action, as a route or another part of Proofbridge may give them."""

from __future__ import annotations

from typing import Any

from proofbridge.vendors.catalogue import ActionName

VALID: dict[ActionName, dict[str, Any]] = {
    ActionName.OBSERVE: {},
    ActionName.GOOD2GO_NOTIFY: {"person": "a@b.test", "due_at": "2026-03-02T09:00:00.000Z", "message": "Hi"},
    ActionName.GOOD2GO_REMIND_REVIEWERS: {"message": "Version 2 is here."},
    ActionName.GOOD2GO_SET_STATUS: {"status": "completed", "message": "Printed."},
    ActionName.GOOD2GO_SET_DUE_DATE: {"due_at": "2026-03-02T09:00:00.000Z"},
    ActionName.GOOD2GO_LABEL: {"label": "At the press"},
    ActionName.GOOD2GO_SEND_UPDATE: {"label": "Send for review"},
    ActionName.GOOD2GO_ASSIGN: {"person": "designer@studio.test", "message": "Yours."},
    ActionName.GOOD2GO_LOCK: {"locked": True},
    ActionName.GOOD2GO_ADD_REMINDER: {"quantity": 2, "unit": "hours", "comparator": "before"},
    ActionName.GOOD2GO_SET_REMINDERS: {
        "due_at": "2026-03-02T09:00:00.000Z",
        "reminders": ["4 hours before", "0 none equal"],
    },
    ActionName.STUDIO_SET_PROJECT_STATE: {"state": "on_hold"},
    ActionName.STUDIO_SET_DUE_DATE: {"due_at": "2026-03-02"},
    ActionName.STUDIO_CREATE_REVIEW_TASK: {"reviewers": ["a@b.test"], "message": "Please review."},
    ActionName.GOODDAY_CREATE_TASK: {"project": "PRJART", "title": "Proof", "message": "See"},
    ActionName.GOODDAY_SET_STATUS: {"status": "completed", "message": "Done"},
    ActionName.GOODDAY_COMMENT: {"message": "Look"},
    ActionName.GOODDAY_REPLY: {"person": "USRDSG", "message": "Your turn."},
    ActionName.GOODDAY_UPDATE: {"deadline": "2026-03-02", "priority": 9},
    ActionName.ROBOHEAD_SET_STATUS: {"status": "approved"},
    ActionName.ROBOHEAD_SET_DUE_DATE: {"due_at": "2026-03-02T09:00:00.000Z"},
    ActionName.ROBOHEAD_COMMENT: {"message": "Look"},
    ActionName.EMAIL_SEND: {"to": ["boss@studio.test"], "subject": "Approved", "message": "It is."},
    ActionName.BUS_PUBLISH: {"type": "studio.proof.approved", "data": {"name": "summer-ale"}},
}
