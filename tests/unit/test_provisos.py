"""What has become untrue by the time that a reminder is sent is left out, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from proofbridge.actions.preconditions import UnreadableError, check
from proofbridge.domain.actions import Action, Precondition
from proofbridge.domain.items import Decision, ItemRef, Observation, Person, ReviewStatus, Vendor, moment_text
from proofbridge.vendors.catalogue import ActionName
from tests.unit.observations import JOB, TASK, at, seen

DUE = moment_text(at(60))
OTHER = ItemRef(JOB.vendor, JOB.kind, "other")


def proviso(ref: ItemRef = JOB, **fields: Any) -> Precondition:
    return Precondition(str(ref), **{"due_at": DUE, "person": "a@b.test", "role": "reviewer", **fields})


def asked(*provisos: Precondition, message: str = "Decide.") -> Action:
    """Return an e-mail that depends on these."""
    params = {"to": ["a@b.test"], "subject": "Due", "message": message}
    return Action("remind|1", ActionName.EMAIL_SEND, Vendor.AWS, params, provisos=provisos)


def now(**fields: Any) -> Observation:
    return seen(**{"due_at": at(60), "reviewers": (Person("a@b.test"),), **fields})


@pytest.mark.parametrize(
    ("role", "fields", "held"),
    [
        ("reviewer", {}, None),
        (None, {"reviewers": ()}, None),
        ("reviewer", {"deleted": True}, "the job is no longer there"),
        ("reviewer", {"status": ReviewStatus.APPROVED_WITH_CHANGES}, "it is approved with changes by now"),
        ("reviewer", {"due_at": at(61)}, "its due date has moved"),
        ("reviewer", {"due_at": None}, "it has no due date any more"),
        ("reviewer", {"reviewers": (Person("c@d.test"),)}, "a@b.test is no longer asked"),
        ("reviewer", {"reviewers": (Person("a@b.test", decision=Decision.REJECTED),)},
         "a@b.test has decided: rejected"),
        ("named", {"reviewers": (Person("c@d.test"),)}, None),
        ("named", {"reviewers": (Person("a@b.test", decision=Decision.APPROVED),)},
         "a@b.test has decided: approved"),
        ("assignee", {"assignee": "a@b.test"}, None),
        ("assignee", {"assignee": "c@d.test"}, "it is given to c@d.test by now"),
        ("assignee", {}, "it is given to nobody by now"),
        # What the vendor's answer says nothing of is no reason.
        ("reviewer", {"reviewers": None, "due_at": None, "status": None,
                      "silent_on": ("reviewers", "due_at", "status")}, None),
        ("assignee", {"silent_on": ("assignee",)}, None),
    ],
)  # fmt: skip
def test_reminder_is_held_when_its_vendor_shows_otherwise(
    role: Any, fields: dict[str, Any], held: str | None
) -> None:
    action = asked(proviso(role=role))
    checked = check(action, lambda _: now(**fields))
    assert checked.held == held
    assert (checked.action == action) == (held is None)


def test_role_is_looked_at_where_it_stands() -> None:
    action = asked(proviso(role="assignee", role_item=str(TASK)))
    shown = {JOB: now(), TASK: Observation(TASK, at(0), assignee="c@d.test")}
    assert check(action, shown.__getitem__).held == "it is given to c@d.test by now"


def test_digest_loses_its_lines_when_some_are_no_longer_true() -> None:
    lines = ["- label.pdf, due today", "- label.pdf, due today", "- box.pdf, due today"]
    action = asked(
        *(proviso(ref, line=line) for ref, line in zip((JOB, TASK, OTHER), lines, strict=True)),
        message="\n".join(["These wait:", *lines]),
    )
    shown = {JOB: now(), TASK: now(status=ReviewStatus.APPROVED), OTHER: now(due_at=at(1))}
    checked = check(action, shown.__getitem__)
    assert checked.held is None
    assert checked.action.params["message"] == "These wait:\n- label.pdf, due today"
    assert [each.item for each in checked.action.provisos] == [str(JOB)]
    assert dict(checked.broken) == {1: "it is approved by now", 2: "its due date has moved"}


def test_item_that_can_not_be_read_stops_no_other_of_a_digest() -> None:
    def look(ref: ItemRef) -> Observation:
        if ref == OTHER:
            raise UnreadableError("its id is odd")
        return now()

    both = asked(proviso(line="- a"), proviso(OTHER, line="- b"), message="These:\n- a\n- b")
    checked = check(both, look)
    assert checked.action.params["message"] == "These:\n- a"
    assert checked.held is None
    assert check(asked(proviso(OTHER)), look).held == "it can't be read: its id is odd"
    assert check(asked(proviso(OTHER)), look).unreadable


def test_each_item_is_read_once_when_several_provisos_are_about_it() -> None:
    read: list[ItemRef] = []

    def look(ref: ItemRef) -> Observation:
        read.append(ref)
        return now()

    check(asked(proviso(), proviso(), proviso(OTHER)), look)
    assert read == [JOB, OTHER]


def test_action_that_reads_for_itself_or_depends_on_nothing_is_left_alone() -> None:
    params = {"person": "a@b.test", "due_at": DUE, "message": "Decide."}
    notice = Action("k", ActionName.GOOD2GO_NOTIFY, Vendor.GOOD2GO, params, target=JOB, provisos=(proviso(),))
    for action in (notice, asked()):
        assert check(action, lambda ref: pytest.fail(f"{ref} was read")).action == action


def test_provisos_travel_with_their_action() -> None:
    action = asked(proviso(slot="a#b#0", line="- label.pdf"))
    assert Action.from_message(action.to_message()) == action
