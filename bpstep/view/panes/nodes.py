"""The table of nodes: every neuron of a network with its five numbers."""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.specs import NetworkSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.naming import told_apart
from bpstep.view.panes.table_cells import draw_number, draw_yours, table_pen
from bpstep.view.scene.frame import Frame

__all__ = ["count", "draw"]

#: From this width on there is room for a learner's numbers.
_WITH_YOURS = 119


def count(frame: Frame) -> int:
    """The number of rows."""
    return len(_neurons(frame))


def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every neuron with its five numbers, in a window around that of the step."""
    pen = table_pen(frame, canvas)
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    n = pen.symbols.notation
    s = pen.symbols
    in_forward_mode = frame.setup.wrt is not None
    heads = (s.net, n.output, s.prime, s.ratio(s.root, n.output), n.delta)
    if in_forward_mode:
        heads = (s.net, f"dot({s.net})", n.output, f"dot({n.output})", s.prime)
    with_yours = bool(frame.yours) and canvas.width >= _WITH_YOURS
    x = [2 + 7 + (22 if with_yours else 15) * k for k in range(5)]
    canvas.put(2, top, "node", "dim")
    for place, head in zip(x, heads, strict=True):
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
        net, output = cells.e(name), cells.y(name)
        columns = [net, output, cells.local(output, net), cells.d(output), cells.d(net)]
        if in_forward_mode:
            columns = [net, cells.dot(net), output, cells.dot(output), cells.local(output, net)]
        canvas.put(2, y, told_apart(name, names, 7), "strong" if name == node else "text")
        for place, cell in zip(x, columns, strict=True):
            if frame.index.find(cell) is not None:
                draw_number(pen, place, y, cell)
                if with_yours:
                    draw_yours(pen, place + 11, y, cell)


def _neurons(frame: Frame) -> list[str]:
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    return [name for layer in problem.layers for name in layer.neurons]
