"""An edge: what the chain rule walks over, from an operation's head back to one of its operands, its tail.

It is an incidence: which cells of the head use a cell of the tail, in which order, and with what local derivative.
Whatever the sort of an edge, it answers the same few questions, and nobody outside the modules that define the sorts
(`bpstep.engine.edges` and `bpstep.engine.factors`, and for arrays `bpstep.engine.array_edges` and
`bpstep.engine.array_factors`) asks what sort it is:

    uses, head_of, tails     who uses whom: index arithmetic
    local, slopes            the local derivatives, all of them, and those of some pairs of cells
    products, along          upstream times local, all at once; the same in forward mode
    reads, reach             what depends on what, with true and false in the place of numbers
    stands_for, said         the cell that holds a local derivative under another name, and its words

`bpstep.engine.chainrule` needs nothing but these, and so is one page.  Whoever walks over single uses, the paths from a
cell to the root, say, or the steps that gather, gets each of them as a `Use` (`uses_over`).

Shapes are those of `bpstep.engine.vectors`; ``i`` is the number of a cell of the head, ``j`` of the tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bpstep.engine.functions import Function
from bpstep.engine.specs import Array
from bpstep.engine.vectors import CellNumber, Entry, Mask, Reader, Said, Values, Vector, of_sample
from bpstep.lazily import dataclass

__all__ = ["HANDED_ON", "STATISTIC", "Edge", "Use", "nth_use", "uses_over"]

#: Marks of an edge: its tail is what one pass of a ``for`` hands to the next; the mean or variance of a normalisation.
HANDED_ON, STATISTIC = "handed on", "statistic"


@dataclass(frozen=True, eq=False)
class Edge:
    """d(head)/d(tail): each use of a tail cell j by a head cell i contributes ``upstream[i] * slope[i, j]`` to it.

    ``shown`` says whether the local derivative has a step of its own.  What is written here holds for an edge that
    gives the index arithmetic (``uses``, ``head_of``, ``tails``) and the local derivatives (``local``, ``slopes``,
    ``reads``); the sorts know shorter ways to the same numbers.
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

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        """The head cell that is use ``k`` of tail cell ``j``; of arrays, one for each pair."""
        raise NotImplementedError

    def heads_of(self, j: int) -> CellNumber:
        """The head cells of all uses of tail cell ``j``, in order: (uses,)."""
        return self.head_of(self._in_order, j)

    def uses_between(self, i: int, j: int) -> list[int]:
        """Which uses of tail cell ``j`` are by head cell ``i``, from 0."""
        if self.uses_of(j) == 1:
            return [0] if self.head_of(0, j) == i else []
        found: list[int] = np.flatnonzero(self.heads_of(j) == i).tolist()
        return found

    @cached_property
    def _in_order(self) -> CellNumber:
        return np.arange(self.uses)

    def tails(self, i: int) -> Sequence[int]:
        """The tail cells that head cell ``i`` is computed from, in order."""
        raise NotImplementedError

    @property
    def met(self) -> int | None:
        """Between arrays: which of the sources that meet in the operation (`Meeting`) leads back to the tail."""
        return None

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

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        """d(head cell i)/d(tail cell j) out of all local derivatives, for numbers or for arrays of one shape: (samples,
        *pairs); (1, *pairs) where they do not differ from sample to sample.  Here: one number a cell of the tail."""
        found: Array = local[:, j]
        return found

    def slope(self, local: Array, sample: int, i: int, j: int) -> float:
        """One local derivative."""
        return float(of_sample(self.slopes(local, i, j), sample))

    def slopes_to(self, local: Array, sample: int, heads: CellNumber, j: int) -> Array:
        """The local derivatives of all uses of tail cell ``j``, by its ``heads``, in order: (uses,)."""
        tails = np.empty_like(heads)
        tails.fill(j)
        return of_sample(self.slopes(local, heads, tails), sample)

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        """upstream * local for every contribution: (contributions, *array of the tail).

        ``upstream`` is (samples, cells of the head).  To what differs from sample to sample contribute the uses, to
        what does not the uses by the first sample, then those by the second, and so on.  Of a cell with fewer uses
        than others, 0 stands in the place of the first ones.
        """
        j = np.arange(self.tail.size)
        heads = self.head_of(np.arange(self.uses)[:, np.newaxis], j)
        found = times(upstream[:, heads], self.slopes(local, heads, np.broadcast_to(j, heads.shape)))
        return self.in_turn(found.transpose(1, 0, 2))

    def in_turn(self, by_use: Array) -> Array:
        """Products of each use of each cell, (uses, samples, cells of the tail), in the order in which they
        contribute."""
        if self.tail.per_sample:
            return np.ascontiguousarray(by_use)
        whole: Array = by_use.transpose(1, 0, 2).reshape(-1, *self.tail.shape)
        return whole

    def along(self, local: Array, i: CellNumber, j: CellNumber, dot: Any) -> Array:
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

    def stands_for(self, i: int, j: int) -> Entry | None:
        """The cell that holds a local derivative under another name: of e by y, it is the weight."""
        return None

    def one_over(self, samples: int) -> int | None:
        """m where the local derivative is 1/m whatever the values, in a batch of so many samples; else None."""
        return None

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        """The words of a local derivative that is shown.  ``in_order`` says that no more of the head is known than its
        cells before this one, as in forward mode."""
        raise NotImplementedError


# --- walking over edges ------------------------------------------------------------------------------


class Use(NamedTuple):
    """A cell of a head uses a cell of a tail: one term of the chain rule's sum.

    ``nth`` says which use of tail cell ``j`` it is on its edge, from 0; ``i`` is the cell of the head.
    """

    edge: Edge
    nth: int
    i: int
    j: int

    @property
    def user(self) -> tuple[int, int]:
        """The cell that uses the other: the id of its vector, and its number there."""
        return self.edge.head.id, self.i

    def slope(self, local: Array, sample: int) -> float:
        """d(user)/d(used), out of the edge's local derivatives."""
        return self.edge.slope(local, sample, self.i, self.j)


def uses_over(edges: Iterable[Edge], j: int) -> Iterator[Use]:
    """The uses of cell ``j`` of the tail that some edges share, in the order in which contributions arrive."""
    for edge in edges:
        if edge.uses_of(j) == 1:
            yield Use(edge, 0, int(edge.head_of(0, j)), j)
        else:
            for nth, i in enumerate(edge.heads_of(j).tolist()):
                yield Use(edge, nth, i, j)


def nth_use(edges: Iterable[Edge], j: int, n: int) -> Use:
    """Use ``n`` (from 0) of these."""
    for edge in edges:
        uses = edge.uses_of(j)
        if n < uses:
            return Use(edge, n, edge.head_of(n, j), j)
        n -= uses
    raise IndexError(n)
