"""RoboHead's page: its reviews, and what a reviewer can do there."""

from __future__ import annotations

from local.simulators.clock import iso
from local.simulators.page import Form, Input, Page, Row
from local.simulators.robohead.account import Account, Review
from local.simulators.robohead.words import (
    FINISHED,
    REVIEW_TYPE_NAMES,
    STATUS_NAMES,
    ReviewStatus,
    ReviewType,
    StageStatus,
    VersionStatus,
)

_COLOURS = {
    ReviewStatus.COMPLETED: "good",
    ReviewStatus.COMPLETED_WITH_CHANGES: "warn",
    ReviewStatus.COMPLETED_DENIED: "bad",
}
_DECISIONS = {
    ReviewType.APPROVAL: (
        ("approve", "Approve"),
        ("approve-with-changes", "Approve with changes"),
        ("reject", "Reject"),
    ),
    ReviewType.COMMENTS: (("finish", "Finish"),),
}


def board(account: Account) -> Page:
    """Return the reviews, newest first."""
    return Page(
        items="Reviews",
        columns=("Status", "Type", "Version", "Stages", "Due", "Project"),
        rows=tuple(_row(account, review) for review in reversed(account.reviews.values())),
        hint="You are a reviewer here: decide, and see whether Proofbridge, which has to look, notices.",
    )


def _row(account: Account, review: Review) -> Row:
    hidden = {"review": str(review.id)}
    statuses = tuple((str(status.value), name) for status, name in STATUS_NAMES[review.type].items())
    end = "" if review.end is None else review.end.isoformat()
    return Row(
        title=review.name,
        id=str(review.id),
        cells=(
            STATUS_NAMES[review.type][review.status],
            REVIEW_TYPE_NAMES[review.type],
            ", ".join(_versions(review)),
            "; ".join(_stages(account, review)),
            end,
            account.projects[review.project_id].name,
        ),
        status=_COLOURS.get(review.status, ""),
        remarks=tuple((account.users[c.author_id].name, iso(c.created_at), c.text) for c in review.comments),
        forms=(_answer_form(account, review, hidden),),
        more=(
            Form(
                (("set-status", "Set status"),),
                hidden,
                (Input("status", "status", "select", str(review.status.value), statuses),),
            ),
            Form((("set-due", "Move due date"),), hidden, (Input("due", "due", "date", end),)),
            Form((("rename", "Rename"),), hidden, (Input("name", "name", value=review.name),)),
            Form((("delete", "Delete"),), hidden),
        ),
    )


def _answer_form(account: Account, review: Review, hidden: dict[str, str]) -> Form:
    """Return the form of who is asked: to decide, or to comment; without them, anybody comments."""
    waiting = [
        user_id
        for stage in review.stages
        if stage.status == StageStatus.IN_PROGRESS
        for user_id, status in stage.reviewers.items()
        if status not in FINISHED
    ]
    people = tuple((str(user_id), account.users[user_id].name) for user_id in waiting or account.users)
    decisions = _DECISIONS[review.type] if waiting else ()
    inputs = (Input("comment", "comment"), Input("by", "as", "select", options=people))
    return Form((*decisions, ("comment", "Only comment")), hidden, inputs)


def _versions(review: Review) -> list[str]:
    return [
        f"{item.file_name}: {item.current.number}"
        + ("" if item.current.status == VersionStatus.PENDING else f" ({_words(item.current.status.name)})")
        for item in review.items
    ]


def _stages(account: Account, review: Review) -> list[str]:
    return [
        f"{stage.name}: "
        + ", ".join(
            f"{account.users[user_id].name} ({_words(status.name)})"
            for user_id, status in stage.reviewers.items()
        )
        for stage in review.stages
    ]


def _words(name: str) -> str:
    return name.lower().replace("_", " ")
