"""The configuration in sentences: what each route and destination does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from proofbridge.config.destinations import DROP_PREFIX, FILE_NAME, Destination, Target
from proofbridge.config.due_dates import DueRule
from proofbridge.config.links import Link
from proofbridge.config.routes import Route, When
from proofbridge.domain.changes import ChangeKind
from proofbridge.domain.items import ITEM_KINDS, ItemKind, Vendor
from proofbridge.domain.proofs import VENDOR_NAMES

from .action_sentences import action_clause

_ITEMS: Final = {
    Vendor.GOOD2GO: ItemKind.JOB,
    Vendor.APPROVAL_STUDIO: ItemKind.ASSET,
    Vendor.GOODDAY: ItemKind.TASK,
    Vendor.ROBOHEAD: ItemKind.REVIEW,
}
"""What changes at each vendor."""

_HAPPENS: Final = {
    ChangeKind.CREATED: "is seen for the first time",
    ChangeKind.DELETED: "is deleted",
    ChangeKind.STATUS: "gets another status",
    ChangeKind.VERSION: "gets a new version",
    ChangeKind.DUE_DATE: "gets another due date",
    ChangeKind.NAME: "is renamed",
    ChangeKind.ASSIGNEE: "is assigned to somebody else",
    ChangeKind.COMMENT: "gets a remark",
}


def route_sentence(route: Route) -> str:
    """Return what a route does: `When …, …`."""
    text = f"When {_when(route.when)}, {', and '.join(action_clause(then) for then in route.then)}"
    return text if text.endswith(".”") else f"{text}."


def link_sentence(link: Link) -> str:
    """Return what a rule of links.toml does."""
    kinds = " and ".join(f"{kind}s" for kind in link.kinds) or "items"
    vendors = ", ".join(VENDOR_NAMES[vendor] for vendor in link.vendors) or "all vendors"
    return f"The {kinds} of {vendors} whose names hold the same {link.pattern} are one proof."


def authority_sentence(field: str, vendors: Iterable[str]) -> str:
    """Return who has a say in a field, by authority.toml."""
    names = " and ".join(VENDOR_NAMES[Vendor(vendor)] for vendor in vendors)
    what = field.replace("_", " ")
    return f"A proof's {what} is decided at {names}; where it changes elsewhere it is set back."


def _when(when: When) -> str:
    what = _items(when)
    after = _either(when.after)
    if when.change is ChangeKind.STATUS and after:
        happens = f"gets the status {after}"
    else:
        happens = _HAPPENS[when.change] + (f", {after}" if after else "")
    before = f" and was {_either(when.before)}" if when.before else ""
    condition = f" and {when.condition} holds" if when.condition else ""
    return f"{what} {happens}{before}{condition}"


def _items(when: When) -> str:
    """Return what changes: `a Good2Go job or a RoboHead review`."""
    kinds = [
        f"{VENDOR_NAMES[Vendor(vendor)]} {kind}"
        for vendor in when.vendors
        for kind in sorted(ITEM_KINDS[Vendor(vendor)])
        if when.kinds is None or kind in when.kinds
    ]
    *most, last = (f"an {kind}" if kind[0] in "AEIO" else f"a {kind}" for kind in kinds)
    return f"{', '.join(most)} or {last}" if most else last


def _either(values: tuple[str, ...] | None) -> str:
    return " or ".join(value.replace("_", " ") for value in values or ())


def destination_sentence(destination: Destination) -> str:
    """Return what a destination does with a file."""
    proofs = " and ".join(
        _proof(target, destination.name_at(target.vendor)) for target in destination.targets
    )
    rule = destination.due_rule
    off = f", but for holidays of {destination.holidays}" if destination.holidays else ""
    due = f", due {_due(rule)}{off}" if rule else ", without a due date"
    tracking = destination.tracking
    tracked = ""
    if tracking is not None:
        assignee = f", assigned to {tracking.assignee}" if tracking.assignee else ""
        where = f"{VENDOR_NAMES[Vendor(tracking.vendor)]} project {tracking.project}"
        tracked = f"; a task “{tracking.title}” in {where}{assignee} tracks it"
    return f"A file put under {DROP_PREFIX}{destination.prefix}/ becomes a proof at {proofs}{due}{tracked}."


def _proof(target: Target, name: str) -> str:
    """Return where a proof comes into being, what it is called, and who is to decide on it."""
    told = {key: value for key, value in target.model_dump().items() if value}
    where = next(
        (f" in {words} {told[key]}" for key, words in _PLACES.items() if key in told),
        "",
    )
    people = [str(who) for who in (told.get("recipient"), *told.get("reviewers", ())) if who]
    called = "" if name == FILE_NAME else f", called “{name}”,"
    return f"{VENDOR_NAMES[target.vendor]}{where}{called}" + (
        f" for {' and '.join(people)}" if people else ""
    )


_PLACES: Final = {
    "folder": "folder",
    "review": "review",
    "project": "project",
    "project_name": "the project called",
}


def _due(rule: DueRule) -> str:
    days = "workday" if rule.workdays_only else "day"
    plural = "" if rule.days == 1 else "s"
    return f"{rule.days} {days}{plural} later at {rule.at:%H:%M} {rule.zone.key}"
