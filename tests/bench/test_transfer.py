"""The bench of large files: it sends what it says, and its figures are figures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

from tests.bench.transfer import (
    MEMORY_LIMIT_MIB,
    MIB,
    Uploads,
    measure_memory,
    measure_uploads,
    noise,
    process,
)
from tests.bench.uploading import FastS3, upload


def test_file_is_noise_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    made = noise(tmp_path / "noise", MIB + 5)
    assert made.stat().st_size == MIB + 5
    assert made.read_bytes() != noise(tmp_path / "other", MIB + 5).read_bytes()


def test_each_way_is_measured_in_each_round(tmp_path: Path) -> None:
    path = noise(tmp_path / "noise", 6 * MIB)
    rounds: list[int] = []
    taken = measure_uploads(path, 2, lambda: rounds.append(1))
    assert (
        len(rounds)
        == len(taken.plain)
        == len(taken.ours)
        == len(taken.hash_alone)
        == len(taken.unhashed)
        == 2
    )
    assert min(*taken.plain, *taken.ours, *taken.hash_alone, *taken.unhashed) > 0


def test_upload_gives_the_files_hash(tmp_path: Path) -> None:
    path = noise(tmp_path / "noise", 5 * MIB + 1)
    with process("tests.bench.sink") as sink_url:
        sha256 = upload(sink_url, cast("Any", FastS3(path)), 5 * MIB + 1)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_ratio_is_that_of_the_rounds_when_the_machine_becomes_slower() -> None:
    assert Uploads(plain=[8.0, 2.0, 4.0]).ratio([8.0, 4.0, 6.0]) == 1.5


def test_memory_stays_small_when_a_file_is_large() -> None:
    assert 0 <= measure_memory(150 * MIB) < MEMORY_LIMIT_MIB * MIB
