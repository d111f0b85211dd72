"""What a customer edits: vendors, destinations, routes and reminders, as TOML files in one folder.

Everything is checked when it is loaded, at deployment (`python -m proofbridge.config DIR`) and again when a
function starts; what is wrong is named with its file, its key and what is allowed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StringConstraints, ValidationError
from pydantic import model_validator as validator

from proofbridge.config.authority import Authority
from proofbridge.config.destinations import DROP_PREFIX, Destination
from proofbridge.config.links import Link
from proofbridge.config.model import ConfigModel as _Section
from proofbridge.config.model import ShortText, problems_of
from proofbridge.config.reminders.channels import Channel
from proofbridge.config.reminders.people import Contact, Contacts
from proofbridge.config.reminders.policies import Reminder, unreachable
from proofbridge.config.routes import NEEDS, Route, unmet_needs
from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.writing import Email as Address


class ConfigError(Exception):
    """The configuration can't be used; each line of the text names a file, a key, and what is wrong there."""


_COMMAND: Final = r"^[A-Za-z][A-Za-z0-9_]{0,99}\.[A-Za-z][A-Za-z0-9_]{0,99}$"
RoboHeadCommand = Literal[
    "list_reviews",
    "get_review",
    "add_review",
    "update_review",
    "list_comments",
    "add_comment",
    "upload_file",
    "list_comparators",
    "list_options",
    "list_users",
]
ColumnType = Literal["text", "number", "date", "single select", "multi select"]


class Good2GoSettings(_Section):
    """How Good2Go is treated.

    `fetch_back`: what a webhook says is read again from Good2Go before anything is done, since its
    authentication is weak. `url_above_mb`: larger files are not sent but fetched by Good2Go from a link,
    where a destination leaves the choice (`mode = "auto"`).
    """

    fetch_back: bool = True
    url_above_mb: PositiveInt = 200


class GoodDaySettings(_Section):
    """How GoodDay is treated.

    `projects` are polled for changes. `statuses` gives, for each of our statuses, the GoodDay status ids that
    mean it; the first is the one that we set.
    """

    projects: tuple[ShortText, ...] = ()
    statuses: dict[ReviewStatus, Annotated[tuple[ShortText, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    @validator(mode="after")
    def _mean_one_thing(self) -> Self:
        meanings: dict[str, ReviewStatus] = {}
        for status, ids in self.statuses.items():
            for status_id in ids:
                if status_id in meanings:
                    raise ValueError(f"status id {status_id!r} stands for {meanings[status_id]} and {status}")
                meanings[status_id] = status
        return self


class ApprovalStudioSettings(_Section):
    """How Approval Studio is treated.

    `upload_part`: what the file is called in an upload. The documentation has "File", with the parameters
    beside it; "attachment", with the parameters in the query, is known from a public client.
    """

    upload_part: Literal["File", "attachment"] = "File"


class RoboHeadSettings(_Section):
    """How RoboHead is treated.

    `commands` says what operations are called, as `"module.Command"`, where the vendor's documentation does
    not; `comparators` the ids of the account's comparators, by type of column and comparator.
    """

    commands: dict[RoboHeadCommand, Annotated[str, StringConstraints(pattern=_COMMAND)]] = Field(
        default_factory=dict
    )
    comparators: dict[ColumnType, dict[ShortText, Annotated[int, Field(ge=0)]]] = Field(default_factory=dict)


class EmailSettings(_Section):
    """E-mail of our own. `sender` is who it is from: an address that is verified in Amazon SES."""

    sender: Address | None = None


class VendorSettings(_Section):
    """vendors.toml."""

    good2go: Good2GoSettings = Good2GoSettings()
    approval_studio: ApprovalStudioSettings = Field(default=ApprovalStudioSettings(), alias="approval-studio")
    goodday: GoodDaySettings = GoodDaySettings()
    robohead: RoboHeadSettings = RoboHeadSettings()
    email: EmailSettings = EmailSettings()


class Config(BaseModel):
    """The whole configuration."""

    model_config = ConfigDict(frozen=True)

    vendors: VendorSettings = VendorSettings()
    authority: Authority = Authority()
    destinations: tuple[Destination, ...] = ()
    routes: tuple[Route, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    people: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def contacts(self) -> Contacts:
        """Everybody of people.toml."""
        return Contacts(self.people)

    def destination_of(self, key: str) -> Destination | None:
        """Return the destination with the longest prefix that the object key lies under."""
        under = [d for d in self.destinations if key.startswith(f"{DROP_PREFIX}{d.prefix}/")]
        return max(under, key=lambda d: len(d.prefix), default=None)


_FILES: Final = ("vendors", "authority", "destinations", "routes", "reminders", "people", "links")
_TABLES: Final = frozenset({"vendors", "authority"})
"""The files that are one table; the others are lists of tables."""


def load_config(folder: Path) -> Config:
    """Read and check every TOML file of the folder; ConfigError lists all that is wrong."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ConfigError(f"{folder}: no configuration here; {_expected()}")
    for path in paths:
        if path.stem not in _FILES:
            problems.append(f"{path}: unknown file; {_expected()}")
            continue
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path}: not TOML: {error}")
            continue
        if path.stem in _TABLES:
            values[path.stem] = data
        else:
            entries = data.pop(path.stem, [])
            if isinstance(entries, list):
                values[path.stem] = entries
            else:
                problems.append(f"{path}: {path.stem} must be a list of tables: [[{path.stem}]]")
            problems += [
                f"{path}: unknown key {key!r}; allowed: {path.stem} (as [[{path.stem}]])" for key in data
            ]
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        found = (_with_its_name(text, values) for text in problems_of(error))
        problems += [f"{folder / re.split(r'[^a-z]', text)[0]}.toml: {text}" for text in found]
        raise ConfigError("\n".join(problems)) from None
    for name, entries in (
        ("destinations", [d.prefix for d in config.destinations]),
        ("routes", [r.name for r in config.routes]),
        ("reminders", [r.name for r in config.reminders]),
        ("links", [each.name for each in config.links]),
        ("people", [each for person in config.people for each in {*person.all_ids}]),
    ):
        problems += [
            f"{folder / name}.toml: {entry!r} stands twice; each needs a name of its own"
            for entry in sorted({e for e in entries if entries.count(e) > 1})
        ]
    problems += [
        f"{folder / 'routes'}.toml: {problem}" for problem in unmet_needs(config.routes, config.vendors)
    ]
    problems += [f"{folder / 'reminders'}.toml: {problem}" for problem in _unmet_reminders(config)]
    if problems:
        raise ConfigError("\n".join(problems))
    return config


def _unmet_reminders(config: Config) -> Iterator[str]:
    """Yield what reminders ask for that can't be: people who can't be reached, e-mail without a sender."""
    for i, reminder in enumerate(config.reminders):
        for problem in unreachable(reminder, config.contacts):
            yield f"reminders[{i}]: {problem}"
        if Channel.EMAIL in reminder.channels and config.vendors.email.sender is None:
            yield (
                f"reminders[{i}]: reminder {reminder.name!r}: e-mail needs a setting in vendors.toml: "
                f"{NEEDS[ActionName.EMAIL_SEND]}"
            )


def _with_its_name(problem: str, values: Mapping[str, Any]) -> str:
    """Return a problem with the name of the route or reminder that has it, where it has one."""
    match = re.match(r"((routes|reminders)\[(\d+)\][^:]*): ", problem)
    entry = values[match[2]][int(match[3])] if match else None
    name = entry.get("name") if isinstance(entry, dict) else None
    if match is None or not isinstance(name, str):
        return problem
    return f"{match[0]}{match[2].removesuffix('s')} {name!r}: {problem[match.end() :]}"


def _expected() -> str:
    return f"allowed: {', '.join(f'{name}.toml' for name in _FILES)}"
