"""What may stand on a sheet: a place holds a number that is given or can be worked out without an answer, a gap, or a
dash: the number hangs on an answer, and nobody asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from bpstep.debugger.moment import PARTIAL, UNSET
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.lazily import dataclass
from bpstep.view.drawing.numbers import shortest
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.worksheets.blocks import Entry, Table
from bpstep.worksheets.worked import paper

__all__ = ["HIDDEN", "Row", "Shown", "is_told", "table_of"]

#: Stands for a number that would give an answer away.
HIDDEN = "–"

#: A row of a table.
Row = tuple[Entry, ...]


@dataclass
class Shown:
    """What may stand on a sheet: the numbers at the cursor of a session, but for those in ``hanging``; a ``blanks``
    cell is a gap or filled in."""

    session: Session
    blanks: Mapping[Cell, Entry]
    hanging: frozenset[Cell]
    placed: set[Cell] = field(default_factory=set)

    @property
    def symbols(self) -> Symbols:
        """The letters of the scenario's notation."""
        return symbols_of(self.session)

    def entry(self, cell: Cell) -> Entry:
        """What stands in the place of a cell."""
        if cell in self.blanks:
            self.placed.add(cell)
            return self.blanks[cell]
        return self.number(cell)

    def number(self, cell: Cell) -> str:
        """The number in a cell, whether it is asked for or not: of a parameter, the one before its update."""
        reading = self.session.read(cell)
        if reading is None:
            return ""
        if reading.value is None or cell in self.hanging or reading.state in (UNSET, PARTIAL):
            return HIDDEN
        return shortest(reading.value) if reading.state == "given" else paper(reading.value)

    def after(self, cell: Cell) -> Entry:
        """A parameter after its update, where that is asked for."""
        return self.entry(cell) if cell in self.blanks else HIDDEN


def is_told(entry: Entry) -> bool:
    """Whether there is something to read or to write in a place."""
    return entry not in ("", HIDDEN)


def table_of(title: str, heads: Sequence[str], rows: Iterable[Row]) -> Table | None:
    """A table without the columns in which there is nothing to read or to write; None where there are no others."""
    whole = list(rows)
    kept = [0] + [k for k in range(1, len(heads)) if any(is_told(row[k]) for row in whole)]
    if len(kept) < 2 or not whole:
        return None
    return Table(title, tuple(heads[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in whole))
