"""The gradients of the batch at the cursor, by reverse mode, forward mode and central differences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.progress import Report
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell, d
from bpstep.engine.run import Run
from bpstep.visible import quoted

if TYPE_CHECKING:
    from bpstep.engine.check import CheckRow

__all__ = ["gradients_checked"]


def gradients_checked(session: Session, cell: Cell | None = None, column: int = 0) -> Sequence[CheckRow]:
    """The gradients of this batch (or one of them) by three ways; `CommandError` where there are none to check."""
    session.refuse_judging(column)
    if session.setup.wrt is not None:
        raise CommandError("there is no backward pass to check in forward mode", column)
    batch = session.moment.place.batch if session.position else 0
    if cell is not None and session.index.find(d(cell)) is None:
        raise CommandError(f"{quoted(str(cell))} has no gradient to check", column)
    rows = _checked(session.run, batch, cell, session.report)
    if not rows and session.is_veiled:
        message = "the gradients lie ahead: answer, hint or reveal first"
        raise CommandError(message, column, ExitCode.FAILED)
    if not rows:
        raise CommandError(f"{quoted(str(cell))} has no gradient to check", column)
    return rows


@lru_cache(maxsize=4)
def _checked(run: Run, batch: int, cell: Cell | None, tell: Report) -> Sequence[CheckRow]:
    """The check of a batch, which stays the same while the cursor is in it."""
    from bpstep.engine.check import check_gradients

    return check_gradients(run, batch, None if cell is None else [cell], tell)
