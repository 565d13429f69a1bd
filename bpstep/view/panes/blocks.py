"""An array on the canvas: brackets, indices, numbers; a heavy stroke beside what this step uses.

      U      1        2
      1 │  0.1728   0.4108 │
      2 ┃  0.1652  −0.6516 ┃        the row that is used
      3 │  0.4527   0.2232 │

Where numbers have no room, cells are shades, with the sign before them: ``−█`` is as far below 0 as the largest
number in sight.  Of an array that is larger than its place a window is drawn, around the cell of this step, and ‹ › ↑ ↓
at its edges say where it goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, partial

from bpstep.engine.cells import Cell
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Run
from bpstep.view.drawing.layout import cut
from bpstep.view.panes.pen import Patch, Pen
from bpstep.view.scene.planes import Span
from bpstep.view.symbols.formula import kind_of

__all__ = ["SHADE", "Block", "Stretch", "Window", "cell_widths", "draw_block", "label_width"]

#: The columns of a cell that is a sign and a shade.
SHADE = 2
_SHADES = "░▒▓█"
#: What stands beside a row is cut to so many columns.
_MOST_OF_LABEL = 12


@dataclass(frozen=True)
class Stretch:
    """The part of an axis that is drawn: ``count`` from ``first`` on, out of ``size``."""

    first: int
    count: int
    size: int

    @classmethod
    def around(cls, size: int, at: int, room: int) -> Stretch:
        """As much as there is room for, with ``at`` in it; it moves by half its length."""
        count = max(1, min(room, size))
        half = max(1, count // 2)
        return cls(min(max(0, at // half * half - (count - half) // 2), size - count), count, size)

    def __contains__(self, at: int) -> bool:
        return self.first <= at < self.first + self.count

    def clip(self, first: int, last: int) -> tuple[int, int] | None:
        """What of a span is drawn, counted from the first that is."""
        low, high = max(first, self.first), min(last, self.first + self.count - 1)
        return (low - self.first, high - self.first) if low <= high else None


@dataclass(frozen=True)
class Window:
    """The rows and the columns of an array that are drawn, and the columns of a cell."""

    rows: Stretch
    columns: Stretch
    cell: int

    @property
    def width(self) -> int:
        """From its left bracket to its right one."""
        return self.columns.count * (self.cell + 1) + 1


@dataclass(frozen=True, eq=False)
class Block:
    """An array that is drawn: its name, its shape, and the cell that stands in each place (None: none does).

    ``at`` is where this step is in it; ``used`` the rows and columns that are set off; ``chosen`` is the largest of
    them, where one is chosen.  ``row_labels`` and ``column_labels`` stand beside rows and above columns instead of
    their indices: neurons, or indices with the names that the author gave.
    """

    name: str
    rows: int
    columns: int
    cell: Callable[[int, int], Cell | None]
    at: tuple[int, int] = (0, 0)
    used: Span | None = None
    chosen: tuple[int, int] | None = None
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()

    @cached_property
    def label_width(self) -> int:
        """The columns of the longest of what stands beside the rows."""
        return min(
            _MOST_OF_LABEL, max((len(label) for label in self.row_labels), default=len(str(self.rows)))
        )

    def row_label(self, row: int) -> str:
        """What stands beside a row."""
        if self.row_labels:
            return cut(self.row_labels[row], _MOST_OF_LABEL)
        return f"{row + 1:>{self.label_width}}"


def cell_widths(pen: Pen) -> tuple[int, ...]:
    """The columns that a cell may have, the best first: a number, shorter ones, a shade."""
    card = pen.numbers.card
    return card, card - 2, card - 3, SHADE


def label_width(block: Block) -> int:
    """The columns of what stands beside its rows."""
    return block.label_width + 2 if block.rows > 1 else 0


def draw_block(pen: Pen, x: int, y: int, block: Block, window: Window, *, labels: bool, heads: bool) -> None:
    """Draw an array with its left bracket in column ``x`` and its first row in ``y``.

    ``labels`` has the indices of the rows beside it, ``heads`` those of the columns above.
    """
    canvas = pen.canvas
    canvas.brackets(x, y, window.width, window.rows.count)
    rows = [_cells(block, window, row) for row in range(window.rows.count)]
    scale = _scale(pen, rows) if window.cell == SHADE else 0.0
    for row, shown in enumerate(rows):
        name = "row of an array", block.name, window.rows.first + row, window.columns.first, window.cell
        places = tuple([cell for cell in shown if cell is not None])
        draw = partial(_draw_row, shown=shown, width=window.cell, scale=scale)
        pen.patch(Patch(name, (scale,), x + 1, y + row, window.width - 2, 1, places, draw))
    if labels and block.rows > 1:
        _draw_labels(pen, x, y, block, window)
    if heads and block.columns > 1:
        _draw_heads(pen, x, y - 1, block, window)
    _set_off(pen, x, y, block, window)
    if block.chosen is not None and block.chosen[0] in window.rows and block.chosen[1] in window.columns:
        row, column = block.chosen[0] - window.rows.first, block.chosen[1] - window.columns.first
        canvas.put(x + column * (window.cell + 1), y + row, "◆", pen.active)


def _cells(block: Block, window: Window, row: int) -> list[Cell | None]:
    """The cells of a row that are in sight."""
    first, count = window.columns.first, window.columns.count
    return [block.cell(window.rows.first + row, column) for column in range(first, first + count)]


def _draw_row(pen: Pen, shown: Sequence[Cell | None], width: int, scale: float) -> None:
    for column, cell in enumerate(shown):
        if cell is not None:
            _draw_cell(pen, column * (width + 1), 0, cell, width, scale)


def _draw_cell(pen: Pen, x: int, y: int, cell: Cell, width: int, scale: float) -> None:
    if pen.frame.index.find(cell) is None:
        return
    reading = pen.reading(cell)
    if width == SHADE and reading.value is not None and cell != pen.asked:
        shown = Run(_shade(reading.value, scale, signed=kind_of(cell) == "deriv"), pen.role(cell))
        pen.canvas.put(x, y, *shown)
        pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")
        return
    shown = pen.run(cell, width)
    if reading.state == "partial" and cell != pen.asked and len(shown.text) < width:
        shown = shown._replace(text=f"{shown.text}…")  # a sum that is not complete bears its mark
    pen.canvas.put(x, y, *shown)
    pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")


def _shade(value: float, scale: float, *, signed: bool) -> str:
    """A number as its sign and how large it is."""
    if not math.isfinite(value):
        return " !"
    if value == 0.0:
        return " 0"
    sign = "−" if value < 0.0 else "+" if signed else " "
    share = abs(value) / scale if scale else 1.0
    return sign + _SHADES[min(len(_SHADES) - 1, int(share * len(_SHADES)))]


def _scale(pen: Pen, rows: Sequence[Sequence[Cell | None]]) -> float:
    """The largest number in sight, which has the darkest shade."""
    found = 0.0
    for row in rows:
        for reading in pen.frame.read_all(tuple([cell for cell in row if cell is not None])):
            value = None if reading is None else reading.value
            if value is not None and math.isfinite(value):
                found = max(found, abs(value))
    return found


def _draw_labels(pen: Pen, x: int, y: int, block: Block, window: Window) -> None:
    """The indices of the rows; an arrow where there are more of them."""
    rows, width = window.rows, label_width(block) - 2
    for row in range(rows.count):
        number = rows.first + row
        used = block.used is not None and block.used[0] <= number <= block.used[1]
        pen.canvas.put(x - 1 - width, y + row, block.row_label(number), "strong" if used else "dim")
    if rows.first:
        pen.canvas.put(x - 2 - width, y, "↑", "dim")
    if rows.first + rows.count < rows.size:
        pen.canvas.put(x - 2 - width, y + rows.count - 1, "↓", "dim")


def _draw_heads(pen: Pen, x: int, y: int, block: Block, window: Window) -> None:
    """The indices of the columns; a mark where there are more of them."""
    columns, step = window.columns, window.cell + 1
    every = 5 if window.cell == SHADE and columns.size > 99 else 1
    for column in range(columns.count):
        number = columns.first + column
        used = block.used is not None and block.used[2] <= number <= block.used[3]
        if number % every == every - 1 or every == 1:
            text = f"{number + 1}"
            if block.column_labels and window.cell > SHADE:
                text = cut(block.column_labels[number], window.cell - 1)
            pen.canvas.put(
                x + 1 + column * step + (window.cell > SHADE), y, text, "strong" if used else "dim"
            )
    if columns.first:
        pen.canvas.put(x, y, "‹", "dim")
    if columns.first + columns.count < columns.size:
        pen.canvas.put(x + window.width - 1, y, "›", "dim")


def _set_off(pen: Pen, x: int, y: int, block: Block, window: Window) -> None:
    """Heavy strokes at both sides of the rows and columns that are used."""
    if block.used is None:
        return
    top, bottom, left, right = block.used
    rows, columns = window.rows.clip(top, bottom), window.columns.clip(left, right)
    if rows is None or columns is None:
        return
    step = window.cell + 1
    for row in range(rows[0], rows[1] + 1):
        for column in (columns[0], columns[1] + 1):
            pen.canvas.put(x + column * step, y + row, "┃", pen.active)
