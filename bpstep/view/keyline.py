"""The key line: what works here, in one row.

It drops from the right where there is no room; the command line and the help are dropped last, for they lead
to all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.view.canvas import Canvas

__all__ = ["draw"]

_LAST = (":", "?")


def draw(pairs: Sequence[tuple[str, str]], width: int) -> Canvas:
    """A row of (key, what it does)."""
    canvas = Canvas(width, 1)
    shown = list(pairs)
    gap = 3
    while shown and _width(shown, gap) > width - 2:
        if gap > 2:
            gap = 2
            continue
        droppable = [pair for pair in shown if pair[0] not in _LAST] or shown
        shown.remove(droppable[-1])
    x = 1
    for key, label in shown:
        x = canvas.put(x, 0, key, "key")
        x = canvas.put(x + 1, 0, label, "dim") + gap
    return canvas


def _width(pairs: Sequence[tuple[str, str]], gap: int) -> int:
    return sum(len(key) + 1 + len(label) for key, label in pairs) + gap * (len(pairs) - 1)
