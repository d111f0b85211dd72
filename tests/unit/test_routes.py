from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from proofbridge.config.routes import Route, When
from proofbridge.decisions.routing import actions_for, look_at_proof, matches
from proofbridge.domain.changes import Change, ChangeKind
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor
from proofbridge.domain.proofs import VENDOR_NAMES, Proof
from proofbridge.domain.templates import CHANGE_FIELDS
from proofbridge.vendors.catalogue import ActionName
from tests.unit.observations import JOB, TASK, at, seen

APPROVAL = Change("c1", JOB, ChangeKind.STATUS, "in_review", "approved")
ITEM = seen(
    status=ReviewStatus.APPROVED,
    comment="Lovely. Print it!",
    decided_by="customer@brand.test",
    version=2,
    due_at=at(99),
    url="https://vendor.test/1",
)
PROOF = Proof("PB1", (ITEM,))
SET_STATUS = {"action": "goodday.set_status", "status": "completed"}


def route(name: str = "approval", then: list[dict[str, Any]] | None = None, /, **when: Any) -> Route:
    conditions = {"vendor": "good2go", "change": "status", **when}
    return Route.model_validate({"name": name, "when": conditions, "then": then or [SET_STATUS]})


def message_for(
    text: str, change: Change = APPROVAL, item: Observation = ITEM, others: Sequence[Observation] = ()
) -> str:
    rule = route(
        "say",
        [{"action": "goodday.comment", "message": text}],
        vendor=str(change.ref.vendor),
        change=str(change.kind),
    )
    (action,) = actions_for((rule,), change, item, "PB1", "event-1", others)
    message: str = action.params["message"]
    return message


# -- when


@pytest.mark.parametrize(
    ("when", "matching"),
    [
        ({}, True),
        ({"to": "approved"}, True),
        ({"to": ["rejected", "approved"]}, True),
        ({"to": ["rejected"]}, False),
        ({"from": "in_review"}, True),
        ({"from": ["in_review", "not_started"], "to": "approved"}, True),
        ({"from": "approved"}, False),
        ({"from": "rejected", "to": "approved"}, False),
        ({"vendor": "goodday"}, False),
        ({"kind": "job"}, True),
        ({"change": "version"}, False),
        ({"change": "version", "to": "approved"}, False),
        ({"condition": "item.version > `1`"}, True),
        ({"condition": "item.version > `2`"}, False),
        ({"condition": "change.to == 'approved' && change.from == 'in_review'"}, True),
        ({"condition": "change.kind == 'status'"}, True),
        ({"condition": "contains(item.comment, 'Print')"}, True),
        ({"condition": "contains(item.comment, 'Stop')"}, False),
        ({"condition": "item.ref == 'good2go#job#0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f'"}, True),
        ({"condition": "item.reviewers[?decision=='approved']"}, False),
        ({"condition": "item.nothing"}, False),
        ({"to": "rejected", "condition": "item.version > `1`"}, False),
    ],
)
def test_change_meets_route_when_every_key_matches(when: dict[str, Any], *, matching: bool) -> None:
    assert matches(route(**when).when, APPROVAL, ITEM, PROOF) is matching
    assert len(actions_for((route(**when),), APPROVAL, ITEM, "PB1", "e")) == matching


@pytest.mark.parametrize(("kind", "matching"), [("project", True), ("asset", False), (None, True)])
def test_kind_of_item_decides_when_a_vendor_has_several(kind: str | None, *, matching: bool) -> None:
    project = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, "PRJ1")
    change = dataclasses.replace(APPROVAL, ref=project)
    given = {} if kind is None else {"kind": kind}
    when = route(vendor="approval-studio", **given).when
    assert matches(when, change, dataclasses.replace(ITEM, ref=project), PROOF) is matching


def test_every_text_is_filled_in_when_it_stands_in_a_list_or_a_table() -> None:
    rule = route(
        "tell",
        [
            {
                "action": "email.send",
                "to": ["boss@studio.test", "{change.by}"],
                "subject": "{item.name}",
                "message": "M",
            },
            {"action": "bus.publish", "type": "t", "data": {"{}": "{item.version}", "n": 1}},
        ],
    )
    email, event = actions_for((rule,), APPROVAL, ITEM, "PB1", "e")
    assert (email.vendor, event.vendor) == (Vendor.AWS, Vendor.AWS)
    assert email.params == {
        "to": ["boss@studio.test", "customer@brand.test"],
        "subject": "summer-ale.pdf",
        "message": "M",
    }
    assert event.params == {"type": "t", "data": {"{}": "2", "n": 1}}


def test_change_meets_no_route_when_from_is_asked_for_and_there_was_nothing_before() -> None:
    first = dataclasses.replace(APPROVAL, before=None)
    assert not matches(route(**{"from": "in_review"}).when, first, ITEM, PROOF)
    assert matches(route().when, first, ITEM, PROOF)


@pytest.mark.parametrize(
    "condition",
    ["contains(item.comment, 'urgent')", "starts_with(item.name, 'A')", "length(item.reviewers) > `1`"],
)
def test_condition_does_not_hold_when_the_item_lacks_what_it_asks_for(condition: str) -> None:
    bare = Observation(JOB, at(0), status=ReviewStatus.APPROVED)
    assert not matches(route(condition=condition).when, APPROVAL, bare, PROOF)


@pytest.mark.parametrize("kind", ChangeKind)
def test_route_can_be_for_every_kind_of_change(kind: ChangeKind) -> None:
    when = When.model_validate({"vendor": "good2go", "change": str(kind)})
    for other in ChangeKind:
        assert matches(when, dataclasses.replace(APPROVAL, kind=other), ITEM, PROOF) is (other is kind)


# -- then


def test_action_is_asked_for_with_its_cause_when_a_route_matches() -> None:
    (action,) = actions_for((route(),), APPROVAL, ITEM, "PB1", "event-1")
    assert action.name is ActionName.GOODDAY_SET_STATUS
    assert action.vendor is Vendor.GOODDAY
    assert action.params == {"status": "completed"}
    assert (action.target, action.proof_id) == (None, "PB1")
    cause = action.cause
    assert (cause.event, cause.change, cause.rule) == ("event-1", "c1", "approval")
    assert (cause.ref, cause.field, cause.after) == (str(JOB), "status", "approved")


def test_every_action_of_every_matching_route_is_asked_for_in_order() -> None:
    rules = (
        route("one", [{"action": "goodday.comment", "message": "a"}, SET_STATUS]),
        route("other", to="rejected"),
        route("two", [{"action": "goodday.comment", "message": "b"}]),
    )
    actions = actions_for(rules, APPROVAL, ITEM, "PB1", "e")
    assert [(a.cause.rule, a.name) for a in actions] == [
        ("one", "goodday.comment"),
        ("one", "goodday.set_status"),
        ("two", "goodday.comment"),
    ]


def test_keys_stay_the_same_when_the_change_is_met_again_with_other_words_around_it() -> None:
    rules = (route("one", [SET_STATUS, SET_STATUS]), route("two"))
    later = dataclasses.replace(ITEM, comment="Edited.", observed_at=at(60), url="https://other.test")
    keys = [action.key for action in actions_for(rules, APPROVAL, ITEM, "PB1", "event-1")]
    again = [action.key for action in actions_for(rules, APPROVAL, later, "PB1", "event-2")]
    assert keys == again
    assert len(set(keys)) == 3


def test_keys_differ_when_the_change_differs() -> None:
    other = dataclasses.replace(APPROVAL, id="c2")
    assert (
        actions_for((route(),), APPROVAL, ITEM, "PB1", "e")[0].key
        != actions_for((route(),), other, ITEM, "PB1", "e")[0].key
    )


# -- texts


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{change.kind}: {change.from} -> {change.to}", "status: in_review -> approved"),
        ("{change.by}", "customer@brand.test"),
        ("{change.comment}{change.quoted_comment}", "Lovely. Print it!: “Lovely. Print it!”"),
        ("{item.vendor} {item.name} v{item.version}", "Good2Go summer-ale.pdf v2"),
        ("{item.url} {item.due} {proof.id}", "https://vendor.test/1 2026-03-02T10:39:00.000Z PB1"),
        ("{{{change.to}}}", "{approved}"),
    ],
)
def test_text_is_filled_in_when_a_route_matches(text: str, rendered: str) -> None:
    assert message_for(text) == rendered


def test_status_is_written_as_words_when_asked_for() -> None:
    change = dataclasses.replace(APPROVAL, after="approved_with_changes")
    assert message_for("{change.to_words}", change) == "approved with changes"


def test_text_has_nothing_or_a_stand_in_when_the_item_lacks_the_value() -> None:
    bare = Observation(JOB, at(0))
    change = dataclasses.replace(APPROVAL, before=None, after=None)
    text = "[{change.from}|{change.to}|{change.to_words}|{change.comment}|{change.quoted_comment}]"
    assert message_for(text, change, bare) == "[||||]"
    assert message_for("[{item.version}|{item.url}|{item.due}]", change, bare) == "[||]"
    assert message_for("{change.by} {item.name}", change, bare) == f"Somebody {JOB.id}"


def test_comment_is_quoted_without_its_margins_and_not_at_all_when_blank() -> None:
    spaced = dataclasses.replace(ITEM, comment="  Fine. \n")
    assert message_for("a{change.quoted_comment}", item=spaced) == "a: “Fine.”"
    assert message_for("a{change.quoted_comment}", item=dataclasses.replace(ITEM, comment=" \n")) == "a"


@pytest.mark.parametrize("said", ["{proof.id} {0}", "}}{{", "🍺 \u202eabc", "100 %s"])
def test_what_people_said_stands_as_it_is_when_it_looks_like_a_template(said: str) -> None:
    spoken = dataclasses.replace(ITEM, comment=said, name=said, decided_by=said)
    assert message_for("{change.comment}|{item.name}|{change.by}", item=spoken) == f"{said}|{said}|{said}"


@pytest.mark.parametrize("vendor", sorted(set(Vendor) - {Vendor.AWS}))
def test_every_vendor_has_a_name_for_people(vendor: Vendor) -> None:
    assert set(VENDOR_NAMES) == set(Vendor)
    named = dataclasses.replace(ITEM, ref=dataclasses.replace(TASK, vendor=vendor))
    assert message_for("{item.vendor}", item=named) == VENDOR_NAMES[vendor]


# -- the whole proof

TRACKING = Observation(TASK, at(0), name="Proof: summer-ale", due_at=at(60), assignee="USRDSG")
ASSET = Observation(
    ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "AST1"),
    at(0),
    name="ale.ai",
    version=1,
    url="https://studio.test/1",
    reviewers=(Person("a@brand.test"), Person("b@brand.test")),
)
GONE = Observation(
    ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "9"), at(0), url="https://gone.test", deleted=True
)
DUE = Change("c2", TASK, ChangeKind.DUE_DATE, None, "2026-03-02T10:00:00.000Z")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("proof.id", "PB1"),
        ("proof.name", "summer-ale.pdf"),
        ("proof.version", "2"),
        ("proof.status", "approved"),
        ("proof.url", "https://vendor.test/1"),
        ("proof.due", "2026-03-02T10:39:00.000Z"),
        ("proof.due_day", "2026-03-02"),
        ("proof.links", "Good2Go: https://vendor.test/1\nApproval Studio: https://studio.test/1"),
        ("proof.reviewers", "a@brand.test, b@brand.test"),
        ("item.name", "Proof: summer-ale"),
        ("item.assignee", "USRDSG"),
        ("item.due_day", "2026-03-02"),
        ("item.project", ""),
        ("item.status", ""),
        ("change.at", "2026-03-02T09:00:00.000Z"),
    ],
)
def test_what_is_reviewed_speaks_for_the_proof_when_its_task_has_changed(place: str, value: str) -> None:
    others = (GONE, ASSET, dataclasses.replace(TRACKING, name="as it was before"), ITEM)
    for order in (others, others[::-1]):
        assert message_for(f"<{{{place}}}>", DUE, TRACKING, order) == f"<{value}>"


@pytest.mark.parametrize(
    "place", ["proof.url", "proof.due", "proof.links", "proof.reviewers", "proof.status"]
)
def test_place_is_empty_when_nothing_of_the_proof_has_it(place: str) -> None:
    assert message_for(f"<{{{place}}}>", APPROVAL, Observation(JOB, at(0))) == "<>"


def test_every_place_has_a_value() -> None:
    text = "".join(f"{{{place}}}" for place in sorted(CHANGE_FIELDS))
    assert message_for(text)


@pytest.mark.parametrize(
    ("condition", "matching"),
    [
        ("contains(proof.vendors, 'approval-studio')", True),
        ("contains(proof.vendors, 'robohead')", False),
        ("proof.items[0].name == 'summer-ale.pdf'", True),
        ("length(proof.items) == `3`", True),
        ("proof.id == 'PB1'", True),
    ],
)
def test_condition_can_look_at_the_whole_proof(condition: str, *, matching: bool) -> None:
    rule = route("r", None, vendor="goodday", change="due_date", condition=condition)
    assert len(actions_for((rule,), DUE, TRACKING, "PB1", "e", (ITEM, ASSET, GONE))) == matching


@pytest.mark.parametrize(
    ("when", "then", "looking"),
    [
        ({}, SET_STATUS, False),
        ({"condition": "item.version > `1`"}, SET_STATUS, False),
        ({"condition": "contains(proof.vendors, 'goodday')"}, SET_STATUS, True),
        ({}, {"action": "goodday.comment", "message": "{item.url} {proof.id}"}, False),
        ({}, {"action": "goodday.comment", "message": "{proof.url}"}, True),
        ({}, {"action": "bus.publish", "type": "t", "data": {"url": "{proof.url}"}}, True),
    ],
)
def test_proof_is_looked_at_only_when_a_route_asks_for_more_than_its_id(
    when: dict[str, Any], then: dict[str, Any], *, looking: bool
) -> None:
    assert look_at_proof((route("a"), route("b", [then], **when))) is looking


def test_change_meets_route_when_its_vendor_is_one_of_several() -> None:
    several = route(vendor=["robohead", "good2go"]).when
    assert matches(several, APPROVAL, ITEM, PROOF)
    assert not matches(several, dataclasses.replace(APPROVAL, ref=TASK), ITEM, PROOF)
