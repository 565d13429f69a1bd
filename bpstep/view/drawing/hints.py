"""What can be clicked in the title line of a pane: the keys that it names, and the tabs.

>>> keys_in("Enter go to the step · Esc close")
((0, 20, 'Enter'), (23, 9, 'Esc'))
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bpstep.view.drawing.canvas import Canvas

__all__ = ["keys_in", "link_tabs"]

#: Keys at the beginning of a hint, and what they do.
_HINT = re.compile(r"(?:^| · |   )((?:(?:[↑↓←→/]|Enter|Esc|Tab|Space|[a-z]) )+)(?=\S)[^·]*?(?= · |   |$)")


@lru_cache(maxsize=256)
def keys_in(text: str) -> tuple[tuple[int, int, str], ...]:
    """The keys that a text names, each with its column and its columns; what a key does belongs to it."""
    found = []
    for hint in _HINT.finditer(text):
        keys, start = hint[1].split(), hint.start(1)
        found.append((start, hint.end() - start, keys[0]))
        found += [(text.index(key, start), len(key), key) for key in keys[1:]]
    return tuple(found)


def link_tabs(canvas: Canvas, names: Iterable[str]) -> None:
    """A click on a name in the title line, where names stand one behind the other, shows what it is the name of."""
    x = 2
    for name in names:
        canvas.link(x, 0, len(name), 1, f"show {name}")
        x += len(name) + 3
