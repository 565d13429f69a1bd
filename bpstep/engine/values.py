"""What a run of steps writes, all at once.

A debugger that looks for "the first local derivative below 0.01" among 300,000 steps can not describe each of
them.  `piece_values` gives the values after every step of a `Piece` within its `Block`, one row a neuron, from the
arrays of the pass: the same numbers, to the last bit, that a `Describer` gives one by one.  `piece_parts` says
which contribution each of them is, and `piece_ops` what they do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.describe import Describer
from bpstep.engine.describe.tangent import tangent_sums
from bpstep.engine.describe.update import flat_index
from bpstep.engine.graph import (
    CostSlope,
    CostSum,
    Coupled,
    Edge,
    Through,
    ToWeights,
    WeightedSum,
    side_by_side,
)
from bpstep.engine.passes import Setup
from bpstep.engine.schedule import Block, Piece
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import contributions_to

__all__ = ["Counts", "piece_ops", "piece_parts", "piece_values"]

Counts = NDArray[np.int64]

#: The op of a piece's steps, where all of them do the same and the piece is called otherwise.
_OPS = {
    "decay": "contribute", "penalty": "reduce", "start": "seed", "loss-tangent": "tangent",
    "penalty-tangent": "tangent",
}  # fmt: skip


def piece_ops(setup: Setup, piece: Piece) -> tuple[str, ...]:
    """The ops of a row of a piece, over and over: ``("local", "contribute")`` where each contribution has its local."""
    if piece.kind == "learn":
        return (*("state" for _ in setup.optimizer.states), "update")
    if piece.kind in ("gather", "tangent"):
        op = "contribute" if piece.kind == "gather" else "tangent"
        return ("local", op) if piece.stride == 2 else (op,)
    return (_OPS.get(piece.kind, piece.kind),)


def piece_values(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """The value after each step of a piece, (rows of the block, width), for one sample of the batch.

    Of a batch in which a value was edited, it describes the last era only.
    """
    with np.errstate(all="ignore"):
        if piece.kind in _OF_BLOCK:
            return _OF_BLOCK[piece.kind](batch, block, piece, sample)
        rows = slice(block.first_row, block.first_row + len(block.nodes))
        return _VALUES[piece.kind](batch, piece, sample)[rows]


def piece_parts(batch: Describer, block: Block, piece: Piece, sample: int) -> Counts:
    """Which contribution each step of a piece is, from 1, (rows of the block, width); 1 where a cell has only one."""
    rows, columns = len(block.nodes), np.arange(piece.width)
    samples = batch.numbers.samples
    if piece.kind == "cost":
        return np.broadcast_to(np.arange(1, rows + 1)[:, np.newaxis], (rows, piece.width))
    if piece.kind in ("gather", "tangent") and not piece.vector.is_parameter:
        last = columns % piece.stride == piece.stride - 1
        found = np.where(last, columns // piece.stride + 1 + _before(batch, block, piece), 1)
    elif piece.kind == "term":
        found = columns + 1
    else:
        own = {
            "bias": _bias_part(piece), "reduce": sample + 1, "gather": sample + 1, "loss-tangent": sample + 1,
            "penalty": samples + 1, "decay": samples + 1, "penalty-tangent": _tangents_of_loss(batch, piece),
        }  # fmt: skip
        found = np.full(piece.width, own.get(piece.kind, 1))
    return np.broadcast_to(found, (rows, piece.width))


def _bias_part(piece: Piece) -> int:
    return len(piece.operation.weights.columns) + 1 if isinstance(piece.operation, WeightedSum) else 1


def _tangents_of_loss(batch: Describer, piece: Piece) -> int:
    return len(batch.numbers.loss_tangent_sums) if piece.kind == "penalty-tangent" else 1


def _before(batch: Describer, block: Block, piece: Piece) -> int:
    """How many tangents arrive at the cost before the one of this block: each output has a block of its own."""
    if piece.kind != "tangent" or not isinstance(piece.operation, CostSum):
        return 0
    arriving = contributions_to(piece.operation, 0, batch.numbers.setup.reached)
    return [place for _, place in arriving].index(block.first_row)


# --- a function for each kind of piece: the values of all rows of its vector ---------------------------------


def _term(batch: Describer, piece: Piece, sample: int) -> Array:
    operation, values = piece.operation, batch.numbers.values
    assert isinstance(operation, WeightedSum)
    products = values[operation.weights.id] * side_by_side(operation.sources, values)[sample]
    return running_sum(products.T).T


def _finished(batch: Describer, piece: Piece, sample: int) -> Array:
    column: Array = batch.numbers.values[piece.vector.id][sample][:, np.newaxis]
    return column


def _cost(batch: Describer, piece: Piece, sample: int) -> Array:
    return batch.numbers.cost_sums[:, sample : sample + 1]


def _loss(batch: Describer, piece: Piece, sample: int) -> Array:
    place = sample if piece.kind == "reduce" else batch.numbers.samples
    return batch.numbers.loss_sums[place : place + 1, np.newaxis]


def _seed(batch: Describer, piece: Piece, sample: int) -> Array:
    return batch.numbers.derivative(piece.vector.id)[sample : sample + 1]


def _gather(batch: Describer, piece: Piece, sample: int) -> Array:
    if piece.vector.is_parameter:
        return _gather_parameter(batch, piece, sample)
    products = np.concatenate([_products(batch, edge, sample) for edge in piece.edges])
    sums = batch.numbers.setup.rule.gathering(products).T
    if piece.stride == 1:
        return sums
    slopes = np.concatenate([_slopes(batch, edge, sample) for edge in piece.edges]).T
    return np.stack([slopes, sums], axis=2).reshape(sums.shape[0], -1)


def _products(batch: Describer, edge: Edge, sample: int) -> Array:
    """Upstream times local over one edge, (contributions, cells)."""
    upstream, local = batch.sums.upstream_values(edge, sample), batch.numbers.local_of(edge.id)
    if isinstance(edge, Through):
        return upstream[:, np.newaxis] * local
    if isinstance(edge, Coupled):
        products: Array = upstream[:, np.newaxis] * local[sample]
        return products
    one: Array = (upstream * local[sample])[np.newaxis]
    return one


def _slopes(batch: Describer, edge: Edge, sample: int) -> Array:
    local = batch.numbers.local_of(edge.id)[sample]
    slopes: Array = local if isinstance(edge, Coupled) else local[np.newaxis]
    return slopes


def _gather_parameter(batch: Describer, piece: Piece, sample: int) -> Array:
    """The gradient of every parameter of a vector, as far as this sample has brought it."""
    (edge,) = piece.edges
    numbers = batch.numbers
    upstream, local = numbers.derivative(edge.head.id), numbers.local_of(edge.id)
    total: Array | None = None
    product: Array
    for s in range(sample + 1):
        if isinstance(edge, ToWeights):
            product = upstream[s][:, np.newaxis] * local[s]
        else:
            product = (upstream[s] * local[s])[:, np.newaxis]
        overwrites = numbers.setup.rule.overwrites
        total = product if total is None or overwrites else np.add(total, product)
    assert total is not None
    return total


def _decay(batch: Describer, piece: Piece, sample: int) -> Array:
    return batch.numbers.derivative(piece.vector.id)


def _learn(batch: Describer, piece: Piece, sample: int) -> Array:
    update, vector = batch.update, piece.vector
    assert update is not None
    rows, columns = len(vector.names), max(1, len(vector.columns))
    first = flat_index(batch.numbers.graph, vector, 0, 0)
    part = slice(first, first + rows * columns)
    arrays = [*(states[part] for states in update.new_states), update.parameters[part]]
    return np.stack(arrays, axis=1).reshape(rows, -1)


def _start(batch: Describer, piece: Piece, sample: int) -> Array:
    return np.ones((len(piece.vector.names), 1))


def _loss_tangent(batch: Describer, piece: Piece, sample: int) -> Array:
    place = sample if piece.kind == "loss-tangent" else -1
    return batch.numbers.loss_tangent_sums[[place], np.newaxis]


def _tangent(batch: Describer, block: Block, piece: Piece, sample: int) -> Array:
    """The tangents of a block's rows, each with its local derivative before it where that has a step."""
    operation, numbers = piece.operation, batch.numbers
    assert operation is not None
    first, rows = block.first_row, range(block.first_row, block.first_row + len(block.nodes))
    if isinstance(operation, CostSum):
        rows, k = range(1), _before(batch, block, piece)
        sums = [tangent_sums(numbers, operation, sample, 0)[k : k + 1]]
    else:
        sums = [tangent_sums(numbers, operation, sample, row) for row in rows]
    if piece.stride == 1:
        return np.stack(sums)
    slopes = [_tangent_slopes(batch, piece, sample, first + k) for k in range(len(rows))]
    return np.stack([np.stack(slopes), np.stack(sums)], axis=2).reshape(len(rows), -1)


def _tangent_slopes(batch: Describer, piece: Piece, sample: int, row: int) -> Array:
    """The local derivatives before the tangents of one row."""
    found = np.empty(len(piece.edges))
    for k, (edge, place) in enumerate(zip(piece.edges, piece.places, strict=True)):
        local = batch.numbers.local_of(edge.id)[sample]
        if isinstance(edge, Coupled):
            found[k] = local[row, place]
        else:
            found[k] = local[place if isinstance(edge, CostSlope) else row]
    return found


_VALUES: dict[str, Callable[[Describer, Piece, int], Array]] = {
    "term": _term,
    "bias": _finished,
    "apply": _finished,
    "cost": _cost,
    "reduce": _loss,
    "penalty": _loss,
    "seed": _seed,
    "gather": _gather,
    "decay": _decay,
    "learn": _learn,
    "start": _start,
    "loss-tangent": _loss_tangent,
    "penalty-tangent": _loss_tangent,
}

#: Of these the rows of a block are not simply rows of the vector.
_OF_BLOCK: dict[str, Callable[[Describer, Block, Piece, int], Array]] = {
    "tangent": _tangent,
}
