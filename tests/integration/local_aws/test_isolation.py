"""A function sees what it would see at AWS, and nothing of the machine it runs on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.aws.layers import OptDirectories, rewrite_opt

CODE = Path(__file__).with_name("fixture") / "functions"


def import_in_function(aws: LocalAws, module: str) -> dict[str, str]:
    found: dict[str, str] = aws.invoke("EchoFunction", {"probe": "import", "module": module})
    return found


@pytest.mark.parametrize("module", ["moto", "rich", "pytest", "samtranslator", "local", "tests", "pip"])
def test_import_fails_when_module_is_only_in_the_repository_or_its_environment(
    aws: LocalAws, module: str
) -> None:
    assert "missing" in import_in_function(aws, module)


@pytest.mark.parametrize("module", ["boto3", "botocore", "awslambdaric", "urllib3"])
def test_import_works_when_lambda_itself_has_the_module(aws: LocalAws, module: str) -> None:
    assert "/.local/runtime/" in import_in_function(aws, module)["file"]


@pytest.mark.parametrize(
    ("module", "word"),
    [("greetings.first", "from the first layer"), ("greetings.second", "from the second layer")],
)
def test_import_works_when_two_layers_share_a_package(aws: LocalAws, module: str, word: str) -> None:
    assert import_in_function(aws, module)["word"] == word


def test_path_has_code_then_layers_then_runtime_when_function_starts(aws: LocalAws) -> None:
    seen = aws.invoke("EchoFunction", {"probe": "path"})
    places = [place for place in seen["path"] if "/lib/python3" not in place or "/opt/" in place]
    assert places[0] == seen["directory"] == str(CODE)
    assert [Path(place).name for place in places[1:4]] == ["site-packages", "python", "runtime"]
    assert not [place for place in seen["path"] if ".venv" in place]


def test_environment_is_lambdas_and_the_templates_when_function_starts(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_THE_MACHINE", "x")
    seen = aws.invoke("EchoFunction", {"probe": "environment"})
    for name in ("FROM_THE_MACHINE", "HOME", "VIRTUAL_ENV", "PYTHONPATH", "HTTP_PROXY"):
        assert name not in seen
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "EchoFunction"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert seen["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert seen["AWS_REGION"] == aws.region
    assert seen["AWS_ENDPOINT_URL"] == aws.aws
    assert seen["LAMBDA_TASK_ROOT"] == str(CODE)
    assert seen["AWS_CONFIG_FILE"] == os.devnull


def test_environment_has_physical_names_when_template_has_references(aws: LocalAws) -> None:
    seen = aws.invoke("EchoFunction", {"probe": "environment"})
    assert seen["TABLE_NAME"] == aws.outputs["TableName"]
    assert seen["QUEUE_URL"] == aws.outputs["JobsUrl"]
    assert seen["STAGE"] == "dev"
    assert seen["SECRET_ID"] == "proofbridge/dev/good2go"
    assert seen["VENDOR"] == f"http://127.0.0.1:{9001 + int(aws.http_api.rpartition(':')[2]) - 3000}"


def test_opt_holds_the_layers_when_environment_names_a_file_in_it(aws: LocalAws) -> None:
    assert aws.invoke("EchoFunction", {"probe": "read", "variable": "CONFIG_FILE"}) == 'name = "fixture"\n'


def test_aws_services_answer_when_function_calls_them(aws: LocalAws) -> None:
    assert aws.invoke("EchoFunction", {"probe": "table"}) == "put"
    item = {"pk": {"S": "from-function"}, "sk": {"S": "1"}}
    assert aws.client("dynamodb").get_item(TableName=aws.outputs["TableName"], Key=item)["Item"] == item


def test_later_layer_wins_when_two_have_one_file(tmp_path: Path) -> None:
    layers = {}
    for layer in ("one", "two"):
        layers[layer] = tmp_path / layer
        (layers[layer] / "python" / "shared").mkdir(parents=True)
        (layers[layer] / "settings.toml").write_text(layer)
        (layers[layer] / "python" / "shared" / f"{layer}.py").write_text(layer)
    opt = OptDirectories(tmp_path / "opt", layers).directory(["one", "two"])
    assert (opt / "settings.toml").read_text() == "two"
    assert sorted(path.name for path in (opt / "python" / "shared").iterdir()) == ["one.py", "two.py"]
    assert (layers["one"] / "settings.toml").read_text() == "one"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("/opt", "/there"), ("/opt/a.toml", "/there/a.toml"), ("/optional", "/optional"), ("x/opt", "x/opt")],
)
def test_only_opt_itself_is_rewritten_when_environment_is_made(value: str, wanted: str) -> None:
    assert rewrite_opt(value, Path("/there")) == wanted
