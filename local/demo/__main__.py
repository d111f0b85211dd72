"""`make demo`: a proof's whole life on this machine, as a timeline."""

from __future__ import annotations

import argparse
import sys
import threading
import time

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.aws import LocalAws, LocalAwsError
from local.demo.life import STEPS, StepFailedError
from local.demo.world import World


def main(arguments: list[str]) -> int:
    """Run the demo; 0 only if every step was verified."""
    parser = argparse.ArgumentParser(prog="make demo ARGS=…", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running, until Ctrl-C")
    parser.add_argument("--port-offset", type=int, default=0, help="added to every port (default 0)")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    began = time.monotonic()
    try:
        console.print("[bold]Proofbridge[/bold]: a proof's whole life on this machine\n")
        with LocalAws(port_offset=options.port_offset) as aws:
            _report(console, 1, "Local AWS starts from template.yaml", time.monotonic() - began)
            _print_lines(
                console, ["its functions run in processes of their own; the vendors are strict simulators"]
            )
            world = World(aws)
            try:
                verified = _live(console, world)
                _print_holdings(console, world)
            finally:
                world.close()
            console.print(
                f"\n{'All steps verified' if verified else 'Not verified'} in "
                f"{time.monotonic() - began:.0f} s."
            )
            if options.keep:
                _print_addresses(console, aws)
                threading.Event().wait()
    except LocalAwsError as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped.")
        return 130
    return 0 if verified else 1


def _live(console: Console, world: World) -> bool:
    for number, step in enumerate(STEPS, start=2):
        began = time.monotonic()
        try:
            lines = step.run(world)
        except (StepFailedError, LocalAwsError) as error:
            console.print(f"[red]✘ {number}  {step.title}[/red]\n     {error}\n     Logs: {world.aws.logs}")
            return False
        _report(console, number, step.title, time.monotonic() - began)
        _print_lines(console, lines)
    return True


def _report(console: Console, number: int, title: str, seconds: float) -> None:
    console.print(f"[green]✔[/green] [bold]{number}  {title}[/bold]  [dim]{seconds:.1f} s[/dim]")


def _print_lines(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(Padding(Text(line), (0, 0, 0, 5)))


def _print_holdings(console: Console, world: World) -> None:
    table = Table(title="\nWhat each vendor now holds", title_justify="left", title_style="bold")
    for heading in ("Vendor", "Item", "Status", "Due", "Newest remark"):
        table.add_column(heading, no_wrap=heading in {"Vendor", "Status", "Due"})
    for job in world.jobs():
        remarks = [entry["comments"] for entry in job["changelogs"] if not entry["comments"].startswith("{")]
        table.add_row(
            "Good2Go",
            f"{job['name']}, version {job['version']}",
            job["status"],
            (job["due_at"] or "")[:10],
            remarks[-1] if remarks else "",
        )
    for task in world.tasks():
        said = [message["text"] for message in task["messages"] if message["text"]]
        table.add_row(
            "GoodDay",
            f"{task['id']} “{task['name']}”",
            task["status"]["name"],
            task["deadline"] or "",
            said[-1].splitlines()[0],
        )
    console.print(table)
    good2go, goodday = (len(world.effects(vendor)) for vendor in ("good2go", "goodday"))
    console.print(f"Writes in all: {good2go} at Good2Go, {goodday} at GoodDay.")


def _print_addresses(console: Console, aws: LocalAws) -> None:
    table = Table(title="\nStill running, until Ctrl-C", title_justify="left", title_style="bold")
    table.add_column("What")
    table.add_column("Address")
    for vendor, url in sorted(aws.simulators.items()):
        table.add_row(f"{vendor}: play a person there", url)
    table.add_row("HTTP API", f"{aws.http_api}/webhooks/good2go")
    table.add_row("Lambda Invoke API", aws.lambda_api)
    table.add_row("AWS services", aws.aws)
    table.add_row("Drop folder", f"s3://{aws.outputs['DropBucketName']}/drop/labels/")
    console.print(table)
    console.print(
        "Drop a file:  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 \\\n"
        f"  .venv/bin/aws s3 cp FILE.pdf s3://{aws.outputs['DropBucketName']}/drop/labels/ "
        f"--endpoint-url {aws.aws}",
        markup=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
