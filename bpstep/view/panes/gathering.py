"""Sums seen growing: the steps that write a cell, and what a ledger of them is made of.

A ledger shows the whole sum at once: contributions that have arrived with their products, the one of this
step, the next, and the rest as far as there is room.  What a contribution will read is shown as soon as it is
known, because the point of the backward pass is just that: it is known already.

Of the backward pass, ledgers are made in `backward_ledger`; of the forward pass, in `forward_ledger`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Factor, Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Run
from bpstep.view.drawing.layout import NOTHING, number_run
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.drawing.roles import Part
from bpstep.view.panes.ledger import Ledger, Line
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import state_of
from bpstep.view.symbols.formula import Symbols, kind_of

__all__ = [
    "FEWEST_DIGITS",
    "MARGIN",
    "Gathering",
    "Maker",
    "Placed",
    "gathering",
    "is_penalty",
    "way_of",
    "with_summaries",
]

#: No number of a ledger has fewer digits.
FEWEST_DIGITS = 3
#: The columns at both sides of a ledger.
MARGIN = 3

#: A ledger, the row where it begins, and whether its fractions stand on two lines.
Placed = tuple[Ledger, int, bool]


@dataclass(frozen=True)
class Gathering:
    """The steps that write a cell; ``at`` is the place of the current one among them, ``pending`` says that
    the current step only prepares it (a `local`)."""

    cell: Cell
    steps: Sequence[int]
    at: int
    pending: bool

    @property
    def total(self) -> int:
        """The number of contributions."""
        return len(self.steps)


def gathering(frame: Frame, step: Step) -> Gathering | None:
    """The sum that a step belongs to; None where it belongs to none."""
    number, cell, pending = step.number, step.cell, False
    if step.op == "local":
        number, pending = number + 1, True
        if frame.hides(frame.step_at(number)):
            return None
        cell = frame.step_at(number).cell
    elif step.op == "update":
        return _gradient_of(frame, step)
    spot = frame.index.find(cell)
    if spot is None:
        return None
    steps = frame.moment.write_steps(spot)
    return Gathering(cell, steps, steps.index(number), pending)


def _gradient_of(frame: Frame, step: Step) -> Gathering | None:
    """The finished gradient that an update uses."""
    gradient = cells.d(step.cell)
    spot = frame.index.find(gradient)
    if spot is None:
        return None
    steps = frame.moment.write_steps(spot)
    # What nobody uses gathers nothing.
    return Gathering(gradient, steps, len(steps), False) if steps else None


@dataclass(frozen=True)
class Maker:
    """Makes the lines of one ledger."""

    frame: Frame
    step: Step
    sum: Gathering
    symbols: Symbols
    numbers: NumberFormat

    @classmethod
    def of(cls, frame: Frame, step: Step, found: Gathering, digits: int) -> Maker:
        """The maker of the ledger of a sum, in numbers of so many digits."""
        return cls(frame, step, found, frame.symbols, NumberFormat(digits))

    def contribution(self, place: int) -> Step:
        """The step of one contribution."""
        return self.frame.step_at(self.sum.steps[place])

    def contribution_here(self) -> Step:
        """The contribution that this step makes or prepares; in the update the last."""
        return self.contribution(min(self.sum.at, self.sum.total - 1))

    def number(self, contribution: Step, cell: Cell, value: float | None, when: str) -> Run:
        """A factor of a contribution: bold where this step reads it, dim where it is not known yet."""
        mark = None if value is None else self.frame.yours.of_factor(contribution, Factor(cell, value))
        state = "unset" if value is None else state_of(mark)
        return number_run(
            self.numbers, kind_of(cell), value, state, part="read" if when == "now" else "known"
        )

    def value_now(self, contribution: Step, factor: Factor) -> float | None:
        """A factor of a contribution as far as it is known at this moment.

        Of what has arrived it is the number that was read then; of what is to come, what stands in the cell, but
        not where that is the number of another sample.
        """
        if contribution.number <= self.step.number:
            return factor.value
        if contribution.when.sample != self.step.when.sample and factor.cell.kind not in ("w", "b"):
            return None
        return self.frame.value(factor.cell)

    def when(self, place: int) -> str:
        """Where a line stands in time: done, now, next, or later."""
        at = self.sum.at
        if place == at:
            return "next" if self.sum.pending else "now"
        if place < at:
            return "done"
        return "next" if place == at + 1 and not self.sum.pending else "later"

    def result(self, contribution: Step, when: str) -> Run:
        """The product of a line, once it is there."""
        kind = kind_of(self.sum.cell)
        if when in ("next", "later"):
            return Run(" ·", "dim")
        alone = self.sum.total == 1 and when == "now"
        part: Part = "written" if alone else "read" if when == "now" else "known"
        state = state_of(self.frame.yours.of_step(contribution)) if self.sum.total == 1 else "final"
        return number_run(self.numbers, kind, contribution.product, state, part=part)

    def name_role(self, when: str) -> str:
        return "strong" if when == "now" else "dim" if when in ("next", "later") else "text"

    def note(self, when: str) -> Run:
        """``now`` and ``next`` mark the two lines that matter."""
        if when == "now" and self.step.when.phase != "update":
            return Run("now", f"{kind_of(self.sum.cell)}-read")
        return Run("next", "dim") if when == "next" else NOTHING

    def total(self) -> Line | None:
        """The sum so far, as the chip of this step, with its count."""
        n = self.sum.total
        if n == 1:
            return None
        if self.step.when.phase == "update":
            written = self.frame.read(self.sum.cell)
            value = None if written is None else written.value
            state = state_of(self.frame.yours.of(written))
            result = number_run(self.numbers, kind_of(self.sum.cell), value, state, part="read")
            return Line(result=result, note=Run(f"{n} of {n}", "dim"))
        arrived = self.sum.at + (not self.sum.pending)
        reading = self.frame.read(self.sum.cell)
        value = None if reading is None else reading.value
        state = "unset" if value is None else "partial" if arrived < n else "final"
        if state == "final":
            state = state_of(self.frame.yours.of(reading))
        part: Part = "known" if self.sum.pending else "written"
        result = number_run(self.numbers, kind_of(self.sum.cell), value, state, part=part)
        bold = f"{kind_of(self.sum.cell)}-read"
        return Line(result=result, note=Run(f"{arrived} of {n}", bold if arrived < n else "dim"))

    def window(self, room: int) -> tuple[int, int]:
        """The lines that are shown: all, or those around this step."""
        n, at = self.sum.total, min(self.sum.at, self.sum.total - 1)
        if n <= room:
            return 0, n
        if room <= 3:  # this line and the next; for the others there is the sum
            return min(at, n - 2), min(at, n - 2) + 2
        if at + 2 <= room - 1:
            return 0, room - 1
        if n - at <= room - 1:
            return n - room + 1, n
        first = at + 2 - (room - 2)
        return first, at + 2


def with_summaries(make: Maker, lines: list[Line], shown: tuple[int, int], room: int) -> list[Line]:
    """The lines of a window, with one line each for what stands before and behind it, where there is room."""
    first, last = shown
    if first > 0 and len(lines) < room:
        lines = [_left_out(make, 0, first), *lines]
    if last < make.sum.total and len(lines) < room:
        lines = [*lines, _left_out(make, last, make.sum.total)]
    return lines


def _left_out(make: Maker, first: int, last: int) -> Line:
    """One line for those that there is no room for: before the window with their subtotal."""
    names = [way_of(make.contribution(place)).removeprefix("via ") for place in (first, last - 1)]
    text = f"… {names[0]}" if last - first == 1 else f"… {names[0]} to {names[1]}"
    result = Run(" ·", "dim")
    if first == 0 and make.sum.at >= last:
        result = number_run(make.numbers, kind_of(make.sum.cell), make.contribution(last - 1).value)
    return Line(Run(text, "dim"), (), result)


def way_of(contribution: Step) -> str:
    """The way that a contribution comes: through a neuron or a variable, of a sample, from the penalty."""
    if is_penalty(contribution):
        return "l2"
    if contribution.op == "bias":
        return "bias"
    if contribution.op == "term":
        return f"via {contribution.inputs[-1].cell.of}"
    if contribution.op == "cost":
        return f"via {contribution.when.node}"
    through = contribution.upstream or contribution.inputs[-1]
    of, to = through.cell.of, contribution.cell.of
    gathers_samples = isinstance(to, Cell) and (to.kind in ("w", "b") or to == cells.LOSS)
    if not isinstance(of, Cell) or not of.of or (gathers_samples and contribution.op == "contribute"):
        return f"sample {contribution.when.sample}"
    return f"via {of.of}"


def is_penalty(contribution: Step) -> bool:
    """Whether a contribution is that of the penalty on large weights."""
    if contribution.upstream is not None:
        return contribution.upstream.cell == cells.d(cells.LOSS)
    first = contribution.inputs[0].cell if contribution.inputs else contribution.cell
    return contribution.cell in (cells.LOSS, cells.dot(cells.LOSS)) and first.kind in ("w", "sum")
