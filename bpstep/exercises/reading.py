"""What an answer is worked out from: the cells that are read for it, and those among them that can not be read.

A cell that is not shown yet where a question is asked is worked out in its turn, from what it reads itself; so the way
ends at cells that are shown, or at some that nobody can see from there, such as the inputs of a sample that comes
later.  Those a question has to say itself.
"""

from __future__ import annotations

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Factor
from bpstep.exercises.asked import writes_of

__all__ = ["read_for"]


def read_for(session: Session, cell: Cell) -> tuple[list[Factor], list[Factor]]:
    """The cells that a cell is worked out from where the session stands: those that are shown there, and those that
    can not be seen."""
    shown: list[Factor] = []
    hidden: list[Factor] = []
    met: set[tuple[Cell, float]] = set()
    waiting = [(cell, session.whole_run.length + 1)]
    while waiting:
        one, before = waiting.pop()
        for number in (number for number in writes_of(session, one) if number < before):
            for factor in session.whole_run.step(number).inputs:
                if (factor.cell, factor.value) in met:
                    continue
                met.add((factor.cell, factor.value))
                if _is_shown(session, factor):
                    shown.append(factor)
                elif any(n < number for n in writes_of(session, factor.cell)):
                    waiting.append((factor.cell, number))
                else:
                    hidden.append(factor)
    return shown, hidden


def _is_shown(session: Session, factor: Factor) -> bool:
    """Whether a cell can be read, and has the value that is read for the answer."""
    reading = session.read(factor.cell)
    return reading is not None and reading.value == factor.value and reading.state not in ("unset", "partial")
