"""What cells are computed from: a walk over the steps of a batch, once for all that is asked of it.

A cell's needs are those of the cells that its steps read, and these cells themselves.  Each set is a whole number with
a bit for each cell, so that two of them become one in a moment however many cells there are.
"""

from __future__ import annotations

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell

__all__ = ["Needs"]


class Needs:
    """What the cells of the batch are computed from at which a session stands."""

    def __init__(self, session: Session) -> None:
        place = session.moment.place
        first = place.batch_base + 1
        steps = list(session.run.steps(first, place.batch_base + place.schedule.length))
        final = {step.cell: step.number for step in steps}
        self._bits: dict[Cell, int] = {}
        self._of: dict[Cell, int] = {}
        for step in steps:
            found = self._of.get(step.cell, 0)
            for factor in step.inputs:
                found |= self._of.get(factor.cell, 0)
                if final.get(factor.cell, 0) < step.number:
                    found |= 1 << self._bits.setdefault(factor.cell, len(self._bits))
            self._of[step.cell] = found

    def of(self, cell: Cell) -> set[Cell]:
        """Every cell whose final value a cell is computed from; none of one that no step writes.

        A parameter that is read before its update is not among them: ∂E/∂w is computed from the w of before, and the w
        that the batch ends with from ∂E/∂w.
        """
        mask = self._of.get(cell, 0)
        return {needed for needed, bit in self._bits.items() if mask >> bit & 1}
