"""The bench itself: it starts what is deployed, and its figures are figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws.children import Children
from local.aws.function_log import FunctionLog
from local.aws.prepare import prepare
from tests.bench.deployment import BARE, Deployment, deploy
from tests.bench.measure import SECRETS, Bench, ColdStarts, NotStartedError


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    prepare()
    return deploy(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    log = FunctionLog(tmp_path / "log", name="bench", json_lines=True, verbose=False)
    with Children() as children:
        yield Bench(children, log)
    log.close()


def nothing() -> None:
    pass


def test_every_start_is_measured_when_functions_start_in_turn(bench: Bench, deployment: Deployment) -> None:
    names = [BARE, "ReceiveGood2GoFunction", "ReceiveApprovalStudioFunction", "ReceiveSignalFunction"]
    order: list[int] = []

    starts = bench.cold_starts(
        deployment, names, rounds=2, before=deployment.forget_bytecode, done=lambda: order.append(1)
    )

    assert list(starts) == names
    assert len(order) == 8
    for taken in starts.values():
        assert len(taken.wall) == len(taken.cpu) == 2
        assert taken.wall_ms > 0
        assert taken.cpu_ms > 0


def test_ratio_is_that_of_the_rounds_when_the_machine_becomes_slower() -> None:
    bare, function = (
        ColdStarts(wall=[1.0, 1.0, 4.0], cpu=[1.0, 2.0, 8.0]),
        ColdStarts(wall=[2.0, 2.0, 8.0], cpu=[1.0, 4.0, 16.0]),
    )

    assert function.wall_ratio(bare) == 2
    assert function.cpu_ratio(bare) == 2
    assert function.cpu_ms == 4000


def test_environment_is_resolved_when_the_template_refers_to_something(deployment: Deployment) -> None:
    environment = deployment.functions["PerformActionFunction"].environment

    assert environment["SECRET_CACHE_SECONDS"] == "300"
    assert "https://api.goodday.work" in environment["VENDOR_ENDPOINTS"]
    assert "${" not in "".join(environment.values())


def test_bench_ends_when_a_function_does_not_start(bench: Bench, deployment: Deployment) -> None:
    broken = deployment.functions[BARE]
    (broken.code / "broken.py").write_text("raise OSError('no disk')\n")
    functions = {"broken": type(broken)(**{**vars(broken), "handler": "broken.lambda_handler"})}

    with pytest.raises(NotStartedError, match="no disk"):
        bench.cold_starts(
            Deployment(deployment.folder, functions), functions, rounds=1, before=nothing, done=nothing
        )


@pytest.mark.parametrize("sender", SECRETS)
def test_warm_figure_is_taken_of_accepted_webhooks(sender: str, bench: Bench, deployment: Deployment) -> None:
    assert bench.warm(deployment.functions["warm"], sender, 1) > 1
