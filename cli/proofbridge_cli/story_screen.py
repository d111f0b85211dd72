"""An event's story on the screen: a timeline that one glance tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemRef, Observation
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.stores.history import Entry
from proofbridge.stores.inbox import Source
from proofbridge.vendors.catalogue import ActionName

from .screen import STYLES, indented, state_text
from .story import QUEUED, Story, Told, body_of
from .words import change_words, item_words, moment_words, observation_words, short_id, shortened

MOST_BODY_LINES: Final = 24
FOLDED_BELOW: Final = 2
_DECIDABLE: Final = frozenset({"parked", "unknown"})
_MARKS: Final = {
    Source.WEBHOOK: "↓",
    Source.NOTICE: "↓",
    Source.OBSERVATION: "◆",
    Source.LINK: "∞",
}
_SAID: Final = {
    Source.WEBHOOK: "webhook",
    Source.NOTICE: "notice",
    Source.OBSERVATION: "observed",
    Source.LINK: "linked to its proof",
}


def show_story(screen: Console, story: Story) -> None:
    """Print a story."""
    item = story.item
    event = story.root.event
    title = Text((item and item.observation.name) or item_words(event.item), style="bold")
    screen.print(title)
    proof = f"  ·  proof {item.proof_id}" if item and item.proof_id else ""
    screen.print(Text(f"{event.item}{proof}", style="dim"), soft_wrap=True)
    screen.print(Text(f"{event.received_at:%A, %Y-%m-%d}, times in UTC", style="dim"))
    screen.print()
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    for moment, mark, what in _steps(story):
        grid.add_row("" if moment is None else f"{moment:%H:%M:%S}", mark, what)
    screen.print(grid)


def _steps(story: Story) -> Iterator[tuple[datetime | None, Text, RenderableType]]:
    for entry in (story.root, *story.observed):
        yield from _of_entry(story, entry)


def _of_entry(story: Story, entry: Entry) -> Iterator[tuple[datetime | None, Text, RenderableType]]:
    event = entry.event
    head = Text.assemble((_SAID[event.source], "bold"), "  ", (short_id(event.id), "dim"), "  ")
    if event.item != story.root.event.item:
        head.append(f"{item_words(event.item)}  ")
    head.append_text(state_text(event.state))
    lines: list[RenderableType] = [head]
    if event.reason:
        lines.append(Text(event.reason, style=STYLES[event.state]))
    if event.source is Source.OBSERVATION:
        lines.append(Text(observation_words(Observation.from_dict(json.loads(event.body)))))
    elif event.body:
        lines.append(indented(_body(body_of(event)), 2))
    lines += [Text.assemble(("Δ ", "bold"), change_words(change)) for change in entry.changes]
    if not entry.changes and not entry.actions and entry.processed_at is not None:
        lines.append(Text("nothing new", style="dim"))
    yield event.received_at, Text(_MARKS[event.source], style="bold"), Group(*lines)
    for told in story.of(entry):
        yield _of_action(told)
    for replay in entry.replays:
        what = Text.assemble(("replayed", "bold"), "  ", (replay.id, "dim"))
        if not replay.actions:
            what.append("  nothing was queued; it was put back on its way", style="dim")
        yield replay.at, Text("↻", style="bold"), what
        for key in replay.actions:
            yield _of_action(story.actions[key])


def _of_action(told: Told) -> tuple[datetime | None, Text, RenderableType]:
    effect = told.effect
    moment = None if effect is None else effect.state_at
    return moment, Text("→", style=STYLES.get(told.outcome, "")), action_block(told)


def action_block(told: Told) -> RenderableType:
    """Return an action with its outcome, its reason and what it says, in a few lines."""
    effect = told.effect
    head = Text.assemble((action_words(told), "bold"), "  ")
    head.append_text(state_text(told.outcome))
    if effect is not None and effect.attempts > 1:
        head.append(f" after {effect.attempts} attempts")
    head.append(f"  {told.id}", style="dim")
    lines = [head]
    if told.outcome == QUEUED:
        lines.append(Text("in its queue, not tried yet", style="dim"))
    if effect is not None and effect.reason:
        lines.append(Text(effect.reason, style=STYLES.get(told.outcome, "")))
    if effect is not None and effect.unclear:
        lines.append(Text("it may have happened", style=STYLES["unknown"]))
    if told.action is not None and told.action.name is not ActionName.OBSERVE:
        lines += _details(told.action)
    return Group(*lines)


def show_action(screen: Console, told: Told) -> None:
    """Print an action alone, with its key and the event that led to it."""
    screen.print(action_block(told))
    effect = told.effect
    if effect is not None:
        times = [f"first tried {moment_words(effect.first_started_at)}"] if effect.attempts else []
        if effect.state_at is not None:
            times.append(f"{told.outcome} since {moment_words(effect.state_at)}")
        screen.print(Text(f"{', '.join(times)} (UTC)", style="dim"))
    screen.print(Text(f"key    {told.key}", style="dim"), soft_wrap=True)
    if told.event_key is not None:
        screen.print(Text(f"event  {told.event_key}", style="dim"), soft_wrap=True)
    if told.outcome in _DECIDABLE:
        screen.print(
            f"Decide: proofbridge actions retry {told.id}\n"
            f"    or: proofbridge actions dismiss {told.id} --reason …"
        )


def _details(action: Action) -> Iterator[Text]:
    for name, value in action.params.items():
        if name == "status":
            continue  # said already
        yield Text.assemble((f"{name} ", "dim"), shortened(str(value), 400))
    if action.cause.rule:
        yield Text(f"by {action.cause.rule}", style="dim")


def action_words(told: Told) -> str:
    """Return what an action does, in few words."""
    action = told.action
    if action is None:
        kind, _, rest = told.key.partition("|")
        return f"{kind} {rest}"
    vendor = VENDOR_NAMES[action.vendor]
    if action.name is ActionName.OBSERVE:
        # The event's own item is named above it.
        is_other = told.event_key is not None and not told.event_key.startswith(f"{action.target}#")
        return f"read {item_words(str(action.target))} again" if is_other else f"read again at {vendor}"
    verb = str(action.name).rpartition(".")[2].replace("_", " ")
    target = told.to_dict()["target"]
    about = f" of {ItemRef.parse(target).kind} {_short(target)}" if target else ""
    status = action.params.get("status")
    to = f" to {status.replace('_', ' ')}" if isinstance(status, str) else ""
    return f"{vendor}: {verb}{about}{to}"


def _short(target: str) -> str:
    return item_words(target).rpartition(" ")[2]


def _body(body: Any) -> Text:
    """Return a body pretty-printed, its length bounded; what doesn't fit is folded first, then cut off."""
    text = body if isinstance(body, str) else _pretty(body)
    if len(text.splitlines()) > MOST_BODY_LINES and not isinstance(body, str):
        text = _pretty(_folded(body, FOLDED_BELOW)).replace('"{…}"', "{…}").replace('"[…]"', "[…]")
    lines = text.splitlines()
    if len(lines) > MOST_BODY_LINES:
        lines = [
            *lines[:MOST_BODY_LINES],
            f"… {len(lines) - MOST_BODY_LINES} more lines: see them with --json",
        ]
    return Text("\n".join(lines), style="dim", no_wrap=True, overflow="ellipsis")


def _pretty(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _folded(data: Any, levels: int) -> Any:
    """Return the data without what lies deeper than so many levels, and without what is null."""
    if isinstance(data, dict):
        kept = {name: value for name, value in data.items() if value is not None}
        if kept and not levels:
            return "{…}"
        return {name: _folded(value, levels - 1) for name, value in kept.items()}
    if isinstance(data, list):
        return "[…]" if data and not levels else [_folded(value, levels - 1) for value in data]
    return data
