"""What functions print."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from local.aws.function_log import FunctionLog, ProcessOutput


@pytest.fixture
def log(tmp_path: Path) -> FunctionLog:
    return FunctionLog(tmp_path / "F.log", name="F", json_lines=False, verbose=False)


def test_tail_has_everything_when_reading_thread_has_not_come_to_it(log: FunctionLog) -> None:
    output = ProcessOutput(log)
    os.write(output.write_end, b"before\n")
    output.begin_tail()
    os.write(output.write_end, b"after, with no end of line")
    # The thread isn't even started: what is in the pipe counts.
    assert output.tail() == b"after, with no end of line"
    output.started()
    output.close()
    log.close()
    assert log.path.read_text() == "before\nafter, with no end of line\n"


def test_tail_is_the_last_four_kibibytes_when_more_was_printed(log: FunctionLog) -> None:
    output = ProcessOutput(log)
    output.begin_tail()
    os.write(output.write_end, b"x" * 10_000 + b"end")
    assert output.tail() == b"x" * 4093 + b"end"
    output.started()
    output.close()
    log.close()


def test_lines_are_shown_with_the_functions_name_when_verbose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = FunctionLog(tmp_path / "F.log", name="F", json_lines=True, verbose=True)
    log.write(b"one\ntwo\n")
    line = log.platform("start", "START", {"requestId": "1"})
    log.close()
    assert json.loads(line)["record"] == {"requestId": "1"}
    assert capsys.readouterr().err.splitlines()[:2] == ["[F] one", "[F] two"]
