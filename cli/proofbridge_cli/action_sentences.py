"""What each action does, in a clause of a sentence, from its parameters as a route gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from proofbridge.config.routes import AFTER, Then
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.vendors.catalogue import CATALOGUE, ActionName

Params = Mapping[str, Any]


def action_clause(then: Then) -> str:
    """Return what an action of a route does: `the proof's GoodDay task is set to completed`."""
    kind = CATALOGUE[then.action]
    where = VENDOR_NAMES[kind.vendor] if kind.vendor else "its vendor"
    return _CLAUSES[then.action](f"the proof's {where} {kind.target}", then.params)


def _set_status(it: str, params: Params) -> str:
    status = params["status"]
    to = "the same status" if status == AFTER else status.replace("_", " ")
    return f"{it} is set to {to}{_saying(params)}"


def _due(it: str, params: Params) -> str:
    return f"{it} becomes due {params['due_at']}" if params["due_at"] else f"{it} loses its due date"


def _remind(it: str, params: Params) -> str:
    return f"all who have not decided on {it} are told “{params['message']}”"


def _label(it: str, params: Params) -> str:
    return f"{it} is labelled “{params['label']}”"


def _send_update(it: str, params: Params) -> str:
    return f"{it} is labelled “{params['label']}” and those concerned are told"


def _assign(it: str, params: Params) -> str:
    return f"{it} is assigned to {params['person']}, who is told{_saying(params)}"


def _lock(it: str, params: Params) -> str:
    return f"{it} is {'locked' if params['locked'] else 'unlocked'}"


def _add_reminder(it: str, params: Params) -> str:
    when = {"before": "before it is due", "after": "after it was due", "now": "now"}.get(
        params["comparator"], "when it is due"
    )
    amount = "" if params["unit"] == "none" else f"{params['quantity']} {params['unit']} "
    return f"Good2Go itself reminds of {it} {amount}{when}"


def _project_state(it: str, params: Params) -> str:
    words = {"active": "made active", "on_hold": "put on hold", "completed": "completed"}
    return f"{it} is {words[params['state']]}"


def _review_task(it: str, params: Params) -> str:
    due = f", due {params['due_at']}" if params.get("due_at") else ""
    others = _others(params, {"reviewers", "message", "due_at"})
    return f"{_names(params['reviewers'])} are asked to review {it}{due}{others}{_saying(params)}"


def _create_task(_: str, params: Params) -> str:
    assignee = f", assigned to {params['assignee']}" if "assignee" in params else ""
    others = _others(params, {"project", "title", "message", "assignee"})
    return (
        f"a task “{params['title']}” is made in GoodDay project {params['project']}"
        f"{assignee}{others}{_saying(params)}"
    )


def _comment(it: str, params: Params) -> str:
    return f"{it} gets the comment “{params['message']}”"


def _reply(it: str, params: Params) -> str:
    person = params.get("person", "whom it is assigned to")
    return f"{it} goes to {person}, who has to act on it{_saying(params)}"


def _update(it: str, params: Params) -> str:
    changes = [f"the {name} {value}" if value != "" else f"no {name}" for name, value in params.items()]
    return f"{it} gets {_names(changes)}"


def _send_email(_: str, params: Params) -> str:
    return f"an e-mail “{params['subject']}” goes to {_names(params['to'])}{_saying(params)}"


def _publish(_: str, params: Params) -> str:
    data = ", ".join(f"{name} {value}" for name, value in params.get("data", {}).items())
    return f"the event {params['type']} is published on the bus{f' with {data}' if data else ''}"


_CLAUSES: Final[Mapping[ActionName, Callable[[str, Params], str]]] = {
    ActionName.GOOD2GO_REMIND_REVIEWERS: _remind,
    ActionName.GOOD2GO_SET_STATUS: _set_status,
    ActionName.GOOD2GO_SET_DUE_DATE: _due,
    ActionName.GOOD2GO_LABEL: _label,
    ActionName.GOOD2GO_SEND_UPDATE: _send_update,
    ActionName.GOOD2GO_ASSIGN: _assign,
    ActionName.GOOD2GO_LOCK: _lock,
    ActionName.GOOD2GO_ADD_REMINDER: _add_reminder,
    ActionName.STUDIO_SET_PROJECT_STATE: _project_state,
    ActionName.STUDIO_SET_DUE_DATE: _due,
    ActionName.STUDIO_CREATE_REVIEW_TASK: _review_task,
    ActionName.GOODDAY_CREATE_TASK: _create_task,
    ActionName.GOODDAY_SET_STATUS: _set_status,
    ActionName.GOODDAY_COMMENT: _comment,
    ActionName.GOODDAY_REPLY: _reply,
    ActionName.GOODDAY_UPDATE: _update,
    ActionName.ROBOHEAD_SET_STATUS: _set_status,
    ActionName.ROBOHEAD_SET_DUE_DATE: _due,
    ActionName.ROBOHEAD_COMMENT: _comment,
    ActionName.EMAIL_SEND: _send_email,
    ActionName.BUS_PUBLISH: _publish,
}


def _saying(params: Params) -> str:
    return f", saying “{params['message']}”" if "message" in params else ""


def _others(params: Params, told: set[str]) -> str:
    return "".join(
        f", {name.replace('_', ' ')} {value}" for name, value in params.items() if name not in told
    )


def _names(values: Any) -> str:
    *most, last = values
    return f"{', '.join(most)} and {last}" if most else str(last)
