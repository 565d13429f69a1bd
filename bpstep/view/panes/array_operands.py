"""Every operation that is no product of matrices, as it is drawn: its operands beside what is computed of them.

    forward      X ⋆ K ▶ y                  windows, activations, what broadcasts, sums, maxima, costs
    back         d(X) ◀ K × d(y)            what gathers, what it is multiplied with, and what comes back
    update       W −= η · d(W)              a parameter and its gradient

Where they stand beside each other is the business of `abreast`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.specs import Operation, Places
from bpstep.engine.vectors import Vector
from bpstep.view.panes.abreast import Abreast
from bpstep.view.panes.array_picture import Picture, Title, block_of, plane_of, seen_forward, set_off
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.pen import Pen
from bpstep.view.scene.focus import Focus
from bpstep.view.scene.planes import Plane, itself, name_of, span_of, whole
from bpstep.view.words.equations import SIGNS, equation, gathering_sign, named, use_of

__all__ = ["back_to_operand", "forward_of", "loss_over_samples", "update_of"]

#: Of more cells the largest is not looked for.
_MOST_COMPARED = 200


def forward_of(pen: Pen, focus: Focus, spec: Operation) -> Picture:
    """The operands, and what is computed of them."""
    meeting = focus.meeting
    head = plane_of(pen, whole(focus.operation.head), focus.i)
    blocks = []
    for number, source in enumerate(meeting.sources):
        met = meeting.index[number][focus.i]
        met = met[met >= 0]
        at = _read(meeting.index[number][focus.i], focus.term, met)
        plane = plane_of(pen, source, at)
        used = span_of(plane, np.unique(met)) if spec.function != "conv" or number == 0 else None
        block = block_of(plane.name, plane, itself, plane.place(at), used)
        if spec.function in ("largest", "max-pool") and pen.asked is None:
            block = replace(block, chosen=_largest(pen, plane, met))
        blocks.append(block)
    blocks.append(set_off(head, focus.i, seen_forward(pen)))
    shapes = ", ".join(plane_of(pen, source).shape for source in meeting.sources)
    signs = [*[SIGNS.get(spec.function, ",")] * (len(blocks) - 2), "▶"]
    told = equation(spec, focus.operation.head.layer, named(meeting.sources))
    return Picture(Title(told, f"{shapes} → {head.shape}"), Abreast(blocks, signs))


def _largest(pen: Pen, plane: Plane, met: Places) -> tuple[int, int] | None:
    """Where the first largest of some cells stands; None while one of them is not computed."""
    values = [pen.reading(plane.cell(*plane.place(int(n)))).value for n in met[:_MOST_COMPARED]]
    known = [value for value in values if value is not None]
    if len(known) < len(met):
        return None
    return plane.place(int(met[known.index(max(known))]))


def back_to_operand(pen: Pen, focus: Focus, edge: Edge, spec: Operation) -> Picture:
    """What gathers at the left, what it is multiplied with, and at the right what comes back."""
    meeting = focus.meeting
    source, n = meeting.sources[focus.source], focus.number
    tail, head = plane_of(pen, source, n), plane_of(pen, whole(focus.operation.head), focus.i)
    heads = np.unique(np.asarray(edge.heads_of(focus.j)))
    result = set_off(tail, n, cells.d, pen.symbols.derivative(tail.name))
    came = block_of(
        pen.symbols.derivative(head.name), head, cells.d, head.place(focus.i), span_of(head, heads)
    )
    # By an operand of the root the local derivative is called as the whole one is: ∂E/∂Y.
    middle = [
        replace(block, name="local") if block.name == result.name else block
        for block in _between(pen, focus, edge, tail, head)
    ]
    blocks = [result, *middle, came]
    signs = ["◀", *["×"] * len(middle)]
    more = "" if not middle else " × local" if edge.shown else f" × {middle[0].name}"
    title = Title(
        f"{result.name} {gathering_sign(pen.frame, edge)} {'Σ ' if edge.uses > 1 else ''}{came.name}{more}",
        f"{head.shape} → {tail.shape}",
        use_of(pen.frame, edge) or equation(spec, head.name, named(meeting.sources)),
    )
    return Picture(title, Abreast(blocks, signs))


def _between(pen: Pen, focus: Focus, edge: Edge, tail: Plane, head: Plane) -> list[Block]:
    """What a derivative is multiplied with on its way back: the other factor, or local derivatives."""
    if edge.shown:
        if focus.meeting.terms == 1:
            return [_by_head(focus, edge, head)]
        return [_by_tail(edge, tail, focus.number)]
    other = edge.stands_for(focus.i, focus.j)
    if other is None:
        return []
    place = 1 - focus.source
    n = focus.number_in(place, *other)
    return [set_off(plane_of(pen, focus.meeting.sources[place], n), n, itself)]


def _by_head(focus: Focus, edge: Edge, head: Plane) -> Block:
    """Local derivatives, one for each cell of the head, in its shape."""
    source, table = focus.meeting.sources[focus.source], focus.meeting.index[focus.source]

    def local(row: int, column: int) -> Cell | None:
        at = head.number(row, column)
        vector, j = source.cell(int(table[at, 0]))
        return cells.local(edge.head.cell(at), vector.cell(j), edge.place) if vector is edge.tail else None

    row, column = head.place(focus.i)
    name = f"∂{head.name}/∂{name_of(source)}"
    return Block(name, head.rows, head.columns, local, (row, column), (row, row, column, column))


def _by_tail(edge: Edge, tail: Plane, n: int) -> Block:
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


def loss_over_samples(pen: Pen, focus: Focus) -> Picture:
    """An operation that the program does not state: the loss over samples."""
    edges = focus.operation.edges
    planes = [plane_of(pen, whole(edge.tail)) for edge in edges]
    head = plane_of(pen, whole(focus.operation.head), focus.i)
    blocks = [block_of(p.name, p, itself, (0, 0), None) for p in planes]
    blocks.append(set_off(head, focus.i, itself))
    signs = [*["+"] * (len(planes) - 1), "▶"]
    return Picture(Title(head.name, f"→ {head.shape}"), Abreast(blocks, signs))


def update_of(pen: Pen, parameter: Vector) -> Picture:
    """A parameter, its gradient."""
    step = pen.step
    spot = pen.frame.index.find(step.cell) if step is not None else None
    n = spot.j if spot is not None else 0
    plane = plane_of(pen, whole(parameter), n)
    gradient, rate = pen.symbols.derivative(plane.name), pen.symbols.notation.rate
    blocks = [set_off(plane, n, itself), set_off(plane, n, cells.d, gradient)]
    title = Title(f"{plane.name} −= {rate} · {gradient}", f"{plane.shape} − {plane.shape}")
    return Picture(title, Abreast(blocks, [f"−= {rate} ·"]))


def _read(table: Places, term: int, met: Places) -> int:
    """The cell that a term reads; of what has no terms, the first."""
    if term < len(table) and table[term] >= 0:
        return int(table[term])
    return int(met[0]) if len(met) else 0
