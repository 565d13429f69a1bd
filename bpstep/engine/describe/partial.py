"""Sums seen growing: what stands in a cell after each of its contributions.

A pass keeps only finished sums.  What a learner sees in between is computed here when somebody looks,
one cell at a time: the products are taken again (a multiplication has only one possible result) and
added in the same order, so the last partial sum is the pass's own number, bit for bit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from bpstep.engine.arrivals import products_of
from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation
from bpstep.engine.passes import Pass
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum
from bpstep.engine.vectors import Vector, entry, of_sample

__all__ = ["PartialSums"]

#: Of the sums that were looked at last so many numbers are remembered (8 MB), and of each, however short, the cost of
#: so many.  Steps are mostly looked at one after the other, and every sample of a batch comes back to the sum of each
#: parameter: made anew each time, the trace of a batch of 3,000 samples would take hours.
_REMEMBERED, _LEAST = 2**20, 32


class PartialSums:
    """The partial sums of one batch."""

    def __init__(self, numbers: Pass) -> None:
        self.numbers = numbers
        self._remembered: OrderedDict[object, Array] = OrderedDict()
        self._room = _REMEMBERED

    def forget(self) -> None:
        """Let go of all sums: they are made again when somebody looks."""
        self._remembered.clear()
        self._room = _REMEMBERED

    # --- the forward pass -------------------------------------------------------------------------------

    def value_terms(self, operation: Operation, sample: int, i: int) -> Array:
        """What a cell of the head, which is a sum, is added up from."""
        return operation.terms(self.numbers.values, sample, i)

    def value_sums(self, operation: Operation, sample: int, i: int) -> Array | None:
        """A cell of the head, seen growing; None where it is computed in one step."""
        return self.value_grown(operation, sample, i)[1] if operation.is_sum else None

    def value_grown(self, operation: Operation, sample: int, i: int) -> Array:
        """The terms of a sum, and the sum after each of them: (2, terms)."""

        def grown() -> Array:
            terms = self.value_terms(operation, sample, i)
            return np.stack([terms, self.numbers.kept.sums(operation, terms, sample, i)])

        return self._remember(("value", operation, sample, i), grown)

    # --- the backward pass ------------------------------------------------------------------------------

    def edge_products(self, edge: Edge, sample: int, j: int) -> Array:
        """Upstream times local for each contribution that comes to one cell over one edge, in one sample."""
        local, upstream = self.numbers.local_of(edge.id), of_sample(self.numbers.upstream(edge), sample)
        # A parameter that is used at every moment is used once at each: numbers are enough.
        if edge.uses_of(j) == 1:
            i = int(edge.head_of(0, j))
            return np.array([upstream.item(i) * edge.slope(local, sample, i, j)])
        heads = edge.heads_of(j)
        products: Array = upstream[heads] * edge.slopes_to(local, sample, heads, j)
        return products

    def contributions(self, vector: Vector, sample: int, j: int) -> Array:
        """Upstream times local for all that arrives at one cell, in order; of a parameter, in all samples and then
        once a batch."""
        graph = self.numbers.graph
        samples = range(sample, sample + 1) if vector.per_sample else range(self.numbers.samples)
        each = graph.consumers[vector.id] or graph.of_loss(vector)
        once = graph.of_loss(vector) if not vector.per_sample else ()
        parts = [self.edge_products(edge, s, j) for s in samples for edge in each]
        parts += [self.edge_products(edge, 0, j) for edge in once]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def arrived_before(self, vector: Vector, j: int, sample: int, *, in_tail: bool) -> int:
        """How many contributions arrive at a cell before those of this sample, or before those once a batch."""
        if vector.per_sample:
            return 0
        return self.numbers.graph.uses_of(vector, j) * self.numbers.turn(sample, in_tail=in_tail)

    def gathered(self, vector: Vector, sample: int, j: int) -> Array:
        """The derivative by one cell, seen growing; of a parameter, over the batch."""

        def grown() -> Array:
            terms, rule = self.contributions(vector, sample, j), self.numbers.setup.rule
            return self.numbers.kept.gathered(vector, sample, j, terms, rule)

        return self._remember((vector, sample if vector.per_sample else 0, j), grown)

    def gradient_after(self, vector: Vector, count: int) -> Array:
        """The derivatives by all cells of a parameter after ``count`` contributions of the batch's samples; where cells
        have different numbers of uses, each sample has as many as the most (`products_of`)."""
        numbers = self.numbers
        products = products_of(numbers.graph, vector, numbers.arrivals(vector))
        return numbers.kept.gradient_after(vector, products, numbers.setup.rule, count)

    # --- forward mode -----------------------------------------------------------------------------------

    def dot(self, vector: Vector, sample: int, j: int) -> float:
        """The tangent of one cell."""
        assert self.numbers.tangents is not None
        return entry(self.numbers.tangents.dot[vector.id], vector, sample, j)

    def tangent_terms(self, operation: Operation, sample: int, i: int) -> Array:
        """Local times tangent for each contribution to one cell, in order."""
        return self._remember(
            ("dots", operation, sample, i), lambda: self._tangent_terms(operation, sample, i)
        )

    def _tangent_terms(self, operation: Operation, sample: int, i: int) -> Array:
        arriving = self.numbers.setup.tangents_to(operation, i)
        if operation.head.per_sample:
            return np.array([self._carried(edge, sample, i, j) for edge, j in arriving])
        each = [
            (s, edge, j) for s in range(self.numbers.samples) for edge, j in arriving if edge.tail.per_sample
        ]
        once = [(0, edge, j) for edge, j in arriving if not edge.tail.per_sample]
        return np.array([self._carried(edge, s, i, j) for s, edge, j in (*each, *once)])

    def _carried(self, edge: Edge, sample: int, i: int, j: int) -> float:
        carried = edge.along(self.numbers.local_of(edge.id), i, j, np.float64(self.dot(edge.tail, sample, j)))
        return float(of_sample(carried.ravel(), sample))

    def tangents(self, operation: Operation, sample: int, i: int) -> Array:
        """The tangent of one cell, seen growing."""
        return self._remember(
            ("tangents", operation, sample, i),
            lambda: running_sum(self.tangent_terms(operation, sample, i)),
        )

    def _remember(self, key: object, make: Callable[[], Array]) -> Array:
        found = self._remembered.get(key)
        if found is not None:
            self._remembered.move_to_end(key)
            return found
        with np.errstate(all="ignore"):
            found = self._remembered[key] = make()
        self._room -= found.size + _LEAST
        while self._room < 0 and len(self._remembered) > 1:
            self._room += self._remembered.popitem(last=False)[1].size + _LEAST
        return found
