"""The sorts of operations over arrays that add up terms, and what all operations over arrays have in common.

===============  =====================================  =====================
operation        computes                               steps of a cell
===============  =====================================  =====================
`SumOfProducts`  ``@``, ``conv``                        one a term
`Sum`            ``sum``, the sum of a window           one a term
===============  =====================================  =====================

Which cells a term reads, the operation's `Meeting` says; the edges of these operations are in
`bpstep.engine.array_factors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpstep.engine.arrays import Meeting
from bpstep.engine.operation import Operation, Part
from bpstep.engine.specs import Array, Places
from bpstep.engine.sums import ordered_sum
from bpstep.engine.vectors import CellNumber, Mask, Reader, Said, Values, of_sample
from bpstep.lazily import dataclass

__all__ = ["Met", "Sum", "SumOfProducts"]


@dataclass(frozen=True, eq=False)
class Met(Operation):
    """An operation whose terms a ``meeting`` says."""

    meeting: Meeting = field(kw_only=True)
    by_row: ClassVar[bool] = False

    @property
    def met(self) -> Meeting:
        return self.meeting

    def reach(self, changed: Sequence[Mask]) -> Mask:
        found = np.zeros(self.head.size, dtype=bool)
        there = np.all([table >= 0 for table in self.meeting.index], axis=0)  # of the others no term is added
        for source, table in zip(self.meeting.sources, self.meeting.index, strict=True):
            found |= (source.changed(changed)[np.maximum(table, 0)] & there).any(axis=1)
        return found


@dataclass(frozen=True, eq=False)
class _Summed(Met):
    """A sum of terms, seen growing; a cell at the edge of a picture has fewer of them."""

    is_sum: ClassVar[bool] = True

    def factors(self, values: Values, cells: CellNumber, terms: CellNumber) -> Array:
        """The terms of some cells of the head, (samples or 1, *their shape); of what is not there, 0."""
        raise NotImplementedError

    def value(self, values: Values) -> Array:
        heads, terms = np.arange(self.head.size)[np.newaxis], np.arange(self.meeting.terms)[:, np.newaxis]
        return ordered_sum(np.ascontiguousarray(self.factors(values, heads, terms).transpose(1, 0, 2)))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return (Part("term", self.meeting.terms, self.head.names),)

    @cached_property
    def stretches(self) -> tuple[tuple[int, tuple[Part, ...]], ...]:
        if not self.meeting.is_ragged:
            return ((0, self.parts),)
        counts = self.meeting.counts()
        starts = np.flatnonzero(np.diff(counts, prepend=-1)).tolist()
        return tuple(
            (first, (Part("term", int(counts[first]), self.head.names[first:end]),))
            for first, end in zip(starts, [*starts[1:], self.head.size], strict=True)
        )

    def terms(self, values: Values, sample: int, i: int | slice) -> Array:
        rows = np.arange(self.head.size)[i]
        if not self.meeting.is_ragged:
            found = self.factors(values, rows[..., np.newaxis], np.arange(self.meeting.terms))
        elif isinstance(i, slice):
            own = np.stack([self.meeting.own_terms(row) for row in rows.tolist()])
            found = self.factors(values, rows[:, np.newaxis], own)
        else:
            found = self.factors(values, rows, self.meeting.own_terms(i))
        return of_sample(found, sample)

    def term(self, i: int, k: int) -> int:
        """The term that step ``k`` of a cell adds."""
        return int(self.meeting.own_terms(i)[k]) if self.meeting.is_ragged else k


@dataclass(frozen=True, eq=False)
class SumOfProducts(_Summed):
    """Each cell of the head is a sum of products of two cells: ``@`` and ``conv``.

    Where they are whole matrices, (rows, terms) and (terms, columns), ``size`` is (rows, terms, columns), and no table
    is needed.  Of a convolution the left one has the kernels, a row each, and the right one, through ``columns``, the
    cells of the picture under the window, a column for each of its places.
    """

    size: tuple[int, int, int] | None = field(default=None, kw_only=True)
    columns: Places | None = field(default=None, kw_only=True)

    def factors(self, values: Values, cells: CellNumber, terms: CellNumber) -> Array:
        left, right = (
            self.meeting.numbers(values, source, table[cells, terms])
            for source, table in enumerate(self.meeting.index)
        )
        return left * right

    def value(self, values: Values) -> Array:
        if self.size is None:
            return super().value(values)
        rows, terms, columns = self.size
        left, right = (source.array(values) for source in self.meeting.sources)
        if self.columns is not None:  # conv(X, K): the kernels are the second operand
            left, right = right, left[:, self.columns]
        a, b = left.reshape(-1, rows, terms), right.reshape(-1, terms, columns)
        rows_first, columns_first = a.transpose(2, 0, 1), b.transpose(1, 0, 2)
        products = np.multiply(rows_first[:, :, :, np.newaxis], columns_first[:, :, np.newaxis, :], order="C")
        return ordered_sum(products.reshape(terms, products.shape[1], -1))

    def said(self, read: Reader, i: int, k: int) -> Said:
        term = self.term(i, k)
        return Said(
            "{a} * {b}",
            {"a": read(*self.meeting.cell(0, i, term)), "b": read(*self.meeting.cell(1, i, term))},
        )


@dataclass(frozen=True, eq=False)
class Sum(_Summed):
    """Each cell of the head is a sum of cells."""

    def factors(self, values: Values, cells: CellNumber, terms: CellNumber) -> Array:
        return self.meeting.numbers(values, 0, self.meeting.index[0][cells, terms])

    def said(self, read: Reader, i: int, k: int) -> Said:
        return Said("{a}", {"a": read(*self.meeting.cell(0, i, self.term(i, k)))})
