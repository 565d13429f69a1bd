"""The graph of a computation: vectors of cells, the operations that compute them, and their edges.

A network and an expression such as y = exp(sin(x^2)) are the same thing here: a list of small vector
operations, each of which computes one `Vector` from earlier ones.  (A variable of an expression is a
vector of one cell.)

    network      inputs ──▶ weighted sum ──▶ activation ──▶ weighted sum ──▶ ... ──▶ cost ──▶ loss
    expression   x ──▶ square ──▶ sin ──▶ exp

Going forward, an operation computes its head.  Going backward, only its *edges* matter: an `Edge`
(`bpstep.engine.edge`) leads from an operation's head to one of its operands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cached_property
from itertools import accumulate
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.edge import Edge, Use, nth_use, uses_over
from bpstep.engine.functions import Function
from bpstep.engine.specs import Array
from bpstep.engine.vectors import Mask, Reader, Said, Values, Vector
from bpstep.lazily import dataclass

__all__ = ["Graph", "Operation", "Part", "ShareOf"]


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


# --- operations: what the forward pass walks over ------------------------------------------------


class ShareOf(NamedTuple):
    """A cell is exp of its own net input over the sum of exp of all ``cells``, of which its own has the number
    ``own``."""

    cells: Sequence[tuple[Vector, int]]
    own: int


@dataclass(frozen=True)
class Part:
    """Steps of one kind by which a cell of an operation's head is computed: ``width`` of them for each of ``nodes``."""

    op: str
    width: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Operation:
    """Computes ``head`` from earlier vectors; ``edges`` lead back to each of them, in order.

    ``constants`` are vectors that it reads and by which nothing is differentiated.
    """

    head: Vector
    edges: tuple[Edge, ...]
    constants: tuple[Vector, ...] = field(default=(), kw_only=True)

    #: Whether a cell of the head needs no other cell of its operand than the one in the same row.
    by_row: ClassVar[bool] = True
    #: Whether each term of a cell is added at a node of its own: to the cost, at an output.
    by_term: ClassVar[bool] = False
    #: Whether its head is differentiated as if it were a number that is given.
    is_held: ClassVar[bool] = False

    @property
    def function(self) -> Function | None:
        """The function that it applies cell by cell, where it does."""
        return None

    @property
    def operands(self) -> tuple[Vector | float, ...]:
        """What it is computed from, in the order of its text; a constant is a number."""
        return tuple(edge.tail for edge in self.edges)

    def share(self, i: int) -> ShareOf | None:
        """What a cell of the head is a share of, as in softmax."""
        return None

    def addends(self, read: Reader, i: int) -> Sequence[Said]:
        """What a cell that is computed in one step adds up, all of it written out."""
        return (self.said(read, i, 0),)

    def value(self, values: Values) -> Array:
        """The head's array, from the arrays before it."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Part, ...]:
        """The steps that compute a cell of the head, in order."""
        return (Part("apply", 1, self.head.names),)

    @property
    def stretches(self) -> tuple[tuple[int, tuple[Part, ...]], ...]:
        """Rows of the head whose steps are alike, one after the other: the first of them, and their `parts`."""
        return ((0, self.parts),)

    #: Whether a cell of the head is a sum, seen growing term by term.
    is_sum: ClassVar[bool] = False

    @cached_property
    def first_of(self) -> dict[str, int]:
        """The number of the first term that the steps of an op add."""
        ends = accumulate(part.width for part in self.parts)
        return {part.op: end - part.width for part, end in zip(self.parts, ends, strict=True)}

    def terms(self, values: Values, sample: int, i: int | slice) -> Array:
        """What a cell of the head (of several: each of them, a row each) is added up from, in order; of what is
        computed in one step, nothing."""
        return np.empty(0)

    def said(self, read: Reader, i: int, k: int) -> Said:
        """The words of step ``k`` of cell ``i``."""
        raise NotImplementedError

    def reach(self, changed: Sequence[Mask]) -> Mask:
        """Which cells of the head depend on a changed cell."""
        found = np.zeros(self.head.size, dtype=bool)
        for edge in self.edges:
            found |= edge.reach(changed[edge.tail.id])
        for vector in self.constants:
            found |= changed[vector.id].any() if self.head.size == 1 else changed[vector.id]
        return found


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
        once = [(vector, edges) for vector in self.parameters if (edges := self.of_loss(vector))]
        return (*start, *each, *once)

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
