"""A board: the parts of a picture that do not overlap, of which those are drawn anew that do not look as before.

At a key two or three neurons of the network change, or a row of a table.  The others are left where they stand: what
a board looked like is kept with all that could be seen in it, and what differs tells which parts are to be drawn.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from itertools import accumulate, compress
from operator import is_not
from typing import NamedTuple

from bpstep.engine.cells import Cell
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes.pen import Patch, Pen

__all__ = ["Board"]


class _Drawn(NamedTuple):
    """A board as it was drawn: for which pen, what was seen of each of its cells, and which parts were lit."""

    board: Board
    around: tuple[object, ...]
    seen: tuple[Sequence[object], ...]
    lit: frozenset[int]
    canvas: Canvas


class Board:
    """Parts of a picture, each in its place; one is known by its number."""

    def __init__(self, patches: Sequence[Patch]) -> None:
        self.patches = tuple(patches)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that are shown, part by part."""
        return tuple([cell for patch in self.patches for cell in patch.cells])

    @cached_property
    def spans(self) -> dict[Hashable, tuple[int, int, int]]:
        """By what a part is and where it stands: its number, and where its cells begin and end."""
        ends = [0, *accumulate(len(patch.cells) for patch in self.patches)]
        return {
            patch[:-1]: (number, ends[number], ends[number + 1]) for number, patch in enumerate(self.patches)
        }

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """The number of the part that shows each of these cells."""
        return tuple([number for number, patch in enumerate(self.patches) for _ in patch.cells])

    def draw(self, pen: Pen, name: Hashable, lit: frozenset[int] = frozenset()) -> None:
        """Draw the board, which has a name of its own, on the canvas of a pen; ``lit`` are the parts that look unlike
        the others at this step, whatever they show."""
        around, seen = (pen.canvas.width, pen.canvas.height, pen.around), pen.seen_of(self.cells)
        before: _Drawn | None = pen.frame.drawn.get(name)
        if before is None or before.around != around:
            nothing = Canvas(pen.canvas.width, pen.canvas.height)
            before = _Drawn(Board(()), around, ((),) * len(seen), frozenset(), nothing)
        then, changed = (before, set[int]()) if before.board is self else self._taking_over(before)
        changed |= then.lit ^ lit
        for now, was in zip(seen, then.seen, strict=True):
            changed.update(compress(self.owners, map(is_not, now, was)))
        canvas = self._with(pen, then.canvas, changed, lit) if changed else then.canvas
        pen.frame.drawn[name] = _Drawn(self, around, seen, lit, canvas)
        pen.canvas.blit(0, 0, canvas)

    def _taking_over(self, before: _Drawn) -> tuple[_Drawn, set[int]]:
        """What of another board stays on this one, for it has the same parts in the same places; and the others."""
        canvas, theirs = before.canvas.top(before.canvas.height), before.board.spans
        for key, (number, *_) in theirs.items():
            if key not in self.spans:
                patch = before.board.patches[number]
                canvas.clear(patch.x, patch.y, patch.width, patch.height)
        seen: list[list[object]] = [[None] * len(self.cells) for _ in before.seen]
        new, lit = set[int](), set[int]()
        for key, (number, first, end) in self.spans.items():
            if key not in theirs:
                new.add(number)
                continue
            old, start, stop = theirs[key]
            for now, was in zip(seen, before.seen, strict=True):
                now[first:end] = was[start:stop]
            if old in before.lit:
                lit.add(number)
        return _Drawn(self, before.around, tuple(seen), frozenset(lit), canvas), new

    def _with(self, pen: Pen, before: Canvas, changed: set[int], lit: frozenset[int]) -> Canvas:
        """The board as it was before, with some of its parts drawn anew."""
        canvas = before.top(before.height)
        drawing = pen.on(canvas)
        for number in sorted(changed):
            patch = self.patches[number]
            canvas.clear(patch.x, patch.y, patch.width, patch.height)
            drawing.patch(patch, lit=number in lit)
        return canvas
