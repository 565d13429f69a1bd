"""Commands that look and change nothing: print, show, explain."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Show, Table, Value
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import read_view
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import UnsetError, array_named, parse
from bpstep.debugger.session import Session
from bpstep.debugger.view_names import SHOWN
from bpstep.scenario.arithmetic import CellArray
from bpstep.visible import shortened

__all__ = ["LOOKING"]


def _print(session: Session, arguments: Arguments) -> Answer:
    if not arguments:
        raise CommandError("expected a cell or an expression", arguments.column)
    array = array_named(session.scope, arguments.text, arguments.column)
    if array is not None:
        return _table(session, array, arguments.column)
    expression = parse(session.scope, arguments.text, arguments.column)
    try:
        value = expression.value(session.moment)
    except UnsetError as error:
        raise CommandError(str(error), arguments.column, ExitCode.FAILED) from None
    reading = session.read(expression.cell) if expression.cell is not None else None
    return Value(str(expression.cell or shortened(arguments.text, 200)), value, reading)


def _table(session: Session, array: CellArray, column: int) -> Answer:
    """The cells of an array; at least one of them must have a value."""
    readings = tuple(reading for cell in array.cells if (reading := session.read(cell)) is not None)
    if not any(reading.is_set for reading in readings):
        raise CommandError(f"{array.name} is unset", column, ExitCode.FAILED)
    return Table(array.name, array.shape, readings)


def _check_expression(session: Session, arguments: Arguments) -> None:
    if array_named(session.scope, arguments.text, arguments.column) is None:
        parse(session.scope, arguments.text, arguments.column)


def _show(session: Session, arguments: Arguments) -> Answer:
    return Show(read_view(arguments), " ".join(word for word, _ in arguments.words[1:]))


def _check_show(session: Session, arguments: Arguments) -> None:
    read_view(arguments)


def _explain(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return Show("explain")


LOOKING = (
    Command(
        "print", "print EXPR", "the value of an expression over cells",
        "print w[h1->o1] * delta[o1]", _print, {"p": ""}, check=_check_expression,
    ),
    Command("show", "show VIEW", "a view as text", "show network", _show, check=_check_show, names=SHOWN,
            takes_cells=False),
    Command("explain", "explain", "this step in words, symbols and numbers", "explain", _explain),
)  # fmt: skip
