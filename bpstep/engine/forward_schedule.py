"""The order of the steps in forward mode (formats, section 3).

The forward steps as in reverse mode; every sample begins with the `seed`, and after the step that makes a cell
final come, for each of its operands that the seed reaches, a `local` (where reverse mode has one) and a `tangent`.
Rows of a layer that are not reached have no such steps, so a layer may be several blocks.
"""

from __future__ import annotations

from itertools import groupby

from bpstep.engine.graph import CostSum, Operation, Softmax, WeightedSum
from bpstep.engine.passes import Setup
from bpstep.engine.schedule import FORWARD, Builder, Piece, sum_pieces
from bpstep.engine.tangents import Contribution, contributions_to

__all__ = ["forward_sections"]


def forward_sections(setup: Setup, samples: int, each: Builder, tail: Builder) -> None:
    """Lay the steps of a batch."""
    graph, (vector, row, _) = setup.graph, setup.seed
    name = vector.names[row]
    each.block(FORWARD, vector.layer, (name,), Piece("start", 0, 1, vector), first_row=row)
    waiting: tuple[Operation, list[Piece]] | None = None
    for operation in graph.operations:
        if isinstance(operation, WeightedSum):
            waiting = operation, list(sum_pieces(operation))
        elif isinstance(operation, CostSum):
            _cost(each, setup, operation)
        elif isinstance(operation, Softmax):
            if waiting is not None:
                _rows(each, setup, operation.head.layer, [waiting])
            _rows(
                each,
                setup,
                operation.head.layer,
                [(operation, [Piece("apply", 0, 1, operation.head, operation)])],
            )
            waiting = None
        else:
            own = (operation, [Piece("apply", 0, 1, operation.head, operation)])
            _rows(each, setup, operation.head.layer, [own] if waiting is None else [waiting, own])
            waiting = None
    root = graph.root
    reached = bool(setup.reached[root.id][0])
    if setup.reduces(samples):
        each.block(FORWARD, root.layer, root.names, Piece("reduce", 0, 1, root))
        if reached:
            each.block(FORWARD, root.layer, root.names, Piece("loss-tangent", 0, 1, root))
    if setup.training.l2 > 0.0:
        tail.block(FORWARD, root.layer, root.names, Piece("penalty", 0, 1, root))
        if vector.kind == "w":
            tail.block(FORWARD, root.layer, root.names, Piece("penalty-tangent", 0, 1, root))


def _rows(to: Builder, setup: Setup, layer: str, parts: list[tuple[Operation, list[Piece]]]) -> None:
    """A block for each run of rows that are cut alike."""
    names = parts[0][0].head.names
    tails = [[contributions_to(op, row, setup.reached) for op, _ in parts] for row in range(len(names))]

    def shape(row: int) -> object:
        return [[(edge.id, place if place != row else -1) for edge, place in found] for found in tails[row]]

    for _, group in groupby(range(len(names)), key=shape):
        rows = list(group)
        pieces: list[Piece] = []
        for (operation, own), found in zip(parts, tails[rows[0]], strict=True):
            pieces += own
            if found:
                pieces.append(_tangents(operation, found))
        to.block(FORWARD, layer, names[rows[0] : rows[-1] + 1], *pieces, first_row=rows[0])


def _cost(to: Builder, setup: Setup, operation: CostSum) -> None:
    head = operation.head
    to.block(FORWARD, head.layer, operation.outputs.names, Piece("cost", 0, 1, head, operation))
    for edge, place in contributions_to(operation, 0, setup.reached):
        piece = _tangents(operation, [(edge, place)])
        to.block(FORWARD, head.layer, (operation.outputs.names[place],), piece, first_row=place)


def _tangents(operation: Operation, found: list[Contribution]) -> Piece:
    """`local` and `tangent` for each contribution; `tangent` alone where the local derivative has no step."""
    edges, places = tuple(edge for edge, _ in found), tuple(place for _, place in found)
    steps = 2 if edges[0].shown else 1
    return Piece("tangent", 0, steps * len(found), operation.head, operation, edges, places)
