"""The first wrong numbers: those that are wrong although everything that they are made of is right.

Every number of a pass is made of earlier ones.  Where the learner has given those, one looks at theirs; where not, at
what they in turn are made of.  A wrong number with a wrong one among its ancestors may be wrong because of it; a wrong
number without is where a mistake was made.

``astray`` of a slot says which of its numbers are wrong or, where none is given, descend from a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping

import numpy as np

from bpstep.comparison.net import THE_INPUTS, Net, is_coupled, slope_reads
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import VALUES, VALUES_BY_SAMPLE, Mask, Place, Sheet
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.dependence import heard_over
from bpstep.engine.vectors import Vector

__all__ = ["first_wrong", "wrong_start"]


def first_wrong(sheet: Sheet, wrong: Mapping[Key, Mask]) -> list[Place]:
    """The wrong numbers all of whose ancestors are right, in the order of the sheet."""
    if sheet.net is None:
        return list(_Program(sheet, wrong).first())
    heard = _Heard(sheet, sheet.net, wrong)
    found: list[Place] = []
    for key, slot in sheet.slots.items():
        if key in wrong and wrong[key].any():
            hears = np.broadcast_to(heard.of_operands(key), slot.right.shape)
            found += [(key, tuple(index)) for index in np.argwhere(wrong[key] & ~hears).tolist()]
    return found


class _Heard:
    """Which numbers of a network hear of a wrong one, slot by slot, as arrays."""

    def __init__(self, sheet: Sheet, net: Net, wrong: Mapping[Key, Mask]) -> None:
        self.sheet, self.net, self.wrong = sheet, net, wrong
        self.known: dict[Key, Mask] = {}

    def astray(self, key: Key) -> Mask:
        """Whether the numbers of a slot are wrong, or not given and made of wrong ones."""
        if key not in self.sheet.slots:
            return np.zeros(1, dtype=bool)
        if key not in self.known:
            shape = self.sheet.slots[key].right.shape
            given = self.sheet.given(key)
            hears = np.broadcast_to(self.of_operands(key), shape)
            self.known[key] = np.where(given, self.wrong.get(key, np.zeros(shape, dtype=bool)), hears)
        return self.known[key]

    def of_operands(self, key: Key) -> Mask:
        """Whether anything that the numbers of a slot are made of is astray; in a shape that fits the slot's."""
        kind, k = key
        if kind in ("t", "w", "b", "d(cost)") or key == ("y", THE_INPUTS):
            return np.zeros(1, dtype=bool)
        if kind in ("cost", "loss"):
            return self._of_cost(kind)
        return {"e": self._e, "y": self._y, "local": self._local, "d(y)": self._dy, "d(e)": self._de,
                "d(w)": self._dw, "d(b)": self._db}[kind](k)  # fmt: skip

    def _source(self, k: int) -> Mask:
        """The outputs that a layer reads, side by side: (samples, sources)."""
        return np.concatenate([self.astray(("y", source)) for source in self.net.layers[k].sources], axis=1)

    def _of_cost(self, kind: str) -> Mask:
        if kind == "loss":
            parts = [self.astray(("cost", 0)), *(self.astray(("w", k)) for k in self._decaying())]
            return np.array([any(bool(part.any()) for part in parts)])
        both = self.astray(("y", self.net.last)) | self.astray(("t", 0))
        return _any(both, 1)

    def _decaying(self) -> range:
        return range(len(self.net.layers) if self.net.l2 > 0.0 else 0)

    def _e(self, k: int) -> Mask:
        found: Mask = _any(self._source(k), 1, keep=True) | _any(self.astray(("w", k)), 1)
        return found | self.astray(("b", k))

    def _y(self, k: int) -> Mask:
        found = self.astray(("e", k))
        return _any(found, 1, keep=True) if is_coupled(self.net.layers[k].activation) else found

    def _local(self, k: int) -> Mask:
        reads = slope_reads(self.net.layers[k].activation)
        return self.astray((reads, k)) if reads else np.zeros(1, dtype=bool)

    def _dy(self, k: int) -> Mask:
        if k == self.net.last:
            return self.astray(("y", k)) | self.astray(("t", 0)) | self.astray(("d(cost)", 0))[:, np.newaxis]
        found = np.zeros((self.net.samples, self.net.width(k)), dtype=bool)
        for consumer in self.net.consumers(k):
            weights = _any(self.astray(("w", consumer))[:, self.net.columns(consumer, k)], 0)
            found |= _any(self.astray(("d(e)", consumer)), 1, keep=True) | weights
        return found

    def _de(self, k: int) -> Mask:
        if is_coupled(self.net.layers[k].activation):
            both = self.astray(("d(y)", k)) | self.astray(("y", k))
            return _any(both, 1, keep=True)
        return self.astray(("d(y)", k)) | self.astray(("local", k))

    def _dw(self, k: int) -> Mask:
        deltas, sources = _any(self.astray(("d(e)", k)), 0), _any(self._source(k), 0)
        found: Mask = deltas[:, np.newaxis] | sources[np.newaxis, :]
        return found | self.astray(("w", k)) if self.net.l2 > 0.0 else found

    def _db(self, k: int) -> Mask:
        return _any(self.astray(("d(e)", k)), 0)


def _any(mask: Mask, axis: int, *, keep: bool = False) -> Mask:
    """`numpy.any` along an axis, as an array."""
    found: Mask = np.asarray(np.any(mask, axis=axis, keepdims=keep))
    return found


# --- a program ----------------------------------------------------------------------------------------


def wrong_start(sheet: Sheet, wrong: Mapping[Key, Mask]) -> list[Place]:
    """The wrong numbers of an expression that nobody computes: its inputs and parameters."""
    return [
        (key, tuple(index))
        for key in (VALUES, VALUES_BY_SAMPLE)
        if key in wrong
        for index in np.argwhere(wrong[key]).tolist()
        if sheet.slots[key].cell(tuple(index)) in sheet.start
    ]


class _Program:
    """Which numbers of an expression hear of a wrong one, array by array and sample by sample: the same walk as a pass,
    with true and false in the place of numbers (as in `bpstep.engine.dependence`)."""

    def __init__(self, sheet: Sheet, wrong: Mapping[Key, Mask]) -> None:
        self.sheet, self.wrong = sheet, wrong
        self.given = {key: sheet.given(key) for key in wrong}
        self.setup = sheet.run.setup_of(sheet.batch)
        self.graph = self.setup.graph
        #: Which derivatives by parameters hear of a wrong number in the samples so far.
        self.shared: dict[int, Mask] = {}

    def first(self) -> Iterator[Place]:
        """The wrong numbers all of whose ancestors are right: what is given, and then sample by sample."""
        if not any(mask.any() for mask in self.wrong.values()):
            return
        yield from wrong_start(self.sheet, self.wrong)
        spoils_loss = False
        for row in range(self.sheet.samples):
            value = [self._known(vector, None, row)[0] for vector in self.graph.vectors]
            for operation in self.graph.operations:
                hears = operation.reach(value)
                value[operation.head.id] = yield from self._judged(operation.head, None, row, hears)
            spoils_loss |= bool(value[self.graph.root.id].any())
            if row == self.sheet.samples - 1 and self.graph.loss is not None:
                yield from self._judged(self.graph.loss.head, None, row, np.array([spoils_loss]))
            yield from self._back(value, row)

    def _back(self, value: list[Mask], row: int) -> Iterator[Place]:
        d = [np.zeros(vector.size, dtype=bool) for vector in self.graph.vectors]
        if self.graph.loss is None:
            root = self.graph.root
            d[root.id] = yield from self._judged(root, cells.d, row, d[root.id])
        for vector, edges in self.graph.backward:
            hears = np.zeros(vector.size, dtype=bool)
            for edge in edges:
                hears |= heard_over(edge, self.setup, edge.reads(value), d)
            if vector.is_parameter:
                hears = self.shared[vector.id] = hears | self.shared.get(vector.id, False)
                if row < self.sheet.samples - 1:
                    continue
            d[vector.id] = yield from self._judged(vector, cells.d, row, hears)

    def _judged(
        self, vector: Vector, of: Callable[[Cell], Cell] | None, row: int, hears: Mask
    ) -> Generator[Place, None, Mask]:
        """Which cells of a vector are astray: wrong, or not given and made of wrong ones; yields the wrong ones that
        hear of none."""
        wrong, given, first = self._known(vector, of, row)
        if first is not None:
            key, index = first
            for j in np.flatnonzero(wrong & ~hears).tolist():
                yield key, (*index[:-1], index[-1] + j)
        astray: Mask = np.where(given, wrong, hears)
        return astray

    def _known(
        self, vector: Vector, of: Callable[[Cell], Cell] | None, row: int
    ) -> tuple[Mask, Mask, Place | None]:
        """Which cells of a vector are wrong, which are given, and where the first of them stands on the sheet."""
        cell = vector.cell(0)
        place = self.sheet.find.get(cell if of is None else of(cell))
        if place is None or place[0] not in self.wrong:
            nothing = np.zeros(vector.size, dtype=bool)
            return nothing, nothing, None
        key, index = place
        if self.sheet.slots[key].by_sample:
            index = (row, *index[1:])
        at: tuple[int | slice, ...] = (*index[:-1], slice(index[-1], index[-1] + vector.size))
        return self.wrong[key][at], self.given[key][at], (key, index)
