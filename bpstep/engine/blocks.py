"""Steps as tables: integers and names, and no floats.

784-128-10 has about 300,000 steps, so no list of steps is ever made.  Steps come in *blocks*: a block
is a table with one row a neuron, every row alike, and a row is cut into *pieces*.  The forward block
of a hidden layer with two sources and a bias looks like this (numbers are offsets):

                 term            bias    apply
        h1     0      1           2        3
        h2     4      5           6        7

so step 6 is found by one division: row 1 (h2), place 2, that is its bias.  Blocks follow each other in
a `Section`; how sections make a batch, `bpstep.engine.schedule` says.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["BACKWARD", "FORWARD", "PHASES", "UPDATE", "Block", "Counts", "Piece", "Section", "Silent"]

FORWARD, BACKWARD, UPDATE = PHASES = ("forward", "backward", "update")

#: Numbers of steps, of contributions.
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Piece:
    """A run of steps of one kind within a row.

    ``ops`` is what they do, over and over (`bpstep.engine.steps.OPS`): ``("term",)``; for each contribution that has a
    `local`, ``("local", "contribute")`` or, in forward mode, ``("local", "tangent")``; for each parameter the states of
    its optimizer, ``("state", "state", "update")``.  The last of them is the piece's own `op`.

    A cell may gather in several pieces, where some contributions have a `local` and others have none; ``first`` of them
    come before this piece.
    """

    ops: tuple[str, ...]
    start: int
    width: int
    vector: Vector
    operation: Operation | None = None
    edges: tuple[Edge, ...] = ()
    first: int = 0

    @cached_property
    def op(self) -> str:
        """What the steps come to: to a contribution, an update."""
        return self.ops[-1]

    @cached_property
    def stride(self) -> int:
        """Steps from one contribution, or update, to the next."""
        return len(self.ops)

    @cached_property
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

    @property
    def rows(self) -> range:
        """The rows of the layer that it has."""
        return range(self.first_row, self.first_row + len(self.nodes))

    def has_row(self, row: int) -> bool:
        """Whether it has a row of the layer."""
        return self.first_row <= row < self.first_row + len(self.nodes)

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

    def row_start(self, offset: int) -> int:
        """The offset of the first step of the row that holds the step at ``offset``."""
        return offset - (offset - self.first) % self.width

    def offsets(self, piece: Piece) -> Counts:
        """The offsets of all steps of a piece: (rows of the block, width)."""
        rows = np.arange(len(self.nodes))[:, np.newaxis] * self.width
        found: Counts = self.first + rows + piece.start + np.arange(piece.width)
        return found

    def contributions(self, piece: Piece, row: int, column: int = 0) -> range:
        """The offsets of the steps of a piece, for the cell in a row and a column, that are its `op`."""
        first = self.offset(row, piece, column * piece.per_cell)
        return range(first + piece.stride - 1, first + piece.per_cell, piece.stride)

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
