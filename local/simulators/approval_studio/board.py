"""Approval Studio's page: its projects and their assets, and what a reviewer can do there."""

from __future__ import annotations

from datetime import date, datetime
from operator import itemgetter

from local.simulators.approval_studio.settings import ApprovalStudioSettings
from local.simulators.approval_studio.studio import Asset, Project, Studio, Task
from local.simulators.clock import iso
from local.simulators.page import Form, Input, Page, Row

_COLOURS = {"Completed": "good", "Approved": "good", "Rejected": "bad", "failed": "bad", "OnHold": "warn"}
_STATES = ("Active", "OnHold", "Completed", "Archived")


def board(studio: Studio, settings: ApprovalStudioSettings) -> Page:
    """Return every project, newest first, each followed by its assets."""
    rows: list[Row] = []
    for project in reversed(studio.projects.values()):
        rows.append(_project_row(studio, project))
        rows += [_asset_row(studio, project, asset) for asset in reversed(studio.assets_of(project))]
    webhooks = [webhook.url for webhook in studio.webhooks.values() if webhook.until_at is None]
    return Page(
        items="Projects and assets",
        columns=("Status", "Version", "Due", "Reviewers", "Project", "Size"),
        rows=tuple(rows),
        hint="You are the reviewer here: decide on an asset, and watch what Proofbridge makes of it.",
        facts={
            "webhooks go to": ", ".join(webhooks) or "nowhere",
            **({} if settings.webhooks == "send" else {"webhooks are": "silent"}),
        },
    )


def _project_row(studio: Studio, project: Project) -> Row:
    hidden = {"project": project.uid}
    owners = ", ".join(studio.users[uid].name for uid in project.owner_uids)
    states = tuple((state, state) for state in _STATES)
    return Row(
        title=f"Project {project.name}",
        id=project.uid,
        cells=(project.state, project.revision or "", _shown(project.due), f"owned by {owners}", "", ""),
        status=_COLOURS.get(project.state, ""),
        more=(
            Form(
                (("set-state", "Set state"),),
                hidden,
                (Input("state", "state", "select", project.state, states),),
            ),
            Form((("set-due", "Move due date"),), hidden, (Input("due", "due", "date", _day(project.due)),)),
            Form((("rename", "Rename"),), hidden, (Input("name", "name", value=project.name),)),
        ),
    )


def _asset_row(studio: Studio, project: Project, asset: Asset) -> Row:
    tasks = [task for task in studio.tasks.values() if asset.uid in task.asset_uids]
    pending = [task for task in studio.pending_reviews(asset) if not task.read_only]
    verdicts = [verdict.decision for verdict in asset.verdicts]
    decision = verdicts[-1] if verdicts else None
    remarks: list[tuple[str, str, str]] = [(v.by, iso(v.at), v.decision) for v in asset.verdicts]
    remarks += [(a.by, iso(a.created_at), a.text) for a in studio.annotations_of(asset)]
    hidden = {"asset": asset.uid}
    return Row(
        title=asset.name,
        id=asset.uid,
        cells=(
            asset.status if decision is None else f"{asset.status}, {decision}",
            asset.version,
            ", ".join(dict.fromkeys(_shown(task.due) for task in tasks if task.due is not None)),
            ", ".join(f"{_name(studio, task)}: {task.status}" for task in tasks),
            project.name,
            f"{asset.blob.size_bytes:,} bytes",
        ),
        status=_COLOURS.get(decision or asset.status, ""),
        remarks=tuple((_called(studio, by), at, what) for by, at, what in sorted(remarks, key=itemgetter(1))),
        forms=(
            _answer_form(studio, pending, hidden),
            *((_processing_form(hidden),) if asset.status == "pending" else ()),
        ),
        more=(
            *(_task_due_form(studio, task) for task in tasks if task.pending),
            *(_completion_form(studio, task) for task in tasks if task.pending and task not in pending),
            Form((("delete-asset", "Delete"),), hidden),
        ),
    )


def _answer_form(studio: Studio, pending: list[Task], hidden: dict[str, str]) -> Form:
    """Return the form of who is asked: to decide, or to annotate; without them, users annotate."""
    people = [studio.reviewer_of(task) for task in pending] or list(studio.users)
    options = tuple((by, _called(studio, by)) for by in dict.fromkeys(people))
    decisions = (("approve", "Approve"), ("reject", "Reject")) if pending else ()
    inputs = (Input("comment", "comment"), Input("by", "as", "select", options=options))
    return Form((*decisions, ("annotate", "Only annotate")), hidden, inputs)


def _processing_form(hidden: dict[str, str]) -> Form:
    return Form((("finish-processing", "Finish processing"), ("fail-processing", "Let it fail")), hidden)


def _task_due_form(studio: Studio, task: Task) -> Form:
    due = Input("due", f"due for {_name(studio, task)}", "date", _day(task.due))
    return Form((("set-due", "Move due date"),), {"task": task.uid}, (due,))


def _completion_form(studio: Studio, task: Task) -> Form:
    return Form((("complete", f"Complete the task of {_name(studio, task)}"),), {"task": task.uid})


def _called(studio: Studio, by: str) -> str:
    return studio.users[by].name if by in studio.users else by


def _name(studio: Studio, task: Task) -> str:
    return _called(studio, studio.reviewer_of(task))


def _shown(due: date | None) -> str:
    return f"{due:%Y-%m-%d %H:%M}" if isinstance(due, datetime) else _day(due)


def _day(due: date | None) -> str:
    return "" if due is None else f"{due:%Y-%m-%d}"
