"""What is said of one file beside it: in a sidecar `NAME.ext.json`, or in the object's metadata.

Metadata of ours begin with `proofbridge-`: `x-amz-meta-proofbridge-due`, `…-reviewers` (with commas between
them), `…-field-customer` for a field of the name. Where there is a sidecar, the metadata mean nothing.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictBool, ValidationError

from proofbridge.catalogue import Email
from proofbridge.dates import DueRule
from proofbridge.items import parse_moment
from proofbridge.sections import Word

SUFFIX: Final = ".json"
MAX_SIDECAR_BYTES: Final = 64 * 1024
_METADATA: Final = "proofbridge-"


class SidecarError(ValueError):
    """What is said of a file can't be used; the text names the field and what is wrong with it."""


def _due(text: str) -> str:
    try:
        parse_moment(text)
    except ValueError:
        DueRule.parse(text)
    return text


class Sidecar(BaseModel):
    """What one file wants otherwise than its destination does. What is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: dict[str, Word] = {}
    due: Annotated[str, AfterValidator(_due)] | None = None
    message: Word | None = None
    recipient: Email | None = None
    reviewers: tuple[str | int, ...] | None = None
    name: Word | None = None
    folder: Word | None = None
    category: Word | None = None
    project: str | int | None = None
    project_name: Word | None = None
    create: StrictBool | None = None
    owners: tuple[Word, ...] | None = None
    review: str | int | None = None
    title: Word | None = None

    def wishes(self) -> dict[str, Any]:
        """Return what is given, as JSON-ready data."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)

    @classmethod
    def of_wishes(cls, data: Mapping[str, Any]) -> Sidecar:
        """Read what `wishes` wrote, or anything like it; SidecarError where it can't be used."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise SidecarError(explain(error, allowed=cls.model_fields)) from None


def explain(error: ValidationError, *, allowed: Mapping[str, Any]) -> str:
    """Say in one line which fields are wrong, and why."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in problem["loc"] if part not in {"str", "int"}) or "the file"
        text = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            text = f"is unknown; allowed: {', '.join(sorted(allowed))}"
        line = f"{place}: {text}"
        if line not in lines:
            lines.append(line)
    return "; ".join(lines)


def read_sidecar(text: bytes) -> Sidecar:
    """Read a sidecar's JSON; SidecarError says which field is wrong."""
    try:
        return Sidecar.model_validate_json(text.removeprefix(codecs.BOM_UTF8))
    except ValidationError as error:
        raise SidecarError(explain(error, allowed=Sidecar.model_fields)) from None


def read_metadata(metadata: Mapping[str, str]) -> Sidecar | None:
    """Read the metadata of an object, None where none of them is ours; SidecarError says which is wrong."""
    data: dict[str, Any] = {}
    fields: dict[str, str] = {}
    for key, raw in metadata.items():
        name = key.lower()
        if not name.startswith(_METADATA):
            continue
        name = name.removeprefix(_METADATA).replace("-", "_")
        try:
            # S3 gives back what is not ASCII as RFC 2047 does.
            value = str(make_header(decode_header(raw)))
        except (HeaderParseError, UnicodeError, LookupError):
            raise SidecarError(f"x-amz-meta-{key}: it can't be decoded; use ASCII or UTF-8") from None
        if name.startswith("field_"):
            fields[name.removeprefix("field_")] = value
        elif name in {"reviewers", "owners"}:
            data[name] = [each.strip() for each in value.split(",") if each.strip()]
        elif name == "create":
            # Anything else is told as the wrong value that it is.
            data[name] = {"true": True, "false": False}.get(value.lower(), value)
        else:
            data[name] = value
    if fields:
        data["fields"] = fields
    return Sidecar.of_wishes(data) if data else None


def sidecar_key(key: str) -> str:
    """Return where the sidecar of a file lies."""
    return key + SUFFIX


def file_of_sidecar(key: str) -> str | None:
    """Return the file that an object is the sidecar of: `a.pdf` for `a.pdf.json`; None where it is none."""
    if not key.endswith(SUFFIX):
        return None
    file = key.removesuffix(SUFFIX)
    return file if PurePosixPath(file).suffix else None
