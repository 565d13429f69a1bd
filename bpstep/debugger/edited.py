"""What was set by hand until now: what it overrides, and what it has made stale."""

from __future__ import annotations

from bpstep.debugger.contributions import write_steps
from bpstep.engine.cells import Cell
from bpstep.engine.dependence import Dependents, dependents
from bpstep.engine.edits import Edit
from bpstep.engine.index import Spot
from bpstep.engine.run import Run
from bpstep.engine.schedule import Writes
from bpstep.engine.setup import Setup
from bpstep.engine.timeline import Place
from bpstep.engine.vectors import Vector

__all__ = ["Edited"]


class Edited:
    """The edits of a run as they stand at a place of it, when ``done`` steps of its batch are done."""

    def __init__(self, run: Run, place: Place, done: int) -> None:
        self.run, self.place, self.done = run, place, done
        self._dependents: dict[tuple[tuple[Vector, int], ...], Dependents] = {}

    def last(self, cell: Cell, sample: int | None = None) -> Edit | None:
        """The last edit of a cell until now; of an input or a target, in this sample."""
        now = (self.place.batch, self.done)
        for edit in reversed(self.run.edits):
            if edit.cell == cell and edit.at <= now and (sample is None or edit.sample == sample):
                return edit
        return None

    def overrides(self, cell: Cell, writes: Writes, *, updated: bool) -> bool:
        """Whether a parameter was set by hand, and no update has written it since."""
        edit = self.last(cell) if self.run.edits else None
        if edit is None:
            return False
        if not writes.tail:
            return True
        written = self._written(writes.tail[-1])
        if edit.batch == self.place.batch:
            return edit.offset >= written or not updated
        if updated or edit.batch != self.place.batch - 1:
            return False
        before = self.run.timeline.segment_of_batch(edit.batch).schedule_of(edit.batch)
        spot = self.run.index_of(edit.batch).find(cell)
        assert spot is not None
        old = self.run.index_of(edit.batch).writes(before, spot).tail
        return not old or edit.offset > before.samples * before.sample.length + old[-1]

    def _written(self, offset_in_tail: int) -> int:
        """How many steps of the batch are done when a step of the tail is."""
        plan = self.place.schedule
        return plan.samples * plan.sample.length + offset_in_tail + 1

    def makes_stale(self, spot: Spot, writes: Writes) -> bool:
        """Whether an edit came after the last step that wrote a cell, and changed what it was computed from."""
        edits = [edit for edit in self.run.values_edited(self.place.batch) if 0 < edit.offset <= self.done]
        setup = self.place.schedule.setup
        if not edits or setup.wrt is not None:
            return False
        base, index = self.place.batch_base, self.run.index_of(self.place.batch)
        last = [n for n in write_steps(self.place, writes) if n <= base + self.done][-1] - base
        changed = tuple(
            (found.at, found.j)
            for edit in edits
            if edit.offset >= last and edit.cell is not None
            if (found := index.find(edit.cell)) is not None and found.vector is not None
        )
        if not changed:
            return False
        if changed not in self._dependents:
            self._dependents[changed] = dependents(setup, changed)
        return _depends(setup, spot, self._dependents[changed])


def _depends(setup: Setup, spot: Spot, on: Dependents) -> bool:
    vector = spot.at
    if spot.kind == "gradient":
        return bool(on.d[vector.id][spot.j])
    if spot.kind != "local":
        return bool(on.value[vector.id][spot.j])
    for contribution in spot.contributions:
        use = setup.graph.use(vector, spot.j, contribution)
        if use.edge.depends(on.local[use.edge.id], use.nth, spot.j):
            return True
    return False
