from __future__ import annotations

from dataclasses import dataclass

import pytest

from proofbridge.environment import EnvironmentVariableError, read_environment


@dataclass(frozen=True)
class Sample:
    inbox_table: str
    secret_cache_seconds: int


def test_record_is_filled_when_every_variable_is_there() -> None:
    variables = {"INBOX_TABLE": "inbox", "SECRET_CACHE_SECONDS": "0", "OTHER": "x"}
    assert read_environment(Sample, variables) == Sample("inbox", 0)


def test_every_problem_is_named_when_several_variables_are_wrong() -> None:
    with pytest.raises(EnvironmentVariableError) as caught:
        read_environment(Sample, {"INBOX_TABLE": "", "SECRET_CACHE_SECONDS": "5 min"})
    assert "INBOX_TABLE is missing" in str(caught.value)
    assert "SECRET_CACHE_SECONDS is '5 min', not a whole number" in str(caught.value)
    assert "template.yaml" in str(caught.value)


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", " 1", "²", "٣", "0x10", "1_0"])
def test_number_refused_when_it_is_not_made_of_digits(text: str) -> None:
    with pytest.raises(EnvironmentVariableError, match="not a whole number"):
        read_environment(Sample, {"INBOX_TABLE": "inbox", "SECRET_CACHE_SECONDS": text})
