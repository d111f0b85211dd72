"""Performing actions: the only place that writes at a vendor, files apart."""

from __future__ import annotations

import dataclasses
import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from proofbridge.actions.preconditions import PreconditionResult, UnreadableError, check
from proofbridge.decisions.desired_values import DesiredValue
from proofbridge.decisions.observations import record_own_write, submit_observation
from proofbridge.decisions.targets import target_of
from proofbridge.decisions.write_guard import REPLACED, PendingWrite, WriteGuard
from proofbridge.domain.actions import Action, Precondition
from proofbridge.domain.items import ItemRef, Observation, Vendor, moment_text, parse_moment
from proofbridge.domain.waiting import NotYetError
from proofbridge.metrics import count
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import SETTLED, Claim, EffectState, Entry, Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import Slots
from proofbridge.stores.slots import SlotStatus as SlotFate
from proofbridge.vendors.catalogue import ActionName, ObserveParams, RecoveryStrategy
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.errors import AuthenticationError, Happened, VendorError
from proofbridge.vendors.gateway import Effect, Gateway, Lookup

log = logging.getLogger(__name__)


class Status(enum.StrEnum):
    """What became of one delivery of an action."""

    DONE = "done"
    HELD = "held"
    PARKED = "parked"
    DEFERRED = "deferred"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery of an action, and why, where it was not simply done."""

    fate: Status
    reason: str | None = None


PATIENCE_WITH_THE_FIRST: Final = 3
"""How often an action that restores waits for one of which nothing is known."""

_STATES: Final = {
    Status.DONE: EffectState.DONE,
    Status.HELD: EffectState.HELD,
    Status.PARKED: EffectState.PARKED,
}
_SLOT_FATES: Final = {
    EffectState.DONE: SlotFate.SENT,
    EffectState.HELD: SlotFate.HELD,
    EffectState.PARKED: SlotFate.PARKED,
}


class Performer:
    """Performs actions, each effect once.

    `lease` must outlive the function's own time limit: while it runs nobody else touches the effect.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        items: Items,
        inbox: Inbox,
        words: LatestDecisions,
        queues: ActionQueues,
        slots: Slots,
        access: CircuitBreaker[Gateway],
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._ledger = ledger
        self._items = items
        self._inbox = inbox
        self._queues = queues
        self._slots = slots
        self._access = access
        self._now = now
        self._lease = lease
        self._overwriting = WriteGuard(items=items, words=words, inbox=inbox, now=now, lease=lease)

    def perform(self, action: Action) -> Outcome:
        """Perform one delivery of an action. Whatever has to wait is queued again before this returns."""
        try:
            for vendor in _asked_vendors(action):
                self._expect_open_gate(vendor)
            outcome = self._observe(action) if action.name is ActionName.OBSERVE else self._write(action)
        except NotYetError as error:
            outcome = self._defer(action, error)
        if action.name is ActionName.OBSERVE and outcome.fate in _STATES:
            # Nothing keeps it from being done again; it is noted for people who ask what became of it.
            self._ledger.note(
                action.key, _STATES[outcome.fate], action.to_message(), self._now(), reason=outcome.reason
            )
        self._note_slots(action, outcome)
        count("Actions", vendor=action.vendor, action=action.name, fate=outcome.fate)
        log.info(
            "action %s",
            outcome.fate,
            extra={
                "key": action.key,
                "action": action.name,
                "target": str(action.target),
                "proof": action.proof_id,
                "reason": outcome.reason,
            },
        )
        return outcome

    def _expect_open_gate(self, vendor: Vendor) -> None:
        closed_until = self._access.closed_until(vendor)
        if closed_until is not None:
            raise NotYetError(f"{vendor} wants no calls until {moment_text(closed_until)}", closed_until)

    # -- reading

    def _observe(self, action: Action) -> Outcome:
        if action.target is None:
            raise ValueError(f"{action.key}: an observation needs an item")
        target = action.target
        try:
            observed = self._access.call(action.vendor, lambda gateway: gateway.observe(target))
        except VendorError as error:
            if error.transient or isinstance(error, AuthenticationError):
                raise self._not_yet(action.vendor, error) from error
            count("ActionsParked", vendor=action.vendor)
            return Outcome(Status.PARKED, str(error))
        is_new = submit_observation(self._items, self._inbox, observed, self._now(), cause=action.cause.event)
        if contradicts(ObserveParams.model_validate(action.params), observed):
            log.error("a webhook's claim is not the vendor's", extra={"event": action.cause.event})
            count("WebhooksContradicted", vendor=action.vendor)
            return Outcome(Status.DONE, "the webhook's claim is not the vendor's")
        return Outcome(Status.DONE, None if is_new else "nothing new")

    # -- writing

    def _write(self, action: Action) -> Outcome:
        self._let_the_first_go(action)
        target = self._target_of(action)
        now = self._now()
        claim, entry = self._ledger.begin(action.key, action.to_message(), now, self._lease)
        match claim:
            case Claim.SETTLED:
                return Outcome(Status.DUPLICATE, f"already {entry.state}")
            case Claim.BUSY:
                raise NotYetError("it is under way elsewhere", entry.lease_until, begun=True)
            case Claim.UNCLEAR | Claim.FRESH:
                return self._carry_out(action, target, entry, claim)

    def _carry_out(self, action: Action, target: ItemRef | None, entry: Entry, claim: Claim) -> Outcome:
        against = self._reason_against(action, target)
        if against is not None:
            return self._settle(action, EffectState.HELD, against)
        problem = params_problem(action)
        if problem is not None:
            return self._settle(action, EffectState.PARKED, problem, unclear=claim is Claim.UNCLEAR)
        surely_absent = claim is Claim.FRESH
        write = self._begin_overwriting(action, target, surely_absent=surely_absent)
        broken: Mapping[int, str] = {}
        unreadable = False
        effect: Effect | Lookup = Lookup.ABSENT
        try:
            if not surely_absent and action.kind.resolution is not RecoveryStrategy.REPEATABLE:
                effect = self._access.call(
                    action.vendor,
                    lambda gateway: gateway.find(action, target, entry.first_started_at),
                )
                surely_absent = effect is Lookup.ABSENT
            if effect is Lookup.ABSENT:
                effect, checked = self._do(action, target, write, surely_absent=surely_absent)
                broken, unreadable = checked.broken, checked.unreadable
        except VendorError as error:
            self._end_overwriting(write, surely_not=surely_absent and error.happened is Happened.NO)
            return self._failed(action, error, surely_absent=surely_absent)
        if not isinstance(effect, Effect):
            return self._settle(
                action,
                EffectState.PARKED,
                f"the call was made at {moment_text(entry.first_started_at)}, its answer was lost, and "
                f"{action.vendor} can't be asked: look there, then retry or dismiss it",
                unclear=True,
            )
        if effect.held is not None:
            return self._settle(action, EffectState.PARKED if unreadable else EffectState.HELD, effect.held)
        self._follow_up(action, target, effect, write)
        for place, reason in broken.items():
            self._settle_slot(action.provisos[place], SlotFate.HELD, reason)
        self._ledger.finish(
            action.key,
            EffectState.DONE,
            self._now(),
            result=None if effect.observation is None else effect.observation.to_dict(),
        )
        return Outcome(Status.DONE)

    def _reason_against(self, action: Action, target: ItemRef | None) -> str | None:
        """Say why an action is not worth doing, as far as we know without a look; None where it is."""
        if target is None and action.kind.target is not None:
            return _lack(action)  # once the proof has one, what was decided is carried over to it
        return REPLACED if self._overwriting.superseded(action) else None

    # -- what an action writes over

    def _do(
        self, action: Action, target: ItemRef | None, write: PendingWrite | None, *, surely_absent: bool
    ) -> tuple[Effect, PreconditionResult]:
        """Do what is still wanted of it; return also what was found of what it depends on.

        Before a field is written over, the item is looked at: it may not be ours to write over.
        """
        checked = self._check(action, surely_absent=surely_absent)
        if checked.held is not None:
            effect = Effect(held=checked.held)
        else:
            effect = self._overwrite_or_do(checked.action, target, write, surely_absent=surely_absent)
        if write is not None and effect.held is not None and surely_absent:
            self._overwriting.not_made(write)
        return effect, checked

    def _overwrite_or_do(
        self, action: Action, target: ItemRef | None, write: PendingWrite | None, *, surely_absent: bool
    ) -> Effect:
        if write is not None:
            seen = self._access.call(action.vendor, lambda gateway: gateway.observe(write.target))
            if not surely_absent and write.wish.is_met_by(seen):
                return Effect(seen)  # an earlier try has done it
            against = self._overwriting.reason_against(write, seen)
            if against is not None:
                return Effect(held=against)
        return self._access.call(action.vendor, lambda gateway: gateway.perform(action, target))

    def _end_overwriting(self, write: PendingWrite | None, *, surely_not: bool) -> None:
        if write is not None and surely_not:
            self._overwriting.not_made(write)
        elif write is not None:
            self._overwriting.left_unclear(write)

    def _begin_overwriting(
        self, action: Action, target: ItemRef | None, *, surely_absent: bool
    ) -> PendingWrite | None:
        """Note that a field of the target is about to be set; None for an action that sets none.

        None also where the target only leads to the item that has the field, which was not looked at before.
        """
        wish = DesiredValue.of(action)
        if wish is None or target is None or target.kind is not action.kind.target:
            return None
        write = PendingWrite(action, wish, target)
        if not self._overwriting.begin(write):
            reason = f"another write to its {write.field_words} is under way"
            state = EffectState.WAITING if surely_absent else EffectState.UNKNOWN
            self._ledger.finish(action.key, state, self._now(), reason=reason)
            raise NotYetError(reason, begun=True)
        return write

    # -- what an action depends on

    def _check(self, action: Action, *, surely_absent: bool) -> PreconditionResult:
        """Look at the items that an action depends on; where a vendor can't be asked, the action waits."""
        try:
            return check(action, self._look, self._outdone)
        except VendorError as error:
            # Nothing was written: this try leaves no doubt that was not there before.
            state = EffectState.WAITING if surely_absent else EffectState.UNKNOWN
            self._ledger.finish(action.key, state, self._now(), reason=str(error))
            raise self._not_yet(Vendor(error.vendor), error, begun=True) from error

    def _outdone(self, proviso: Precondition) -> str | None:
        """Say which newer reminder has come while this one waited: of several that waited one is sent."""
        newer = None if proviso.slot is None else self._slots.newer((proviso.item, proviso.slot))
        return None if newer is None else f"{newer.offset} had come by then"

    def _look(self, ref: ItemRef) -> Observation:
        try:
            observed = self._access.call(ref.vendor, lambda gateway: gateway.observe(ref))
        except VendorError as error:
            if error.transient or isinstance(error, AuthenticationError):
                raise
            raise UnreadableError(str(error)) from error
        submit_observation(self._items, self._inbox, observed, self._now())
        return observed

    def _note_slots(self, action: Action, outcome: Outcome) -> None:
        """Tell the reminder slots that an action used what became of it."""
        if not action.provisos or outcome.fate is Status.DEFERRED:
            return
        state, reason = _STATES.get(outcome.fate), outcome.reason
        if state is None:
            # A duplicate: whoever settled it may have been killed before this.
            entry = self._ledger.get(action.key)
            state, reason = (None, None) if entry is None else (entry.state, entry.reason)
        if state in _SLOT_FATES:
            for proviso in action.provisos:
                self._settle_slot(proviso, _SLOT_FATES[state], reason)

    def _settle_slot(self, proviso: Precondition, fate: SlotFate, reason: str | None) -> None:
        if proviso.slot is not None:
            self._slots.settle((proviso.item, proviso.slot), fate, self._now(), reason)

    # -- failing

    def _failed(self, action: Action, error: VendorError, *, surely_absent: bool) -> Outcome:
        """Note a failure: what has to wait comes back, what was refused is parked.

        `surely_absent`: no try before this one can have taken effect.
        """
        waits = error.transient or isinstance(error, AuthenticationError)
        if error.happened is Happened.NO and not waits:
            return self._settle(action, EffectState.PARKED, str(error), unclear=not surely_absent)
        certain = error.happened is Happened.NO and surely_absent
        state = EffectState.WAITING if certain else EffectState.UNKNOWN
        self._ledger.finish(action.key, state, self._now(), reason=str(error))
        raise self._not_yet(action.vendor, error, begun=True) from error

    def _settle(self, action: Action, state: EffectState, reason: str, *, unclear: bool = False) -> Outcome:
        self._ledger.finish(action.key, state, self._now(), reason=reason, unclear=unclear)
        if state is EffectState.PARKED:
            log.error("an action is parked", extra={"key": action.key, "reason": reason})
            count("ActionsParked", vendor=action.vendor)
            return Outcome(Status.PARKED, reason)
        return Outcome(Status.HELD, reason)

    def _let_the_first_go(self, action: Action) -> None:
        """Wait for the action whose effect this one restores, if that one is still to come."""
        if action.cause.repeats is None:
            return
        first = self._ledger.get(action.cause.repeats)
        if first is None and action.waited.times >= PATIENCE_WITH_THE_FIRST:
            return  # it was never queued, or is long forgotten
        if first is None or first.state not in SETTLED:
            raise NotYetError(f"{action.cause.repeats} is still to come")

    def _target_of(self, action: Action) -> ItemRef | None:
        """Return what an action acts on; None for one that makes it, and where its proof has none.

        What is on its way is waited for.
        """
        target = target_of(self._items, action)
        is_lacking = target is None and action.kind.target is not None and action.proof_id is not None
        if is_lacking and self._items.expects(str(action.proof_id), action.vendor):
            raise NotYetError(f"{_lack(action)} yet")
        return target

    def _follow_up(
        self, action: Action, target: ItemRef | None, effect: Effect, write: PendingWrite | None
    ) -> None:
        """Store what the write made of the item, so that its echo is no change; link a new item."""
        if effect.found is not None:
            self._welcome(action, effect.found)
        if effect.observation is None:
            return
        if write is None:
            record_own_write(self._items, effect.observation)
        elif write.wish.is_met_by(effect.observation) is False:
            # An earlier try has done it, and somebody has changed it since: the next look finds that.
            self._overwriting.not_made(write)
        else:
            record_own_write(self._items, write.alone(effect.observation), write.wish.field)
        if target is None and action.proof_id is not None:
            self._items.link(action.proof_id, effect.observation.ref)

    def _welcome(self, action: Action, found: Observation) -> None:
        """Store and link an item that belongs to the action's proof, unless it is known already."""
        stored = self._items.get(found.ref)
        if stored is None:
            record_own_write(self._items, found)
        if action.proof_id is not None and (stored is None or stored.proof_id is None):
            self._items.link(action.proof_id, found.ref)

    # -- waiting

    def _not_yet(self, vendor: Vendor, error: VendorError, *, begun: bool = False) -> NotYetError:
        return NotYetError(str(error), self._access.pause_after(vendor, error), begun=begun)

    def _defer(self, action: Action, error: NotYetError) -> Outcome:
        """Queue a delayed copy; the delivery at hand can then be acknowledged.

        A crash in between leaves two copies, of which the ledger lets one through.
        """
        now, reason = self._now(), str(error)
        if action.waited.too_long(now):
            return self._give_up(action, action.waited.explain(reason))
        again = dataclasses.replace(action, waited=action.waited.again(now))
        delay_seconds = self._access.delay_seconds(action.vendor, action.waited, error, now)
        self._queues.send(again, delay_seconds=delay_seconds)
        if not error.begun:
            self._ledger.wait(action.key, again.to_message(), now, reason=reason)
        return Outcome(Status.DEFERRED, reason)

    def _give_up(self, action: Action, reason: str) -> Outcome:
        if action.name is ActionName.OBSERVE:
            count("ActionsParked", vendor=action.vendor)
            return Outcome(Status.PARKED, reason)
        claim, entry = self._ledger.begin(action.key, action.to_message(), self._now(), timedelta())
        if claim is Claim.SETTLED:
            return Outcome(Status.DUPLICATE, f"already {entry.state}")
        if claim is Claim.BUSY:
            return Outcome(Status.DUPLICATE, "it is under way elsewhere")
        return self._settle(action, EffectState.PARKED, reason, unclear=claim is Claim.UNCLEAR)


def _lack(action: Action) -> str:
    return f"proof {action.proof_id} has no {action.vendor} {action.kind.target}"


def _asked_vendors(action: Action) -> list[Vendor]:
    """Return every vendor that performing an action calls."""
    refs = [ref for proviso in action.provisos for ref in (proviso.ref, proviso.role_ref)]
    return sorted({action.vendor, *(ref.vendor for ref in refs)})


def params_problem(action: Action) -> str | None:
    """Say what is wrong with an action's parameters: a route's text may come out empty, or too long."""
    try:
        action.kind.params.model_validate(action.params)
    except ValidationError as error:
        return "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
    return None


def contradicts(claim: ObserveParams, observed: Observation) -> bool:
    """Whether a webhook claimed what its vendor does not say, though the vendor has not moved on since."""
    if claim.claimed_status is None or claim.claimed_at is None:
        return False
    if observed.deleted:
        return True
    moved_on = observed.updated_at is None or observed.updated_at > parse_moment(claim.claimed_at)
    return observed.status != claim.claimed_status and not moved_on
