"""Which axis is which: an array of a learner's, laid so that it fits its slot.

Weights may be (neurons, sources) or (sources, neurons), activations a row or a column for each sample, and a
bias is written as (n,), (n, 1) or (1, n).  The shape decides; where it leaves two ways open (a square matrix), the
other arrays of the file do, or ``--layout``, and at last the numbers themselves: the way in which they agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.comparison.sheet import Sheet, Slot
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["LAYOUTS", "Fit", "expected_shapes", "fits"]

#: How weights may lie: rows are neurons, or rows are sources.
LAYOUTS = ("out,in", "in,out")


@dataclass(frozen=True, eq=False)
class Fit:
    """One way to lay an array: the numbers as the slot has them, whether that is the other way round than bpstep's, and
    what else was done."""

    numbers: Array
    turned: bool
    note: str = ""


def fits(array: Array, slot: Slot, sheet: Sheet) -> list[Fit]:
    """The ways in which an array fits a slot; bpstep's own first."""
    shape = slot.right.shape
    if slot.key[0] in ("w", "d(w)"):
        return _turned(array, shape) or _per_sample(array, slot, sheet)
    if slot.by_sample and len(shape) == 2:
        return _turned(array, shape) or _of_file(array, slot, sheet)
    if array.size == slot.right.size and _flat(array):
        return [Fit(array.reshape(shape), False)]
    return _per_sample(array, slot, sheet)


def _flat(array: Array) -> bool:
    return sum(int(length) > 1 for length in array.shape) <= 1


def _turned(array: Array, shape: Sequence[int]) -> list[Fit]:
    """As it is, or with its two axes changed; an axis of length 1 may be left out or be one too many."""
    if array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    found = []
    if array.shape == tuple(shape):
        found.append(Fit(array, False))
    if array.ndim == 2 and array.shape == tuple(shape)[::-1] and (array.shape != shape or shape[0] > 1):
        found.append(Fit(array.T, True))
    if not found and 1 in shape and array.size == np.prod(shape) and _flat(array):
        found.append(Fit(array.reshape(shape), False))
    return found


def _of_file(array: Array, slot: Slot, sheet: Sheet) -> list[Fit]:
    """All samples of the file, where only some are in the batch."""
    rows, every = sheet.run.rows(sheet.batch), sheet.run.timeline.samples
    cells = slot.right.shape[1]
    note = f"of its {every} samples those of the batch are compared"
    found = []
    if array.shape == (every, cells) and every > len(rows):
        found.append(Fit(array[list(rows)], False, note))
    if array.shape == (cells, every) and every > len(rows):
        found.append(Fit(array.T[list(rows)], True, note))
    return found


def _per_sample(array: Array, slot: Slot, sheet: Sheet) -> list[Fit]:
    """A gradient for every sample of the batch: the loss adds them up, each with its share."""
    if not slot.is_gradient or sheet.net is None or array.ndim < 2 or array.shape[0] != sheet.samples:
        return []
    ways = _turned(array[0], slot.right.shape) if array.ndim == 3 else [Fit(array[0], False)]
    total = array.sum(axis=0) * sheet.net.share
    verb = "averaged" if sheet.net.share < 1.0 else "added up"
    note = f"its {len(array)} samples are {verb}"
    return [
        Fit(total.T if way.turned else total, way.turned, note)
        for way in ways
        if way.numbers.shape == slot.right.shape
    ]


def expected_shapes(slot: Slot) -> str:
    """The shapes that would fit, in words."""
    shape = slot.right.shape
    if len(shape) == 2 and shape[0] != shape[1]:
        return f"{shape} or {shape[::-1]}"
    return f"{shape}" if shape else "a single number"
