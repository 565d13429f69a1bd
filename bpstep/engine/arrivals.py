"""What arrives at a vector in the backward pass, in the order of the steps.

Over each edge arrive products, upstream times local, one for each use of each cell.  What is added up here is their
order, which a formula does not have and a sum of floats does:

* A cell of a sample gathers from its uses, edge by edge, and over an edge use by use.
* A weight or a bias gathers from its uses in the first sample, then from those in the second, and so on.

Either way the products lie along the first axis of one array, (contributions, *array of the vector), and are added up
along it (`bpstep.engine.sums`).  Where some cells have fewer uses than others, their products stand in the last rows,
and 0 before them (`Graph.packing`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.rule import Rule
from bpstep.engine.specs import Array
from bpstep.engine.sums import MOST_AT_ONCE
from bpstep.engine.vectors import Vector

__all__ = ["Arrival", "gathered", "in_sample", "products_of"]


#: What comes to an edge's tail over it: the edge; the upstream derivatives, (samples, cells of the head), each times
#: the local derivative of its use; and these local derivatives, in `Edge.local`'s shape.
Arrival = tuple[Edge, Array, Array]


def in_sample(arrival: Arrival, sample: int) -> Arrival:
    """What comes in one sample of several."""
    edge, upstream, local = arrival
    one = slice(sample, sample + 1)
    return edge, upstream[one], local[one] if edge.local_by_sample else local


def products_of(graph: Graph, vector: Vector, arrivals: Sequence[Arrival]) -> Array:
    """upstream * local for all that arrives at a vector, in order: (contributions, *array of the vector)."""
    products = [edge.products(upstream, local) for edge, upstream, local in arrivals]
    packing = graph.packing(vector) if arrivals[0][0].head.per_sample else None
    if len(products) == 1 and packing is None:
        return products[0]
    if vector.per_sample:
        together = np.concatenate(products)
        if packing is None:
            return together
        return together[packing, :, np.arange(vector.size)].transpose(0, 2, 1)
    in_turn = [
        found.reshape(len(upstream), -1, *vector.shape)
        for (_, upstream, _), found in zip(arrivals, products, strict=True)
    ]
    whole = np.concatenate(in_turn, axis=1)
    if packing is not None:
        whole = whole[:, packing, np.arange(vector.size)]
    return whole.reshape(-1, *vector.shape)


def gathered(
    graph: Graph, vector: Vector, arrivals: Sequence[Arrival], rule: Rule, before: Array | None = None
) -> Array:
    """The sum of what arrives at a vector, on top of what arrived ``before``: the derivatives by its cells."""
    samples = max([len(upstream) for _, upstream, _ in arrivals])
    if samples > 1 and samples * sum(edge.uses for edge, _, _ in arrivals) * vector.size > MOST_AT_ONCE:
        return _sample_by_sample(graph, vector, arrivals, rule, samples)
    if before is None and len(arrivals) > 1 and _come_alone(graph, vector, arrivals, samples):
        return rule.gather_in_turn(edge.products(upstream, local)[0] for edge, upstream, local in arrivals)
    products = products_of(graph, vector, arrivals)
    return rule.gather(products if before is None else np.concatenate([before[np.newaxis], products]))


def _come_alone(graph: Graph, vector: Vector, arrivals: Sequence[Arrival], samples: int) -> bool:
    """Whether one product comes over each edge: then several need not stand in memory side by side."""
    return (
        (vector.per_sample or samples == 1)
        and all(edge.uses == 1 for edge, _, _ in arrivals)
        and graph.packing(vector) is None
    )


def _sample_by_sample(
    graph: Graph, vector: Vector, arrivals: Sequence[Arrival], rule: Rule, samples: int
) -> Array:
    """The same with the products of one sample in memory at a time."""
    parts = [gathered(graph, vector, [in_sample(one, s) for one in arrivals], rule) for s in range(samples)]
    if vector.per_sample:
        return np.concatenate(parts)
    total = parts[0]
    for part in parts[1:]:
        total = rule.gather(np.stack([total, part]))
    return total
