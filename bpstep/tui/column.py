"""The main column below the network: step, note, chain and tables, one under the other, in one pane.

How many rows each of them has follows from the step: a long formula takes some from the chain, a note from the tables.
They are parts of one picture and no widgets of their own, so nothing is laid out when the next step needs other rows;
the pane repaints the rows that differ, as always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.geometry import Region

from bpstep.tui.pane import Draw, Pane, careful
from bpstep.view.drawing.canvas import Canvas

__all__ = ["Column", "Part"]


class Part(NamedTuple):
    """A part of a column: its name, what draws it, and how many rows it has."""

    name: str
    draw: Draw
    rows: int


class Column(Pane):
    """Shows parts one under the other; ``parts(height)`` says which, for the rows that there are."""

    def __init__(self, parts: Callable[[int], Sequence[Part]], *, id: str) -> None:
        super().__init__(self._draw_parts, id=id)
        self.parts = parts

    def _draw_parts(self, width: int, height: int) -> Canvas:
        canvas, y = Canvas(width, height), 0
        for part in self.parts(height):
            if part.rows:
                canvas.blit(0, y, careful(part.draw, width, part.rows))
            y += part.rows
        return canvas

    def region_of(self, name: str) -> Region:
        """Where a part stands on the screen; nothing where it has no row."""
        x, y, width, height = self.region
        for part in self.parts(height):
            if part.name == name:
                return Region(x, y, width, part.rows)
            y += part.rows
        return Region()
