"""The steps of forward mode: seed, local, tangent.

A tangent reads as its mirror image in the backward pass does: ``dot(e[o1]) += w[h1->o1] * dot(y[h1])``.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.blocks import FORWARD
from bpstep.engine.describe.backward import known_as, local_cell, local_step
from bpstep.engine.describe.here import Here, before
from bpstep.engine.edge import Edge
from bpstep.engine.steps import Factor, Step

__all__ = ["TANGENT_STEPS"]


def _start(here: Here) -> Step:
    vector, j = here.numbers.setup.seed
    return here.step("seed", cells.dot(vector.cell(j)), "=", 1.0, (), "1")


def _tangent(here: Here) -> Step:
    piece = here.piece
    operation = piece.operation
    assert operation is not None
    k, place = divmod(here.within, piece.stride)
    i = operation.cell_of(here.row)
    arriving = here.numbers.setup.tangents_to(operation, i)
    if operation.by_term:
        k = arriving.index((piece.edges[0], here.row))
    elif here.in_tail:
        k += sum(edge.tail.per_sample for edge, _ in arriving)
    edge, j = arriving[k]
    if place < piece.stride - 1:
        return local_step(here, edge, i, j)
    return _add(here, edge, i, j, k if operation.head.per_sample else here.turn)


def _add(here: Here, edge: Edge, i: int, j: int, k: int) -> Step:
    numbers, operation = here.numbers, here.piece.operation
    assert numbers.tangents is not None
    assert operation is not None
    grown = here.sums.tangents(operation, here.sample, i)
    local = Factor(local_cell(edge, i, j), numbers.slope(edge, here.sample, i, j))
    arriving = Factor(cells.dot(edge.tail.cell(j)), here.sums.dot(edge.tail, here.sample, j))
    return here.step(
        "tangent", cells.dot(edge.head.cell(i)), "+=", grown[k], *_in_place(here, edge, (i, j), local, arriving),
        was=before(grown, k), part=(k + 1, len(grown)), product=here.sums.tangent_terms(operation, here.sample, i)[k],
        local=local,
    )  # fmt: skip


def _in_place(
    here: Here, edge: Edge, cell: tuple[int, int], local: Factor, arriving: Factor
) -> tuple[tuple[Factor, ...], str]:
    """What a contribution reads, and how: the local derivative times the tangent that arrives."""
    one_over = edge.one_over(here.numbers.samples)
    if one_over is not None:
        return (arriving,), "{0}" if one_over == 1 else f"{{0}} / {one_over}"
    text, read = known_as(here, edge, *cell, local)
    return (*read, arriving), f"{text} * {{{len(read)}}}"


#: By phase and op.
TANGENT_STEPS: dict[tuple[str, str], Callable[[Here], Step]] = {
    (FORWARD, "seed"): _start,
    (FORWARD, "tangent"): _tangent,
}
