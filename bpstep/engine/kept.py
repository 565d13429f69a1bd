"""What was done before an edit stays as it was.

When somebody changes a weight in the middle of a batch, the batch is computed again from the new value; but
every cell that a step had already written keeps its number, and a sum of which k contributions had arrived
goes on from there.  `Kept` is that memory: it is asked after each operation, forward and backward, and puts
the old numbers back in their places.

    old sum   t1  t1+t2 │                        k = 2 had arrived when the edit came
    new sum             │ ...+t3'  ...+t3'+t4'   the rest is computed from the new values

So a step before the edit and the same step in the batch as it was have the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.graph import CostSum, Coupled, Edge, Operation, Vector, WeightedSum, side_by_side
from bpstep.engine.rules import Rule
from bpstep.engine.schedule import BatchSchedule
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum

__all__ = ["Kept"]

_Counts = NDArray[np.int64]
_Contributions = Sequence[tuple[Edge, Array, "Array | None"]]


class Kept:
    """The numbers of ``earlier``, as far as ``offset`` steps of its batch had written them."""

    def __init__(self, earlier: PartialSums, plan: BatchSchedule, offset: int) -> None:
        self.earlier, self.plan, self.offset = earlier, plan, offset
        whole = plan.samples * plan.sample.length
        #: The samples before this one are done; of this one, ``done`` steps are.
        self.sample, self.done = divmod(min(offset, whole), plan.sample.length)
        self.done_of_tail = max(0, offset - whole)

    # --- how much had arrived ---------------------------------------------------------------------

    def arrived(self, kind: str, vector: Vector, first: int, stride: int, most: int) -> _Counts:
        """For each row of a vector's steps of one kind: how many of the writes that begin at place ``first`` of
        the piece, ``stride`` apart, are done; no more than ``most``."""
        home = self.plan.home(kind, vector)
        if home is None:
            return np.zeros(len(vector.names), dtype=np.int64)
        block, piece = home
        starts = block.first + np.arange(len(block.nodes)) * block.width + piece.start + first
        in_tail = any(block is other for other in self.plan.tail.blocks)
        done = self.done_of_tail if in_tail else self.done
        return np.clip(-(-(done - starts) // stride), 0, most)

    def terms(self, operation: WeightedSum) -> _Counts:
        """Terms of a weighted sum, its bias included, that had arrived at each neuron."""
        most = len(operation.weights.columns) + (operation.bias is not None)
        return self.arrived("term", operation.head, 0, 1, most)

    def contributions(self, vector: Vector) -> _Counts:
        """Contributions that had arrived at the derivative by each cell of a vector that is no parameter."""
        home = self.plan.home("gather", vector)
        if home is None:
            return np.zeros(len(vector.names), dtype=np.int64)
        stride = home[1].stride
        return self.arrived("gather", vector, stride - 1, stride, home[1].width // stride)

    def columns(self, kind: str, vector: Vector, place: int = 0, steps: int = 1) -> NDArray[np.bool_]:
        """Of a parameter, (rows, columns): whether the step of a kind is done; of the several ``steps`` that each
        cell has of an update, the one at ``place``."""
        width = max(1, len(vector.columns))
        done = self.arrived(kind, vector, place, steps, width)
        found: NDArray[np.bool_] = np.arange(width) < done[:, np.newaxis]
        return found

    # --- the forward pass -----------------------------------------------------------------------------

    def value(self, operation: Operation, values: Sequence[Array], found: Array) -> Array:
        """An operation's array with what was done before put back."""
        head, s = operation.head, self.sample
        before = self.earlier.numbers.values[head.id]
        found = found.copy()
        found[:s] = before[:s]
        if s == len(found):
            return found
        if isinstance(operation, CostSum):
            found[s, 0] = self.cost_sums(operation.terms(values)[s], s)[-1]
        elif isinstance(operation, WeightedSum):
            for row in np.flatnonzero(self.terms(operation)):
                found[s, row] = self.net_sums(operation, values, s, int(row))[-1]
        else:
            done = self.arrived("apply", head, 0, 1, 1).astype(bool)
            found[s, done] = before[s, done]
        return found

    def net_sums(self, operation: WeightedSum, values: Sequence[Array], sample: int, row: int) -> Array:
        """The net input of one neuron, seen growing."""
        terms = values[operation.weights.id][row] * side_by_side(operation.sources, values)[sample]
        if operation.bias is not None:
            terms = np.append(terms, values[operation.bias.id][row])
        k = len(terms) if sample < self.sample else 0
        if sample == self.sample:
            k = int(self.terms(operation)[row])
        if not k:
            return running_sum(terms)
        return _continued(self.earlier.net_sums(operation, sample, row), k, terms, running_sum)

    def cost_sums(self, terms: Array, sample: int) -> Array:
        """The cost of one sample, seen growing."""
        k = len(terms) if sample < self.sample else 0
        if sample == self.sample:
            home = self.plan.home("cost", self.plan.setup.graph.root)
            assert home is not None
            k = min(max(self.done - home[0].first, 0), len(terms))
        return _continued(self.earlier.numbers.cost_sums[:, sample], k, terms, running_sum)

    def loss_sums(self, terms: Array) -> Array:
        """The loss of the batch, seen growing."""
        root = self.plan.setup.graph.root
        k = self.sample
        if self.sample < self.plan.samples:
            k += int(self.arrived("reduce", root, 0, 1, 1)[0])
        k += int(self.arrived("penalty", root, 0, 1, 1)[0])
        return _continued(self.earlier.numbers.loss_sums, k, terms, running_sum)

    # --- the backward pass ----------------------------------------------------------------------------

    def local(self, edge: Edge, found: Array) -> Array:
        """The local derivatives of an edge; those whose step was done are put back."""
        if not edge.shown or not edge.local_by_sample:
            return found
        s, before = self.sample, self.earlier.numbers.local_of(edge.id)
        found = found.copy()
        found[:s] = before[:s]
        if s < len(found):
            done = self.locals_done(edge)
            found[s] = np.where(done if isinstance(edge, Coupled) else done[0], before[s], found[s])
        return found

    def locals_done(self, edge: Edge) -> NDArray[np.bool_]:
        """Which `local` steps of an edge are done: (contributions of the edge, cells of its tail)."""
        home = self.plan.home("gather", edge.tail)
        if home is None:
            return np.zeros((edge.width, len(edge.tail.names)), dtype=bool)
        edges = home[1].edges
        first = sum(other.width for other in edges[: edges.index(edge)])
        done = self.arrived("gather", edge.tail, 2 * first, 2, edge.width)
        found: NDArray[np.bool_] = np.arange(edge.width)[:, np.newaxis] < done
        return found

    def derivative(self, vector: Vector, found: Array, contributions: _Contributions, rule: Rule) -> Array:
        """The derivatives by a vector with what had arrived before put back."""
        if vector.is_parameter:
            ((edge, upstream, local),) = contributions
            assert local is not None
            return self.gradient_after(vector, edge.products(upstream, local), rule, self.plan.samples)
        s, before = self.sample, self.earlier.numbers.derivative(vector.id)
        found = found.copy()
        found[:s] = before[:s]
        if s == len(found):
            return found
        arrived = self.contributions(vector)
        if arrived.any():
            one = slice(s, s + 1)
            products = np.concatenate(
                [
                    edge.products(upstream[one], _sample_of(edge, local, one))
                    for edge, upstream, local in contributions
                ]
            )[:, 0]
            for row in np.flatnonzero(arrived):
                earlier = self.earlier.gathered(vector, s, int(row))
                found[s, row] = _continued(earlier, int(arrived[row]), products[:, row], rule.gathering)[-1]
        return found

    def gathered(self, vector: Vector, sample: int, row: int, terms: Array, rule: Rule) -> Array:
        """The derivative by one cell, seen growing."""
        k = len(terms) if sample < self.sample else 0
        if sample == self.sample:
            k = int(self.contributions(vector)[row])
        if not k:
            return rule.gathering(terms)
        return _continued(self.earlier.gathered(vector, sample, row), k, terms, rule.gathering)

    def gradient_after(self, vector: Vector, products: Array, rule: Rule, samples: int) -> Array:
        """The gradient of a parameter's vector when ``samples`` samples have brought their share."""
        if samples <= self.sample:
            return self.earlier.gradient_after(vector, samples)
        total = self.earlier.gradient_after(vector, self.sample) if self.sample else None
        now = _plus(total, products[self.sample], rule)
        done = self.columns("gather", vector).reshape(now.shape)
        if done.any():
            now = np.where(done, self.earlier.gradient_after(vector, self.sample + 1), now)
        for sample in range(self.sample + 1, samples):
            now = _plus(now, products[sample], rule)
        return now

    def parameter_gathered(self, vector: Vector, row: int, column: int, terms: Array, rule: Rule) -> Array:
        """The gradient of one parameter, seen growing over the batch, and with l2 at its end."""
        k = self.sample
        if k < self.plan.samples:
            k += int(self.columns("gather", vector)[row, column])
        elif self.plan.home("decay", vector) is not None:
            k += int(self.columns("decay", vector)[row, column])
        if not k:
            return rule.gathering(terms)
        return _continued(self.earlier.parameter_gathered(vector, row, column), k, terms, rule.gathering)

    def decayed(self, vector: Vector, found: Array) -> Array:
        """The gradients after l2; those that had it before are put back."""
        done = self.columns("decay", vector)
        if not done.any():
            return found
        before = self.earlier.numbers.derivative(vector.id)
        return np.where(done.reshape(before.shape), before, found)


def _continued(earlier: Array, k: int, terms: Array, gathering: object) -> Array:
    """``k`` sums as they were, and the rest of the terms on top of them."""
    assert callable(gathering)
    if not k:
        grown: Array = gathering(terms)
        return grown
    grown = gathering(np.concatenate([earlier[k - 1 : k], terms[k:]]))
    return np.concatenate([earlier[:k], grown[1:]])


def _plus(total: Array | None, product: Array, rule: Rule) -> Array:
    return product.copy() if total is None else rule.gather(np.stack([total, product]))


def _sample_of(edge: Edge, local: Array | None, one: slice) -> Array:
    assert local is not None
    return local[one] if edge.local_by_sample else local
