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

`back_propagate` below is the formula, for vectors of cells instead of single ones.  What it leaves to others:

    Edge     who uses whom, and the local derivatives                                 `bpstep.engine.edge`
    Arrival  the products upstream * local, and the order in which they are added up  `bpstep.engine.arrivals`
    Rule     the three things that can be got wrong: upstream, local, sum             `bpstep.engine.rule`
    Done     what was computed before somebody changed a value stays as it was        `bpstep.engine.done`
"""

from __future__ import annotations

import numpy as np

from bpstep.engine.arrivals import Arrival, gathered
from bpstep.engine.done import NOTHING, Done
from bpstep.engine.graph import Graph
from bpstep.engine.rule import Rule, Sofar
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Derivatives", "back_propagate"]


@dataclass(frozen=True, eq=False)
class Derivatives:
    """What a backward pass computed.

    ``d[vector.id]`` is the derivative by each cell of a vector, in the shape of its array;
    ``local[edge.id]`` the local derivatives that were used, in `Edge.local`'s shape.
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
        arrivals: list[Arrival] = []
        for edge in edges:
            upstream = rule.upstream_of(edge, graph, d)
            slopes = local[edge.id] = kept.local(edge, rule.local_of(edge, sofar))
            arrivals.append((edge, upstream, slopes))
        if arrivals:
            total = gathered(graph, vector, arrivals, rule, d[vector.id])
            d[vector.id] = kept.derivative(vector, total, arrivals, rule)
        else:  # what nobody uses, nothing answers to
            d[vector.id] = np.zeros_like(values[vector.id])
    return Derivatives(d, local)
