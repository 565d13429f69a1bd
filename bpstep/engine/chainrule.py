"""Back-propagation, on one page.

Let L be the number that is differentiated: the cost of a network, the output of an expression.  Every
cell B of the computation is used by some later cells A, and L hears of B only through them.  That is
the whole chain rule:

    d(B)  =  sum over the users A of B   d(A) * dA/dB

where d(X) is short for dL/dX.  d(A) is called the *upstream* derivative: it says how L answers to A,
and belongs to everything that happens after A.  dA/dB is the *local* derivative: it says how A answers
to B, and belongs to one operation alone.

Read the formula once more: to know d(B) one must know d(A) of everything after B, and nothing else.
So there is an order in which each derivative is computed once and is ready before it is needed: from
the last cell to the first.  Walking in that order is back-propagation.  A student who starts at the
first layer gets the same numbers, by multiplying out the sums: every path from B to L is then walked
to its end, and the tails that the paths share are worked out again and again.  Here the shared tail
has a name, d(A); for a neuron's net input A = e it is the famous delta.

    >>> # y = (3x)^2 at x = 2:  v = 3x = 6, y = v^2 = 36.   d(y) = 1
    >>> d_v = 1 * (2 * 6)           # upstream * local
    >>> d_x = d_v * 3               # what was just computed is the upstream of the next
    >>> d_x
    36

The code below is the formula, for vectors of cells instead of single ones.  What its helpers add is
order (sums are added up in the order of the steps) and `Rule`s (a wrong rule of back-propagation is
a small change to one of the three things that can be got wrong: upstream, local, sum).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.done import NOTHING, Done
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.rule import Rule, Sofar
from bpstep.engine.specs import Array
from bpstep.engine.sums import MOST_AT_ONCE
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["Derivatives", "back_propagate", "products_of"]


@dataclass(frozen=True, eq=False)
class Derivatives:
    """What a backward pass computed.

    ``d[vector.id]`` is the derivative by each cell of a vector, in the vector's shape;
    ``local[edge.id]`` the local derivatives that were used, `Edge.local`'s shape.
    """

    d: list[Array | None]
    local: list[Array | None]


def back_propagate(
    graph: Graph, values: list[Array], seed: Array, rule: Rule, rate: float, kept: Done = NOTHING
) -> Derivatives:
    """d(B) = sum of d(A) * dA/dB, for every B from the last to the first.

    ``values`` are the arrays of the forward pass; ``seed`` is the derivative of what is differentiated by itself, 1
    in the shape of `Graph.first`.  ``rate`` is the learning rate, which only a wrong rule looks at.  ``kept`` puts
    back what was done before somebody changed a value.
    """
    d: list[Array | None] = [None] * len(graph.vectors)
    local: list[Array | None] = [None] * len(graph.edges)
    d[graph.first.id] = seed
    sofar = Sofar(graph, values, d, rate)
    for vector, edges in graph.backward:
        if not edges:  # what nobody uses, nothing answers to
            d[vector.id] = np.zeros_like(values[vector.id])
            continue
        contributions = []
        for edge in edges:
            slopes = local[edge.id] = kept.local(edge, rule.local_of(edge, sofar))
            contributions.append((edge, rule.upstream_of(edge, sofar), slopes))
        total = _gather(graph, vector, contributions, rule, d[vector.id])
        d[vector.id] = kept.derivative(vector, total, contributions, rule)
    return Derivatives(d, local)


_Contribution = tuple[Edge, Array, Array]


def _gather(
    graph: Graph, vector: Vector, contributions: list[_Contribution], rule: Rule, before: Array | None = None
) -> Array:
    """Add up what arrives at a vector, on top of what arrived ``before``.

    A cell of a sample gathers from its uses; a weight or a bias from its uses in the samples of the batch, one sample
    after the other.  Either way the contributions lie along the first axis.
    """
    samples = max(len(upstream) for _, upstream, _ in contributions)
    if samples > 1 and samples * sum(edge.uses for edge, _, _ in contributions) * vector.size > MOST_AT_ONCE:
        return _gather_in_turn(graph, vector, contributions, rule, samples)
    if before is None and _come_alone(graph, vector, contributions, samples):
        return rule.gather_in_turn(
            edge.products(upstream, local)[0] for edge, upstream, local in contributions
        )
    products = [edge.products(upstream, local) for edge, upstream, local in contributions]
    arrived = _in_order(graph, vector, contributions, products)
    return rule.gather(arrived if before is None else np.concatenate([before[np.newaxis], arrived]))


def _come_alone(graph: Graph, vector: Vector, contributions: Sequence[_Contribution], samples: int) -> bool:
    """Whether one contribution comes over each of several edges: then none of them need be kept."""
    return (
        len(contributions) > 1
        and (vector.per_sample or samples == 1)
        and all(edge.uses == 1 for edge, _, _ in contributions)
        and graph.packing(vector) is None
    )


def products_of(graph: Graph, vector: Vector, contributions: Sequence[_Contribution]) -> Array:
    """upstream * local for all that arrives at a vector, in the order in which it arrives: (contributions, *array).

    Where some cells have fewer uses than others, 0 stands before their first contribution (in each sample).
    """
    products = [edge.products(upstream, local) for edge, upstream, local in contributions]
    return _in_order(graph, vector, contributions, products)


def _in_order(
    graph: Graph, vector: Vector, contributions: Sequence[_Contribution], products: Sequence[Array]
) -> Array:
    """What comes over each edge, as one array in the order in which it arrives."""
    packing = graph.packing(vector) if contributions[0][0].head.per_sample else None
    if len(products) == 1 and packing is None:
        return products[0]
    if vector.per_sample:
        together = np.concatenate(products)
        return (
            together if packing is None else together[packing, :, np.arange(vector.size)].transpose(0, 2, 1)
        )
    in_turn = [
        found.reshape(len(upstream), -1, *vector.shape)
        for (_, upstream, _), found in zip(contributions, products, strict=True)
    ]
    whole = np.concatenate(in_turn, axis=1)
    if packing is not None:
        whole = whole[:, packing, np.arange(vector.size)]
    return whole.reshape(-1, *vector.shape)


def _gather_in_turn(
    graph: Graph, vector: Vector, contributions: list[_Contribution], rule: Rule, samples: int
) -> Array:
    """`_gather`, one sample after the other."""
    parts = [_gather(graph, vector, _of_sample(contributions, s), rule) for s in range(samples)]
    if vector.per_sample:
        return np.concatenate(parts)
    total = parts[0]
    for part in parts[1:]:
        total = rule.gather(np.stack([total, part]))
    return total


def _of_sample(contributions: Sequence[_Contribution], sample: int) -> list[_Contribution]:
    """The contributions of one sample."""
    one = slice(sample, sample + 1)
    return [
        (edge, upstream[one], local[one] if edge.local_by_sample else local)
        for edge, upstream, local in contributions
    ]
