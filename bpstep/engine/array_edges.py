"""The sorts of edges between arrays: who uses whom is written down, pair by pair.

===============  =========================================  ==================================
edge             from the head back to                      local derivative of a pair
===============  =========================================  ==================================
`ToFactor`       a factor of a sum of products: ``@``,      the cell that it is multiplied with
                 ``conv``
`ToMatrix`       the same, of two whole matrices or         the same, without any list of pairs
                 vectors
`ToKernels`,     the same, of a convolution without padding  the same
`ToPicture`
`ToTerm`         a term of a sum                            1
`ToOperand`      an operand of a function applied cell by   the function's
                 cell
`ToLargest`      what ``max`` and ``max_pool`` choose from  1 for the chosen one; shares of ties
`ToShare`        what ``softmax`` takes shares of           the Jacobian
`ToChosen`       a side of ``where``                        1 where it was taken
`ToOutput`       the outputs of a cost                      the cost's
===============  =========================================  ==================================

A pair is a cell of the head and a cell of the tail that it uses.  Pairs lie in the order of their uses: by the cell of
the tail, and then by the cell of the head.  Where a cell of the head uses a cell of the tail more than once
(``sum(concat(a, a))``), each time is an edge of its own, so that two cells are one pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bpstep.engine.arrays import Meeting
from bpstep.engine.costs import Cost
from bpstep.engine.edge import Edge
from bpstep.engine.functions import Function, enclosed
from bpstep.engine.softmax import FAR_APART, jacobian, share_of
from bpstep.engine.specs import Array, Places
from bpstep.engine.vectors import Index, Mask, Reader, Said, Values, Vector
from bpstep.lazily import dataclass

__all__ = [
    "Listed", "Pairs", "ToChosen", "ToFactor", "ToKernels", "ToLargest", "ToMatrix", "ToOperand", "ToOutput",
    "ToPicture", "ToShare", "ToTerm", "times_used",
]  # fmt: skip


class Pairs(NamedTuple):
    """Who uses whom: for each pair the cell of the head, the cell of the tail, and the term (of the head's cell)."""

    heads: Places
    tails: Places
    terms: Places


def times_used(meeting: Meeting, source: int, tail: Vector) -> int:
    """How often a cell of the head uses a cell of a vector at most, as one operand."""
    numbers, places = meeting.sources[source].taken_from(tail)
    if len(np.unique(places)) == len(numbers):
        return 1
    pairs = _all_pairs(meeting, source, tail)
    return int(_times(pairs).max()) + 1


def _all_pairs(meeting: Meeting, source: int, tail: Vector) -> Pairs:
    table = meeting.index[source]
    met = np.flatnonzero(np.all([other.reshape(-1) >= 0 for other in meeting.index], axis=0))
    cells = table.reshape(-1)[met]
    numbers, places = meeting.sources[source].taken_from(tail)
    place_of = np.full(meeting.sources[source].size, -1, dtype=np.intp)
    place_of[numbers] = places
    tails = place_of[cells]
    mine = tails >= 0
    tails, met = tails[mine], met[mine]
    order = np.argsort(tails, kind="stable")
    heads, terms = np.divmod(met[order], table.shape[1])
    return Pairs(heads, tails[order], terms)


def _times(pairs: Pairs) -> Places:
    """For each pair, how often its head has used its tail before."""
    again = np.zeros(len(pairs.heads), dtype=np.intp)
    same = (np.diff(pairs.heads) == 0) & (np.diff(pairs.tails) == 0)
    for k in np.flatnonzero(same).tolist():
        again[k + 1] = again[k] + 1
    return again


@dataclass(frozen=True, eq=False)
class Listed(Edge):
    """An edge whose pairs are those of a ``meeting``, of its operand ``source``: the ``nth`` time that a cell of the
    head uses a cell of the tail.

    The local derivatives, (samples or 1, entries), are of each pair the entry ``at``.  ``which`` of several places
    of its variable it is (`Edge.place`) the compiler says.
    """

    meeting: Meeting = field(kw_only=True)
    source: int = field(kw_only=True)
    nth: int = field(default=0, kw_only=True)
    nth_place: int = field(default=0, kw_only=True)

    @property
    def place(self) -> int:
        return self.nth_place

    # -- who uses whom --

    @cached_property
    def pairs(self) -> Pairs:
        """All pairs, in the order of their uses."""
        found = _all_pairs(self.meeting, self.source, self.tail)
        numbers, places = self.meeting.sources[self.source].taken_from(self.tail)
        if len(np.unique(places)) == len(numbers):
            return found
        mine = _times(found) == self.nth
        return Pairs(found.heads[mine], found.tails[mine], found.terms[mine])

    @cached_property
    def counts(self) -> Places:
        """How many head cells use each cell of the tail."""
        return np.bincount(self.pairs.tails, minlength=self.tail.size)

    @cached_property
    def _first(self) -> Places:
        """The first pair of each cell of the tail."""
        first: Places = np.cumsum([0, *self.counts])[:-1]
        return first

    @cached_property
    def uses(self) -> int:
        return int(self.counts.max(initial=0))

    def uses_of(self, j: int) -> int:
        return int(self.counts[j])

    @cached_property
    def is_ragged(self) -> bool:  # type: ignore[override]
        return bool((self.counts != self.uses).any())

    @cached_property
    def in_step(self) -> bool:
        """Whether every cell of the head uses the cell of the tail with the same number, and no other."""
        every = np.arange(self.tail.size)
        return (
            self.head.size == self.tail.size
            and np.array_equal(self.pairs.heads, every)
            and np.array_equal(self.pairs.tails, every)
        )

    @property
    def is_dense(self) -> bool:
        return len(self.pairs.heads) == self.head.size * self.tail.size

    def head_of(self, k: Index, j: Index) -> Index:
        """Beyond the last use of a cell, any cell."""
        return self.pairs.heads[np.minimum(self._first[j] + k, len(self.pairs.heads) - 1)]

    def heads_of(self, j: int) -> Index:
        first = int(self._first[j])
        return self.pairs.heads[first : first + int(self.counts[j])]

    @cached_property
    def _by_head(self) -> tuple[Places, Places]:
        order = np.argsort(self.pairs.heads, kind="stable")
        firsts = np.searchsorted(self.pairs.heads[order], np.arange(self.head.size + 1))
        return self.pairs.tails[order], firsts

    def tails(self, i: int) -> Sequence[int]:
        tails, firsts = self._by_head
        found: list[int] = tails[firsts[i] : firsts[i + 1]].tolist()
        return found

    @cached_property
    def _keys(self) -> Places:
        """Pairs as numbers that ascend."""
        found: Places = self.pairs.tails * self.head.size + self.pairs.heads
        return found

    def pair(self, i: Index, j: Index) -> Index:
        """The number of the pair of two cells."""
        return np.searchsorted(self._keys, j * self.head.size + i)

    # -- numbers --

    @property
    def at(self) -> Places:
        """For each pair its entry among the local derivatives."""
        return np.arange(len(self.pairs.heads))

    def slopes(self, local: Array, i: Index, j: Index) -> Array:
        found: Array = local[:, self.at[self.pair(i, j)]]
        return found

    def slopes_to(self, local: Array, sample: int, heads: Index, j: int) -> Array:
        first = int(self._first[j])
        row: Array = local[sample if len(local) > 1 else 0][self.at[first : first + int(self.counts[j])]]
        return row

    def slope(self, local: Array, sample: int, i: int, j: int) -> float:
        return float(self.slopes(local, i, j)[sample if len(local) > 1 else 0])

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        if self.in_step and local.shape == upstream.shape:
            alone: Array = times(upstream, local)
            return alone[np.newaxis] if self.tail.per_sample else alone
        found = times(upstream[:, self.pairs.heads], local[:, self.at])
        samples, uses = len(found), self.uses
        if not self.is_ragged:
            spread = found.reshape(samples, self.tail.size, uses).transpose(2, 0, 1)
        else:  # the uses of a cell are the last rows of its column: what is not there adds nothing
            spread = np.zeros((uses, samples, self.tail.size), dtype=found.dtype)
            spread[self._row, :, self.pairs.tails] = found.T
        if self.tail.per_sample:
            return np.ascontiguousarray(spread)
        whole: Array = spread.transpose(1, 0, 2).reshape(-1, *self.tail.shape)
        return whole

    @cached_property
    def use_of_pair(self) -> Places:
        """Which use of its tail each pair is, from 0."""
        found: Places = np.arange(len(self.pairs.tails)) - self._first[self.pairs.tails]
        return found

    @cached_property
    def _row(self) -> Places:
        found: Places = self.use_of_pair + self.uses - self.counts[self.pairs.tails]
        return found

    def by_entry(self, by_use: Mask) -> Mask:
        return by_use[self.use_of_pair, self.pairs.tails]

    def in_batch(self, flags: Mask) -> Any:
        return flags[np.newaxis]

    def depends(self, local: Mask, use: int, j: int) -> bool:
        return bool(local[self.at[self._first[j] + use]])

    def diagonal(self, numbers: Array) -> Array:
        found: Array = numbers[:, self.pairs.heads]
        return found

    def is_own(self, i: int, j: int) -> bool:
        return True

    # -- what depends on what --

    def reach(self, changed: Mask) -> Mask:
        found = np.zeros(self.head.size, dtype=bool)
        found[self.pairs.heads[changed[self.pairs.tails]]] = True
        return found

    def read(self, read: Reader, source: int, i: int, j: int) -> tuple[Vector, int]:
        """The cell of a source that the pair's term reads."""
        return self.meeting.cell(source, i, int(self.pairs.terms[self.pair(i, j)]))


# --- sums of products, and sums ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ToFactor(Listed):
    """To one factor of a sum of products; the local derivative is the other factor, which is a cell of its own."""

    role: ClassVar[str] = "factor"

    @property
    def _other(self) -> int:
        return 1 - self.source

    @property
    def local_by_sample(self) -> bool:  # type: ignore[override]
        return self.meeting.sources[self._other].per_sample

    @cached_property
    def at(self) -> Places:
        found: Places = self.meeting.index[self._other][self.pairs.heads, self.pairs.terms]
        return found

    def local(self, values: Values) -> Array:
        return self.meeting.sources[self._other].array(values)

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return self.meeting.sources[self._other].changed(changed)

    def stands_for(self, i: int, j: int) -> tuple[Vector, int]:
        return self.meeting.sources[self._other].cell(int(self.at[self.pair(i, j)]))


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

    @property
    def uses(self) -> int:
        rows, _, columns = self.size
        return rows if self.is_right else columns

    def uses_of(self, j: int) -> int:
        return self.uses

    def head_of(self, k: Index, j: Index) -> Index:
        _, terms, columns = self.size
        return k * columns + j % columns if self.is_right else j // terms * columns + k

    def heads_of(self, j: int) -> Index:
        return self.head_of(self._in_order, j)

    def tails(self, i: int) -> Sequence[int]:
        _, terms, columns = self.size
        row, column = divmod(i, columns)
        if self.is_right:
            return range(column, terms * columns, columns)
        return range(row * terms, (row + 1) * terms)

    def entry(self, i: Index, j: Index) -> Index:
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

    def slopes(self, local: Array, i: Index, j: Index) -> Array:
        found: Array = local[:, self.entry(i, j)]
        return found

    def slopes_to(self, local: Array, sample: int, heads: Index, j: int) -> Array:
        row: Array = local[sample if len(local) > 1 else 0][self.entry(heads, j)]
        return row

    def stands_for(self, i: int, j: int) -> tuple[Vector, int]:
        return self.meeting.sources[self._other].cell(int(self.entry(i, j)))

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        rows, terms, columns = self.size
        samples = max(len(upstream), len(local))
        up = upstream.reshape(-1, rows, columns)
        if self.is_right:  # use r of cell (k, c) of B: upstream (r, c) times A (r, k)
            left = local.reshape(-1, rows, terms)
            found = times(
                left.transpose(1, 0, 2)[:, :, :, np.newaxis], up.transpose(1, 0, 2)[:, :, np.newaxis, :]
            )
        else:  # use c of cell (r, k) of A: upstream (r, c) times B (k, c)
            right = local.reshape(-1, terms, columns)
            found = times(
                up.transpose(2, 0, 1)[:, :, :, np.newaxis], right.transpose(2, 0, 1)[:, :, np.newaxis, :]
            )
        spread = found.reshape(self.uses, samples, self.tail.size)
        if self.tail.per_sample:
            return np.ascontiguousarray(spread)
        whole: Array = np.ascontiguousarray(spread.transpose(1, 0, 2)).reshape(-1, *self.tail.shape)
        return whole

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

    def stands_for(self, i: int, j: int) -> tuple[Vector, int]:
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
        spread = np.concatenate([every, np.zeros((len(every), 1), dtype=every.dtype)], axis=1)[
            :, self._product
        ]
        if self.tail.per_sample:
            return np.ascontiguousarray(spread.transpose(1, 0, 2))
        whole: Array = spread.reshape(-1, *self.tail.shape)
        return whole


@dataclass(frozen=True, eq=False)
class ToTerm(Listed):
    """To the terms of a sum: the local derivative is 1."""

    local_by_sample: ClassVar[bool] = False

    @cached_property
    def at(self) -> Places:
        return np.zeros(len(self.pairs.heads), dtype=np.intp)

    def local(self, values: Values) -> Array:
        return np.ones((1, 1))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return np.zeros(1, dtype=bool)

    def one_over(self, samples: int) -> int:
        return 1


# --- functions, cell by cell -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ToOperand(Listed):
    """To an operand of a function that is applied cell by cell.  ``operands`` are its sources' numbers or constants."""

    of: Function = field(kw_only=True)
    which: int = field(kw_only=True)
    operands: tuple[int | float, ...] = field(kw_only=True)

    @property
    def role(self) -> str:  # type: ignore[override]
        return "" if self.of.linear else "activation"

    @property
    def function(self) -> Function:
        return self.of

    @property
    def operand(self) -> int:
        return self.which

    def _arguments(self, values: Values) -> list[Array]:
        """The operands' numbers at each pair."""
        return [
            np.array([[operand]])
            if isinstance(operand, float)
            else self.at_pairs(self.meeting.one_each(values, operand))
            for operand in self.operands
        ]

    def at_pairs(self, numbers: Array) -> Array:
        """Numbers of the head's cells, (samples or 1, cells), at each pair."""
        return numbers if self.in_step else numbers[:, self.pairs.heads]

    def local(self, values: Values) -> Array:
        y = self.at_pairs(values[self.head.id])
        found = self.of.partials[self.which](y, *self._arguments(values))
        return found if found.shape == y.shape else np.broadcast_to(found, y.shape)

    def reads(self, changed: Sequence[Mask]) -> Mask:
        found = np.zeros(len(self.pairs.heads), dtype=bool)
        for letter, operand in zip("ab", self.operands, strict=False):
            if not isinstance(operand, float) and f"{{{letter}}}" in self.text:
                cells = self.meeting.index[operand][self.pairs.heads, 0]
                found |= self.meeting.sources[operand].changed(changed)[cells]
        if "{y}" in self.text:
            found |= changed[self.head.id][self.pairs.heads]
        return found

    @property
    def text(self) -> str:
        return self.of.partial_text(
            self.which, tuple(o if isinstance(o, float) else "" for o in self.operands)
        )

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        text, numbers = self.text, []
        names = {"y": read(self.head, i)}
        for letter, operand in zip("ab", self.operands, strict=False):
            if isinstance(operand, float):
                text = text.replace(f"{{{letter}}}", enclosed(operand))
                numbers.append(np.array(operand))
            else:
                names[letter] = read(*self.meeting.cell(operand, i, 0))
                numbers.append(np.array(names[letter].value))
        if not self.of.at_kinks or not bool(self.of.at_kinks[self.which](*numbers)):
            return Said(text, names)
        return Said(self.of.text_at_kink or text, names, self.of.convention)

    def sides(self, values: Values) -> Array | None:
        if not self.of.at_kinks or self.of.name == "pow":
            return None
        a, *rest = self._arguments(values)
        return np.sign(a - (rest[0] if rest else 0.0)) + np.zeros((1, len(self.pairs.heads)))


@dataclass(frozen=True, eq=False)
class ToChosen(Listed):
    """To a side of ``where``: 1 where it was taken.  The mask is source 0; ``if_set`` is whether this side is taken
    where the mask is not 0."""

    if_set: bool = field(kw_only=True)

    def local(self, values: Values) -> Array:
        mask = self.meeting.sources[0].array(values)[:, self.meeting.index[0][self.pairs.heads, 0]]
        found = np.where((mask != 0.0) == self.if_set, 1.0, 0.0)
        return np.broadcast_to(found, (len(values[self.head.id]), found.shape[1]))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        found: Mask = self.meeting.sources[0].changed(changed)[self.meeting.index[0][self.pairs.heads, 0]]
        return found

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
        cells = self.meeting.sources[0].array(values)
        table = self.meeting.index[0]
        met = np.where(table >= 0, cells[:, np.maximum(table, 0)], -np.inf)  # (samples, heads, terms)
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
        """A place in the Jacobian; a share that is not there yet is told by the cells that are (`Coupled`)."""
        other = int(self._heard[self.pair(i, j)])
        y = read(self.head, i)
        if other == i:
            return Said("{y} * (1 - {y})", {"y": y})
        if not in_order or other < i:
            return Said("-{y} * {other}", {"y": y, "other": read(self.head, other)})
        met = [read(*self.meeting.cell(0, i, k)) for k in range(self.meeting.terms)]
        numbers = self.meeting.index[0][i].tolist()
        own, of_other = met[numbers.index(i)], met[numbers.index(other)]
        if abs(of_other.value - own.value) < FAR_APART:
            return Said("-{y}^2 * exp({other} - {own})", {"y": y, "other": of_other, "own": own})
        text, names = share_of(met, numbers.index(other))
        return Said(f"-{{y}} * {text}", {"y": y, **names})


@dataclass(frozen=True, eq=False)
class ToOutput(Listed):
    """From a cost to the outputs (source 0); the targets are source 1."""

    cost: Cost = field(kw_only=True)
    role: ClassVar[str] = "cost"

    def local(self, values: Values) -> Array:
        y, t = (
            source.array(values)[:, table[self.pairs.heads, self.pairs.terms]]
            for source, table in zip(self.meeting.sources, self.meeting.index, strict=True)
        )
        found = self.cost.slope(y, t, self.meeting.terms)
        return np.broadcast_to(found, (len(values[self.head.id]), found.shape[1]))

    def reads(self, changed: Sequence[Mask]) -> Mask:
        found = np.zeros(len(self.pairs.heads), dtype=bool)
        for source, table in zip(self.meeting.sources, self.meeting.index, strict=True):
            found |= source.changed(changed)[table[self.pairs.heads, self.pairs.terms]]
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        y, t = (read(*self.read(read, source, i, j)) for source in (0, 1))
        text = self.cost.texts(t.value)[1].replace("{K}", str(self.meeting.terms))
        kink = self.cost.at_kink
        at_kink = kink is not None and bool(kink(np.array(y.value), np.array(t.value)))
        return Said(text, {"y": y, "t": t}, self.cost.convention if at_kink else "", all_read=True)

    def sides(self, values: Values) -> Array | None:
        if self.cost.at_kink is None:
            return None
        y, t = (
            source.array(values)[:, table[self.pairs.heads, self.pairs.terms]]
            for source, table in zip(self.meeting.sources, self.meeting.index, strict=True)
        )
        return np.sign(y - t)
