"""What a function of arrays becomes: one operation of the engine, several, or only cells in another shape.

    softmax(A)       one operation
    mean(A)          v1 = sum(A),  v2 = v1 / n
    concat(A, B)     no operation: its cells are those of A and of B

Each function checks the shapes of its operands and says what does not go together (`ShapeError`); how often it may be
called with what is known before (`bpstep.scenario.functions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.specs import Places, Window
from bpstep.lazily import dataclass
from bpstep.scenario.functions import COST_FUNCTIONS
from bpstep.scenario.making import Maker, Operand, shape_of
from bpstep.scenario.normalising import batch_norm, keeping, layer_norm, mean_over, variance
from bpstep.scenario.shapes import (
    MOST_AXES,
    Shape,
    ShapeError,
    Sized,
    broadcast,
    convolved,
    joined,
    multiplied,
    pooled,
    reshaped,
    stacked,
    without,
)
from bpstep.scenario.shaping import Cells

__all__ = ["Called", "MeaningError", "build"]


class MeaningError(ValueError):
    """Something that has no meaning, whatever the shapes are."""


@dataclass(frozen=True)
class Called:
    """A call: its operands with their words, and its settings."""

    function: str
    operands: Sequence[Operand]
    words: Sequence[str]
    settings: Mapping[str, float]

    def cells(self, place: int = 0) -> Cells:
        """An operand that must be an array, of one cell at least."""
        operand = self.operands[place]
        if isinstance(operand, float):
            raise MeaningError(f"expected a variable, not the constant {self.words[place]}")
        return operand

    def sized(self, place: int = 0) -> Sized:
        """An operand with its shape."""
        return Sized(self.words[place], shape_of(self.operands[place]))

    def all(self) -> tuple[list[Cells], list[Sized]]:
        """All operands, which must be arrays."""
        places = range(len(self.operands))
        return [self.cells(place) for place in places], [self.sized(place) for place in places]

    def axis(self, default: int | None, axes: int | None = None) -> int | None:
        """The axis that is set, from 0; it is one of ``axes``, or of those of the first operand."""
        if "axis" not in self.settings:
            return default
        axes = len(self.sized().shape) if axes is None else axes
        number = self.settings["axis"]
        if not (number.is_integer() and 1 <= number <= axes):
            has = f"axes 1 to {axes}" if axes > 1 else "axis 1 only" if axes else "no axis"
            raise ShapeError(f"there is no axis {number:g}; {self.words[0]} has {has}")
        return int(number) - 1

    def last_axis(self) -> int:
        """The axis that is set, or the last one."""
        axes = len(self.sized().shape)
        axis = self.axis(axes - 1)
        if axis is None or not axes:
            raise ShapeError(f"{self.words[0]} is one number; expected an array")
        return axis

    def whole(self, setting: str, default: int, least: int) -> int:
        """A setting that is a whole number."""
        value = self.settings.get(setting, float(default))
        return _whole(value, setting, least)


def _whole(value: float, what: str, least: int) -> int:
    if not value.is_integer() or not least <= value <= 10**9:
        raise MeaningError(f"{what} is {value:g}; expected a whole number from {least} on")
    return int(value)


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


# --- windows ------------------------------------------------------------------------------------------------


def _conv(maker: Maker, call: Called) -> Cells:
    (x, kernel), (sized_x, sized_kernel) = call.all()
    stride, padding = call.whole("stride", 1, 1), call.whole("padding", 0, 0)
    shape = convolved(sized_x, sized_kernel, stride, padding)
    axes = 1 if len(kernel.shape) in (1, 3) else 2
    window = Window(kernel.shape[-axes:], (stride,) * axes, (padding,) * axes)
    terms = prod(kernel.shape[1:] if len(kernel.shape) > 2 else kernel.shape)
    return maker.make("conv", (x, kernel), shape, terms=terms, window=window)


def _pool(maker: Maker, call: Called, function: str) -> tuple[Cells, int]:
    """A pool, and the cells of its window."""
    cells, sized = call.cells(), call.sized()
    axes = min(len(cells.shape), 2)
    if not 1 <= len(cells.shape) <= 3:
        raise ShapeError("expected a line, a picture (rows, columns), or (channels, rows, columns)")
    size = _size(call, axes)
    stride = (call.whole("stride", 1, 1),) * axes if "stride" in call.settings else size
    window = Window(size, stride, (0,) * axes)
    shape = pooled(sized, size, stride)
    return maker.make(function, (cells,), shape, terms=prod(size), window=window), prod(size)


def _size(call: Called, axes: int) -> tuple[int, ...]:
    """The size of a window: one number for all of its axes, or a number for each."""
    given = _constants(call, 1)
    if ("size" in call.settings) == bool(given):
        raise MeaningError("expected the size of the window, once")
    given = given or [call.settings["size"]]
    if len(given) not in (1, axes):
        raise MeaningError(f"{len(given)} sizes; expected one, or one for each of {axes} axes")
    sizes = tuple(_whole(value, "size", 1) for value in given)
    return sizes if len(sizes) == axes else sizes * axes


def _constants(call: Called, first: int) -> list[float]:
    """The operands from a place on, which must be constants."""
    found = [operand for operand in call.operands[first:] if isinstance(operand, float)]
    if len(found) < len(call.operands) - first:
        raise MeaningError("expected whole numbers behind the array")
    return found


def _max_pool(maker: Maker, call: Called) -> Cells:
    return _pool(maker, call, "max-pool")[0]


def _sum_pool(maker: Maker, call: Called) -> Cells:
    return _pool(maker, call, "sum-pool")[0]


def _mean_pool(maker: Maker, call: Called) -> Cells:
    pool, cells = _pool(maker, call, "sum-pool")
    return maker.cellwise("div", pool, float(cells))


# --- shapes -------------------------------------------------------------------------------------------------


def _transpose(maker: Maker, call: Called) -> Cells:
    cells = call.cells()
    shape = (*cells.shape[:-2], *cells.shape[:-3:-1])
    return maker.shaped(shape, cells.transposed)


def _reshape(maker: Maker, call: Called) -> Cells:
    cells = call.cells()
    shape: Shape = tuple(_whole(value, "an axis of the new shape", 1) for value in _constants(call, 1))
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
    "conv": _conv,
    "max_pool": _max_pool,
    "sum_pool": _sum_pool,
    "mean_pool": _mean_pool,
    "transpose": _transpose,
    "reshape": _reshape,
    "concat": _concat,
    "stack": _stack,
    "rows": _rows,
    "detach": _detach,
    "where": _where,
}
