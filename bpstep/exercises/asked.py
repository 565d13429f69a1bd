"""The cells that a question names, and the steps of its session that write them."""

from __future__ import annotations

from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step

__all__ = ["all_writes", "cell_named", "last_write", "told", "writes_of"]


def cell_named(session: Session, text: str) -> Cell:
    """The cell that a text names; `CommandError` where it names none."""
    found = parse(session.scope, text).cell
    if found is None:
        raise CommandError(f'"{text}" is no cell')
    return found


def writes_of(session: Session, cell: Cell) -> list[int]:
    """The numbers of the steps that write a cell, in the batch at the cursor's start."""
    spot = session.index.find(cell)
    if spot is None:
        return []
    moment = session.moment
    return [int(n) for n in moment.write_steps(spot)]


def last_write(session: Session, cell: Cell) -> int:
    """The number of the step that makes a cell final; `CommandError` where none writes it."""
    return all_writes(session, cell)[-1]


def all_writes(session: Session, cell: Cell) -> list[int]:
    """The numbers of the steps that write a cell; `CommandError` where none does."""
    steps = writes_of(session, cell)
    if not steps:
        raise CommandError(f"no step ever writes {cell}")
    return steps


def told(step: Step) -> str:
    """A step with its answer: in names, and in numbers."""
    return f"{step.formula}, in numbers {step.equation(6)}"
