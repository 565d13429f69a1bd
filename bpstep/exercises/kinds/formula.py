"""An expression over cells, that must hold with other numbers, too."""

from __future__ import annotations

import math

from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import Expression, UnsetError, parse, value_or_none
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.english import counted
from bpstep.exercises.answer_text import MOST_CHARACTERS, answered, hint_about, typed, why_no_number
from bpstep.exercises.asked import last_write, writes_of
from bpstep.exercises.chance import by_chance
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade, named
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed, ask_cells, truth
from bpstep.exercises.kinds.value import graded, hints_by_steps, told_by_steps
from bpstep.exercises.slip import evaluated
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import redrawn
from bpstep.scenario.arithmetic import Call, postorder

__all__ = ["FORMULA"]

#: A formula is tried with so many other sets of numbers.
_FORMULA_POINTS = 8

_NO_NUMBERS = "It agrees here, but not with other weights and inputs: use cells, not their numbers."


def _question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = item.prompt or f"Write {posed.item.ask[0]} as an expression over cells that are shown."
    most = item.max_multiplications
    if most is not None:
        prompt += f"   (at most {most} multiplication{'' if most == 1 else 's'})"
    return [prompt, "Cells, not their numbers: it is tried with other weights and inputs, too."]


def _wants(posed: Posed) -> str:
    return "an expression over cells that are shown"


def _grade(posed: Posed, text: str) -> Grade:
    read = _read(posed, text)
    if isinstance(read, Grade):
        return read
    expression, value = read
    text = expression.text
    echo = f"{text} = " + f"{value:+.4g}".replace("-", "−")
    right = truth(posed)
    if not _agrees(value, right.value):
        return _wrong_formula(posed, text, echo, value)
    if not _holds_elsewhere(posed, expression):
        says = by_chance(posed.session, right, text) if expression.cells else (_NO_NUMBERS,)
        return Grade(WRONG, says, echo, value)
    most, used = posed.item.max_multiplications, _multiplications(expression)
    if most is not None and used > most:
        return Grade(
            WRONG,
            (f"Right, but with {counted(used, 'multiplication')}; {most} {'is' if most == 1 else 'are'} enough: "
             "which product is known already, and has a name?",),
            echo, value,
        )  # fmt: skip
    return Grade(CORRECT_ANSWER, ("right, here and with eight other sets of numbers",), echo, value)


def _read(posed: Posed, text: str) -> tuple[Expression, float] | Grade:
    """A formula and its value here; or why it is not graded, which costs no try."""
    text = typed(answered(posed.session, text, posed.cell))
    if not text:
        return Grade(NOT_GRADED, ("Nothing was answered; this costs no try.",))
    if len(text) > MOST_CHARACTERS:
        return Grade(NOT_GRADED, (f"An answer has at most {MOST_CHARACTERS} characters; this costs no try.",))
    try:
        expression = parse(posed.session.scope, text)
        if no_number := why_no_number(expression):
            return Grade(NOT_GRADED, (no_number,))
        if posed.cell in expression.cells:
            return Grade(NOT_GRADED, (f"{named(posed.cell)} is what is asked for.",))
        return expression, expression.value(posed.session.moment)
    except CommandError as error:
        told = hint_about(posed.session, text) or error.message
        return Grade(NOT_GRADED, (f"{told}; this costs no try.",))
    except UnsetError as error:
        return Grade(NOT_GRADED, (f"{error}: use cells that are shown already; this costs no try.",))


def _holds_elsewhere(posed: Posed, expression: Expression) -> bool:
    """Whether a formula is right with other sets of weights and inputs, too."""
    for point in range(_FORMULA_POINTS):
        other = Session(redrawn(posed.scenario, posed.numbers(point)))
        number = last_write(other, posed.cell)
        other.position = posed.session.position
        found = value_or_none(other.moment, expression.node)
        if found is None or not _agrees(found, other.run.step(number).value):
            return False
    return True


def _agrees(a: float, b: float) -> bool:
    return math.isfinite(a) and abs(a - b) <= max(1e-6 * abs(b), 1e-12)


def _wrong_formula(posed: Posed, text: str, echo: str, value: float) -> Grade:
    """What is wrong with the formula's value here says what is wrong with the formula."""
    found = graded(posed, text)
    if found.verdict != WRONG:  # near enough for a number, but not the same thing
        return Grade(WRONG, ("Near, but a formula has to agree exactly.",), echo, value)
    return Grade(WRONG, found.says, echo, value, found.diagnoses)


def _multiplications(expression: Expression) -> int:
    parts = postorder(expression.node)
    return sum(isinstance(part, Call) and part.function in ("mul", "div", "pow") for part in parts)


def _solution(posed: Posed) -> str:
    """The steps' own formulas, added up; a cell that is not shown yet is written out in turn."""
    return _written_out(posed, posed.cell, 0)


def _written_out(posed: Posed, cell: Cell, depth: int) -> str:
    session = posed.session
    parts = []
    for number in writes_of(session, cell):
        step = session.run.step(number)
        names = []
        for factor in step.inputs:
            reading = session.read(factor.cell)
            shown = (
                reading is not None
                and reading.value is not None
                and reading.state not in ("unset", "partial")
            )
            names.append(
                str(factor.cell) if shown or depth > 8 else f"({_written_out(posed, factor.cell, depth + 1)})"
            )
        parts.append(step.template.format(*names))
    return " + ".join(parts)


def _bad(posed: Posed) -> list[Mistake]:
    right = truth(posed)
    slips = slips_of(posed.session, posed.cell, right.steps)
    number = right.steps[-1].number
    values = [(slip, evaluated(posed.session, slip.text, number)) for slip in slips]
    wrong = [
        Mistake(slip.text, slip.says)
        for slip, value in values
        if value is not None and not _agrees(value, right.value)
    ]
    return [BLANK, ZERO, Mistake(repr(right.value), "the number, not an expression"), *wrong]


FORMULA = Kind(
    "formula", ask_cells, _question, _grade, _solution, _bad, _wants, hints_by_steps, told_by_steps, asks=1, hides=True,
)  # fmt: skip
