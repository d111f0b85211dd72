"""Requests that refuse, before anything is sent, what the vendor would refuse."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StrictBool,
    ValidationError,
    model_serializer,
)

from proofbridge.domain.items import in_utc, moment_text

from .errors import InvalidRequestError

_EMAIL: Final = re.compile(
    r"[^\s@<>(),;:\\\"\[\]]{1,64}@"  # the local part, unquoted
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_][\w-]{0,61}[^\W_]"  # at least two labels, no dot at the end
)
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MIME_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9!#$&^_.+-]*[A-Za-z0-9!#$&^_+-])?"  # RFC 6838, no dot at the end
_MIME_TYPE: Final = re.compile(f"{_MIME_NAME}/{_MIME_NAME}")
_MAX_EMAIL_LENGTH: Final = 254


class RequestModel(BaseModel):
    """The base of every model that is sent. Making an invalid one raises InvalidRequestError.

    A field left out, or set to None, isn't sent; but None is sent, as null, for a field named in `nullable`
    that was set to it: there it empties the field at the vendor. Names in `nullable` are as sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)
    vendor: ClassVar[str] = ""
    nullable: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **data: Any) -> None:
        for name, value in data.items():
            if isinstance(value, str) and not is_text(value):
                raise self._invalid(name, "must be text that can be written as UTF-8")
        try:
            super().__init__(**data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or type(self).__name__
            raise self._invalid(field, first["msg"].removeprefix("Value error, ")) from None

    @classmethod
    def _invalid(cls, field: str, rule: str) -> InvalidRequestError:
        return InvalidRequestError(field, rule, vendor=cls.vendor, operation=cls.__name__)

    @model_serializer(mode="wrap")
    def _sent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        emptied = self.nullable & {
            field.serialization_alias or name
            for name, field in type(self).model_fields.items()
            if name in self.model_fields_set
        }
        data: dict[str, Any] = handler(self)
        return {name: value for name, value in data.items() if value is not None or name in emptied}

    def fields(self) -> dict[str, Any]:
        """Return what is sent, as JSON-ready data under the vendor's names."""
        return self.model_dump(mode="json", by_alias=True)

    def json_body(self) -> bytes:
        """Return what is sent as JSON."""
        return self.model_dump_json(by_alias=True).encode()


def _email(text: str) -> str:
    local = text.partition("@")[0]
    bad_dots = local.startswith(".") or local.endswith(".") or ".." in local
    if len(text) > _MAX_EMAIL_LENGTH or bad_dots or not _EMAIL.fullmatch(text):
        raise ValueError("must be one e-mail address, without a dot at its end")
    return text


def is_text(text: str) -> bool:
    """Return whether the text has no lone surrogates: file systems hand out names that aren't UTF-8 so."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def check_guid(text: str) -> str:
    """Return the text, in lower case, when it is a GUID in its usual form; else ValueError with the rule."""
    if not _GUID.fullmatch(text):
        raise ValueError("must be a GUID such as 6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d and nothing more")
    return text.lower()


def check_mime_type(text: str) -> str:
    """Return the text when it is a MIME type; else raise ValueError with the rule."""
    if not _MIME_TYPE.fullmatch(text):
        raise ValueError("must be a MIME type such as application/pdf")
    return text


def _no_number(value: Any) -> Any:
    """Keep pydantic from taking a number for seconds since 1970."""
    number = isinstance(value, int | float)
    if number:
        raise ValueError("must be a date or a date-time, not a number")
    return value


Email = Annotated[str, AfterValidator(_email)]
Guid = Annotated[str, AfterValidator(check_guid)]
MimeType = Annotated[str, AfterValidator(check_mime_type)]
Instant = Annotated[
    AwareDatetime, BeforeValidator(_no_number), AfterValidator(in_utc), PlainSerializer(moment_text)
]
"""An aware moment; sent in UTC with milliseconds and Z, as in 2024-11-30T08:37:46.000Z."""
CalendarDay = Annotated[date, BeforeValidator(_no_number)]
"""A day, sent as 2024-11-30; a date-time only when it is that day's first moment."""
Switch = StrictBool
"""True or false and nothing that merely looks like it."""
