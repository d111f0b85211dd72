"""What is asked for one dropped file: its destination's rules, and what was said of it beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from proofbridge.config.destinations import FILE_FIELDS, AnyTarget, Destination
from proofbridge.config.due_dates import DueRule
from proofbridge.config.reminders.people import Contacts
from proofbridge.domain.files.drops import (
    FileDrop,
    NewVersion,
    PendingDrop,
    UploadedVersion,
    place_of,
    proof_id_of,
)
from proofbridge.domain.files.naming import REVISION, later_revision
from proofbridge.domain.items import Vendor, moment_text, parse_moment
from proofbridge.domain.templates import TemplateError, check_template, render
from proofbridge.uploads.sidecars import Sidecar, SidecarError, explain


class UnfitNameError(ValueError):
    """A file's name is not of the form that its destination's pattern has."""


@dataclass(frozen=True)
class UploadRequest:
    """A dropped file with all that is asked for it. `destination` is as its sidecar has made it."""

    drop: FileDrop
    destination: Destination
    fields: dict[str, str]
    due_at: datetime | None

    @classmethod
    def of(
        cls, drop: FileDrop, destination: Destination, sidecar: Sidecar | None, contacts: Contacts
    ) -> UploadRequest:
        """Apply a destination's rules, and what its sidecar says instead. People may be named as in contacts.

        SidecarError where the sidecar does not fit the destination, UnfitNameError where the name does not.
        """
        wishes = sidecar or Sidecar()
        unknown = sorted(set(wishes.fields) - set(destination.own_fields))
        if unknown:
            known = ", ".join(destination.own_fields) or "no fields"
            raise SidecarError(f"fields.{unknown[0]}: unknown; the pattern of the destination has {known}")
        pattern = destination.name_pattern
        read = {} if pattern is None else pattern.read(drop.name) or {}
        fields = {**read, **wishes.fields}
        lacking = sorted(set(destination.own_fields) - set(fields))
        if lacking:
            raise UnfitNameError(
                f"{drop.name} is not of the form {destination.pattern}: {', '.join(lacking)} can't be read"
            )
        return cls(
            drop, _overridden(destination, wishes, contacts), fields, _due_at(drop, destination, wishes)
        )

    @cached_property
    def place(self) -> str:
        """What stands for the proof in the drop folder: files of one place are relayed one after another."""
        pattern = self.destination.name_pattern
        if self.destination.version != REVISION or pattern is None:
            return place_of(self.drop.bucket, self.drop.key)
        folder = self.drop.key.rpartition("/")[0]
        return place_of(self.drop.bucket, f"{folder}/{pattern.without_revision(self.drop.name)}")

    @cached_property
    def proof_id(self) -> str:
        """The proof that the file belongs to."""
        of_its_own = f"|{self.drop.version_id}" if self.destination.version == "new" else ""
        return proof_id_of(self.place + of_its_own)

    @property
    def revision(self) -> str | None:
        """The revision that counts, where the destination goes by revisions."""
        return self.fields.get(REVISION) if self.destination.version == REVISION else None

    def comes_after(self, before: UploadedVersion) -> bool:
        """Whether the file is newer than what was relayed of its place."""
        if before.key == self.drop.key:
            return self.drop.comes_after(before.sequencer)
        # S3's sequencers say nothing between keys.
        return later_revision(self.revision or "", before.revision or "")

    def goes_after(self, other: PendingDrop) -> bool:
        """Whether another drop of the place, that is still to come, has its turn before this one.

        Between keys the revisions in their names tell. Those that a sidecar says may contradict the order
        of the drops of one key, and then each would wait for the other.
        """
        if other.key == self.drop.key:
            return self.drop.comes_after(other.sequencer)
        return later_revision(self._revision_in(self.drop.key), self._revision_in(other.key))

    def _revision_in(self, key: str) -> str:
        pattern = self.destination.name_pattern
        fields = None if pattern is None else pattern.read(key.rpartition("/")[2])
        return "" if fields is None else fields.get(REVISION, "")

    def words(self, version: int) -> dict[str, str]:
        """Return what the texts can name."""
        words = {f"file.{name}": value for name, value in self.fields.items()}
        return words | {
            "file.name": self.drop.name,
            "file.stem": self.drop.stem,
            "file.version": str(version),
            "file.folder": self.drop.folder_below(self.destination.prefix),
            "file.dropped": f"{self.drop.dropped_at:%Y-%m-%d %H.%M.%S}",
        }

    def new_version(self, vendor: Vendor, version: int) -> NewVersion:
        """Return what a vendor is told of the file."""
        target = self.destination.target_at(vendor)
        if target is None:
            raise ValueError(f"drop/{self.destination.prefix}/ does not name {vendor}")
        words = self.words(version)
        told: dict[str, Any] = {key: getattr(target, key) for key in type(target).model_fields}
        told |= {key: render(told[key], words) for key in target.texts if told[key] is not None}
        told["name"] = self.drop.named(render(self.destination.name_at(vendor), words))
        for key in ("project", "review"):
            if told.get(key) is not None:
                told[key] = str(told[key])
        told["reviewers"] = tuple(str(reviewer) for reviewer in target.reviewers)
        told["keeps_reviewers"] = "reviewers" not in target.model_fields_set
        return NewVersion(
            reference=self.proof_id,
            content_type=self.drop.content_type,
            size_bytes=self.drop.size_bytes,
            message=render(self.destination.message, words),
            fields=self.fields,
            due_at=self.due_at,
            **told,
        )


def _due_at(drop: FileDrop, destination: Destination, wishes: Sidecar) -> datetime | None:
    if wishes.due is None:
        rule = destination.due_rule
        return None if rule is None else rule.due_at(drop.dropped_at, destination.is_workday)
    try:
        due_at = parse_moment(wishes.due)
    except ValueError:
        due_at = DueRule.parse(wishes.due).due_at(drop.dropped_at, destination.is_workday)
    if due_at <= drop.dropped_at:
        # Most likely it was said of an earlier version.
        dropped = moment_text(drop.dropped_at)
        raise SidecarError(f"due: {wishes.due} is past: the file was dropped at {dropped}")
    return due_at


def _overridden(destination: Destination, wishes: Sidecar, contacts: Contacts) -> Destination:
    """Return the destination with what a sidecar wants otherwise."""
    vendors = {target.vendor for target in destination.targets}
    here = f"drop/{destination.prefix}/ goes to {', '.join(sorted(vendors))}"
    for vendor in wishes.vendors:
        if vendor not in vendors:
            raise SidecarError(f"{vendor}: {here}, not there")
    for key in wishes.of_vendors:
        if not any(key in type(target).model_fields for target in destination.targets):
            raise SidecarError(f"{key}: {here}, which has no such thing")
    new: dict[str, Any] = {}
    for target in destination.targets:
        own = {key: value for key, value in wishes.of_vendors.items() if key in type(target).model_fields}
        own |= wishes.of_vendor(target.vendor)
        if own:
            merged = _merged(target, _with_ids(target, own, contacts), wishes)
            for key in sorted(own.keys() & set(target.texts)):
                _check_text(_place(key, target.vendor, wishes), getattr(merged, key), destination)
            new[target.vendor.replace("-", "_")] = merged
    _check_text("message", wishes.message, destination)
    if wishes.message is not None:
        new["message"] = wishes.message
    return destination.model_copy(update=new)


def _check_text(key: str, text: str | None, destination: Destination) -> None:
    try:
        check_template(text or "", {*FILE_FIELDS, *(f"file.{name}" for name in destination.own_fields)})
    except TemplateError as error:
        raise SidecarError(f"{key}: {error}") from None


_PEOPLE = ("recipient", "reviewers", "owners")


def _with_ids(target: AnyTarget, own: dict[str, Any], contacts: Contacts) -> dict[str, Any]:
    """Return what is said with people of people.toml by what the vendor calls them."""

    def id_of(place: str, person: Any) -> Any:
        contact = contacts.meant(str(person)) if isinstance(person, str | int) else None
        if contact is None:
            return person
        told = contact.at(target.vendor)
        if told is None:
            lacking = "e-mail address" if target.vendor is Vendor.GOOD2GO else f"id at {target.vendor}"
            raise SidecarError(f"{place}: {contact.name} has no {lacking} in people.toml")
        return told

    known = dict(own)
    for key in _PEOPLE:
        said = own.get(key)
        if isinstance(said, list):
            known[key] = [id_of(f"{key}.{place}", person) for place, person in enumerate(said)]
        elif said is not None:
            known[key] = id_of(key, said)
    return known


def _merged(target: AnyTarget, own: dict[str, Any], wishes: Sidecar) -> AnyTarget:
    data = target.model_dump(exclude_unset=True)
    # A project has one name: the sidecar's takes the place of the destination's.
    if "project" in own and "project_name" in type(target).model_fields:
        data |= {"project_name": None, "create": False}
    if "project_name" in own:
        data["project"] = None
    try:
        return type(target).model_validate({**data, **own})
    except ValidationError as error:
        raise SidecarError(
            "; ".join(_told(place, text, target.vendor, wishes) for place, text in explain(error))
        ) from None


def _told(place: str, text: str, vendor: Vendor, wishes: Sidecar) -> str:
    """Name a wrong value's field, and its vendor: the others may be content with it."""
    where = _place(place, vendor, wishes)
    if where == place:
        text += f" (for {vendor}; what is its alone goes into a table '{vendor}')"
    return f"{where}: {text}"


def _place(place: str, vendor: Vendor, wishes: Sidecar) -> str:
    """Return where in what is said a vendor's value stands: for all vendors, or in the vendor's own table."""
    key = place.partition(".")[0]
    if key in wishes.of_vendors and key not in wishes.of_vendor(vendor):
        return place
    return f"{vendor}.{place}" if place else vendor
