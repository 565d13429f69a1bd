"""The order of the steps of one batch: integers and names, and no floats.

784-128-10 has about 300,000 steps, so no list of steps is ever made.  Steps come in *blocks*: a block
is a table with one row a neuron, every row alike, and a row is cut into *pieces*.  The forward block
of a hidden layer with two sources and a bias looks like this (numbers are offsets):

                 term            bias    apply
        h1     0      1           2        3
        h2     4      5           6        7

so step 6 is found by one division: row 1 (h2), place 2, that is its bias.  Blocks follow each other in
a `Section`; a batch is one section repeated for each sample, then a tail of what belongs to the whole
batch (the l2 term, the update):

        sample 1 │ sample 2 │ ... │ tail

The question the other way round, *which steps write this cell?*, is answered by the same arithmetic:
`BatchSchedule` gives ranges of offsets (`value_writes`, `gradient_writes` and their like).  Everything
that a debugger needs to know about order (`until`, `break`, states, `why`) follows from these two
directions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation
from bpstep.engine.setup import Setup
from bpstep.engine.tangents import Contribution, contributions_to
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = [
    "BACKWARD",
    "FORWARD",
    "PHASES",
    "UPDATE",
    "BatchSchedule",
    "Block",
    "Home",
    "Piece",
    "Section",
    "Silent",
    "Writes",
]

FORWARD, BACKWARD, UPDATE = PHASES = ("forward", "backward", "update")


@dataclass(frozen=True, eq=False)
class Piece:
    """A run of steps of one kind within a row.

    ``kind`` says what the steps do: an op of the forward pass (``term bias apply cost reduce``), ``seed`` or ``gather``
    going back, ``learn`` in the update; forward mode has ``start`` and ``tangent``.  A ``gather`` piece has, for each
    cell of the row and each of its uses, a `contribute`, and where the edges are shown a `local` before it; so has a
    ``tangent`` piece for each of its ``edges``.  A ``learn`` piece is, for each cell, the optimizer's states and then
    the update.

    A cell may gather in several pieces, where some contributions have a `local` and others have none; ``first`` of them
    come before this piece.
    """

    kind: str
    start: int
    width: int
    vector: Vector
    operation: Operation | None = None
    edges: tuple[Edge, ...] = ()
    first: int = 0

    @property
    def stride(self) -> int:
        """Steps from one contribution to the next: 2 where each is preceded by its `local`."""
        return 2 if self.edges and self.edges[0].shown else 1

    @property
    def per_cell(self) -> int:
        """Steps from one cell of a row to the next."""
        return self.width // self.vector.per_row


@dataclass(frozen=True, eq=False)
class Block:
    """``len(nodes)`` rows of steps, all cut alike.  ``first`` is the offset of the first of them; ``first_row`` the
    row of the layer that it belongs to, where a block is not the whole layer.  ``in_tail`` blocks are done once a
    batch."""

    first: int
    phase: str
    layer: str
    nodes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    width: int
    first_row: int = 0
    in_tail: bool = False

    @property
    def length(self) -> int:
        """The number of steps."""
        return len(self.nodes) * self.width

    def locate(self, offset: int) -> tuple[int, Piece, int]:
        """The row, the piece and the place in that piece of the step at ``offset`` of the section."""
        row, place = divmod(offset - self.first, self.width)
        for piece in self.pieces:
            if place < piece.start + piece.width:
                return row + self.first_row, piece, place - piece.start
        raise IndexError(offset)

    def offset(self, row: int, piece: Piece, place: int = 0) -> int:
        """The inverse of `locate`."""
        return self.first + (row - self.first_row) * self.width + piece.start + place

    def node(self, row: int) -> str:
        """The node of a row."""
        return self.nodes[row - self.first_row]


@dataclass(frozen=True, eq=False)
class Section:
    """Blocks one after the other."""

    blocks: tuple[Block, ...]
    firsts: tuple[int, ...]
    length: int

    def block_at(self, offset: int) -> Block:
        """The block that holds the step at ``offset``."""
        return self.blocks[bisect_right(self.firsts, offset) - 1]


class Silent(NamedTuple):
    """Cells that nobody uses: no step writes their derivative, and after the step at an offset it is known to be 0."""

    cells: range
    after: int


#: Where some steps stand.
Home = tuple[Block, Piece]


def _contributions(home: Home, row: int, column: int) -> range:
    """The offsets of the `contribute` steps of a piece for one cell."""
    block, piece = home
    first = block.offset(row, piece, column * piece.per_cell)
    return range(first + piece.stride - 1, first + piece.per_cell, piece.stride)


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
    homes: dict[tuple[str, int], list[Home]]
    #: The same for what is done once a batch.
    tail_homes: dict[tuple[str, int], list[Home]]
    #: By vector: its cells that gather nothing.
    silent: dict[int, list[Silent]]

    @property
    def length(self) -> int:
        """The number of steps."""
        return self.samples * self.sample.length + self.tail.length

    def home(self, kind: str, vector: Vector, row: int = 0, *, tail: bool = False) -> Home | None:
        """Where the steps of one kind for a row of a vector stand: the block and the piece."""
        return next(iter(self.homes_of(kind, vector, row, tail=tail)), None)

    def homes_of(self, kind: str, vector: Vector, row: int = 0, *, tail: bool = False) -> list[Home]:
        """The same, where there are several pieces of one row."""
        homes = (self.tail_homes if tail else self.homes).get((kind, vector.id), ())
        last = bisect_right(homes, row, key=lambda home: home[0].first_row)
        found: list[Home] = []
        for block, piece in reversed(homes[:last]):
            if not block.first_row <= row < block.first_row + len(block.nodes):
                break
            found.append((block, piece))
        return found[::-1]

    def value_writes(self, vector: Vector, j: int) -> Writes:
        """The steps that write a cell of a vector that is computed (e, y, cost, loss, a variable)."""
        operation = self.setup.graph.producer(vector)
        if operation is None:
            return Writes()
        parts = operation.parts
        home = self.home(parts[0].op, vector, 0 if operation.by_term else j)
        if home is None:
            return Writes()
        block, piece = home
        if operation.by_term:
            return Writes(range(block.first, block.first + len(block.nodes)))
        first = block.offset(j, piece)
        own = [one.width for one in block.pieces if one.operation is operation and one.kind != "tangent"]
        return Writes(
            range(first, first + sum(own)),
            self._in_tail(parts[0].op, vector, j),
            by_batch=not vector.per_sample,
        )

    def _in_tail(self, kind: str, vector: Vector, j: int) -> range:
        """The steps of a kind for a cell that are done once a batch."""
        row, column = divmod(j, vector.per_row)
        home = self.home(kind, vector, row, tail=True)
        return range(0) if home is None else _contributions(home, row, column)

    def gradient_writes(self, vector: Vector, j: int) -> Writes:
        """The `contribute` steps of d(cell), which are none where nobody uses the cell; of the root's, the `seed`."""
        seed = self.home("seed", vector)
        if seed is not None:
            return Writes(range(seed[0].first, seed[0].first + 1))
        each = [_contributions(home, *divmod(j, vector.per_row)) for home in self._gathering(vector, j)]
        if not each:
            after = next((one.after for one in self.silent.get(vector.id, ()) if j in one.cells), None)
            return Writes(by_batch=not vector.per_sample, settled=after)
        return Writes(
            each[0] if len(each) == 1 else [offset for part in each for offset in part],
            self._in_tail("gather", vector, j),
            by_batch=not vector.per_sample,
        )

    def _gathering(self, vector: Vector, j: int) -> list[Home]:
        return self.homes_of("gather", vector, j // vector.per_row)

    def local_writes(self, vector: Vector, j: int, contributions: range) -> Writes:
        """The `local` steps of some contributions to a cell of ``vector`` that come one after the other."""
        homes = self._gathering(vector, j)
        mine = [home for home in homes if home[1].first <= contributions.start]
        if not mine or mine[-1][1].stride == 1:
            return Writes()
        steps = _contributions(mine[-1], *divmod(j, vector.per_row))
        first = mine[-1][1].first
        return Writes([steps[k - first] - 1 for k in contributions])

    # --- forward mode ---------------------------------------------------------------------------------

    def tangent_writes(self, vector: Vector, j: int) -> Writes:
        """The steps that write dot(cell): the `seed`, or the `tangent` steps."""
        start = self.home("start", vector, j // vector.per_row)
        if start is not None and self.setup.seed == (vector, j):
            return Writes(range(start[0].first, start[0].first + 1))
        operation = self.setup.graph.producer(vector)
        if operation is None:
            return Writes()
        if operation.by_term:
            found = [
                block.offset(block.first_row, piece, piece.stride - 1)
                for block, piece in self.homes.get(("tangent", vector.id), ())
            ]
            return Writes(range(found[0], found[-1] + 1, 2)) if found else Writes()
        each, tail = self._tangents(vector, j, tail=False), self._tangents(vector, j, tail=True)
        return Writes(each, tail, by_batch=not vector.per_sample)

    def _tangents(self, vector: Vector, j: int, *, tail: bool) -> range:
        home = self.home("tangent", vector, j, tail=tail)
        if home is None:
            return range(0)
        block, piece = home
        return range(
            block.offset(j, piece, piece.stride - 1), block.offset(j, piece, piece.width), piece.stride
        )

    def forward_local_writes(self, edges: tuple[Edge, ...], head: Vector, i: int, j: int) -> Writes:
        """The `local` steps of forward mode, of some edges between one cell of the head and one of the tail."""
        operation = self.setup.graph.producer(head)
        assert operation is not None, "an edge leads to what is computed"
        found = []
        for block, piece in self.homes.get(("tangent", head.id), ()):
            row = j if operation.by_term else i
            if piece.stride == 2 and block.first_row <= row < block.first_row + len(block.nodes):
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
        arriving = contributions_to(piece.operation, row, self.setup.reached)
        return [one for one in arriving if one[0] in piece.edges]

    # --- the update -----------------------------------------------------------------------------------

    def learn_writes(self, vector: Vector, j: int, place: int) -> Writes:
        """The steps of the update of a parameter: its states at places 0, 1, ..., then itself."""
        row, column = divmod(j, vector.per_row)
        home = self.home("learn", vector, row, tail=True)
        if home is None:
            return Writes()
        first = home[0].offset(row, home[1], column * home[1].per_cell + place)
        return Writes(tail=range(first, first + 1))
