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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bpstep.engine.graph import Apply, CostSum, Coupled, Edge, Graph, Operation, Softmax, Vector, WeightedSum
from bpstep.engine.passes import Setup

__all__ = [
    "BACKWARD",
    "FORWARD",
    "PHASES",
    "UPDATE",
    "BatchSchedule",
    "Block",
    "Builder",
    "Piece",
    "Section",
    "Writes",
    "schedule",
    "sum_pieces",
]

FORWARD, BACKWARD, UPDATE = PHASES = ("forward", "backward", "update")


@dataclass(frozen=True, eq=False)
class Piece:
    """A run of steps of one kind within a row.

    ``kind`` says what the steps do: ``term bias apply cost reduce penalty`` going forward, ``seed
    gather decay`` going back, ``learn`` in the update.  A ``gather`` piece alternates `local` and
    `contribute` where its edges are shown, and is all `contribute` where they are not; a ``learn``
    piece is, for each cell, the optimizer's states and then the update.  Forward mode has ``start tangent
    loss-tangent penalty-tangent``; ``places`` are the rows (of weights: columns) that its tangents come from.
    """

    kind: str
    start: int
    width: int
    vector: Vector
    operation: Operation | None = None
    edges: tuple[Edge, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def stride(self) -> int:
        """Steps from one contribution to the next: 2 where each is preceded by its `local`."""
        return 2 if self.edges and self.edges[0].shown else 1


@dataclass(frozen=True, eq=False)
class Block:
    """``len(nodes)`` rows of steps, all cut alike.  ``first`` is the offset of the first of them; ``first_row`` the
    row of the layer that it belongs to, where a block is not the whole layer."""

    first: int
    phase: str
    layer: str
    nodes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    width: int
    first_row: int = 0

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


@dataclass(frozen=True)
class Writes:
    """Which steps write a cell: offsets in the section of each sample, then in the tail.

    ``by_batch``: the cell gathers over all samples of a batch (a gradient of a parameter, the loss);
    else every sample writes it anew.
    """

    each: range = range(0)
    tail: range = range(0)
    by_batch: bool = False


@dataclass(frozen=True, eq=False)
class BatchSchedule:
    """The order of the steps of a batch of ``samples`` samples."""

    setup: Setup
    samples: int
    sample: Section
    tail: Section
    homes: dict[tuple[str, int], list[tuple[Block, Piece]]]

    @property
    def length(self) -> int:
        """The number of steps."""
        return self.samples * self.sample.length + self.tail.length

    def home(self, kind: str, vector: Vector, row: int = 0) -> tuple[Block, Piece] | None:
        """Where the steps of one kind for a row of a vector stand: the block and the piece."""
        for block, piece in self.homes.get((kind, vector.id), ()):
            if block.first_row <= row < block.first_row + len(block.nodes):
                return block, piece
        return None

    def value_writes(self, vector: Vector, row: int) -> Writes:
        """The steps that write a cell of a vector that is computed (e, y, cost, a variable)."""
        for kind in ("apply", "term", "cost"):
            home = self.home(kind, vector, row)
            if home is not None:
                block, piece = home
                if kind == "cost":
                    return Writes(range(block.first, block.first + len(block.nodes)))
                first = block.offset(row, piece)
                more = self.home("bias", vector) is not None
                return Writes(range(first, first + piece.width + more))
        return Writes()

    def gradient_writes(self, vector: Vector, row: int, column: int = 0) -> Writes:
        """The `contribute` steps of d(cell); of the root's, the `seed`."""
        seed = self.home("seed", vector)
        if seed is not None:
            return Writes(range(seed[0].first, seed[0].first + 1))
        home = self.home("gather", vector)
        if home is None:
            return Writes()
        block, piece = home
        if vector.is_parameter:
            first = block.offset(row, piece, column)
            return Writes(range(first, first + 1), self._decay_writes(vector, row, column), by_batch=True)
        first = block.offset(row, piece, piece.stride - 1)
        last = block.offset(row, piece, piece.width)
        return Writes(range(first, last, piece.stride))

    def _decay_writes(self, vector: Vector, row: int, column: int) -> range:
        home = self.home("decay", vector)
        if home is None:
            return range(0)
        first = home[0].offset(row, home[1], column)
        return range(first, first + 1)

    def local_writes(self, vector: Vector, row: int, contributions: range) -> Writes:
        """The `local` steps of some contributions to a cell of ``vector`` that come one after the other."""
        home = self.home("gather", vector)
        if home is None or home[1].stride == 1:
            return Writes()
        first = home[0].offset(row, home[1])
        return Writes(range(first + 2 * contributions.start, first + 2 * contributions.stop - 1, 2))

    def loss_writes(self) -> Writes:
        """The `reduce` steps."""
        root = self.setup.graph.root
        each, tail = self.home("reduce", root), self.home("penalty", root)
        if each is None:
            return Writes()
        first = each[0].first
        last = range(tail[0].first, tail[0].first + 1) if tail is not None else range(0)
        return Writes(range(first, first + 1), last, by_batch=True)

    def start_writes(self, vector: Vector, row: int) -> Writes:
        """The `seed` of forward mode, if it is this cell's."""
        home = self.home("start", vector, row)
        return Writes() if home is None else Writes(range(home[0].first, home[0].first + 1))

    def tangent_writes(self, vector: Vector, row: int) -> Writes:
        """The `tangent` steps of dot(cell)."""
        root = self.setup.graph.root
        if vector is root and vector.kind == "cost":
            found = [
                block.offset(block.first_row, piece, 1)
                for block, piece in self.homes.get(("tangent", root.id), ())
            ]
            return Writes(range(found[0], found[-1] + 1, 2)) if found else Writes()
        home = self.home("tangent", vector, row)
        if home is None:
            return Writes()
        block, piece = home
        first, last = block.offset(row, piece, piece.stride - 1), block.offset(row, piece, piece.width)
        return Writes(range(first, last, piece.stride))

    def loss_tangent_writes(self) -> Writes:
        """The `tangent` steps of dot(loss)."""
        root = self.setup.graph.root
        each, tail = self.home("loss-tangent", root), self.home("penalty-tangent", root)
        first = range(each[0].first, each[0].first + 1) if each is not None else range(0)
        last = range(tail[0].first, tail[0].first + 1) if tail is not None else range(0)
        return Writes(first, last, by_batch=True)

    def forward_local_writes(
        self, edges: tuple[Edge, ...], head: Vector, head_row: int, place: int
    ) -> Writes:
        """The `local` steps of forward mode, of some edges between one cell of the head and one of the tail."""
        found = []
        for block, piece in self.homes.get(("tangent", head.id), ()):
            row = place if head.kind == "cost" else head_row
            if piece.stride == 2 and block.first_row <= row < block.first_row + len(block.nodes):
                found += [
                    block.offset(row, piece, 2 * k)
                    for k, (edge, at) in enumerate(zip(piece.edges, piece.places, strict=True))
                    if edge in edges and (at == place or edge.width == 1)
                ]
        return Writes(range(found[0], found[-1] + 1, 2)) if found else Writes()

    def learn_writes(self, vector: Vector, row: int, column: int, place: int) -> Writes:
        """The steps of the update of a parameter: its states at places 0, 1, ..., then itself."""
        home = self.home("learn", vector)
        if home is None:
            return Writes()
        steps = 1 + len(self.setup.optimizer.states)
        first = home[0].offset(row, home[1], column * steps + place)
        return Writes(tail=range(first, first + 1))


class Builder:
    """Lays blocks one after the other."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.length = 0

    def block(
        self, phase: str, layer: str, nodes: tuple[str, ...], *pieces: Piece, first_row: int = 0
    ) -> None:
        """Lay one block."""
        placed, width = [], 0
        for piece in pieces:
            placed.append(replace(piece, start=width))
            width += piece.width
        self.blocks.append(Block(self.length, phase, layer, nodes, tuple(placed), width, first_row))
        self.length += len(nodes) * width

    def section(self) -> Section:
        """The blocks laid so far."""
        return Section(tuple(self.blocks), tuple(b.first for b in self.blocks), self.length)


def schedule(setup: Setup, samples: int) -> BatchSchedule:
    """The order of the steps of a batch (formats, section 3)."""
    each, tail = Builder(), Builder()
    if setup.wrt is not None:
        from bpstep.engine.forward_schedule import forward_sections

        forward_sections(setup, samples, each, tail)
    else:
        _reverse_sections(setup, samples, each, tail)
    sample, end = each.section(), tail.section()
    homes: dict[tuple[str, int], list[tuple[Block, Piece]]] = {}
    for block in (*sample.blocks, *end.blocks):
        for piece in block.pieces:
            homes.setdefault((piece.kind, piece.vector.id), []).append((block, piece))
    return BatchSchedule(setup, samples, sample, end, homes)


def _reverse_sections(setup: Setup, samples: int, each: Builder, tail: Builder) -> None:
    graph = setup.graph
    _forward(each, graph)
    if setup.reduces(samples):
        each.block(FORWARD, graph.root.layer, graph.root.names, Piece("reduce", 0, 1, graph.root))
    each.block(BACKWARD, graph.root.layer, graph.root.names, Piece("seed", 0, 1, graph.root))
    _backward(each, graph)
    if setup.training.l2 > 0.0:
        _decay(tail, graph)
    if setup.updates:
        _update(tail, setup)


def _forward(to: Builder, graph: Graph) -> None:
    """Per neuron its terms, its bias, its activation; the activations of softmax after all sums."""
    waiting: list[Piece] = []
    for operation in graph.operations:
        head = operation.head
        if isinstance(operation, WeightedSum):
            waiting = list(sum_pieces(operation))
            continue
        if isinstance(operation, CostSum):
            to.block(FORWARD, head.layer, operation.outputs.names, Piece("cost", 0, 1, head, operation))
            continue
        if waiting and isinstance(operation, Softmax):
            to.block(FORWARD, head.layer, head.names, *waiting)
            waiting = []
        assert isinstance(operation, Apply | Softmax)
        to.block(FORWARD, head.layer, head.names, *waiting, Piece("apply", 0, 1, head, operation))
        waiting = []


def sum_pieces(operation: WeightedSum) -> Iterator[Piece]:
    """The pieces of a weighted sum: its terms, and its bias."""
    yield Piece("term", 0, len(operation.weights.columns), operation.head, operation)
    if operation.bias is not None:
        yield Piece("bias", 0, 1, operation.head, operation)


def _backward(to: Builder, graph: Graph) -> None:
    """Per neuron what arrives at y, then at e; when the layer's deltas are done, its gradients."""
    for _, group in groupby(graph.gathered, key=lambda v: (v.layer, v.is_parameter)):
        vectors = list(group)
        pieces = [_gather_piece(graph, vector) for vector in vectors]
        together = not any(isinstance(p.edges[0], Coupled) for p in pieces)
        for rows in [pieces] if together else [[p] for p in pieces]:
            to.block(BACKWARD, vectors[0].layer, vectors[0].names, *rows)


def _gather_piece(graph: Graph, vector: Vector) -> Piece:
    edges = graph.consumers[vector.id]
    steps = 2 if edges[0].shown else 1
    width = steps * sum(edge.width for edge in edges) * max(1, len(vector.columns))
    return Piece("gather", 0, width, vector, edges=edges)


def _decay(to: Builder, graph: Graph) -> None:
    """The l2 term of the loss, and its share of every weight's gradient."""
    to.block(FORWARD, graph.root.layer, graph.root.names, Piece("penalty", 0, 1, graph.root))
    for vector in graph.parameters:
        if vector.kind == "w":
            piece = Piece("decay", 0, len(vector.columns), vector)
            to.block(BACKWARD, vector.layer, vector.names, piece)


def _update(to: Builder, setup: Setup) -> None:
    steps = 1 + len(setup.optimizer.states)
    for vector in setup.graph.parameters:
        if vector not in setup.graph.frozen:
            piece = Piece("learn", 0, steps * max(1, len(vector.columns)), vector)
            to.block(UPDATE, vector.layer, vector.names, piece)
