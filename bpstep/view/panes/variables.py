"""The table of variables: what each variable of an expression is, its value, its derivative; of a program over arrays,
its arrays (`array_table`)."""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.drawing.naming import told_apart
from bpstep.view.panes.array_table import draw_arrays
from bpstep.view.panes.table_cells import derivative_told, draw_number, draw_yours, name_role, table_pen
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame

__all__ = ["count", "draw"]


def count(frame: Frame) -> int:
    """The number of rows."""
    return len(_names(frame))


def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every variable: what it is, its value, its derivative."""
    if has_arrays(frame):
        draw_arrays(frame, canvas, top, first)
        return
    pen = table_pen(frame, canvas)
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    names = tuple(_names(frame))
    value, derivative = (35, 57) if frame.yours else (35, 49)
    head, beside = derivative_told(frame, "cell")
    heads = [(2, "cell"), (12, "is"), (value + 1, "value"), (derivative + 1, head)]
    heads += [(value + 12, "yours"), (derivative + 12, "yours")] if frame.yours else []
    for place, head in heads:
        canvas.put(place, top, head, "dim")
    rows = canvas.height - top - 1
    node = pen.step.when.node if pen.step is not None else names[0]
    if first is None:
        at = names.index(node) if node in names else 0
        first = min(max(0, at - rows // 2), max(0, len(names) - rows))
    for row, name in enumerate(names[first : first + rows]):
        y = top + 1 + row
        cell = cells.var(name)
        canvas.put(2, y, told_apart(name, names, 9), name_role(pen, cell, beside(cell)))
        canvas.put(12, y, cut(_told(frame, cell), 22), "dim")
        for place, shown in ((value, cell), (derivative, beside(cell))):
            draw_number(pen, place, y, shown)
            draw_yours(pen, place + 11, y, shown)


def _told(frame: Frame, cell: Cell) -> str:
    """What a variable is: the operation that computes it, or who gives it."""
    spot = frame.index.find(cell)
    if spot is None or spot.kind != "value":
        return "parameter" if spot is not None and spot.kind == "parameter" else "given"
    step = frame.step_at(frame.moment.write_steps(spot)[0])
    return frame.symbols.filled(step.template, [str(factor.cell) for factor in step.inputs])


def _names(frame: Frame) -> list[str]:
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    return [*problem.inputs, *(operation.name for operation in problem.operations)]
