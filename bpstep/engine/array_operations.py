"""The sorts of operations over arrays: what the forward pass computes, in which steps, and how a step reads.

===============  =====================================  =====================
operation        computes                               steps of a cell
===============  =====================================  =====================
`SumOfProducts`  ``@``, ``conv``                        one a term
`Sum`            ``sum``, the sum of a window           one a term
`CellByCell`     a function, with broadcasting          one
`Largest`        ``max``, ``max_pool``                  one
`Shares`         ``softmax``                            one
`Choice`         ``where``                              one
`Detached`       ``detach``: goes on, but not back      one
`CostOf`         a cost, summed over all cells          one
===============  =====================================  =====================

Which cells a term reads, the operation's `Meeting` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpstep.engine import cells
from bpstep.engine.arrays import Meeting
from bpstep.engine.costs import Cost
from bpstep.engine.functions import Function, constant_text
from bpstep.engine.operation import Operation, Part, ShareOf
from bpstep.engine.softmax import WRITTEN_OUT, share_of
from bpstep.engine.specs import Array, Places
from bpstep.engine.steps import Factor
from bpstep.engine.sums import ordered_sum, running_sum
from bpstep.engine.vectors import Index, Mask, Reader, Said, Values, Vector, of_sample
from bpstep.engine.wording import applied
from bpstep.lazily import dataclass

__all__ = ["CellByCell", "Choice", "CostOf", "Detached", "Largest", "Shares", "Sum", "SumOfProducts"]


@dataclass(frozen=True, eq=False)
class _Met(Operation):
    """An operation whose terms a ``meeting`` says."""

    meeting: Meeting = field(kw_only=True)
    by_row: ClassVar[bool] = False

    def met(self, values: Values, source: int) -> Array:
        """What each term reads of a source, (samples or 1, cells of the head, terms); of what is not there, 0."""
        table = self.meeting.index[source]
        found = self.meeting.sources[source].array(values)[:, table]
        return np.where(table >= 0, found, 0.0) if self.meeting.is_ragged else found

    def reach(self, changed: Sequence[Mask]) -> Mask:
        found = np.zeros(self.head.size, dtype=bool)
        there = np.all([table >= 0 for table in self.meeting.index], axis=0)  # of the others no term is added
        for source, table in zip(self.meeting.sources, self.meeting.index, strict=True):
            found |= (source.changed(changed)[np.maximum(table, 0)] & there).any(axis=1)
        return found


# --- sums, term by term ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Summed(_Met):
    """A sum of terms, seen growing; a cell at the edge of a picture has fewer of them."""

    is_sum: ClassVar[bool] = True

    def factors(self, values: Values, cells: Index, terms: Index) -> Array:
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

    def factors(self, values: Values, cells: Index, terms: Index) -> Array:
        found: Array | float = 1.0
        for source, table in zip(self.meeting.sources, self.meeting.index, strict=True):
            met = table[cells, terms]
            numbers = source.array(values)[:, met]
            found = found * (np.where(met >= 0, numbers, 0.0) if self.meeting.is_ragged else numbers)
        assert isinstance(found, np.ndarray)
        return found

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

    def factors(self, values: Values, cells: Index, terms: Index) -> Array:
        met = self.meeting.index[0][cells, terms]
        found = self.meeting.sources[0].array(values)[:, met]
        return np.where(met >= 0, found, 0.0) if self.meeting.is_ragged else found

    def said(self, read: Reader, i: int, k: int) -> Said:
        return Said("{a}", {"a": read(*self.meeting.cell(0, i, self.term(i, k)))})


# --- cell by cell ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CellByCell(_Met):
    """A function of the table applied cell by cell.  ``over`` are its operands: sources by their number, constants."""

    of: Function = field(kw_only=True)
    over: tuple[int | float, ...] = field(kw_only=True)

    @property
    def function(self) -> Function:
        return self.of

    @property
    def operands(self) -> tuple[Vector | float, ...]:
        """Of an operand that is taken from several vectors, the first of them."""
        return tuple(
            operand if isinstance(operand, float) else self.meeting.sources[operand].vectors[0]
            for operand in self.over
        )

    def value(self, values: Values) -> Array:
        arguments = [
            np.array([[operand]]) if isinstance(operand, float) else self.meeting.one_each(values, operand)
            for operand in self.over
        ]
        return self.of.value(*arguments)

    def said(self, read: Reader, i: int, k: int) -> Said:
        operands = [o if isinstance(o, float) else read(*self.meeting.cell(o, i, 0)) for o in self.over]
        return applied(self.of, operands)


@dataclass(frozen=True, eq=False)
class Choice(_Met):
    """``where(mask, A, B)``: A where the mask is not 0, else B.  The mask is source 0; the sides are sources by their
    number, or constants."""

    sides: tuple[int | float, int | float] = field(kw_only=True)

    def value(self, values: Values) -> Array:
        a, b = (
            np.array([[side]]) if isinstance(side, float) else self.meeting.one_each(values, side)
            for side in self.sides
        )
        return np.where(self.meeting.one_each(values, 0) != 0.0, a, b)

    def said(self, read: Reader, i: int, k: int) -> Said:
        mask = read(*self.meeting.cell(0, i, 0))
        side = self.sides[0] if mask.value != 0.0 else self.sides[1]
        if isinstance(side, float):
            return Said(constant_text(side), {"m": mask}, all_read=True)
        return Said("{a}", {"a": read(*self.meeting.cell(side, i, 0)), "m": mask}, all_read=True)


@dataclass(frozen=True, eq=False)
class Detached(_Met):
    """``detach``: the value goes on, and no derivative comes back."""

    is_held: ClassVar[bool] = True

    def value(self, values: Values) -> Array:
        return self.meeting.one_each(values, 0).copy()

    def said(self, read: Reader, i: int, k: int) -> Said:
        return Said("{a}", {"a": read(*self.meeting.cell(0, i, 0))})


# --- what looks at several cells at once -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Largest(_Met):
    """The largest of some cells."""

    def value(self, values: Values) -> Array:
        table = self.meeting.index[0]
        cells = self.meeting.sources[0].array(values)[:, np.maximum(table, 0)]
        found: Array = np.max(np.where(table >= 0, cells, -np.inf), axis=2)
        return found

    def said(self, read: Reader, i: int, k: int) -> Said:
        """Of many cells only the one that it is."""
        met = [read(*self.meeting.cell(0, i, int(term))) for term in self.meeting.own_terms(i)]
        names = {f"a{n}": cell for n, cell in enumerate(met)}
        if len(met) > WRITTEN_OUT:
            best = next(
                (name for name, cell in names.items() if cell.value == max(c.value for c in met)), "a0"
            )
            return Said(f"{{{best}}}", {best: names[best]})
        text = "{a0}"
        for name in list(names)[1:]:
            text = f"max({text}, {{{name}}})"
        return Said(text, names, all_read=True)


@dataclass(frozen=True, eq=False)
class Shares(_Met):
    """``softmax`` over an axis: exp of a cell over the sum of exp of its group."""

    def value(self, values: Values) -> Array:
        met = self.met(values, 0)  # (samples, heads, cells of the group), the head's own among them
        powers = np.exp(met - met.max(axis=2, keepdims=True))
        total = ordered_sum(np.ascontiguousarray(powers.transpose(2, 0, 1)))
        own = self.meeting.index[0] == np.arange(self.head.size)[:, np.newaxis]
        found: Array = powers[:, own] / total
        return found

    def said(self, read: Reader, i: int, k: int) -> Said:
        numbers = self.meeting.index[0][i].tolist()
        met = [read(*self.meeting.cell(0, i, term)) for term in range(len(numbers))]
        return Said(*share_of(met, numbers.index(i)))

    def share(self, i: int) -> ShareOf:
        numbers = self.meeting.index[0][i].tolist()
        return ShareOf([self.meeting.cell(0, i, term) for term in range(len(numbers))], numbers.index(i))


@dataclass(frozen=True, eq=False)
class CostOf(_Met):
    """A cost, with its terms added up over all cells.  The outputs are source 0, the targets source 1."""

    cost: Cost = field(kw_only=True)

    def _terms(self, values: Values) -> Array:
        y, t = (self.met(values, source)[:, 0] for source in (0, 1))
        return self.cost.term(y, t, self.meeting.terms)

    def value(self, values: Values) -> Array:
        return ordered_sum(np.ascontiguousarray(self._terms(values).T))[:, np.newaxis]

    def said(self, read: Reader, i: int, k: int) -> Said:
        """All terms; of many, their sum as one number."""
        count, met = self.meeting.terms, self._met(read)
        if count > WRITTEN_OUT:
            outputs, targets = (np.array([cell.value for cell in side]) for side in zip(*met, strict=True))
            total = running_sum(self.cost.term(outputs, targets, count))[-1]
            return Said(
                "{all}", {"all": Factor(cells.total(f"{self.cost.name}, {count} terms"), float(total))}
            )
        names: dict[str, Factor] = {}
        texts = []
        for n, (y, t) in enumerate(met):
            names |= {f"y{n}": y, f"t{n}": t}
            text = self.cost.texts(t.value)[0].replace("{K}", str(count))
            texts.append(text.replace("{y}", f"{{y{n}}}").replace("{t}", f"{{t{n}}}"))
        return Said(joined(texts), names, all_read=True)

    def _met(self, read: Reader) -> list[tuple[Factor, Factor]]:
        """Each output with its target."""
        every = range(self.meeting.terms)
        return [(read(*self.meeting.cell(0, 0, n)), read(*self.meeting.cell(1, 0, n))) for n in every]

    def addends(self, read: Reader, i: int) -> Sequence[Said]:
        texts = [(self.cost.texts(t.value)[0], y, t) for y, t in self._met(read)]
        count = str(self.meeting.terms)
        return [Said(text.replace("{K}", count), {"y": y, "t": t}) for text, y, t in texts]


def joined(texts: Sequence[str]) -> str:
    """Texts of terms as a sum, without those that are 0."""
    first, *others = [text for text in texts if text != "0"] or ["0"]
    return first + "".join(f" - {text[1:]}" if text.startswith("-") else f" + {text}" for text in others)
