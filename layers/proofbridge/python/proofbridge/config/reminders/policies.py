"""Reminder policies as reminders.toml has them: for which items, when, to whom, how, and what follows."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic import model_validator as validator

from proofbridge.config.model import ConfigModel, ShortText
from proofbridge.config.model import condition as _condition
from proofbridge.config.reminders.calendars import (
    Calendar,
    DaysOff,
    parse_quiet_hours,
    parse_workdays,
    public_holidays,
)
from proofbridge.config.reminders.channels import CHANNELS, DIGESTING, PROGRAMMING, Channel, check_channel
from proofbridge.config.reminders.offsets import Offset, Unit, parse_offset, parse_offsets
from proofbridge.config.reminders.people import Contact, Contacts, Holidays, QuietHoursText, Workdays, Zone
from proofbridge.domain.items import Vendor
from proofbridge.domain.templates import check_template
from proofbridge.vendors.catalogue import Priority

REMINDER_FIELDS: Final = {
    "item.name": "the proof's name",
    "item.due": "its due date, on the clock of who is reminded",
    "item.url": "its link at its vendor",
    "item.vendor": "its vendor, by its name",
    "item.version": "its version",
    "item.waits_for": "who still has to decide",
    "person.name": "who is reminded",
}
"""What a reminder's texts can name."""

DIGEST_FIELDS: Final = {"person.name": REMINDER_FIELDS["person.name"]}
"""What the first line and the subject of a digest can name."""

OPEN_REVIEWERS: Final = "open_reviewers"
ASSIGNEE: Final = "assignee"
RECIPIENT: Final = "recipient"
ROLES: Final = (OPEN_REVIEWERS, ASSIGNEE, RECIPIENT)
"""Who `to` can mean; everything else is an e-mail address, a vendor's user id or a name of people.toml."""


_DECIDED_BY_THE_VENDOR: Final = frozenset(
    {"to", "channel", "message", "subject", "digest", "language", "zone_of", "escalation"}
)
_FARTHEST_PROGRAMMED: Final = {Unit.HOURS: 3500, Unit.DAYS: 140, Unit.WORKDAYS: 80}
"""Good2Go counts at most 3600 hours; days off and quiet hours may add some."""


def _texts(fields: Mapping[str, str]) -> tuple[BeforeValidator, AfterValidator]:
    """Return the checks of a text, or of one text for each language."""

    def by_language(value: Any) -> Any:
        return {"": value} if isinstance(value, str) else value

    def check(texts: dict[str, str]) -> dict[str, str]:
        if not texts:
            raise ValueError("needs a text")
        for text in texts.values():
            check_template(text, fields)
        return texts

    return BeforeValidator(by_language), AfterValidator(check)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _offsets(texts: tuple[str, ...]) -> tuple[str, ...]:
    known: list[Offset] = []
    for text in texts:
        for offset in parse_offsets(text):
            if offset in known:
                raise ValueError(f"{str(offset)!r} stands twice")
            known.append(offset)
    return texts


def _offset(text: str) -> str:
    parse_offset(text)
    return text


_OneOrMore = Annotated[tuple[ShortText, ...], BeforeValidator(_listed), Field(min_length=1)]
_OneOffset = Annotated[str, AfterValidator(_offset)]
_ReminderTexts = Annotated[dict[str, ShortText], *_texts(REMINDER_FIELDS)]
_DigestTexts = Annotated[dict[str, ShortText], *_texts(DIGEST_FIELDS)]


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, else the first of all."""
    return texts.get(language) or next(iter(texts.values()))


class Escalation(ConfigModel):
    """What follows when nobody has decided: after so many reminders, or so late.

    `after` counts the policy's reminders, in the order in which it lists them; `wait` is how long after the
    last of them. `late` is an offset from the due date. Then somebody else is told, by a channel of their
    own, or the GoodDay task of the proof gets a priority, or both.
    """

    after: Annotated[int, Field(ge=1)] | None = None
    wait: _OneOffset = "+1 d"
    late: _OneOffset | None = None
    to: ShortText | None = None
    channel: str | None = None
    message: _ReminderTexts = Field(
        default_factory=lambda: {"": "{item.name} was due {item.due} and still waits for {item.waits_for}."}
    )
    subject: _ReminderTexts = Field(default_factory=lambda: {"": "Late: {item.name}"})
    priority: Priority | None = None

    @validator(mode="after")
    def _make_sense(self) -> Self:
        if (self.after is None) == (self.late is None):
            raise ValueError("needs either after (so many reminders) or late (so long after the due date)")
        if self.after is None and "wait" in self.model_fields_set:
            raise ValueError("wait goes with after; late says its own time")
        if parse_offset(self.wait).amount < 0:
            raise ValueError(f"wait {self.wait!r} is before the reminder; write it as '+1 d'")
        if self.to is None and self.priority is None:
            raise ValueError("needs to (who is told) or priority (that the task gets), or both")
        if self.to is not None and self.channel is None:
            raise ValueError("needs a channel by which to tell them")
        return self


class Reminder(ConfigModel):
    """A policy: who is reminded of which open items, when and how, for as long as nobody has decided.

    `mode = "vendor"` leaves the sending to the vendor, which is told when the policy's reminders are due.
    """

    name: ShortText
    vendor: Literal["good2go", "approval-studio", "goodday", "robohead"]
    destination: _OneOrMore | None = None
    project: _OneOrMore | None = None
    condition: Annotated[str, AfterValidator(_condition)] | None = None
    offsets: Annotated[_OneOrMore, AfterValidator(_offsets)]
    to: ShortText = OPEN_REVIEWERS
    channel: str | None = None
    mode: Literal["proofbridge", "vendor"] = "proofbridge"
    message: _ReminderTexts = Field(
        default_factory=lambda: {"": "{item.name} is due {item.due} and still waits for your decision."}
    )
    subject: _ReminderTexts = Field(default_factory=lambda: {"": "{item.name} waits for your decision"})
    digest: bool = False
    digest_message: _DigestTexts = Field(default_factory=lambda: {"": "{person.name}, these wait for you:"})
    digest_subject: _DigestTexts = Field(default_factory=lambda: {"": "Proofs that wait for your decision"})
    digest_line: _ReminderTexts = Field(
        default_factory=lambda: {"": "- {item.name}, due {item.due} {item.url}"}
    )
    language: ShortText = ""
    zone: Zone = "UTC"
    zone_of: Literal["person", "policy"] = "person"
    workdays: Workdays = ("mon", "tue", "wed", "thu", "fri")
    holidays: Holidays | None = None
    days_off: tuple[date, ...] = ()
    quiet_hours: QuietHoursText | None = None
    only_on_workdays: bool = False
    escalation: tuple[Escalation, ...] = ()

    @validator(mode="after")
    def _use_what_the_vendor_has(self) -> Self:
        vendor = Vendor(self.vendor)
        if self.mode == "vendor":
            self._check_programmed(vendor)
        elif self.channel is None and vendor is not Vendor.GOOD2GO:
            raise ValueError(
                f"channel is missing; a policy for {vendor} can use: {', '.join(CHANNELS[vendor])}"
            )
        channels = [] if self.mode == "vendor" else [self.chosen_channel]
        for step in self.escalation:
            if step.channel is not None:
                channels.append(check_channel(vendor, step.channel))
            if step.after is not None and step.after > len(self.all_offsets):
                raise ValueError(
                    f"escalation after {step.after} reminders, of which there are {len(self.all_offsets)}"
                )
        if self.digest and self.chosen_channel not in DIGESTING:
            raise ValueError(
                f"{self.chosen_channel} is about one proof; digests can use: {', '.join(sorted(DIGESTING))}"
            )
        if Channel.NOTIFY in channels and ASSIGNEE in {self.to, *(step.to for step in self.escalation)}:
            raise ValueError(
                "good2go.notify reaches reviewers only; for the assignee use: "
                f"{', '.join(each for each in CHANNELS[vendor] if each is not Channel.NOTIFY)}"
            )
        return self

    def _check_programmed(self, vendor: Vendor) -> None:
        if vendor not in PROGRAMMING:
            raise ValueError(
                f"{vendor} sends no reminders by itself; leave mode out, and name a channel: "
                f"{', '.join(CHANNELS[vendor])}"
            )
        given = self.model_fields_set & _DECIDED_BY_THE_VENDOR
        if given:
            raise ValueError(f"{', '.join(sorted(given))}: with mode 'vendor' Good2Go decides on that")
        for offset in self.all_offsets:
            if abs(offset.amount) > _FARTHEST_PROGRAMMED[offset.unit]:
                raise ValueError(f"{str(offset)!r} is farther from the due date than Good2Go can be told")

    @property
    def chosen_channel(self) -> Channel:
        """The channel of the reminders themselves."""
        return check_channel(Vendor(self.vendor), self.channel or CHANNELS[Vendor(self.vendor)][0])

    @property
    def channels(self) -> set[Channel]:
        """Every channel that the policy or one of its escalations uses."""
        own = {self.chosen_channel} if self.mode == "proofbridge" else set()
        return own | {Channel(step.channel) for step in self.escalation if step.channel is not None}

    @functools.cached_property
    def all_offsets(self) -> tuple[Offset, ...]:
        """The offsets, repeated ones in full."""
        return tuple(offset for text in self.offsets for offset in parse_offsets(text))

    def calendar_for(self, contact: Contact | None) -> Calendar:
        """Return the time that counts for a person: the person's own where the policy goes by it."""
        own = contact if self.zone_of == "person" else None
        return _calendar(
            (own and own.zone) or self.zone,
            (own and own.workdays) or self.workdays,
            (own and own.holidays) or self.holidays,
            frozenset(self.days_off + (own.days_off if own else ())),
            (own and own.quiet_hours) or self.quiet_hours,
            only_on_workdays=self.only_on_workdays,
        )


@functools.cache
def _calendar(
    zone: str,
    workdays: tuple[str, ...],
    holidays: str | None,
    days_off: frozenset[date],
    quiet_hours: str | None,
    *,
    only_on_workdays: bool,
) -> Calendar:
    return Calendar(
        ZoneInfo(zone),
        parse_workdays(workdays),
        DaysOff(public_holidays(holidays) if holidays else (), days_off),
        None if quiet_hours is None else parse_quiet_hours(quiet_hours),
        only_on_workdays,
    )


_ID: Final = re.compile(r"[^@\s]+")
"""What may be a user id: neither an address nor a name of several words, which stands in people.toml."""


def unreachable(policy: Reminder, contacts: Contacts) -> Iterator[str]:
    """Yield what keeps a policy from reaching the people whom it names."""
    if policy.mode == "vendor":
        return
    told = [(policy.to, policy.chosen_channel)]
    told += [(step.to, Channel(step.channel)) for step in policy.escalation if step.to and step.channel]
    for to, channel in told:
        if to in ROLES:
            continue
        contact = contacts.of(to)
        if channel in {Channel.EMAIL, Channel.NOTIFY} and contacts.address(to) is None:
            yield f"{to!r} has no e-mail address, as {channel} needs: write one, or name it in people.toml"
        elif channel is Channel.REPLY and (contact.goodday is None if contact else not _ID.fullmatch(to)):
            yield f"{to!r} has no GoodDay user id, as {channel} needs: write one, or name it in people.toml"
