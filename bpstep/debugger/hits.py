"""Where a run may be halted: the positions of a batch at which a cell becomes final, a phase begins, an op is done.

All of them follow from the schedule by arithmetic; which of them meet a condition is told by
`bpstep.debugger.series`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bpstep.debugger.expressions import Expression
from bpstep.debugger.readings import Moment, finals
from bpstep.debugger.series import NO_HITS, Positions, holding
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.sections import op_offsets
from bpstep.scenario.arithmetic import evaluate

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["NO_HITS", "Positions", "cell_hits", "matching", "may_hold", "op_hits", "phase_hits"]


def _moment(session: Session, batch: int) -> Moment:
    """A moment in a batch."""
    start = session.run.timeline.start_of_batch(batch)
    return Moment(session.run, start + 1)


def matching(session: Session, batch: int, positions: Positions, condition: Expression | None) -> Positions:
    """Those positions of a batch at which a condition holds."""
    return positions if condition is None else positions[holding(session, condition, batch, positions)]


def may_hold(session: Session, condition: Expression | None, batch: int) -> bool:
    """Whether a condition can hold anywhere in a batch; for one about the loss alone, its final value decides."""
    if condition is None or set(condition.cells) != {cells.LOSS}:
        return True
    loss = session.run.loss_at_hand(batch)
    if loss is None:
        return True
    found = evaluate(condition.node, lambda cell: loss)
    return found != 0.0 and found == found


def cell_hits(session: Session, cell: Cell, batch: int) -> Positions:
    """The positions of a batch at which a cell becomes final."""
    moment = _moment(session, batch)
    spot = moment.index.find(cell)
    if spot is None:
        return NO_HITS
    return np.array(finals(moment, moment.index.writes(moment.place.schedule, spot)), dtype=np.int64)


def phase_hits(session: Session, phase: str, batch: int) -> Positions:
    """The positions of a batch right after the first step of a phase."""
    timeline = session.run.timeline
    start, end = timeline.start_of_batch(batch), timeline.start_of_batch(batch + 1)
    found, at = [], start
    while at < end:
        if timeline.place(at + 1).block.phase == phase:
            found.append(at + 1)
        at = timeline.next_boundary(at, "phase")
    return np.array(found, dtype=np.int64)


def op_hits(session: Session, op: str, batch: int) -> Positions:
    """The positions of a batch right after a step of an op."""
    timeline, setup = session.run.timeline, session.run.setup_of(batch)
    start, plan = timeline.start_of_batch(batch), timeline.segment_of_batch(batch).schedule_of(batch)
    bases = start + np.arange(plan.samples)[:, np.newaxis] * plan.sample.length + 1
    tail = start + plan.samples * plan.sample.length + 1
    each, after = op_offsets(setup, plan.sample, op), op_offsets(setup, plan.tail, op)
    return np.concatenate([(bases + each).ravel(), tail + after])
