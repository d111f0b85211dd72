"""Reminders: who has not decided by the time that a policy names is reminded, once for each slot."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from proofbridge.config.loader import Config
from proofbridge.config.reminders.channels import PROGRAMMING
from proofbridge.config.reminders.policies import ASSIGNEE, RECIPIENT, Reminder
from proofbridge.domain.actions import Action, Cause
from proofbridge.domain.changes import StoredItem
from proofbridge.domain.items import ItemKind, ItemRef, Vendor, moment_text
from proofbridge.metrics import count
from proofbridge.reminders.messages import action_of, digests, needs_task, task_of
from proofbridge.reminders.plans import (
    LOOK_BACK,
    Due,
    PlannedReminder,
    ReminderTarget,
    due_date_spans,
    due_now,
    plan,
)
from proofbridge.reminders.programs import AHEAD, agrees, wanted
from proofbridge.stores.items import Items, Place
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import MOST_TAKEN, Program, SlotRecord, Slots, SlotStatus
from proofbridge.vendors.catalogue import ActionName

log = logging.getLogger(__name__)

PORTION: Final = 500
"""How many slots are put together and sent at a time: what a run that is short of time still gets done."""

Span = tuple[datetime, datetime]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did: actions queued, and items that their vendor was told to remind of.

    `finished`: it came to the end; else the next run goes on where this one stopped.
    """

    queued: int
    programmed: int = 0
    finished: bool = True


class ReminderTargets:
    """The open items that policies may be about, with what the policies ask of their proofs."""

    def __init__(self, policies: Sequence[Reminder], items: Items) -> None:
        self._policies = policies
        self._items = items

    def due_in(self, spans: Iterable[Span]) -> Iterator[ReminderTarget]:
        """Yield the open items of the policies' vendors that are due in the spans.

        By the due-date index, see `Items.open_and_due`; and the calls of `of`.
        """
        for stored in self._items.open_and_due(spans):
            subject = self.of(stored)
            if subject is not None:
                yield subject

    def of(self, stored: StoredItem) -> ReminderTarget | None:
        """Return an item with what is known of its proof; None where no policy is about its vendor's.

        Up to four calls where the proof has to be looked at.
        """
        policies = [each for each in self._policies if each.vendor == stored.observation.ref.vendor]
        return self._subject(stored, policies) if policies else None

    def with_task(self, planned: PlannedReminder) -> PlannedReminder | None:
        """Return a slot together with the GoodDay task that it is used on; None where there is none yet."""
        if not needs_task(planned):
            return planned
        found = dataclasses.replace(planned, subject=self.with_its_task(planned.subject))
        return None if task_of(found) is None else found

    def with_its_task(self, subject: ReminderTarget) -> ReminderTarget:
        """Return an item with the GoodDay task of its proof, if there is one. One call, none if known."""
        if subject.task is not None or subject.proof_id is None or subject.item.ref.vendor is Vendor.GOODDAY:
            return subject
        return dataclasses.replace(subject, task=self._task_of(subject.proof_id))

    def _subject(self, stored: StoredItem, policies: list[Reminder]) -> ReminderTarget:
        item, proof_id = stored.observation, stored.proof_id
        if proof_id is None:
            return ReminderTarget(item)
        named = {each.to for each in policies} | {step.to for each in policies for step in each.escalation}
        origin = None
        if RECIPIENT in named or any(each.destination for each in policies):
            origin = self._items.origin(proof_id)
        task, assignee = None, None
        if ASSIGNEE in named and item.assignee is None:
            task = self._task_of(proof_id)
            known = None if task is None else self._items.get(task)
            assignee = None if known is None else known.observation.assignee
        return ReminderTarget(
            item,
            proof_id,
            destination=None if origin is None else origin.destination,
            recipient=None if origin is None else origin.recipient,
            task=task,
            task_assignee=assignee,
        )

    def _task_of(self, proof_id: str) -> ItemRef | None:
        refs = self._items.of_proof(proof_id, Vendor.GOODDAY)
        return next((ref for ref in refs if ref.kind is ItemKind.TASK), None)


class Reminding:
    """Finds the slots that are due, and queues one action for each, or for each digest of several."""

    def __init__(self, config: Config, items: Items, slots: Slots, queues: ActionQueues) -> None:
        self._ours = [each for each in config.reminders if each.mode == "proofbridge"]
        self._vendors = [each for each in config.reminders if each.mode == "vendor"]
        self._contacts = config.contacts
        self._items = items
        self._subjects = ReminderTargets(config.reminders, items)
        self._slots = slots
        self._queues = queues

    def run(self, now: datetime, has_time: Callable[[], bool] = lambda: True) -> Run:
        """Queue the reminders that are due; those that came in the last 25 hours while nobody looked, too.

        Where `has_time` says no, the run stops reading, sends what it has read, and notes where it stopped;
        the next one goes on from there. What was done is known by the slots themselves: each is written down
        before its action is queued.
        """
        queued, finished = self._queue_again(now, has_time)
        programmed = 0
        if finished:
            sent, finished = self._remind(now, has_time)
            queued += sent
        if finished and self._vendors:
            programmed, finished = self._program(now, has_time)
        count("RemindersQueued", queued)
        count("RemindersCutShort", 0 if finished else 1)
        log.info("reminders", extra={"queued": queued, "programmed": programmed, "finished": finished})
        return Run(queued, programmed, finished)

    def _read(
        self,
        reading: str,
        spans: list[Span],
        has_time: Callable[[], bool],
        found_in: Callable[[ReminderTarget], list[T]],
        handle: Callable[[list[T]], int],
    ) -> tuple[int, bool]:
        """Handle what is found in the items that are due in the spans, a portion at a time.

        From where the last run stopped, and one item at least, so that every run gets on. Returns how many
        were handled, and whether it came to the end; the next run begins at the beginning then.
        """
        begun = stopped = self._slots.left_at(reading)
        handled = 0
        portion: list[T] = []
        for stored in self._items.open_and_due(spans, begun):
            subject = self._subjects.of(stored)
            portion += [] if subject is None else found_in(subject)
            if len(portion) >= PORTION:
                handled += handle(portion)
                portion = []
            if not has_time():
                stopped = _place(stored)
                break
        else:
            stopped = None
        handled += handle(portion)
        if stopped != begun:
            self._slots.leave_at(reading, stopped)
        return handled, stopped is None

    # -- what is due

    def _remind(self, now: datetime, has_time: Callable[[], bool]) -> tuple[int, bool]:
        def found_in(subject: ReminderTarget) -> list[Due]:
            return due_now(plan(subject, self._ours, self._contacts)[0], now)

        def handle(due: list[Due]) -> int:
            groups = digests(self._writable(self._untaken(due)), self._contacts)
            return sum(self._send(group, now) for group in groups)

        spans = due_date_spans(self._ours, self._contacts, now - LOOK_BACK, now)
        return self._read("reminders", spans, has_time, found_in, handle)

    def _untaken(self, due: list[Due]) -> Iterator[Due]:
        taken = self._slots.taken(_name(each) for one in due for each in (one.newest, *one.passed))
        for one in due:
            if _name(one.newest) not in taken:
                yield Due(one.newest, tuple(each for each in one.passed if _name(each) not in taken))

    def _writable(self, due: Iterable[Due]) -> Iterator[Due]:
        for one in due:
            newest = self._subjects.with_task(one.newest)
            if newest is not None:
                yield Due(newest, one.passed)

    # -- taking and queueing

    def _send(self, group: list[Due], now: datetime) -> int:
        """Take the slots of one message, then queue it; 0 where somebody else has taken one meanwhile."""
        action = action_of(group, self._contacts)
        uses = [_use(each.newest, action, now) for each in group]
        uses += [
            _use(each, action, now, passed_for=one.newest.slot.offset) for one in group for each in one.passed
        ]
        # What is passed over for one person's one reminder is a note; only a digest needs a transaction.
        taken = uses[:MOST_TAKEN] if len(group) > 1 else uses[:1]
        if not self._slots.take(taken, action.to_message()):
            return 0
        for use in uses[len(taken) :]:
            self._slots.pass_over(use)
        self._queues.send(action)
        self._slots.queued(_name(group[0].newest))
        return 1

    def _queue_again(self, now: datetime, has_time: Callable[[], bool]) -> tuple[int, bool]:
        """Queue what was taken by a run that was killed before it could note that it had queued it."""
        queued = 0
        for name, message, since in self._slots.unqueued():
            action = Action.from_message(message)
            if action.provisos and since <= now - LOOK_BACK:
                for proviso in action.provisos:
                    if proviso.slot is not None:
                        reason = "it could not be queued within a day"
                        self._slots.settle((proviso.item, proviso.slot), SlotStatus.HELD, now, reason)
            else:
                self._queues.send(action)
                queued += 1
            self._slots.queued(name)
            if not has_time():
                return queued, False
        return queued, True

    # -- what vendors do by themselves

    def _program(self, now: datetime, has_time: Callable[[], bool]) -> tuple[int, bool]:
        """Tell vendors when to remind of what comes up, and again where a due date has moved."""

        def found_in(subject: ReminderTarget) -> list[ReminderTarget]:
            return [subject] if subject.item.ref.vendor in PROGRAMMING else []

        def handle(subjects: list[ReminderTarget]) -> int:
            told = self._slots.programs(str(subject.item.ref) for subject in subjects)
            return sum(self._tell(subject, told.get(str(subject.item.ref)), now) for subject in subjects)

        spans = due_date_spans(self._vendors, self._contacts, now, now + AHEAD)
        return self._read("programs", spans, has_time, found_in, handle)

    def _tell(self, subject: ReminderTarget, told: Program | None, now: datetime) -> bool:
        item, due_at = subject.item, subject.item.due_at
        reminders = wanted(subject, self._vendors, now)
        if due_at is None:
            return False
        # What was to be told for another due date may have been held because that one had moved.
        of_this_date = told is None or told.due_at == moment_text(due_at)
        if of_this_date and agrees(() if told is None else told.reminders, reminders, due_at, now):
            return False
        revision = 1 if told is None else told.revision + 1
        action = Action(
            key=f"program|{item.ref}|{revision}",
            name=ActionName.GOOD2GO_SET_REMINDERS,
            vendor=item.ref.vendor,
            params={
                "due_at": moment_text(due_at),
                "reminders": reminders,
                "before": () if told is None else told.reminders,
            },
            target=item.ref,
            proof_id=subject.proof_id,
            cause=Cause(rule=", ".join(each.name for each in self._vendors)),
        )
        program = Program(str(item.ref), moment_text(due_at), reminders, revision)
        name = self._slots.program(program, action.to_message(), now)
        if name is None:
            return False
        self._queues.send(action)
        self._slots.queued(name)
        return True


def _place(stored: StoredItem) -> Place:
    due_at = stored.observation.due_at
    assert due_at is not None  # noqa: S101 - it was found by it
    return Place(due_at, stored.observation.ref)


def _name(planned: PlannedReminder) -> tuple[str, str]:
    return str(planned.slot.item), planned.slot.key


def _use(
    planned: PlannedReminder, action: Action, now: datetime, *, passed_for: str | None = None
) -> SlotRecord:
    slot = planned.slot
    return SlotRecord(
        item=str(slot.item),
        key=slot.key,
        person=slot.person,
        due_at=slot.due_at,
        offset=slot.offset,
        policy=planned.policy.name,
        channel=str(planned.channel or action.name),
        at=planned.at,
        action=action.key,
        taken_at=now,
        fate=SlotStatus.ASKED if passed_for is None else SlotStatus.PASSED,
        reason=None if passed_for is None else f"{passed_for} had come by then",
    )
