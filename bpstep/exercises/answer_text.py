"""An answer as it was typed: what is read in it, and why it may not be graded, which costs no try."""

from __future__ import annotations

import math
import re

from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import Expression, UnsetError, parse
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.exercises.grade import NOT_GRADED, Grade, named
from bpstep.scenario.arithmetic import Compare, Number, cells_of, postorder

__all__ = [
    "MOST_CHARACTERS",
    "answered",
    "hint_about",
    "is_expression",
    "is_of_cells",
    "read_answer",
    "typed",
    "why_no_number",
]


#: No answer is longer than this.
MOST_CHARACTERS = 500

_WITH_COMMA = re.compile(r"([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)")


def read_answer(session: Session, text: str, hidden: Cell | None) -> tuple[float, str] | Grade:
    """The value of an answer and its echo; or why it is not graded, which costs no try."""
    text = text.strip()
    if not text:
        return _not_graded("Nothing was answered; this costs no try.")
    if len(text) > MOST_CHARACTERS:
        return _not_graded(f"An answer has at most {MOST_CHARACTERS} characters; this costs no try.")
    try:
        expression = parse(session.scope, typed(text))
        if no_number := why_no_number(expression):
            return _not_graded(no_number)
        if hidden is not None and hidden in expression.cells:
            return _not_graded(f"{named(hidden)} is what is asked for; use cells that are shown already.")
        value = expression.value(session.moment)
    except CommandError as error:
        return _not_graded(f"{hint_about(session, text) or error.message}; this costs no try.")
    except UnsetError as error:
        return _not_graded(f"{error}: only cells that are shown already can be used; this costs no try.")
    if not math.isfinite(value):
        return _not_graded(f"{text} is {value}, which is no number to compare; this costs no try.")
    shown = f"{value:+.4g}".replace("-", "−")
    is_number = not expression.cells and text.lstrip("+-").replace(".", "", 1).isdigit()
    return value, text if is_number else f"{text} = {shown}"


def answered(session: Session, text: str, asked: Cell) -> str:
    """An answer without its left side, where that names what is asked: of delta[o1] = 0.1363 what stands behind the
    sign."""
    left, sign, right = typed(text).partition("=")
    if not sign or right.startswith("=") or left.endswith(("<", ">", "!")):
        return text
    try:
        named = parse(session.scope, left).cell if left.strip() else asked
    except CommandError:
        return text
    return right.strip() if named == asked else text


def why_no_number(expression: Expression) -> str:
    """Why an expression is no answer although it has a value: two conditions, or one, that are joined by a word."""
    node = expression.node
    if isinstance(node, Compare) and node.joins:
        return (
            f'"{node.operator}" makes a condition; expected one number, or an expression; this costs no try.'
        )
    return ""


def hint_about(session: Session, text: str) -> str:
    """What to write in the place of an answer that is no expression: a decimal comma, an equation for another cell;
    "" where it is neither."""
    found = _WITH_COMMA.fullmatch(typed(text))
    if found:
        return f"a number is written with a point here, {found[1]}.{found[2]}"
    left, sign, _ = typed(text).partition("=")
    try:
        other = parse(session.scope, left).cell if sign else None
    except CommandError:
        return ""
    return f"this is an equation for {named(other)}, which is not asked for" if other is not None else ""


def _not_graded(why: str) -> Grade:
    return Grade(NOT_GRADED, (why,))


def is_of_cells(session: Session, text: str) -> bool:
    """Whether an answer is an expression over cells with no numbers in it but those that formulas have."""
    try:
        node = parse(session.scope, typed(text)).node
    except CommandError:
        return False
    numbers = [part.value for part in postorder(node) if isinstance(part, Number)]
    return bool(list(cells_of(node))) and all(number in (0.0, 0.5, 1.0, 2.0) for number in numbers)


def is_expression(session: Session, text: str) -> bool:
    """Whether an answer names a cell."""
    try:
        return bool(parse(session.scope, typed(text)).cells)
    except CommandError:
        return False


def typed(text: str) -> str:
    """An answer in the characters of expressions."""
    return text.strip().replace("−", "-").replace("×", "*").replace("·", "*")
