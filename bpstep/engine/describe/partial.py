"""Sums seen growing: what stands in a cell after each of its contributions.

A pass keeps only finished sums.  What a learner sees in between is computed here when somebody looks,
one cell at a time: the products are taken again (a multiplication has only one possible result) and
added in the same order, so the last partial sum is the pass's own number, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.engine.graph import (
    CostSlope,
    Coupled,
    Edge,
    Through,
    ToWeights,
    Vector,
    WeightedSum,
    side_by_side,
)
from bpstep.engine.passes import Pass
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum

__all__ = ["PartialSums"]


class PartialSums:
    """The partial sums of one batch.

    It remembers the last cell's, because steps are mostly looked at one after the other.
    """

    def __init__(self, numbers: Pass) -> None:
        self.numbers = numbers
        self._last: tuple[object, Array] = (None, np.empty(0))

    def net_terms(self, operation: WeightedSum, sample: int, row: int) -> Array:
        """w * y for every source of one neuron, then its bias."""
        values = self.numbers.values
        terms: Array = values[operation.weights.id][row] * side_by_side(operation.sources, values)[sample]
        if operation.bias is None:
            return terms
        return np.append(terms, values[operation.bias.id][row])

    def net_sums(self, operation: WeightedSum, sample: int, row: int) -> Array:
        """The net input of one neuron, seen growing."""
        return self._remember((operation, sample, row), lambda: self._net_sums(operation, sample, row))

    def _net_sums(self, operation: WeightedSum, sample: int, row: int) -> Array:
        kept = self.numbers.kept
        if kept is None:
            return running_sum(self.net_terms(operation, sample, row))
        return kept.net_sums(operation, self.numbers.values, sample, row)

    def contributions(self, vector: Vector, sample: int, row: int) -> Array:
        """Upstream times local for each consumer of one cell, in the order in which they arrive."""
        parts = [self.edge_products(edge, sample, row) for edge in self.numbers.graph.consumers[vector.id]]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def edge_products(self, edge: Edge, sample: int, row: int) -> Array:
        """Upstream times local for each contribution that comes to one cell over one edge."""
        upstream, local = self.upstream_values(edge, sample), self.numbers.local_of(edge.id)
        if isinstance(edge, Coupled):
            return upstream * local[sample, :, row]
        if isinstance(edge, Through):
            return upstream * local[:, row]
        if isinstance(edge, CostSlope):
            return upstream * local[sample, row : row + 1]
        return upstream[row : row + 1] * local[sample, row : row + 1]

    def upstream_values(self, edge: Edge, sample: int) -> Array:
        """d of the cells at the head of an edge."""
        rule = self.numbers.setup.rule
        found: Array = self.numbers.derivative(rule.upstream_vector(edge, self.numbers.graph))[sample]
        return found

    def gathered(self, vector: Vector, sample: int, row: int) -> Array:
        """The derivative by one cell, seen growing."""
        return self._remember(
            (vector, sample, row),
            lambda: self._gathered(vector, sample, row),
        )

    def _gathered(self, vector: Vector, sample: int, row: int) -> Array:
        terms, rule = self.contributions(vector, sample, row), self.numbers.setup.rule
        kept = self.numbers.kept
        return rule.gathering(terms) if kept is None else kept.gathered(vector, sample, row, terms, rule)

    def parameter_contributions(self, vector: Vector, row: int, column: int) -> Array:
        """What each sample of the batch, and then l2, contributes to the gradient of one parameter."""
        (edge,) = self.numbers.graph.consumers[vector.id]
        upstream = self.numbers.derivative(edge.head.id)[:, row]
        local = self.numbers.local_of(edge.id)
        products = upstream * local[:, column if isinstance(edge, ToWeights) else row]
        l2 = self.numbers.setup.training.l2
        if l2 > 0.0 and vector.kind == "w":
            return np.append(products, l2 * self.numbers.values[vector.id][row, column])
        return products

    def parameter_gathered(self, vector: Vector, row: int, column: int) -> Array:
        """The gradient of one parameter, seen growing over the batch."""
        rule, kept = self.numbers.setup.rule, self.numbers.kept
        with np.errstate(all="ignore"):
            terms = self.parameter_contributions(vector, row, column)
            if kept is None:
                return rule.gathering(terms)
            return kept.parameter_gathered(vector, row, column, terms, rule)

    def gradient_after(self, vector: Vector, samples: int) -> Array:
        """The gradient of all parameters of a vector when so many samples of the batch have brought their share."""
        numbers, (edge,) = self.numbers, self.numbers.graph.consumers[vector.id]
        rule, kept = numbers.setup.rule, self.numbers.kept
        products = edge.products(numbers.derivative(edge.head.id), numbers.local_of(edge.id))
        if kept is None:
            return rule.gather(np.ascontiguousarray(products[:samples]))
        return kept.gradient_after(vector, products, rule, samples)

    def _remember(self, key: object, make: Callable[[], Array]) -> Array:
        if self._last[0] != key:
            with np.errstate(all="ignore"):
                self._last = (key, make())
        return self._last[1]
