"""Marks: what a learner has for a number, wherever that number stands, and whether the two agree.

A comparison is about one batch of one run.  The numbers of a run change (somebody sets a weight, chooses a wrong rule,
goes on to the next sample), so a mark is given only to *the very number that was compared*: the same cell of the
same batch and sample, with the value that was held to be right.  Whoever shows numbers need not know more.

    >>> from bpstep.comparison.entries import entries_of
    >>> from bpstep.comparison.report import compare_numbers
    >>> from bpstep.engine import cells
    >>> from bpstep.scenario.loader import load
    >>> scenario = load("mazur-2-2-2")
    >>> run = Run(scenario.problem, scenario.training)
    >>> marks = Marks(compare_numbers(run, entries_of([("delta[h1]", 0.0363503)])))
    >>> delta = run.step(37)
    >>> marks.of_step(run, delta)
    Mark(yours=0.0363503, right=0.008771354689486937, agrees=False)
    >>> marks.of(cells.d(cells.e("h1")), 0, 0, 0.5) is None      # another number than the one that was compared
    True
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from bpstep.comparison.report import Report, wrong_steps
from bpstep.comparison.sheet import Place
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.steps import Factor, Step
from bpstep.lazily import dataclass

__all__ = ["Mark", "Marks"]

#: The right numbers of a comparison are worked out in another order than those of the run: so much may they differ by,
#: of the number itself and of the largest of its kind.
_SAME, _SAME_OF_LARGEST = 1e-9, 1e-12


@dataclass(frozen=True, slots=True)
class Mark:
    """What a learner has for a number, beside the right one."""

    yours: float
    right: float
    agrees: bool

    @property
    def ratio(self) -> float | None:
        """yours / right; None where that says nothing."""
        return self.yours / self.right if self.right != 0.0 and math.isfinite(self.right) else None


class Marks:
    """The marks of a comparison, by cell."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @cached_property
    def wrong_steps(self) -> tuple[int, ...]:
        """The steps that make a number final which disagrees, in order."""
        return wrong_steps(self.report)

    # --- by what stands somewhere ---------------------------------------------------------------------

    def of(self, cell: Cell, batch: int, row: int, value: float | None) -> Mark | None:
        """The mark of a number: of a cell in a batch (from 0) and a row of it (from 0), with this value."""
        place = self.place_of(cell, batch, row)
        mark = self.at(place) if place is not None and value is not None else None
        if place is None or mark is None or value is None:
            return None
        return mark if _is_same(value, mark.right, self.report.disagreeing[place[0]].scale) else None

    def of_step(self, run: Run, step: Step) -> Mark | None:
        """The mark of what a step writes, once that is complete."""
        at = run.place(step.number)
        return self.of(step.cell, at.batch, at.sample, step.value) if step.is_final else None

    def of_factor(self, run: Run, step: Step, factor: Factor) -> Mark | None:
        """The mark of what a step reads."""
        at = run.place(step.number)
        return self.of(factor.cell, at.batch, at.sample, factor.value)

    def disagrees(self, run: Run, step: Step) -> bool:
        """Whether a step makes a number final that the learner has otherwise."""
        mark = self.of_step(run, step)
        return mark is not None and not mark.agrees

    # --- by place -------------------------------------------------------------------------------------

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where the learner's numbers stand, in the order in which a pass has them."""
        slots = self.report.disagreeing
        ordered = [key for key in self.report.sheet.slots if key in slots]
        return tuple(
            (key, tuple(index)) for key in ordered for index in np.argwhere(slots[key].given).tolist()
        )

    def at(self, place: Place) -> Mark | None:
        """The mark at a place; None where the learner has nothing."""
        slot, index = self.report.disagreeing[place[0]], place[1]
        yours = float(slot.yours[index])
        if math.isnan(yours):
            return None
        return Mark(yours, float(slot.right[index]), not bool(slot.wrong[index]))

    def place_of(self, cell: Cell, batch: int, row: int) -> Place | None:
        """The place of a cell in a batch and a row of it; None where the learner has no such numbers."""
        found = self._first_places.get(cell) if batch == self.report.sheet.batch else None
        if found is None:
            return None
        key, index = found
        return (key, (row, *index[1:])) if self.report.sheet.slots[key].by_sample else found

    def cell_at(self, place: Place) -> tuple[Cell, int]:
        """The cell at a place and, where the batch has several, the number of its sample in the file; else 0."""
        sheet, (key, index) = self.report.sheet, place
        slot = sheet.slots[key]
        sample = sheet.run.rows(sheet.batch)[index[0]] + 1 if slot.by_sample and sheet.samples > 1 else 0
        return slot.cell(index), sample

    @cached_property
    def rows(self) -> dict[Place, int]:
        """Which of the `places` a place is, from 0."""
        return {place: row for row, place in enumerate(self.places)}

    @cached_property
    def _first_places(self) -> dict[Cell, Place]:
        """Where a cell stands on the sheet, of the slots that the learner has something for; of a slot by samples, in
        the first."""
        slots = (self.report.sheet.slots[key] for key in self.report.disagreeing)
        return {
            slot.cell(index): (slot.key, index)
            for slot in slots
            for index in np.ndindex(slot.right.shape)
            if not slot.by_sample or index[0] == 0
        }


def _is_same(value: float, right: float, largest: float) -> bool:
    """Whether a value is the number that was held to be right."""
    if value == right or (math.isnan(value) and math.isnan(right)):
        return True
    return abs(value - right) <= _SAME * max(abs(value), abs(right)) + _SAME_OF_LARGEST * largest
