"""Commands that ask where a number comes from: why, info, paths."""

from __future__ import annotations

from bpstep.debugger.answers import AllPaths, Answer, Facts, Table, TwoPaths, Why
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import cell_or_current, check_array, check_cell, example_of
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import array_named, cells_named
from bpstep.debugger.folding import fold_of
from bpstep.debugger.paths import shared_tails
from bpstep.debugger.session import Session
from bpstep.debugger.why import info, why
from bpstep.engine.cells import Cell

__all__ = ["TRACING"]


def _why(session: Session, arguments: Arguments) -> Answer:
    return Why(why(session.moment, cell_or_current(session, arguments)))


def _info(session: Session, arguments: Arguments) -> Answer:
    array = array_named(session.scope, arguments.text, arguments.column) if arguments else None
    if array is None:
        return Facts(info(session.moment, cell_or_current(session, arguments)))
    moment = session.moment
    readings = [reading for cell in array.cells if (reading := moment.read(cell)) is not None]
    spots = [spot for cell in array.cells if (spot := moment.index.find(cell)) is not None]
    steps = sorted({step for spot in spots for step in moment.write_steps(spot)})
    return Table(array.name, array.shape, tuple(readings), tuple(steps))


def _paths(session: Session, arguments: Arguments) -> Answer:
    named = _cells_of_paths(session, arguments)
    if len(named) == 2:
        return _two_paths(session, named, arguments.column)
    cell = named[0] if named else _value_of(cell_or_current(session, arguments))
    found = fold_of(session.moment, cell, session.folded)
    if found is None:
        raise CommandError(
            f'"{cell}" has no paths: name a value, such as {example_of(session)}', arguments.column
        )
    session.page = cell
    return AllPaths(found)


def _value_of(cell: Cell) -> Cell:
    """Of a derivative, or an optimizer's state, the cell that it belongs to: that has the paths."""
    of_another = cell.kind in ("d", "dot") or cell.is_state
    return cell.of if of_another and isinstance(cell.of, Cell) else cell


def _cells_of_paths(session: Session, arguments: Arguments) -> list[Cell]:
    """The cell whose paths are asked for, or two; none is the one of the last step."""
    named = cells_named(session.scope, arguments.text, arguments.column) if arguments else []
    if len(named) > 2:
        raise CommandError(f"expected one cell or two, found {len(named)}", arguments.column)
    return named


def _check_paths(session: Session, arguments: Arguments) -> None:
    _cells_of_paths(session, arguments)


def _two_paths(session: Session, both: list[Cell], column: int) -> Answer:
    found = shared_tails(session.moment, both[0], both[1])
    if found is None:
        raise CommandError("expected two different parameters, inputs or values that have paths", column)
    return TwoPaths(found)


TRACING = (
    Command(
        "why", "why [CELL]", "where a value comes from: upstream × local for every contribution, recursively",
        "why delta[h1]", _why, check=check_cell,
    ),
    Command("info", "info [CELL]", "a cell's state, its history, the steps that write it", "info e[h1]", _info,
        check=check_array),
    Command(
        "paths", "paths [CELL [CELL]]",
        "every path from the root to the cell, the product along each, and their sum; of two, the tails they share",
        "paths w[i1->h1]", _paths, check=_check_paths,
    ),
)  # fmt: skip
