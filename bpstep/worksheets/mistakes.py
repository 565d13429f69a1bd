"""What the well-known mistakes give in the place of a right value: ``0.0364``, "f′ was left out".

A value is told once, whoever gives it: a wrong rule that was followed through the whole pass, or a slip of this one
step.  What can not be told from the right value by the grader's tolerance is not told at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.rules import RULES
from bpstep.exercises.grade import Truth
from bpstep.exercises.grading import rule_values, slip_values
from bpstep.exercises.slip import Slip
from bpstep.lazily import dataclass
from bpstep.worksheets.worked import paper

__all__ = ["MOST_SLIPS", "Found", "Wrong", "found_mistakes", "told_mistakes"]

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


def found_mistakes(session: Session, truth: Truth, wrong: Sequence[str] | None = None) -> Found:
    """The mistakes that can be made about a cell; ``wrong`` are the rules that an author names."""
    last = truth.steps[-1].number
    return Found(truth, rule_values(session, truth.cell, last, wrong), slip_values(session, truth))


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
