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

from collections.abc import Iterator, Sequence

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import Expression
from bpstep.debugger.moment import Moment
from bpstep.debugger.positions import final_positions, may_hold
from bpstep.debugger.series import change_points, holding
from bpstep.engine.cells import Cell
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.engine.timeline import Timeline

__all__ = ["next_final", "next_phase", "next_true", "no_such_place"]


def no_such_place(message: str, column: int = 0) -> CommandError:
    """The error of a movement to what does not exist; the position is left as it is."""
    return CommandError(message, column, ExitCode.FAILED)


def batch_starts(run: Run, position: int) -> Iterator[Moment]:
    """A moment in each batch, from the one that holds the next step after ``position``."""
    timeline = run.timeline
    if position >= timeline.length:
        return
    batch = timeline.place(position + 1).batch
    for later in range(batch, timeline.batches):
        yield Moment(run, timeline.start_of_batch(later) + 1)


def next_final(run: Run, cells: Sequence[Cell], position: int) -> int | None:
    """The next position at which the last of some cells becomes final."""
    for moment in batch_starts(run, position):
        finals = final_positions(run, cells, moment.place.batch)
        if not len(finals):
            return None
        later = finals[finals > position]
        if len(later):
            return int(later[0])
    return None


def next_phase(run: Run, phase: str, position: int) -> int | None:
    """The next position right after the first step of a phase."""
    timeline = run.timeline
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


def next_true(run: Run, expression: Expression, position: int, report: Listener = unheard) -> int | None:
    """The next position at which the value of ``expression`` may change and at which it holds."""
    for moment in batch_starts(run, position):
        batch = moment.place.batch
        report("step", moment.position, run.length)
        run.look_ahead(batch)
        if not may_hold(run, expression, batch):
            continue
        points = change_points(run, expression, batch)
        points = points[points > position]
        held = points[holding(run, expression, batch, points, report)]
        if len(held):
            return int(held[0])
    return None
