"""The stack in moto: what it creates of the template, stand-ins for what it can't, every name resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.aws.template import Template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

ACCOUNT = "123456789012"
STACK_NAME = "proofbridge"
_WIRE = "LocalWire"
_API_ID = "localhttpapi"

# The runner carries these out itself: moto would want Docker for them, or knows only half of them.
_OURS = {
    "AWS::ApiGatewayV2::Api",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
}
_REPORTED = _OURS | {"AWS::Events::Rule", "AWS::S3::Bucket"}

# moto creates these but can't say their name.
_NAMED_BY = {"AWS::Events::EventBus": "Name"}


class StackError(Exception):
    """The stack could not be created; the message says which resource and why."""


@dataclass(frozen=True)
class Resource:
    """A resource of the template with every reference resolved to the local name."""

    logical_id: str
    type: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """A created stack: its outputs, and the resources that the runner wires."""

    outputs: dict[str, str]
    resources: tuple[Resource, ...]

    def of_type(self, resource_type: str) -> Iterator[Resource]:
        """Return the resources of one CloudFormation type whose condition holds, in the template's order."""
        return (resource for resource in self.resources if resource.type == resource_type)


@dataclass(frozen=True)
class _StandIn:
    """What references to a resource that moto doesn't create become."""

    ref: Any
    attributes: dict[str, Any] = field(default_factory=dict)
    fallback: str = ""

    def attribute(self, logical_id: str, name: str) -> Any:
        if name in self.attributes:
            return self.attributes[name]
        return self.fallback or {"Fn::GetAtt": [logical_id, name]}


def create(
    client: CloudFormationClient,
    template: Template,
    *,
    creatable: Collection[str],
    region: str,
    addresses: Mapping[str, str],
) -> Stack:
    """Create the stack. `addresses`: the local origins, `http_api` and `aws`, that AWS's are replaced by."""
    left_out = {
        logical_id: resource
        for logical_id, resource in template.resources.items()
        if resource["Type"] in _OURS or resource["Type"] not in creatable
    }
    stand_ins = {
        logical_id: _stand_in(logical_id, resource, region) for logical_id, resource in left_out.items()
    }
    for logical_id, resource in template.resources.items():
        if resource["Type"] in _NAMED_BY and logical_id not in left_out:
            name = resource["Properties"][_NAMED_BY[resource["Type"]]]
            stand_ins[logical_id] = _StandIn(name, {"Name": name})
    body: dict[str, Any] = {
        **{
            part: template.body[part]
            for part in ("Parameters", "Conditions", "Mappings")
            if part in template.body
        },
        "Resources": {
            logical_id: _creatable(logical_id, resource, left_out)
            for logical_id, resource in template.resources.items()
            if logical_id not in left_out
        },
        "Outputs": {**(template.body.get("Outputs") or {}), **_wires(template)},
    }
    try:
        client.create_stack(
            StackName=STACK_NAME,
            TemplateBody=json.dumps(_replace(body, stand_ins)),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in template.parameters.items()
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        raise StackError(f"moto can't create the stack: {error.response['Error'].get('Message')}") from error
    stack = client.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    values = {
        output["OutputKey"]: _localise(output["OutputValue"], addresses)
        for output in stack.get("Outputs", [])
    }
    resources = [
        Resource(logical_id, resource["Type"], json.loads(values.pop(_WIRE + logical_id)))
        for logical_id, resource in template.resources.items()
        if _WIRE + logical_id in values
    ]
    return Stack(outputs=values, resources=tuple(resources))


def configure_buckets(client: S3Client, stack: Stack) -> None:
    """Turn on what moto's CloudFormation leaves out of a bucket: versions and events to EventBridge."""
    for resource in stack.of_type("AWS::S3::Bucket"):
        name = resource.properties["LocalName"]
        versioning = resource.properties.get("VersioningConfiguration")
        if versioning is not None:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
        if "EventBridgeConfiguration" in resource.properties.get("NotificationConfiguration", {}):
            client.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )


def _wires(template: Template) -> dict[str, Any]:
    """Make an output for each resource of ours, its properties as JSON: so moto resolves them all at once."""
    wires: dict[str, Any] = {}
    for logical_id, resource in template.resources.items():
        if resource["Type"] not in _REPORTED:
            continue
        properties = dict(resource.get("Properties") or {})
        if resource["Type"] == "AWS::S3::Bucket":
            properties["LocalName"] = {"Ref": logical_id}
        wires[_WIRE + logical_id] = {"Value": {"Fn::ToJsonString": properties}}
        if "Condition" in resource:
            wires[_WIRE + logical_id]["Condition"] = resource["Condition"]
    return wires


def _creatable(logical_id: str, resource: Mapping[str, Any], left_out: Collection[str]) -> dict[str, Any]:
    wanted = dict(resource)
    properties = wanted["Properties"] = dict(resource.get("Properties") or {})
    depends = wanted.pop("DependsOn", [])
    kept = [each for each in ([depends] if isinstance(depends, str) else depends) if each not in left_out]
    if kept:
        wanted["DependsOn"] = kept
    if resource["Type"] == "AWS::SQS::Queue" and str(properties.get("FifoQueue", "")).lower() == "true":
        properties.setdefault("QueueName", f"{STACK_NAME}-{logical_id}.fifo")
    return wanted


def _stand_in(logical_id: str, resource: Mapping[str, Any], region: str) -> _StandIn:
    properties: Mapping[str, Any] = resource.get("Properties") or {}

    def arn(service: str, kind: str, name: Any) -> dict[str, Any]:
        return {"Fn::Join": ["", [f"arn:aws:{service}:{region}:{ACCOUNT}:{kind}", name]]}

    match resource["Type"]:
        case "AWS::Lambda::Function":
            name = properties.get("FunctionName", logical_id)
            return _StandIn(name, {"Arn": arn("lambda", "function:", name)})
        case "AWS::ApiGatewayV2::Api":
            return _StandIn(_API_ID, {"ApiEndpoint": f"https://{_API_ID}.execute-api.{region}.amazonaws.com"})
        case "AWS::SecretsManager::Secret":
            # Secrets Manager takes a secret's name wherever it takes its ARN.
            name = properties.get("Name", logical_id)
            return _StandIn(name, {"Id": name})
        case "AWS::Scheduler::Schedule":
            name = properties.get("Name", logical_id)
            return _StandIn(name, {"Arn": arn("scheduler", "schedule/default/", name)})
        case other:
            fallback = f"arn:aws:{other.split('::')[1].lower()}:{region}:{ACCOUNT}:{logical_id}"
            return _StandIn(fallback if other == "AWS::Lambda::LayerVersion" else logical_id, {}, fallback)


def _replace(node: Any, stand_ins: Mapping[str, _StandIn]) -> Any:
    if isinstance(node, list):
        return [_replace(each, stand_ins) for each in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Ref"} and node["Ref"] in stand_ins:
        return stand_ins[node["Ref"]].ref
    if set(node) == {"Fn::GetAtt"}:
        target = node["Fn::GetAtt"]
        logical_id, attribute = target.split(".", 1) if isinstance(target, str) else target
        if logical_id in stand_ins:
            return stand_ins[logical_id].attribute(logical_id, attribute)
    if set(node) == {"Fn::Sub"}:
        return _replace_in_sub(node["Fn::Sub"], stand_ins)
    return {key: _replace(value, stand_ins) for key, value in node.items()}


def _replace_in_sub(sub: Any, stand_ins: Mapping[str, _StandIn]) -> dict[str, Any]:
    """Name each stand-in of a `Fn::Sub` in its second part, since it may itself be an expression."""
    text, given = sub if isinstance(sub, list) else (sub, {})
    names: dict[str, Any] = {name: _replace(value, stand_ins) for name, value in given.items()}

    def rename(match: re.Match[str]) -> str:
        logical_id, _, attribute = match[1].partition(".")
        if match[1] in names or logical_id not in stand_ins:
            return match[0]
        stand_in = stand_ins[logical_id]
        name = f"Local{len(names)}"
        names[name] = stand_in.attribute(logical_id, attribute) if attribute else stand_in.ref
        return f"${{{name}}}"

    text = re.sub(r"\$\{([A-Za-z0-9.]+)\}", rename, text)
    return {"Fn::Sub": [text, names] if names else text}


def _localise(value: str, addresses: Mapping[str, str]) -> str:
    """Let AWS's own addresses of the API and of the queues be the local ones."""
    value = re.sub(rf"https://{_API_ID}\.execute-api\.[a-z0-9.-]+", addresses["http_api"], value)
    return re.sub(r"https://sqs\.[a-z0-9-]+\.amazonaws\.com(?=/)", addresses["aws"], value)
