"""Where a learner's own numbers (`compare`) part from the right ones, as places in a run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from bpstep.debugger.destinations import no_such_place
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.session import Session

if TYPE_CHECKING:
    from bpstep.comparison.marked import Marks

__all__ = ["WRONG", "next_wrong"]

#: How the places are called where a learner's number disagrees: in `break wrong`, `step wrong`, `back wrong`.
WRONG = "wrong"


def next_wrong(session: Session, position: int, column: int = 0, *, back: bool = False) -> int:
    """The next position (the last one before, going ``back``) right after a step whose number the learner has
    otherwise; `CommandError` where there is none."""
    marks = _marks(session, column)
    steps = marks.wrong_steps
    at = bisect_left(steps, position) - 1 if back else bisect_right(steps, position)
    while 0 <= at < len(steps):
        # What was compared may have been changed since: such a step is passed by.
        number = steps[at]
        if number <= session.length and marks.disagrees(session.run, session.run.step(number)):
            return number
        at += -1 if back else 1
    raise no_such_place(f"no {'earlier' if back else 'later'} number disagrees", column)


def _marks(session: Session, column: int) -> Marks:
    if session.held is None:
        raise CommandError(
            'nothing has been compared yet; expected "compare FILE" first', column, ExitCode.FAILED
        )
    if session.marks is None:
        message = "which of your numbers are wrong waits until the question is answered"
        raise CommandError(message, column, ExitCode.FAILED)
    return session.marks
