"""What each function's role allows, in the physical names of a running stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.stack_template import functions, resources

Call = tuple[str, str]


def allowed_calls(function: str, physical: Mapping[str, str]) -> set[Call]:
    """The (action, resource pattern) pairs of a function's role, without logs and its trigger's own."""
    role = resources()[functions()[function]["Role"]["GetAtt"][0]]["Properties"]
    return {
        (action, _pattern(resource, physical))
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
        if not action.startswith("logs:") and action not in TRIGGERS
    }


TRIGGERS = {
    # Lambda's own pollers make these, under the function's role.
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
}


def physical_names(cloudformation: Any) -> dict[str, str]:
    """Return the stack's parameters, and the names of its resources by logical id.

    A queue's name is the last part of its address.
    """
    names = {
        logical: resource["Properties"]["Name"]["Sub"].replace("${Stage}", "dev")
        for logical, resource in resources().items()
        if resource["Type"] in {"AWS::SecretsManager::Secret", "AWS::Events::EventBus"}
    }
    (stack,) = cloudformation.describe_stacks(StackName="proofbridge")["Stacks"]
    names |= {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    summaries = cloudformation.list_stack_resources(StackName="proofbridge")["StackResourceSummaries"]
    for each in summaries:
        name = each["PhysicalResourceId"].rpartition("/")[2]
        names.setdefault(each["LogicalResourceId"], name)
    return names


def is_allowed(call: Call, allowed: set[Call]) -> bool:
    """Whether a call fits one of the pairs."""
    return any(call[0] == action and fnmatchcase(call[1], pattern) for action, pattern in allowed)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _pattern(resource: dict[str, Any], physical: Mapping[str, str]) -> str:
    if "GetAtt" in resource:
        return physical[resource["GetAtt"][0]]
    if "Ref" in resource:
        return physical[resource["Ref"]]
    text = resource["Sub"].rpartition(":identity/")[2]
    return re.sub(r"\$\{(\w+)(?:\.Arn)?\}", lambda match: physical[match[1]], text)
