"""A learner's own numbers beside the right ones, at one moment: what a pane needs to show both.

A mark is drawn like the state of a cell (`bpstep.view.drawing.numbers.MARKS`): ✓ and ✗ stand behind a number, where …
and ~ do, so whoever writes a number with its state has room for them.  Where there is room the learner's number
itself follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.debugger.moment import FINAL, GIVEN, Moment, Reading
from bpstep.engine.steps import Factor, Step
from bpstep.view.drawing.canvas import Run
from bpstep.view.drawing.numbers import MARKS, NumberFormat
from bpstep.view.drawing.roles import Kind

if TYPE_CHECKING:
    from bpstep.comparison.marked import Mark, Marks

__all__ = ["Yours", "ratio_text", "state_of", "told", "your_run"]


class Yours:
    """The marks of a comparison at a moment; without a comparison nothing is ever marked."""

    def __init__(self, moment: Moment, marks: Marks | None) -> None:
        self.moment, self.marks = moment, marks

    def __bool__(self) -> bool:
        """Whether there is anything beside the numbers of this batch."""
        return self.marks is not None and self.marks.report.sheet.batch == self.moment.place.batch

    def of(self, reading: Reading | None) -> Mark | None:
        """The mark of what stands in a cell now."""
        if self.marks is None or reading is None or reading.state not in (FINAL, GIVEN):
            return None
        place = self.moment.place
        return self.marks.of(reading.cell, place.batch, place.sample, reading.value)

    def of_step(self, step: Step) -> Mark | None:
        """The mark of what a step writes."""
        return self.marks.of_step(self.moment.run, step) if self.marks is not None else None

    def of_factor(self, step: Step, factor: Factor) -> Mark | None:
        """The mark of what a step reads."""
        return self.marks.of_factor(self.moment.run, step, factor) if self.marks is not None else None


def state_of(mark: Mark | None, state: str = FINAL) -> str:
    """How a number is shown: with its mark, or in its own state where it has none."""
    return state if mark is None else "agrees" if mark.agrees else "disagrees"


def your_run(mark: Mark | None, kind: Kind, numbers: NumberFormat) -> Run:
    """A learner's number, as it stands beside the right one; nothing where there is none."""
    if mark is None:
        return Run("")
    return Run(numbers.show(kind, mark.yours), "dim" if mark.agrees else "alarm")


def ratio_text(mark: Mark) -> str:
    """By how much a learner's number is off, in a few words."""
    if mark.agrees:
        return "yours agrees"
    if mark.yours == 0.0:
        return "yours is 0"
    if mark.ratio is None:
        return "yours is another number"
    return f"yours is {mark.ratio:.4g} × the right one".replace("-", "−")


def told(kind: Kind, mark: Mark, numbers: NumberFormat) -> str:
    """Both numbers, in one line of text."""
    yours, right = (numbers.show(kind, number).strip() for number in (mark.yours, mark.right))
    if mark.agrees:
        return f"{MARKS['agrees']} yours {yours}"
    ratio = f"   ratio {mark.ratio:.4g}".replace("-", "−") if mark.ratio is not None else ""
    return f"{MARKS['disagrees']} yours {yours}   right {right}{ratio}"
