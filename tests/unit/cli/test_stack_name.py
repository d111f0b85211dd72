from __future__ import annotations

from pathlib import Path

import pytest

from proofbridge_cli.stack import DEFAULT_NAME, default_name

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[default.global.parameters]\nstack_name = "mine"\n', "mine"),
        (
            '[default.global.parameters]\nstack_name = "x"\n[default.deploy.parameters]\nstack_name = "y"\n',
            "y",
        ),
        ("[default.deploy.parameters]\nresolve_s3 = true\n", DEFAULT_NAME),
        ("version = 0.1\n", DEFAULT_NAME),
        ("no TOML = [", DEFAULT_NAME),
    ],
)
def test_name_is_that_of_samconfig_when_it_has_one(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(text)

    assert default_name(tmp_path) == name


def test_name_is_the_usual_one_when_there_is_no_samconfig(tmp_path: Path) -> None:
    assert default_name(tmp_path) == DEFAULT_NAME


def test_repositorys_own_samconfig_names_the_stack() -> None:
    assert default_name(ROOT) == "proofbridge"
