"""The table of weights: every parameter with its value and its gradient, in columns where there is width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from bpstep.engine.cells import Cell
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes.board import Board
from bpstep.view.panes.pen import Patch, Pen
from bpstep.view.panes.table_cells import derivative_told, draw_number, draw_yours, name_role, table_pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.parameters import Parameters

__all__ = ["count", "draw", "has_two"]

_VALUE, _NAME = 11, 11
#: The columns of a weight's name and value where a learner's gradient stands beside the right one.
_BESIDE = 10

#: From this width on the weights stand in two columns; with a learner's gradients beside the right ones, from this on.
_TWO_COLUMNS, _TWO_WITH_YOURS = 76, 84
#: The columns of a parameter with its value and its gradient, and of how many parameters all names are measured.
_HALF, _FEW = 42, 200


def count(frame: Frame) -> int:
    """The number of rows in one column."""
    return len(Parameters(frame.setup.problem))


def has_two(frame: Frame, width: int) -> bool:
    """Whether the weights stand in two columns."""
    return width >= (_TWO_WITH_YOURS if frame.yours else _TWO_COLUMNS)


def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every parameter with its value and its gradient, in two columns where there is width."""
    pen = table_pen(frame, canvas)
    problem = frame.setup.problem
    rows = canvas.height - top - 1
    parameters = frame.drawing("parameters", None, lambda: Parameters(problem))
    halves = 2 if has_two(frame, canvas.width) and first is None else 1
    if halves == 2 and not frame.yours and len(parameters) > 2 * rows > 0:
        halves = max(2, min(canvas.width // _HALF, -(-len(parameters) // rows)))
    name, value = _weight_columns(pen, parameters, canvas.width // halves)
    if first is None:
        first = _first(parameters, pen, rows * halves)
    half = canvas.width // halves if halves == 1 else _HALF + name - _weight_columns(pen)[0]
    head, beside = derivative_told(frame, "cell")
    table = _Table(rows, halves, half, first, canvas.width, top, (name, value), beside)
    board = frame.drawing(("weights", table), None, lambda: table.board(parameters))
    board.draw(pen, ("board of weights", table))
    for side in range(halves):
        x = 2 + side * half
        canvas.put(x, top, "cell", "dim")
        canvas.put(x + name, top, "value", "dim")
        canvas.put(x + name + value, top, head, "dim")
        if frame.yours:
            canvas.put(x + name + value + _VALUE, top, "yours", "dim")


class _Table(NamedTuple):
    """The measures of the table: its rows, its columns of parameters and how wide they are, the first parameter, the
    width of the pane, the row of the heads, how wide names and values are, and what stands beside a value."""

    rows: int
    halves: int
    half: int
    first: int
    width: int
    top: int
    at: tuple[int, int]
    beside: Callable[[Cell], Cell]

    def board(self, parameters: Parameters) -> Board:
        """The rows of the table, each in its place."""
        layout = _by_layer(parameters, self.rows) if self.halves == 2 and self.first == 0 else None
        if layout is None:
            starts = [self.first + side * self.rows for side in range(self.halves)]
            layout = [list(range(start, min(start + self.rows, len(parameters)))) for start in starts]
        return Board([
            self._row(parameters[index], side, row)
            for side, half in enumerate(layout) for row, index in enumerate(half)
        ])  # fmt: skip

    def _row(self, cell: Cell, side: int, row: int) -> Patch:
        x, draw = 2 + side * self.half, partial(_weight_row, cell=cell, at=self.at)
        width, shown = min(self.half, self.width - x), (cell, self.beside(cell))
        return Patch(("weight", cell), self.at, x, self.top + 1 + row, width, 1, shown, draw)


def _weight_columns(pen: Pen, parameters: Sequence[Cell] = (), room: int = 0) -> tuple[int, int]:
    """How wide the names of parameters are, and the values; in a ``room`` that has columns to spare, as wide as it
    takes to have the names whole."""
    name, value = (_BESIDE, _BESIDE) if pen.frame.yours else (_NAME, _VALUE)
    if room > _HALF and len(parameters) <= _FEW:
        longest = max((len(pen.symbols(cell)) + 2 for cell in parameters), default=0)
        name = max(name, min(longest, name + room - _HALF))
    return name, value


def _weight_row(pen: Pen, cell: Cell, at: tuple[int, int]) -> None:
    x, y, gradient = 0, 0, derivative_told(pen.frame, "cell")[1](cell)
    name, value = at
    pen.canvas.put(x, y, pen.symbols.fitted(pen.symbols(cell), name - 1), name_role(pen, cell, gradient))
    draw_number(pen, x + name - 1, y, cell)
    draw_number(pen, x + name + value - 1, y, gradient)
    draw_yours(pen, x + name + value + _VALUE - 1, y, gradient)
    if pen.reading(cell).state == "overridden" and pen.reading(gradient).state != "partial":
        pen.canvas.put(x + name + 2 * value, y, "by hand", "dim")


def _by_layer(parameters: Parameters, rows: int) -> list[list[int]] | None:
    """Two columns that break between layers, where each of two layers fits one."""
    starts = [first for first, _, sources in parameters.blocks if sources]
    if len(starts) != 2 or starts[1] > rows or len(parameters) - starts[1] > rows:
        return None
    return [list(range(starts[1])), list(range(starts[1], len(parameters)))]


def _first(parameters: Parameters, pen: Pen, room: int) -> int:
    """The first parameter of the window: pages, so that it stays while the step is in it."""
    if len(parameters) <= room:
        return 0
    step = pen.step
    candidates = [] if step is None else [step.cell, *(f.cell for f in step.inputs)]
    for cell in candidates:
        of = cell.of if isinstance(cell.of, Cell) and (cell.kind == "d" or cell.is_state) else cell
        place = parameters.place(of)
        if place is not None:
            return min(place // max(1, room) * room, max(0, len(parameters) - room))
    return 0
