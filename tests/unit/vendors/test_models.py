from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from proofbridge.vendors.good2go import models as good2go
from proofbridge.vendors.goodday import models as goodday
from proofbridge.vendors.reading import AnswerModel


def models_of(module: ModuleType) -> list[type[AnswerModel]]:
    return [
        model
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, AnswerModel) and model.__module__ == module.__name__
    ]


MODELS = models_of(good2go) + models_of(goodday)


def required(model: type[AnswerModel]) -> dict[str, Any]:
    """Return the least that must be there: an id, or the list of a page."""
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.is_required():
            given[field.alias or name] = {"data": [], "locked": True}.get(name, "A1")
    return given


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("blank", [None, ""], ids=["null", "blank"])
def test_answer_is_read_when_every_optional_field_is(model: type[AnswerModel], blank: object) -> None:
    everything = {field.alias or name: blank for name, field in model.model_fields.items()}
    found = model.model_validate({**everything, **required(model), "a field of tomorrow": {"x": [1]}})
    for name, field in model.model_fields.items():
        if not field.is_required() and field.alias != "messageRTF":
            assert getattr(found, name) in (None, (), {}), name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_answer_is_read_when_only_the_least_is_there(model: type[AnswerModel]) -> None:
    model.model_validate(required(model))


@pytest.mark.parametrize(
    "model", [model for model in MODELS if required(model)], ids=lambda model: model.__name__
)
def test_answer_is_an_error_when_the_least_is_missing(model: type[AnswerModel]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate({})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_answer_is_an_error_when_it_is_no_object(model: type[AnswerModel]) -> None:
    nonsenses: tuple[object, ...] = ([], "text", 5)
    for nonsense in nonsenses:
        with pytest.raises(ValidationError):
            model.model_validate(nonsense)


def test_objects_are_none_when_php_wrote_them_as_empty_arrays() -> None:
    job = good2go.Job.model_validate({"guid": "x", "ac": [], "more_info": []})
    assert (job.ac, job.more_info) == (None, None)
    assert goodday.Task.model_validate({"id": "x", "customFieldsData": []}).custom_fields_data == {}


def test_parent_is_read_when_it_is_the_root_without_a_guid() -> None:
    parent = {"guid": None, "name": "", "status": "new", "c_email": "a@b.co"}
    read = good2go.Ownership.model_validate({"guid": "x", "parent": parent, "parent_guid": ""}).parent
    assert read is not None
    assert (read.guid, read.status, read.c_email) == (None, "new", "a@b.co")


def test_page_sizes_are_read_when_they_have_fractions() -> None:
    more = {
        "pageCount": "2",
        "pages": [{"bits": 8, "height": 841.89, "width": "595.28", "mime": "application/pdf"}],
    }
    info = good2go.MoreInfo.model_validate(more)
    assert (info.page_count, info.pages[0].height, info.pages[0].width) == (2, 841.89, 595.28)
