"""What a slip is: an expression that is written in place of the right one, and a sentence that says what was done."""

from __future__ import annotations

import math

from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import Expression, UnsetError, parse
from bpstep.debugger.moment import Moment
from bpstep.debugger.session import Session
from bpstep.lazily import dataclass

__all__ = ["Slip", "evaluated", "read", "value_at"]


@dataclass(frozen=True)
class Slip:
    """One way to go wrong: the expression that is written, and the sentence that says so."""

    text: str
    says: str


def evaluated(session: Session, text: str, number: int) -> float | None:
    """The value of an expression where a step is asked for: all that it reads is there, what it writes is not.

    None where a cell of it is unset or there is no such cell.
    """
    expression = read(session, text)
    return None if expression is None else value_at(Moment(session.run, number - 1), expression)


def read(session: Session, text: str) -> Expression | None:
    """What the text of a slip means; None where there is no such cell."""
    try:
        return parse(session.scope, text)
    except CommandError:
        return None


def value_at(moment: Moment, expression: Expression) -> float | None:
    """Its value at a moment; None where a cell of it is unset, or the value is not finite."""
    try:
        value = expression.value(moment)
    except UnsetError:
        return None
    return value if math.isfinite(value) else None
