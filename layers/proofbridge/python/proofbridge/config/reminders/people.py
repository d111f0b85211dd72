"""The people that reminders go to: how they are reached, in which language, and what time it is for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt

from proofbridge.config.model import ConfigModel, ShortText
from proofbridge.config.reminders.calendars import (
    parse_quiet_hours,
    parse_workdays,
    parse_zone,
    public_holidays,
)
from proofbridge.domain.items import Vendor
from proofbridge.vendors.catalogue import Email


def _holidays(text: str) -> str:
    public_holidays(text)
    return text


def _quiet_hours(text: str) -> str:
    parse_quiet_hours(text)
    return text


def _workdays(days: tuple[str, ...]) -> tuple[str, ...]:
    parse_workdays(days)
    return days


Zone = Annotated[str, AfterValidator(parse_zone)]
Holidays = Annotated[str, AfterValidator(_holidays)]
QuietHoursText = Annotated[str, AfterValidator(_quiet_hours)]
Workdays = Annotated[tuple[str, ...], AfterValidator(_workdays)]


class Contact(ConfigModel):
    """Somebody as people.toml describes them. What is left out is as the policy has it.

    `goodday`, `approval-studio` and `robohead` are the person's user ids there, `ids` what vendors call the
    person otherwise, where that is not the address.
    """

    name: ShortText
    email: Email | None = None
    goodday: ShortText | None = None
    approval_studio: ShortText | None = Field(default=None, alias="approval-studio")
    robohead: PositiveInt | None = None
    ids: tuple[ShortText, ...] = ()
    language: ShortText | None = None
    zone: Zone | None = None
    workdays: Workdays | None = None
    holidays: Holidays | None = None
    days_off: tuple[date, ...] = ()
    quiet_hours: QuietHoursText | None = None

    @property
    def all_ids(self) -> tuple[str, ...]:
        """Everything that the person is known by, the name included."""
        robohead = None if self.robohead is None else str(self.robohead)
        ids = (self.name, self.email, self.goodday, self.approval_studio, robohead, *self.ids)
        return tuple(each for each in ids if each is not None)

    def at(self, vendor: Vendor) -> str | int | None:
        """Return what a vendor is told to mean the person; people without an account have an address."""
        match vendor:
            case Vendor.GOOD2GO:
                return self.email
            case Vendor.APPROVAL_STUDIO:
                return self.approval_studio or self.email
            case Vendor.ROBOHEAD:
                return self.robohead
            case _:
                return self.goodday


class Contacts:
    """Everybody of people.toml, found by whatever a vendor calls them."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self.everybody = tuple(contacts)
        self._by_id = {each_id: contact for contact in self.everybody for each_id in contact.all_ids}
        self._as_written = {each_id.casefold(): contact for each_id, contact in self._by_id.items()}

    def of(self, person: str) -> Contact | None:
        """Return what is known of a person."""
        return self._by_id.get(person)

    def meant(self, written: str) -> Contact | None:
        """Return whom people mean by what they write: letters' case and blanks around it are no matter."""
        return self.of(written) or self._as_written.get(written.strip().casefold())

    def address(self, person: str) -> str | None:
        """Return a person's e-mail address: what people.toml says, else the id where that is one."""
        contact = self.of(person)
        if contact is not None and contact.email is not None:
            return contact.email
        return person if "@" in person else None

    def goodday_user(self, person: str) -> str | None:
        """Return a person's GoodDay user id, as far as people.toml says it."""
        contact = self.of(person)
        return None if contact is None else contact.goodday
