"""Where a run may be halted: the positions of a batch at which a cell becomes final, a phase begins, an op is done.

All of them follow from the schedule by arithmetic; which of them meet a condition is told by
`bpstep.debugger.series`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.debugger.expressions import Expression
from bpstep.debugger.moment import Moment
from bpstep.debugger.series import NOWHERE, Positions, holding
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.engine.sections import op_offsets
from bpstep.scenario.arithmetic import evaluate

__all__ = [
    "NOWHERE",
    "Positions",
    "final_positions",
    "matching",
    "may_hold",
    "op_positions",
    "phase_positions",
]


def _moment(run: Run, batch: int) -> Moment:
    """A moment in a batch."""
    start = run.timeline.start_of_batch(batch)
    return Moment(run, start + 1)


def matching(
    run: Run, batch: int, positions: Positions, condition: Expression | None, report: Listener = unheard
) -> Positions:
    """Those positions of a batch at which a condition holds."""
    return positions if condition is None else positions[holding(run, condition, batch, positions, report)]


def may_hold(run: Run, condition: Expression | None, batch: int) -> bool:
    """Whether a condition can hold anywhere in a batch; for one about the loss alone, its final value decides."""
    if condition is None or set(condition.cells) != {cells.LOSS}:
        return True
    loss = run.loss_at_hand(batch)
    if loss is None:
        return True
    found = evaluate(condition.node, lambda cell: loss)
    return found != 0.0 and found == found


def final_positions(run: Run, cells: Sequence[Cell], batch: int) -> Positions:
    """The positions of a batch at which the last of some cells becomes final; nowhere, if one of them never does."""
    moment = _moment(run, batch)
    spots = [moment.index.find(cell) for cell in cells]
    each = [NOWHERE if spot is None else np.array(moment.finals(spot), dtype=np.int64) for spot in spots]
    if len({len(finals) for finals in each}) != 1:
        return NOWHERE
    found: Positions = np.max(each, axis=0)
    return found


def phase_positions(run: Run, phase: str, batch: int) -> Positions:
    """The positions of a batch right after the first step of a phase."""
    timeline = run.timeline
    start, end = timeline.start_of_batch(batch), timeline.start_of_batch(batch + 1)
    found, at = [], start
    while at < end:
        if timeline.place(at + 1).block.phase == phase:
            found.append(at + 1)
        at = timeline.next_boundary(at, "phase")
    return np.array(found, dtype=np.int64)


def op_positions(run: Run, op: str, batch: int) -> Positions:
    """The positions of a batch right after a step of an op."""
    timeline = run.timeline
    start, plan = timeline.start_of_batch(batch), timeline.segment_of_batch(batch).schedule_of(batch)
    bases = start + np.arange(plan.samples)[:, np.newaxis] * plan.sample.length + 1
    tail = start + plan.samples * plan.sample.length + 1
    each, after = op_offsets(plan.sample, op), op_offsets(plan.tail, op)
    return np.concatenate([(bases + each).ravel(), tail + after])
