"""An expression over the steps of a batch: where its value may change, what it is there, and where it holds.

Most expressions keep their value from one step to the next: it can change only where a step writes one of their
cells, where a sample begins (its cells are unset again), and where somebody changed a number by hand.  So a batch is
cut into stretches on which nothing changes, and an expression is evaluated once for each of them:

    steps      1   2   3   4   5   6   7   8   9
    e[h1]      ├───┼───┼───────────────────────┤        written by steps 1, 2 and 3: three stretches

An expression that speaks of the step itself (``value``, ``part``, ``was``, ``step``) is another number at every step;
it is evaluated for all steps at once, from the arrays of the pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bpstep.debugger.expressions import Expression, only
from bpstep.debugger.moment import PARTIAL, UNSET, Moment
from bpstep.engine.cells import Cell
from bpstep.engine.pieces import piece_parts, piece_values
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.engine.sections import section_numbers
from bpstep.engine.specs import Array
from bpstep.scenario.arithmetic import STEP_KINDS, evaluate_all

__all__ = ["NOWHERE", "Positions", "change_points", "changed_at", "holding", "steps_of"]

Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOWHERE: Positions = np.empty(0, dtype=np.int64)


# --- the steps of a batch ----------------------------------------------------------------------------


def steps_of(run: Run, batch: int) -> Positions:
    """The position right after each step of a batch."""
    timeline = run.timeline
    return np.arange(timeline.start_of_batch(batch), timeline.start_of_batch(batch + 1)) + 1


# --- an expression over them --------------------------------------------------------------------------


def change_points(run: Run, expression: Expression, batch: int) -> Positions:
    """The positions of a batch at which the value of an expression may change, ascending; the first is its first."""
    if expression.needs_every_step:
        return steps_of(run, batch)
    return _writes(run, expression.cells, batch)


def _writes(run: Run, cells: tuple[Cell, ...], batch: int) -> Positions:
    timeline = run.timeline
    start, plan = timeline.start_of_batch(batch), timeline.segment_of_batch(batch).schedule_of(batch)
    index = run.index_of(batch)
    bases = start + np.arange(plan.samples)[:, np.newaxis] * plan.sample.length + 1
    tail = start + plan.samples * plan.sample.length + 1
    found = [bases.ravel()]
    for cell in cells:
        spot = index.find(cell)
        if spot is not None:
            writes = index.writes(plan, spot)
            found.append((bases + np.array(writes.each, dtype=np.int64)).ravel())
            found.append(tail + np.array(writes.tail, dtype=np.int64))
            if writes.settled is not None:
                found.append((bases + writes.settled).ravel())
    # A change by hand is there at once, and the step after it is the first that it acts on.
    for edit in run.values_edited(batch):
        found.append(start + np.arange(max(edit.offset, 1), min(edit.offset + 1, plan.length) + 1))
    points: Positions = np.unique(np.concatenate(found))
    return points


def holding(
    run: Run, expression: Expression, batch: int, positions: Positions, report: Listener = unheard
) -> Mask:
    """At which of some positions of a batch an expression holds."""
    values, complete = _evaluated(run, expression, batch, positions, report, whole=True)
    held: Mask = complete & (values != 0.0) & ~np.isnan(values)
    return held


def changed_at(run: Run, expression: Expression, batch: int, report: Listener = unheard) -> Positions:
    """The positions of a batch at which the value of an expression is another one than a step before."""
    points = change_points(run, expression, batch)
    now, is_set = _evaluated(run, expression, batch, points, report)
    first, was_set = _at(expression, Moment(run, int(points[0]) - 1))
    before, before_set = np.append(first, now[:-1]), np.append(was_set, is_set[:-1])
    same = before_set & ((now == before) | (np.isnan(now) & np.isnan(before)))
    found: Positions = points[is_set & ~same]
    return found


def _evaluated(
    run: Run,
    expression: Expression,
    batch: int,
    positions: Positions,
    report: Listener,
    *,
    whole: bool = False,
) -> tuple[Array, Mask]:
    """The values of an expression at some positions of a batch, ascending, and where it has one: where none of its
    cells is unset nor, if they must be ``whole``, a sum that is not complete."""
    known = positions <= run.known  # what lies ahead of a question has no value
    if expression.needs_every_step:
        values, is_set = _at_every_step(run, expression, batch, positions, report, whole=whole)
        return values, is_set & known
    points, which = _stretches(run, expression.cells, batch, positions)
    values, is_set = np.zeros(len(points)), np.zeros(len(points), dtype=bool)
    for k, at in enumerate(points.tolist()):
        report("step", at, run.length)
        values[k], is_set[k] = _at(expression, Moment(run, at), whole=whole)
    return values[which], is_set[which] & known


def _stretches(
    run: Run, cells: tuple[Cell, ...], batch: int, positions: Positions
) -> tuple[Positions, NDArray[np.intp]]:
    """The first position of every stretch that holds some of the positions, and which of them each lies in."""
    starts = _writes(run, cells, batch)
    used, which = np.unique(np.searchsorted(starts, positions, side="right") - 1, return_inverse=True)
    return starts[used], which


def _at(expression: Expression, moment: Moment, *, whole: bool = False) -> tuple[float, bool]:
    """The value of an expression at a moment, and whether it has one."""
    for cell in expression.cells:
        reading = moment.read(cell)
        if reading is None or reading.value is None or (whole and reading.state in (UNSET, PARTIAL)):
            return 0.0, False
    return expression.value(moment), True


def _at_every_step(
    run: Run, expression: Expression, batch: int, positions: Positions, report: Listener, *, whole: bool
) -> tuple[Array, Mask]:
    known: dict[Cell, Array] = {}
    is_set = np.ones(len(positions), dtype=bool)
    for cell in expression.cells:
        if cell.kind == "step":
            known[cell] = positions.astype(np.float64)
        elif cell.kind in STEP_KINDS:
            known[cell], has_one = _of_the_steps(run, cell.kind, batch, positions, report)
            is_set &= has_one
        else:
            known[cell], has_one = _evaluated(run, only(cell), batch, positions, report, whole=whole)
            is_set &= has_one
    found = evaluate_all(expression.node, known.__getitem__)
    return np.broadcast_to(found, positions.shape), is_set


def _of_the_steps(
    run: Run, kind: str, batch: int, positions: Positions, report: Listener
) -> tuple[Array, Mask]:
    """What the steps at some positions say of themselves: their value, the one before, which contribution it was."""
    # The arrays of a batch are those of its last era only.
    if kind == "was" or run.values_edited(batch):
        return _described(run, kind, positions, report)
    numbers = run.batch(batch)
    plan, start = run.timeline.segment_of_batch(batch).schedule_of(batch), run.timeline.start_of_batch(batch)
    of_piece = piece_values if kind == "value" else piece_parts
    found = [np.empty(0)]
    places = positions - start - 1
    for sample in range(plan.samples + 1):
        base = sample * plan.sample.length
        first, last = np.searchsorted(places, (base, base + plan.sample.length))
        section = plan.sample
        if sample == plan.samples:
            section, last = plan.tail, len(places)
        if first < last:
            at = min(sample, plan.samples - 1)
            found.append(section_numbers(of_piece, numbers, section, at, places[first:last] - base))
    return np.concatenate(found), np.ones(len(positions), dtype=bool)


def _described(run: Run, kind: str, positions: Positions, report: Listener) -> tuple[Array, Mask]:
    """The same, from the steps one by one."""
    wanted = positions.tolist()
    is_dense = bool(wanted) and wanted[-1] - wanted[0] < 4 * len(wanted)
    found: dict[int, float | None] = {}
    for step in run.steps(wanted[0], wanted[-1]) if is_dense else map(run.step, wanted):
        report("step", step.number, run.length)
        part = 1 if step.part is None else step.part[0]
        found[step.number] = {"value": step.value, "was": step.was, "part": part}[kind]
    told = [found.get(at) for at in wanted]
    values = np.array([0.0 if value is None else value for value in told])
    return values, np.array([value is not None for value in told], dtype=bool)
