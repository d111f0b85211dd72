from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.aws import LocalAws
from local.demo.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A local AWS of the real template, with simulators, on free ports."""
    with LocalAws() as aws:
        world = World(aws)
        try:
            yield world
        finally:
            world.close()
