"""The variables of a program over arrays: a row each, with its shape, how it is computed, and how much is written."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine.cells import Cell
from bpstep.engine.vectors import Vector
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, number_run
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.table_cells import derivative_told, table_pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import itself
from bpstep.view.scene.statements import shape_text, written
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.equations import equations_of

__all__ = ["draw_arrays"]

_SHAPE, _IS, _VALUE, _DERIVATIVE = 11, 21, 46, 62


def draw_arrays(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The rows around the array of this step; from the row ``first`` on, where that is said.

    A single number stands there itself; of an array, how many of its cells have theirs.
    """
    pen = table_pen(frame, canvas)
    vectors = [vector for vector in frame.setup.graph.vectors if vector.kind == "var"]
    heads = (2, "array"), (_SHAPE, "shape"), (_IS, "is"), (_VALUE + 1, "value")
    for x, head in (*heads, (_DERIVATIVE + 1, derivative_told(frame, "array")[0])):
        canvas.put(x, top, head, "dim")
    rows = canvas.height - top - 1
    here = pen.step.when.layer if pen.step is not None else ""
    if first is None:
        at = next((k for k, vector in enumerate(vectors) if vector.layer == here), 0)
        first = min(max(0, at - rows // 2), max(0, len(vectors) - rows))
    for y, vector in enumerate(vectors[first : first + rows], top + 1):
        _draw_row(pen, y, vector, is_here=vector.layer == here)


def _draw_row(pen: Pen, y: int, vector: Vector, *, is_here: bool) -> None:
    """The row of an array; of most arrays nothing has changed since the frame before."""
    beside = derivative_told(pen.frame, "array")[1]
    single = (vector.cell(0), beside(vector.cell(0))) if vector.size == 1 else ()
    counts = () if single else tuple(written(pen.frame, vector, of) for of in (itself, beside))

    def drawn() -> Canvas:
        canvas = Canvas(pen.canvas.width, 1)
        _draw_array(pen.on(canvas), vector, counts, is_here=is_here)
        return canvas

    seen = is_here, counts, (pen.seen_of(single), pen.around) if single else None
    pen.canvas.blit(0, y, pen.frame.drawing(("row of arrays", vector.layer, pen.canvas.width), seen, drawn))


def _draw_array(pen: Pen, vector: Vector, counts: Sequence[int | None], *, is_here: bool) -> None:
    canvas = pen.canvas
    canvas.put(2, 0, cut(vector.layer, _SHAPE - 3), "strong" if is_here else "text")
    canvas.put(_SHAPE, 0, cut(shape_text(vector), _IS - _SHAPE - 1), "dim")
    told = equations_of(pen.frame).get(vector.layer, "").partition(" = ")[2]
    told = told or ("parameter" if vector.is_parameter else "given")
    canvas.put(_IS, 0, cut(told, _VALUE - _IS - 1), "dim")
    of_cell = (_VALUE, vector.cell(0)), (_DERIVATIVE, derivative_told(pen.frame, "array")[1](vector.cell(0)))
    for k, (x, cell) in enumerate(of_cell):
        if not counts:
            _number(pen, x, 0, cell)
        elif (done := counts[k]) is not None:
            text = f" {done} of {vector.size}" if done < vector.size else f" all {vector.size}"
            canvas.put(x, 0, text if done else " ·", kind_of(cell) if done else "dim")


def _number(pen: Pen, x: int, y: int, cell: Cell) -> None:
    if pen.frame.index.find(cell) is None:
        return
    if cell == pen.asked:
        pen.canvas.put(x, y, *pen.run(cell, pen.numbers.field))
        return
    reading = pen.reading(cell)
    shown = number_run(pen.numbers, kind_of(cell), reading.value, pen.state(cell), part=pen.part(cell))
    pen.canvas.put(x, y, *shown)
    pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")
