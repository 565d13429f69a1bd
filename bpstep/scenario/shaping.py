"""Cells in a shape: what indices, ``.T``, ``reshape``, ``concat``, ``stack`` and ``rows`` leave, without any number.

A `Cells` knows of each of its cells the array that it was taken from and its number there, so a part of a part is one
more `Cells`, and NumPy's own indexing does the arithmetic.

    >>> X = Cells.whole("X", (2, 3))
    >>> X.transposed().numbers.tolist()
    [[0, 3], [1, 4], [2, 5]]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod

import numpy as np

from bpstep.engine.specs import Places, Taken
from bpstep.lazily import dataclass
from bpstep.scenario.shapes import Shape

__all__ = ["Cells"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of ``arrays`` in a shape: all cells of the only array in their order, or those that are ``picked``."""

    arrays: tuple[str, ...]
    shape: Shape
    picked: Taken | None = None

    @classmethod
    def whole(cls, array: str, shape: Shape) -> Cells:
        """All cells of an array."""
        return cls((array,), shape)

    @classmethod
    def of(cls, arrays: tuple[str, ...], which: Places, places: Places) -> Cells:
        """Some cells of arrays; arrays of which no cell is left are forgotten."""
        used, renumbered = np.unique(which, return_inverse=True)
        kept = tuple(arrays[k] for k in used)
        return cls(kept, places.shape, Taken(kept, renumbered.reshape(places.shape).astype(np.intp), places))

    @cached_property
    def taken(self) -> Taken:
        """The cells, one by one."""
        if self.picked is not None:
            return self.picked
        count = prod(self.shape)
        return Taken(
            self.arrays, np.zeros(self.shape, np.intp), np.arange(count, dtype=np.intp).reshape(self.shape)
        )

    @property
    def numbers(self) -> Places:
        """The number of each cell in its array."""
        return self.taken.places

    def is_all_of(self, shape: Shape) -> bool:
        """Whether it is the whole of one array, which has this shape."""
        if self.picked is None:
            return True
        if len(self.arrays) != 1 or self.shape != shape:
            return False
        return bool(np.array_equal(self.numbers.reshape(-1), np.arange(prod(shape))))

    def part(self, indices: tuple[int | slice, ...]) -> Cells:
        """What NumPy's indices leave."""
        taken = self.taken
        return Cells.of(self.arrays, np.asarray(taken.which[indices]), np.asarray(taken.places[indices]))

    def transposed(self) -> Cells:
        """The same with the last two axes swapped; of fewer than two axes the same."""
        if len(self.shape) < 2:
            return self
        taken = self.taken
        return Cells.of(self.arrays, np.swapaxes(taken.which, -1, -2), np.swapaxes(taken.places, -1, -2))

    def reshaped(self, shape: Shape) -> Cells:
        """The same cells in another shape."""
        return Cells.of(self.arrays, self.taken.which.reshape(shape), self.taken.places.reshape(shape))

    def rows(self, numbers: Places) -> Cells:
        """Its rows of these numbers (from 0), one behind the other, as often as they are named."""
        return Cells.of(self.arrays, self.taken.which[numbers], self.taken.places[numbers])

    @staticmethod
    def joined(operands: Sequence[Cells], axis: int) -> Cells:
        """Cells laid end to end along an axis."""
        arrays: dict[str, int] = {}
        which = []
        for one in operands:
            numbers = [arrays.setdefault(name, len(arrays)) for name in one.arrays]
            which.append(np.array(numbers, np.intp)[one.taken.which])
        places = np.concatenate([one.numbers for one in operands], axis)
        return Cells.of(tuple(arrays), np.concatenate(which, axis), places)

    @staticmethod
    def stacked(operands: Sequence[Cells], axis: int) -> Cells:
        """Cells laid side by side along a new axis."""
        wide = [one.reshaped((*one.shape[:axis], 1, *one.shape[axis:])) for one in operands]
        return Cells.joined(wide, axis)
