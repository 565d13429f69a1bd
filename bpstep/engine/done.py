"""What was done of a batch before somebody changed a value: here, nothing.

A batch that is computed asks a `Done` after every operation and every gathered sum for what must stay as it was.  Most
batches are computed in one go, and then all is as it is found: that is this class.  `bpstep.engine.kept.Kept` is the
memory of a batch in which a value was changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.arrivals import Arrival
from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation
from bpstep.engine.rule import Rule
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import Tangents
from bpstep.engine.vectors import Values, Vector

__all__ = ["NOTHING", "Done"]


class Done:
    """Nothing was done before."""

    def value(self, operation: Operation, values: Values, found: Array) -> Array:
        """An operation's array, with what was done before put back."""
        return found

    def sums(self, operation: Operation, terms: Array, sample: int, i: int) -> Array:
        """A cell of an operation's head, seen growing over its terms."""
        return running_sum(terms)

    def local(self, edge: Edge, found: Array) -> Array:
        """The local derivatives of an edge."""
        return found

    def derivative(self, vector: Vector, found: Array, arrivals: Sequence[Arrival], rule: Rule) -> Array:
        """The derivatives by a vector."""
        return found

    def tangents(self, found: Tangents) -> Tangents:
        """The tangents of forward mode."""
        return found

    def gathered(self, vector: Vector, sample: int, j: int, terms: Array, rule: Rule) -> Array:
        """The derivative by one cell, seen growing."""
        return rule.running(terms)

    def gradient_after(self, vector: Vector, products: Array, rule: Rule, count: int) -> Array:
        """The derivatives by a vector that is the same for all samples, after ``count`` contributions."""
        return rule.gather(np.ascontiguousarray(products[:count]))


NOTHING = Done()
