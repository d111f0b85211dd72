"""What is asked for one dropped file: its destination's rules, and what was said of it beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from proofbridge.dates import DueRule
from proofbridge.destinations import (
    FILE_FIELDS,
    ApprovalStudioTarget,
    Destination,
    Good2GoTarget,
    RoboHeadTarget,
)
from proofbridge.items import Vendor, parse_moment
from proofbridge.templates import TemplateError, check_template, render
from proofbridge.uploads.drops import FileDrop, NewVersion, Relayed, place_of, proof_id_of
from proofbridge.uploads.naming import REVISION, later_revision
from proofbridge.uploads.sidecars import Sidecar, SidecarError, explain

_OF_EVERY_FILE = frozenset({"fields", "due", "message"})


class UnfitNameError(ValueError):
    """A file's name is not of the form that its destination's pattern has."""


@dataclass(frozen=True)
class Brief:
    """A dropped file with all that is asked for it. `destination` is as its sidecar has made it."""

    drop: FileDrop
    destination: Destination
    fields: dict[str, str]
    due_at: datetime | None

    @classmethod
    def of(cls, drop: FileDrop, destination: Destination, sidecar: Sidecar | None) -> Brief:
        """Apply a destination's rules, and what its sidecar says instead.

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
        return cls(drop, _overridden(destination, wishes), fields, _due_at(drop, destination, wishes))

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

    def comes_after(self, before: Relayed) -> bool:
        """Whether the file is newer than what was relayed of its place."""
        if before.key == self.drop.key:
            return self.drop.comes_after(before.sequencer)
        # S3's sequencers say nothing between keys.
        return later_revision(self.revision or "", before.revision or "")

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
    else:
        try:
            return parse_moment(wishes.due)
        except ValueError:
            rule = DueRule.parse(wishes.due)
    return None if rule is None else rule.due_at(drop.dropped_at)


def _overridden(destination: Destination, wishes: Sidecar) -> Destination:
    """Return the destination with what a sidecar wants otherwise."""
    given = {key: getattr(wishes, key) for key in sorted(wishes.model_fields_set - _OF_EVERY_FILE)}
    given = {key: value for key, value in given.items() if value is not None}
    new: dict[str, Any] = {}
    for target in destination.targets:
        own = {key: value for key, value in given.items() if key in type(target).model_fields}
        if own:
            new[target.vendor.replace("-", "_")] = _merged(target, own)
    for key in given:
        if not any(key in type(target).model_fields for target in destination.targets):
            names = ", ".join(target.vendor for target in destination.targets)
            raise SidecarError(f"{key}: drop/{destination.prefix}/ goes to {names}, which has no such thing")
    texts = {key for target in destination.targets for key in target.texts}
    for key in ("message", *sorted(texts & given.keys())):
        _check_text(key, getattr(wishes, key), destination)
    if wishes.message is not None:
        new["message"] = wishes.message
    return destination.model_copy(update=new)


def _check_text(key: str, text: str | None, destination: Destination) -> None:
    try:
        check_template(text or "", {*FILE_FIELDS, *(f"file.{name}" for name in destination.own_fields)})
    except TemplateError as error:
        raise SidecarError(f"{key}: {error}") from None


def _merged(
    target: Good2GoTarget | ApprovalStudioTarget | RoboHeadTarget, own: dict[str, Any]
) -> Good2GoTarget | ApprovalStudioTarget | RoboHeadTarget:
    data = target.model_dump()
    # A project has one name: the sidecar's takes the place of the destination's.
    if "project" in own and "project_name" in data:
        data |= {"project_name": None, "create": False}
    if "project_name" in own:
        data["project"] = None
    try:
        return type(target).model_validate({**data, **own})
    except ValidationError as error:
        raise SidecarError(explain(error, allowed=type(target).model_fields)) from None
