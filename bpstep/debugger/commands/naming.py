"""What the words behind a command name: a cell, the cell of the last step, a view."""

from __future__ import annotations

from bpstep.debugger.arguments import Arguments
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.expressions import array_named, parse
from bpstep.debugger.session import Session
from bpstep.debugger.tutor import Tutor
from bpstep.debugger.view_names import SHOWN
from bpstep.engine.cells import Cell
from bpstep.scenario.arithmetic import CellArray

__all__ = [
    "cell_or_current",
    "check_array",
    "check_cell",
    "every_cell",
    "example_of",
    "one_cell",
    "read_view",
    "tutor_of",
]


def one_cell(session: Session, text: str, column: int, expected: str = "expected one cell") -> Cell:
    """The cell that a text names; `CommandError` where it names none, or an expression."""
    expression = parse(session.scope, text, column)
    if expression.cell is None:
        raise CommandError(expected, column)
    return expression.cell


def every_cell(session: Session, text: str, column: int, expected: str = "expected one cell") -> CellArray:
    """The array whose bare name a text is, or the one cell that it names; `CommandError` where it names neither."""
    array = array_named(session.scope, text, column)
    if array is None:
        cell = one_cell(session, text, column, expected)
        array = CellArray(cell, (), (cell,))
    return array


def cell_or_current(session: Session, arguments: Arguments) -> Cell:
    """The cell that is named; of nothing, the one that the last step wrote."""
    if arguments:
        return one_cell(session, arguments.text, arguments.column)
    step = session.step
    if step is None:
        raise CommandError("expected a cell", arguments.column)
    return step.cell


def example_of(session: Session) -> str:
    """A cell of this scenario that a command could be about: a parameter, or an input."""
    graph = session.setup.graph
    return str((*graph.parameters, *graph.given)[0].cell(0))


def check_cell(session: Session, arguments: Arguments) -> None:
    """What can be wrong with a cell, or none, before anything runs."""
    if arguments:
        one_cell(session, arguments.text, arguments.column)


def check_array(session: Session, arguments: Arguments) -> None:
    """The same, of a cell or an array."""
    if arguments:
        every_cell(session, arguments.text, arguments.column)


def read_view(arguments: Arguments) -> str:
    """The view that the first word names; where nobody draws, there is nothing to say of the name."""
    words = arguments.words
    if not words or (SHOWN and words[0][0] not in SHOWN):
        word, column = words[0] if words else ("", arguments.column)
        raise CommandError(f"expected one of {', '.join(SHOWN)}{did_you_mean(word, SHOWN)}", column)
    return words[0][0]


def tutor_of(session: Session, column: int = 0) -> Tutor:
    """The session's tutor; `CommandError` where it has none."""
    if session.tutor is None and session.hire is not None:
        session.tutor = session.hire()
    if session.tutor is None:
        raise CommandError("there is nobody here who could ask", column, ExitCode.FAILED)
    return session.tutor
