"""The graph of a computation: vectors of cells, the operations that compute them, and their edges.

A network and an expression such as y = exp(sin(x^2)) are the same thing here: a list of small vector
operations, each of which computes one `Vector` from earlier ones.  (A variable of an expression is a
vector of one cell.)

    network      inputs ──▶ weighted sum ──▶ activation ──▶ weighted sum ──▶ ... ──▶ cost ──▶ loss
    expression   x ──▶ square ──▶ sin ──▶ exp

Going forward, an `Operation` computes its head.  Going backward, only its *edges* matter: an `Edge` leads from an
operation's head to one of its operands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.edge import Edge, Use, nth_use, uses_over
from bpstep.engine.operation import Operation
from bpstep.engine.specs import Array
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["Graph"]


#: Rows of products, (contributions, cells).
Packing = NDArray[np.intp]


def _packed(edges: Sequence[Edge], size: int) -> Packing | None:
    """`Graph.packing`: what comes over each edge stands in the last rows of its part; together, in the last rows."""
    if not any(edge.is_ragged for edge in edges):
        return None
    present = np.concatenate(
        [
            np.arange(edge.uses)[:, np.newaxis] >= [edge.uses - edge.uses_of(j) for j in range(size)]
            for edge in edges
        ]
    )
    most = int(present.sum(axis=0).max())
    packed: Packing = np.argsort(present, axis=0, kind="stable")[-most:]
    return packed


@dataclass(frozen=True, eq=False)
class Graph:
    """Vectors in order of creation, the operations that compute them, and who uses whom.

    ``consumers[vector.id]`` are the edges that lead to a vector, in the order in which back-propagation
    gathers them.  ``gathered`` are the vectors that get a derivative, in the order of the backward
    pass; ``root`` is what is differentiated.  ``given`` are the vectors that the sample brings along.
    ``parameters`` are the vectors that an update changes, in file order: end to end they are one flat
    array, and ``places`` says which part of it each one is, and in which shape.

    ``loss`` is the operation behind the root of a network, which makes one number of the costs of a batch; its edges
    are among no consumers: what they contribute is done once a batch (`of_loss`).
    """

    vectors: tuple[Vector, ...]
    operations: tuple[Operation, ...]
    consumers: tuple[tuple[Edge, ...], ...]
    gathered: tuple[Vector, ...]
    root: Vector
    given: tuple[Vector, ...]
    parameters: tuple[Vector, ...]
    places: tuple[tuple[slice, tuple[int, ...]], ...]
    frozen: frozenset[Vector] = frozenset()
    loss: Operation | None = None

    @cached_property
    def backward(self) -> tuple[tuple[Vector, tuple[Edge, ...]], ...]:
        """What a backward pass works out, in order, and over which edges: from the root, where there is a loss behind
        it, to the first layer; and then what the loss contributes to parameters, once a batch."""
        start = [] if self.loss is None else [(self.root, self.of_loss(self.root))]
        each = [(vector, self.consumers[vector.id]) for vector in self.gathered]
        return (*start, *each, *self.once_a_batch)

    @cached_property
    def once_a_batch(self) -> tuple[tuple[Vector, tuple[Edge, ...]], ...]:
        """The parameters to which the loss contributes, and over which edges."""
        return tuple((vector, edges) for vector in self.parameters if (edges := self.of_loss(vector)))

    @property
    def first(self) -> Vector:
        """What the backward pass begins with, by which everything is 1: the loss, else the root."""
        return self.root if self.loss is None else self.loss.head

    @property
    def parameter_count(self) -> int:
        """How many numbers an update changes."""
        return self.places[-1][0].stop if self.places else 0

    def views(self, flat: Array) -> list[Array]:
        """The parts of one flat array of parameters, in the order of ``parameters``, without copying."""
        return [flat[place].reshape(shape) for place, shape in self.places]

    def flat(self, arrays: Sequence[Array | None]) -> Array:
        """Of arrays by vector, those of the parameters, end to end."""
        parts = [array.ravel() for v in self.parameters if (array := arrays[v.id]) is not None]
        return np.concatenate(parts) if parts else np.empty(0)

    def flat_place(self, vector: Vector, j: int) -> int:
        """Where a parameter stands in the flat array."""
        first: int = self.places[self.parameters.index(vector)][0].start
        return first + j

    @cached_property
    def forward(self) -> tuple[Operation, ...]:
        """What a forward pass works out, in order: the operations, and the loss behind them."""
        return self.operations if self.loss is None else (*self.operations, self.loss)

    @cached_property
    def constants(self) -> frozenset[Vector]:
        """What is given and only read, and by which nothing is differentiated: targets, masks."""
        return frozenset(vector for vector in self.given if not self.consumers[vector.id])

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, by `Edge.id`."""
        return tuple(sorted((edge for one in self.forward for edge in one.edges), key=lambda edge: edge.id))

    @cached_property
    def _of_loss(self) -> dict[int, tuple[Edge, ...]]:
        return {edge.tail.id: (edge,) for edge in self.loss.edges} if self.loss is not None else {}

    def of_loss(self, vector: Vector) -> tuple[Edge, ...]:
        """The edges from the loss to a vector."""
        return self._of_loss.get(vector.id, ())

    def seed_over(self, samples: int) -> int:
        """m where the way back of each of so many samples begins with 1/m: the root's share in the loss."""
        return max((edge.one_over(samples) or 1 for edge in self.of_loss(self.root)), default=1)

    def producer(self, vector: Vector) -> Operation | None:
        """The operation that computes a vector; None of what is given."""
        return self._producers.get(vector.id)

    @cached_property
    def _producers(self) -> dict[int, Operation]:
        return {operation.head.id: operation for operation in self.forward}

    def users(self, vector: Vector, j: int) -> Iterator[Use]:
        """All that use a cell, in the order in which their contributions arrive in a sample."""
        return uses_over(self.consumers[vector.id], j)

    def use(self, vector: Vector, j: int, contribution: int) -> Use:
        """The use by which a contribution comes to a cell, counted from 0 within a sample."""
        return nth_use(self.consumers[vector.id], j, contribution)

    def uses_before(self, edge: Edge, j: int) -> int:
        """How many contributions come to a cell of the tail before those over this edge."""
        consumers = self.consumers[edge.tail.id]
        return sum(other.uses_of(j) for other in consumers[: consumers.index(edge)])

    def uses_of(self, vector: Vector, j: int) -> int:
        """How many contributions come to a cell in a sample."""
        if self.packing(vector) is None:
            return self.uses(vector)
        return sum(edge.uses_of(j) for edge in self.consumers[vector.id])

    def uses(self, vector: Vector) -> int:
        """The most contributions that come to a cell of a vector in a sample."""
        if vector.id not in self._uses:
            packing = self.packing(vector)
            each = (edge.uses for edge in self.consumers[vector.id])
            self._uses[vector.id] = sum(each) if packing is None else len(packing)
        return self._uses[vector.id]

    @cached_property
    def _uses(self) -> dict[int, int]:
        return {}

    def missing(self, vector: Vector, j: int) -> int:
        """How many contributions fewer than `uses` come to a cell."""
        return 0 if self.packing(vector) is None else self.uses(vector) - self.uses_of(vector, j)

    def packing(self, vector: Vector) -> Packing | None:
        """Where cells have different numbers of uses: which of all products of the edges, one behind the other, stand
        in each row of a cell's column, (`uses`, cells); the last rows are a cell's own.  Else None."""
        if vector.id not in self._packings:
            self._packings[vector.id] = _packed(self.consumers[vector.id], vector.size)
        return self._packings[vector.id]

    @cached_property
    def _packings(self) -> dict[int, Packing | None]:
        return {}

    @property
    def page(self) -> tuple[Vector, ...]:
        """The vectors by which a derivative is asked for: the parameters; of an expression of one sample, or without
        parameters, its inputs, too."""
        if self.loss is not None and self.parameters:
            return self.parameters
        given = [vector for vector in self.given if vector not in self.constants]
        return tuple(sorted((*self.parameters, *given), key=lambda vector: vector.id))
