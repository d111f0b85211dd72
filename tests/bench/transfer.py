"""What moving a large file takes: throughput against a plain upload, memory, the way through local AWS."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, cast

import requests
from rich.table import Table

from local.aws import LocalAws
from local.aws.paths import ROOT
from local.demo.world import World
from proofbridge.vendors.multipart import FileSource
from tests.bench.uploading import FastS3, send, upload

MIB = 1024 * 1024
MEMORY_LIMIT_MIB = 64


@dataclass
class Uploads:
    """The bytes per second of each way, in each round."""

    plain: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    unhashed: list[float] = field(default_factory=list)
    hash_alone: list[float] = field(default_factory=list)

    def ratio(self, of: list[float]) -> float:
        """How many times as fast as a plain upload something is: the median of the rounds' ratios."""
        return median(mine / plain for mine, plain in zip(of, self.plain, strict=True))


def noise(path: Path, size_bytes: int) -> Path:
    """Make a file that nothing can compress."""
    with path.open("wb") as file:
        for start in range(0, size_bytes, MIB):
            file.write(os.urandom(min(MIB, size_bytes - start)))
    return path


@contextlib.contextmanager
def process(module: str, *arguments: str) -> Iterator[str]:
    """Run a module that prints its port and ends with its standard input; give its address."""
    with subprocess.Popen(  # noqa: S603 - the command is ours
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.stdin.close()


def measure_uploads(path: Path, rounds: int, done: Callable[[], None]) -> Uploads:
    """Send the file in turn: plainly, and as the relay does, with its hash. Then only hash it."""
    taken = Uploads()
    size_bytes = path.stat().st_size
    s3 = cast("Any", FastS3(path))
    with process("tests.bench.sink") as sink_url, requests.Session() as session:
        session.trust_env = False
        for _ in range(rounds):
            with _timed(taken.plain, size_bytes), path.open("rb") as file:
                session.post(sink_url, data=file, timeout=600).raise_for_status()
            with _timed(taken.ours, size_bytes):
                sha256 = upload(sink_url, s3, size_bytes)
            with _timed(taken.unhashed, size_bytes):
                send(sink_url, FileSource(path))
            with _timed(taken.hash_alone, size_bytes), path.open("rb", buffering=0) as file:
                alone = hashlib.file_digest(file, "sha256").hexdigest()
            assert sha256 == alone, "the file that was sent is not the file"
            done()
    return taken


def measure_memory(size_bytes: int) -> int:
    """Return how far a process's memory rises above idle while it uploads a file from a real S3 client."""
    with (
        process("tests.bench.sink") as sink_url,
        process("tests.bench.large_s3", str(size_bytes)) as s3_url,
    ):
        command = [sys.executable, "-m", "tests.bench.uploading", sink_url, s3_url, str(size_bytes)]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=_environment())  # noqa: S603
    return int(told.stdout)


def measure_end_to_end(path: Path) -> float:
    """Return the bytes per second from the end of a drop into S3 until all of local AWS is at rest."""
    with LocalAws() as aws:
        world = World(aws)
        try:
            world.s3.upload_file(str(path), world.bucket, "drop/labels/large.pdf")
            began = time.perf_counter()
            world.settle()
            seconds = time.perf_counter() - began
            (job,) = world.jobs()
            with path.open("rb", buffering=0) as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            assert job["versions"][-1]["sha256"] == sha256, "it did not arrive"
        finally:
            world.close()
    return path.stat().st_size / seconds


def upload_table(title: str, taken: Uploads) -> Table:
    """Show the throughputs."""
    table = Table(title=title, title_justify="left")
    table.add_column("way")
    table.add_column("MB/s", justify="right")
    table.add_column("x plain", justify="right")
    for way, rates in (
        ("plain requests.post(data=open(file)), no hash", taken.plain),
        ("the relay's upload, with SHA-256", taken.ours),
        ("the same without SHA-256", taken.unhashed),
        ("SHA-256 alone: nothing that hashes is faster", taken.hash_alone),
    ):
        table.add_row(way, f"{median(rates) / 1e6:,.0f}", f"{taken.ratio(rates):.2f}")
    return table


@contextlib.contextmanager
def _timed(into: list[float], size_bytes: int) -> Iterator[None]:
    began = time.perf_counter()
    yield
    into.append(size_bytes / (time.perf_counter() - began))


def _environment() -> dict[str, str]:
    paths = ("layers/proofbridge/python", "functions", "cli", ".")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / path) for path in paths)}
