"""Who uses whom between arrays, written down pair by pair: what the sorts of edges between arrays have in common.

A pair is a cell of the head and a cell of the tail that it uses.  Pairs lie in the order of their uses: by the cell of
the tail, and then by the cell of the head.  Where a cell of the head uses a cell of the tail more than once
(``sum(concat(a, a))``), each time is an edge of its own, so that two cells are one pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from bpstep.engine.arrays import Meeting
from bpstep.engine.edge import Edge
from bpstep.engine.specs import Array, Places
from bpstep.engine.vectors import CellNumber, Entry, Mask, Values, Vector, of_sample
from bpstep.lazily import dataclass

__all__ = ["Listed", "Pairs", "times_used"]


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

    Of the local derivatives, (samples or 1, their number), ``entries`` says which is that of each pair.  Which of
    several places of its variable it is (`Edge.place`), ``nth_place``, the compiler says.
    """

    meeting: Meeting = field(kw_only=True)
    source: int = field(kw_only=True)
    nth: int = field(default=0, kw_only=True)
    nth_place: int = field(default=0, kw_only=True)

    @property
    def place(self) -> int:
        return self.nth_place

    @property
    def met(self) -> int:
        return self.source

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

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        """Beyond the last use of a cell, any cell."""
        return self.pairs.heads[np.minimum(self._first[j] + k, len(self.pairs.heads) - 1)]

    def heads_of(self, j: int) -> CellNumber:
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

    def pair(self, i: CellNumber, j: CellNumber) -> CellNumber:
        """The number of the pair of two cells."""
        return np.searchsorted(self._keys, j * self.head.size + i)

    # -- numbers --

    @property
    def entries(self) -> Places:
        """For each pair its entry among the local derivatives."""
        return np.arange(len(self.pairs.heads))

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[:, self.entries[self.pair(i, j)]]
        return found

    def slopes_to(self, local: Array, sample: int, heads: CellNumber, j: int) -> Array:
        first = int(self._first[j])
        row: Array = of_sample(local, sample)[self.entries[first : first + int(self.counts[j])]]
        return row

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        if self.in_step and local.shape == upstream.shape:
            alone: Array = times(upstream, local)
            return alone[np.newaxis] if self.tail.per_sample else alone
        found = times(upstream[:, self.pairs.heads], local[:, self.entries])
        samples, uses = len(found), self.uses
        if not self.is_ragged:
            spread = found.reshape(samples, self.tail.size, uses).transpose(2, 0, 1)
        else:  # the uses of a cell are the last rows of its column: what is not there adds nothing
            spread = np.zeros((uses, samples, self.tail.size), dtype=found.dtype)
            spread[self._row, :, self.pairs.tails] = found.T
        return self.in_turn(spread)

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
        return bool(local[self.entries[self._first[j] + use]])

    def diagonal(self, numbers: Array) -> Array:
        found: Array = numbers[:, self.pairs.heads]
        return found

    def is_own(self, i: int, j: int) -> bool:
        return True

    def read_at_pairs(self, values: Values, source: int) -> Array:
        """What the term of each pair reads of a source: (samples or 1, pairs)."""
        found: Array = self.meeting.sources[source].array(values)[:, self._read_of(source)]
        return found

    # -- what depends on what --

    def changed_at_pairs(self, changed: Sequence[Mask], source: int) -> Mask:
        """Whether that is changed."""
        found: Mask = self.meeting.sources[source].changed(changed)[self._read_of(source)]
        return found

    def _read_of(self, source: int) -> Places:
        """The cell of a source that the term of each pair reads."""
        found: Places = self.meeting.index[source][self.pairs.heads, self.pairs.terms]
        return found

    def reach(self, changed: Mask) -> Mask:
        found = np.zeros(self.head.size, dtype=bool)
        found[self.pairs.heads[changed[self.pairs.tails]]] = True
        return found

    def read(self, source: int, i: int, j: int) -> Entry:
        """The cell of a source that the pair's term reads."""
        return self.meeting.cell(source, i, int(self.pairs.terms[self.pair(i, j)]))
