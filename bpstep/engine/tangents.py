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

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation
from bpstep.engine.specs import Array
from bpstep.engine.sums import ordered_sum
from bpstep.engine.vectors import Entry, Mask, Vector
from bpstep.lazily import dataclass

__all__ = ["Contribution", "Tangents", "carry_forward", "contributions_to", "reached_from"]

#: A tangent that arrives over an edge from a cell of its tail.
Contribution = tuple[Edge, int]


@dataclass(frozen=True, eq=False)
class Tangents:
    """What a forward sweep computed.

    ``dot[vector.id]`` is an array like the vector's values.  ``local[edge.id]`` are the local derivatives of the
    edges.
    """

    dot: list[Array]
    local: list[Array | None]


def reached_from(graph: Graph, seed: Entry) -> list[Mask]:
    """Which cells hear of the seed at all."""
    reached = [np.zeros(vector.size, dtype=bool) for vector in graph.vectors]
    vector, j = seed
    reached[vector.id][j] = True
    for operation in graph.forward:
        for edge in operation.edges:
            reached[operation.head.id] |= edge.reach(reached[edge.tail.id])
    return reached


def contributions_to(operation: Operation, i: int, reached: Sequence[Mask]) -> list[Contribution]:
    """The tangents that arrive at one cell, in the order in which they arrive."""
    found: list[Contribution] = []
    for edge in operation.edges:
        hears = reached[edge.tail.id]
        tails = np.flatnonzero(hears).tolist() if edge.is_dense else [j for j in edge.tails(i) if hears[j]]
        found += [(edge, j) for j in tails]
    return found


def carry_forward(
    graph: Graph, values: list[Array], seed: Entry, reached: Sequence[Mask], samples: int
) -> Tangents:
    """dot(A) = sum of dA/dB * dot(B), for every A from the first to the last."""
    dot = [_nothing(vector, samples) for vector in graph.vectors]
    local: list[Array | None] = [None] * len(graph.edges)
    vector, j = seed
    dot[vector.id].reshape(-1, vector.size)[:, j] = 1.0
    for operation in graph.forward:
        for edge in operation.edges:
            local[edge.id] = edge.local(values)
        head = operation.head
        for members, contributions in _alike(operation, reached):
            terms = _terms(members, contributions, local, dot)
            if head.per_sample:
                dot[head.id][:, members] = ordered_sum(_by_contribution(terms, samples))
            else:  # one sample after the other, and then what is the same for all
                dot[head.id].reshape(-1)[members] = ordered_sum(np.concatenate(terms))
    return Tangents(dot, local)


def _nothing(vector: Vector, samples: int) -> Array:
    return np.zeros((samples, vector.size) if vector.per_sample else vector.shape)


def _by_contribution(terms: list[Array], samples: int) -> Array:
    """(contributions, samples, rows)."""
    found = np.empty((len(terms), samples, terms[0].shape[1]))
    for k, term in enumerate(terms):
        found[k] = term
    return found


_Rows = NDArray[np.int64]


def _alike(operation: Operation, reached: Sequence[Mask]) -> list[tuple[_Rows, list[tuple[Edge, _Rows]]]]:
    """Rows to which as many tangents come over the same edges, together: the rows, and for each contribution its edge
    and the cells of the tail, one a row.  Most layers are one such group."""
    rows = np.flatnonzero(reached[operation.head.id])
    if len(rows) and all(edge.is_dense or not reached[edge.tail.id].any() for edge in operation.edges):
        alike = contributions_to(operation, int(rows[0]), reached)
        return [(rows, [(edge, np.full(len(rows), j)) for edge, j in alike])]
    groups: dict[tuple[int, ...], list[tuple[int, list[Contribution]]]] = {}
    for i in rows.tolist():
        found = contributions_to(operation, i, reached)
        groups.setdefault(tuple(edge.id for edge, _ in found), []).append((i, found))
    return [
        (
            np.array([i for i, _ in group]),
            [
                (edge, np.array([found[k][1] for _, found in group]))
                for k, (edge, _) in enumerate(group[0][1])
            ],
        )
        for group in groups.values()
    ]


def _terms(
    rows: _Rows, contributions: list[tuple[Edge, _Rows]], local: list[Array | None], dot: list[Array]
) -> list[Array]:
    """dA/dB * dot(B) for each contribution to some rows: (samples or 1, rows) each."""
    terms = []
    for edge, tails in contributions:
        slopes = local[edge.id]
        assert slopes is not None
        arriving = dot[edge.tail.id].reshape(-1, edge.tail.size)[:, tails]
        terms.append(edge.along(slopes, rows, tails, arriving))
    return terms
