"""What the well-known mistakes give in the place of a right value: ``0.0364``, "f′ was left out".

A value is told once, whoever gives it: a wrong rule that was followed through the whole pass, or a slip of this one
step.  What can not be told from the right value by the grader's tolerance is not told at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.expressions import Expression
from bpstep.debugger.moment import Moment
from bpstep.debugger.session import Session
from bpstep.engine.rules import RULES
from bpstep.exercises.grade import OF_ZERO, Truth
from bpstep.exercises.grading import rule_values
from bpstep.exercises.slip import Slip, read, value_at
from bpstep.exercises.slips import slips_of
from bpstep.lazily import dataclass
from bpstep.worksheets.worked import paper

__all__ = ["MOST_SLIPS", "Found", "Mistakes", "Wrong", "told_mistakes"]

#: So many values of slips are told of one blank, besides those of wrong rules.
MOST_SLIPS = 5


@dataclass(frozen=True)
class Wrong:
    """A wrong value as it stands on paper, and what was done to get it."""

    value: str
    says: str


@dataclass(frozen=True)
class Found:
    """What wrong rules give in the place of a right value, by their names, and what slips give."""

    truth: Truth
    rules: dict[str, float]
    slips: list[tuple[Slip, float]]

    @property
    def blurred(self) -> int:
        """How many of them would pass for the right value."""
        values = [*self.rules.values(), *(value for _, value in self.slips)]
        return sum(self.truth.holds(value) for value in values)


class Mistakes:
    """Finds the mistakes that can be made in runs of one structure, whatever their numbers: what the text of a slip
    means is read once for all of them."""

    def __init__(self) -> None:
        self._read: dict[str, Expression | None] = {}

    def found(self, session: Session, truth: Truth, wrong: Sequence[str] | None = None) -> Found:
        """The mistakes about a cell; ``wrong`` are the rules that an author names."""
        last = truth.steps[-1].number
        moment = Moment(session.run, last - 1)
        room = 1e-9 * max(abs(truth.value), OF_ZERO)
        slips = []
        for slip in slips_of(session, truth.cell, truth.steps):
            if slip.text not in self._read:
                self._read[slip.text] = read(session, slip.text)
            expression = self._read[slip.text]
            value = None if expression is None else value_at(moment, expression)
            if value is not None and abs(value - truth.value) > room:
                slips.append((slip, value))
        return Found(truth, rule_values(session, truth.cell, last, wrong), slips)


def told_mistakes(found: Found) -> list[Wrong]:
    """The wrong values, each once, with everything that gives it."""
    rules: dict[str, list[str]] = {}
    slips: dict[str, list[str]] = {}
    for name, value in found.rules.items():
        if not found.truth.holds(value):
            rules.setdefault(paper(value), []).append(name)
    for slip, value in found.slips:
        if not found.truth.holds(value):
            slips.setdefault(paper(value), []).append(slip.says)
    opposite = paper(-found.truth.value)
    if found.truth.value != 0.0 and opposite not in rules:
        slips.setdefault(opposite, ["The size is right, the sign is not."])
    alone = [text for text in slips if text not in rules][:MOST_SLIPS]
    return [Wrong(text, _told(rules.get(text, []), slips.get(text, []))) for text in (*rules, *alone)]


def _told(rules: Sequence[str], slips: Sequence[str]) -> str:
    """What was done, in a sentence; in two, where two things give the same."""
    says = " Or: ".join(dict.fromkeys(slips))
    return f"{says or RULES[rules[0]].says} ({', '.join(rules)})" if rules else says
