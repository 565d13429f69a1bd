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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpstep.engine.graph import Edge, Graph, Vector
from bpstep.engine.rules import Rule, Sofar
from bpstep.engine.specs import Array

if TYPE_CHECKING:
    from bpstep.engine.kept import Kept

__all__ = ["Derivatives", "back_propagate"]


@dataclass(frozen=True, eq=False)
class Derivatives:
    """What a backward pass computed.

    ``d[vector.id]`` is the derivative by each cell of a vector, in the vector's shape;
    ``local[edge.id]`` the local derivatives that were used, `Edge.local`'s shape.
    """

    d: list[Array | None]
    local: list[Array | None]


def back_propagate(
    graph: Graph, values: list[Array], seed: Array, rule: Rule, rate: float, kept: Kept | None = None
) -> Derivatives:
    """d(B) = sum of d(A) * dA/dB, for every B from the last to the first.

    ``values`` are the arrays of the forward pass; ``seed``, shape (samples, 1), is d(root): how the
    loss answers to the cost of each sample.  ``rate`` is the learning rate, which only a wrong rule
    looks at.  ``kept`` puts back what was done before somebody changed a value.
    """
    d: list[Array | None] = [None] * len(graph.vectors)
    local: list[Array | None] = [None] * sum(len(edges) for edges in graph.consumers)
    d[graph.root.id] = seed
    sofar = Sofar(graph, values, d, rate)
    for vector in graph.gathered:
        consumers = graph.consumers[vector.id]
        for edge in consumers:
            slopes = rule.local_of(edge, sofar)
            local[edge.id] = slopes if kept is None else kept.local(edge, slopes)
        contributions = [(edge, rule.upstream_of(edge, sofar), local[edge.id]) for edge in consumers]
        total = _gather(vector, contributions, rule)
        d[vector.id] = total if kept is None else kept.derivative(vector, total, contributions, rule)
    return Derivatives(d, local)


#: Above this many products at once, samples are taken one by one: same bits, less memory.
_ROOMY = 1 << 22

_Contribution = tuple[Edge, Array, "Array | None"]


def _gather(vector: Vector, contributions: list[_Contribution], rule: Rule) -> Array:
    """Add up what arrives at a vector.

    A cell of a sample gathers from its consumers; a weight or a bias gathers from the samples of the
    batch.  Either way the contributions lie along the first axis of what `Edge.products` returns.
    """
    samples = contributions[0][1].shape[0]
    if samples > 1 and samples * sum(_cells(edge, vector) for edge, _, _ in contributions) > _ROOMY:
        return _gather_in_turn(vector, contributions, rule, samples)
    products = [edge.products(upstream, _known(local)) for edge, upstream, local in contributions]
    return rule.gather(products[0] if len(products) == 1 else np.concatenate(products))


def _gather_in_turn(vector: Vector, contributions: list[_Contribution], rule: Rule, samples: int) -> Array:
    """`_gather`, one sample after the other."""
    parts = (_gather(vector, list(_only(contributions, s)), rule) for s in range(samples))
    if not vector.is_parameter:
        return np.concatenate(list(parts))
    total = next(parts)
    for part in parts:
        total = rule.gather(np.stack([total, part]))
    return total


def _only(contributions: list[_Contribution], sample: int) -> Iterator[_Contribution]:
    """The contributions of one sample."""
    one = slice(sample, sample + 1)
    for edge, upstream, local in contributions:
        known = _known(local)
        yield edge, upstream[one], known[one] if edge.local_by_sample else known


def _cells(edge: Edge, vector: Vector) -> int:
    """How many products one sample brings over an edge."""
    return edge.width * len(vector.names) * max(1, len(vector.columns))


def _known(array: Array | None) -> Array:
    assert array is not None, "an edge is walked after its local derivative is known"
    return array
