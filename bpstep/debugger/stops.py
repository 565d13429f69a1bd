"""Stops: where a run is halted, forward and in reverse.

A stop is a set of positions that depends on the run alone, never on where one comes from; so `rcontinue` halts
exactly where `continue` did.  The positions are worked out batch by batch, and remembered for the batches that
were looked at last.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpstep.debugger.events import EVENTS
from bpstep.debugger.expressions import Expression
from bpstep.debugger.hits import (
    NO_HITS,
    Positions,
    cell_hits,
    matching,
    may_hold,
    op_hits,
    phase_hits,
)
from bpstep.debugger.series import changed_at
from bpstep.engine.cells import Cell

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["Stop", "StopList"]

_BATCHES_KEPT = 16


@dataclass(frozen=True)
class Stop:
    """One stop: on a cell, an op, a phase, an event, or the change of an expression (``watch``).

    ``text`` is how the learner wrote it; ``what`` is the op or the phase; ``condition`` must hold there, too.
    """

    number: int
    kind: str
    text: str
    what: str = ""
    cell: Cell | None = None
    watched: Expression | None = None
    condition: Expression | None = None

    def hits(self, session: Session, batch: int) -> Positions:
        """The positions of a batch at which it halts."""
        if self.kind == "event":
            return EVENTS[self.what].hits(session, batch)
        if self.kind == "watch":
            assert self.watched is not None
            return changed_at(session, self.watched, batch)
        if not may_hold(session, self.condition, batch):
            return NO_HITS
        return matching(session, batch, self._stands(session, batch), self.condition)

    def _stands(self, session: Session, batch: int) -> Positions:
        """The positions of a batch at which it would halt if there were no condition."""
        if self.kind == "op":
            return op_hits(session, self.what, batch)
        if self.kind == "phase":
            return phase_hits(session, self.what, batch)
        assert self.cell is not None
        return cell_hits(session, self.cell, batch)


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

    def next(self, session: Session, position: int, last: int | None = None) -> tuple[int, Stop] | None:
        """The first halt after a position; behind the batch of the position ``last`` it is not looked for."""
        timeline = session.run.timeline
        if not self.stops or position >= timeline.length:
            return None
        end = timeline.batches if last is None else timeline.place(max(1, last)).batch + 1
        for batch in range(timeline.place(position + 1).batch, end):
            session.report("step", timeline.start_of_batch(batch), timeline.length)
            if last is None:
                session.run.look_ahead(batch)
            found = self._first(session, batch, position)
            if found is not None:
                return found
        return None

    def previous(self, session: Session, position: int) -> tuple[int, Stop] | None:
        """The last halt before a position."""
        timeline = session.run.timeline
        if not self.stops or position <= 1:
            return None
        for batch in range(timeline.place(position - 1).batch, -1, -1):
            best: tuple[int, Stop] | None = None
            session.report("step", timeline.start_of_batch(batch), timeline.length)
            for stop in self.stops:
                hits = self._hits(session, stop, batch)
                place = int(np.searchsorted(hits, position))
                if place and (best is None or hits[place - 1] > best[0]):
                    best = int(hits[place - 1]), stop
            if best is not None:
                return best
        return None

    def _first(self, session: Session, batch: int, position: int) -> tuple[int, Stop] | None:
        best: tuple[int, Stop] | None = None
        for stop in self.stops:
            hits = self._hits(session, stop, batch)
            place = int(np.searchsorted(hits, position, side="right"))
            if place < len(hits) and (best is None or hits[place] < best[0]):
                best = int(hits[place]), stop
        return best

    def _hits(self, session: Session, stop: Stop, batch: int) -> Positions:
        key = (stop.number, batch, session.run.known)
        if key not in self._known:
            self._known[key] = np.unique(stop.hits(session, batch))
            if len(self._known) > _BATCHES_KEPT:
                self._known.popitem(last=False)
        return self._known[key]
