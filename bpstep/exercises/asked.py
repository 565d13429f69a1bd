"""The cells that a question names, and the steps of its session that write them."""

from __future__ import annotations

from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step

__all__ = ["all_writes", "cell_named", "last_write", "needs", "told", "writes_of"]


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


def needs(session: Session, cell: Cell) -> set[Cell]:
    """Every cell whose final value a cell is computed from.

    A parameter that is read before its update is not among them: ∂E/∂w is computed from the w of before, and the w
    that the batch ends with from ∂E/∂w.
    """
    found: set[Cell] = set()
    taken: set[int] = set()
    waiting = [(cell, last_write(session, cell) + 1)]
    while waiting:
        one, before = waiting.pop()
        for number in {write for write in writes_of(session, one) if write < before} - taken:
            taken.add(number)
            for factor in session.run.step(number).inputs:
                if max(writes_of(session, factor.cell), default=0) < number:
                    found.add(factor.cell)
                waiting.append((factor.cell, number))
    return found


def told(step: Step) -> str:
    """A step with its answer: in names, and in numbers."""
    return f"{step.formula}, in numbers {step.equation(6)}"
