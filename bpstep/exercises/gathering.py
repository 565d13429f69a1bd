"""How many contributions a derivative gathers: one for each use of its variable, seen in the steps of a run.

Of several cells that a question names one is drawn.  What can be counted in the place of the uses are the operations
that use the whole array, the cells of the array, and the last use alone.
"""

from __future__ import annotations

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.exercises.asked import writes_of
from bpstep.lazily import dataclass

__all__ = ["Gathering"]


@dataclass(frozen=True, eq=False)
class Gathering:
    """A cell whose contributions are counted, and the session in which they arrive."""

    session: Session
    cell: Cell

    @property
    def says(self) -> str:
        """Which cell it is, in words."""
        return f"The cell: {self.cell}."

    @property
    def count(self) -> int:
        """How many contributions there are; `CommandError` where the cell is no derivative that gathers any."""
        steps = [self.session.run.step(number) for number in writes_of(self.session, self.cell)]
        if self.cell.kind != "d" or any(step.op != "contribute" for step in steps):
            raise CommandError(f"{self.cell} gathers no contributions; expected a derivative, such as d(x)")
        return len(steps)

    def wrong(self) -> dict[str, int]:
        """What is counted in place of them, with what that is; none of them is the right number."""
        found = {
            "That is the number of the cells in the array; the uses of this cell are asked for.": self._cells(),
        }
        if self.count > 1:
            found["That is the last use alone; every use brings a contribution."] = 1
        return {says: count for says, count in found.items() if count != self.count}

    def _cells(self) -> int:
        of = self.cell.of
        spot = self.session.index.find(of) if isinstance(of, Cell) else None
        return self.count if spot is None else spot.at.size
