"""Forward mode, on one page: the same edges, walked in the other direction.

Let x be one input or one parameter, and dot(A) short for dA/dx.  A cell A is computed from some earlier cells B,
and hears of x only through them:

    dot(A)  =  sum over the operands B of A   dA/dB * dot(B)                dot(x) = 1

The local derivatives are those of `bpstep.engine.chainrule`, number for number.  Only the grouping differs: there
every cell sums over its users, here over its operands.  So nothing has to wait for the end: tangents are carried
along beside the values, in one sweep.  What is not said any more is *which* x: the sweep answers for one only, and
a network with a million weights needs a million of them, where one backward sweep gives all.

    >>> # y = (3x)^2 at x = 2:  v = 3x = 6, y = v^2 = 36.   dot(x) = 1
    >>> dot_v = 3 * 1
    >>> dot_y = (2 * 6) * dot_v     # the same two factors as in reverse, multiplied from the other end
    >>> dot_y
    36
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.graph import CostSlope, Coupled, Edge, Graph, Operation, Through, ToBias, ToWeights, Vector
from bpstep.engine.specs import Array
from bpstep.engine.sums import ordered_sum

__all__ = ["Contribution", "Mask", "Seed", "Tangents", "carry_forward", "contributions_to", "reached_from"]

Mask = NDArray[np.bool_]

#: What tangents are taken by: a cell, as its vector, row and column.
Seed = tuple[Vector, int, int]

#: A tangent that arrives over an edge from the operand in a row of the edge's tail (of weights: in a column).
Contribution = tuple[Edge, int]


@dataclass(frozen=True, eq=False)
class Tangents:
    """What a forward sweep computed.

    ``dot[vector.id]`` is (samples, cells); of parameters, their own shape.  ``local[edge.id]`` are the local
    derivatives of the edges.
    """

    dot: list[Array]
    local: list[Array | None]


def reached_from(graph: Graph, seed: Seed) -> list[Mask]:
    """Which cells hear of the seed at all: by vector, in the shape of one sample."""
    reached = [np.zeros(_shape(vector), dtype=bool) for vector in graph.vectors]
    vector, row, column = seed
    reached[vector.id][(row, column) if vector.kind == "w" else row] = True
    for operation in graph.operations:
        hears = reached[operation.head.id]
        for edge in operation.edges:
            mask = reached[edge.tail.id]
            if isinstance(edge, ToWeights):
                hears |= mask.any(axis=1)
            else:
                hears |= mask.any() if _is_shared(edge) else mask
    return reached


def _is_shared(edge: Edge) -> bool:
    """Whether every cell of the head is computed from every cell of the tail."""
    return isinstance(edge, Through | Coupled | CostSlope)


def _shape(vector: Vector) -> tuple[int, ...]:
    return (len(vector.names), len(vector.columns)) if vector.kind == "w" else (len(vector.names),)


def contributions_to(operation: Operation, row: int, reached: Sequence[Mask]) -> list[Contribution]:
    """The tangents that arrive at one cell, in the order in which they arrive."""
    found: list[Contribution] = []
    for edge in operation.edges:
        mask = reached[edge.tail.id]
        if _is_shared(edge):
            found += [(edge, place) for place in np.flatnonzero(mask).tolist()]
        elif isinstance(edge, ToWeights):
            found += [(edge, place) for place in np.flatnonzero(mask[row]).tolist()]
        elif mask[row]:
            found.append((edge, row))
    return found


def carry_forward(
    graph: Graph, values: list[Array], seed: Seed, reached: Sequence[Mask], samples: int
) -> Tangents:
    """dot(A) = sum of dA/dB * dot(B), for every A from the first to the last."""
    dot = [_nothing(vector, samples) for vector in graph.vectors]
    local: list[Array | None] = [None] * sum(len(edges) for edges in graph.consumers)
    vector, row, column = seed
    if vector.kind == "w":
        dot[vector.id][row, column] = 1.0
    else:
        dot[vector.id][..., row] = 1.0
    for operation in graph.operations:
        for edge in operation.edges:
            local[edge.id] = edge.local(values)
        head = operation.head
        for alike, members in _alike(operation, reached):
            dot[head.id][:, members] = ordered_sum(_terms(alike, members, local, dot, samples))
    return Tangents(dot, local)


def _nothing(vector: Vector, samples: int) -> Array:
    return np.zeros(_shape(vector) if vector.is_parameter else (samples, len(vector.names)))


def _alike(operation: Operation, reached: Sequence[Mask]) -> list[tuple[list[Contribution], list[int]]]:
    """Rows that get their tangents from the same places, together: most layers are one such group."""
    rows = np.flatnonzero(reached[operation.head.id]).tolist()
    if rows and not any(reached[edge.tail.id].any() for edge in operation.edges if not _is_shared(edge)):
        return [(contributions_to(operation, rows[0], reached), rows)]
    groups: dict[tuple[tuple[int, int], ...], tuple[list[Contribution], list[int]]] = {}
    for row in rows:
        contributions = contributions_to(operation, row, reached)
        key = tuple((edge.id, -1 if _is_own(edge) else place) for edge, place in contributions)
        groups.setdefault(key, (contributions, []))[1].append(row)
    return list(groups.values())


def _is_own(edge: Edge) -> bool:
    """Whether an edge leads from a cell to the cell of the same row."""
    return not (_is_shared(edge) or isinstance(edge, ToWeights))


def _terms(
    contributions: list[Contribution],
    rows: list[int],
    local: list[Array | None],
    dot: list[Array],
    samples: int,
) -> Array:
    """dA/dB * dot(B) for each contribution to some rows: (contributions, samples, rows)."""
    terms = np.empty((len(contributions), samples, len(rows)))
    for k, (edge, place) in enumerate(contributions):
        slopes = local[edge.id]
        assert slopes is not None
        arriving = dot[edge.tail.id]
        if isinstance(edge, Through):
            terms[k] = slopes[rows, place] * arriving[:, place : place + 1]
        elif isinstance(edge, Coupled):
            terms[k] = slopes[:, rows, place] * arriving[:, place : place + 1]
        elif isinstance(edge, CostSlope):
            terms[k] = slopes[:, place : place + 1] * arriving[:, place : place + 1]
        elif isinstance(edge, ToWeights):
            terms[k] = slopes[:, place : place + 1] * arriving[rows, place]
        elif isinstance(edge, ToBias):
            terms[k] = slopes[:, rows] * arriving[rows]
        else:
            terms[k] = slopes[:, rows] * (arriving[:, rows] if arriving.ndim == 2 else arriving[rows])
    return terms
