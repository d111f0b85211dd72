"""What follows once a vendor has a file, or won't have it: items and tasks, receipts, errors, tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proofbridge.config.destinations import Destination
from proofbridge.decisions.observations import record_own_write, submit_observation
from proofbridge.domain.actions import Action, Cause, observe
from proofbridge.domain.files.drops import UploadedVersion
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.domain.templates import render
from proofbridge.stores.drop_folder import DropFolder
from proofbridge.stores.dropped_files import DroppedFiles, FileState
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.items import Items, Origin
from proofbridge.stores.queues import ActionQueues
from proofbridge.uploads.receipts import error_report, receipt
from proofbridge.uploads.requests import UploadRequest
from proofbridge.vendors.catalogue import MAX_TITLE_LENGTH, ActionName, CommentParams, CreateTaskParams

_OPEN = frozenset({FileState.WAITING})
_THERE = frozenset({FileState.RELAYED, FileState.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Completion:
    """Says how a file stands. Everything here can be repeated."""

    folder: DropFolder
    files: DroppedFiles
    items: Items
    inbox: Inbox
    queues: ActionQueues
    now: Callable[[], datetime]

    # -- the proof

    def linked(
        self,
        delivery: UploadMessage,
        brief: UploadRequest,
        before: UploadedVersion | None,
        seen: Observation,
        gone: UploadedVersion | None = None,
    ) -> None:
        """Have a new version routed; store and link a new item, and have it tracked and read in full.

        `gone` is what the vendor has deleted, so that the new item takes its place.
        """
        now, proof_id = self.now(), brief.proof_id
        if before is not None:
            self._inherit(proof_id, ItemRef.parse(before.item), seen.ref)
            submit_observation(self.items, self.inbox, seen, now)
            return
        new = brief.new_version(delivery.vendor, seen.version or 1)
        record_own_write(self.items, seen)
        self.items.note_origin(proof_id, Origin(brief.destination.prefix, new.recipient))
        vendors = {target.vendor for target in brief.destination.targets}
        if brief.destination.tracking is not None:
            vendors.add(Vendor(brief.destination.tracking.vendor))
        is_first = self.items.expect(proof_id, vendors, delivery.vendor) == delivery.vendor
        self.items.link(proof_id, seen.ref)
        if gone is not None:
            self._leave(proof_id, ItemRef.parse(gone.item))
        # Whatever the vendor reported of the item before it was linked is carried over now.
        self.inbox.put(Event(str(seen.ref), f"link-{proof_id}", Source.LINK, now))
        tracking = _tracking(delivery, brief, seen, is_first=is_first)
        if tracking is not None:
            self.queues.send(tracking)
        self.queues.send(observe(seen.ref, f"{seen.ref}#upload-{delivery.drop.version_id}"))

    def _inherit(self, proof_id: str, old: ItemRef, new: ItemRef) -> None:
        """Where each version is an item of its own, let the new one take the old one's place in the proof.

        It begins with the old one's state, so that what differs are changes of the proof.
        """
        stored = self.items.get(old)
        if old == new or stored is None:
            return
        if self.items.get(new) is None:
            record_own_write(self.items, dataclasses.replace(stored.observation, ref=new))
        self.items.link(proof_id, new)
        self._leave(proof_id, old)

    def _leave(self, proof_id: str, old: ItemRef) -> None:
        stored = self.items.get(old)
        if stored is not None:
            self.items.unlink(proof_id, old, apart_as=stored.observation.name or "")

    # -- the file

    def stands(
        self, delivery: UploadMessage, brief: UploadRequest, seen: Observation, actions: list[Action]
    ) -> None:
        """Queue what follows, and write the receipt."""
        arrival = delivery.arrival
        if arrival is None:
            raise ValueError(f"{delivery.key} has not arrived yet")
        for action in actions:
            self.queues.send(action)
        text = receipt(delivery.drop, arrival, seen, brief.proof_id, self.now())
        self.folder.put_receipt(delivery.drop, text, _beside(delivery, brief.destination))
        self.settled(delivery, brief.destination, FileState.RELAYED)

    def refused(
        self, delivery: UploadMessage, destination: Destination | None, problem: str, remedy: str
    ) -> None:
        """Say what is wrong with a file, and what to do."""
        report = error_report(delivery.drop, problem, remedy, self.now(), delivery.vendor)
        self.folder.put_error(delivery.drop, report, _beside(delivery, destination))
        self.settled(delivery, destination, FileState.REFUSED)

    def unchanged(self, delivery: UploadMessage, destination: Destination) -> None:
        """Say that the vendor has just these bytes; whatever was wrong with others before them is over."""
        self.folder.clear_error(delivery.drop, _beside(delivery, destination))
        self.settled(delivery, destination, FileState.UNCHANGED)

    def is_unchanged(self, delivery: UploadMessage) -> bool:
        """Whether that was said of the file."""
        drop = delivery.drop
        states = self.files.states(drop.bucket, drop.key, drop.version_id)
        return states.get(delivery.vendor) is FileState.UNCHANGED

    def waits(self, delivery: UploadMessage, destination: Destination | None) -> None:
        """Say that a file waits for its vendor."""
        self.settled(delivery, destination, FileState.WAITING)

    def settled(self, delivery: UploadMessage, destination: Destination | None, state: FileState) -> None:
        """Tag the file by how far it has come at its vendors; once it is at all of them, do what is wanted.

        Whoever finishes last tags it by the gravest state of all. One that finishes before the others says
        nothing, unless something is wrong:

            A: relayed (says nothing) ─────────────────────────
            B:            waiting (says so) ── relayed (says it of both)
        """
        drop = delivery.drop
        states = self.files.note(drop, delivery.vendor, state, self.now())
        vendors = [delivery.vendor] if destination is None else [t.vendor for t in destination.targets]
        known = [states[vendor] for vendor in vendors if vendor in states]
        is_over = len(known) == len(vendors) and not _OPEN & set(known)
        gravest = next(each for each in FileState if each in known)
        if is_over or (gravest is state and state is not FileState.RELAYED):
            self.folder.tag(drop, gravest)
        if destination is not None and is_over and set(known) <= _THERE:
            self._clear_away(delivery, destination)

    def _clear_away(self, delivery: UploadMessage, destination: Destination) -> None:
        how, _, folder = destination.after.partition(":")
        if how == "move":
            self.folder.move(delivery.drop, folder)
        elif how == "delete":
            self.folder.remove(delivery.drop)


def _beside(delivery: UploadMessage, destination: Destination | None) -> str:
    """Return what tells the records of several vendors apart; nothing where there is one."""
    return delivery.vendor if destination is not None and len(destination.targets) > 1 else ""


def _tracking(
    delivery: UploadMessage, brief: UploadRequest, seen: Observation, *, is_first: bool
) -> Action | None:
    """Return the action that makes a new proof's task; for a further vendor, the one that names it there.

    Whoever has the file first makes the task: of the others it isn't known whether they will take it.
    """
    tracking, due_at = brief.destination.tracking, brief.due_at
    if tracking is None:
        return None
    new = brief.new_version(delivery.vendor, seen.version or 1)
    words = brief.words(seen.version or 1) | {
        "proof.vendor": VENDOR_NAMES[delivery.vendor],
        "proof.url": seen.url or f"{VENDOR_NAMES[delivery.vendor]} {seen.ref.kind} {seen.ref.id}",
        "proof.due": "at any time" if due_at is None else f"{due_at:%Y-%m-%d %H:%M} UTC",
        "proof.recipient": new.people or "its reviewers",
    }
    message = render(tracking.message, words)
    params: CreateTaskParams | CommentParams = CommentParams(message=message)
    if is_first:
        params = CreateTaskParams(
            project=tracking.project,
            title=render(tracking.title, words)[:MAX_TITLE_LENGTH],
            message=message,
            assignee=tracking.assignee,
            task_type=tracking.task_type,
            deadline=None if due_at is None else f"{due_at:%Y-%m-%d}",
        )
    return Action(
        key=f"track|{brief.proof_id}" + ("" if is_first else f"|{delivery.vendor}"),
        name=ActionName.GOODDAY_CREATE_TASK if is_first else ActionName.GOODDAY_COMMENT,
        vendor=Vendor(tracking.vendor),
        params=params.model_dump(exclude_none=True),
        proof_id=brief.proof_id,
        cause=Cause(rule=f"drop/{brief.destination.prefix}/"),
    )
