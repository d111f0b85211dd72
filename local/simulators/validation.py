"""Reads what a caller sent, strictly: an unknown, missing, repeated or ill-formed field is a violation."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin

from flask import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from werkzeug.datastructures import MultiDict

from local.simulators.vendor import ViolationError

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """The base of every model of a request: unknown fields, loose types and nulls are refused.

    So None always means that an optional field was not given, except for the fields named in `nullable`
    (by the names that the caller sends).
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _refuse_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            nulls = sorted(key for key, value in data.items() if value is None and key not in cls.nullable)
            if nulls:
                raise ValueError(f"{', '.join(nulls)} must not be null")
        return data

    def given(self) -> dict[str, Any]:
        """Return only the fields that the caller sent, by their Python names."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


_ATOM = r"[^@\s,;:.<>()\[\]\"\\]+"
_LABEL = r"\w(?:[\w-]*\w)?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+\w[\w-]*\w")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = re.compile(r"\d{1,15}")


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID in lower case with hyphens."""
    return _GUID.fullmatch(text) is not None


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be a valid e-mail address")
    return text


def _guid(text: str) -> str:
    if not is_guid(text):
        raise ValueError("must be a valid UUID")
    return text


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a date of the form YYYY-MM-DD")
    return date.fromisoformat(value)


def _digits(value: object) -> int:
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        raise ValueError("must be a whole number")
    return int(value)


Email = Annotated[str, AfterValidator(_email)]
Guid = Annotated[str, AfterValidator(_guid)]
Day = Annotated[date, BeforeValidator(_day)]
IntText = Annotated[int, BeforeValidator(_digits)]
"""A whole number written as text, as in a query or a form."""


def one_of_texts(table: dict[str, bool]) -> BeforeValidator:
    """Return a validator that reads a boolean written as one of the texts of `table`."""

    def read(value: object) -> bool:
        if not isinstance(value, str) or value not in table:
            raise ValueError("must be one of " + ", ".join(repr(text) for text in table))
        return table[value]

    return BeforeValidator(read)


def check(model: type[Model], data: Any) -> Model:
    """Return `data` as a model; ViolationError names each field that is wrong and why."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ViolationError(reason_of(error)) from None


def reason_of(error: ValidationError) -> str:
    """Say in one line what is wrong with which field."""
    reasons = []
    for detail in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in detail["loc"]) or "body"
        reasons.append(f"{field}: {detail['msg'].removeprefix('Value error, ')}")
    return "; ".join(reasons)


def read_query(request: Request, model: type[Model] | None) -> Model | None:
    """Return the query parameters as a model (None: there may be none)."""
    if model is None:
        if request.args:
            raise ViolationError(f"unknown query parameter: {', '.join(sorted(request.args))}")
        return None
    return _read_texts(request.args, model)


def read_fields(request: Request, model: type[Model]) -> Model:
    """Return the fields of a form without files as a model."""
    if request.mimetype != _FIELDS:
        raise ViolationError(f"the body is {request.mimetype or 'of no type'}, not {_FIELDS}", status=415)
    return _read_texts(request.form, model)


_FIELDS = "application/x-www-form-urlencoded"


def _read_texts(texts: MultiDict[str, str], model: type[Model]) -> Model:
    lists = {info.alias or name for name, info in model.model_fields.items() if _is_list(info.annotation)}
    data: dict[str, Any] = {}
    for key, values in texts.lists():
        name = key.removesuffix("[]")
        if name in lists:
            data[name] = [*data.get(name, []), *values]
        elif len(values) > 1:
            raise ViolationError(f"{key}: given {len(values)} times")
        else:
            data[key] = values[0]
    return check(model, data)


def read_json(request: Request, model: type[Model] | None) -> Model | None:
    """Return the JSON body as a model (None: there may be no body)."""
    raw = request.get_data(cache=False)
    if model is None:
        if raw:
            raise ViolationError("this operation takes no body")
        return None
    if not raw:
        return check(model, {})
    if request.mimetype != "application/json":
        raise ViolationError(
            f"the body is {request.mimetype or 'of no type'}, not application/json", status=415
        )
    try:
        data = json.loads(raw)
    except ValueError:
        raise ViolationError("the body is not JSON") from None
    return check(model, data)


def nested(fields: MultiDict[str, Any]) -> dict[str, Any]:
    """Return form fields as PHP nests them: `task[due_at]`, `reviewers[0][email]`, `reviewers[][email]`."""
    result: dict[str, Any] = {}
    for key, values in fields.lists():
        name, *steps = re.split(r"\]?\[", key.removesuffix("]"))
        if not steps:
            if len(values) > 1:
                raise ViolationError(f"{key}: given {len(values)} times")
            result[name] = values[0]
        elif steps[0] == "" or steps[0].isdigit():
            _put_in_list(result.setdefault(name, []), key, steps, values)
        else:
            _put_in_object(result.setdefault(name, {}), key, steps, values)
    return result


def _put_in_list(items: Any, key: str, steps: list[str], values: list[Any]) -> None:
    if not isinstance(items, list):
        raise ViolationError(f"{key}: is given both as a list and as something else")
    if len(steps) == 1:
        items.extend(values)
    elif steps[0] == "":
        items.extend({steps[1]: value} for value in values)
    else:
        while len(items) <= int(steps[0]) and len(items) < _LONGEST_LIST:
            items.append({})
        if int(steps[0]) >= len(items) or not isinstance(items[int(steps[0])], dict):
            raise ViolationError(f"{key}: does not fit into the list")
        _put_in_object(items[int(steps[0])], key, steps[1:], values)


_LONGEST_LIST = 1000


def _put_in_object(target: Any, key: str, steps: list[str], values: list[Any]) -> None:
    if not isinstance(target, dict) or len(steps) != 1 or len(values) != 1 or steps[0] in target:
        raise ViolationError(f"{key}: given more than once, or nested too deep")
    target[steps[0]] = values[0]


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return False
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
