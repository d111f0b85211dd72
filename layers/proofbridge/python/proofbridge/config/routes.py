"""Routes as a customer writes them: when this change, then these actions; checked when loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationError
from pydantic import model_validator as validator

from proofbridge.config.model import ConfigModel, ShortText, problems_of
from proofbridge.config.model import condition as _condition
from proofbridge.config.statuses import shown_statuses, taken_statuses
from proofbridge.domain.changes import ChangeKind
from proofbridge.domain.items import ITEM_KINDS, ItemKind, ReviewStatus, Vendor
from proofbridge.domain.templates import CHANGE_FIELDS, check_template, has_places, texts
from proofbridge.vendors.catalogue import CATALOGUE, ActionName

if TYPE_CHECKING:
    from proofbridge.config.loader import VendorSettings

ItemVendor = Literal["good2go", "approval-studio", "goodday", "robohead"]

AFTER: Final = "{change.to}"
"""Stands for a status: the one that the item has now."""


_OF_FILLED_IN_TEXTS: Final = frozenset({"value_error", "enum", "literal_error", "string_pattern_mismatch"})
"""What is wrong with a text for what it says, not for its type or length."""


def _left_to_rendering(error: ValidationError) -> list[tuple[int | str, ...]]:
    """Return where a text does not fit only because its places are not filled in yet."""
    return [
        problem["loc"]
        for problem in error.errors(include_url=False)
        if problem["type"] in _OF_FILLED_IN_TEXTS
        and problem["loc"]
        and any(has_places(text) for text in texts(problem["input"]))
    ]


class When(ConfigModel):
    """Which changes a route is for: every key that is given must match; of several values, one."""

    vendors: Annotated[tuple[ItemVendor, ...], Field(alias="vendor", min_length=1)]
    kinds: Annotated[tuple[ItemKind, ...] | None, Field(alias="kind", min_length=1)] = None
    change: ChangeKind
    before: tuple[str, ...] | None = Field(default=None, alias="from")
    after: tuple[str, ...] | None = Field(default=None, alias="to")
    condition: Annotated[str, AfterValidator(_condition)] | None = None

    @validator(mode="before")
    @classmethod
    def _allow_one_value(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: [value] if key in {"vendor", "kind", "from", "to"} and isinstance(value, str) else value
                for key, value in data.items()
            }
        return data

    @validator(mode="after")
    def _know_the_kind(self) -> Self:
        known = {kind for vendor in self.vendors for kind in ITEM_KINDS[Vendor(vendor)]}
        for kind in self.kinds or ():
            if kind not in known:
                raise ValueError(
                    f"{' and '.join(self.vendors)} has no {kind}; allowed: {', '.join(sorted(known))}"
                )
        return self

    @validator(mode="after")
    def _know_the_statuses(self) -> Self:
        if self.change is ChangeKind.STATUS:
            for value in (*(self.before or ()), *(self.after or ())):
                if value not in set(ReviewStatus):
                    raise ValueError(f"{value!r} is no status; allowed: {', '.join(ReviewStatus)}")
        return self


class Then(ConfigModel):
    """An action of a route: its name, and the parameters that the catalogue gives it."""

    action: ActionName
    params: dict[str, Any]

    @validator(mode="before")
    @classmethod
    def _fit_the_catalogue(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        routable = [name for name, kind in CATALOGUE.items() if kind.routable]
        if data.get("action") not in routable:
            raise ValueError(f"action {data.get('action')!r} is unknown; allowed: {', '.join(routable)}")
        params = {key: value for key, value in data.items() if key != "action"}
        model = CATALOGUE[ActionName(data["action"])].params
        for key, value in params.items():
            if key not in model.model_fields:
                raise ValueError(
                    f"unknown key {key!r}; {data['action']} allows: {', '.join(sorted(model.model_fields))}"
                )
            for text in texts(value):
                check_template(text, CHANGE_FIELDS)
        try:
            model.model_validate(params)
        except ValidationError as error:
            problems = problems_of(error, without=_left_to_rendering(error))
            if problems:
                raise ValueError("; ".join(problems)) from None
        return {"action": data["action"], "params": params}


class Route(ConfigModel):
    """A rule: when this change, then these actions."""

    name: ShortText
    when: When
    then: Annotated[tuple[Then, ...], Field(min_length=1)]


def unmet_needs(routes: tuple[Route, ...], settings: VendorSettings) -> Iterator[str]:
    """Yield what routes ask for that can't be had: a setting is missing, or a vendor lacks the status."""
    given = {
        ActionName.EMAIL_SEND: settings.email.sender is not None,
        ActionName.ROBOHEAD_COMMENT: "add_comment" in settings.robohead.commands,
    }
    for i, route in enumerate(routes):
        for j, then in enumerate(route.then):
            place = f"routes[{i}].then[{j}]: route {route.name!r}: {then.action}"
            if not given.get(then.action, True):
                yield f"{place} needs a setting in vendors.toml: {NEEDS[then.action]}"
            yield from (f"{place} {problem}" for problem in _status_problems(route.when, then, settings))


NEEDS: Final = {
    ActionName.EMAIL_SEND: '[email] sender = "…", an address that is verified in Amazon SES',
    ActionName.ROBOHEAD_COMMENT: '[robohead.commands] add_comment = "module.Command", the command that '
    "RoboHead's support names for adding a comment to a review",
}
"""What is to be set for actions that need a setting."""


def _status_problems(when: When, then: Then, settings: VendorSettings) -> Iterator[str]:
    vendor = CATALOGUE[then.action].vendor
    status = then.params.get("status")
    if status is None or vendor is None:
        return
    if not has_places(status):
        asked = frozenset({ReviewStatus(status)})
    elif status != AFTER or when.change is not ChangeKind.STATUS:
        yield f"takes a status of ours or, for a change of status, {AFTER!r}, not {status!r}"
        return
    elif when.after is not None:
        asked = frozenset(ReviewStatus(each) for each in when.after)
    else:
        asked = frozenset().union(*(shown_statuses(Vendor(each), settings) for each in when.vendors))
    taken = taken_statuses(vendor, settings)
    for lacking in sorted(asked - taken):
        if vendor is Vendor.GOODDAY:
            yield (
                f"can't set {lacking}: vendors.toml names no GoodDay status for it; add to "
                f'[goodday.statuses]: {lacking} = ["…"], the id of the status that means it'
            )
        else:
            yield f"can't set {lacking}: {vendor} has no such status; it takes: {', '.join(sorted(taken))}"
