"""The variables of a program over arrays: a row each, with its shape, how it is computed, and how much is written."""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, number_run
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.table_cells import table_pen
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
    for x, head in (*heads, (_DERIVATIVE + 1, f"∂{pen.symbols.root}/∂array")):
        canvas.put(x, top, head, "dim")
    rows = canvas.height - top - 1
    here = pen.step.when.layer if pen.step is not None else ""
    if first is None:
        at = next((k for k, vector in enumerate(vectors) if vector.layer == here), 0)
        first = min(max(0, at - rows // 2), max(0, len(vectors) - rows))
    equations = equations_of(frame)
    for y, vector in enumerate(vectors[first : first + rows], top + 1):
        canvas.put(2, y, cut(vector.layer, _SHAPE - 3), "strong" if vector.layer == here else "text")
        canvas.put(_SHAPE, y, cut(shape_text(vector), _IS - _SHAPE - 1), "dim")
        told = equations.get(vector.layer, "").partition(" = ")[2]
        told = told or ("parameter" if vector.is_parameter else "given")
        canvas.put(_IS, y, cut(told, _VALUE - _IS - 1), "dim")
        for x, cell in ((_VALUE, vector.cell(0)), (_DERIVATIVE, cells.d(vector.cell(0)))):
            if vector.size == 1:
                _number(pen, x, y, cell)
                continue
            done = written(frame, vector, cells.d if x == _DERIVATIVE else itself)
            if done is not None:
                text = f" {done} of {vector.size}" if done < vector.size else f" all {vector.size}"
                canvas.put(x, y, text if done else " ·", kind_of(cell) if done else "dim")


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
