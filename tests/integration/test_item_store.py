"""Items and proofs: one writer wins, links can be repeated, the due-date index holds the open ones."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from proofbridge.decisions.observations import record_own_write, submit_observation
from proofbridge.domain.changes import diff
from proofbridge.domain.fingerprints import fingerprint
from proofbridge.domain.items import (
    OPEN_STATUSES,
    ItemKind,
    ItemRef,
    Observation,
    Person,
    ReviewStatus,
    Vendor,
)
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import DUE_SHARDS, ItemMovedError, Items, Origin, Place, due_shard
from tests.integration.cloud import Cloud
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB, TASK, at, seen

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def cloud(tables: Cloud) -> Cloud:
    return tables


@pytest.fixture
def items(cloud: Cloud) -> Items:
    return Items(cloud.dynamodb, "state")


def store(items: Items, observed: Observation, *, unrouted: bool = False) -> None:
    stored = items.get(observed.ref)
    difference = diff(stored, observed)
    assert difference is not None
    items.put(difference, stored, unrouted=unrouted)


def job(number: int) -> ItemRef:
    return ItemRef(Vendor.GOOD2GO, ItemKind.JOB, f"job-{number}")


def test_item_reads_back_when_it_is_stored(items: Items, cloud: Cloud) -> None:
    assert items.get(JOB) is None
    observed = seen(reviewers=(Person("ä@b.test"),), due_at=at(9), comment="{}")
    with cloud.counted() as calls:
        store(items, observed, unrouted=True)
    assert calls == ["GetItem", "PutItem"]
    stored = items.get(JOB)
    assert stored is not None
    assert (stored.observation, stored.revision, stored.proof_id) == (observed, 1, None)
    assert stored.turns == {"created": 1}
    assert stored.unrouted


def test_turns_and_proof_are_kept_when_an_item_is_stored_again(items: Items) -> None:
    store(items, seen())
    items.link("PB1", JOB)
    store(items, seen(1, status=ReviewStatus.APPROVED))
    store(items, seen(2, status=ReviewStatus.REJECTED))
    stored = items.get(JOB)
    assert stored is not None
    assert stored.turns == {"created": 1, "status": 2}
    assert (stored.proof_id, stored.revision, stored.unrouted) == ("PB1", 4, False)


# -- one writer wins


def test_second_writer_is_told_when_two_have_read_the_same_item(items: Items) -> None:
    store(items, seen())
    read = items.get(JOB)
    one, other = diff(read, seen(1, name="one.pdf")), diff(read, seen(1, name="other.pdf"))
    assert one is not None
    assert other is not None
    items.put(one, read, unrouted=False)
    with pytest.raises(ItemMovedError):
        items.put(other, read, unrouted=False)
    stored = items.get(JOB)
    assert stored is not None
    assert stored.observation.name == "one.pdf"


def test_second_writer_is_told_when_two_saw_an_item_first(items: Items) -> None:
    difference = diff(None, seen())
    assert difference is not None
    items.put(difference, None, unrouted=False)
    with pytest.raises(ItemMovedError):
        items.put(difference, None, unrouted=False)


def test_writer_is_told_when_the_item_was_linked_meanwhile(items: Items) -> None:
    store(items, seen())
    read = items.get(JOB)
    difference = diff(read, seen(1, name="new.pdf"))
    assert difference is not None
    items.link("PB1", JOB)
    with pytest.raises(ItemMovedError):
        items.put(difference, read, unrouted=True)
    stored = items.get(JOB)
    assert stored is not None
    assert stored.proof_id == "PB1"


# -- proofs


def test_link_changes_nothing_more_when_it_is_repeated(items: Items, cloud: Cloud) -> None:
    store(items, seen())
    with cloud.counted() as calls:
        items.link("PB1", JOB)
    assert calls == ["PutItem", "UpdateItem"]
    before = cloud.records("state")
    items.link("PB1", JOB)
    assert cloud.records("state") == before
    stored = items.get(JOB)
    assert stored is not None
    assert (stored.proof_id, stored.revision, stored.observation) == ("PB1", 2, seen())


def test_item_follows_when_it_is_linked_to_another_proof(items: Items) -> None:
    store(items, seen())
    items.link("PB1", JOB)
    items.link("PB2", JOB)
    stored = items.get(JOB)
    assert stored is not None
    assert stored.proof_id == "PB2"


def test_no_half_item_is_left_when_one_is_linked_that_was_never_stored(items: Items) -> None:
    items.link("PB1", JOB)
    assert items.get(JOB) is None


def test_items_of_a_proof_are_those_at_the_vendor(items: Items, cloud: Cloud) -> None:
    for ref in (JOB, TASK, job(1)):
        store(items, seen(ref=ref))
        items.link("PB1", ref)
    store(items, seen(ref=job(2)))
    items.link("PB12", job(2))
    with cloud.counted() as calls:
        assert set(items.of_proof("PB1", Vendor.GOOD2GO)) == {JOB, job(1)}
    assert calls == ["Query"]
    assert items.of_proof("PB1", Vendor.GOODDAY) == [TASK]
    assert items.of_proof("PB1", Vendor.ROBOHEAD) == []
    assert items.of_proof("PB3", Vendor.GOOD2GO) == []


# -- open and due


def due_between(items: Items, after: datetime, until: datetime) -> list[str]:
    return sorted(stored.observation.ref.id for stored in items.open_and_due([(after, until)]))


@pytest.mark.parametrize(
    ("after", "until", "found"),
    [
        (at(9), at(11), True),
        (at(10), at(11), False),
        (at(10) - MILLISECOND, at(10), True),
        (at(9), at(10), True),
        (at(9), at(10) - MILLISECOND, False),
        (at(11), at(12), False),
        (at(10), at(10), False),
    ],
)
def test_due_dates_are_found_after_the_first_and_up_to_the_last_moment(
    items: Items, after: datetime, until: datetime, *, found: bool
) -> None:
    store(items, seen(due_at=at(10)))
    assert due_between(items, after, until) == ([JOB.id] if found else [])


@pytest.mark.parametrize("status", [None, *ReviewStatus])
def test_item_is_in_the_due_index_only_when_its_decision_is_awaited(
    items: Items, status: ReviewStatus | None
) -> None:
    store(items, seen(status=status, due_at=at(10)))
    assert bool(due_between(items, at(0), at(20))) is (status in OPEN_STATUSES)


@pytest.mark.parametrize(
    "later",
    [
        {"status": ReviewStatus.APPROVED, "due_at": at(10)},
        {"due_at": None},
        {"due_at": at(30)},
        {"deleted": True},
    ],
)
def test_item_leaves_the_due_index_when_it_is_decided_moved_or_gone(
    items: Items, later: dict[str, Any]
) -> None:
    store(items, seen(due_at=at(10)))
    store(items, seen(1, **later))
    assert due_between(items, at(0), at(20)) == []


def test_item_returns_to_the_due_index_when_its_review_begins_anew(items: Items) -> None:
    store(items, seen(status=ReviewStatus.REJECTED, due_at=at(10)))
    store(items, seen(1, due_at=at(10)))
    assert due_between(items, at(0), at(20)) == [JOB.id]


def test_link_keeps_the_item_in_the_due_index(items: Items) -> None:
    store(items, seen(due_at=at(10)))
    items.link("PB1", JOB)
    (stored,) = items.open_and_due([(at(0), at(20))])
    assert stored.proof_id == "PB1"


def test_due_items_are_found_after_any_place(items: Items) -> None:
    """Several are due at the same moment, in spans with a gap, and on their ends."""
    for number in range(40):
        store(items, seen(ref=job(number), due_at=at(number // 4)))
    everything = [stored.observation for stored in items.open_and_due([(at(-1), at(10))])]
    assert len(everything) == 40

    def in_spans(places: list[Observation]) -> list[Observation]:
        return [each for each in places if each.due_at is not None and not at(3) < each.due_at < at(5)]

    spans = [(at(4), at(10)), (at(-1), at(3))]
    for index, observation in enumerate(everything):
        assert observation.due_at is not None
        place = Place(observation.due_at, observation.ref)
        found = [stored.observation for stored in items.open_and_due(spans, place)]
        assert found == in_spans(everything[index + 1 :])


def test_reading_goes_on_from_a_place_when_its_item_has_left_the_index(items: Items) -> None:
    for number in range(12):
        store(items, seen(ref=job(number), due_at=at(number)))
    spans = [(at(-1), at(20))]
    whole = [stored.observation.ref for stored in items.open_and_due(spans)]
    due_at = at(int(whole[5].id.removeprefix("job-")))
    store(items, seen(1, ref=whole[5], status=ReviewStatus.APPROVED, due_at=due_at))
    place = Place(due_at, whole[5])
    found = [stored.observation.ref for stored in items.open_and_due(spans, place)]
    assert found == whole[6:]


def test_due_items_are_found_whatever_shard_they_lie_in(items: Items, cloud: Cloud) -> None:
    refs = [job(number) for number in range(40)]
    assert {due_shard(ref) for ref in refs} == {f"open#{n}" for n in range(DUE_SHARDS)}
    for ref in refs:
        store(items, seen(ref=ref, due_at=at(10)))
    with cloud.counted() as calls:
        found = due_between(items, at(0), at(20))
    assert found == sorted(ref.id for ref in refs)
    assert calls == ["Query"] * DUE_SHARDS


# -- observations: noted, absorbed


def test_observation_is_noted_only_when_it_says_something_new(
    items: Items, cloud: Cloud, clock: TickingClock
) -> None:
    inbox = Inbox(cloud.dynamodb, "inbox")
    store(items, seen())
    assert not submit_observation(items, inbox, seen(observed_at=at(5)), clock.now())
    assert not submit_observation(items, inbox, seen(-5, name="old.pdf"), clock.now())
    assert cloud.records("inbox") == []
    news = seen(1, name="new.pdf")
    assert submit_observation(items, inbox, news, clock.now())
    assert not submit_observation(items, inbox, news, clock.now()), "it is in the Inbox already"
    assert len(cloud.records("inbox")) == 1


def test_absorbed_state_is_stored_with_its_turns(items: Items) -> None:
    store(items, seen(), unrouted=True)
    record_own_write(items, seen(1, status=ReviewStatus.APPROVED))
    stored = items.get(JOB)
    assert stored is not None
    assert stored.observation.status is ReviewStatus.APPROVED
    assert stored.turns["status"] == 1
    assert stored.unrouted, "what no route had seen, none has seen now"


def test_absorbed_state_costs_no_write_when_nothing_differs(items: Items, cloud: Cloud) -> None:
    store(items, seen())
    with cloud.counted() as calls:
        record_own_write(items, seen(observed_at=at(1)))
    assert calls == ["GetItem"]


class Restless(Items):
    """Items that somebody else stores just before each write."""

    def __init__(self, cloud: Cloud, times: int) -> None:
        super().__init__(cloud.dynamodb, "state")
        self.times = times

    def put(self, *args: Any, **kwargs: Any) -> None:
        """Let somebody else be quicker, so many times."""
        if self.times:
            self.times -= 1
            self.link(f"PB{self.times}", JOB)
        super().put(*args, **kwargs)


def test_state_is_absorbed_when_somebody_else_was_quicker(items: Items, cloud: Cloud) -> None:
    store(items, seen())
    record_own_write(Restless(cloud, 3), seen(1, status=ReviewStatus.APPROVED))
    stored = items.get(JOB)
    assert stored is not None
    assert (stored.observation.status, stored.proof_id) == (ReviewStatus.APPROVED, "PB0")


def test_absorbing_ends_when_somebody_else_is_quicker_for_ever(items: Items, cloud: Cloud) -> None:
    store(items, seen())
    with pytest.raises(ItemMovedError):
        record_own_write(Restless(cloud, 10**6), seen(1, status=ReviewStatus.APPROVED))


def test_observations_of_two_items_do_not_meet(items: Items) -> None:
    store(items, seen())
    store(items, dataclasses.replace(seen(), ref=TASK, name="task"))
    stored = items.get(JOB)
    assert stored is not None
    assert stored.observation.name == "summer-ale.pdf"


def test_recipient_of_a_proof_is_kept_when_another_vendors_item_names_none(items: Items) -> None:
    assert items.origin("PB1") is None
    items.note_origin("PB1", Origin("labels", None))
    assert items.origin("PB1") == Origin("labels", None)
    for recipient in ("a@b.test", None):
        items.note_origin("PB1", Origin("labels", recipient))
        assert items.origin("PB1") == Origin("labels", "a@b.test")


# -- many at once


def test_many_items_are_read_a_hundred_in_a_call(items: Items, cloud: Cloud) -> None:
    refs = [job(number) for number in range(101)]
    for ref in (refs[0], refs[100]):
        store(items, seen(ref=ref))
    with cloud.counted() as calls:
        found = items.get_many([*refs, refs[0]])
    assert calls == ["BatchGetItem"] * 2
    assert set(found) == {refs[0], refs[100]}
    assert found[refs[0]] == items.get(refs[0])
    with cloud.counted() as calls:
        assert items.get_many([]) == {}
    assert calls == []


def test_what_was_too_much_for_one_answer_is_read_with_the_next(
    items: Items, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(items, seen())
    store(items, seen(ref=TASK))
    read: Any = cloud.dynamodb.batch_get_item

    def half(*, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - boto3's word
        keys = RequestItems["state"]["Keys"]
        answer = read(RequestItems={"state": {**RequestItems["state"], "Keys": keys[:1]}})
        return {**answer, "UnprocessedKeys": {"state": {"Keys": keys[1:]}} if keys[1:] else {}}

    monkeypatch.setattr(cloud.dynamodb, "batch_get_item", half)
    assert set(items.get_many([JOB, TASK])) == {JOB, TASK}


def test_prints_are_those_of_a_vendors_items_that_are_there(items: Items) -> None:
    for ref in (job(1), job(2), TASK):
        store(items, seen(ref=ref))
    store(items, dataclasses.replace(seen(1, ref=job(2)), deleted=True))
    stored = items.get(job(1))
    assert stored is not None
    assert items.fingerprints(Vendor.GOOD2GO) == {job(1): fingerprint(stored.observation)}
    assert set(items.fingerprints(Vendor.GOODDAY)) == {TASK}
