"""Gradients held against others: by three ways of one rule, or of a wrong rule and the right one.

The command line, the commands and the views ask here; what they show is worked out in this one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bpstep.debugger.errors import NOT_JUDGED, CommandError, ExitCode
from bpstep.debugger.moment import Moment
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell, d
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.run import Run
from bpstep.scenario.arithmetic import CellArray
from bpstep.visible import quoted

if TYPE_CHECKING:
    from bpstep.engine.check import CheckRow
    from bpstep.engine.compare import Comparison

__all__ = ["gradients_checked", "rules_compared"]


def gradients_checked(
    moment: Moment, named: CellArray | None = None, column: int = 0, report: Listener = unheard
) -> Sequence[CheckRow]:
    """The gradients of this batch (or those by one cell or array) by three ways; `CommandError` where there are none to
    check."""
    if moment.conceals:
        raise CommandError(NOT_JUDGED, column, ExitCode.FAILED)
    if moment.setup.wrt is not None:
        raise CommandError("there is no backward pass to check in forward mode", column)
    cells = None if named is None else tuple(map(_by_which, named.cells))
    none = f"{quoted(str(named.name))} has no gradient to check" if named is not None else ""
    if cells is not None and any(moment.index.find(d(cell)) is None for cell in cells):
        raise CommandError(none, column)
    rows = _checked(moment.run, moment.place.batch, cells, report)
    if not rows and moment.is_veiled:
        message = "the gradients lie ahead: answer, hint or reveal first"
        raise CommandError(message, column, ExitCode.FAILED)
    if not rows:
        raise CommandError(none, column)
    return rows


def _by_which(cell: Cell) -> Cell:
    """The cell by which a derivative is, of a derivative; any other cell as it is."""
    return cell.of if cell.kind == "d" and isinstance(cell.of, Cell) else cell


def rules_compared(session: Session, rule: Rule, batch: int = 0) -> Comparison:
    """A rule beside the right one, in a session's run: the first step that differs, and every gradient of a batch."""
    from bpstep.engine.compare import compare_runs

    return compare_runs(session.run_under(CORRECT), session.run_under(rule), batch, session.report)


@lru_cache(maxsize=4)
def _checked(run: Run, batch: int, cells: tuple[Cell, ...] | None, tell: Listener) -> Sequence[CheckRow]:
    """The check of a batch, which stays the same while the cursor is in it."""
    from bpstep.engine.check import check_gradients

    return check_gradients(run, batch, cells, tell)
