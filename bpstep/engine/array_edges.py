"""The sorts of edges through functions of arrays.

===============  =========================================  ==================================
edge             from the head back to                      local derivative of a pair
===============  =========================================  ==================================
`ToOperand`      an operand of a function applied cell by   the function's
                 cell
`ToChosen`       a side of ``where``                        1 where it was taken
`ToLargest`      what ``max`` and ``max_pool`` choose from  1 for the chosen one; shares of ties
`ToShare`        what ``softmax`` takes shares of           the Jacobian
`ToOutput`       the outputs of a cost                      the cost's
===============  =========================================  ==================================

Those through sums are in `bpstep.engine.array_factors`; the pairs of cells in `bpstep.engine.array_pairs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpstep.engine.array_pairs import Listed
from bpstep.engine.costs import Cost
from bpstep.engine.edges import OfFunction
from bpstep.engine.softmax import jacobian, share_of
from bpstep.engine.specs import Array, Places
from bpstep.engine.steps import Factor
from bpstep.engine.vectors import Mask, Reader, Said, Values
from bpstep.engine.wording import slope_of_cost, slope_of_function, slope_of_share
from bpstep.lazily import dataclass

__all__ = ["ToChosen", "ToLargest", "ToOperand", "ToOutput", "ToShare"]


# --- functions, cell by cell -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ToOperand(OfFunction, Listed):
    """To an operand of a function that is applied cell by cell.  ``operands`` are its sources by their number, and
    constants."""

    operands: tuple[int | float, ...] = field(kw_only=True)

    def arguments(self, values: Values) -> list[Array]:
        given = self.meeting.arguments(values, self.operands)
        if self.in_step:
            return given
        both = zip(self.operands, given, strict=True)
        return [numbers if isinstance(o, float) else self._at_pairs(numbers) for o, numbers in both]

    def results(self, values: Values) -> Array:
        return self._at_pairs(values[self.head.id])

    def _at_pairs(self, numbers: Array) -> Array:
        """Numbers of the head's cells, (samples or 1, cells), at each pair."""
        return numbers if self.in_step else numbers[:, self.pairs.heads]

    def changed_operand(self, operand: int, changed: Sequence[Mask]) -> Mask:
        return self.changed_at_pairs(changed, operand)

    def changed_result(self, changed: Sequence[Mask]) -> Mask:
        found: Mask = changed[self.head.id][self.pairs.heads]
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        operands = self.meeting.read_each(read, self.operands, i)
        return slope_of_function(self.of, self.which, read(self.head, i), operands)


@dataclass(frozen=True, eq=False)
class ToChosen(Listed):
    """To a side of ``where``: 1 where it was taken.  The mask is source 0; ``if_set`` is whether this side is taken
    where the mask is not 0."""

    if_set: bool = field(kw_only=True)

    def local(self, values: Values) -> Array:
        found = np.where((self.read_at_pairs(values, 0) != 0.0) == self.if_set, 1.0, 0.0)
        return np.broadcast_to(found, (len(values[self.head.id]), found.shape[1]))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return self.changed_at_pairs(changed, 0)

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        names = {"m": read(*self.meeting.cell(0, i, 0))}
        return Said("1 - [{m} == 0]" if self.if_set else "[{m} == 0]", names)


# --- what looks at several cells ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ToLargest(Listed):
    """To the cells of which the largest is taken.

    Ties of ``max`` share the derivative equally, of a pool (``first_only``) the first of them takes all: PyTorch's
    conventions.
    """

    first_only: bool = field(kw_only=True)
    role: ClassVar[str] = "choice"

    def local(self, values: Values) -> Array:
        met = self.meeting.numbers(values, 0, missing=-np.inf)  # (samples, heads, terms)
        best = values[self.head.id][:, :, np.newaxis]
        if self.first_only:
            shares = np.zeros(met.shape)
            np.put_along_axis(shares, np.argmax(met == best, axis=2)[:, :, np.newaxis], 1.0, axis=2)
        else:
            ties = (met == best) * 1.0
            shares = ties / np.maximum(ties.sum(axis=2, keepdims=True), 1.0)
        shares = np.where(np.isnan(best), np.nan, shares)
        found: Array = shares[:, self.pairs.heads, self.pairs.terms]
        return np.broadcast_to(found, (len(values[self.head.id]), found.shape[1]))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        cells = self.meeting.sources[0].changed(changed)
        table = self.meeting.index[0]
        groups: Mask = np.any((table >= 0) & cells[np.maximum(table, 0)], axis=1)
        return groups[self.pairs.heads]

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        own, best = read(self.tail, j), read(self.head, i)
        names = {"a": own, "y": best}
        met = [read(*self.meeting.cell(0, i, int(k))) for k in self.meeting.own_terms(i)]
        ties = sum(factor.value == best.value for factor in met)
        if ties < 2 or own.value != best.value:
            return Said("[{a} == {y}]", names)
        if not self.first_only:
            return Said(f"[{{a}} == {{y}}] / {ties}", names, f"{ties} ties in max share equally")
        is_first = next(factor.cell for factor in met if factor.value == best.value) == own.cell
        return Said("1" if is_first else "0", {}, "of ties in a pool the first takes all")

    def sides(self, values: Values) -> Array | None:
        return self.local(values)


@dataclass(frozen=True, eq=False)
class ToShare(Listed):
    """To the cells of which ``softmax`` takes shares: every share hears all cells of its group."""

    role: ClassVar[str] = "activation"
    couples: ClassVar[bool] = True

    @cached_property
    def _heard(self) -> Places:
        """The head's cell that is the share of the pair's tail."""
        groups = self.meeting.index[0]
        return groups[self.pairs.heads, self.pairs.terms]  # heads and cells of the operand are numbered alike

    def is_own(self, i: int, j: int) -> bool:
        return int(self._heard[self.pair(i, j)]) == i

    @property
    def _own(self) -> Mask:
        found: Mask = self._heard == self.pairs.heads
        return found

    def local(self, values: Values) -> Array:
        y = values[self.head.id]
        whole = self.meeting.sources[0].is_whole
        if whole and self.meeting.terms == self.head.size:
            return jacobian(y).reshape(len(y), -1)  # one group; the Jacobian is symmetric
        of_head, of_tail = y[:, self.pairs.heads], y[:, self._heard]
        return np.where(self._own, of_head * (1.0 - of_head), -of_head * of_tail)

    def diagonal(self, numbers: Array) -> Array:
        return np.where(self._own, numbers[:, self.pairs.heads], 0.0)

    def reads(self, changed: Sequence[Mask]) -> Mask:
        y = changed[self.head.id]
        found: Mask = np.logical_or(y[self.pairs.heads], y[self._heard])
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        numbers = self.meeting.index[0][i].tolist()

        def cell(head: int) -> Factor:
            return read(*self.meeting.cell(0, i, numbers.index(head)))

        def share(head: int) -> tuple[str, dict[str, Factor]]:
            return share_of([cell(number) for number in numbers], numbers.index(head))

        other = int(self._heard[self.pair(i, j)])
        return slope_of_share(i, other, lambda k: read(self.head, k), cell, share, in_order=in_order)


@dataclass(frozen=True, eq=False)
class ToOutput(Listed):
    """From a cost to the outputs (source 0); the targets are source 1."""

    cost: Cost = field(kw_only=True)
    role: ClassVar[str] = "cost"

    def local(self, values: Values) -> Array:
        y, t = self.read_at_pairs(values, 0), self.read_at_pairs(values, 1)
        found = self.cost.slope(y, t, self.meeting.terms)
        return np.broadcast_to(found, (len(values[self.head.id]), found.shape[1]))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return self.changed_at_pairs(changed, 0) | self.changed_at_pairs(changed, 1)

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        y, t = (read(*self.read(source, i, j)) for source in (0, 1))
        return slope_of_cost(self.cost, y, t, self.meeting.terms)

    def sides(self, values: Values) -> Array | None:
        return self.cost.sides(self.read_at_pairs(values, 0), self.read_at_pairs(values, 1))
