"""Marks: what a learner has for a number, wherever that number stands, and whether the two agree.

A comparison is about one batch of one run.  The numbers of a run change (somebody sets a weight, chooses a wrong rule,
goes on to the next sample), so a mark is given only to *the very number that was compared*: the same cell of the
same batch and sample, with the value that was held to be right.  Whoever shows numbers need not know more.

    >>> from bpstep.comparison.reading import entries_of
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
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bpstep.comparison.report import Report, wrong_steps
from bpstep.comparison.sheet import Place
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.steps import Factor, Step

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

    def of(self, cell: Cell, batch: int, row: int, value: float | None) -> Mark | None:
        """The mark of a number: of a cell in a batch (from 0) and a row of it (from 0), with this value."""
        place = self._places.get(cell) if value is not None and batch == self.report.sheet.batch else None
        if place is None or value is None:
            return None
        key, index = place
        if self.report.sheet.slots[key].by_sample:
            index = (row, *index[1:])
        slot = self.report.disagreeing[key]
        yours, right = float(slot.yours[index]), float(slot.right[index])
        if math.isnan(yours) or not _is_same(value, right, slot.scale):
            return None
        return Mark(yours, right, not bool(slot.wrong[index]))

    def of_step(self, run: Run, step: Step) -> Mark | None:
        """The mark of what a step writes, once that is complete."""
        place = run.place(step.number)
        return self.of(step.cell, place.batch, place.sample, step.value) if step.is_final else None

    def of_factor(self, run: Run, step: Step, factor: Factor) -> Mark | None:
        """The mark of what a step reads."""
        place = run.place(step.number)
        return self.of(factor.cell, place.batch, place.sample, factor.value)

    def disagrees(self, run: Run, step: Step) -> bool:
        """Whether a step makes a number final that the learner has otherwise."""
        mark = self.of_step(run, step)
        return mark is not None and not mark.agrees

    @cached_property
    def _places(self) -> dict[Cell, Place]:
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
