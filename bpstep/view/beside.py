"""One rule beside another: what the same step would have given under the rule that this run is compared with.

A rule changes values, never the number or the order of steps, so the step of the other run has the same number.
A cell that is not the same in both is *spoiled*: the mistake has reached it.
"""

from __future__ import annotations

from bpstep.debugger.readings import Moment
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Step
from bpstep.view.numbers import NumberFormat
from bpstep.view.spelling import symbols_of

__all__ = ["Beside"]

Runs = list[tuple[str, str]]


def _differ(moments: list[Moment], cell: Cell) -> bool:
    own, other = (moment.read(cell) for moment in moments)
    return own is not None and other is not None and own.value != other.value


class Beside:
    """A session's run beside its twin, at one moment; without a twin nothing is ever spoiled."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._twin = session.twin
        self._moment = Moment(self._twin[1], session.position) if self._twin is not None else None

    @property
    def other(self) -> str:
        """The name of the other rule; "" where there is none."""
        return self._twin[0].name if self._twin is not None else ""

    def differs(self, step: Step) -> bool:
        """Whether a step gives another value under the other rule."""
        return self._twin is not None and self._twin[1].step(step.number).value != step.value

    def spoils(self, cell: Cell) -> bool:
        """Whether a cell has another value under the other rule now."""
        if self._moment is None:
            return False
        own, other = self.session.read(cell), self._moment.read(cell)
        return own is not None and other is not None and own.value != other.value

    def mistake(self, step: Step) -> str:
        """Where the difference of a step comes from: it is made here, or it came in with what the step reads."""
        if self._twin is None or not self.differs(step):
            return ""
        twin = self._twin[1].step(step.number)
        own, other = self.session.setup.rule, self._twin[0]
        wrong = other if own is CORRECT else own
        before = [Moment(run, step.number - 1) for run in (self.session.run, self._twin[1])]
        pairs = zip(step.inputs, twin.inputs, strict=False)
        # A factor may differ though its cell does not: then the rule takes another number for it, here.
        changed = next(
            (a.cell for a, b in pairs if a.cell == b.cell and a.value != b.value and _differ(before, a.cell)),
            None,
        )
        if changed is not None and [f.cell for f in step.inputs] == [f.cell for f in twin.inputs]:
            return (
                f"The mistake came in with {symbols_of(self.session)(changed)}, which is not right already."
            )
        if step.was != twin.was and step.product == twin.product:
            return "The mistake is in the sum so far; what is added here is right."
        return f"Here {wrong.name} parts from the chain rule."

    def runs(self, step: Step) -> Runs:
        """Both values of a step, each with the name of its rule; nothing where they are the same."""
        if self._twin is None or not self.differs(step):
            return []
        numbers = NumberFormat(self.session.options.digits)
        own, other = self.session.setup.rule, self._twin[0]
        value = self._twin[1].step(step.number).value
        both = [(own, step.value), (other, value)]
        found: Runs = []
        for rule, number in both:
            role = "dim" if rule is CORRECT else "alarm"
            found += [(f"{rule.name} ", role), (numbers.deriv(number).strip(), role), ("  ", "")]
        right, wrong = sorted(both, key=lambda pair: pair[0] is not CORRECT)
        if right[1] != 0.0:
            found.append((f"× {wrong[1] / right[1] + 0.0:.4g}".replace("-", "−"), "alarm"))
        return found
