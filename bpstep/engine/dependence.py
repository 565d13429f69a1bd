"""What depends on what: which cells would be another number if this one were.

When somebody changes a value, whatever was computed from it before is *stale*.  Which cells that is follows
from the formulas alone: a forward value depends on its operands, a local derivative on the letters that stand
in its text (so the f′ of a linear neuron depends on nothing), a derivative on its upstream and local
derivatives.  The same walk as a pass, with true and false in the place of numbers, for one sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bpstep.engine.edge import Edge
from bpstep.engine.setup import Setup
from bpstep.engine.vectors import Mask, Vector
from bpstep.lazily import dataclass

__all__ = ["Dependents", "dependents", "heard_over"]


@dataclass(frozen=True, eq=False)
class Dependents:
    """Which cells depend on the changed ones: by vector for values and derivatives, a flag a cell; by edge for local
    derivatives, in the shape of one sample's."""

    value: list[Mask]
    d: list[Mask]
    local: list[Mask]


def dependents(setup: Setup, changed: Iterable[tuple[Vector, int]]) -> Dependents:
    """All that depends on some cells, each a vector and a number there; those themselves are among the values."""
    graph = setup.graph
    value = [np.zeros(vector.size, dtype=bool) for vector in graph.vectors]
    for vector, j in changed:
        value[vector.id][j] = True
    for operation in graph.forward:
        value[operation.head.id] |= operation.reach(value)
    d = [np.zeros(vector.size, dtype=bool) for vector in graph.vectors]
    local = [np.zeros(0, dtype=bool) for _ in graph.edges]
    for vector, edges in graph.backward:
        for edge in edges:
            local[edge.id] = edge.reads(value)
            d[vector.id] |= heard_over(edge, setup, local[edge.id], d)
    return Dependents(value, d, local)


def heard_over(edge: Edge, setup: Setup, local: Mask, d: Sequence[Mask]) -> Mask:
    """Which cells of the tail hear over an edge of something changed, be it in an upstream or in a ``local`` derivative
    (`Edge.reads`)."""
    upstream: Any = d[setup.rule.upstream_vector(edge, setup.graph).id][np.newaxis]
    arrives = edge.products(upstream, edge.in_batch(local), np.logical_or)
    found: Mask = arrives.any(axis=0).reshape(-1)
    return found
