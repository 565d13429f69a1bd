"""One batch, computed: the floats of a pass, without any order.

A pass takes the parameters as they stand and the samples of one batch, runs the operations forward,
the chain rule backward, and keeps every array it made.  There are no steps in it.  Which number was
"computed first" is the business of `bpstep.engine.schedule`; a step looks its number up here.

    forward     values[v]   for every vector v            (samples, cells)
    backward    d[v]        for every gathered vector v   the shape of v
                local[e]    for every edge e              see `bpstep.engine.edge`

Stepping and training call the same `compute` on the same shapes, so they get the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.arrivals import Arrival
from bpstep.engine.chainrule import back_propagate
from bpstep.engine.done import NOTHING, Done
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.setup import Setup
from bpstep.engine.specs import Array
from bpstep.engine.tangents import Tangents, carry_forward
from bpstep.engine.vectors import Reader, Vector, entry
from bpstep.lazily import dataclass

__all__ = ["Pass", "compute", "go_forward", "starting_values"]


@dataclass(frozen=True, eq=False)
class Pass:
    """The numbers of one batch.

    ``parameters`` is the flat array that it started from, ``rows`` the samples' places in the file.
    ``gradient`` is flat like the parameters.  ``kept`` is what was done before an edit, where there was one.
    """

    setup: Setup
    rate: float
    rows: tuple[int, ...]
    parameters: Array
    values: list[Array]
    d: list[Array | None]
    local: list[Array | None]
    gradient: Array
    kept: Done = NOTHING
    tangents: Tangents | None = None

    @property
    def graph(self) -> Graph:
        """The graph that was computed."""
        return self.setup.graph

    @property
    def samples(self) -> int:
        """The number of samples in this batch."""
        return len(self.rows)

    def turn(self, sample: int, *, in_tail: bool) -> int:
        """Which of the shares in what gathers over the batch is a sample's, from 0; that of the whole batch, which is
        done in the tail, comes behind them."""
        return self.samples if in_tail else sample

    def reader(self, sample: int) -> Reader:
        """Reads the values of one sample."""
        return Reader(self.values, sample, self.samples)

    def value(self, vector: Vector, sample: int, j: int) -> float:
        """The value of one cell."""
        return entry(self.values[vector.id], vector, sample, j)

    def derivative(self, vector_id: int) -> Array:
        """d of a vector that is gathered."""
        found = self.d[vector_id]
        assert found is not None, "only gathered vectors have a derivative"
        return found

    def upstream(self, edge: Edge) -> Array:
        """The upstream derivatives that were used on an edge: (samples or 1, cells of the head)."""
        return self.setup.rule.upstream_of(edge, self.graph, self.d)

    def arrivals(self, vector: Vector) -> list[Arrival]:
        """What arrives at a vector in the samples of the batch."""
        edges = self.graph.consumers[vector.id]
        return [(edge, self.upstream(edge), self.local_of(edge.id)) for edge in edges]

    def d_of(self, vector: Vector, sample: int, j: int) -> float:
        """The derivative by one cell."""
        return entry(self.derivative(vector.id), vector, sample, j)

    def local_of(self, edge_id: int) -> Array:
        """The local derivatives that were used on an edge."""
        found = self.local[edge_id]
        assert found is not None, "only edges to gathered vectors have been walked"
        return found

    def slope(self, edge: Edge, sample: int, i: int, j: int) -> float:
        """The local derivative that was used between two cells."""
        return edge.slope(self.local_of(edge.id), sample, i, j)

    @property
    def loss(self) -> float:
        """The loss of the batch; of an expression, its value."""
        return float(self.loss_number)

    @property
    def loss_number(self) -> np.float64:
        """The same, as it stands in its array."""
        found: np.float64 = self.values[self.graph.first.id].ravel()[0]
        return found


def compute(
    setup: Setup,
    rate: float,
    rows: tuple[int, ...],
    parameters: Array,
    given: list[Array],
    kept: Done = NOTHING,
) -> Pass:
    """One batch: forward, and backward.

    ``given`` are the values of `Graph.given` for these rows, (samples, cells) each; ``rate`` is the
    learning rate.  What was done before an edit is in ``kept``, and stays.  Nothing here raises: a number
    that is not finite is a number to look at.
    """
    graph = setup.graph
    values = starting_values(graph, parameters, given)
    with np.errstate(all="ignore"):
        go_forward(graph, values, len(rows), kept)
        if setup.wrt is not None:
            tangents = kept.tangents(carry_forward(graph, values, setup.seed, setup.reached, len(rows)))
            none: list[Array | None] = [None] * len(graph.vectors)
            return Pass(
                setup, rate, rows, parameters, values, none, tangents.local, np.zeros_like(parameters),
                kept, tangents,
            )  # fmt: skip
        seed = np.ones((len(rows), 1) if graph.first.per_sample else 1)
        backward = back_propagate(graph, values, seed, setup.rule, rate, kept)
    gradient = graph.flat(backward.d)
    return Pass(setup, rate, rows, parameters, values, backward.d, backward.local, gradient, kept)


def go_forward(
    graph: Graph, values: list[Array], samples: int, kept: Done = NOTHING, held: Sequence[Array] = ()
) -> None:
    """Put the array of every operation among the ``values``, from the first to the last.

    What was done before an edit is in ``kept``, and stays; what is differentiated as if it were given
    (`Operation.is_held`) is taken from ``held``, where there is any.
    """
    for operation in graph.forward:
        head = operation.head
        if held and operation.is_held:
            values[head.id] = held[head.id]
            continue
        found = operation.value(values)
        if head.per_sample and len(found) < samples:
            # What is the same for all samples is there once for each.
            found = np.tile(found, (samples, 1))
        values[head.id] = kept.value(operation, values, found)


def starting_values(graph: Graph, parameters: Array, given: list[Array]) -> list[Array]:
    """The arrays before the first operation: what is given, and the parameters; else empty arrays."""
    nothing = np.empty((0, 0))
    values = [nothing] * len(graph.vectors)
    for vector, array in zip(graph.given, given, strict=True):
        values[vector.id] = array
    for vector, view in zip(graph.parameters, graph.views(parameters), strict=True):
        values[vector.id] = view
    return values
