"""The steps of forward mode: seed, local, tangent.

A tangent reads as its mirror image in the backward pass does: ``dot(e[o1]) += w[h1->o1] * dot(y[h1])``.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.blocks import FORWARD
from bpstep.engine.describe.at import At, before
from bpstep.engine.describe.backward import known_as, local_cell, local_step
from bpstep.engine.edge import Edge
from bpstep.engine.steps import Factor, Step

__all__ = ["TANGENT_STEPS"]


def _start(at: At) -> Step:
    vector, j = at.numbers.setup.seed
    return at.step("seed", cells.dot(vector.cell(j)), "=", 1.0, (), "1")


def _tangent(at: At) -> Step:
    piece, sums = at.piece, at.sums
    operation = piece.operation
    assert operation is not None
    k, place = divmod(at.within, piece.stride)
    i = operation.cell_of(at.row)
    arriving = sums.tangents_to(operation, i)
    if operation.by_term:
        k = arriving.index((piece.edges[0], at.row))
    elif at.in_tail:
        k += sum(edge.tail.per_sample for edge, _ in arriving)
    edge, j = arriving[k]
    if place < piece.stride - 1:
        return local_step(at, edge, i, j)
    return _add(at, edge, i, j, k if operation.head.per_sample else at.turn)


def _add(at: At, edge: Edge, i: int, j: int, k: int) -> Step:
    numbers, operation = at.numbers, at.piece.operation
    assert numbers.tangents is not None
    assert operation is not None
    grown = at.sums.tangents(operation, at.sample, i)
    local = Factor(local_cell(edge, i, j), numbers.slope(edge, at.sample, i, j))
    arriving = Factor(cells.dot(edge.tail.cell(j)), at.sums.dot(edge.tail, at.sample, j))
    return at.step(
        "tangent", cells.dot(edge.head.cell(i)), "+=", grown[k], *_in_place(at, edge, (i, j), local, arriving),
        was=before(grown, k), part=(k + 1, len(grown)), product=at.sums.tangent_terms(operation, at.sample, i)[k],
        local=local,
    )  # fmt: skip


def _in_place(
    at: At, edge: Edge, cell: tuple[int, int], local: Factor, arriving: Factor
) -> tuple[tuple[Factor, ...], str]:
    """What a contribution reads, and how: the local derivative times the tangent that arrives."""
    one_over = edge.one_over(at.numbers.samples)
    if one_over is not None:
        return (arriving,), "{0}" if one_over == 1 else f"{{0}} / {one_over}"
    text, read = known_as(at, edge, *cell, local)
    return (*read, arriving), f"{text} * {{{len(read)}}}"


#: By phase and op.
TANGENT_STEPS: dict[tuple[str, str], Callable[[At], Step]] = {
    (FORWARD, "seed"): _start,
    (FORWARD, "tangent"): _tangent,
}
