"""The Performer alone, on AWS in memory, with one vendor's gateway: for tests of what its actions come to."""

from __future__ import annotations

from datetime import timedelta

from proofbridge.actions.perform import Outcome, Performer
from proofbridge.decisions.observations import record_own_write
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemRef, Observation
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Entry, Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import Slots
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.gateway import Gateway
from tests.integration.cloud import QUEUES, Cloud
from tests.integration.ticking import TickingClock

PROOF = "PB" + "A" * 20


class Desk:
    """Where actions are performed, one at a time."""

    def __init__(self, cloud: Cloud, clock: TickingClock, gateway: Gateway) -> None:
        self._cloud = cloud
        self._queue = QUEUES[gateway.vendor]
        # One queue: making all of them takes longer than most tests.
        cloud.queue_urls[self._queue] = cloud.sqs.create_queue(QueueName=self._queue)["QueueUrl"]
        self.clock = clock
        self.items = Items(cloud.dynamodb, "state")
        self.ledger = Ledger(cloud.dynamodb, "state")
        self.gates = CircuitStates(cloud.dynamodb, "state")
        self.queues = ActionQueues(cloud.sqs, {gateway.vendor: cloud.queue_urls[self._queue]})
        self._performer = Performer(
            ledger=self.ledger,
            items=self.items,
            inbox=Inbox(cloud.dynamodb, "inbox"),
            words=LatestDecisions(cloud.dynamodb, "state"),
            queues=self.queues,
            slots=Slots(cloud.dynamodb, "state"),
            access=CircuitBreaker(self.gates, lambda _: gateway, lambda _: False, clock.now),
            now=clock.now,
            lease=timedelta(seconds=90),
        )

    def perform(self, action: Action) -> Outcome:
        """Perform one delivery of an action."""
        return self._performer.perform(action)

    def perform_again(self) -> Outcome:
        """Perform the one action that waits."""
        (letter,) = self._cloud.letters(self._queue)
        return self.perform(letter.action)

    def track(self, seen: Observation, proof_id: str = PROOF) -> ItemRef:
        """Make an item, as it was seen, part of a proof."""
        record_own_write(self.items, seen)
        self.items.link(proof_id, seen.ref)
        return seen.ref

    def entry(self, key: str) -> Entry:
        """Return what the ledger has of an effect."""
        entry = self.ledger.get(key)
        assert entry is not None, f"no effect {key}"
        return entry
