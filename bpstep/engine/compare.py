"""Two rules side by side: where a wrong one parts from the right one, and what becomes of every gradient.

A rule changes values, never the number or the order of steps, so two runs of the same problem are compared step by
step.  Values are compared by their bits, block by block as whole arrays, so 300,000 steps are no wait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.schedule import Section
from bpstep.engine.specs import Array
from bpstep.engine.steps import Step
from bpstep.engine.values import piece_values

__all__ = ["Difference", "GradientRow", "first_difference", "gradient_rows"]


@dataclass(frozen=True)
class Difference:
    """The first step whose value differs in any bit, in both runs."""

    correct: Step
    rule: Step


@dataclass(frozen=True)
class GradientRow:
    """One gradient under both rules; ``ratio`` is rule / correct, None where correct is 0."""

    cell: Cell
    correct: float
    rule: float

    @property
    def ratio(self) -> float | None:
        """How many times too large."""
        return None if self.correct == 0.0 else self.rule / self.correct


def first_difference(correct: Run, rule: Run) -> Difference | None:
    """The first step at which two runs of one problem part; None where they never do."""
    for batch in range(correct.timeline.batches):
        found = _first_in_batch(correct, rule, batch)
        if found is not None:
            return Difference(correct.step(found), rule.step(found))
    return None


def _first_in_batch(correct: Run, rule: Run, batch: int) -> int | None:
    if correct.values_edited(batch):
        start, end = correct.timeline.start_of_batch(batch), correct.timeline.start_of_batch(batch + 1)
        both = ((n, correct.step(n).value, rule.step(n).value) for n in range(start + 1, end + 1))
        return next((n for n, a, b in both if _bits(a) != _bits(b)), None)
    plan = correct.timeline.segment_of_batch(batch).schedule_of(batch)
    other = rule.timeline.segment_of_batch(batch).schedule_of(batch)
    base = correct.timeline.start_of_batch(batch)
    for sample in range(plan.samples):
        found = _first_in_section(correct, rule, batch, (plan.sample, other.sample), sample)
        if found is not None:
            return base + found + 1
        base += plan.sample.length
    found = _first_in_section(correct, rule, batch, (plan.tail, other.tail), plan.samples - 1)
    return None if found is None else base + found + 1


def _first_in_section(
    correct: Run, rule: Run, batch: int, sections: tuple[Section, Section], sample: int
) -> int | None:
    for block, twin in zip(sections[0].blocks, sections[1].blocks, strict=True):
        first = None
        for piece, other in zip(block.pieces, twin.pieces, strict=True):
            a = piece_values(correct.batch(batch), piece, sample)
            b = piece_values(rule.batch(batch), other, sample)
            rows, columns = np.nonzero(_different(a, b))
            if len(rows):
                offsets = block.first + rows * block.width + piece.start + columns
                first = min(int(offsets.min()), first if first is not None else int(offsets.min()))
        if first is not None:
            return first
    return None


def _different(a: Array, b: Array) -> NDArray[np.bool_]:
    both = (np.ascontiguousarray(x).view(np.uint64) for x in (a, b))
    found: NDArray[np.bool_] = np.not_equal(*both) & ~(np.isnan(a) & np.isnan(b))
    return found


def _bits(number: float) -> bytes:
    return np.float64(number).tobytes()


def gradient_rows(correct: Run, rule: Run, batch: int = 0) -> list[GradientRow]:
    """Every parameter's gradient after a batch, under both rules; of an expression, every input's."""
    graph = correct.setup_of(batch).graph
    network = correct.setup_of(batch).is_network
    vectors = graph.parameters if network else sorted((*graph.given, *graph.parameters), key=lambda v: v.id)
    right, wrong = correct.batch(batch).numbers, rule.batch(batch).numbers
    rows = []
    for vector in vectors:
        a, b = right.derivative(vector.id), wrong.derivative(vector.id)
        for row in range(len(vector.names)):
            for column in range(max(1, len(vector.columns))):
                at = (row, column) if vector.kind == "w" else (row,) if vector.is_parameter else (0, row)
                rows.append(GradientRow(vector.cell(row, column), float(a[at]), float(b[at])))
    return rows
