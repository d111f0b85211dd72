"""From stored events to changes and actions, to links and to replays."""
