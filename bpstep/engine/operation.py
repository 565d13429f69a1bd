"""An operation: what the forward pass walks over, from operands to the vector that it computes, its head.

Whatever the sort of an operation (`bpstep.engine.operations`, and for arrays `bpstep.engine.array_operations`), it
answers the same few questions:

    value                  the head's array, from the arrays before it
    parts, stretches       the steps by which a cell of the head is computed
    terms                  what a cell that is a sum is added up from
    said, addends, share   how a step reads
    reach                  which cells of the head depend on a changed one

and has an `bpstep.engine.edge.Edge` to each operand that is differentiated: of the way back, only these matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from itertools import accumulate
from typing import ClassVar, NamedTuple

import numpy as np

from bpstep.engine.arrays import Meeting
from bpstep.engine.edge import Edge
from bpstep.engine.functions import Function
from bpstep.engine.specs import Array
from bpstep.engine.vectors import Entry, Mask, Reader, Said, Values, Vector
from bpstep.lazily import dataclass

__all__ = ["Operation", "Part", "ShareOf"]


class ShareOf(NamedTuple):
    """A cell is exp of its own net input over the sum of exp of all ``cells``, of which its own has the number
    ``own``."""

    cells: Sequence[Entry]
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

    def cell_of(self, row: int) -> int:
        """The cell of the head that the steps of a row belong to."""
        return 0 if self.by_term else row

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

    def term(self, i: int, k: int) -> int:
        """The number of the term that step ``k`` of cell ``i`` adds, among those that a cell of the head may have."""
        return k

    @property
    def met(self) -> Meeting | None:
        """Which cells meet in it, of an operation over arrays."""
        return None

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
