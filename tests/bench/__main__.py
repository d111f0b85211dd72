"""Start-up and throughput figures of the functions, on the real runtime client, and of large files.

In each round every function is started once, in turn, so that a slower moment of the machine meets all of
them. The bare handler, which only makes a DynamoDB client by boto3, is what they are held against.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from local.aws.children import Children
from local.aws.function_log import FunctionLog
from local.aws.prepare import prepare
from tests.bench.deployment import BARE, deploy
from tests.bench.measure import SECRETS, Bench, ColdStarts
from tests.bench.transfer import (
    MEMORY_LIMIT_MIB,
    MIB,
    measure_end_to_end,
    measure_memory,
    measure_uploads,
    noise,
    upload_table,
)
from tests.infra.stack_template import functions

FEWEST_ROUNDS = 9
TRANSFER_ROUNDS = 7
END_TO_END_MIB = 256
RECEIVER_BUDGET = 1.1
"""How much of the bare handler's CPU time a receiver may take; the clock shows what else the machine does."""


def main() -> int:
    """Print the figures. 1 if `--check` is given and a receiver, or the memory, is over its budget."""
    arguments = _arguments()
    prepare()
    console = Console()
    over = [] if arguments.what == "transfer" else _starts(arguments, console)
    over += [] if arguments.what == "starts" else _transfer(arguments, console)
    if arguments.check and over:
        console.print("\n".join(over), style="red")
        return 1
    return 0


def _transfer(arguments: argparse.Namespace, console: Console) -> list[str]:
    """Print what a large file takes; return what is over its budget."""
    size_bytes = arguments.mib * MIB
    with tempfile.TemporaryDirectory() as folder:
        path = noise(Path(folder) / "large", size_bytes)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("uploads", total=TRANSFER_ROUNDS)
            taken = measure_uploads(path, TRANSFER_ROUNDS, lambda: progress.advance(task))
        title = f"Upload of {arguments.mib:,} MiB to a local sink; medians of {TRANSFER_ROUNDS}"
        console.print(upload_table(f"{title}, {os.cpu_count()} processors", taken))
        peak_mib = measure_memory(size_bytes) / MIB
        console.print(f"Peak memory above idle while {arguments.mib:,} MiB are sent: {peak_mib:.0f} MiB")
        path.unlink()
        dropped = noise(Path(folder) / "dropped", min(arguments.mib, END_TO_END_MIB) * MIB)
        speed = measure_end_to_end(dropped) / 1e6
        console.print(
            f"From the drop into S3 to the receipt, through local AWS, {dropped.stat().st_size // MIB} MiB: "
            f"{speed:,.0f} MB/s"
        )
    limit = f"memory: {peak_mib:.0f} MiB above idle, {MEMORY_LIMIT_MIB} are allowed"
    return [limit] if peak_mib > MEMORY_LIMIT_MIB else []


def _starts(arguments: argparse.Namespace, console: Console) -> list[str]:
    """Print what starting takes; return what is over its budget."""
    names = [BARE, *(name for name in functions() if arguments.only in name)]
    with tempfile.TemporaryDirectory() as folder, Children() as children:
        log = FunctionLog(Path(folder) / "log", name="bench", json_lines=True, verbose=False)
        bench = Bench(children, log)
        compiled, deployed = deploy(Path(folder) / "compiled"), deploy(Path(folder) / "deployed")
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("cold starts", total=(2 * arguments.rounds + 1) * len(names))

            def step() -> None:
                progress.advance(task)

            # One round writes the bytecode.
            bench.cold_starts(compiled, names, rounds=1, before=_nothing, done=step)
            compiled_starts = bench.cold_starts(
                compiled, names, rounds=arguments.rounds, before=_nothing, done=step
            )
            deployed_starts = bench.cold_starts(
                deployed, names, rounds=arguments.rounds, before=deployed.forget_bytecode, done=step
            )
        of = f"until the first event is asked for; medians of {arguments.rounds}"
        console.print(_cold_table(f"Cold start with bytecode, {of}", compiled_starts))
        # There is none in what we deploy, and Lambda can't write any.
        console.print(_cold_table(f"Cold start as deployed, without bytecode, {of}", deployed_starts))
        warm = {
            sender: bench.warm(compiled.functions["warm"], sender, arguments.rounds) for sender in SECRETS
        }
        console.print(_warm_table(warm))
        log.close()
    return [
        f"{name}: {ratio:.2f} x the bare handler's CPU time, {RECEIVER_BUDGET} is allowed"
        for starts in (compiled_starts, deployed_starts)
        for name, taken in starts.items()
        if name.startswith("Receive") and (ratio := taken.cpu_ratio(starts[BARE])) > RECEIVER_BUDGET
    ]


def _nothing() -> None:
    pass


def _cold_table(title: str, starts: Mapping[str, ColdStarts]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("function", no_wrap=True)
    for figure in ("ms", "x bare", "CPU ms", "x bare"):
        table.add_column(figure, justify="right")
    bare = starts[BARE]
    for name, taken in starts.items():
        table.add_row(
            name,
            f"{taken.wall_ms:.0f}",
            f"{taken.wall_ratio(bare):.2f}",
            f"{taken.cpu_ms:.0f}",
            f"{taken.cpu_ratio(bare):.2f}",
        )
    return table


def _warm_table(warm: Mapping[str, float]) -> Table:
    table = Table(title="Accepted webhook in a warm process, without the AWS call", title_justify="left")
    table.add_column("receiver")
    table.add_column("CPU microseconds", justify="right")
    for sender, microseconds in warm.items():
        table.add_row(sender, f"{microseconds:.0f}")
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=11, help=f"starts of each function, {FEWEST_ROUNDS} or more"
    )
    parser.add_argument("--only", default="", help="functions with this in their names, e.g. Receive")
    parser.add_argument(
        "--check", action="store_true", help="fail if a receiver or the memory is over its budget"
    )
    parser.add_argument(
        "--what", choices=("all", "starts", "transfer"), default="all", help="which figures are taken"
    )
    parser.add_argument("--mib", type=int, default=1024, help="the size of the file that is moved")
    arguments = parser.parse_args()
    if arguments.rounds < FEWEST_ROUNDS:
        parser.error(f"--rounds: {FEWEST_ROUNDS} or more are needed for a median that means something")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main())
