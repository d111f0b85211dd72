from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from local.aws import simulators

PORTS = {"good2go": 9001, "approval-studio": 9002, "goodday": 9003, "robohead": 9004}


def test_local_aws_runs_a_simulator_when_the_template_names_its_vendor() -> None:
    named = ["Stage", "ApprovalStudioBaseUrl", "RoboHeadBaseUrl"]
    found = {each.vendor: each.port for each in simulators.existing(named)}
    assert found == {vendor: PORTS[vendor] for vendor in ("approval-studio", "robohead")}
    everything = [each.parameter for each in simulators.SIMULATORS]
    assert {each.vendor: each.port for each in simulators.existing(everything)} == PORTS
    assert simulators.existing([]) == ()


@pytest.mark.parametrize(
    ("vendor", "options"),
    [
        ("approval-studio", ["--webhook-url", "http://127.0.0.1:9/x", "--state-changes", '{"Active": []}']),
        ("robohead", ["--commands", '{"get_review": "Get"}', "--page-size", "5"]),
    ],
)
def test_simulator_ends_in_good_order_when_its_process_is_told_to(vendor: str, options: list[str]) -> None:
    command = [sys.executable, "-m", "local.simulators", vendor, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own command
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["vendor"] == vendor
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
