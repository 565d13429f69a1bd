"""In which order the steps of a batch stand (formats, section 3): from a graph to its schedule.

In reverse mode a sample goes forward and back, and then, once a batch, comes what does not differ from sample to
sample, and the update.  In forward mode a tangent goes along beside every value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from bpstep.engine.blocks import BACKWARD, FORWARD, UPDATE, Block, Piece, Section, Silent
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation, Part
from bpstep.engine.schedule import BatchSchedule, Home
from bpstep.engine.setup import Setup
from bpstep.engine.tangents import Contribution
from bpstep.engine.vectors import Vector

__all__ = ["Builder", "schedule"]


class Builder:
    """Lays blocks one after the other."""

    def __init__(self, *, in_tail: bool = False) -> None:
        self.in_tail = in_tail
        self.blocks: list[Block] = []
        self.length = 0
        #: By vector: cells that gather nothing, and the offset of the step after which it would be their turn.
        self.silent: dict[int, list[Silent]] = {}

    def block(
        self, phase: str, layer: str, nodes: tuple[str, ...], *pieces: Piece, first_row: int = 0
    ) -> None:
        """Lay one block."""
        placed, width = [], 0
        for piece in pieces:
            placed.append(replace(piece, start=width))
            width += piece.width
        made = Block(self.length, phase, layer, nodes, tuple(placed), width, first_row, self.in_tail)
        self.blocks.append(made)
        self.length += len(nodes) * width

    def section(self) -> Section:
        """The blocks laid so far."""
        return Section(tuple(self.blocks), tuple(b.first for b in self.blocks), self.length)


@lru_cache(maxsize=32)
def schedule(setup: Setup, samples: int) -> BatchSchedule:
    """The order of the steps of a batch (formats, section 3); the last few are kept, as setups are."""
    each, tail = Builder(), Builder(in_tail=True)
    if setup.wrt is not None:
        _forward_mode(setup, samples, each, tail)
    else:
        _reverse_mode(setup, samples, each, tail)
    sample, end = each.section(), tail.section()
    return BatchSchedule(setup, samples, sample, end, _homes(sample), _homes(end), each.silent)


def _homes(section: Section) -> dict[tuple[str, int], list[Home]]:
    found: dict[tuple[str, int], list[Home]] = {}
    for block in section.blocks:
        for piece in block.pieces:
            found.setdefault((piece.op, piece.vector.id), []).append((block, piece))
    return found


def _reverse_mode(setup: Setup, samples: int, each: Builder, tail: Builder) -> None:
    graph = setup.graph
    for together in _row_by_row(graph):
        if len(together) > 1:
            nodes = together[0].parts[0].nodes
            pieces = [piece for one in together for piece in _own_pieces(one)]
            each.block(FORWARD, together[0].head.layer, nodes, *pieces)
        else:
            _alone(each, together[0])
    root = graph.root
    if graph.loss is not None and setup.reduces(samples):
        each.block(FORWARD, root.layer, root.names, *_own_pieces(graph.loss))
    each.block(BACKWARD, root.layer, root.names, Piece(("seed",), 0, 1, root))
    _backward(each, graph)
    _once_a_batch(graph, tail)
    if setup.updates:
        _update(tail, setup)


def _row_by_row(graph: Graph) -> Iterator[list[Operation]]:
    """Operations whose steps are taken row by row: per neuron its terms, its bias, its activation.

    Softmax needs all net inputs of its layer, so its steps come after all sums.
    """
    together: list[Operation] = []
    for operation in graph.operations:
        if together and (not operation.by_row or operation.head.layer != together[0].head.layer):
            yield together
            together = []
        together.append(operation)
    yield together


def _alone(to: Builder, operation: Operation) -> None:
    """The steps of one operation, a block for each stretch of rows that are alike."""
    for first_row, parts in operation.stretches:
        pieces = _own_pieces(operation, parts)
        to.block(FORWARD, operation.head.layer, parts[0].nodes, *pieces, first_row=first_row)


def _own_pieces(operation: Operation, parts: tuple[Part, ...] = ()) -> Iterator[Piece]:
    """The pieces of an operation's own steps."""
    for part in parts or operation.parts:
        yield Piece((part.op,), 0, part.width, operation.head, operation)


def _backward(to: Builder, graph: Graph) -> None:
    """Per neuron what arrives at y, then at e; when the layer's deltas are done, its gradients."""
    for _, group in groupby(graph.gathered, key=lambda v: (v.layer, v.is_parameter)):
        vectors = list(group)
        if any(_is_uneven(vector, graph) for vector in vectors):
            for vector in vectors:
                _gather_unevenly(to, graph, vector)
            continue
        pieces = [_gather_piece(vector, graph.consumers[vector.id]) for vector in vectors]
        makers = [graph.producer(piece.edges[0].head) for piece in pieces]
        together = all(maker is None or maker.by_row for maker in makers)
        for rows in [pieces] if together else [[p] for p in pieces]:
            to.block(BACKWARD, vectors[0].layer, vectors[0].names, *rows)


def _is_uneven(vector: Vector, graph: Graph) -> bool:
    """Whether the cells of a vector have different numbers of uses, or none, or only some of these have a `local`."""
    edges = graph.consumers[vector.id]
    return graph.packing(vector) is not None or len({edge.shown for edge in edges}) != 1


def _gather_unevenly(to: Builder, graph: Graph, vector: Vector) -> None:
    """A block for each run of cells that are used alike, and in it a piece for each run of edges that have a `local`,
    or have none.  What is used by nobody is silent: it has no steps."""
    edges = graph.consumers[vector.id]

    def uses(j: int) -> tuple[int, ...]:
        return tuple(edge.uses_of(j) for edge in edges)

    for counts, group in groupby(range(vector.size), key=uses):
        cells = list(group)
        pieces: list[Piece] = []
        before = 0
        for _, run in groupby(zip(edges, counts, strict=True), key=lambda one: one[0].shown):
            used = [(edge, count) for edge, count in run if count]
            if used:
                times = sum(count for _, count in used)
                through = tuple(edge for edge, _ in used)
                ops = _with_locals("contribute", through)
                pieces.append(Piece(ops, 0, len(ops) * times, vector, edges=through, first=before))
                before += times
        if not pieces:
            rows = range(cells[0], cells[-1] + 1)
            to.silent.setdefault(vector.id, []).append(Silent(rows, to.length - 1))
        else:
            nodes = vector.names[cells[0] : cells[-1] + 1]
            to.block(BACKWARD, vector.layer, nodes, *pieces, first_row=cells[0])


def _gather_piece(vector: Vector, edges: tuple[Edge, ...]) -> Piece:
    ops = _with_locals("contribute", edges)
    steps = len(ops) * sum(edge.uses for edge in edges) * vector.per_row
    return Piece(ops, 0, steps, vector, edges=edges)


def _with_locals(op: str, edges: tuple[Edge, ...]) -> tuple[str, ...]:
    """The steps of a contribution over edges that are shown or not, all alike: its `local`, and what comes of it."""
    return ("local", op) if edges[0].shown else (op,)


def _once_a_batch(graph: Graph, tail: Builder) -> None:
    """What does not differ from sample to sample: the l2 term of the loss, and its share of every gradient."""
    if graph.loss is None or not graph.once_a_batch:
        return
    tail.block(FORWARD, graph.root.layer, graph.root.names, *_own_pieces(graph.loss))
    for vector, edges in graph.once_a_batch:
        tail.block(BACKWARD, vector.layer, vector.names, _gather_piece(vector, edges))


def _update(to: Builder, setup: Setup) -> None:
    ops = (*("state" for _ in setup.optimizer.states), "update")
    for vector in setup.graph.parameters:
        if vector not in setup.graph.frozen:
            to.block(UPDATE, vector.layer, vector.names, Piece(ops, 0, len(ops) * vector.per_row, vector))


# --- forward mode ------------------------------------------------------------------------------------


def _forward_mode(setup: Setup, samples: int, each: Builder, tail: Builder) -> None:
    """The forward steps as in reverse mode; every sample begins with the `seed`, and after the step that makes a cell
    final come, for each of its operands that the seed reaches, a `local` (where reverse mode has one) and a `tangent`.
    Rows of a layer that are not reached have no such steps, so a layer may be several blocks."""
    graph, (vector, j) = setup.graph, setup.seed
    row, _ = vector.place(j)
    each.block(FORWARD, vector.layer, (vector.names[row],), Piece(("seed",), 0, 1, vector), first_row=row)
    for together in _row_by_row(graph):
        if together[0].by_term:
            _term_by_term(each, setup, together[0])
        else:
            _rows(each, setup, together)
    loss, root = graph.loss, graph.root
    if loss is None:
        return
    arriving = setup.tangents_to(loss, 0)
    once = [one for one in arriving if not one[0].tail.per_sample]
    if setup.reduces(samples):
        each.block(FORWARD, root.layer, root.names, *_own_pieces(loss))
        if len(arriving) > len(once):
            each.block(
                FORWARD, root.layer, root.names, _tangent_piece(loss, arriving[: len(arriving) - len(once)])
            )
    if graph.once_a_batch:
        tail.block(FORWARD, root.layer, root.names, *_own_pieces(loss))
        if once:
            tail.block(FORWARD, root.layer, root.names, _tangent_piece(loss, once))


def _widths(operation: Operation) -> dict[int, tuple[Part, ...]]:
    """The parts of each row, where they are not those of the operation in all of them."""
    if operation.stretches == ((0, operation.parts),):
        return {}
    return {first + row: parts for first, parts in operation.stretches for row in range(len(parts[0].nodes))}


def _rows(to: Builder, setup: Setup, together: list[Operation]) -> None:
    """A block for each run of rows that are cut alike."""
    names, layer = together[0].head.names, together[0].head.layer
    widths = _widths(together[0])
    arriving = [[setup.tangents_to(one, row) for one in together] for row in range(len(names))]

    def shape(row: int) -> object:
        return widths.get(row), [[edge.id for edge, _ in found] for found in arriving[row]]

    for _, group in groupby(range(len(names)), key=shape):
        rows = list(group)
        pieces: list[Piece] = []
        for operation, found in zip(together, arriving[rows[0]], strict=True):
            pieces += _own_pieces(operation, widths.get(rows[0], ()))
            if found:
                pieces.append(_tangent_piece(operation, found))
        to.block(FORWARD, layer, names[rows[0] : rows[-1] + 1], *pieces, first_row=rows[0])


def _term_by_term(to: Builder, setup: Setup, operation: Operation) -> None:
    """All terms, and then the tangent of each of them that is reached, at its own node."""
    (part,) = operation.parts
    to.block(FORWARD, operation.head.layer, part.nodes, *_own_pieces(operation))
    for edge, j in setup.tangents_to(operation, 0):
        piece = _tangent_piece(operation, [(edge, j)])
        to.block(FORWARD, operation.head.layer, (part.nodes[j],), piece, first_row=j)


def _tangent_piece(operation: Operation, found: list[Contribution]) -> Piece:
    """`local` and `tangent` for each contribution; `tangent` alone where the local derivative has no step."""
    edges = tuple(edge for edge, _ in found)
    ops = _with_locals("tangent", edges)
    return Piece(ops, 0, len(ops) * len(found), operation.head, operation, edges)
