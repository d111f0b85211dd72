"""Reminders: who has not decided when a proof's due date says so is reminded, once per slot."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from proofbridge.actions import Action, Cause
from proofbridge.catalogue import ActionName
from proofbridge.config import Reminder
from proofbridge.dates import parse_offset
from proofbridge.items import Observation, Person, moment_text
from proofbridge.metrics import count
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues
from proofbridge.stores.slots import Slots
from proofbridge.templates import render

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(hours=24)
"""How late a reminder may still be sent, after an outage of ours."""


def send_reminders(
    policies: Sequence[Reminder], items: Items, slots: Slots, queues: ActionQueues, now: datetime
) -> int:
    """Queue the reminders whose slot lies in the last 24 hours; return how many were new.

    Work is in proportion to the items whose due date makes a slot fall there, by the due-date index. A slot
    is noted after its reminder was queued: a crash in between queues it again under the same key, and the
    ledger lets one through.
    """
    queued = 0
    for policy in policies:
        offset = parse_offset(policy.offset)
        for stored in items.open_and_due(now - LOOK_BACK - offset, now - offset):
            item = stored.observation
            if item.ref.vendor != policy.vendor or item.due_at is None:
                continue
            for person in item.reviewers or ():
                if person.decision is not None:
                    continue
                slot = f"{person.id}#{moment_text(item.due_at)}#{policy.offset}"
                if slots.taken(str(item.ref), slot):
                    continue
                queues.send(_reminder(policy, item, item.due_at, person, slot))
                slots.take(str(item.ref), slot, now)
                queued += 1
    count("RemindersQueued", queued)
    log.info("reminders", extra={"queued": queued})
    return queued


def _reminder(policy: Reminder, item: Observation, due_at: datetime, person: Person, slot: str) -> Action:
    return Action(
        key="remind|" + hashlib.sha256(f"{item.ref}#{slot}".encode()).hexdigest(),
        name=ActionName.GOOD2GO_NOTIFY,
        vendor=item.ref.vendor,
        target=item.ref,
        params={
            "person": person.id,
            "due_at": moment_text(due_at),
            "message": render(
                policy.message,
                {
                    "item.name": item.name or item.ref.id,
                    "item.due": moment_text(due_at),
                    "person.name": person.name or person.id,
                },
            ),
        },
        cause=Cause(rule=policy.name),
    )
