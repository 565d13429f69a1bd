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

from collections.abc import Callable, Sequence

import numpy as np

from bpstep.engine.arrivals import Arrival, products_of
from bpstep.engine.blocks import Counts, Piece
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.done import Done
from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation
from bpstep.engine.rule import Rule
from bpstep.engine.schedule import BatchSchedule
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import Tangents
from bpstep.engine.vectors import Mask, Values, Vector

__all__ = ["Kept"]


class Kept(Done):
    """The numbers of ``earlier``, as far as ``offset`` steps of its batch had written them."""

    def __init__(self, earlier: PartialSums, plan: BatchSchedule, offset: int) -> None:
        self.earlier, self.plan = earlier, plan
        whole = plan.samples * plan.sample.length
        #: The samples before this one are done; of this one, ``done`` steps are.
        self.sample, self.done = divmod(min(offset, whole), plan.sample.length)
        self.done_of_tail = max(0, offset - whole)

    # --- how much had arrived ---------------------------------------------------------------------

    def arrived(
        self, op: str, vector: Vector, *, tail: bool = False,
        of: Callable[[Piece, Counts], Counts] = lambda piece, steps: steps,
    ) -> Counts:  # fmt: skip
        """For each cell of a vector, how many of its steps in pieces of an op are done; ``of`` these, those that are
        counted."""
        homes = self.plan.tail_homes if tail else self.plan.homes
        found = np.zeros(vector.shape, dtype=np.int64).reshape(len(vector.names), -1)
        for block, piece in homes.get((op, vector.id), ()):
            starts = block.offsets(piece)[:, :: piece.per_cell]
            done = (self.done_of_tail if tail else self.done) - starts
            found[block.first_row : block.rows.stop] += of(piece, np.clip(done, 0, piece.per_cell))
        return found.reshape(-1)

    def contributions(self, vector: Vector, *, tail: bool = False) -> Counts:
        """For each cell of a vector, how many contributions to the derivative by it had arrived: in this sample, or
        of those that arrive once a batch."""
        return self.arrived("contribute", vector, tail=tail, of=lambda piece, steps: steps // piece.stride)

    def updated(self, vector: Vector) -> Counts:
        """For each parameter of a vector, how many steps of its update are done: its states, and then itself."""
        return self.arrived("update", vector, tail=True)

    def terms(self, operation: Operation) -> Counts:
        """For each cell of a sum, how many of its terms had been added in this sample."""
        head = operation.head
        if operation.by_term:
            home = self.plan.home(operation.parts[0].op, head)
            assert home is not None
            return np.array([min(max(self.done - home[0].first, 0), len(home[0].nodes))])
        found = np.zeros(head.size, dtype=np.int64)
        for part in operation.parts:
            found += self.arrived(part.op, head)
        return found

    # --- the forward pass -----------------------------------------------------------------------------

    def value(self, operation: Operation, values: Values, found: Array) -> Array:
        head, s = operation.head, self.sample
        before = self.earlier.numbers.values[head.id]
        if not head.per_sample:
            return np.array(
                [self.sums(operation, operation.terms(values, 0, i), 0, i)[-1] for i in range(head.size)]
            )
        found = found.copy()
        found[:s] = before[:s]
        if s == len(found):
            return found
        done = self.terms(operation)
        for i in np.flatnonzero(done).tolist():
            if operation.is_sum:
                found[s, i] = self.sums(operation, operation.terms(values, s, i), s, i)[-1]
            else:
                found[s, i] = before[s, i]
        return found

    def sums(self, operation: Operation, terms: Array, sample: int, i: int) -> Array:
        k = self.terms_done(operation, sample, i, len(terms))
        earlier = self.earlier.value_sums(operation, sample, i) if k else None
        return _continued(earlier, k, terms, running_sum)

    def terms_done(self, operation: Operation, sample: int, i: int, terms: int) -> int:
        """How many of the ``terms`` of a cell of a sum had been added."""
        if not operation.head.per_sample:  # one a sample, and what is added once a batch
            now = int(self.terms(operation)[i]) if self.sample < self.plan.samples else 0
            return self.sample + now + int(self.arrived(operation.parts[0].op, operation.head, tail=True)[i])
        if sample == self.sample:
            return int(self.terms(operation)[i])
        return terms if sample < self.sample else 0

    # --- the backward pass ----------------------------------------------------------------------------

    def local(self, edge: Edge, found: Array) -> Array:
        if not edge.shown or not edge.local_by_sample:
            return found
        s, before = self.sample, self.earlier.numbers.local_of(edge.id)
        found = found.copy()
        found[:s] = before[:s]
        if s < len(found):
            found[s] = np.where(
                edge.by_entry(self.locals_done(edge)).reshape(found.shape[1:]), before[s], found[s]
            )
        return found

    def locals_done(self, edge: Edge) -> Mask:
        """Which `local` steps of an edge are done: (uses, cells of its tail)."""
        edges = self.plan.setup.graph.consumers[edge.tail.id]
        before = [other for other in edges[: edges.index(edge)] if other.shown]
        first = np.array([sum(other.uses_of(j) for other in before) for j in range(edge.tail.size)])
        locals_done = self.arrived("contribute", edge.tail, of=_locals)
        found: Mask = first + np.arange(edge.uses)[:, np.newaxis] < locals_done
        return found

    def derivative(self, vector: Vector, found: Array, arrivals: Sequence[Arrival], rule: Rule) -> Array:
        if not arrivals[0][0].head.per_sample:
            return self._of_loss(vector, found)
        graph = self.plan.setup.graph
        products = products_of(graph, vector, arrivals)
        if not vector.per_sample:
            return self.gradient_after(vector, products, rule, len(products))
        s, before = self.sample, self.earlier.numbers.derivative(vector.id)
        found = found.copy()
        found[:s] = before[:s]
        if s == len(found):
            return found
        arrived = self.contributions(vector)
        for j in np.flatnonzero(arrived).tolist():
            earlier = self.earlier.gathered(vector, s, j)
            own = products[graph.missing(vector, j) :, s, j]
            found[s, j] = _continued(earlier, int(arrived[j]), own, rule.running)[-1]
        return found

    def _of_loss(self, vector: Vector, found: Array) -> Array:
        """What the loss contributes to parameters is there where it had arrived; to the costs, it does not change."""
        done = self.contributions(vector, tail=True) > 0
        if vector.per_sample or not done.any():
            return found
        before = self.earlier.numbers.derivative(vector.id)
        return np.where(done.reshape(before.shape), before, found)

    def tangents(self, found: Tangents) -> Tangents:
        """In forward mode an edit comes before a batch or behind it: then all tangents are there."""
        before = self.earlier.numbers.tangents
        return found if before is None or self.sample < self.plan.samples else before

    def gathered(self, vector: Vector, sample: int, j: int, terms: Array, rule: Rule) -> Array:
        k = self._contributions_done(vector, sample, j, len(terms))
        earlier = self.earlier.gathered(vector, sample, j) if k else None
        return _continued(earlier, k, terms, rule.running)

    def _contributions_done(self, vector: Vector, sample: int, j: int, terms: int) -> int:
        if vector.per_sample:
            if sample == self.sample:
                return int(self.contributions(vector)[j])
            return terms if sample < self.sample else 0
        uses = self.plan.setup.graph.uses_of(vector, j)
        in_tail = self.sample == self.plan.samples
        return self.sample * uses + int(self.contributions(vector, tail=in_tail)[j])

    def gradient_after(self, vector: Vector, products: Array, rule: Rule, count: int) -> Array:
        uses = len(products) // self.plan.samples
        before = self.sample * uses
        if count <= before:
            return self.earlier.gradient_after(vector, count)
        total = self.earlier.gradient_after(vector, before) if before else None
        graph = self.plan.setup.graph
        missing = (
            [graph.missing(vector, j) for j in range(vector.size)] if graph.packing(vector) is not None else 0
        )
        arrived = self.contributions(vector) + missing
        for k in range(before, count):
            total = products[k].copy() if total is None else rule.gather(np.stack([total, products[k]]))
            done = (arrived > k - before).reshape(total.shape)
            if done.any():
                total = np.where(done, self.earlier.gradient_after(vector, k + 1), total)
        assert total is not None
        return total


def _locals(piece: Piece, steps: Counts) -> Counts:
    """Of so many steps of a piece, those that are a `local`."""
    return (steps + 1) // 2 if piece.stride == 2 else 0 * steps


def _continued(earlier: Array | None, k: int, terms: Array, running: Callable[[Array], Array]) -> Array:
    """``k`` sums as they were, and the rest of the terms on top of them."""
    if not k:
        return running(terms)
    assert earlier is not None
    grown = running(np.concatenate([earlier[k - 1 : k], terms[k:]]))
    return np.concatenate([earlier[:k], grown[1:]])
