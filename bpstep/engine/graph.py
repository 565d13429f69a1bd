"""The graph of a computation: vectors of cells, the operations that compute them, and their edges.

A network and an expression such as y = exp(sin(x^2)) are the same thing here: a list of small vector
operations, each of which computes one `Vector` from earlier ones.  (A variable of an expression is a
vector of one cell.)

    network      inputs ──▶ weighted sum ──▶ activation ──▶ weighted sum ──▶ ... ──▶ cost ──▶ loss
    expression   x ──▶ square ──▶ sin ──▶ exp

Going forward, an operation computes its head.  Going backward, only its *edges* matter.  An `Edge`
leads from an operation's head to one of its operands, its tail.  It is an incidence: which cells of the
head use a cell of the tail, in which order, and with what local derivative.  Whatever the sort of an
edge, it answers the same few questions, and nobody outside `bpstep.engine.edges` asks what sort it is:

    uses, head_of, tails     who uses whom: index arithmetic
    local, slopes            the local derivatives, all of them, and those of some pairs of cells
    products, along          upstream times local, all at once; the same in forward mode
    reads, reach             what depends on what, with true and false in the place of numbers
    stands_for, said         the cell that holds a local derivative under another name, and its words

`bpstep.engine.chainrule` needs nothing but these, and so is one page.

Shapes are those of `bpstep.engine.vectors`; ``i`` is the number of a cell of the head, ``j`` of the tail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.functions import Function
from bpstep.engine.specs import Array
from bpstep.engine.vectors import Index, Mask, Reader, Said, Values, Vector
from bpstep.lazily import dataclass

__all__ = ["HANDED_ON", "STATISTIC", "Edge", "Graph", "Operation", "Part", "ShareOf"]


#: Marks of an edge: its tail is what one pass of a ``for`` hands to the next; the mean or variance of a normalisation.
HANDED_ON, STATISTIC = "handed on", "statistic"


# --- edges: what the chain rule walks over -----------------------------------------------------


@dataclass(frozen=True, eq=False)
class Edge:
    """d(head)/d(tail): each use of a tail cell j by a head cell i contributes ``upstream[i] * slope[i, j]`` to it.

    ``shown`` says whether the local derivative has a step of its own.  What is written here holds for an edge that
    gives the index arithmetic (``uses``, ``head_of``, ``tails``) and the local derivatives (``local``, ``slopes``,
    ``reads``); the sorts in `bpstep.engine.edges` know shorter ways to the same numbers.
    """

    id: int
    head: Vector
    tail: Vector
    shown: bool = True
    #: What is to be known of the tail: `HANDED_ON`, `STATISTIC`.
    marks: frozenset[str] = field(default=frozenset(), kw_only=True)

    #: What the local derivative is, to those who take it wrongly (`bpstep.engine.rules`).
    role: ClassVar[str] = ""
    #: Whether the local derivatives differ from sample to sample.
    local_by_sample: ClassVar[bool] = True
    #: Whether several cells of the head hear one cell of the tail as they do in softmax: a whole Jacobian.
    couples: ClassVar[bool] = False

    # -- who uses whom --

    @property
    def uses(self) -> int:
        """How many head cells use a tail cell; where it is `is_ragged`, the most."""
        return 1

    #: Whether some tail cells have fewer uses than others.
    is_ragged: ClassVar[bool] = False

    def uses_of(self, j: int) -> int:
        """How many head cells use one tail cell."""
        return self.uses

    def head_of(self, k: Index, j: Index) -> Index:
        """The head cell that is use ``k`` of tail cell ``j``; of arrays, one for each pair."""
        raise NotImplementedError

    def heads_of(self, j: int) -> Index:
        """The head cells of all uses of tail cell ``j``, in order: (uses,)."""
        return self.head_of(self._in_order, j)

    @cached_property
    def _in_order(self) -> Index:
        return np.arange(self.uses)

    def tails(self, i: int) -> Sequence[int]:
        """The tail cells that head cell ``i`` is computed from, in order."""
        raise NotImplementedError

    @property
    def is_dense(self) -> bool:
        """Whether every cell of the head uses every cell of the tail."""
        return self.uses == self.head.size

    @property
    def place(self) -> int:
        """Which of the places of its variable this is, from 1; 0 where the variable stands in one place only."""
        return 0

    # -- numbers --

    def local(self, values: Values) -> Array:
        """The local derivatives, all of them, where the forward pass has been.  Of an edge that is shown:
        (samples, cells of the tail), or (samples, uses, cells of the tail)."""
        raise NotImplementedError

    def slopes(self, local: Array, i: Index, j: Index) -> Array:
        """d(head cell i)/d(tail cell j) out of all local derivatives, for numbers or for arrays of one shape: (samples,
        *pairs); (1, *pairs) where they do not differ from sample to sample."""
        raise NotImplementedError

    def slope(self, local: Array, sample: int, i: int, j: int) -> float:
        """One local derivative."""
        found = self.slopes(local, i, j)
        return float(found[sample if self.local_by_sample else 0])

    def slopes_to(self, local: Array, sample: int, heads: Index, j: int) -> Array:
        """The local derivatives of all uses of tail cell ``j``, by its ``heads``, in order: (uses,)."""
        tails = np.empty_like(heads)
        tails.fill(j)
        row: Array = self.slopes(local, heads, tails)[sample if self.local_by_sample else 0]
        return row

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        """upstream * local for every contribution: (contributions, *array of the tail).

        ``upstream`` is (samples, cells of the head).  To what differs from sample to sample contribute the uses, to
        what does not the uses by the first sample, then those by the second, and so on.  Of a cell with fewer uses
        than others, 0 stands in the place of the first ones.
        """
        j = np.arange(self.tail.size)
        heads = self.head_of(np.arange(self.uses)[:, np.newaxis], j)
        found = times(upstream[:, heads], self.slopes(local, heads, np.broadcast_to(j, heads.shape)))
        if self.tail.per_sample:
            return np.ascontiguousarray(found.transpose(1, 0, 2))
        whole: Array = found.reshape(-1, *self.tail.shape)
        return whole

    def along(self, local: Array, i: Index, j: Index, dot: Any) -> Array:
        """local * dot for pairs of cells, in forward mode; ``dot`` is (samples or 1, *pairs)."""
        found: Array = self.slopes(local, i, j) * dot
        return found

    def diagonal(self, numbers: Array) -> Array:
        """Local derivatives by which a cell of the head hears its own cell of the tail only, with these ``numbers``,
        (samples, cells)."""
        return numbers

    def by_entry(self, by_use: Mask) -> Mask:
        """A flag for each use of each cell of the tail, (uses, cells), as flags in the shape of one sample's local
        derivatives."""
        return by_use

    def in_batch(self, flags: Mask) -> Any:
        """Flags in the shape of one sample's local derivatives, in that of all of them for a batch of one."""
        return flags[np.newaxis] if self.local_by_sample else flags

    def depends(self, local: Mask, use: int, j: int) -> bool:
        """Of flags in the shape of one sample's local derivatives: the one of a use of tail cell ``j``."""
        return bool(local.reshape(self.uses, self.tail.size)[use, j])

    @property
    def is_square(self) -> bool:
        """Whether a square matrix stands for the local derivatives, so that one could forget to transpose it."""
        return False

    def turned(self, values: Values) -> Array:
        """The local derivatives as they would be with that matrix transposed."""
        return self.local(values)

    def turned_pair(self, i: int, j: int) -> tuple[int, int]:
        """The two cells whose local derivative takes the place of another one's in `turned`."""
        return j, i

    # -- what depends on what --

    def reads(self, changed: Sequence[Mask]) -> Mask:
        """Which local derivatives depend on a changed cell: in the shape of one sample's."""
        raise NotImplementedError

    def reach(self, changed: Mask) -> Mask:
        """Which cells of the head are computed from a changed cell of the tail."""
        if self.is_dense:
            return np.full(self.head.size, changed.any())
        found = np.zeros(self.head.size, dtype=bool)
        found[self.head_of(np.arange(self.uses)[:, np.newaxis], np.flatnonzero(changed))] = True
        return found

    def sides(self, values: Values) -> Array | None:
        """On which side of a kink each operand lies, -1, 0 or 1; None where there is none."""
        return None

    # -- words --

    @property
    def function(self) -> Function | None:
        """The function whose derivative the local derivative is, where it is one's."""
        return None

    @property
    def weights(self) -> Vector | None:
        """The weights that the local derivatives are, where they are weights."""
        return None

    @property
    def operand(self) -> int:
        """Which operand of the function the tail is, from 0."""
        return 0

    @property
    def text(self) -> str:
        """The local derivative as a text over ``{a} {b} {y}``, where it is a function's."""
        return ""

    def is_own(self, i: int, j: int) -> bool:
        """Whether two cells belong to each other, as an output and its net input do; of softmax they need not."""
        return i == j or self.uses == 1

    def stands_for(self, i: int, j: int) -> tuple[Vector, int] | None:
        """The cell that holds a local derivative under another name: of e by y, it is the weight."""
        return None

    def one_over(self, samples: int) -> int | None:
        """m where the local derivative is 1/m whatever the values, in a batch of so many samples; else None."""
        return None

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        """The words of a local derivative that is shown.  ``in_order`` says that no more of the head is known than its
        cells before this one, as in forward mode."""
        raise NotImplementedError


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

    def contributors(self, vector: Vector) -> tuple[Edge, ...]:
        """All edges over which the derivative by a vector is gathered, those from the loss last."""
        return (*self.consumers[vector.id], *self.of_loss(vector))

    def producer(self, vector: Vector) -> Operation | None:
        """The operation that computes a vector; None of what is given."""
        return self._producers.get(vector.id)

    @cached_property
    def _producers(self) -> dict[int, Operation]:
        return {operation.head.id: operation for operation in self.forward}

    def use(self, vector: Vector, j: int, contribution: int) -> tuple[Edge, int]:
        """The edge over which a contribution comes to a cell, counted from 0 within a sample, and its use there."""
        for edge in self.consumers[vector.id]:
            if contribution < edge.uses_of(j):
                return edge, contribution
            contribution -= edge.uses_of(j)
        raise IndexError(contribution)

    def uses_of(self, vector: Vector, j: int) -> int:
        """How many contributions come to a cell in a sample."""
        return sum(edge.uses_of(j) for edge in self.consumers[vector.id])

    def uses(self, vector: Vector) -> int:
        """The most contributions that come to a cell of a vector in a sample."""
        ragged = self.packing(vector)
        return len(ragged) if ragged is not None else sum(edge.uses for edge in self.consumers[vector.id])

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
