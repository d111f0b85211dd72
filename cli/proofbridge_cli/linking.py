"""`proofbridge link`, `unlink`, `links`, `drift`: which items are one proof, and whether they agree."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from proofbridge.config.loader import load_config
from proofbridge.decisions.drift import Difference, Drift, repair
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.events.manual_linking import ManualLinker
from proofbridge.runtime.connections import Connections
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.secrets import Secrets
from proofbridge.vendors.deadline import Deadline

from . import options
from .errors import CommandError
from .lookup import ITEM_FORM, item_of
from .screen import Listing, console, print_json
from .stack import Stack, open_stack
from .words import item_words

PATIENCE_SECONDS: Final = 30.0
_LOCAL_PORTS: Final = {
    Vendor.GOOD2GO: 9001,
    Vendor.APPROVAL_STUDIO: 9002,
    Vendor.GOODDAY: 9003,
    Vendor.ROBOHEAD: 9004,
}
_Item = Annotated[str, typer.Argument(metavar="ITEM", help=ITEM_FORM)]


@dataclass(frozen=True, slots=True)
class _Desk:
    stack: Stack
    connections: Connections

    def look(self, ref: ItemRef) -> Observation:
        """Read an item at its vendor."""
        return self.connections.gateway(ref.vendor, Deadline.after(PATIENCE_SECONDS)).observe(ref)

    @property
    def joiner(self) -> ManualLinker:
        return ManualLinker(
            items=self.stack.items,
            words=self.stack.words,
            inbox=self.stack.inbox,
            look=self.look,
            now=_now,
        )


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _open(
    stack: str | None, *, local: bool, port_offset: int, config: options.ConfigDir = options.CONFIG
) -> Iterator[_Desk]:
    settings = load_config(config).vendors
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        endpoints = {
            vendor: Endpoint(
                found.base_url(vendor) or (f"http://127.0.0.1:{port + port_offset}" if local else ""),
                found.secret_id(vendor),
            )
            for vendor, port in _LOCAL_PORTS.items()
        }
        connections = Connections(
            endpoints, Secrets(lambda: found.client("secretsmanager"), 300), settings, _now
        )
        try:
            yield _Desk(found, connections)
        finally:
            connections.close()


def link(
    *,
    one: Annotated[str, typer.Argument(metavar="ITEM", help=ITEM_FORM)],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The item that belongs to it.")],
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Make two items one proof, with all that they are linked to. What was decided before is carried over."""
    refs = item_of(one), item_of(other)
    with _open(stack, local=local, port_offset=port_offset) as desk:
        joined = desk.joiner.join(*refs)
    if as_json:
        print_json(
            {
                "proof": joined.proof_id,
                "items": [str(ref) for ref in joined.items],
                "added": [str(ref) for ref in joined.added],
            }
        )
        return
    names = ", ".join(item_words(str(ref)) for ref in joined.items)
    done = "are linked now" if joined.added else "were linked already"
    console().print(f"{names} {done}: proof {joined.proof_id}.")


def unlink(
    *,
    item: _Item,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Take an item out of its proof. Nothing is changed at its vendor."""
    ref = item_of(item)
    with _open(stack, local=local, port_offset=port_offset) as desk:
        proof_id = desk.joiner.part(ref)
    if as_json:
        print_json({"item": str(ref), "proof": proof_id, "removed": proof_id is not None})
    elif proof_id is None:
        console().print(f"{item_words(str(ref))} was linked to nothing.")
    else:
        console().print(f"{item_words(str(ref))} is no longer part of proof {proof_id}.")


def links(
    *,
    named: Annotated[
        str | None, typer.Argument(metavar="[ITEM|PROOF]", help="One item's or proof's; all if left out.")
    ] = None,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """List the proofs, and the items of each."""
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        proofs = {proof_id: found.items.linked_to(proof_id) for proof_id in _proofs(found, named)}
    if as_json:
        print_json(
            {
                "proofs": [
                    {"proof": proof, "items": [str(ref) for ref in refs]} for proof, refs in proofs.items()
                ]
            }
        )
        return
    table = Listing("proof", "items", under="proof", wide=100)
    for proof, refs in proofs.items():
        table.add(proof, "\n".join(str(ref) for ref in refs))
    table.show(console())


def drift(
    *,
    named: Annotated[
        str | None, typer.Argument(metavar="[ITEM|PROOF]", help="One item's or proof's; all if left out.")
    ] = None,
    mend: Annotated[bool, typer.Option("--repair", help="Queue what puts it right.")] = False,
    config: options.ConfigDir = options.CONFIG,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Compare all linked items live, and say what differs from what was decided last, and why."""
    routes = load_config(config).routes
    with _open(stack, local=local, port_offset=port_offset, config=config) as desk:
        found = desk.stack
        comparison = Drift(
            items=found.items,
            words=found.words,
            ledger=found.ledger,
            gates=found.gates,
            routes=routes,
            look=desk.look,
            now=_now,
        )
        proofs = list(_proofs(found, named))
        differences = [each for proof_id in proofs for each in comparison.of_proof(proof_id)]
        repair_id = uuid.uuid4().hex[:12]
        queued: list[str] = []
        if mend:
            queued = repair(
                differences,
                repair_id,
                items=found.items,
                inbox=found.inbox,
                queues=found.queues,
                now=_now(),
            )
    if as_json:
        print_json(
            {
                "proofs": len(proofs),
                "drift": [_as_json(each) for each in differences],
                "repaired": [str(each.ref) for each in differences if mend and each.repair is not None],
                "actions": queued,
            }
        )
        return
    _print_drift(differences, len(proofs), mend=mend)


def _as_json(each: Difference) -> dict[str, Any]:
    return {
        "proof": each.proof_id,
        "item": str(each.ref),
        "field": each.field,
        "shows": each.shows,
        "wanted": each.wanted,
        "why": str(each.why),
        "reason": each.reason,
    }


def _print_drift(differences: list[Difference], proofs: int, *, mend: bool) -> None:
    screen = console()
    if not differences:
        screen.print(f"No drift: all items of {proofs} proofs show what was decided last.")
        return
    table = Listing("item", "field", "shows", "wanted", "why", "reason", under="item", wide=140)
    for each in differences:
        table.add(
            item_words(str(each.ref)),
            each.field.replace("_", " "),
            each.shows or "nothing",
            each.wanted or "nothing",
            each.why,
            each.reason,
        )
    table.show(screen)
    mendable = sum(each.repair is not None for each in differences)
    if mend:
        screen.print(f"{mendable} of {len(differences)} are being repaired.")
    elif mendable:
        screen.print(f"--repair puts {mendable} of {len(differences)} right.", style="dim")


def _proofs(found: Stack, named: str | None) -> Iterator[str]:
    if named is None:
        yield from found.items.proofs()
    elif "#" in named or ":" in named:
        ref = item_of(named)
        stored = found.items.get(ref)
        if stored is None or stored.proof_id is None:
            raise CommandError(f"{ref} is in no proof", "it is linked to nothing", "See: proofbridge links")
        yield stored.proof_id
    elif found.items.linked_to(named):
        yield named
    else:
        raise CommandError(f"there is no proof {named}", "nothing is linked to it", "See: proofbridge links")
