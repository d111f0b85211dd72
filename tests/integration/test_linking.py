"""Linking by reference: equal references in names make one proof, whoever comes first, also two at once."""

from __future__ import annotations

import itertools

import pytest

from proofbridge.config.links import Link, proof_of
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, ReviewStatus, Vendor
from proofbridge.events.manual_linking import ManualLinker
from proofbridge.stores.inbox import Event
from tests.integration.bridge import CONFIG, Bridge
from tests.integration.cloud import KilledError

LINK = Link(name="order", pattern=r"\b(?P<reference>ORD-\d+)\b")
JOB = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f")
TASK = ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK7")
ASSET = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "A" * 32)


@pytest.fixture
def linking(bridge: Bridge) -> Bridge:
    """A bridge that links by order number."""
    bridge.config = CONFIG.model_copy(update={"links": (LINK,)})
    return bridge


def show(bridge: Bridge, ref: ItemRef, name: str, **fields: object) -> Event:
    """Have an item seen; returns the event, which nobody has processed."""
    seen = Observation(ref, bridge.clock.now(), name=name, **{"status": ReviewStatus.IN_REVIEW, **fields})  # type: ignore[arg-type]
    assert bridge.note(seen)
    return bridge.received()[-1]


def process_all(bridge: Bridge) -> None:
    """Process until no event waits."""
    while events := bridge.received():
        for event in events:
            bridge.process(event)


def carried_over(bridge: Bridge) -> list[Action]:
    """Take what is to be done at the task, without what only makes sure of it and finds it done."""
    return [action for action in bridge.actions(Vendor.GOODDAY) if action.cause.repeats is None]


def proof_ids(bridge: Bridge, *refs: ItemRef) -> list[str | None]:
    """Return the proofs that items are in."""
    stored = [bridge.items.get(ref) for ref in refs]
    return [None if each is None else each.proof_id for each in stored]


@pytest.mark.parametrize("order", list(itertools.permutations([JOB, TASK, ASSET])))
def test_items_become_one_proof_when_their_names_hold_the_same_reference(
    linking: Bridge, order: tuple[ItemRef, ...]
) -> None:
    for ref in order:
        show(linking, ref, f"Label of ORD-17 ({ref.vendor})")
        process_all(linking)
    assert set(proof_ids(linking, *order)) == {proof_of("ord-17")}
    for ref in order:
        assert linking.items.of_proof(proof_of("ord-17"), ref.vendor) == [ref]


def test_item_alone_stays_without_a_proof(linking: Bridge) -> None:
    show(linking, JOB, "ORD-17")
    show(linking, TASK, "ORD-18")
    process_all(linking)
    assert proof_ids(linking, JOB, TASK) == [None, None]


def test_items_are_linked_when_one_is_renamed_so_that_it_holds_the_reference(linking: Bridge) -> None:
    show(linking, JOB, "ORD-17")
    show(linking, TASK, "Label")
    process_all(linking)
    show(linking, TASK, "Label ORD-17")
    process_all(linking)
    assert set(proof_ids(linking, JOB, TASK)) == {proof_of("ord-17")}


def test_item_is_not_linked_when_the_other_has_lost_the_reference(linking: Bridge) -> None:
    show(linking, JOB, "ORD-17")
    process_all(linking)
    show(linking, JOB, "ORD-18")
    process_all(linking)
    show(linking, TASK, "ORD-17")
    process_all(linking)
    assert proof_ids(linking, JOB, TASK) == [None, None]


def test_item_joins_the_proof_that_an_upload_began(linking: Bridge) -> None:
    linking.relay(linking.drop(b"%PDF", "ORD-17 label.pdf"))
    linking.settle()
    proof = linking.proof_id
    show(linking, ASSET, "ORD-17 sleeve.pdf")
    process_all(linking)
    assert proof_ids(linking, ASSET) == [proof]
    assert linking.items.of_proof(proof, Vendor.APPROVAL_STUDIO) == [ASSET]


def test_items_stay_in_their_proofs_when_those_differ(
    linking: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    for ref, proof in ((JOB, "PB1"), (TASK, "PB2")):
        show(linking, ref, "Label")
        process_all(linking)
        linking.items.link(proof, ref)
        show(linking, ref, "ORD-17")
    show(linking, ASSET, "ORD-17")
    process_all(linking)
    assert proof_ids(linking, JOB, TASK, ASSET) == ["PB1", "PB2", None]
    assert '"ReferencesAmbiguous": 1' in capsys.readouterr().out


def test_what_happened_before_the_link_is_carried_over(linking: Bridge) -> None:
    show(linking, JOB, "ORD-17")
    process_all(linking)
    show(linking, JOB, "ORD-17", status=ReviewStatus.APPROVED, decided_by="customer@brand.test")
    process_all(linking)
    assert linking.actions(Vendor.GOODDAY) == []
    show(linking, TASK, "ORD-17")
    process_all(linking)
    (action,) = carried_over(linking)
    assert (action.params["status"], action.proof_id) == ("completed", proof_of("ord-17"))


def test_both_are_linked_once_when_two_arrive_at_once(linking: Bridge) -> None:
    """Each is stored and notes itself before either looks who else has the reference."""
    events = [show(linking, ref, "ORD-17", status=ReviewStatus.APPROVED) for ref in (JOB, TASK)]
    query = linking.cloud.dynamodb.get_paginator

    def other_first(operation: str) -> object:
        linking.cloud.dynamodb.get_paginator = query  # type: ignore[method-assign]
        linking.process(events[1])
        return query(operation)  # type: ignore[call-overload]

    linking.cloud.dynamodb.get_paginator = other_first  # type: ignore[method-assign,assignment]
    linking.process(events[0])
    process_all(linking)
    assert set(proof_ids(linking, JOB, TASK)) == {proof_of("ord-17")}
    assert len(carried_over(linking)) == 1


def part(bridge: Bridge, ref: ItemRef) -> None:
    """Take an item out of its proof, as a person does."""
    joiner = ManualLinker(
        items=bridge.items,
        words=bridge.words,
        inbox=bridge.inbox,
        look=lambda ref: pytest.fail(f"{ref} is known"),
        now=bridge.clock.now,
    )
    assert joiner.part(ref) is not None


@pytest.mark.parametrize("taken_out", [(TASK,), (TASK, JOB), (JOB, TASK)])
def test_item_stays_out_of_its_proof_when_a_person_took_it_out(
    linking: Bridge, taken_out: tuple[ItemRef, ...]
) -> None:
    linking.relay(linking.drop(b"%PDF", "ORD-17 other.pdf"))
    for ref in (JOB, TASK):
        show(linking, ref, "ORD-17")
        process_all(linking)
    for ref in taken_out:
        part(linking, ref)
    for ref in (TASK, JOB, ASSET):
        show(linking, ref, "ORD-17 once more", status=ReviewStatus.APPROVED)
        process_all(linking)
    assert all(proof is None for proof in proof_ids(linking, *taken_out))
    assert proof_ids(linking, ASSET) != [None]


def test_item_that_was_taken_out_is_linked_when_its_name_holds_another_reference(linking: Bridge) -> None:
    for ref in (JOB, TASK):
        show(linking, ref, "ORD-17")
        process_all(linking)
    part(linking, TASK)
    show(linking, ASSET, "ORD-18")
    process_all(linking)
    show(linking, TASK, "ORD-18")
    process_all(linking)
    assert proof_ids(linking, JOB, TASK, ASSET) == [proof_of("ord-17"), *[proof_of("ord-18")] * 2]
    show(linking, TASK, "ORD-17")
    process_all(linking)
    assert proof_ids(linking, TASK) == [proof_of("ord-18")], "only a person takes it out again"


def test_item_that_was_taken_out_is_linked_when_a_person_links_it(linking: Bridge) -> None:
    for ref in (JOB, TASK):
        show(linking, ref, "ORD-17")
        process_all(linking)
    part(linking, TASK)
    linking.items.link(proof_of("ord-17"), TASK)
    stored = linking.items.get(TASK)
    assert stored is not None
    assert (stored.proof_id, stored.apart_as) == (proof_of("ord-17"), None)


@pytest.mark.parametrize("operation", ["PutItem", "Query", "BatchGetItem", "TransactWriteItems"])
def test_link_is_made_when_the_process_was_killed_in_between(linking: Bridge, operation: str) -> None:
    show(linking, JOB, "ORD-17", status=ReviewStatus.APPROVED)
    process_all(linking)
    event = show(linking, TASK, "ORD-17")
    linking.cloud.kill_at(operation, "REFERENCE#" if operation == "PutItem" else "")
    with pytest.raises(KilledError):
        linking.process(event)
    linking.cloud.revive()
    process_all(linking)
    assert set(proof_ids(linking, JOB, TASK)) == {proof_of("ord-17")}
    assert len(carried_over(linking)) == 1


def test_no_call_is_made_for_links_when_there_are_no_rules(bridge: Bridge) -> None:
    event = show(bridge, JOB, "ORD-17")
    with bridge.cloud.counted() as calls:
        bridge.process(event)
    assert "Query" not in calls
    assert calls.count("GetItem") == 1
