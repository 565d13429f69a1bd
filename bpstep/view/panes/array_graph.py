"""A program over arrays as a graph: a card for each statement, from left to right, and below them what they share.

               x1           x2
              ╭ h1 (3) ──╮ ╭ h2 (3) ──╮ ╭ p (2) ───╮
              │ 3/3 ∂1/3 ├─┤ 3/3 ∂3/3 ├─┤ 2/2 ∂2/2 │      how much of it is written, forward and back
              ╰─┬─┬──────╯ ╰─┬─┬──────╯ ╰──────────╯
     U ∂0/6 ────┴─┼──────────┘ │
     W ∂2/9 ──────┴────────────┘                          every use of a parameter leads to the one card that gathers

The use of this step is heavy.  Of a program with more statements than fit, those around the step are drawn.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.panes.blocks import Stretch
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.table_cells import table_pen
from bpstep.view.scene.focus import Focus, focus_of
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import Of, itself
from bpstep.view.scene.statements import Stated, shape_text, statements_of, written

__all__ = ["draw_graph", "rows_wanted"]

#: Columns of the parameters at the left, of a card, and from one card to the next.
_LEFT, _CARD, _PITCH = 17, 14, 16
#: Rows are asked for for so many parameters.
_MOST_PARAMETERS = 8


@dataclass(frozen=True)
class _Graph:
    """What is drawn: the statements in sight, and where this step is among them."""

    pen: Pen
    shown: tuple[Stated, ...]
    stretch: Stretch
    here: str
    edge: tuple[str, str]
    top: int

    def x(self, place: int) -> int:
        return _LEFT + place * _PITCH

    def vector(self, name: str) -> Vector:
        found = self.pen.frame.drawing(
            "vectors by name", None, lambda: {one.layer: one for one in self.pen.frame.setup.graph.vectors}
        )
        return found[name]

    def uses(self, name: str) -> list[int]:
        """The places of the statements in sight that read a variable."""
        return [place for place, one in enumerate(self.shown) if name in one.reads]


def draw_graph(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The program as a graph of arrays, on the rows of the canvas from ``top`` on."""
    pen = table_pen(frame, canvas)
    stated = statements_of(frame)
    here, edge = _here(pen, stated)
    at = next((place for place, one in enumerate(stated) if one.name == here), 0)
    stretch = Stretch.around(len(stated), at, (canvas.width - _LEFT) // _PITCH)
    shown = stated[stretch.first : stretch.first + stretch.count]
    with_inputs = canvas.height - top >= 7
    graph = _Graph(pen, shown, stretch, here, edge, top + with_inputs)
    _draw_parameters(graph)
    for place, one in enumerate(shown):
        _draw_card(graph, place, one)
        if with_inputs:
            _draw_inputs(graph, place, one)
    _draw_edges(canvas, graph)


def rows_wanted(frame: Frame) -> int:
    """The rows of a card with the inputs above it, and of each parameter that is used, as far as that is not too
    much."""
    return 4 + min(len(frame.setup.graph.parameters), _MOST_PARAMETERS)


def _here(pen: Pen, stated: tuple[Stated, ...]) -> tuple[str, tuple[str, str]]:
    """The statement of this step, and the variable and the statement between which it goes back."""
    step = pen.step
    focus = focus_of(pen.frame, step) if step is not None else None
    if not isinstance(focus, Focus):
        return stated[0].name if step is None or step.when.phase == "forward" else stated[-1].name, ("", "")
    head = focus.operation.head.layer
    name = next((one.name for one in stated if head in one.parts), stated[-1].name)
    return name, ("" if focus.edge is None else focus.edge.tail.layer, name)


def _count(pen: Pen, vector: Vector, of: Of = itself) -> str:
    """How much of an array is written: 3/6."""
    done = written(pen.frame, vector, of)
    return "–" if done is None else f"{done}/{vector.size}"


def _draw_card(graph: _Graph, place: int, one: Stated) -> None:
    pen, canvas, x, y = graph.pen, graph.pen.canvas, graph.x(place), graph.top
    current, vector = one.name == graph.here, graph.vector(one.name)
    canvas.box(x, y, _CARD, 3, pen.active if current else "edge", heavy=current)
    canvas.put(x + 2, y, cut(f" {one.name} {shape_text(vector)} ".replace("  ", " "), _CARD - 3), "strong")
    at = canvas.put(x + 2, y + 1, _count(pen, vector), "value")
    canvas.put(at + 1, y + 1, cut(f"∂{_count(pen, vector, cells.d)}", x + _CARD - at - 2), "deriv")
    canvas.link(x, y, _CARD, 3, f"print {one.name}")
    before = graph.shown[place - 1].name if place else ""
    if before and before in one.reads:
        active = graph.edge == (before, one.name)
        role = pen.active if active else "edge"
        canvas.hline(x - _PITCH + _CARD - 1, y + 1, x, role, heavy=active)


def _draw_inputs(graph: _Graph, place: int, one: Stated) -> None:
    """What is given to a statement alone, and what it reads from further away, above its card."""
    parameters = {vector.layer for vector in graph.pen.frame.setup.graph.parameters}
    before = graph.shown[place - 1].name if place else ""
    names = [name for name in one.reads if name not in parameters and name != before]
    graph.pen.canvas.put(graph.x(place) + 2, graph.top - 1, cut(" ".join(names), _CARD - 2), "dim")


def _draw_parameters(graph: _Graph) -> None:
    """What statements share: a row each, joined to every use."""
    pen, canvas = graph.pen, graph.pen.canvas
    used = [vector for vector in pen.frame.setup.graph.parameters if graph.uses(vector.layer)]
    rows = canvas.height - graph.top - 3
    used.sort(key=lambda vector: vector.layer != graph.edge[0])
    left_out = len(used) - rows
    kept = used[:rows] if left_out > 0 else used
    drawn = [vector for vector in pen.frame.setup.graph.parameters if vector in kept]
    for row, vector in enumerate(drawn):
        y, shift = graph.top + 3 + row, 2 + 2 * (row % 5)
        for place in reversed(graph.uses(vector.layer)):
            active = graph.edge == (vector.layer, graph.shown[place].name)
            x = graph.x(place) + shift
            role = pen.active if active else "edge"
            canvas.path([(_LEFT - 2, y), (x, y), (x, graph.top + 2)], role, heavy=active)
        done = _count(pen, vector, cells.d)
        at = canvas.put(1, y, cut(vector.layer, 6), "strong")
        canvas.put(at + 1, y, cut(f"∂{done}", _LEFT - at - 3), "deriv")


def _draw_edges(canvas: Canvas, graph: _Graph) -> None:
    """How many statements are out of sight."""
    before = graph.stretch.first
    after = graph.stretch.size - before - graph.stretch.count
    if before:
        canvas.put(_LEFT - 5, graph.top + 1, f"‹ {before}", "dim")
    if after:
        x = graph.x(graph.stretch.count - 1) + _CARD + 1
        text = f"{after} ›"
        if x + len(text) <= canvas.width:
            canvas.put(x, graph.top + 1, text, "dim")
        else:
            canvas.put(x - 1, graph.top + 1, "›", "dim")
