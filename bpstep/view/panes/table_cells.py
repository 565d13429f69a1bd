"""What the tables of the strip have in common: a pen for their numbers, and a number in its column."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import number_run
from bpstep.view.panes.columns import Geometry
from bpstep.view.panes.pen import Pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import your_run
from bpstep.view.symbols.formula import kind_of

__all__ = ["derivative_told", "draw_number", "draw_yours", "name_role", "table_pen"]


def table_pen(frame: Frame, canvas: Canvas) -> Pen:
    """The pen of a picture that stands in the place of a table."""
    return Pen(frame, canvas, Geometry.of(canvas.width, 12, frame.options.digits))


def derivative_told(frame: Frame, of: str) -> tuple[str, Callable[[Cell], Cell]]:
    """What stands beside the value of a cell, its heading and the cell: the derivative by it; in forward mode, where
    that is never computed, its tangent."""
    if frame.setup.wrt is not None:
        return f"dot({of})", cells.dot
    return f"∂{frame.symbols.root}/∂{of}", cells.d


def draw_number(pen: Pen, x: int, y: int, cell: Cell) -> None:
    """A number in its column; partial sums carry their mark and count."""
    reading = pen.reading(cell)
    if cell == pen.asked:
        pen.canvas.put(x, y, *pen.run(cell, 9))
        return
    shown = number_run(pen.numbers, kind_of(cell), reading.value, pen.state(cell), part=pen.part(cell))
    at = pen.canvas.put(x, y, *shown)
    pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")
    if reading.state == "partial" and reading.part is not None:
        pen.canvas.put(at + 1, y, f"{reading.part[0]}/{reading.part[1]}", "dim")


def draw_yours(pen: Pen, x: int, y: int, cell: Cell) -> None:
    """What a learner has for a number, in its column."""
    pen.canvas.put(x, y, *your_run(pen.frame.yours.of(pen.reading(cell)), kind_of(cell), pen.numbers))


def name_role(pen: Pen, *of: Cell) -> str:
    """The role of a name beside some numbers: it is strong where this step reads or writes one of them."""
    parts = {pen.part(cell) for cell in of}
    return "strong" if parts & {"written", "read"} else "text"
