"""The order of the steps of one batch, and which of them write a cell.

A batch is one section of blocks (`bpstep.engine.blocks`) repeated for each sample, then a tail of what belongs to the
whole batch (the l2 term, the update):

        sample 1 │ sample 2 │ ... │ tail

The question the other way round, *which steps write this cell?*, is answered by the same arithmetic:
`BatchSchedule` gives ranges of offsets (`value_writes`, `gradient_writes` and their like).  Everything
that a debugger needs to know about order (`until`, `break`, states, `why`) follows from these two
directions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from bpstep.engine.blocks import Block, Piece, Section, Silent
from bpstep.engine.edge import Edge
from bpstep.engine.setup import Setup
from bpstep.engine.tangents import Contribution
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["BatchSchedule", "Home", "Writes"]

#: Where some steps stand.
Home = tuple[Block, Piece]


@dataclass(frozen=True)
class Writes:
    """Which steps write a cell: offsets in the section of each sample, then in the tail.

    ``by_batch``: the cell gathers over all samples of a batch (a gradient of a parameter, the loss);
    else every sample writes it anew.  ``settled``: no step writes it, and after the step at this offset of a sample it
    is known to be 0 (the derivative by what nobody uses).
    """

    each: Sequence[int] = range(0)
    tail: Sequence[int] = range(0)
    by_batch: bool = False
    settled: int | None = None

    @property
    def are_never(self) -> bool:
        """Whether no step ever makes the cell final."""
        return not (self.each or self.tail) and self.settled is None


@dataclass(frozen=True, eq=False)
class BatchSchedule:
    """The order of the steps of a batch of ``samples`` samples."""

    setup: Setup
    samples: int
    sample: Section
    tail: Section
    #: Where the steps of a sample stand, by their op and the id of the vector that they write.
    homes: dict[tuple[str, int], list[Home]]
    #: The same for what is done once a batch.
    tail_homes: dict[tuple[str, int], list[Home]]
    #: By vector: its cells that gather nothing.
    silent: dict[int, list[Silent]]

    @property
    def length(self) -> int:
        """The number of steps."""
        return self.samples * self.sample.length + self.tail.length

    def home(self, op: str, vector: Vector, row: int = 0, *, tail: bool = False) -> Home | None:
        """Where the steps of an op for a row of a vector stand: the block and the piece."""
        return next(iter(self.homes_of(op, vector, row, tail=tail)), None)

    def homes_of(self, op: str, vector: Vector, row: int = 0, *, tail: bool = False) -> list[Home]:
        """The same, where there are several pieces of one row."""
        homes = (self.tail_homes if tail else self.homes).get((op, vector.id), ())
        last = bisect_right(homes, row, key=lambda home: home[0].first_row)
        found: list[Home] = []
        for block, piece in reversed(homes[:last]):
            if not block.has_row(row):
                break
            found.append((block, piece))
        return found[::-1]

    def value_writes(self, vector: Vector, j: int) -> Writes:
        """The steps that write a cell of a vector that is computed (e, y, cost, loss, a variable)."""
        operation = self.setup.graph.producer(vector)
        if operation is None:
            return Writes()
        parts = operation.parts
        home = self.home(parts[0].op, vector, j)
        if home is None:
            return Writes()
        block, piece = home
        if operation.by_term:
            return Writes(range(block.first, block.first + len(block.nodes)))
        first = block.offset(j, piece)
        own = [one.width for one in block.pieces if one.operation is operation and one.op != "tangent"]
        return Writes(
            range(first, first + sum(own)),
            self._in_tail(parts[0].op, vector, j),
            by_batch=not vector.per_sample,
        )

    def _in_tail(self, op: str, vector: Vector, j: int) -> range:
        """The steps of an op for a cell that are done once a batch."""
        row, column = vector.place(j)
        home = self.home(op, vector, row, tail=True)
        return range(0) if home is None else home[0].contributions(home[1], row, column)

    def gradient_writes(self, vector: Vector, j: int) -> Writes:
        """The `contribute` steps of d(cell), which are none where nobody uses the cell; of the root's, the `seed`."""
        seed = self.home("seed", vector)
        if seed is not None:
            return Writes(range(seed[0].first, seed[0].first + 1))
        cell = vector.place(j)
        each = [block.contributions(piece, *cell) for block, piece in self._gathering(vector, j)]
        if not each:
            after = next((one.after for one in self.silent.get(vector.id, ()) if j in one.cells), None)
            return Writes(by_batch=not vector.per_sample, settled=after)
        return Writes(
            each[0] if len(each) == 1 else [offset for part in each for offset in part],
            self._in_tail("contribute", vector, j),
            by_batch=not vector.per_sample,
        )

    def _gathering(self, vector: Vector, j: int) -> list[Home]:
        return self.homes_of("contribute", vector, vector.place(j)[0])

    def local_writes(self, vector: Vector, j: int, contributions: range) -> Writes:
        """The `local` steps of some contributions to a cell of ``vector`` that come one after the other."""
        homes = self._gathering(vector, j)
        mine = [home for home in homes if home[1].first <= contributions.start]
        if not mine or mine[-1][1].stride == 1:
            return Writes()
        block, piece = mine[-1]
        steps = block.contributions(piece, *vector.place(j))
        return Writes([steps[k - piece.first] - 1 for k in contributions])

    # --- forward mode ---------------------------------------------------------------------------------

    def tangent_writes(self, vector: Vector, j: int) -> Writes:
        """The steps that write dot(cell): the `seed`, or the `tangent` steps."""
        start = self.home("seed", vector, vector.place(j)[0])
        if start is not None and self.setup.seed == (vector, j):
            return Writes(range(start[0].first, start[0].first + 1))
        operation = self.setup.graph.producer(vector)
        if operation is None:
            return Writes()
        if operation.by_term:
            found = [
                block.contributions(piece, block.first_row)[0]
                for block, piece in self.homes.get(("tangent", vector.id), ())
            ]
            return Writes(range(found[0], found[-1] + 1, 2)) if found else Writes()
        each, tail = self._tangents(vector, j, tail=False), self._tangents(vector, j, tail=True)
        return Writes(each, tail, by_batch=not vector.per_sample)

    def _tangents(self, vector: Vector, j: int, *, tail: bool) -> range:
        home = self.home("tangent", vector, j, tail=tail)
        return range(0) if home is None else home[0].contributions(home[1], j)

    def forward_local_writes(self, edges: tuple[Edge, ...], head: Vector, i: int, j: int) -> Writes:
        """The `local` steps of forward mode, of some edges between one cell of the head and one of the tail."""
        operation = self.setup.graph.producer(head)
        assert operation is not None, "an edge leads to what is computed"
        found = []
        for block, piece in self.homes.get(("tangent", head.id), ()):
            row = j if operation.by_term else i
            if piece.stride == 2 and block.has_row(row):
                arriving = self.tangents_of(piece, row)
                found += [
                    block.offset(row, piece, 2 * k)
                    for k, (edge, at) in enumerate(arriving)
                    if edge in edges and at == j
                ]
        return Writes(range(found[0], found[-1] + 1, 2)) if found else Writes()

    def tangents_of(self, piece: Piece, row: int) -> list[Contribution]:
        """The contributions of a row of a ``tangent`` piece: the edge, and the cell of its tail."""
        assert piece.operation is not None
        if piece.operation.by_term:
            return [(edge, row) for edge in piece.edges]
        arriving = self.setup.tangents_to(piece.operation, row)
        return [one for one in arriving if one[0] in piece.edges]

    # --- the update -----------------------------------------------------------------------------------

    def learn_writes(self, vector: Vector, j: int, place: int) -> Writes:
        """The steps of the update of a parameter: its states at places 0, 1, ..., then itself."""
        row, column = vector.place(j)
        home = self.home("update", vector, row, tail=True)
        if home is None:
            return Writes()
        first = home[0].offset(row, home[1], column * home[1].per_cell + place)
        return Writes(tail=range(first, first + 1))
