"""template.yaml as CloudFormation: the SAM translator's view of it, code and layers left where they are."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.aws.loops import LoopError, expand

CODE_BUCKET = "local-aws-code"
_FUNCTION = "AWS::Serverless::Function"
_LAYER = "AWS::Serverless::LayerVersion"
_LOCATION = {_FUNCTION: "CodeUri", _LAYER: "ContentUri"}


class TemplateError(Exception):
    """The template or a parameter can't be used; the message says which and what is allowed."""


@dataclass(frozen=True)
class Template:
    """A translated template.

    `body` is CloudFormation; `directories` has the local directory of each function's code and each layer's
    content, by the logical id that template.yaml gives it. The translator's placeholder for it (an S3 key in
    CODE_BUCKET) is that logical id. `built` are the layers that `sam build` makes with a
    makefile: what their directory has is not yet their content.
    """

    body: dict[str, Any]
    parameters: dict[str, str]
    directories: dict[str, Path]
    built: frozenset[str]

    @property
    def resources(self) -> dict[str, Any]:
        """The CloudFormation resources by logical id."""
        resources: dict[str, Any] = self.body["Resources"]
        return resources


def read(path: Path) -> dict[str, Any]:
    """Parse a SAM template, carry its loops out, write `!Sub` and its kin out. Raise TemplateError."""
    try:
        document = yaml_parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path}: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path}: not a SAM template (no Resources)")
    try:
        return expand(document)
    except LoopError as error:
        raise TemplateError(f"{path}: {error}") from error


def parameter_values(
    document: Mapping[str, Any], overrides: Mapping[str, str], fallbacks: Mapping[str, str]
) -> dict[str, str]:
    """Every parameter's value: the override, else the fallback (if declared), else the default.

    Raise TemplateError for an override that the template doesn't declare or allow, or a missing value.
    """
    declared: dict[str, Any] = document.get("Parameters") or {}
    unknown = sorted(set(overrides) - set(declared))
    if unknown:
        allowed = ", ".join(sorted(declared)) or "none"
        raise TemplateError(f"unknown parameter {', '.join(unknown)}; the template's parameters: {allowed}")
    values: dict[str, str] = {}
    for name, declaration in declared.items():
        value = overrides.get(name, fallbacks.get(name, declaration.get("Default")))
        if value is None:
            raise TemplateError(f"parameter {name} has no default: give --parameter-overrides {name}=…")
        values[name] = str(value)
        _check_allowed(name, values[name], declaration)
    return values


def _check_allowed(name: str, value: str, declaration: Mapping[str, Any]) -> None:
    allowed: Sequence[Any] | None = declaration.get("AllowedValues")
    if allowed is not None and value not in [str(each) for each in allowed]:
        raise TemplateError(
            f"parameter {name} is {value!r}; allowed values: {', '.join(str(each) for each in allowed)}"
        )
    pattern: str | None = declaration.get("AllowedPattern")
    if pattern is not None and re.fullmatch(pattern, value) is None:
        raise TemplateError(f"parameter {name} is {value!r}; allowed pattern: {pattern}")
    if declaration.get("Type") != "Number":
        return
    try:
        number = float(value)
    except ValueError:
        raise TemplateError(f"parameter {name} is {value!r}, not a number") from None
    low, high = declaration.get("MinValue"), declaration.get("MaxValue")
    if (low is not None and number < float(low)) or (high is not None and number > float(high)):
        raise TemplateError(f"parameter {name} is {value}; allowed: {low} to {high}")


def translate(
    document: Mapping[str, Any], *, base: Path, parameters: Mapping[str, str], region: str
) -> Template:
    """Turn a SAM document into CloudFormation. `base` is the directory that its local paths start from.

    Raise TemplateError with the translator's own words when the document is not valid SAM.
    """
    sam = copy.deepcopy(dict(document))
    built = frozenset(
        logical_id
        for logical_id, resource in sam["Resources"].items()
        if (resource.get("Metadata") or {}).get("BuildMethod") == "makefile"
    )
    directories = _take_directories(sam, base)
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=region))
    try:
        body = translator.translate(sam, dict(parameters), get_managed_policy_map=_managed_policies)
    except InvalidDocumentException as error:
        causes = "\n".join(f"  {cause.message}" for cause in error.causes)
        raise TemplateError(f"the template is not valid SAM:\n{causes}") from error
    return Template(body=body, parameters=dict(parameters), directories=directories, built=built)


def _take_directories(sam: dict[str, Any], base: Path) -> dict[str, Path]:
    """Replace local code by S3 placeholders, which the translator insists on, and say where it was."""
    inherited = ((sam.get("Globals") or {}).get("Function") or {}).pop("CodeUri", None)
    directories: dict[str, Path] = {}
    for logical_id, resource in sam["Resources"].items():
        location = _LOCATION.get(resource.get("Type"))
        if location is None:
            continue
        properties = resource.setdefault("Properties", {})
        local = properties.get(location, inherited if location == "CodeUri" else None)
        if not isinstance(local, str) or "://" in local:
            raise TemplateError(f"{logical_id}: {location} must be a local directory to run here")
        directory = (base / local).resolve()
        if not directory.is_dir():
            raise TemplateError(f"{logical_id}: {location} {local} is not a directory")
        directories[logical_id] = directory
        properties[location] = f"s3://{CODE_BUCKET}/{logical_id}"
        resource.pop("Metadata", None)
    return directories


def _managed_policies() -> dict[str, str]:
    """Return the one thing that the translator would ask AWS for: managed policies' ARNs by name."""
    names = (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSXRayDaemonWriteAccess",
    )
    return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names}
