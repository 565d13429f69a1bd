"""Commands of a derivation of one's own: derive, =.

A learner writes the derivative by a cell line by line, as on paper, and each line is held against the one before.
Who holds them is the session's tutor; here stand the words.
"""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import tutor_of
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import parse
from bpstep.debugger.session import Session
from bpstep.debugger.tutor import Tutor

__all__ = ["DERIVING"]

_ENDS = ("", "end")


def _tutor(session: Session, column: int) -> Tutor:
    """Who holds the lines against each other; `CommandError` while something is hidden that they would tell."""
    if session.is_veiled:
        message = "a derivation tells what lies ahead: answer, hint or reveal first, or predict off"
        raise CommandError(message, column, ExitCode.FAILED)
    return tutor_of(session, column)


def _derive(session: Session, arguments: Arguments) -> Answer:
    tutor = _tutor(session, arguments.column)
    if arguments.text == "off":
        tutor.drop_derivation()
        return Said("the derivation is dropped")
    return (
        tutor.end_derivation() if arguments.text in _ENDS else tutor.derive(arguments.text, arguments.column)
    )


def _check_derive(session: Session, arguments: Arguments) -> None:
    if arguments.text not in (*_ENDS, "off"):
        parse(session.scope, arguments.text, arguments.column)


def _line(session: Session, arguments: Arguments) -> Answer:
    return _tutor(session, arguments.column).derivation_line(arguments.text, arguments.column)


def _check_line(session: Session, arguments: Arguments) -> None:
    if session.setup.wrt is None:  # in forward mode a line may name derivatives that the run does not have
        parse(session.scope, arguments.text, arguments.column)


DERIVING = (
    Command(
        "derive", "derive CELL|end|off",
        "begin a derivation of your own by a parameter or an input; end it and tell what was worked out; drop it",
        "derive w[h1->o1]", _derive, check=_check_derive,
    ),
    Command(
        "=", "= EXPR", "the next line of the derivation; it must be equal to the one before",
        "= delta[o1] * y[h1]", _line, check=_check_line,
    ),
)  # fmt: skip
