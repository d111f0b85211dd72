from __future__ import annotations

from dataclasses import dataclass

import pytest

from proofbridge.domain.items import Vendor
from proofbridge.runtime.environment import (
    Endpoint,
    EnvironmentVariableError,
    action_queues,
    read_environment,
    vendor_endpoints,
)


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


@dataclass(frozen=True)
class Optional:
    inbox_table: str
    source_ranges: str = "any"
    limit: int = 5


@pytest.mark.parametrize("given", [{}, {"SOURCE_RANGES": "", "LIMIT": ""}])
def test_default_holds_when_a_variable_is_absent_or_empty(given: dict[str, str]) -> None:
    assert read_environment(Optional, {"INBOX_TABLE": "inbox", **given}) == Optional("inbox", "any", 5)


def test_variable_is_read_when_it_has_a_default_too() -> None:
    given = {"INBOX_TABLE": "inbox", "SOURCE_RANGES": "10.0.0.0/8", "LIMIT": "7"}
    assert read_environment(Optional, given) == Optional("inbox", "10.0.0.0/8", 7)
    with pytest.raises(EnvironmentVariableError, match="LIMIT is 'x', not a whole number"):
        read_environment(Optional, {**given, "LIMIT": "x"})


def test_vendors_queues_and_endpoints_are_read_from_the_templates_json() -> None:
    assert action_queues('{"good2go": "https://q/1", "approval-studio": "https://q/2"}') == {
        Vendor.GOOD2GO: "https://q/1",
        Vendor.APPROVAL_STUDIO: "https://q/2",
    }
    assert vendor_endpoints('{"goodday": {"base_url": "https://v", "secret_id": "s"}}') == {
        Vendor.GOODDAY: Endpoint("https://v", "s")
    }
    with pytest.raises(ValueError, match="good3go"):
        action_queues('{"good3go": "https://q/1"}')
