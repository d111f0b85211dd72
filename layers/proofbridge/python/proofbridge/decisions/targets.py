"""Which item an action acts on."""

from __future__ import annotations

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef
from proofbridge.stores.items import Items


def target_of(items: Items, action: Action) -> ItemRef | None:
    """Return the item that an action acts on; None for one that makes it, or where it is not there yet."""
    kind = action.kind.target
    if action.target is not None or kind is None:
        return action.target
    if action.proof_id is None:
        raise ValueError(f"{action.key}: neither an item nor a proof to act on")
    refs = items.of_proof(action.proof_id, action.vendor)
    found = _newest(items, [ref for ref in refs if ref.kind is kind])
    if found is not None or action.kind.through is None:
        return found
    way = _newest(items, [ref for ref in refs if ref.kind is action.kind.through])
    stored = None if way is None else items.get(way)
    project = None if stored is None or kind is not ItemKind.PROJECT else stored.observation.project
    return way if project is None else ItemRef(action.vendor, kind, project)


def _newest(items: Items, refs: list[ItemRef]) -> ItemRef | None:
    """Return the item with the newest version: at some vendors each version is an item of its own."""
    if len(refs) < 2:  # noqa: PLR2004 - nothing to choose from
        return refs[0] if refs else None
    stored = {ref: items.get(ref) for ref in refs}
    return max(
        refs,
        key=lambda ref: (
            0 if (item := stored[ref]) is None or item.observation.deleted else item.observation.version or 0
        ),
    )
