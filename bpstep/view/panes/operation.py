"""The operation of this step, drawn as the arrays that meet in it.

A product of matrices and the Jacobian of softmax are drawn as products (`falk`), everything else as arrays beside each
other (`abreast`).  The title says the equation, and the shapes: ``v1 = U @ x1   (3×2)·(2×1) → (3×1)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.specs import ExpressionSpec, Places
from bpstep.engine.specs import Operation as Spec
from bpstep.engine.vectors import Vector
from bpstep.english import times
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.panes.abreast import Abreast, draw_abreast
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.cards import Pen
from bpstep.view.panes.columns import Geometry
from bpstep.view.panes.falk import Product, draw_product
from bpstep.view.scene.focus import Focus, focus_of
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import Plane, Span, name_of, span_of, whole

__all__ = ["draw_in_table", "draw_operation", "equations_of"]

_Of = Callable[[Cell], Cell]


@dataclass(frozen=True)
class _Title:
    equation: str
    shapes: str
    more: str = ""


_Drawn = tuple[_Title, Product | Abreast]


def draw_operation(frame: Frame, width: int, height: int) -> Canvas:
    """The operation that the step belongs to, at the start the first one."""
    canvas = Canvas(width, height)
    pen = Pen(frame, canvas, Geometry.of(width, 12, frame.options.digits))
    step = pen.step or frame.upcoming
    assert step is not None, "a run has steps"
    focus = focus_of(frame, step)
    if focus is None:
        focus = _first(frame)
    title, drawn = _Scene(pen).of(focus)
    _draw_title(canvas, title)
    top = 2 if height >= 12 else 1
    if isinstance(drawn, Product):
        draw_product(pen, top, drawn)
    else:
        draw_abreast(pen, top, drawn)
    return canvas


def draw_in_table(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The same on the rows of a canvas from ``top`` on."""
    canvas.blit(0, top, draw_operation(frame, canvas.width, canvas.height - top))


def equations_of(frame: Frame) -> dict[str, str]:
    """Of each variable that is computed, how, by its name."""
    return frame.drawing("equations", None, lambda: _equations_of(frame))


def _equations_of(frame: Frame) -> dict[str, str]:
    problem, graph = frame.setup.problem, frame.setup.graph
    assert isinstance(problem, ExpressionSpec)
    found: dict[str, str] = {}
    specs = {one.name: one for one in problem.operations}
    for operation in graph.operations:
        name = operation.head.layer
        if name in specs:
            sources = Focus(operation, 0).meeting.sources
            found[name] = _equation(specs[name], name, [name_of(source) for source in sources])
    return found


def _first(frame: Frame) -> Focus:
    """The operation whose head is the output."""
    operation = frame.setup.graph.producer(frame.setup.graph.root)
    assert operation is not None, "an output is computed"
    return Focus(operation, 0)


def _draw_title(canvas: Canvas, title: _Title) -> None:
    canvas.put(0, 0, "─" * canvas.width, "hairline")
    at = canvas.put(1, 0, cut(f" {title.equation} ", canvas.width - 2), "strong")
    if at + len(title.shapes) + 5 < canvas.width:
        at = canvas.put(at + 1, 0, f" {title.shapes} ", "dim")
    if title.more and at + len(title.more) + 4 < canvas.width:
        canvas.put(canvas.width - len(title.more) - 3, 0, f" {title.more} ", "dim")


@dataclass(frozen=True)
class _Scene:
    """What is drawn of each sort of operation, going forward and going back."""

    pen: Pen

    @property
    def frame(self) -> Frame:
        return self.pen.frame

    def of(self, focus: Focus | Vector) -> _Drawn:
        """The equation of a step, and its arrays."""
        if isinstance(focus, Vector):
            return self.update(focus)
        spec = self.spec(focus)
        if spec is None:
            return self.only(focus)
        if spec.function == "matmul":
            return self.matmul(focus)
        if spec.function == "softmax" and focus.edge is not None:
            return self.softmax(focus, focus.edge)
        return self.forward(focus, spec) if focus.edge is None else self.backward(focus, focus.edge, spec)

    def spec(self, focus: Focus) -> Spec | None:
        """The operation as the program states it; None of a loss over samples."""
        return self.specs.get(focus.operation.head.layer)

    @property
    def specs(self) -> dict[str, Spec]:
        """The operations of the program, by the names of their heads."""
        problem = self.frame.setup.problem
        assert isinstance(problem, ExpressionSpec)
        return self.frame.drawing("by name", None, lambda: {one.name: one for one in problem.operations})

    # --- names ----------------------------------------------------------------------------------------

    def by(self, name: str) -> str:
        """The derivative of the root by an array."""
        symbols = self.pen.symbols
        return symbols.ratio(symbols.root, name)

    @property
    def kind(self) -> _Of:
        """Which cell of a variable is seen going forward: its value; its tangent, in a step that adds to one."""
        step = self.pen.step
        is_tangent = step is not None and step.op == "tangent"
        return cells.dot if is_tangent else _itself

    def uses(self, edge: Edge) -> str:
        """Which use of a variable this is, where it has several."""
        consumers = self.frame.setup.graph.consumers[edge.tail.id]
        if len(consumers) < 2:
            return ""
        return f"use {consumers.index(edge) + 1} of {len(consumers)} of {edge.tail.layer}"

    def gathering(self, edge: Edge) -> list[tuple[str, str]]:
        """All uses of a variable that has several, in the order in which it hears of them, and which is heard now."""
        consumers = self.frame.setup.graph.consumers[edge.tail.id]
        if len(consumers) < 2:
            return []
        at = consumers.index(edge)
        first = min(max(0, at - 2), max(0, len(consumers) - 4))
        lines = [(f"{edge.tail.layer} is used {times(len(consumers))}:", "dim")]
        for place, one in list(enumerate(consumers))[first : first + 4]:
            mark, role = ("◀", "deriv-read") if place == at else (" ", "dim")
            spec = self.specs.get(one.head.layer)
            told = one.head.layer if spec is None else self.said(one, spec)
            lines.append((f"{mark} {told}", role))
        return lines

    def said(self, edge: Edge, spec: Spec) -> str:
        """The operation that an edge leads back from, as an equation."""
        operation = self.frame.setup.graph.producer(edge.head)
        assert operation is not None, "an edge leads to what is computed"
        sources = Focus(operation, 0).meeting.sources
        return _equation(spec, edge.head.layer, [name_of(source) for source in sources])

    def sign(self, edge: Edge) -> str:
        return "=" if len(self.frame.setup.graph.consumers[edge.tail.id]) == 1 else "+="

    # --- products -------------------------------------------------------------------------------------

    def matmul(self, focus: Focus) -> _Drawn:
        """``A @ B``."""
        meeting = focus.meeting
        a, b = meeting.sources
        head = whole(focus.operation.head)
        left, right, cross = Plane.of(a), Plane.of(b), Plane.of(head, focus.i)
        left = left.turned if len(a.shape) == 1 else left
        if len(head.shape) == 1 and len(a.shape) == 1:
            cross = cross.turned
        left, right = _along(left, cross), _along(right, cross)
        row, column = cross.place(focus.i)
        if focus.edge is None:
            return self.product(left, right, cross, (row, column, focus.term), left.name, right.name)
        n = focus.number
        if focus.source == 1:
            return self.to_right(focus.edge, left, right, cross, (right.place(n)[0], row, column))
        return self.to_left(focus.edge, left, right, cross, (row, left.place(n)[1], column))

    def product(
        self, left: Plane, right: Plane, cross: Plane, at: tuple[int, int, int], a: str, b: str
    ) -> _Drawn:
        """Forward: a row of A meets a column of B."""
        row, column, term = at
        of = self.kind
        side = _block(a, left, _itself, (row, term), (row, row, 0, left.columns - 1))
        above = _block(b, right, _itself, (term, column), (0, right.rows - 1, column, column))
        result = _block(cross.name, cross, of, (row, column), (row, row, column, column))
        words = (f"row {row + 1} of {a}", f"meets {_column(b, column, right)}")
        title = _Title(f"{cross.name} = {a} @ {b}", f"{left.shape}·{right.shape} → {cross.shape}")
        return title, Product(side, above, result, "▶", words)

    def to_left(
        self, edge: Edge, left: Plane, right: Plane, cross: Plane, at: tuple[int, int, int]
    ) -> _Drawn:
        """Back to the left factor: d(A) = d(C) · Bᵀ, an outer product where B is one column."""
        row, k, column = at
        turned = right.turned
        a, c, b = self.by(left.name), self.by(cross.name), _turned(right.name)
        side = _block(c, cross, cells.d, (row, column), (row, row, 0, cross.columns - 1))
        above = _block(b, turned, _itself, (column, k), (0, turned.rows - 1, k, k))
        result = _block(a, left, cells.d, (row, k), (row, row, k, k))
        words = (f"row {row + 1} of {c}", f"meets row {k + 1} of {right.name}:", b)
        if cross.columns == 1:
            words = (f"{right.name} lies above:", "an entry is one of", f"{c} × one of {right.name}")
        title = _Title(
            f"{a} {self.sign(edge)} {c} · {b}",
            f"{cross.shape}·{turned.shape} → {left.shape}",
            self.uses(edge),
        )
        return title, Product(side, above, result, "━", words, self.gathering(edge))

    def to_right(
        self, edge: Edge, left: Plane, right: Plane, cross: Plane, at: tuple[int, int, int]
    ) -> _Drawn:
        """Back to the right factor: d(B) = Aᵀ · d(C), a column of A meets one of d(C)."""
        k, row, column = at
        b, c = self.by(right.name), self.by(cross.name)
        side = _block(left.name, left, _itself, (row, k), (0, left.rows - 1, k, k))
        above = _block(b, right, cells.d, (k, column), (k, k, column, column))
        result = _block(c, cross, cells.d, (row, column), (0, cross.rows - 1, column, column))
        words = (
            f"column {k + 1} of {left.name}",
            f"meets {_column(c, column, cross)}:",
            f"{_turned(left.name)}",
        )
        title = _Title(
            f"{b} {self.sign(edge)} {_turned(left.name)} · {c}",
            f"({left.columns}×{left.rows})·{cross.shape} → {right.shape}",
            self.uses(edge),
        )
        return title, Product(side, above, result, "◀", words, self.gathering(edge))

    def softmax(self, focus: Focus, edge: Edge) -> _Drawn:
        """Back through softmax: d(e) = Jᵀ · d(p), a column of the Jacobian meets d(p)."""
        meeting = focus.meeting
        source, head = meeting.sources[0], focus.operation.head
        group = meeting.index[0][focus.i].tolist()
        n, count = focus.number, len(group)
        i, j = group.index(focus.i), group.index(n)

        def tail(k: int) -> Cell:
            vector, at = source.cell(group[k])
            return vector.cell(at)

        e, p = name_of(source), head.layer
        jacobian = Block(
            f"∂{p}/∂{e}", count, count, lambda r, c: cells.local(head.cell(group[r]), tail(c)), (i, j),
            (0, count - 1, j, j),
        )  # fmt: skip
        above = Block(self.by(e), count, 1, lambda r, c: cells.d(tail(r)), (j, 0), (j, j, 0, 0))
        result = Block(
            self.by(p), count, 1, lambda r, c: cells.d(head.cell(group[r])), (i, 0), (0, count - 1, 0, 0)
        )
        shape = f"({count}×{count})·({count}×1) → ({count}×1)"
        title = _Title(f"{self.by(e)} {self.sign(edge)} Jᵀ · {self.by(p)}", shape, self.uses(edge))
        words = (
            f"every output hears {e}[{j + 1}]:",
            f"column {j + 1} of the Jacobian",
            f"meets {self.by(p)}",
        )
        return title, Product(jacobian, above, result, "◀", words)

    # --- everything else ------------------------------------------------------------------------------

    def forward(self, focus: Focus, spec: Spec) -> _Drawn:
        """The operands, and what is computed of them."""
        meeting = focus.meeting
        head = Plane.of(whole(focus.operation.head), focus.i)
        blocks = []
        for number, source in enumerate(meeting.sources):
            met = meeting.index[number][focus.i]
            met = met[met >= 0]
            at = _read(meeting.index[number][focus.i], focus.term, met)
            plane = Plane.of(source, at)
            used = span_of(plane, np.unique(met)) if spec.function != "conv" or number == 0 else None
            block = _block(plane.name, plane, _itself, plane.place(at), used)
            if spec.function in ("largest", "max-pool") and self.pen.asked is None:
                block = replace(block, chosen=self.largest(plane, met))
            blocks.append(block)
        row, column = head.place(focus.i)
        blocks.append(_block(head.name, head, self.kind, (row, column), (row, row, column, column)))
        equation = _equation(
            spec, focus.operation.head.layer, [name_of(source) for source in meeting.sources]
        )
        shapes = ", ".join(Plane.of(source).shape for source in meeting.sources)
        signs = [*[_SIGNS.get(spec.function, ",")] * (len(blocks) - 2), "▶"]
        return _Title(equation, f"{shapes} → {head.shape}"), Abreast(blocks, signs)

    def largest(self, plane: Plane, met: Places) -> tuple[int, int] | None:
        """Where the first largest of some cells stands; None while one of them is not computed."""
        values = [self.pen.reading(plane.cell(*plane.place(int(n)))).value for n in met[:_MOST_COMPARED]]
        known = [value for value in values if value is not None]
        if len(known) < len(met):
            return None
        return plane.place(int(met[known.index(max(known))]))

    def backward(self, focus: Focus, edge: Edge, spec: Spec) -> _Drawn:
        """What gathers at the left, what it is multiplied with, and at the right what comes back."""
        meeting = focus.meeting
        source, n = meeting.sources[focus.source], focus.number
        tail, head = Plane.of(source, n), Plane.of(whole(focus.operation.head), focus.i)
        heads = np.unique(np.asarray(edge.heads_of(focus.j)))
        (row, column), (r, c) = tail.place(n), head.place(focus.i)
        result = _block(self.by(tail.name), tail, cells.d, (row, column), (row, row, column, column))
        came = _block(self.by(head.name), head, cells.d, (r, c), span_of(head, heads))
        middle = self.between(focus, edge, tail, head)
        blocks = [result, *middle, came]
        signs = ["◀", *["×"] * len(middle)]
        more = "" if not middle else " × local" if edge.shown else f" × {middle[0].name}"
        title = _Title(
            f"{result.name} {self.sign(edge)} {came.name}{more}",
            f"{head.shape} → {tail.shape}",
            self.uses(edge) or _equation(spec, head.name, [name_of(one) for one in meeting.sources]),
        )
        return title, Abreast(blocks, signs)

    def between(self, focus: Focus, edge: Edge, tail: Plane, head: Plane) -> list[Block]:
        """What a derivative is multiplied with on its way back: the other factor, or local derivatives."""
        if edge.shown:
            if focus.meeting.terms == 1:
                return [self.by_head(focus, edge, head)]
            return [self.by_tail(edge, tail, focus.number)]
        other = edge.stands_for(focus.i, focus.j)
        if other is None:
            return []
        place = 1 - focus.source
        n = focus.number_in(place, *other)
        plane = Plane.of(focus.meeting.sources[place], n)
        row, column = plane.place(n)
        return [_block(plane.name, plane, _itself, (row, column), (row, row, column, column))]

    def by_head(self, focus: Focus, edge: Edge, head: Plane) -> Block:
        """Local derivatives, one for each cell of the head, in its shape."""
        source, table = focus.meeting.sources[focus.source], focus.meeting.index[focus.source]

        def local(row: int, column: int) -> Cell | None:
            at = head.number(row, column)
            vector, j = source.cell(int(table[at, 0]))
            return (
                cells.local(edge.head.cell(at), vector.cell(j), edge.place) if vector is edge.tail else None
            )

        row, column = head.place(focus.i)
        name = f"∂{head.name}/∂{name_of(source)}"
        return Block(name, head.rows, head.columns, local, (row, column), (row, row, column, column))

    def by_tail(self, edge: Edge, tail: Plane, n: int) -> Block:
        """Local derivatives, one for each cell of the tail, in its shape; of a cell that nobody uses there is none."""

        def local(row: int, column: int) -> Cell | None:
            vector, j = tail.source.cell(tail.number(row, column))
            if vector is not edge.tail or not edge.uses_of(j):
                return None
            head = int(edge.head_of(0, j))
            return cells.local(edge.head.cell(head), vector.cell(j), edge.place)

        row, column = tail.place(n)
        name = f"∂{edge.head.layer}/∂{tail.name}"
        return Block(name, tail.rows, tail.columns, local, (row, column), (row, row, column, column))

    def only(self, focus: Focus) -> _Drawn:
        """An operation that the program does not state: the loss over samples."""
        edges = focus.operation.edges
        planes = [Plane.of(whole(edge.tail)) for edge in edges]
        head = Plane.of(whole(focus.operation.head), focus.i)
        blocks = [_block(p.name, p, _itself, (0, 0), None) for p in planes]
        blocks.append(_block(head.name, head, _itself, (0, 0), (0, 0, 0, 0)))
        signs = [*["+"] * (len(planes) - 1), "▶"]
        return _Title(head.name, f"→ {head.shape}"), Abreast(blocks, signs)

    def update(self, parameter: Vector) -> _Drawn:
        """A parameter, its gradient."""
        step = self.pen.step
        spot = self.frame.index.find(step.cell) if step is not None else None
        n = spot.j if spot is not None else 0
        plane = Plane.of(whole(parameter), n)
        row, column = plane.place(n)
        at = (row, row, column, column)
        blocks = [
            _block(plane.name, plane, _itself, (row, column), at),
            _block(self.by(plane.name), plane, cells.d, (row, column), at),
        ]
        rate = self.pen.symbols.notation.rate
        title = _Title(f"{plane.name} −= {rate} · {self.by(plane.name)}", f"{plane.shape} − {plane.shape}")
        return title, Abreast(blocks, [f"−= {rate} ·"])


#: Of more cells the largest is not looked for.
_MOST_COMPARED = 200

_SIGNS = {"conv": "⋆", "add": "+", "sub": "−", "mul": "·", "div": "/", "pow": "^"}


def _itself(cell: Cell) -> Cell:
    return cell


def _block(name: str, plane: Plane, of: _Of, at: tuple[int, int], used: Span | None) -> Block:
    return Block(name, plane.rows, plane.columns, lambda r, c: of(plane.cell(r, c)), at, used)


def _turned(name: str) -> str:
    """A transposed array: Uᵀ; of one that was transposed, itself."""
    return name.removesuffix("ᵀ") if name.endswith("ᵀ") else f"{name}ᵀ"


def _column(name: str, column: int, plane: Plane) -> str:
    return name if plane.columns == 1 else f"column {column + 1} of {name}"


def _along(plane: Plane, cross: Plane) -> Plane:
    """The piece of a factor with more than two axes that goes along with a piece of the product."""
    if len(plane.source.shape) < 3:
        return plane
    lead, size = plane.source.shape[:-2], plane.rows * plane.columns
    of_head = cross.source.shape[:-2]
    at = np.unravel_index(cross.first // (cross.rows * cross.columns), of_head)
    mine = tuple(0 if n == 1 else int(k) for n, k in zip(lead, at[len(of_head) - len(lead) :], strict=True))
    return Plane.of(plane.source, int(np.ravel_multi_index(mine, lead)) * size)


def _read(table: Places, term: int, met: Places) -> int:
    """The cell that a term reads; of what has no terms, the first."""
    if term < len(table) and table[term] >= 0:
        return int(table[term])
    return int(met[0]) if len(met) else 0


def _equation(spec: Spec, head: str, operands: list[str]) -> str:
    """The operation in one line, with its operands by name."""
    if spec.function == "matmul":
        return f"{head} = {operands[0]} @ {operands[1]}"
    if spec.function in _SIGNS and spec.function != "conv" and len(operands) == 2:
        return f"{head} = {operands[0]} {_SIGNS[spec.function]} {operands[1]}"
    name = "max" if spec.function == "largest" else spec.function.replace("-", "_")
    return f"{head} = {name}({', '.join(operands)})"
