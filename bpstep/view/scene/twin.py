"""One rule beside another: what the same step would have given under the rule that this run is compared with.

A rule changes values, never the number or the order of steps, so the step of the other run has the same number.
A cell that is not the same in both is *spoiled*: the mistake has reached it.
"""

from __future__ import annotations

from bpstep.debugger.moment import Moment
from bpstep.engine.cells import Cell
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Step
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.scene.memo import Steps
from bpstep.view.symbols.formula import Symbols

__all__ = ["Twin"]

Runs = list[tuple[str, str]]


def _differ(moments: list[Moment], cell: Cell) -> bool:
    own, other = (moment.read(cell) for moment in moments)
    return own is not None and other is not None and own.value != other.value


class Twin:
    """A run beside its twin, at one moment; without a twin nothing is ever spoiled.

    ``steps`` and ``twins`` are the steps of the run and of its twin; ``rule`` is the rule of the twin.
    """

    def __init__(self, moment: Moment, steps: Steps, rule: Rule | None, twins: Steps | None) -> None:
        self.moment, self.steps, self.rule, self.twins = moment, steps, rule, twins
        self._moment = Moment(twins.run, moment.position) if twins is not None else None
        self._spoiled: dict[Cell, bool] = {}

    @property
    def other(self) -> str:
        """The name of the other rule; "" where there is none."""
        return self.rule.name if self.rule is not None else ""

    def differs(self, step: Step) -> bool:
        """Whether a step gives another value under the other rule."""
        return self.twins is not None and self.twins[step.number].value != step.value

    def spoils(self, cell: Cell) -> bool:
        """Whether a cell has another value under the other rule now."""
        if self._moment is None:
            return False
        found = self._spoiled.get(cell)
        if found is None:
            found = self._spoiled[cell] = _differ([self.moment, self._moment], cell)
        return found

    def mistake(self, step: Step, s: Symbols) -> str:
        """Where the difference of a step comes from: it is made here, or it came in with what the step reads."""
        if self.twins is None or self.rule is None or not self.differs(step):
            return ""
        twin, own = self.twins[step.number], self.moment.setup.rule
        wrong = self.rule if own is CORRECT else own
        before = [Moment(steps.run, step.number - 1) for steps in (self.steps, self.twins)]
        pairs = zip(step.inputs, twin.inputs, strict=False)
        # A factor may differ though its cell does not: then the rule takes another number for it, here.
        changed = next(
            (a.cell for a, b in pairs if a.cell == b.cell and a.value != b.value and _differ(before, a.cell)),
            None,
        )
        if changed is not None and [f.cell for f in step.inputs] == [f.cell for f in twin.inputs]:
            return f"The mistake came in with {s(changed)}, which is wrong already."
        if step.was != twin.was and step.product == twin.product:
            return "The mistake is in the sum so far; what is added here is right."
        return f"Here {wrong.name} parts from the chain rule."

    def runs(self, step: Step, numbers: NumberFormat) -> Runs:
        """Both values of a step, each with the name of its rule; nothing where they are the same."""
        if self.twins is None or self.rule is None or not self.differs(step):
            return []
        both = [(self.moment.setup.rule, step.value), (self.rule, self.twins[step.number].value)]
        found: Runs = []
        for rule, number in both:
            role = "dim" if rule is CORRECT else "alarm"
            found += [(f"{rule.name} ", role), (numbers.deriv(number).strip(), role), ("  ", "")]
        right, wrong = sorted(both, key=lambda pair: pair[0] is not CORRECT)
        if right[1] != 0.0:
            found.append((f"× {wrong[1] / right[1] + 0.0:.4g}".replace("-", "−"), "alarm"))
        return found
