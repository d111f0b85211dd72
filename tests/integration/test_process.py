"""Processing events: one observation asked for or taken, actions queued before the state is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proofbridge.config.routes import Route
from proofbridge.domain.items import Observation, ReviewStatus, Vendor, moment_text
from proofbridge.stores.inbox import Event, EventState, Source
from proofbridge.stores.items import Origin
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import Bridge
from tests.integration.cloud import KilledError
from tests.unit.observations import JOB, TASK

WEBHOOK = {
    "event": "job.approved",
    "job": {
        "guid": JOB.id,
        "name": "summer-ale.pdf",
        "status": "approved",
        "version": 1,
        "updated_at": "2026-03-02T09:00:00.000Z",
    },
    "data": {"comment": "Lovely."},
}


def webhook(bridge: Bridge, body: Any = WEBHOOK, event_id: str = "e1") -> Event:
    text = body if isinstance(body, str) else json.dumps(body)
    event = Event(str(JOB), event_id, Source.WEBHOOK, bridge.clock.now(), text)
    assert bridge.inbox.put(event)
    return event


def seen(bridge: Bridge, **fields: Any) -> Observation:
    now = bridge.clock.now()
    return Observation(JOB, now, updated_at=now, **{"status": ReviewStatus.IN_REVIEW, "version": 1, **fields})


def store(bridge: Bridge, **fields: Any) -> None:
    """Have the job stored as it is seen now."""
    bridge.note(seen(bridge, **fields))
    process_all(bridge)


def link(bridge: Bridge) -> None:
    """Make the job, and a task, one proof."""
    bridge.note(Observation(TASK, bridge.clock.now(), status=ReviewStatus.NOT_STARTED))
    process_all(bridge)
    for ref in (JOB, TASK):
        bridge.items.link("PB1", ref)


def start_proof(bridge: Bridge) -> None:
    """Have a proof whose job is in review, and nothing to catch up with."""
    store(bridge)
    link(bridge)
    bridge.inbox.put(Event(str(JOB), "link-PB1", Source.LINK, bridge.clock.now()))
    process_all(bridge)
    assert bridge.actions(Vendor.GOODDAY) == []


def process_all(bridge: Bridge) -> None:
    for event in bridge.received():
        bridge.process(event)


def entry(bridge: Bridge, event: Event) -> dict[str, Any]:
    key = {"item": {"S": event.item}, "event": {"S": event.id}}
    return dict(bridge.cloud.dynamodb.get_item(TableName="inbox", Key=key)["Item"])


def state_of(bridge: Bridge, event: Event) -> str:
    return str(entry(bridge, event)["state"]["S"])


# -- webhooks: hints, or taken at their word


def test_job_is_to_be_read_when_a_webhook_is_a_hint(bridge: Bridge) -> None:
    event = webhook(bridge)
    bridge.process(event)
    (action,) = bridge.actions(Vendor.GOOD2GO)
    assert (action.name, action.target, action.cause.event) == (ActionName.OBSERVE, JOB, event.key)
    assert bridge.items.get(JOB) is None
    finished = entry(bridge, event)
    assert finished["state"]["S"] == "processed"
    assert [each["S"] for each in finished["actions"]["L"]] == [action.key]


def test_job_is_to_be_read_under_one_key_when_a_hint_is_processed_again(bridge: Bridge) -> None:
    event = webhook(bridge)
    for _ in range(2):
        bridge.process(event)
    assert len({action.key for action in bridge.actions(Vendor.GOOD2GO)}) == 1


def test_webhook_is_taken_at_its_word_when_it_is_no_hint(bridge: Bridge) -> None:
    trust_webhooks(bridge)
    start_proof(bridge)
    body = {**WEBHOOK, "job": {**WEBHOOK["job"], "updated_at": "2099-01-01T00:00:00.000Z"}}  # type: ignore[dict-item]
    bridge.process(webhook(bridge, body))
    assert bridge.actions(Vendor.GOOD2GO) == []
    assert [action.name for action in bridge.actions(Vendor.GOODDAY)] == [ActionName.GOODDAY_SET_STATUS]
    stored = bridge.items.get(JOB)
    assert stored is not None
    assert stored.observation.status is ReviewStatus.APPROVED


def trust_webhooks(bridge: Bridge) -> None:
    settings = bridge.config.vendors.model_copy(
        update={"good2go": bridge.config.vendors.good2go.model_copy(update={"fetch_back": False})}
    )
    bridge.config = bridge.config.model_copy(update={"vendors": settings})


@pytest.mark.parametrize(
    "body", ["{", "[]", {"job": {"name": "x"}}, {"job": {"guid": JOB.id, "version": "first"}}]
)
def test_webhook_is_quarantined_when_it_is_not_understood(bridge: Bridge, body: Any) -> None:
    event = webhook(bridge, body)
    bridge.process(event)
    assert state_of(bridge, event) == EventState.QUARANTINED
    assert entry(bridge, event)["reason"]["S"]
    assert bridge.actions(Vendor.GOOD2GO) == []


def test_item_is_to_be_read_when_somebody_trusted_says_that_it_changed(bridge: Bridge) -> None:
    event = Event(str(TASK), "s1", Source.NOTICE, bridge.clock.now(), "{}")
    bridge.inbox.put(event)
    bridge.process(event)
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert (action.name, action.target) == (ActionName.OBSERVE, TASK)


# -- observations: the difference decides


def test_change_leads_to_its_routes_actions_when_the_item_belongs_to_a_proof(bridge: Bridge) -> None:
    start_proof(bridge)
    store(bridge, status=ReviewStatus.APPROVED, decided_by="a@b.test")
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert action.name is ActionName.GOODDAY_SET_STATUS
    assert action.params == {"status": "completed", "message": "a@b.test: approved"}
    assert (action.proof_id, action.target) == ("PB1", None)


def test_nothing_follows_when_the_observation_says_nothing_new(bridge: Bridge) -> None:
    start_proof(bridge)
    event = Event(
        str(JOB), "e2", Source.OBSERVATION, bridge.clock.now(), json.dumps(bridge_observation(bridge))
    )
    bridge.inbox.put(event)
    with bridge.cloud.counted() as calls:
        bridge.process(event)
    assert calls == ["GetItem", "UpdateItem"]
    assert state_of(bridge, event) == EventState.PROCESSED


def bridge_observation(bridge: Bridge) -> dict[str, Any]:
    stored = bridge.items.get(JOB)
    assert stored is not None
    return {**stored.observation.to_dict(), "observed_at": "2099-01-01T00:00:00.000Z"}


def test_change_is_remembered_when_the_item_belongs_to_no_proof_yet(bridge: Bridge) -> None:
    store(bridge)
    store(bridge, status=ReviewStatus.APPROVED)
    assert bridge.actions(Vendor.GOODDAY) == []
    stored = bridge.items.get(JOB)
    assert stored is not None
    assert stored.unrouted


def test_decision_is_carried_over_once_when_the_item_is_linked_after_it(bridge: Bridge) -> None:
    store(bridge)
    store(bridge, status=ReviewStatus.APPROVED)
    link(bridge)
    for event_id in ("link-PB1", "link-again"):
        bridge.inbox.put(Event(str(JOB), event_id, Source.LINK, bridge.clock.now()))
    process_all(bridge)
    assert [action.name for action in bridge.actions(Vendor.GOODDAY)] == [ActionName.GOODDAY_SET_STATUS]
    stored = bridge.items.get(JOB)
    assert stored is not None
    assert not stored.unrouted


def test_link_of_an_item_that_was_never_seen_comes_to_nothing(bridge: Bridge) -> None:
    event = Event(str(JOB), "link-PB1", Source.LINK, bridge.clock.now())
    bridge.inbox.put(event)
    bridge.process(event)
    assert state_of(bridge, event) == EventState.PROCESSED
    assert bridge.items.get(JOB) is None


def test_changes_are_noted_and_published_when_an_event_brings_some(bridge: Bridge) -> None:
    start_proof(bridge)
    bridge.cloud.calls.clear()
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED, version=2))
    (event,) = bridge.received()
    bridge.process(event)
    noted = json.loads(entry(bridge, event)["changes"]["S"])
    assert [(change["kind"], change["after"]) for change in noted] == [
        ("status", "approved"),
        ("version", "2"),
    ]
    (published,) = [call for call in bridge.cloud.calls if call.operation == "PutEvents"]
    assert [json.loads(each["Detail"])["id"] for each in published.params["Entries"]] == [
        change["id"] for change in noted
    ]


# -- crashes in between


def test_same_keys_are_queued_again_when_storing_the_state_failed(bridge: Bridge) -> None:
    start_proof(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.CHANGES_REQUESTED))
    (event,) = bridge.received()
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        bridge.process(event)
    bridge.cloud.revive()
    first = [action.key for action in bridge.actions(Vendor.GOODDAY)]
    assert len(first) == 2
    stored = bridge.items.get(JOB)
    assert stored is not None
    assert stored.observation.status is ReviewStatus.IN_REVIEW
    assert state_of(bridge, event) == EventState.RECEIVED
    bridge.process(event)
    assert [action.key for action in bridge.actions(Vendor.GOODDAY)] == first
    assert state_of(bridge, event) == EventState.PROCESSED


def test_same_keys_are_queued_again_when_a_later_observation_is_processed_after_the_crash(
    bridge: Bridge,
) -> None:
    """The stream gave up on the event, and a poll sees the same change."""
    start_proof(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED))
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        process_all(bridge)
    bridge.cloud.revive()
    first = [action.key for action in bridge.actions(Vendor.GOODDAY)]
    bridge.process(
        Event(
            str(JOB),
            "poll",
            Source.OBSERVATION,
            bridge.clock.now(),
            json.dumps(seen(bridge, status=ReviewStatus.APPROVED, comment="Fine.").to_dict()),
        )
    )
    assert [action.key for action in bridge.actions(Vendor.GOODDAY)] == first


def test_nothing_is_stored_when_an_action_could_not_be_queued(bridge: Bridge) -> None:
    start_proof(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED))
    (event,) = bridge.received()
    bridge.cloud.kill_at("SendMessage")
    with pytest.raises(KilledError):
        bridge.process(event)
    bridge.cloud.revive()
    bridge.process(event)
    assert len(bridge.actions(Vendor.GOODDAY)) == 1


def test_effect_happens_when_it_is_performed_before_the_state_is_stored(bridge: Bridge) -> None:
    """The action's queue may be quicker than the store, and a crash in between takes the store away.

    process:  queue the action ──────────────────── (killed)        again: queue, store
    perform:                      the action                                       the same
    """
    guid = bridge.start_proof()
    bridge.good2go.act("approve", job=guid, comment="Lovely.")
    bridge.read_job()
    (event,) = bridge.received()
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        bridge.process(event)
    bridge.cloud.revive()
    (action,) = bridge.actions(Vendor.GOODDAY)
    bridge.perform(action)
    bridge.settle()
    assert bridge.goodday.task()["status"]["name"] == "Done"
    assert len(bridge.goodday.effects("update_status")) == 1


# -- others at work


def test_item_is_read_again_when_somebody_stored_it_meanwhile(bridge: Bridge) -> None:
    store(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED))
    (event,) = bridge.received()
    moved = bridge.cloud.dynamodb.exceptions.ConditionalCheckFailedException(
        {"Error": {"Code": "ConditionalCheckFailedException", "Message": "moved"}}, "PutItem"
    )
    bridge.cloud.fail("PutItem", moved, "ITEM#")
    bridge.process(event)
    stored = bridge.items.get(JOB)
    assert stored is not None
    assert stored.observation.status is ReviewStatus.APPROVED
    assert state_of(bridge, event) == EventState.PROCESSED


def test_event_fails_and_is_parked_in_the_end_when_it_can_not_be_processed(bridge: Bridge) -> None:
    event = Event(str(JOB), "e1", Source.OBSERVATION, bridge.clock.now(), "{}")
    bridge.inbox.put(event)
    states = []
    for _ in range(5):
        for waiting in bridge.received():
            bridge.process(waiting)
        states.append(state_of(bridge, event))
        bridge.inbox.put_back(event.item, event.id, bridge.clock.now())
    assert states == [EventState.FAILED] * 4 + [EventState.PARKED]
    assert entry(bridge, event)["reason"]["S"] == "KeyError: 'ref'"


def test_awss_own_errors_come_through_so_that_the_stream_delivers_again(bridge: Bridge) -> None:
    store(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED))
    (event,) = bridge.received()
    throttled = bridge.cloud.dynamodb.exceptions.ProvisionedThroughputExceededException(
        {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow"}}, "PutItem"
    )
    bridge.cloud.fail("PutItem", throttled, "ITEM#")
    with pytest.raises(bridge.cloud.dynamodb.exceptions.ProvisionedThroughputExceededException):
        bridge.process(event)
    assert state_of(bridge, event) == EventState.RECEIVED


def test_event_fails_and_holds_up_no_other_when_aws_would_refuse_it_each_time(bridge: Bridge) -> None:
    store(bridge)
    bridge.note(seen(bridge, status=ReviewStatus.APPROVED))
    (event,) = bridge.received()
    too_large = bridge.cloud.dynamodb.exceptions.ClientError(
        {"Error": {"Code": "ValidationException", "Message": "Item size has exceeded"}}, "PutItem"
    )
    bridge.cloud.fail("PutItem", too_large, "ITEM#")

    bridge.process(event)

    assert state_of(bridge, event) == EventState.FAILED
    assert "Item size has exceeded" in entry(bridge, event)["reason"]["S"]


def test_claim_is_of_the_moment_of_its_webhook_when_it_does_not_say_since_when(bridge: Bridge) -> None:
    job = {name: value for name, value in WEBHOOK["job"].items() if name != "updated_at"}  # type: ignore[attr-defined]
    event = webhook(bridge, {**WEBHOOK, "job": job})

    bridge.process(event)

    (action,) = bridge.actions(Vendor.GOOD2GO)
    assert action.params == {"claimed_status": "approved", "claimed_at": moment_text(event.received_at)}


# -- the whole proof


def route_with(message: str, **when: str) -> Route:
    return Route.model_validate(
        {
            "name": "tell",
            "when": {"vendor": "goodday", "change": "status", **when},
            "then": [{"action": "goodday.comment", "message": message}],
        }
    )


def finish_task(bridge: Bridge) -> list[str]:
    """Have the task seen as completed; returns the AWS calls that this took."""
    bridge.note(Observation(TASK, bridge.clock.now(), status=ReviewStatus.COMPLETED))
    (event,) = bridge.received()
    with bridge.cloud.counted() as calls:
        bridge.process(event)
    return calls


def test_route_sees_the_whole_proof_when_it_asks_for_it(bridge: Bridge) -> None:
    store(bridge, url="https://vendor.test/1")
    link(bridge)
    bridge.items.note_origin("PB1", Origin("labels", "customer@brand.test"))
    rules = (
        route_with("{item.vendor}: {proof.url}", condition="contains(proof.vendors, 'good2go')"),
        route_with("never", condition="contains(proof.vendors, 'robohead')"),
    )
    bridge.config = bridge.config.model_copy(update={"routes": rules})
    calls = finish_task(bridge)
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert action.params == {"message": "GoodDay: https://vendor.test/1"}
    assert calls.count("Query") == 2  # its words, its items


def test_proof_is_not_read_when_no_route_asks_for_it(bridge: Bridge) -> None:
    start_proof(bridge)
    assert finish_task(bridge).count("Query") == 1  # its words
