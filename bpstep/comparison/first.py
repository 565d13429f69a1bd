"""The first wrong numbers: those that are wrong although everything that they are made of is right.

Every number of a pass is made of earlier ones.  Where the learner has given those, one looks at theirs; where not, at
what they in turn are made of.  A wrong number with a wrong one among its ancestors may be wrong because of it; a wrong
number without is where a mistake was made.

``astray`` of a slot says which of its numbers are wrong or, where none is given, descend from a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpstep.comparison.net import THE_INPUTS, Net, is_coupled, slope_reads
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import VALUES, VALUES_BY_SAMPLE, Mask, Place, Sheet
from bpstep.engine.cells import Cell

__all__ = ["first_wrong", "wrong_start"]


def first_wrong(sheet: Sheet, wrong: Mapping[Key, Mask]) -> list[Place]:
    """The wrong numbers all of whose ancestors are right, in the order of the sheet."""
    if sheet.net is None:
        return _of_expression(sheet, wrong)
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


#: A cell of an expression, and where each sample has its own, its row in the batch; else -1.
_Own = tuple[Cell, int]


def _of_expression(sheet: Sheet, wrong: Mapping[Key, Mask]) -> list[Place]:
    if not any(mask.any() for mask in wrong.values()):
        return []
    astray: dict[_Own, bool] = {}
    found = wrong_start(sheet, wrong)
    operands: dict[_Own, set[_Own]] = {}
    for step in sheet.steps():
        row = sheet.run.place(step.number).sample
        own = _own(sheet, step.cell, row)
        read = operands.setdefault(own, set())
        read |= {_own(sheet, factor.cell, row) for factor in step.inputs if factor.cell != step.cell}
        if step.is_final:
            hears = any(_stands_astray(sheet, wrong, one, astray) for one in read)
            place = _place(sheet, own)
            is_given = place is not None and bool(sheet.given(place[0])[place[1]])
            is_wrong = place is not None and _is_wrong(wrong, place)
            astray[own] = is_wrong if is_given else hears
            if place is not None and is_wrong and not hears:
                found.append(place)
    return found


def wrong_start(sheet: Sheet, wrong: Mapping[Key, Mask]) -> list[Place]:
    """The wrong numbers of an expression that nobody computes: its inputs and parameters."""
    return [
        (key, tuple(index))
        for key in (VALUES, VALUES_BY_SAMPLE)
        if key in wrong
        for index in np.argwhere(wrong[key]).tolist()
        if sheet.slots[key].cell(tuple(index)) in sheet.start
    ]


def _own(sheet: Sheet, cell: Cell, row: int) -> _Own:
    """A cell as the sample in a row of the batch has it."""
    place = sheet.find.get(cell)
    is_shared = place is not None and not sheet.slots[place[0]].by_sample
    return (cell, -1) if is_shared else (cell, row)


def _place(sheet: Sheet, own: _Own) -> Place | None:
    """Where a number stands on the sheet."""
    cell, row = own
    place = sheet.find.get(cell)
    return place if place is None or row < 0 else (place[0], (row, *place[1][1:]))


def _is_wrong(wrong: Mapping[Key, Mask], place: Place) -> bool:
    return place[0] in wrong and bool(wrong[place[0]][place[1]])


def _stands_astray(sheet: Sheet, wrong: Mapping[Key, Mask], own: _Own, astray: Mapping[_Own, bool]) -> bool:
    if own in astray:
        return astray[own]
    place = _place(sheet, own)  # an input: nothing makes it
    return place is not None and _is_wrong(wrong, place)
