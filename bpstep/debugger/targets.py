"""Where to go: places in a run that can be said in words.

    37, 103 444, start, end, epoch 3        a position (`goto`)
    delta[h1]                               the next step that makes the cell final
    backward                                the first step of the next such phase
    abs(delta[h1]) < 0.01                   the next step after which it holds

A cell is found by arithmetic on the steps that write it.  A condition can only become true where one of
its cells changes, so only these positions are looked at; without a step that could change it, the answer
is known at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from typing import TYPE_CHECKING

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import Expression
from bpstep.debugger.hits import may_hold
from bpstep.debugger.readings import Moment, finals
from bpstep.engine.cells import Cell
from bpstep.engine.timeline import Timeline

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["next_final", "next_phase", "next_true", "no_such_place"]


def no_such_place(message: str, column: int = 0) -> CommandError:
    """The error of a movement to what does not exist; the position is left as it is."""
    return CommandError(message, column, ExitCode.FAILED)


def batch_starts(session: Session, position: int) -> Iterator[Moment]:
    """A moment in each batch, from the one that holds the next step after ``position``."""
    timeline = session.run.timeline
    if position >= timeline.length:
        return
    batch = timeline.place(position + 1).batch
    for later in range(batch, timeline.batches):
        yield Moment(session.run, timeline.start_of_batch(later) + 1)


def next_final(session: Session, cell: Cell, position: int) -> int | None:
    """The next position at which ``cell`` becomes final."""
    for moment in batch_starts(session, position):
        spot = moment.index.find(cell)
        if spot is None:
            return None
        writes = moment.index.writes(moment.place.schedule, spot)
        if not writes.each and not writes.tail:
            return None
        for final in finals(moment, writes):
            if final > position:
                return final
    return None


def next_phase(session: Session, phase: str, position: int) -> int | None:
    """The next position right after the first step of a phase."""
    timeline = session.run.timeline
    for boundary in phase_starts(timeline, position):
        if timeline.place(boundary + 1).block.phase == phase:
            return boundary + 1
    return None


def phase_starts(timeline: Timeline, position: int) -> Iterator[int]:
    """The positions at or after ``position`` at which a phase begins."""
    at = position
    if at and timeline.next_boundary(at - 1, "phase") != at:
        at = timeline.next_boundary(at, "phase")
    while at < timeline.length:
        yield at
        at = timeline.next_boundary(at, "phase")


def next_true(session: Session, expression: Expression, position: int) -> int | None:
    """The next position at which ``expression`` holds."""
    for candidate in candidates(session, expression, position):
        moment = Moment(session.run, candidate)
        if expression.holds(moment):
            return candidate
    return None


def candidates(session: Session, expression: Expression, position: int) -> Iterator[int]:
    """The positions after ``position`` at which the value of an expression may change, in order."""
    if expression.needs_every_step:
        yield from range(position + 1, session.length + 1)
        return
    for moment in batch_starts(session, position):
        session.run.look_ahead(moment.place.batch)
        if not may_hold(session, expression, moment.place.batch):
            continue
        for at in candidates_of_batch(session, expression, moment.place.batch):
            if at > position:
                yield at


def candidates_of_batch(session: Session, expression: Expression, batch: int) -> Iterator[int]:
    """The positions of a batch at which the value of an expression may change, in order."""
    timeline = session.run.timeline
    start = timeline.start_of_batch(batch)
    if expression.needs_every_step:
        yield from range(start + 1, timeline.start_of_batch(batch + 1) + 1)
        return
    plan, index = timeline.place(start + 1).schedule, session.run.index_of(batch)
    spots = [spot for cell in expression.cells if (spot := index.find(cell)) is not None]
    writes = [index.writes(plan, spot) for spot in spots]
    last = -1
    for sample in range(plan.samples):
        base = start + sample * plan.sample.length
        # With the first step of a sample, the cells of the one before are unset again.
        for offset in merge([0], *(write.each for write in writes)):
            if offset + base != last:
                last = base + offset
                yield last + 1
    base = start + plan.samples * plan.sample.length
    for offset in merge(*(write.tail for write in writes)):
        if offset + base != last:
            last = base + offset
            yield last + 1
