"""Stops: where a run is halted, forward and in reverse.

A stop is a set of positions that depends on the run alone, never on where one comes from; so `rcontinue` halts
exactly where `continue` did.  The positions are worked out batch by batch, and remembered for the batches that
were looked at last.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from bpstep.debugger.events import EVENTS
from bpstep.debugger.expressions import Expression
from bpstep.debugger.positions import (
    NOWHERE,
    Positions,
    final_positions,
    matching,
    may_hold,
    op_positions,
    phase_positions,
)
from bpstep.debugger.series import changed_at
from bpstep.engine.cells import Cell
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.lazily import dataclass

__all__ = ["Stop", "StopList"]

_BATCHES_KEPT = 16


@dataclass(frozen=True)
class Stop:
    """One stop: on a cell, an op, a phase, an event, the change of an expression (``watch``), or at given ``steps``.

    ``text`` is how the learner wrote it; ``what`` is the op or the phase; ``condition`` must hold there, too.  Of an
    array it halts where the last of its ``cells`` becomes final, and where the value of any of them changes.
    """

    number: int
    kind: str
    text: str
    what: str = ""
    cells: tuple[Cell, ...] = ()
    watched: tuple[Expression, ...] = ()
    condition: Expression | None = None
    steps: tuple[int, ...] = ()

    def positions(self, run: Run, batch: int, report: Listener) -> Positions:
        """The positions of a batch at which it halts."""
        if self.kind == "event":
            return EVENTS[self.what].positions(run, batch)
        if self.kind == "watch":
            return np.concatenate([changed_at(run, one, batch, report) for one in self.watched])
        if not may_hold(run, self.condition, batch):
            return NOWHERE
        return matching(run, batch, self._stands(run, batch), self.condition, report)

    def _stands(self, run: Run, batch: int) -> Positions:
        """The positions of a batch at which it would halt if there were no condition."""
        if self.kind == "op":
            return op_positions(run, self.what, batch)
        if self.kind == "phase":
            return phase_positions(run, self.what, batch)
        if self.kind == "steps":
            start, end = run.timeline.start_of_batch(batch), run.timeline.start_of_batch(batch + 1)
            end = min(end, run.known)  # where a learner is wrong tells, while that is asked
            return np.array([step for step in self.steps if start < step <= end], dtype=np.int64)
        return final_positions(run, self.cells, batch)


class StopList:
    """The stops of a session."""

    def __init__(self) -> None:
        self.stops: list[Stop] = []
        self.made = 0
        self._known: OrderedDict[tuple[int, int, int], Positions] = OrderedDict()

    def add(self, **facts: object) -> Stop:
        """Make a stop; they are numbered from 1 and a number is never used again."""
        self.made += 1
        stop = Stop(self.made, **facts)  # type: ignore[arg-type]
        self.stops.append(stop)
        return stop

    def remove(self, number: int) -> bool:
        """Delete a stop; False where there is none of this number."""
        before = len(self.stops)
        self.stops = [stop for stop in self.stops if stop.number != number]
        return len(self.stops) < before

    def forget(self) -> None:
        """The run is another one: nothing is known of where its stops halt."""
        self._known.clear()

    def __copy__(self) -> StopList:
        """A list of the same stops, that goes its own way from here."""
        twin = StopList()
        twin.stops, twin.made, twin._known = list(self.stops), self.made, self._known.copy()
        return twin

    def next(
        self, run: Run, position: int, last: int | None = None, report: Listener = unheard
    ) -> tuple[int, Stop] | None:
        """The first halt after a position; behind the batch of the position ``last`` it is not looked for."""
        timeline = run.timeline
        if not self.stops or position >= timeline.length:
            return None
        end = timeline.batches if last is None else timeline.place(max(1, last)).batch + 1
        for batch in range(timeline.place(position + 1).batch, end):
            report("step", timeline.start_of_batch(batch), timeline.length)
            if last is None:
                run.look_ahead(batch)
            found = self._first(run, batch, position, report)
            if found is not None:
                return found
        return None

    def previous(self, run: Run, position: int, report: Listener = unheard) -> tuple[int, Stop] | None:
        """The last halt before a position."""
        timeline = run.timeline
        if not self.stops or position <= 1:
            return None
        for batch in range(timeline.place(position - 1).batch, -1, -1):
            best: tuple[int, Stop] | None = None
            report("step", timeline.start_of_batch(batch), timeline.length)
            for stop in self.stops:
                known = self._positions(run, stop, batch, report)
                place = int(np.searchsorted(known, position))
                if place and (best is None or known[place - 1] > best[0]):
                    best = int(known[place - 1]), stop
            if best is not None:
                return best
        return None

    def _first(self, run: Run, batch: int, position: int, report: Listener) -> tuple[int, Stop] | None:
        best: tuple[int, Stop] | None = None
        for stop in self.stops:
            known = self._positions(run, stop, batch, report)
            place = int(np.searchsorted(known, position, side="right"))
            if place < len(known) and (best is None or known[place] < best[0]):
                best = int(known[place]), stop
        return best

    def _positions(self, run: Run, stop: Stop, batch: int, report: Listener) -> Positions:
        key = (stop.number, batch, run.known)
        if key not in self._known:
            self._known[key] = np.unique(stop.positions(run, batch, report))
            if len(self._known) > _BATCHES_KEPT:
                self._known.popitem(last=False)
        return self._known[key]
