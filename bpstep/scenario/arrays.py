"""What a function of arrays becomes: one operation of the engine, several, or only cells in another shape.

    softmax(A)       one operation
    mean(A)          v1 = sum(A),  v2 = v1 / n
    concat(A, B)     no operation: its cells are those of A and of B

Each function checks the shapes of its operands and says what does not go together (`ShapeError`); how often it may be
called with what is known before (`bpstep.scenario.functions`).
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.specs import Places
from bpstep.scenario.calls import Called, MeaningError, constants, whole_number
from bpstep.scenario.functions import COST_FUNCTIONS
from bpstep.scenario.making import Maker, Operand, shape_of
from bpstep.scenario.normalising import batch_norm, keeping, layer_norm, mean_over, variance
from bpstep.scenario.shapes import (
    MOST_AXES,
    Shape,
    ShapeError,
    Sized,
    broadcast,
    joined,
    multiplied,
    reshaped,
    stacked,
    without,
)
from bpstep.scenario.shaping import Cells
from bpstep.scenario.windowing import conv, max_pool, mean_pool, sum_pool

__all__ = ["build"]


def build(maker: Maker, call: Called) -> Cells:
    """The cells that a call gives.  Raises `ShapeError` and `MeaningError`."""
    if call.function in COST_FUNCTIONS:
        return _cost(maker, call)
    return _BUILD[call.function](maker, call)


# --- over an axis -------------------------------------------------------------------------------------------


def _product(maker: Maker, call: Called) -> Cells:
    (a, b), (sized_a, sized_b) = call.all()
    return maker.make("matmul", (a, b), multiplied(sized_a, sized_b), terms=a.shape[-1])


def _sum(maker: Maker, call: Called) -> Cells:
    return _over(maker, "sum", call.cells(), call.axis(None))


def _over(maker: Maker, function: str, cells: Cells, axis: int | None) -> Cells:
    """An operation over one axis, or over all cells."""
    shape = without(Sized("", cells.shape), axis)
    terms = prod(cells.shape) if axis is None else cells.shape[axis]
    return maker.make(function, (cells,), shape, terms=terms, axis=axis)


def _max(maker: Maker, call: Called) -> Cells:
    return _over(maker, "largest", call.cells(), call.axis(None))


def _mean(maker: Maker, call: Called) -> Cells:
    return mean_over(maker, call.cells(), call.axis(None))


def _var(maker: Maker, call: Called) -> Cells:
    cells, axis = call.cells(), call.axis(None)
    return variance(maker, cells, mean_over(maker, cells, axis), axis)[0]


def _softmax(maker: Maker, call: Called) -> Cells:
    cells = call.cells()
    axis = call.last_axis()
    return maker.make("softmax", (cells,), cells.shape, axis=axis)


def _log_softmax(maker: Maker, call: Called) -> Cells:
    """x − max − ln Σ e^(x − max): the greatest is a constant, since it cancels whatever it is."""
    cells, axis = call.cells(), call.last_axis()
    greatest = maker.cellwise("detach", _over(maker, "largest", cells, axis))
    below = maker.cellwise("sub", cells, keeping(maker, greatest, axis))
    total = _over(maker, "sum", maker.cellwise("exp", below), axis)
    return maker.cellwise("sub", below, keeping(maker, maker.cellwise("ln", total), axis))


def _layer_norm(maker: Maker, call: Called) -> Cells:
    cells, gain, shift = _normalised(call)
    return layer_norm(maker, cells, gain, shift, call.settings.get("eps", 1e-5))


def _batch_norm(maker: Maker, call: Called) -> Cells:
    cells, gain, shift = _normalised(call)
    return batch_norm(maker, cells, gain, shift, call.settings.get("eps", 1e-5))


def _normalised(call: Called) -> tuple[Cells, Operand, Operand]:
    """What a normalisation is given: the array, and a gain and a shift that go along with it."""
    cells = call.cells()
    if not cells.shape:
        raise ShapeError(f"{call.words[0]} is one number; expected an array")
    if broadcast(*map(call.sized, range(3))) != cells.shape:
        raise ShapeError(f"{call.words[1]} and {call.words[2]} do not go along with {call.words[0]}")
    if call.settings.get("eps", 1.0) < 0.0:
        raise MeaningError(f"eps is {call.settings['eps']:g}; expected a number from 0 on")
    return cells, call.operands[1], call.operands[2]


# --- shapes -------------------------------------------------------------------------------------------------


def _transpose(maker: Maker, call: Called) -> Cells:
    cells = call.cells()
    shape = (*cells.shape[:-2], *cells.shape[:-3:-1])
    return maker.shaped(shape, cells.transposed)


def _reshape(maker: Maker, call: Called) -> Cells:
    cells = call.cells()
    shape: Shape = tuple(whole_number(value, "an axis of the new shape", 1) for value in constants(call, 1))
    reshaped(call.sized(), shape)
    return maker.shaped(shape, lambda: cells.reshaped(shape))


def _concat(maker: Maker, call: Called) -> Cells:
    operands, sized = call.all()
    if any(not one.shape for one in sized):
        raise ShapeError("a single number has no axis to be laid along; expected stack(a, b)")
    axis = call.axis(0) or 0
    return maker.shaped(joined(sized, axis), lambda: Cells.joined(operands, axis))


def _stack(maker: Maker, call: Called) -> Cells:
    operands, sized = call.all()
    if len(sized[0].shape) == MOST_AXES:
        raise ShapeError(f"an array has at most {MOST_AXES} axes")
    axis = call.axis(0, len(sized[0].shape) + 1) or 0
    return maker.shaped(stacked(sized, axis), lambda: Cells.stacked(operands, axis))


def _rows(maker: Maker, call: Called) -> Cells:
    cells, ids = call.cells(), call.operands[1]
    if not cells.shape:
        raise ShapeError(f"{call.words[0]} is one number, without rows")
    shape = (*shape_of(ids), *cells.shape[1:])
    if len(shape) > MOST_AXES:
        raise ShapeError(f"an array has at most {MOST_AXES} axes")
    return maker.shaped(shape, lambda: cells.rows(_numbers(maker, call)))


def _numbers(maker: Maker, call: Called) -> Places:
    """The numbers of the rows that are taken, from 0: a constant of the file, or an input that is nothing else."""
    ids, rows = call.operands[1], call.cells().shape[0]
    if isinstance(ids, Cells):
        if maker.is_learnt_by(ids) or any(maker.inputs[name].is_by_sample for name in ids.arrays):
            raise MeaningError(f"{call.words[1]} says which rows; expected a list in [expression.inputs]")
        maker.ids.update(ids.arrays)
    values = maker.values(ids)
    assert values is not None
    numbers = values[0]
    good = (numbers == np.floor(numbers)) & (numbers >= 1) & (numbers <= rows)
    if not good.all():
        raise ShapeError(f"{numbers[~good].flat[0]:g} is no row; {call.words[0]} has rows 1 to {rows}")
    places: Places = numbers.astype(np.intp) - 1
    return places


# --- what learns nothing ------------------------------------------------------------------------------------


def _detach(maker: Maker, call: Called) -> Cells:
    return maker.cellwise("detach", call.cells())


def _where(maker: Maker, call: Called) -> Cells:
    _check_fixed(maker, call, 0, "the mask")
    shape = broadcast(*map(call.sized, range(3)))
    return maker.make("where", call.operands, shape)


def _check_fixed(maker: Maker, call: Called, place: int, what: str) -> None:
    """Nothing is learnt by a mask or a target, so nothing that is learnt may be in it."""
    operand = call.operands[place]
    if (isinstance(operand, float) or maker.is_learnt_by(operand)) and not maker.only_counts:
        says = "expected an input that is no parameter, or detach(...)"
        raise MeaningError(f"{what} is {call.words[place]}; {says}")


def _cost(maker: Maker, call: Called) -> Cells:
    outputs, targets = call.cells(), call.operands[1]
    _check_fixed(maker, call, 1, "the target")
    assert isinstance(targets, Cells), "a constant has been refused"
    if targets.shape != outputs.shape and prod(targets.shape) == prod(outputs.shape) == 1:
        targets = targets.reshaped(outputs.shape)
    if targets.shape != outputs.shape:
        raise ShapeError(f"expected a target for each cell of {call.words[0]}, in its shape")
    row = COSTS[COST_FUNCTIONS[call.function]]
    known = maker.values(targets)
    if known is not None and (reason := row.refuses(known)):
        raise MeaningError(reason)
    return maker.make(row.name, (outputs, targets), (), terms=prod(outputs.shape))


_BUILD: dict[str, Callable[[Maker, Called], Cells]] = {
    "matmul": _product,
    "sum": _sum,
    "max": _max,
    "mean": _mean,
    "var": _var,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "conv": conv,
    "max_pool": max_pool,
    "sum_pool": sum_pool,
    "mean_pool": mean_pool,
    "transpose": _transpose,
    "reshape": _reshape,
    "concat": _concat,
    "stack": _stack,
    "rows": _rows,
    "detach": _detach,
    "where": _where,
}
