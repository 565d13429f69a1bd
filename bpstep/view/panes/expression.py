"""The graph of an expression: its variables as cards in order of creation, and a road between neighbours.

    ╭─ x ───────╮         ┏━ v = x² ━━┓         ╭─ u = sin(v)
    │ x  1.200  ├─ x² ───▶┨ v  1.440  ┠─ sin ──▶┤ ...            the value runs to the right,
    │ ∂  ·      ├◀────────┨ ∂ +0.3515 ┣◀━━━━━━━━┥ ...            the derivative to the left
    ╰───────────╯         ┗━━━━━━━━━━━┛
                 × 2x                  × cos(v)                  local derivative: what the road multiplies by
                  ·                    +0.1304

A use that is no neighbour (a variable that is used twice, an operation on two variables) has a lane of its own
below.  Of an expression with more variables than fit, a window is drawn, with both ends of this step in it.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.functions import constant_text, enclosed
from bpstep.engine.steps import Step
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, fitting
from bpstep.view.panes.columns import Geometry
from bpstep.view.panes.pen import Pen, short_number
from bpstep.view.scene.frame import Frame

__all__ = ["draw"]

_CARD_ROWS = 4


@dataclass(frozen=True)
class _Plan:
    """Which variables are drawn, and where: ``x`` of each card by vector id."""

    shown: tuple[Vector, ...]
    x: dict[int, int]
    top: int
    card: int
    road: int
    before: int
    between: int
    after: int

    def neighbours(self, tail: Vector, head: Vector) -> bool:
        """Whether a road leads from one to the other."""
        ids = [vector.id for vector in self.shown]
        return tail.id in ids and head.id in ids and ids.index(head.id) - ids.index(tail.id) == 1


def draw(frame: Frame, width: int, height: int) -> Canvas:
    """The picture of an expression's graph at the cursor."""
    canvas = Canvas(width, height)
    pen = Pen(frame, canvas, Geometry.of(width, height, frame.options.digits))
    plan = _plan(pen, width, height)
    edges = _edges(frame, plan)
    roads = [edge for edge in edges if _first_road(edge, edges, plan)]
    lanes = [edge for edge in edges if edge not in roads]
    for edge in roads:
        _draw_road(pen, plan, edge)
    _draw_lanes(pen, plan, lanes)
    for vector in plan.shown:
        _draw_card(pen, plan, vector)
    _draw_title(pen, plan)
    return canvas


def _first_road(edge: Edge, edges: list[Edge], plan: _Plan) -> bool:
    """Neighbours share one road; a second use of the same neighbour (x*x) has a lane."""
    if not plan.neighbours(edge.tail, edge.head):
        return False
    return next(e for e in edges if e.tail is edge.tail and e.head is edge.head) is edge


def _plan(pen: Pen, width: int, height: int) -> _Plan:
    graph = pen.frame.setup.graph
    wide = pen.geometry.wide
    card, road = (13, 9) if wide else (12, 8)
    card += pen.geometry.extra
    fit = max(2, (width + road - 1) // (card + road))
    vectors = graph.vectors
    first = _page(len(vectors), _at(pen, vectors), fit)
    shown = list(vectors[first : first + fit])
    # The root is always in sight: all derivatives are derivatives of it.
    ends = dict.fromkeys([*_asked(pen, vectors), *_ends(pen, vectors)])
    wanted = list(dict.fromkeys([*list(ends)[: fit - 1], graph.root]))
    kin = _kin(pen, wanted[0])
    for vector in wanted:
        if vector not in shown:
            spare = [v for v in shown if v not in wanted]
            spare = [v for v in spare if v.id not in kin] or spare
            shown.remove(spare[0] if vector.id < shown[0].id else spare[-1])
            shown = sorted([*shown, vector], key=lambda v: v.id)
    x = {vector.id: 1 + place * (card + road) for place, vector in enumerate(shown)}
    before = sum(1 for v in vectors if v.id < shown[0].id)
    after = sum(1 for v in vectors if v.id > shown[-1].id)
    between = len(vectors) - before - after - len(shown)
    return _Plan(tuple(shown), x, 2 if height >= 12 else 1, card, road, before, between, after)


def _kin(pen: Pen, vector: Vector) -> set[int]:
    """The ids of the variables that a variable is made of, and of those that are made of it."""
    edges = [edge for operation in pen.frame.setup.graph.operations for edge in operation.edges]
    uses = [(e.tail.id, e.head.id) for e in edges]
    return {head for tail, head in uses if tail == vector.id} | {
        tail for tail, head in uses if head == vector.id
    }


def _at(pen: Pen, vectors: tuple[Vector, ...]) -> int:
    node = pen.step.when.node if pen.step is not None else ""
    return next((v.id for v in vectors if v.names[0] == node), 0)


def _page(size: int, at: int, fit: int) -> int:
    """The first variable of the window: it moves by half a page, and only when the step leaves it."""
    if size <= fit:
        return 0
    half = max(1, fit // 2)
    return min(max(0, (at // half) * half - (fit - half - 1 if at % half == 0 and at else 0)), size - fit)


def _asked(pen: Pen, vectors: tuple[Vector, ...]) -> list[Vector]:
    """The variable about which something is asked, whatever step it is asked before."""
    cell = pen.asked
    while cell is not None and isinstance(cell.of, Cell):
        cell = cell.of
    return [v for v in vectors if cell is not None and v.names[0] == str(cell.of)]


def _ends(pen: Pen, vectors: tuple[Vector, ...]) -> list[Vector]:
    """The variables that this step writes and reads, what it writes first."""
    if pen.step is None:
        return []
    names = [pen.step.when.node]
    for factor in (pen.step.local, *pen.step.inputs):
        cell = factor.cell if factor is not None else None
        while cell is not None and isinstance(cell.of, Cell):
            cell = cell.of
        if cell is not None and cell.kind == "var":
            names.append(str(cell.of))
    if pen.step.op == "local" and isinstance(pen.step.cell.of, Cell):
        names.append(str(pen.step.cell.of.of))
    return [v for v in vectors if v.names[0] in names[:3]]


def _edges(frame: Frame, plan: _Plan) -> list[Edge]:
    """The edges between variables that are drawn, in order of creation."""
    graph = frame.setup.graph
    ids = {vector.id for vector in plan.shown}
    return [
        edge
        for operation in graph.operations
        for edge in operation.edges
        if edge.tail.id in ids and edge.head.id in ids
    ]


def _is_active(pen: Pen, edge: Edge) -> bool:
    """Whether this step goes over an edge."""
    step = pen.step
    if step is None:
        return False
    if step.op == "apply":
        return step.cell == edge.head.cell(0)
    return step.op == "contribute" and _edge_of_step(pen, step) is edge


def _edge_of_step(pen: Pen, step: Step) -> Edge | None:
    """The edge that a `local` or `contribute` step belongs to, told apart even where two lead the same way."""
    place = pen.frame.moment.place
    block = place.block
    _row, piece, within = block.locate(place.offset)
    if piece.op != "contribute":
        return None
    return piece.edges[within // piece.stride]


def _label(pen: Pen, edge: Edge) -> str:
    """The operation, as it stands on a road."""
    producer, function, s = pen.frame.setup.graph.producer(edge.head), edge.function, pen.symbols
    if producer is None or function is None:
        return ""
    exponent = producer.operands[-1]
    if function.name == "pow" and isinstance(exponent, float):
        return s.written(f"{edge.tail.names[0]}^{enclosed(exponent)}")
    return s.glyphs.spell(function.symbol)


def _draw_card(pen: Pen, plan: _Plan, vector: Vector) -> None:
    canvas, x, y, name = pen.canvas, plan.x[vector.id], plan.top, vector.names[0]
    cell = vector.cell(0)
    current = pen.step is not None and pen.step.when.node == name
    canvas.box(x, y, plan.card, _CARD_ROWS, pen.active if current else "edge", heavy=current)
    canvas.put(x + 2, y, f" {fitting(_titles(pen, vector), plan.card - 5)} ", "strong")
    canvas.put(x + 2, y + 1, name if len(name) <= 2 else "=", "value" if pen.reading(cell).is_set else "dim")
    canvas.put(x + 4, y + 1, *pen.run(cell, plan.card - 5))
    slope = cells.d(cell) if pen.frame.setup.wrt is None else cells.dot(cell)
    canvas.put(x + 2, y + 2, "∂", "deriv" if pen.reading(slope).is_set else "dim")
    canvas.put(x + 4, y + 2, *pen.run(slope, plan.card - 5))
    part = pen.reading(slope).part
    if part is not None and part[1] > 1 and part[0] > 0:
        text = f" {part[0]} of {part[1]} "
        canvas.put(x + plan.card - len(text) - 1, y + 3, text, "deriv-read" if part[0] < part[1] else "dim")


def _titles(pen: Pen, vector: Vector) -> list[str]:
    """What may stand on a card, the longest first: the statement, close together; without a name that stands before
    the value, too; and the name alone."""
    statement, name = _statement(pen, vector), vector.names[0]
    close = statement.replace(" ", "")
    right = [close.partition("=")[2]] if len(name) <= 2 and "=" in close else []
    return [statement, close, *right, name]


def _statement(pen: Pen, vector: Vector) -> str:
    """``v = x²``; of an input, its name."""
    producer = pen.frame.setup.graph.producer(vector)
    name = vector.names[0]
    if producer is None or producer.function is None:
        return name
    letters = dict(zip("ab", (_operand(o) for o in producer.operands), strict=False))
    text = pen.symbols.written(producer.function.text.format(**letters, y=name))
    return f"{name} = {text}".replace(" · ", "·")


def _operand(operand: Vector | float) -> str:
    return operand.names[0] if isinstance(operand, Vector) else constant_text(operand)


def _draw_road(pen: Pen, plan: _Plan, edge: Edge) -> None:
    canvas, y = pen.canvas, plan.top
    left, right = plan.x[edge.tail.id] + plan.card - 1, plan.x[edge.head.id]
    active, phase = _is_active(pen, edge), pen.phase
    canvas.hline(left, y + 1, right, pen.active if active else "edge", heavy=active and phase == "forward")
    canvas.hline(left, y + 2, right, pen.active if active else "edge", heavy=active and phase == "backward")
    canvas.put(right - 1, y + 1, "▶", pen.active if active and phase == "forward" else "edge")
    if pen.frame.setup.wrt is None:
        canvas.put(left + 1, y + 2, "◀", pen.active if active and phase == "backward" else "edge")
    else:  # tangents run beside the values, the same way
        canvas.put(right - 1, y + 2, "▶", pen.active if active and phase == "forward" else "edge")
    canvas.put(left + 2, y + 1, f" {cut(_label(pen, edge), plan.road - 5)} ", "text")
    text, number, role = _local(pen, edge)
    canvas.put(
        left + 1,
        y + 4,
        fitting(_slopes(pen, edge, text), plan.card + plan.road - 1),
        "deriv" if number else "dim",
    )
    canvas.put(left + 2, y + 5, number or "·", role)


def _slopes(pen: Pen, edge: Edge, text: str) -> list[str]:
    """What a road multiplies by: written out, or by its name."""
    return [f"× {text}", f"× {pen.symbols(cells.local(edge.head.cell(0), edge.tail.cell(0)))}"]


def _local(pen: Pen, edge: Edge) -> tuple[str, str, str]:
    """The local derivative of an edge: its text, its number where it is known, and its role."""
    producer = pen.frame.setup.graph.producer(edge.head)
    assert producer is not None, "an edge leads to what is computed"
    letters = dict(zip("ab", (_operand(o) for o in producer.operands), strict=False))
    text = pen.symbols.written(edge.text)
    text = text.format(**letters, y=edge.head.names[0])
    step = pen.step
    if step is not None and step.op == "local" and _edge_of_step(pen, step) is edge:
        return text, short_number(step.value, "deriv", 10, pen.numbers.digits), "deriv-chip"
    value = _known_local(pen, edge)
    if value is None:
        return text, "", "dim"
    read = step is not None and step.op in ("contribute", "tangent") and _edge_of_step(pen, step) is edge
    return text, short_number(value, "deriv", 10, pen.numbers.digits), "deriv-read" if read else "deriv"


def _known_local(pen: Pen, edge: Edge) -> float | None:
    """The value of a local derivative, if its own step is done."""
    place = pen.frame.moment.place
    home = place.schedule.home("contribute", edge.tail)
    if not pen.frame.moment.started:
        return None
    if home is None:
        reading = pen.frame.read(cells.local(edge.head.cell(0), edge.tail.cell(0)))
        return reading.value if reading is not None else None
    block, piece = home
    contribution = piece.edges.index(edge)
    if block.offset(0, piece, 2 * contribution) > place.offset and not place.in_tail:
        return None
    numbers = pen.frame.moment.batch.numbers
    return numbers.slope(edge, place.sample, 0, 0)


def _draw_lanes(pen: Pen, plan: _Plan, lanes: list[Edge]) -> None:
    """The uses that are no neighbours: down from one card, along, and up into another."""
    canvas, bottom = pen.canvas, plan.top + _CARD_ROWS - 1
    room = canvas.height - bottom - 4
    order = sorted(lanes, key=lambda e: not _concerns(pen, e))[: max(0, room)]
    order.sort(key=lanes.index)
    for number, edge in enumerate(order):
        row = bottom + 3 + number
        start = plan.x[edge.tail.id] + 2 + 2 * (number % 4)
        end = plan.x[edge.head.id] + plan.card - 3 - 2 * (number % 4)
        active = _is_active(pen, edge)
        points = [(start, bottom), (start, row), (end, row), (end, bottom)]
        canvas.path(points, pen.active if active else "edge", heavy=active)
        text, value, role = _local(pen, edge)
        at = canvas.put(start + 2, row, f" {_label(pen, edge)} ", "text")
        at = canvas.put(
            at + 1,
            row,
            fitting([f" {slope} " for slope in _slopes(pen, edge, text)], end - at - 14),
            "deriv" if value else "dim",
        )
        at = canvas.put(at, row, value or "·", role)
        canvas.put(at, row, " ", "")
        if pen.phase == "forward":
            canvas.put(end - 1, row, "▶", pen.active if active else "edge")
        elif pen.phase == "backward":
            canvas.put(start + 1, row, "◀", pen.active if active else "edge")
    if len(lanes) > len(order):
        canvas.put(1, canvas.height - 1, f"… {len(lanes) - len(order)} more uses", "dim")


def _concerns(pen: Pen, edge: Edge) -> bool:
    step = pen.step
    if step is None:
        return False
    return _is_active(pen, edge) or (step.op == "local" and _edge_of_step(pen, step) is edge)


def _draw_title(pen: Pen, plan: _Plan) -> None:
    canvas = pen.canvas
    canvas.put(0, 0, "─" * canvas.width, "hairline")
    root = pen.frame.setup.graph.root.names[0]
    left = f"‹ {plan.before} " if plan.before else ""
    canvas.put(1, 0, cut(f" {left}{root} as a graph ", canvas.width - 14), "dim")
    left_out = [f"{plan.between} between" if plan.between else "", f"{plan.after} ›" if plan.after else ""]
    if any(left_out):
        text = f" {' · '.join(filter(None, left_out))} "
        canvas.put(canvas.width - len(text) - 2, 0, text, "dim")
