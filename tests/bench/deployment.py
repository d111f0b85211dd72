"""The functions of template.yaml as they are deployed: a copy of their code and layers, their environment."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.layers import OptDirectories
from local.aws.paths import ROOT
from local.aws.prepare import DEPENDENCIES
from local.aws.worker import FunctionSettings
from tests.infra.stack_template import functions, parameters

BARE = "bare handler"
AWS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    # Nothing listens there: what calls AWS while it starts would fail.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_HANDLERS = Path(__file__).with_name("handlers")
_LAYERS = {
    "DependenciesLayer": DEPENDENCIES,
    "ProofbridgeLayer": ROOT / "layers/proofbridge",
    "ConfigLayer": ROOT / "config",
}


@dataclass(frozen=True)
class Deployment:
    """One copy of all code, made without bytecode, and the functions that start from it."""

    folder: Path
    functions: dict[str, FunctionSettings]

    def forget_bytecode(self) -> None:
        """Make it as Lambda unpacks it: there is no bytecode in what we deploy."""
        for part in ("code", "layers"):
            for found in list((self.folder / part).rglob("__pycache__")):
                shutil.rmtree(found)


def deploy(folder: Path) -> Deployment:
    """Copy everything into an empty folder. The bare handler and the one for warm figures come with it."""
    code = folder / "code"
    shutil.copytree(ROOT / "functions", code, ignore=shutil.ignore_patterns("__pycache__"))
    for handler in _HANDLERS.glob("*.py"):
        shutil.copy(handler, code)
    layers = {name: folder / "layers" / name for name in _LAYERS}
    for name, source in _LAYERS.items():
        shutil.copytree(source, layers[name], ignore=shutil.ignore_patterns("__pycache__"))
    opt = OptDirectories(folder / "opt", layers)
    found = {
        BARE: _settings(BARE, "bare.lambda_handler", code, opt.directory([]), {}),
        "warm": _settings(
            "warm",
            "warm.lambda_handler",
            code,
            opt.directory(["ProofbridgeLayer"]),
            {"INBOX_TABLE": "inbox", "SECRET_ID": "warm", "SECRET_CACHE_SECONDS": "3600"},
        ),
    }
    for name, properties in functions().items():
        found[name] = _settings(
            name,
            properties["Handler"],
            code,
            opt.directory([layer["Ref"] for layer in properties["Layers"]]),
            {k: _resolved(v) for k, v in properties["Environment"]["Variables"].items()},
        )
    return Deployment(folder, found)


def _settings(
    name: str, handler: str, code: Path, opt: Path, environment: dict[str, str]
) -> FunctionSettings:
    return FunctionSettings(
        logical_id=name,
        name=name,
        arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        handler=handler,
        runtime="python3.13",
        code=code,
        opt=opt,
        environment={"STAGE": "bench", "CONFIG_DIR": "/opt", **environment},
        timeout_seconds=60,
        memory_mb=512,
        concurrency=1,
        json_logs=True,
    )


def _resolved(value: Any) -> str:
    """Put a parameter's default, or else the name itself, where the template refers to something."""
    if not isinstance(value, dict):
        return str(value)
    ((form, target),) = value.items()
    if form == "Sub":
        return re.sub(r"\$\{([^}]+)\}", lambda match: _resolved({"Ref": match[1]}), target)
    if form == "Ref" and target in parameters():
        return str(parameters()[target]["Default"])
    return target if isinstance(target, str) else ".".join(target)
