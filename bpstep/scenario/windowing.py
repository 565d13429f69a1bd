"""Functions whose window moves over a picture or a line: the convolution, and the pools."""

from __future__ import annotations

from math import prod

from bpstep.engine.specs import Window
from bpstep.scenario.calls import Called, MeaningError, constants, whole_number
from bpstep.scenario.making import Maker
from bpstep.scenario.shapes import ShapeError, convolved, pooled
from bpstep.scenario.shaping import Cells

__all__ = ["conv", "max_pool", "mean_pool", "sum_pool"]


def conv(maker: Maker, call: Called) -> Cells:
    """The cross-correlation of a picture, or a line, with a kernel."""
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
    given = constants(call, 1)
    if ("size" in call.settings) == bool(given):
        raise MeaningError("expected the size of the window, once")
    given = given or [call.settings["size"]]
    if len(given) not in (1, axes):
        raise MeaningError(f"{len(given)} sizes; expected one, or one for each of {axes} axes")
    sizes = tuple(whole_number(value, "size", 1) for value in given)
    return sizes if len(sizes) == axes else sizes * axes


def max_pool(maker: Maker, call: Called) -> Cells:
    """The largest cell under each place of a window."""
    return _pool(maker, call, "max-pool")[0]


def sum_pool(maker: Maker, call: Called) -> Cells:
    """The sum of the cells under each place of a window."""
    return _pool(maker, call, "sum-pool")[0]


def mean_pool(maker: Maker, call: Called) -> Cells:
    """The mean of the cells under each place of a window: their sum, then divided."""
    pool, cells = _pool(maker, call, "sum-pool")
    return maker.cellwise("div", pool, float(cells))
