"""The tables of docs/routes.md: changes, actions, what texts can name, and statuses, from code.

`python -m tests.contract.routes_page` writes them into the page.
"""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from proofbridge.domain.changes import ChangeKind
from proofbridge.domain.items import ITEM_KINDS, ReviewStatus
from proofbridge.domain.templates import CHANGE_FIELDS
from proofbridge.vendors.approval_studio.mapping import PROJECT_STATE
from proofbridge.vendors.catalogue import CATALOGUE, ActionKind, ActionName, RecoveryStrategy
from proofbridge.vendors.good2go.enums import JobStatus
from proofbridge.vendors.good2go.mapping import JOB_STATUS, REVIEW_STATUS
from proofbridge.vendors.robohead import mapping as robohead

PAGE: Final = Path(__file__).parents[2] / "docs" / "routes.md"

CHANGES: Final = {
    ChangeKind.CREATED: ("an item is seen for the first time", "nothing"),
    ChangeKind.STATUS: ("its review status", "a status, as below"),
    ChangeKind.VERSION: ("its version", "a number"),
    ChangeKind.DUE_DATE: ("its due date", "a moment such as 2026-03-02T09:00:00.000Z"),
    ChangeKind.NAME: ("its name", "a text"),
    ChangeKind.ASSIGNEE: ("whose it is", "an e-mail address or the vendor's user id"),
    ChangeKind.COMMENT: ("its newest remark", "a text"),
    ChangeKind.DELETED: ("it is gone at its vendor", "nothing"),
}

UNCLEAR: Final = {
    RecoveryStrategy.REPEATABLE: "done again, since that changes nothing more",
    RecoveryStrategy.FINDABLE: "looked up at the vendor, and done again only if it is not there",
    RecoveryStrategy.UNSAFE: "looked up where the vendor has a history, else parked for a person: "
    "it sends e-mail",
}

TRACES: Final = {
    ActionName.GOOD2GO_REMIND_REVIEWERS: "the job's notification history, and its last notification's words",
    ActionName.GOOD2GO_SET_STATUS: "our marker in the job's history; without a message the status itself",
    ActionName.GOOD2GO_SEND_UPDATE: "the job's label, where it shows one, and its last update",
    ActionName.GOOD2GO_ASSIGN: "whose the job is, and the tasks of that person",
    ActionName.GOOD2GO_ADD_REMINDER: "the job's reminders",
    ActionName.STUDIO_CREATE_REVIEW_TASK: "our marker in the tasks' comments",
    ActionName.GOODDAY_CREATE_TASK: "our marker in the first message of the project's tasks",
    ActionName.GOODDAY_SET_STATUS: "our marker in the task's messages; without a message the status itself",
    ActionName.GOODDAY_COMMENT: "our marker in the task's messages",
    ActionName.GOODDAY_REPLY: "our marker in the task's messages",
    ActionName.ROBOHEAD_COMMENT: "our marker in the review's comments",
    ActionName.EMAIL_SEND: "nothing: SES keeps no list of what it sent, so that it is parked",
}
"""Where it is looked up whether an action took effect."""


def page(text: str) -> str:
    """Return the page with its tables made anew, each from `<!-- table: NAME -->` to `<!-- end -->`."""
    for name, rows in _tables().items():
        begin, end = f"<!-- table: {name} -->\n\n", "\n\n<!-- end -->"
        if text.count(begin) != 1:
            raise ValueError(f"docs/routes.md has {text.count(begin)} places for the table {name}, not one")
        before, _, rest = text.partition(begin)
        text = "".join((before, begin, "\n".join(rows), end, rest.partition(end)[2]))
    return text


def _tables() -> dict[str, list[str]]:
    return {
        "items": [
            "| vendor | kinds |",
            "|---|---|",
            *(
                f"| `{vendor}` | {', '.join(f'`{kind}`' for kind in sorted(kinds))} |"
                for vendor, kinds in ITEM_KINDS.items()
                if kinds
            ),
        ],
        "changes": [
            "| change | what | `from` and `to` |",
            "|---|---|---|",
            *(f"| `{kind}` | {CHANGES[kind][0]} | {CHANGES[kind][1]} |" for kind in ChangeKind),
        ],
        "resolutions": [
            "| resolution | an action whose answer was lost is |",
            "|---|---|",
            *(f"| {resolution} | {UNCLEAR[resolution]} |" for resolution in RecoveryStrategy),
        ],
        "actions": [
            "| action | on | parameters (*needed*) | resolution | follows the state |",
            "|---|---|---|---|---|",
            *(_action(name, kind) for name, kind in CATALOGUE.items() if kind.routable),
        ],
        "places": [
            "| place | value |",
            "|---|---|",
            *(f"| `{{{name}}}` | {meaning} |" for name, meaning in CHANGE_FIELDS.items()),
        ],
        "statuses": [
            f"| {' | '.join(_COLUMNS)} |",
            f"|{'---|' * len(_COLUMNS)}",
            *(_status(status) for status in ReviewStatus),
        ],
    }


_COLUMNS: Final = (
    "ours",
    "Good2Go",
    "read as",
    "Approval Studio's project",
    "RoboHead, for feedback",
    "read as",
    "RoboHead, for approval",
    "read as",
)


def _action(name: ActionName, kind: ActionKind) -> str:
    on = "" if kind.target is None else str(kind.target)
    params = ", ".join(_param(key, field) for key, field in kind.params.model_fields.items())
    trace = f": {TRACES[name]}" if name in TRACES else ""
    return (
        f"| `{name}` | {on} | {params} | {kind.resolution}{trace} | {'yes' if kind.follows_state else ''} |"
    )


def _param(name: str, field: FieldInfo) -> str:
    words = f"*`{name}`*" if field.is_required() else f"`{name}`"
    kind = _kind(field.annotation)
    return f"{words} ({kind})" if kind else words


def _kind(annotation: Any) -> str:
    """Say what a parameter takes, where it is more than a text."""
    if get_origin(annotation) in {typing.Union, types.UnionType}:
        (annotation,) = [each for each in get_args(annotation) if each is not type(None)]
    while get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return ", ".join(get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list"
    if annotation is ReviewStatus:
        return "status"
    return {int: "number", bool: "true or false", str: ""}.get(annotation, "table")


def _status(status: ReviewStatus) -> str:
    job, project = JOB_STATUS[status], PROJECT_STATE[status]
    feedback, approval = robohead.FEEDBACK_STATUS[status], robohead.APPROVAL_STATUS[status]
    cells = [
        str(status),
        _word(job),
        _back(status, None if job is None else REVIEW_STATUS[JobStatus(job)]),
        _word(project),
        _word(None if feedback is None else feedback.name.lower()),
        _back(status, None if feedback is None else robohead.REVIEW_STATUS[feedback]),
        _word(None if approval is None else approval.name.lower()),
        _back(status, None if approval is None else robohead.REVIEW_STATUS[approval]),
    ]
    return f"| {' | '.join(cells)} |"


def _word(word: str | None) -> str:
    return "none" if word is None else str(word).replace("_", " ")


def _back(status: ReviewStatus, read: ReviewStatus | None) -> str:
    return "" if read in {None, status} else str(read)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
