"""A number before it is revealed."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.exercises.asked import last_write, told, writes_of
from bpstep.exercises.carrying import carried_value
from bpstep.exercises.grade import Grade, in_six_digits, named, tolerance_text
from bpstep.exercises.grading import grade_value, rule_values, slip_values
from bpstep.exercises.hints import hints_about
from bpstep.exercises.kind import A_NUMBER, BLANK, ZERO, Kind, Mistake, Posed, ask_cells, truth

__all__ = ["VALUE", "graded", "hints_by_steps", "told_by_steps"]

#: No more steps are shown of an answer.
_MOST_TOLD = 6


def _question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = item.prompt or f"What is {posed.item.ask[0]}?"
    lines = [f"{prompt}   ({tolerance_text(item.rel, item.absolute)})"]
    before = posed.session.read(posed.cell)
    if before is not None and before.value is not None:  # an update: the cell itself is shown as ?
        lines.append(f"Now {named(posed.cell)} is {in_six_digits(before.value)}.")
    return lines


def _wants(posed: Posed) -> str:
    return A_NUMBER


def _rules(posed: Posed) -> dict[str, float]:
    return rule_values(posed.session, posed.cell, last_write(posed.session, posed.cell), posed.item.wrong)


def graded(posed: Posed, text: str) -> Grade:
    """The grade of a number, or of an expression that gives it."""
    session = posed.session
    carried = carried_value(session, posed.cell, last_write(session, posed.cell), posed.earlier)
    right = truth(posed)
    is_there = right.steps[0].op == "update"  # what it was before is shown, and is part of the answer
    hidden = None if is_there else posed.cell
    return grade_value(session, right, text, rules=_rules(posed), carried=carried, hidden=hidden)


def _solution(posed: Posed) -> str:
    return repr(truth(posed).value)


def _bad(posed: Posed) -> list[Mistake]:
    right = truth(posed)
    wrong = [Mistake(repr(value), f"the rule {name} gives it") for name, value in _rules(posed).items()]
    slips = [
        Mistake(repr(value), f"{slip.text}: {slip.says}") for slip, value in slip_values(posed.session, right)
    ]
    return [BLANK, *([ZERO] if right.value != 0.0 else []), *wrong, *slips]


def hints_by_steps(posed: Posed) -> Sequence[str]:
    """Hints about the steps that make the answer, which is their number or what stands in them."""
    steps = [posed.session.run.step(number) for number in writes_of(posed.session, posed.cell)]
    return hints_about(posed.session, posed.cell, steps, is_value=posed.kind.is_number)


def told_by_steps(posed: Posed) -> list[str]:
    """The answer: the steps that make it."""
    return [told(step) for step in truth(posed).steps[:_MOST_TOLD]]


VALUE = Kind(
    "value", ask_cells, _question, graded, _solution, _bad, _wants, hints_by_steps, told_by_steps,
    asks=1, is_number=True, hides=True,
)  # fmt: skip
