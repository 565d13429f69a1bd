"""Arithmetic over cells: what a learner may write wherever a value is asked for.

    w[h1->o1] * delta[o1]          abs(delta[h1]) < 0.01          loss < 0.01 and epoch > 3

It is parsed by the same parser as the formulas of scenario files (`bpstep.scenario.arithmetic`), never by
Python, and evaluated at a `Moment`.  A condition over a cell that is unset does not hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.readings import PARTIAL, UNSET, Moment
from bpstep.engine.cells import Cell
from bpstep.scenario.arithmetic import (
    STEP_KINDS,
    ArithmeticSyntaxError,
    CellRef,
    Node,
    cells_of,
    evaluate,
    parse_expression,
)

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["Expression", "UnsetError", "parse", "value_or_none"]


class UnsetError(Exception):
    """A value was asked for that no step has written yet."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(f"{cell} is unset")
        self.cell = cell


@dataclass(frozen=True)
class Expression:
    """A parsed expression over the cells of a session."""

    text: str
    node: Node
    cells: tuple[Cell, ...]

    @property
    def cell(self) -> Cell | None:
        """The cell, where the expression is nothing but one."""
        return self.node.cell if isinstance(self.node, CellRef) else None

    @property
    def needs_every_step(self) -> bool:
        """Whether it speaks of the number of the step, which changes with each."""
        return any(cell.kind in ("step", *STEP_KINDS) for cell in self.cells)

    def value(self, moment: Moment) -> float:
        """Its value; `UnsetError` where it reads a cell that is unset."""

        def lookup(cell: Cell) -> float:
            value = moment.value(cell)
            if value is None:
                raise UnsetError(cell)
            return value

        return evaluate(self.node, lookup)

    def holds(self, moment: Moment) -> bool:
        """Whether it is true (not 0, not nan).

        Over a cell that is unset, or a sum that is not complete yet, it is not: ``loss < 0.01`` is not meant to
        be true because only one sample of four has been added.
        """
        for cell in self.cells:
            reading = moment.read(cell)
            if reading is None or reading.state in (UNSET, PARTIAL):
                return False
        value = self.value(moment)
        return value != 0.0 and not math.isnan(value)


def value_or_none(moment: Moment, node: Node) -> float | None:
    """The value of a parsed expression; None where it reads a cell that is unset."""
    try:
        return Expression("", node, ()).value(moment)
    except UnsetError:
        return None


def parse(session: Session, text: str, column: int = 0) -> Expression:
    """The expression that ``text`` means; `CommandError` where it means none, or names no cell of this run."""
    try:
        node = parse_expression(text, cells=True, names=session.names)
    except ArithmeticSyntaxError as error:
        raise CommandError(str(error), column + error.column) from None
    found = tuple(cells_of(node))
    for cell in found:
        if session.index.find(cell) is None:
            near = did_you_mean(str(cell), session.known_cells())
            raise CommandError(f'there is no cell "{cell}" in this scenario{near}', column)
    return Expression(text, node, found)
