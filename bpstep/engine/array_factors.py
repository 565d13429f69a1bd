"""The sorts of edges through sums: to the factors of a sum of products, and to the terms of a sum.

===============  =========================================  ==================================
edge             from the head back to                      local derivative of a pair
===============  =========================================  ==================================
`ToFactor`       a factor of a sum of products: ``@``,      the cell that it is multiplied with
                 ``conv``
`ToMatrix`       the same, of two whole matrices or         the same, without any list of pairs
                 vectors
`ToKernels`,     the same, of a convolution without         the same
`ToPicture`      padding
`ToTerm`         a term of a sum                            1
===============  =========================================  ==================================

None of these local derivatives has a step of its own: it is a cell, or 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpstep.engine.array_pairs import Listed
from bpstep.engine.specs import Array, Places
from bpstep.engine.vectors import CellNumber, Entry, Mask, Values, of_sample
from bpstep.lazily import dataclass

__all__ = ["ToFactor", "ToKernels", "ToMatrix", "ToPicture", "ToTerm"]


@dataclass(frozen=True, eq=False)
class ToFactor(Listed):
    """To one factor of a sum of products; the local derivative is the other factor, which is a cell of its own."""

    role: ClassVar[str] = "factor"

    @property
    def _other(self) -> int:
        return 1 - self.source

    @cached_property
    def local_by_sample(self) -> bool:  # type: ignore[override]
        return self.meeting.sources[self._other].per_sample

    @cached_property
    def entries(self) -> Places:
        found: Places = self.meeting.index[self._other][self.pairs.heads, self.pairs.terms]
        return found

    def local(self, values: Values) -> Array:
        return self.meeting.sources[self._other].array(values)

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return self.meeting.sources[self._other].changed(changed)

    def stands_for(self, i: int, j: int) -> Entry:
        return self.meeting.sources[self._other].cell(int(self.entries[self.pair(i, j)]))


@dataclass(frozen=True, eq=False)
class ToMatrix(ToFactor):
    """The same for whole matrices, ``A @ B`` of (rows, terms) and (terms, columns): outer products, column by column.

    ``size`` is (rows, terms, columns).
    """

    size: tuple[int, int, int] = field(kw_only=True)
    is_ragged: ClassVar[bool] = False

    @property
    def is_right(self) -> bool:
        """Whether the tail is the right factor."""
        return self.source == 1

    @cached_property
    def uses(self) -> int:
        rows, _, columns = self.size
        return rows if self.is_right else columns

    def uses_of(self, j: int) -> int:
        return self.uses

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        _, terms, columns = self.size
        return k * columns + j % columns if self.is_right else j // terms * columns + k

    def heads_of(self, j: int) -> CellNumber:
        return self.head_of(self._in_order, j)

    def tails(self, i: int) -> Sequence[int]:
        _, terms, columns = self.size
        row, column = divmod(i, columns)
        if self.is_right:
            return range(column, terms * columns, columns)
        return range(row * terms, (row + 1) * terms)

    def entry(self, i: CellNumber, j: CellNumber) -> CellNumber:
        """The other factor's cell by which a cell of the head uses a cell of the tail."""
        _, terms, columns = self.size
        if self.is_right:
            return i // columns * terms + j // columns
        return j % terms * columns + i % columns

    @property
    def is_square(self) -> bool:
        rows, terms, _ = self.size
        return rows == terms and self.is_right

    def turned(self, values: Values) -> Array:
        rows, terms, _ = self.size
        left = self.local(values).reshape(-1, rows, terms)
        return left.transpose(0, 2, 1).reshape(-1, rows * terms)

    def turned_pair(self, i: int, j: int) -> tuple[int, int]:
        columns = self.size[2]
        return j // columns * columns + i % columns, i // columns * columns + j % columns

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[:, self.entry(i, j)]
        return found

    def slope(self, local: Array, sample: int, i: int, j: int) -> float:
        return local.item(sample if len(local) > 1 else 0, self.entry(i, j))

    def slopes_to(self, local: Array, sample: int, heads: CellNumber, j: int) -> Array:
        row: Array = of_sample(local, sample)[self.entry(heads, j)]
        return row

    def stands_for(self, i: int, j: int) -> Entry:
        return self.meeting.sources[self._other].cell(int(self.entry(i, j)))

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        rows, terms, columns = self.size
        samples = max(len(upstream), len(local))
        up = upstream.reshape(-1, rows, columns)
        if self.is_right:  # use r of cell (k, c) of B: upstream (r, c) times A (r, k)
            left = local.reshape(-1, rows, terms).transpose(1, 0, 2)[:, :, :, np.newaxis]
            found = times(left, up.transpose(1, 0, 2)[:, :, np.newaxis, :], order="C")
        else:  # use c of cell (r, k) of A: upstream (r, c) times B (k, c)
            right = local.reshape(-1, terms, columns).transpose(2, 0, 1)[:, :, np.newaxis, :]
            found = times(up.transpose(2, 0, 1)[:, :, :, np.newaxis], right, order="C")
        return self.in_turn(found.reshape(self.uses, samples, self.tail.size))

    def by_entry(self, by_use: Mask) -> Mask:
        raise NotImplementedError("a local derivative that is a cell has no step of its own")

    def depends(self, local: Mask, use: int, j: int) -> bool:
        return bool(local[self.entry(self.head_of(use, j), j)])

    def reach(self, changed: Mask) -> Mask:
        rows, terms, columns = self.size
        found = np.zeros((rows, columns), dtype=bool)
        if self.is_right:
            found |= changed.reshape(terms, columns).any(axis=0)
        else:
            found |= changed.reshape(rows, terms).any(axis=1, keepdims=True)
        flat: Mask = found.reshape(-1)
        return flat

    @property
    def is_dense(self) -> bool:
        return self.uses == self.head.size


@dataclass(frozen=True, eq=False)
class ToKernels(ToMatrix):
    """To the kernels of a convolution: the left factor of (kernels, terms) and (terms, places), where the right one
    has through ``columns``, (terms, places), the cells of the picture under the window at each place."""

    columns: Places = field(kw_only=True)

    @property
    def is_right(self) -> bool:
        return False

    def local(self, values: Values) -> Array:
        return super().local(values)[:, self.columns.reshape(-1)]

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return super().reads(changed)[self.columns.reshape(-1)]

    def stands_for(self, i: int, j: int) -> Entry:
        return self.meeting.sources[self._other].cell(int(self.columns.reshape(-1)[self.entry(i, j)]))


@dataclass(frozen=True, eq=False)
class ToPicture(ToFactor):
    """To the picture of a convolution.  All products are taken at once, kernel by kernel, and then laid where they
    arrive.  ``size`` is (kernels, terms, places)."""

    size: tuple[int, int, int] = field(kw_only=True)

    @cached_property
    def _product(self) -> Places:
        """Which product is each use of each cell: (uses, cells); where there is none, the one behind the last."""
        kernels, terms, places = self.size
        found = np.full((self.uses, self.tail.size), kernels * terms * places)
        kernel, place = np.divmod(self.pairs.heads, places)
        found[self._row, self.pairs.tails] = (kernel * terms + self.pairs.terms) * places + place
        return found

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        kernels, terms, places = self.size
        up, kernel = upstream.reshape(-1, kernels, 1, places), local.reshape(-1, kernels, terms, 1)
        every = times(up, kernel)
        every = every.reshape(len(every), -1)
        and_none = np.concatenate([every, np.zeros((len(every), 1), dtype=every.dtype)], axis=1)
        return self.in_turn(and_none[:, self._product].transpose(1, 0, 2))


@dataclass(frozen=True, eq=False)
class ToTerm(Listed):
    """To the terms of a sum: the local derivative is 1."""

    local_by_sample: ClassVar[bool] = False

    @cached_property
    def entries(self) -> Places:
        return np.zeros(len(self.pairs.heads), dtype=np.intp)

    def local(self, values: Values) -> Array:
        return np.ones((1, 1))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return np.zeros(1, dtype=bool)

    def one_over(self, samples: int) -> int:
        return 1
