from __future__ import annotations

import json

import pytest

from proofbridge.metrics import count


def test_count_is_one_line_of_the_embedded_metric_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "test")
    count("Webhooks", 3, vendor="good2go", outcome="accepted")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    line = json.loads(printed)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Proofbridge"
    assert directive["Dimensions"] == [["stage"], ["stage", "vendor", "outcome"]]
    assert directive["Metrics"] == [{"Name": "Webhooks", "Unit": "Count"}]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert {name: line[name] for name in ("stage", "vendor", "outcome", "Webhooks")} == {
        "stage": "test",
        "vendor": "good2go",
        "outcome": "accepted",
        "Webhooks": 3,
    }


def test_count_has_the_stage_alone_when_it_has_no_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    count("RemindersQueued", 0)
    line = json.loads(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage"]]
    assert line["RemindersQueued"] == 0
