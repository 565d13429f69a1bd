"""What a run of steps writes, all at once.

A debugger that looks for "the first local derivative below 0.01" among 300,000 steps can not describe each of
them.  `piece_values` gives the values after every step of a `Piece` within its `Block`, one row a neuron, from the
arrays of the pass: the same numbers, to the last bit, that a `Describer` gives one by one.  `piece_parts` says
which contribution each of them is; what they do, `Piece.ops`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.engine.arrivals import in_sample, products_of
from bpstep.engine.blocks import BACKWARD, FORWARD, UPDATE, Block, Counts, Piece
from bpstep.engine.describe import Describer
from bpstep.engine.done import NOTHING
from bpstep.engine.edge import Edge
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum
from bpstep.engine.vectors import Vector, of_sample

__all__ = ["piece_parts", "piece_values"]


def piece_values(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """The value after each step of a piece, (rows of the block, width), for one sample of the batch.

    Of a batch in which a value was edited, it describes the last era only.
    """
    with np.errstate(all="ignore"):
        return _VALUES.get((block.phase, piece.op), _own)(batch, block, piece, sample)


def piece_parts(batch: Describer, block: Block, piece: Piece, sample: int) -> Counts:
    """Which contribution each step of a piece is, from 1, (rows of the block, width); 1 where a cell has only one."""
    rows, columns = len(block.nodes), np.arange(piece.width)
    found: Counts
    if piece.op in ("contribute", "tangent"):
        within = columns % piece.per_cell
        found = within // piece.stride + 1 + piece.first + _before(batch, block, piece, sample)
        found = np.where(within % piece.stride == piece.stride - 1, found, 1)
    elif piece.operation is not None and piece.operation.is_sum:
        first = _first_term(batch, block, piece, sample)
        if piece.operation.by_term:
            found = first + np.arange(1, rows + 1)[:, np.newaxis] + 0 * columns
        else:
            found = first + columns + 1
    else:
        found = np.ones(piece.width, dtype=np.int64)
    return np.broadcast_to(found, (rows, piece.width))


def _first_term(batch: Describer, block: Block, piece: Piece, sample: int) -> int:
    """The terms of a sum before those of a piece."""
    operation = piece.operation
    assert operation is not None
    if not operation.head.per_sample:
        return batch.numbers.turn(sample, in_tail=block.in_tail)
    return operation.first_of[piece.op]


def _before(batch: Describer, block: Block, piece: Piece, sample: int) -> int:
    """How many contributions arrive at a cell before those of a piece."""
    vector, sums, setup = piece.vector, batch.sums, batch.numbers.setup
    if piece.op == "contribute":
        return sums.arrived_before(vector, block.first_row, sample, in_tail=block.in_tail)
    assert piece.operation is not None
    if piece.operation.by_term:
        return setup.tangents_to(piece.operation, 0).index((piece.edges[0], block.first_row))
    if vector.per_sample:
        return 0
    return batch.numbers.turn(sample, in_tail=block.in_tail)


# --- a function for each sort of piece: the values of all rows of a block ------------------------------------


def _own(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """A step of the forward pass."""
    operation, numbers = piece.operation, batch.numbers
    assert operation is not None
    head = operation.head
    if not operation.is_sum:
        column: Array = numbers.values[head.id][sample][block.first_row : block.rows.stop, np.newaxis]
        return column
    first = _first_term(batch, block, piece, sample)
    sums = batch.sums
    if operation.by_term:
        return _known(sums.value_sums(operation, sample, 0))[:, np.newaxis]
    if numbers.kept is NOTHING and head.per_sample:  # all at once: the same bits, but faster
        terms = operation.terms(numbers.values, sample, slice(block.first_row, block.rows.stop))
        return running_sum(terms.T).T[:, first : first + piece.width]
    grown = [_known(sums.value_sums(operation, sample, i))[first : first + piece.width] for i in block.rows]
    return np.stack(grown)


def _known(sums: Array | None) -> Array:
    assert sums is not None, "a sum is seen growing"
    return sums


def _seed(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    return batch.numbers.derivative(piece.vector.id)[sample : sample + 1]


def _contribute(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    vector, numbers = piece.vector, batch.numbers
    if block.in_tail:
        return _flat(numbers.derivative(vector.id), vector)
    uses = piece.per_cell // piece.stride
    cells = slice(block.first_row * vector.per_row, block.rows.stop * vector.per_row)
    first = piece.first + numbers.graph.missing(vector, cells.start)
    grown = _grown(batch, vector, sample)[cells, first : first + uses]
    if piece.stride == 2:
        slopes = [_slopes(batch, edge, sample, cells) for edge in piece.edges]
        grown = np.stack([np.concatenate(slopes).T, grown], axis=2)
    return grown.reshape(len(block.nodes), -1)


def _grown(batch: Describer, vector: Vector, sample: int) -> Array:
    """The derivatives by all cells of a vector, after each contribution of a sample: (cells, contributions)."""
    numbers, sums = batch.numbers, batch.sums
    graph, rule = numbers.graph, numbers.setup.rule
    if vector.per_sample:
        arrivals = [in_sample(one, sample) for one in numbers.arrivals(vector)]
        grown: Array = rule.running(products_of(graph, vector, arrivals)[:, 0]).T
        return grown
    uses = graph.uses(vector)
    after = [sums.gradient_after(vector, uses * sample + k + 1).reshape(-1) for k in range(uses)]
    return np.stack(after, axis=1)


def _slopes(batch: Describer, edge: Edge, sample: int, cells: slice) -> Array:
    """The local derivatives of an edge that is shown, for some cells that are used alike: (uses, cells)."""
    every = np.arange(edge.tail.size)[cells]
    heads = edge.head_of(np.arange(edge.uses_of(cells.start))[:, np.newaxis], every)
    found = edge.slopes(batch.numbers.local_of(edge.id), heads, np.broadcast_to(every, heads.shape))
    return of_sample(found, sample)


def _flat(array: Array, vector: Vector) -> Array:
    return array.reshape(len(vector.names), -1)


def _update(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    update, vector = batch.update, piece.vector
    assert update is not None
    first = batch.numbers.graph.flat_place(vector, 0)
    part = slice(first, first + vector.size)
    arrays = [*(states[part] for states in update.new_states), update.parameters[part]]
    return np.stack(arrays, axis=1).reshape(len(vector.names), -1)


def _start(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """The seed of forward mode."""
    return np.ones((1, 1))


def _tangent(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """The tangents of a block's rows, each with its local derivative before it where that has a step."""
    operation, sums = piece.operation, batch.sums
    assert operation is not None
    first = _before(batch, block, piece, sample)
    width = piece.width // piece.stride
    found = []
    for row in block.rows:
        i = operation.cell_of(row)
        grown = sums.tangents(operation, sample, i)[first : first + width]
        if piece.stride == 2:
            arriving = batch.numbers.setup.tangents_to(operation, i)[first : first + width]
            slopes = [batch.numbers.slope(edge, sample, i, j) for edge, j in arriving]
            grown = np.stack([np.array(slopes), grown], axis=1).reshape(-1)
        found.append(grown)
    return np.stack(found)


#: By phase and op; all other steps are an operation's own.
_VALUES: dict[tuple[str, str], Callable[[Describer, Block, Piece, int], Array]] = {
    (BACKWARD, "seed"): _seed,
    (BACKWARD, "contribute"): _contribute,
    (UPDATE, "update"): _update,
    (FORWARD, "seed"): _start,
    (FORWARD, "tangent"): _tangent,
}
