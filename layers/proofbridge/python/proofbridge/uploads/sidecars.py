"""What is said of one file beside it: in a sidecar `NAME.ext.json`, or in the object's metadata.

A key stands for every vendor of the destination that has it, or in a vendor's own table for that one alone,
as in a destination: `{"due": …, "robohead": {"reviewers": [102]}}`. Metadata of ours begin with
`proofbridge-`: `x-amz-meta-proofbridge-due`, `…-reviewers` (with commas between them),
`…-robohead-reviewers`, and `…-field-customer` for a field of the name. Where there is a sidecar, the metadata
mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from proofbridge.config.destinations import TARGETS
from proofbridge.config.due_dates import DueRule
from proofbridge.config.model import ShortText
from proofbridge.domain.items import Vendor, parse_moment

SUFFIX: Final = ".json"
MAX_SIDECAR_BYTES: Final = 64 * 1024
_METADATA: Final = "proofbridge-"
_LISTS: Final = frozenset({"reviewers", "owners"})


class SidecarError(ValueError):
    """What is said of a file can't be used; the text names the field and what is wrong with it."""


def _due(text: str) -> str:
    try:
        parse_moment(text)
    except ValueError:
        DueRule.parse(text)
    return text


class Sidecar(BaseModel):
    """What one file wants otherwise than its destination does. What is left out, or null, stays.

    Beside what every file has there are the keys of the vendors' tables, and those tables themselves; their
    values are checked against the destination (see `briefs`).
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    fields: dict[str, ShortText] = {}
    due: Annotated[str, AfterValidator(_due)] | None = None
    message: ShortText | None = None

    @property
    def of_vendors(self) -> Mapping[str, Any]:
        """What is said for every vendor that has such a thing."""
        return {key: value for key, value in self._given.items() if key not in TARGETS}

    def of_vendor(self, vendor: Vendor) -> Mapping[str, Any]:
        """Return what is said for one vendor alone."""
        return {key: value for key, value in self._given.get(vendor, {}).items() if value is not None}

    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors that have a table of their own."""
        return tuple(key for key in self._given if key in TARGETS)

    @property
    def _given(self) -> dict[str, Any]:
        return {key: value for key, value in (self.model_extra or {}).items() if value is not None}

    def wishes(self) -> dict[str, Any]:
        """Return what is given, as JSON-ready data."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)

    @classmethod
    def of_wishes(cls, data: Any) -> Sidecar:
        """Read what `wishes` wrote, or anything like it; SidecarError where it can't be used."""
        if not isinstance(data, Mapping):
            raise SidecarError('the file: must be a JSON object, such as {"due": "+1 workdays 12:00 UTC"}')
        for key, value in data.items():
            if key not in _KEYS:
                raise SidecarError(f"{key}: {unknown(key, _KEYS)}")
            if key in TARGETS and not isinstance(value, Mapping | None):
                raise SidecarError(f'{key}: must be an object, such as {{"reviewers": []}}')
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise SidecarError("; ".join(f"{place}: {text}" for place, text in explain(error))) from None


_KEYS: Final = frozenset(
    {*Sidecar.model_fields, *TARGETS, *(key for target in TARGETS.values() for key in target.model_fields)}
)


def unknown(key: str, allowed: frozenset[str]) -> str:
    """Say that a key means nothing, and which ones do."""
    close = get_close_matches(key.lower(), allowed, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"is unknown; allowed: {', '.join(sorted(allowed))}{meant}"


def explain(error: ValidationError) -> list[tuple[str, str]]:
    """Say which fields are wrong, and why."""
    problems = []
    for problem in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ").replace("tuple", "list")
        problems.append((place, text))
    return problems


def read_sidecar(text: bytes) -> Sidecar:
    """Read a sidecar's JSON, in UTF-8 or UTF-16; SidecarError says which field is wrong."""
    if len(text) > MAX_SIDECAR_BYTES:
        raise SidecarError(f"the file: has more than {MAX_SIDECAR_BYTES:,} bytes")
    try:
        decoded = text.decode(json.detect_encoding(text))
    except UnicodeDecodeError:
        raise SidecarError("the file: is no text in UTF-8; save it as that") from None
    if not decoded.strip():
        raise SidecarError("the file: is empty; where nothing is to be said, write {}")
    try:
        # Stricter than json: no NaN, no half of a surrogate pair, and not too deep.
        data = from_json(decoded, allow_inf_nan=False)
    except ValueError as error:
        raise SidecarError(f"the file: Invalid JSON: {error}") from None
    json.loads(decoded, object_pairs_hook=_once)
    return Sidecar.of_wishes(data)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that says something twice: whichever was meant, the other would be ignored."""
    said = set()
    for key, _ in pairs:
        if key in said:
            raise SidecarError(f"{key}: stands twice")
        said.add(key)


def read_metadata(metadata: Mapping[str, str]) -> Sidecar | None:
    """Read the metadata of an object, None where none of them is ours; SidecarError says which is wrong.

    An empty value says nothing.
    """
    data: dict[str, Any] = {}
    for key, raw in metadata.items():
        name = key.lower()
        if not name.startswith(_METADATA):
            continue
        try:
            # S3 gives back what is not ASCII as RFC 2047 does.
            value = str(make_header(decode_header(raw))).strip()
        except (HeaderParseError, UnicodeError, LookupError):
            raise SidecarError(f"x-amz-meta-{key}: it can't be decoded; use ASCII or UTF-8") from None
        if value:
            _note(data, name.removeprefix(_METADATA), value)
    return Sidecar.of_wishes(data) if data else None


def _note(data: dict[str, Any], name: str, value: str) -> None:
    """Put a value where its name says: among the fields, in a vendor's table, or beside them."""
    if name in {"fields", *TARGETS}:
        raise SidecarError(f"x-amz-meta-{_METADATA}{name}: says nothing alone; name one key of it, as …-KEY")
    if name.startswith("field-"):
        data.setdefault("fields", {})[_key(name.removeprefix("field-"))] = value
        return
    for vendor in TARGETS:
        if name.startswith(f"{vendor}-"):
            _note(data.setdefault(vendor, {}), name.removeprefix(f"{vendor}-"), value)
            return
    key = _key(name)
    if key in _LISTS:
        data[key] = [each.strip() for each in value.split(",") if each.strip()]
    elif key == "create":
        # Anything else is told as the wrong value that it is.
        data[key] = {"true": True, "false": False}.get(value.lower(), value)
    else:
        data[key] = value


def _key(name: str) -> str:
    return name.replace("-", "_")


def sidecar_key(key: str) -> str:
    """Return where the sidecar of a file lies."""
    return key + SUFFIX


def file_of_sidecar(key: str) -> str | None:
    """Return the file that an object is the sidecar of: `a.pdf` for `a.pdf.json`; None where it is none."""
    if not key.endswith(SUFFIX):
        return None
    file = key.removesuffix(SUFFIX)
    return file if PurePosixPath(file).suffix else None
