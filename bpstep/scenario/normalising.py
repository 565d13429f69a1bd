"""Mean, variance and the normalisations, written in terms of single operations so that each has its steps.

    x̄ = Σ x / n      σ² = Σ (x − x̄)² / n      y = gain · (x − x̄) / √(σ² + eps) + shift

The operations that give x̄ and σ² are marked as the statistics of a normalisation: a student who takes them for
constants loses the ways back through them.
"""

from __future__ import annotations

from math import prod

from bpstep.scenario.making import Maker, Operand
from bpstep.scenario.shapes import Sized, without
from bpstep.scenario.shaping import Cells

__all__ = ["batch_norm", "keeping", "layer_norm", "mean_over", "variance"]


def keeping(maker: Maker, cells: Cells, axis: int | None) -> Cells:
    """What an operation over an axis has left, with one cell along it, so that it goes along with the operand."""
    if axis is None:
        return cells
    shape = (*cells.shape[:axis], 1, *cells.shape[axis:])
    return maker.shaped(shape, lambda: cells.reshaped(shape))


def mean_over(maker: Maker, cells: Cells, axis: int | None, *, is_statistic: bool = False) -> Cells:
    """The mean over an axis, or over all cells."""
    count = prod(cells.shape) if axis is None else cells.shape[axis]
    shape = without(Sized("", cells.shape), axis)
    total = maker.make("sum", (cells,), shape, terms=count, axis=axis)
    return maker.cellwise("div", total, float(count), is_statistic=is_statistic)


def variance(
    maker: Maker, cells: Cells, mean: Cells, axis: int | None, *, is_statistic: bool = False
) -> tuple[Cells, Cells]:
    """The mean of the squared distances from the mean, and the distances."""
    distance = maker.cellwise("sub", cells, keeping(maker, mean, axis))
    squared = maker.cellwise("pow", distance, 2.0)
    return mean_over(maker, squared, axis, is_statistic=is_statistic), distance


def layer_norm(maker: Maker, cells: Cells, gain: Operand, shift: Operand, eps: float) -> Cells:
    """Normalised over the last axis: each sample by itself."""
    return _normalised(maker, cells, gain, shift, eps, len(cells.shape) - 1)


def batch_norm(maker: Maker, cells: Cells, gain: Operand, shift: Operand, eps: float) -> Cells:
    """Normalised over the first axis: each feature over the samples."""
    return _normalised(maker, cells, gain, shift, eps, 0)


def _normalised(maker: Maker, cells: Cells, gain: Operand, shift: Operand, eps: float, axis: int) -> Cells:
    mean = mean_over(maker, cells, axis, is_statistic=True)
    spread, distance = variance(maker, cells, mean, axis, is_statistic=True)
    width = maker.cellwise("sqrt", maker.cellwise("add", spread, eps))
    unit = maker.cellwise("div", distance, keeping(maker, width, axis))
    return maker.cellwise("add", maker.cellwise("mul", unit, gain), shift)
