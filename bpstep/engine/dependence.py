"""What depends on what: which cells would be another number if this one were.

When somebody changes a value, whatever was computed from it before is *stale*.  Which cells that is follows
from the formulas alone: a forward value depends on its operands, a local derivative on the letters that stand
in its text (so the f′ of a linear neuron depends on nothing), a derivative on its upstream and local
derivatives.  The same walk as a pass, with true and false in the place of numbers, for one sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.graph import (
    Apply,
    CostSlope,
    CostSum,
    Coupled,
    Edge,
    Graph,
    Pointwise,
    Softmax,
    Through,
    ToBias,
    ToWeights,
    Vector,
    WeightedSum,
)
from bpstep.engine.passes import Setup

__all__ = ["Dependents", "dependents"]

Mask = NDArray[np.bool_]

#: A cell: its vector, row and column.
Place = tuple[Vector, int, int]


@dataclass(frozen=True, eq=False)
class Dependents:
    """Which cells depend on the changed ones: by vector for values and derivatives, by edge for local
    derivatives (of a softmax layer: heads, tails)."""

    value: list[Mask]
    d: list[Mask]
    local: list[Mask]


def dependents(setup: Setup, changed: Iterable[Place]) -> Dependents:
    """All that depends on some cells; those themselves are among the values."""
    graph = setup.graph
    value = [np.zeros(_shape(vector), dtype=bool) for vector in graph.vectors]
    for vector, row, column in changed:
        value[vector.id][(row, column) if vector.kind == "w" else row] = True
    for operation in graph.operations:
        head = operation.head
        value[head.id] |= _forward(operation, value)
    d = [np.zeros(_shape(vector), dtype=bool) for vector in graph.vectors]
    local = [np.zeros(0, dtype=bool) for edges in graph.consumers for _ in edges]
    for vector in graph.gathered:
        for edge in graph.consumers[vector.id]:
            local[edge.id] = _local(graph, edge, value)
            upstream = d[setup.rule.upstream_vector(edge, graph)]
            d[vector.id] |= _contributed(edge, upstream, local[edge.id])
        if vector.kind == "w" and setup.training.l2 > 0.0:
            d[vector.id] |= value[vector.id]
    return Dependents(value, d, local)


def _shape(vector: Vector) -> tuple[int, ...]:
    return (len(vector.names), len(vector.columns)) if vector.kind == "w" else (len(vector.names),)


def _forward(operation: object, value: list[Mask]) -> Mask:
    if isinstance(operation, WeightedSum):
        sources = np.concatenate([value[source.id] for source in operation.sources])
        found: Mask = np.any(value[operation.weights.id] | sources, axis=1)
        return found if operation.bias is None else found | value[operation.bias.id]
    if isinstance(operation, Softmax):
        return np.full(len(operation.head.names), value[operation.net.id].any())
    if isinstance(operation, CostSum):
        return np.array([(value[operation.outputs.id] | value[operation.targets.id]).any()])
    assert isinstance(operation, Apply)
    found = np.zeros(len(operation.head.names), dtype=bool)
    for operand in operation.operands:
        if isinstance(operand, Vector):
            found |= value[operand.id]
    return found


def _local(graph: Graph, edge: Edge, value: list[Mask]) -> Mask:
    if isinstance(edge, Pointwise):
        constants = tuple(o if isinstance(o, float) else "" for o in edge.operands)
        text = edge.function.partial_text(edge.operand, constants)
        found: Mask = np.zeros(len(edge.tail.names), dtype=bool)
        for letter, operand in zip("ab", edge.operands, strict=False):
            if isinstance(operand, Vector) and f"{{{letter}}}" in text:
                found |= value[operand.id]
        if "{y}" in text:
            return np.logical_or(found, value[edge.head.id])
        return found
    if isinstance(edge, CostSlope):
        outputs: Mask = value[edge.tail.id] | value[edge.targets.id]
        return outputs
    if isinstance(edge, Coupled):
        y = value[edge.head.id]
        pairs: Mask = y[:, np.newaxis] | y
        return pairs
    if isinstance(edge, Through):
        weights: Mask = value[edge.weights.id][:, edge.columns]
        return weights
    if isinstance(edge, ToWeights):
        return np.concatenate([value[source.id] for source in edge.sources])
    assert isinstance(edge, ToBias)
    return np.zeros(len(edge.tail.names), dtype=bool)


def _contributed(edge: Edge, upstream: Mask, local: Mask) -> Mask:
    """Which cells of the edge's tail get a contribution that depends on a changed cell."""
    found: Mask
    if isinstance(edge, Through | Coupled):
        found = np.any(upstream[:, np.newaxis] | local, axis=0)
    elif isinstance(edge, ToWeights):
        found = upstream[:, np.newaxis] | local
    else:
        found = upstream | local
    return found
