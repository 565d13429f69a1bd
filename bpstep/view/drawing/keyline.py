"""The key line: what works here, in one row.

What has no room goes on a further page of the row, which one key turns to.  The command line and the help are on the
first page, for they lead to all the rest.  Where nothing turns pages, it drops from the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpstep.view.drawing.canvas import Canvas, Press

__all__ = ["draw", "pages"]

Pairs = Sequence[tuple[str, str]]

#: The key that turns the page, the command line, and the help.
_MORE = "."
_LAST = (_MORE, ":", "?")
_GAP = 2


def draw(pairs: Pairs, width: int, page: int = 0) -> Canvas:
    """A row of (key, what it does); ``page`` is counted round."""
    canvas = Canvas(width, 1)
    every = pages(pairs, width)
    shown = every[page % len(every)]
    gap = _GAP + 1 if _width(shown, _GAP + 1) <= width - 2 else _GAP
    x = 1
    for key, label in shown:
        first, end = x, canvas.put(x, 0, key, "key")
        x = canvas.put(end + 1, 0, label, "dim") + gap
        canvas.link(first, 0, x - gap - first, 1, Press(key.split()[0]))
        for name in key.split()[1:]:  # "↑ ↓" are two keys, and the label is the first
            canvas.link(first + key.index(name), 0, len(name), 1, Press(name))
    return canvas


def pages(pairs: Pairs, width: int) -> list[list[tuple[str, str]]]:
    """The rows that the pairs make; one, where all of them fit or nothing turns pages."""
    return _pages(tuple(pairs), width)


@lru_cache(maxsize=64)
def _pages(pairs: tuple[tuple[str, str], ...], width: int) -> list[list[tuple[str, str]]]:
    whole = [pair for pair in pairs if pair[0] != _MORE]
    if _fits(whole, width):
        return [whole]
    last = [pair for pair in pairs if pair[0] in _LAST]
    rest = [pair for pair in whole if pair not in last]
    found: list[list[tuple[str, str]]] = []
    while rest:
        row = [rest.pop(0)]
        while rest and _fits([*row, rest[0], *last], width):
            row.append(rest.pop(0))
        found.append(_dropped([*row, *last], width))
        last = [pair for pair in last if pair[0] == _MORE]
        if not last:
            break
    return found


def _dropped(row: list[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """On a screen too narrow for anything, what leads on is dropped last."""
    while len(row) > 1 and not _fits(row, width):
        row.pop(0)
    return row


def _fits(pairs: Pairs, width: int) -> bool:
    return _width(pairs, _GAP) <= width - 2


def _width(pairs: Pairs, gap: int) -> int:
    return sum(len(key) + 1 + len(label) for key, label in pairs) + gap * (len(pairs) - 1)
