"""Four vendors in memory, each with one item of a proof, and Proofbridge between them, step by step.

The vendors are plain models that share no code with ours: each has its own table of what it shows for what it
is given. The tables of AWS are moto's. Queues, webhooks and the stream are lists, so that a test can lose,
repeat and reorder what is in them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from proofbridge.actions.perform import Performer, Status
from proofbridge.config.loader import Config
from proofbridge.decisions.conflicts import ConflictResolver
from proofbridge.decisions.observations import submit_observation
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, ReviewStatus, Vendor
from proofbridge.events.process import Processor
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Event, EventState, Inbox, Source
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.slots import Slots
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.errors import Happened, RateLimitedError, ServerError, VendorConnectionError
from proofbridge.vendors.gateway import Effect, Gateway, Lookup, Page
from tests.integration.cloud import Cloud
from tests.integration.ticking import TickingClock

PROOF: Final = "PB1"
REFS: Final = {
    Vendor.GOOD2GO: ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "job"),
    Vendor.APPROVAL_STUDIO: ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, "project"),
    Vendor.GOODDAY: ItemRef(Vendor.GOODDAY, ItemKind.TASK, "task"),
    Vendor.ROBOHEAD: ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "review"),
}

STATUSES: Final = {
    Vendor.GOOD2GO: ["in_review", "approved", "changes_requested", "rejected", "completed"],
    Vendor.APPROVAL_STUDIO: ["in_review", "completed"],
    Vendor.GOODDAY: ["in_review", "changes_requested", "completed"],
    Vendor.ROBOHEAD: ["in_review", "approved", "rejected"],
}
"""What a person can choose."""

BORN: Final = dict.fromkeys(REFS, "not_started")

GIVEN: Final[dict[Vendor, dict[str, str]]] = {
    Vendor.GOOD2GO: {"in_review": "in_review"},
    Vendor.APPROVAL_STUDIO: {
        "in_review": "active",
        "approved": "completed",
        "changes_requested": "active",
        "rejected": "active",
        "completed": "completed",
    },
    Vendor.GOODDAY: {"approved": "completed", "rejected": "changes_requested"},
    Vendor.ROBOHEAD: {"completed": "approved"},
}
"""What the routes give a vendor where another one shows a status; the same where it is left out."""

SHOWN: Final[dict[Vendor, dict[str, str]]] = {
    Vendor.GOOD2GO: {"in_review": "not_started"},
    Vendor.APPROVAL_STUDIO: {"active": "in_review"},
    Vendor.GOODDAY: {},
    Vendor.ROBOHEAD: {"changes_requested": "rejected"},
}
"""What a vendor shows once it was given a status; the same where it is left out."""

SETS_STATUS: Final = {
    Vendor.GOOD2GO: ("good2go.set_status", "status"),
    Vendor.APPROVAL_STUDIO: ("approval-studio.set_project_state", "state"),
    Vendor.GOODDAY: ("goodday.set_status", "status"),
    Vendor.ROBOHEAD: ("robohead.set_status", "status"),
}
SETS_DUE_DATE: Final = {
    Vendor.GOOD2GO: ("good2go.set_due_date", "due_at"),
    Vendor.APPROVAL_STUDIO: ("approval-studio.set_due_date", "due_at"),
    Vendor.GOODDAY: ("goodday.update", "deadline"),
    Vendor.ROBOHEAD: ("robohead.set_due_date", "due_at"),
}
DAYS_ONLY: Final = {Vendor.GOODDAY, Vendor.ROBOHEAD}


def config(authority: dict[str, list[str]]) -> Config:
    """Return a configuration in which every vendor's status and due date goes to all others."""
    routes: list[dict[str, Any]] = []
    for vendor in REFS:
        others = [other for other in REFS if other is not vendor]
        for status in STATUSES[vendor]:
            then = [
                {"action": SETS_STATUS[other][0], SETS_STATUS[other][1]: GIVEN[other].get(status, status)}
                for other in others
            ]
            when = {"vendor": vendor, "change": "status", "to": status}
            routes.append({"name": f"{vendor} is {status}", "when": when, "then": then})
        then = [
            {"action": SETS_DUE_DATE[other][0], SETS_DUE_DATE[other][1]: "{item.due}"} for other in others
        ]
        when = {"vendor": vendor, "change": "due_date"}
        routes.append({"name": f"{vendor} is due", "when": when, "then": then})
        if vendor is not Vendor.GOODDAY:
            then = [{"action": "goodday.update", "title": "{item.name}"}]
            when = {"vendor": vendor, "change": "name"}
            routes.append({"name": f"{vendor} is named", "when": when, "then": then})
    return Config.model_validate({"routes": routes, "authority": authority})


@dataclass
class Write:
    """A write that took effect."""

    action: Action
    has_changed: bool


@dataclass
class Claim:
    """A person's decision, and the moment since which Proofbridge can know of it to have been made."""

    vendor: Vendor
    field: str
    value: Any
    known_at: datetime | None = None


class ModelVendor:
    """One vendor with one item. `has_moments`: it tells when the item was last updated."""

    def __init__(self, vendor: Vendor, clock: TickingClock, *, has_moments: bool) -> None:
        self._vendor = vendor
        self.ref = REFS[vendor]
        self.clock = clock
        self.has_moments = has_moments
        self.status = BORN[vendor]
        self.state = "active"
        self.due_at: datetime | None = None
        self.name = "born"
        self.updated_at = clock.now()
        self.claims: list[Claim] = []
        self.seen: dict[str, Any] = {"status": self.status, "due_at": self.due_at, "name": self.name}
        self.writes: list[Write] = []
        self.faults: deque[str] = deque()

    @property
    def vendor(self) -> Vendor:
        """Which it is."""
        return self._vendor

    # -- people

    def decide(self, what: str, value: Any) -> bool:
        """Have a person change something; False where it was so already."""
        if getattr(self, what) == value:
            return False
        setattr(self, what, value)
        if self.vendor is Vendor.APPROVAL_STUDIO and what == "status":
            self.state = "completed" if value == "completed" else "active"
        self.updated_at = self.clock.now()
        # What nobody has seen yet is as if it had not been: the item shows only how it is now.
        self.claims = [each for each in self.claims if each.known_at is not None or each.field != what]
        if self.seen[what] != value:
            self.claims.append(Claim(self.vendor, what, value))
        return True

    # -- the API

    def observe(self, ref: ItemRef) -> Observation:
        """Show the item."""
        assert ref == self.ref
        observed_at = self.clock.now()
        if self.faults and self.faults[0] == "429":
            self.faults.popleft()
            raise self._refusal()
        self.seen = {"status": self.status, "due_at": self.due_at, "name": self.name}
        for claim in self.claims:
            if claim.known_at is None:
                claim.known_at = self.updated_at if self.has_moments else observed_at
        return Observation(
            ref,
            observed_at,
            updated_at=self.updated_at if self.has_moments else None,
            status=ReviewStatus(self.status),
            vendor_status=self.state.title() if self.vendor is Vendor.APPROVAL_STUDIO else self.status,
            name=self.name,
            due_at=self.due_at,
        )

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:
        """Not asked here: a poll reads the one item."""
        raise NotImplementedError

    def in_full(self, seen: Observation) -> Observation:
        """Not asked here."""
        raise NotImplementedError

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Do what is asked for, or fail before or after it."""
        assert target == self.ref
        fault = self.faults.popleft() if self.faults else None
        if fault == "429":
            raise self._refusal()
        if fault == "500":
            raise ServerError("down", vendor=self.vendor, operation=action.name, status=500)
        if fault == "drop_before":
            raise VendorConnectionError("lost", vendor=self.vendor, operation=action.name)
        shown = self._apply(action)
        if fault == "drop_after":
            raise VendorConnectionError("lost", vendor=self.vendor, operation=action.name)
        return Effect(shown)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Look for what is asked for among what was done."""
        done = any(write.action.key == action.key for write in self.writes)
        return Effect(self._shown()) if done else Lookup.ABSENT

    def _apply(self, action: Action) -> Observation:
        before = (self.status, self.state, self.due_at, self.name)
        params = action.params
        if action.name == SETS_STATUS[self.vendor][0]:
            given = params[SETS_STATUS[self.vendor][1]]
            self.status = SHOWN[self.vendor].get(given, given)
            self.state = given
        elif params.get("title") is not None:
            self.name = params["title"]
        else:
            due = datetime.fromisoformat(params[SETS_DUE_DATE[self.vendor][1]])
            midnight = due.replace(hour=0, minute=0, second=0, microsecond=0)
            self.due_at = midnight if self.vendor in DAYS_ONLY else due
        self.updated_at = self.clock.now()
        has_changed = before != (self.status, self.state, self.due_at, self.name)
        self.writes.append(Write(action, has_changed))
        self.seen = {"status": self.status, "due_at": self.due_at, "name": self.name}
        return self._shown()

    def _shown(self) -> Observation:
        return Observation(
            self.ref,
            self.clock.now(),
            status=ReviewStatus(self.status),
            vendor_status=self.state.title() if self.vendor is Vendor.APPROVAL_STUDIO else self.status,
            name=self.name,
            due_at=self.due_at,
        )

    def _refusal(self) -> RateLimitedError:
        return RateLimitedError(
            "slow down",
            vendor=self.vendor,
            operation="any",
            happened=Happened.NO,
            retry_at=self.clock.now() + timedelta(seconds=20),
        )


class _Stream(Inbox):
    """The Inbox, whose new events are also kept in the order in which the stream carries them."""

    new: list[Event]

    def put(self, event: Event) -> bool:
        is_new = super().put(event)
        if is_new:
            self.new.append(event)
        return is_new

    def fail(self, event: Event, state: EventState, reason: str) -> None:
        raise AssertionError(f"{event.key} is {state}: {reason}")


class _Queue:
    """All action queues."""

    def __init__(self) -> None:
        self.waiting: list[Action] = []

    def send(self, action: Action, *, delay_seconds: int = 0) -> None:
        """Keep a message, as it would travel."""
        assert 0 <= delay_seconds <= 900
        self.waiting.append(Action.from_message(action.to_message()))


class _Bus:
    def publish(self, events: Iterator[Any]) -> None:
        """Drop what consumers would get."""
        deque(events, maxlen=0)


@dataclass
class World:
    """The proof, its four items, and everything that is on its way."""

    cloud: Cloud
    clock: TickingClock
    config: Config
    webhooks: list[Event] = field(default_factory=list)
    numbers: int = 0

    def __post_init__(self) -> None:
        moments = {Vendor.GOOD2GO, Vendor.GOODDAY}
        self.vendors = {
            vendor: ModelVendor(vendor, self.clock, has_moments=vendor in moments) for vendor in REFS
        }
        client = self.cloud.dynamodb
        self.items = Items(client, "state")
        self.words = LatestDecisions(client, "state")
        self.inbox = _Stream(client, "inbox")
        self.inbox.new = []
        self.queue = _Queue()
        self.ledger = Ledger(client, "state")
        self._processor = Processor(
            inbox=self.inbox,
            items=self.items,
            words=self.words,
            queues=self.queue,  # type: ignore[arg-type] # a queue of ours
            bus=_Bus(),  # type: ignore[arg-type]
            court=ConflictResolver(self.config.routes, self.config.authority),
            readers={},
            now=self.clock.now,
        )
        self._performer = Performer(
            ledger=self.ledger,
            items=self.items,
            words=self.words,
            inbox=self.inbox,
            queues=self.queue,  # type: ignore[arg-type]
            slots=Slots(client, "state"),
            access=CircuitBreaker(
                CircuitStates(client, "state"), self._gateway, lambda _: False, self.clock.now
            ),
            now=self.clock.now,
            lease=timedelta(seconds=90),
        )
        for each in self.vendors.values():
            submit_observation(self.items, self.inbox, each.observe(each.ref), self.clock.now())
        self.process_all()
        for each in self.vendors.values():
            self.items.link(PROOF, each.ref)
            self._put(each.ref, Source.LINK)
        self.process_all()
        assert not self.queue.waiting

    def _gateway(self, vendor: Vendor) -> Gateway:
        return self.vendors[vendor]

    # -- steps

    def decide(self, vendor: Vendor, what: str, value: Any) -> None:
        """Have a person change something; a webhook tells of it, if it arrives."""
        self.clock.advance(seconds=1)
        if self.vendors[vendor].decide(what, value):
            self.numbers += 1
            self.webhooks.append(
                Event(str(REFS[vendor]), f"hook-{self.numbers}", Source.NOTICE, self.clock.now())
            )

    def deliver(self, place: int, *, keep: bool = False) -> None:
        """Let a webhook arrive, any of those on their way; one that is kept arrives once more."""
        if self.webhooks:
            event = self.webhooks[place % len(self.webhooks)]
            self.inbox.put(event)
            if not keep:
                self.webhooks.remove(event)

    def lose(self, place: int) -> None:
        """Lose a webhook for ever."""
        if self.webhooks:
            self.webhooks.pop(place % len(self.webhooks))

    def poll(self, vendor: Vendor) -> None:
        """Read a vendor's item, as a schedule does."""
        try:
            seen = self.vendors[vendor].observe(REFS[vendor])
        except RateLimitedError:
            return
        submit_observation(self.items, self.inbox, seen, self.clock.now())

    def process(self, place: int) -> None:
        """Process the oldest event of some item."""
        oldest = list({event.item: event for event in reversed(self.inbox.new)}.values())
        if oldest:
            event = oldest[place % len(oldest)]
            self.inbox.new.remove(event)
            self._processor.process(event)

    def perform(self, place: int) -> Status | None:
        """Perform some action, however long its queue would have kept it back."""
        if not self.queue.waiting:
            return None
        return self._performer.perform(self.queue.waiting.pop(place % len(self.queue.waiting))).fate

    def process_all(self) -> None:
        """Process all events."""
        while self.inbox.new:
            self.process(0)

    def come_to_rest(self) -> None:
        """Let all faults end, time pass, and polls find what webhooks have not told, until nothing moves."""
        for each in self.vendors.values():
            each.faults.clear()
        quiet = 0
        for _ in range(60):
            self.clock.advance(minutes=2)
            for vendor in self.vendors:
                self.poll(vendor)
            is_quiet = not self.inbox.new and not self.queue.waiting
            self.process_all()
            for _ in range(len(self.queue.waiting)):
                self.perform(0)
                self.process_all()
            quiet = quiet + 1 if is_quiet else 0
            if quiet > 1:
                return
        raise AssertionError(f"it never comes to rest: {self.queue.waiting}")

    def _put(self, ref: ItemRef, source: Source) -> None:
        self.numbers += 1
        self.inbox.put(Event(str(ref), f"{source}-{self.numbers}", source, self.clock.now()))
