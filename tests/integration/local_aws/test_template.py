"""Reading the template: parameters and what can't be run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.aws import template
from local.aws.stack import Resource, Stack, StackError
from local.aws.template import TemplateError
from local.aws.wiring import refuse_rules_to_functions, refuse_unknown

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"


@pytest.fixture
def document() -> dict[str, Any]:
    return template.read(FIXTURE)


def test_override_beats_fallback_and_fallback_beats_default_when_all_are_given(
    document: dict[str, Any],
) -> None:
    values = template.parameter_values(
        document, {"Stage": "prod"}, {"Stage": "dev", "Good2GoBaseUrl": "http://local", "Undeclared": "x"}
    )
    assert values == {"Stage": "prod", "Good2GoBaseUrl": "http://local", "Limit": "10", "WithExtra": "no"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"Stge": "dev"}, "unknown parameter Stge; .*: Good2GoBaseUrl, Limit, Stage, WithExtra"),
        ({"Stage": "test"}, "Stage is 'test'; allowed values: dev, prod"),
        ({"Limit": "many"}, "Limit is 'many', not a number"),
        ({"Limit": "0"}, "Limit is 0; allowed: 1 to 100"),
        ({"Good2GoBaseUrl": "ftp://x"}, "Good2GoBaseUrl is 'ftp://x'; allowed pattern: https"),
    ],
)
def test_override_is_refused_when_template_does_not_allow_it(
    document: dict[str, Any], overrides: dict[str, str], message: str
) -> None:
    with pytest.raises(TemplateError, match=message):
        template.parameter_values(document, overrides, {})


def test_value_is_asked_for_when_parameter_has_no_default(document: dict[str, Any]) -> None:
    del document["Parameters"]["Stage"]["Default"]
    with pytest.raises(TemplateError, match="Stage has no default"):
        template.parameter_values(document, {}, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "template.yaml"), ("just text", "no Resources"), ("Resources: 5", "no Resources")],
)
def test_file_is_refused_when_it_is_no_template(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)
    with pytest.raises(TemplateError, match=message):
        template.read(path)


def test_translators_words_are_kept_when_document_is_not_valid(document: dict[str, Any]) -> None:
    document["Resources"]["EchoFunction"]["Properties"]["Events"]["Post"]["Properties"]["Method"] = 5
    with pytest.raises(TemplateError, match=r"EchoFunction.*Method"):
        template.translate(
            document,
            base=FIXTURE.parent,
            parameters=template.parameter_values(document, {}, {}),
            region="us-east-1",
        )


def test_function_is_refused_when_its_code_is_not_here(document: dict[str, Any]) -> None:
    document["Resources"]["EchoFunction"]["Properties"]["CodeUri"] = "nowhere/"
    with pytest.raises(TemplateError, match="EchoFunction: CodeUri nowhere/ is not a directory"):
        template.translate(document, base=FIXTURE.parent, parameters={}, region="us-east-1")


def test_rule_is_refused_when_it_would_invoke_a_function() -> None:
    target = {"Id": "f", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:EchoFunction"}
    stack = Stack(outputs={}, resources=(Resource("Dropped", "AWS::Events::Rule", {"Targets": [target]}),))
    with pytest.raises(StackError, match="Dropped: a rule can't invoke a function here"):
        refuse_rules_to_functions(stack)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sqs", "FilterCriteria"),
        ("sqs", "MaximumBatchingWindowInSeconds"),
        ("dynamodb", "MaximumRecordAgeInSeconds"),
        ("kinesis", "EventSourceArn"),
        ("schedule", "ScheduleExpressionTimezone"),
    ],
)
def test_property_is_refused_when_it_is_not_carried_out_here(kind: str, name: str) -> None:
    resource = Resource("Jobs", "AWS::Lambda::EventSourceMapping", {name: 1})
    with pytest.raises(StackError, match=f"Jobs: {name} is not known here for {kind}"):
        refuse_unknown(resource, kind)
