"""Fn::ForEach: what comes of a loop, and what is refused as CloudFormation refuses it."""

from __future__ import annotations

from typing import Any

import pytest
from samcli.lib.cfn_language_extensions.sam_integration import (  # type: ignore[import-untyped]
    process_template_for_sam_cli,
)
from samtranslator.yaml_helper import yaml_parse

from local.aws.loops import LoopError, expand
from local.aws.paths import ROOT
from local.aws.template import read

TRANSFORMS = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]
QUEUE = {"Type": "AWS::SQS::Queue"}


def template(loop: Any, **sections: Any) -> dict[str, Any]:
    resources = {"Fn::ForEach::Queues": loop, **sections.pop("Resources", {})}
    return {"Transform": TRANSFORMS, "Resources": resources, **sections}


def with_property(value: Any) -> dict[str, Any]:
    body = {"${Vendor}Queue": {**QUEUE, "Properties": {"QueueName": value}}}
    mappings = {"Vendors": {"Good2Go": {"Slug": "good2go"}}}
    return template(["Vendor", ["Good2Go"], body], Mappings=mappings)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ({"Ref": "Vendor"}, "Good2Go"),
        ({"Ref": "Stage"}, {"Ref": "Stage"}),
        ({"Fn::Sub": "a-${Vendor}"}, "a-Good2Go"),
        ({"Fn::Sub": "${Stage}-${Vendor}"}, {"Fn::Sub": "${Stage}-Good2Go"}),
        ({"Fn::GetAtt": [{"Fn::Sub": "${Vendor}Dead"}, "Arn"]}, {"Fn::GetAtt": ["Good2GoDead", "Arn"]}),
        ({"Ref": {"Fn::Sub": "${Vendor}Dead"}}, {"Ref": "Good2GoDead"}),
        ({"Fn::FindInMap": ["Vendors", {"Ref": "Vendor"}, "Slug"]}, "good2go"),
        (
            {
                "Fn::Sub": [
                    "${S}/${Q}",
                    {"S": {"Fn::FindInMap": ["Vendors", {"Ref": "Vendor"}, "Slug"]}, "Q": 1},
                ]
            },
            {"Fn::Sub": ["good2go/${Q}", {"Q": 1}]},
        ),
        ([{"deep": [{"Ref": "Vendor"}, 5]}], [{"deep": ["Good2Go", 5]}]),
    ],
)
def test_value_of_the_loop_is_put_where_cloudformation_puts_it(value: Any, becomes: Any) -> None:
    expanded = expand(with_property(value))["Resources"]
    assert expanded == {"Good2GoQueue": {**QUEUE, "Properties": {"QueueName": becomes}}}


def test_each_value_makes_each_of_the_fragments_and_the_rest_stays() -> None:
    loop = ["Vendor", ["A", "B"], {"${Vendor}Queue": QUEUE, "${Vendor}Dead": QUEUE}]
    outputs = {"Fn::ForEach::Urls": ["Vendor", ["A"], {"${Vendor}Url": {"Value": {"Ref": "Vendor"}}}]}
    expanded = expand(template(loop, Resources={"Other": QUEUE}, Outputs=outputs))
    assert list(expanded["Resources"]) == ["AQueue", "ADead", "BQueue", "BDead", "Other"]
    assert expanded["Outputs"] == {"AUrl": {"Value": "A"}}


BODY = {"${V}Queue": QUEUE}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({**template(["V", ["A"], BODY]), "Transform": TRANSFORMS[1]}, "needs Transform: .*, in this order"),
        ({**template(["V", ["A"], BODY]), "Transform": TRANSFORMS[::-1]}, "Queues needs Transform"),
        (template(["V", ["A"]]), "Queues layout is incorrect"),
        (template(["V", {"Ref": "List"}, BODY]), "Queues layout is incorrect"),
        (template(["V", ["A"], [BODY]]), "Queues layout is incorrect"),
        (template(["V", ["A"], BODY], Parameters={"V": {"Type": "String"}}), "V is the name of a parameter"),
        (template(["V", ["A"], BODY], Resources={"V": QUEUE}), "V is the name of .* a resource"),
        (template(["V", ["A", "A"], BODY]), "there is a AQueue already"),
        (template(["V", ["A"], BODY], Resources={"AQueue": QUEUE}), "there is a AQueue already"),
        (template(["V", ["A", "B"], {"Queue": QUEUE}]), "there is a Queue already"),
        (with_property("a-${Vendor}"), r"'a-\$\{Vendor\}' would stay as it is; !Sub is wanted"),
        (with_property({"${Vendor}": 1}), "would stay as it is"),
        (with_property({"Fn::FindInMap": ["Vendors", {"Ref": "Vendor"}, "Name"]}), "has no Good2Go, Name"),
        (with_property({"Fn::ForEach::Deep": ["W", ["A"], {"${W}": 1}]}), "only at the top of a section"),
        (template(["V", ["A"], {"Fn::ForEach::${V}": ["W", ["A"], {}]}]), "only at the top of a section"),
    ],
)  # fmt: skip
def test_loop_is_refused_when_cloudformation_would_or_it_is_not_known_here(
    document: dict[str, Any], message: str
) -> None:
    with pytest.raises(LoopError, match=message):
        expand(document)


def test_template_becomes_what_sam_makes_of_it() -> None:
    path = ROOT / "template.yaml"
    document = yaml_parse(path.read_text(encoding="utf-8"))
    assert process_template_for_sam_cli(read(path)) == process_template_for_sam_cli(document)
