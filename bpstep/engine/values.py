"""The values that a run of steps writes, all at once.

A debugger that looks for "the first local derivative below 0.01" among 300,000 steps can not describe each of
them.  `piece_values` gives the values after every step of a `Piece`, one row a neuron, from the arrays of the
pass: the same numbers, to the last bit, that `describe` would give one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.engine.describe import Describer
from bpstep.engine.describe.update import flat_index
from bpstep.engine.graph import Coupled, Edge, Through, ToWeights, WeightedSum, side_by_side
from bpstep.engine.schedule import Piece
from bpstep.engine.specs import Array
from bpstep.engine.sums import running_sum

__all__ = ["piece_values"]


def piece_values(batch: Describer, piece: Piece, sample: int) -> Array:
    """The value after each step of a piece, (rows, width), for one sample of the batch."""
    with np.errstate(all="ignore"):
        return _VALUES[piece.kind](batch, piece, sample)


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
}
