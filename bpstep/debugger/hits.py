"""Where steps of one kind stand in a batch, and which of them meet a condition.

A stop on a cell is found by arithmetic.  A stop on an op is a set of positions that follows from the schedule;
its condition is evaluated on whole arrays where it speaks only of the step itself (``value``, ``part``), and
one by one where it speaks of other cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bpstep.debugger.expressions import Expression
from bpstep.debugger.readings import Moment, finals
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.schedule import Block, Piece, Section
from bpstep.engine.values import piece_values
from bpstep.scenario.arithmetic import evaluate, evaluate_all

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["NO_HITS", "Positions", "cell_hits", "matching", "may_hold", "op_hits", "phase_hits", "watch_hits"]

Positions = NDArray[np.int64]

NO_HITS: Positions = np.empty(0, dtype=np.int64)


def _moment(session: Session, batch: int) -> Moment:
    """A moment in a batch."""
    start = session.run.timeline.start_of_batch(batch)
    return Moment(session.run, start + 1)


def matching(session: Session, positions: Positions, condition: Expression | None) -> Positions:
    """Those positions at which a condition holds."""
    if condition is None:
        return positions
    held = [condition.holds(Moment(session.run, int(at))) for at in positions]
    return positions[np.array(held, dtype=bool)] if len(positions) else positions


def may_hold(session: Session, condition: Expression | None, batch: int) -> bool:
    """Whether a condition can hold anywhere in a batch; for one about the loss alone, its final value decides."""
    if condition is None or set(condition.cells) != {cells.LOSS}:
        return True
    run = session.run
    if batch not in run.history.losses or any(edit.batch == batch for edit in run.edits):
        return True
    found = evaluate(condition.node, lambda cell: run.history.losses[batch])
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


def op_hits(session: Session, op: str, batch: int, condition: Expression | None) -> Positions:
    """The positions of a batch right after a step of an op, where a condition holds."""
    moment = _moment(session, batch)
    plan, start = moment.place.schedule, moment.place.batch_base
    by_value = condition is not None and all(cell.kind in ("value", "part") for cell in condition.cells)
    by_value = by_value and not session.run.values_edited(
        batch
    )  # else the arrays belong to the last era only
    found: list[Positions] = []
    for sample in range(plan.samples):
        base = start + sample * plan.sample.length
        found += _section_hits(moment, plan.sample, base, sample, op, condition if by_value else None)
    tail = start + plan.samples * plan.sample.length
    found += _section_hits(moment, plan.tail, tail, plan.samples - 1, op, condition if by_value else None)
    positions = np.concatenate(found) if found else NO_HITS
    return positions if by_value else matching(session, positions, condition)


def _section_hits(
    moment: Moment, section: Section, base: int, sample: int, op: str, condition: Expression | None
) -> list[Positions]:
    found = []
    for block in section.blocks:
        for piece in block.pieces:
            columns = _columns(moment, piece, op)
            if not len(columns):
                continue
            offsets = _offsets(block, piece)[:, columns]
            held = np.ones(offsets.shape, dtype=bool)
            if condition is not None:
                values = piece_values(moment.batch, piece, sample)[:, columns]
                parts = np.broadcast_to(_parts(piece, columns, sample), values.shape)
                known = {"value": values, "part": parts}
                held = np.broadcast_to(_held(condition, known), offsets.shape)
            found.append(np.sort(base + offsets[held] + 1))
    return found


def _held(condition: Expression, known: dict[str, Any]) -> NDArray[np.bool_]:
    """Where a condition about the step itself is true: not 0, and not nan."""
    found = evaluate_all(condition.node, lambda cell: known[cell.kind])
    held: NDArray[np.bool_] = (found != 0.0) & ~np.isnan(found)
    return held


def _offsets(block: Block, piece: Piece) -> Positions:
    rows = np.arange(len(block.nodes))[:, np.newaxis] * block.width
    found: Positions = block.first + rows + piece.start + np.arange(piece.width)
    return found


def _columns(moment: Moment, piece: Piece, op: str) -> Positions:
    """The places within a row of a piece at which steps of an op stand."""
    every = np.arange(piece.width)
    if piece.kind == "gather":
        stride = piece.stride
        wanted = {"contribute": stride - 1, "local": 0}.get(op)
        return (
            every[every % stride == wanted]
            if wanted is not None and (op != "local" or stride == 2)
            else NO_HITS
        )
    if piece.kind == "learn":
        steps = 1 + len(moment.setup.optimizer.states)
        last = every % steps == steps - 1
        return every[last] if op == "update" else every[~last] if op == "state" else NO_HITS
    if piece.kind == "tangent":
        last = every % piece.stride == piece.stride - 1
        return every[last] if op == "tangent" else every[~last] if op == "local" else NO_HITS
    kinds = {
        "decay": "contribute", "penalty": "reduce",
        "start": "seed", "loss-tangent": "tangent", "penalty-tangent": "tangent",
    }  # fmt: skip
    return every if kinds.get(piece.kind, piece.kind) == op else NO_HITS


def _parts(piece: Piece, columns: Positions, sample: int) -> Positions:
    """Which contribution each step is."""
    if piece.kind in ("gather", "tangent") and not piece.vector.is_parameter:
        return columns // piece.stride + 1
    if piece.kind == "gather":
        return np.full(len(columns), sample + 1)
    return columns + 1


def watch_hits(session: Session, expression: Expression, batch: int) -> Positions:
    """The positions of a batch at which the value of an expression differs from the step before."""
    from bpstep.debugger.targets import candidates_of_batch

    found = [
        at for at in candidates_of_batch(session, expression, batch) if _changes(session, expression, at)
    ]
    return np.array(found, dtype=np.int64)


def _changes(session: Session, expression: Expression, at: int) -> bool:
    now = _value(session, expression, at)
    before = _value(session, expression, at - 1)
    return now is not None and now != before and not (before is not None and now != now and before != before)


def _value(session: Session, expression: Expression, at: int) -> float | None:
    from bpstep.debugger.expressions import value_or_none

    return value_or_none(Moment(session.run, at), expression.node)
