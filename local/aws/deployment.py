"""What of a stack runs here: the settings of each function, out of its resolved properties."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.aws.layers import OptDirectories
from local.aws.stack import ACCOUNT, Stack
from local.aws.worker import FunctionSettings


def layer_arns(stack: Stack, region: str) -> dict[str, str]:
    """template.yaml's logical id of each layer, by the ARN under which functions name it."""
    return {
        f"arn:aws:lambda:{region}:{ACCOUNT}:{layer.logical_id}": layer.properties["Content"]["S3Key"]
        for layer in stack.of_type("AWS::Lambda::LayerVersion")
    }


def function_settings(
    stack: Stack,
    *,
    directories: Mapping[str, Path],
    opt: OptDirectories,
    region: str,
    default_concurrency: int,
) -> dict[str, FunctionSettings]:
    """Every function of the stack by logical id."""
    layers = layer_arns(stack, region)
    functions: dict[str, FunctionSettings] = {}
    for resource in stack.of_type("AWS::Lambda::Function"):
        properties = resource.properties
        name = str(properties.get("FunctionName", resource.logical_id))
        reserved = properties.get("ReservedConcurrentExecutions")
        functions[resource.logical_id] = FunctionSettings(
            logical_id=resource.logical_id,
            name=name,
            arn=f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}",
            handler=properties["Handler"],
            runtime=properties["Runtime"],
            code=directories[resource.logical_id],
            opt=opt.directory([layers[arn] for arn in properties.get("Layers", [])]),
            environment=_variables(properties),
            timeout_seconds=float(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            concurrency=default_concurrency if reserved is None else int(reserved),
            json_logs=properties.get("LoggingConfig", {}).get("LogFormat") == "JSON",
            log_level=properties.get("LoggingConfig", {}).get("ApplicationLogLevel", "INFO"),
        )
    return functions


def _variables(properties: Mapping[str, Any]) -> dict[str, str]:
    variables = properties.get("Environment", {}).get("Variables", {})
    return {name: _text(value) for name, value in variables.items()}


def _text(value: Any) -> str:
    """CloudFormation makes text of a variable's value: YAML's true and 5 are "true" and "5"."""
    return str(value).lower() if isinstance(value, bool) else str(value)
