"""The table of nodes: every neuron of a network with its five numbers."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.naming import told_apart
from bpstep.view.panes.table_cells import draw_number, draw_yours, table_pen
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols

__all__ = ["count", "draw"]

#: From this width on there is room for a learner's numbers.
_WITH_YOURS = 119


def count(frame: Frame) -> int:
    """The number of rows."""
    return len(_neurons(frame))


def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every neuron with its five numbers, in a window around that of the step."""
    pen = table_pen(frame, canvas)
    columns = _columns(pen.symbols, in_forward_mode=frame.setup.wrt is not None)
    with_yours = bool(frame.yours) and canvas.width >= _WITH_YOURS
    x = [2 + 7 + (22 if with_yours else 15) * k for k in range(5)]
    canvas.put(2, top, "node", "dim")
    for place, (head, _) in zip(x, columns, strict=True):
        canvas.put(place + 1, top, head, "dim")
        canvas.put(place + 12, top, "yours" if with_yours else "", "dim")
    names = tuple(_neurons(frame))
    rows = canvas.height - top - 1
    node = pen.step.when.node if pen.step is not None else names[0]
    if first is None:
        at = names.index(node) if node in names else len(names) - 1
        first = min(max(0, at - rows // 3), max(0, len(names) - rows))
    for row, name in enumerate(names[first : first + rows]):
        y = top + 1 + row
        canvas.put(2, y, told_apart(name, names, 7), "strong" if name == node else "text")
        for place, (_, cell_of) in zip(x, columns, strict=True):
            cell = cell_of(name)
            if frame.index.find(cell) is not None:
                draw_number(pen, place, y, cell)
                if with_yours:
                    draw_yours(pen, place + 11, y, cell)


def _columns(s: Symbols, *, in_forward_mode: bool) -> list[tuple[str, Callable[[str], Cell]]]:
    """The five columns: what stands above each, and the cell of a neuron in it."""
    n, e, y = s.notation, cells.e, cells.y
    net, output = (s.net, e), (n.output, y)
    slope = (s.prime, lambda name: cells.local(y(name), e(name)))
    if in_forward_mode:
        of_net = (f"dot({s.net})", lambda name: cells.dot(e(name)))
        of_output = (f"dot({n.output})", lambda name: cells.dot(y(name)))
        return [net, of_net, output, of_output, slope]
    by_output = (s.derivative(n.output), lambda name: cells.d(y(name)))
    by_net = (n.delta, lambda name: cells.d(e(name)))
    return [net, output, slope, by_output, by_net]


def _neurons(frame: Frame) -> list[str]:
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    return [name for layer in problem.layers for name in layer.neurons]
