"""Is this gradient right?  Three independent ways to the same number.

    reverse     what back-propagation gathered, under whatever rule it used
    forward     a sweep of tangents (`bpstep.engine.tangents`): the same local derivatives, the other grouping
    numeric     central differences: change the number a little, both ways, and look at the loss

Central differences know nothing of derivatives, so they catch every mistake, but they are inexact: too large a
step bends, too small a step drowns in rounding.  `_numeric` starts with a step chosen for the value and lets
Ridders' extrapolation halve it (`bpstep.engine.differences`, where the bands of a relative difference are, too).

At a kink (relu at 0) there is no derivative to compare with, only a convention; such a cell is told apart, not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.cells import Cell
from bpstep.engine.differences import DOUBLE, relative_difference, ridders, verdict_of
from bpstep.engine.graph import Graph
from bpstep.engine.passes import Pass, go_forward, starting_values
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.specs import Array
from bpstep.engine.tangents import carry_forward, reached_from
from bpstep.engine.vectors import Entry, entry
from bpstep.lazily import dataclass

__all__ = ["MOST_CHECKED", "CheckRow", "check_gradients"]

#: Of more cells than this, only so many are checked, evenly spaced.
MOST_CHECKED = 1000


@dataclass(frozen=True)
class CheckRow:
    """One gradient by three ways.  ``verdict`` is ``good``, ``fair``, ``doubtful``, ``wrong``, ``kink`` or
    ``not finite``; ``why`` says more where there is more to say."""

    cell: Cell
    reverse: float
    forward: float
    numeric: float
    relative: float
    verdict: str
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether the three agree, or can not be held against each other."""
        return self.verdict in ("good", "fair", "kink")

    @property
    def is_lost(self) -> bool:
        """Whether one of the three is no finite number."""
        return self.verdict == "not finite"


def check_gradients(
    run: Run,
    batch: int = 0,
    cells: Sequence[Cell] | None = None,
    tell: Listener = unheard,
) -> list[CheckRow]:
    """Check gradients after a batch: of every parameter (of an expression: of every input), or of some cells.

    Of more than `MOST_CHECKED` cells, that many are taken, evenly spaced.  Of a run that is known only so far, only
    those are checked that are known.  ``tell`` hears how many are done, of how many.
    """
    entries = _checked(run.setup_of(batch), cells)
    numbers = run.batch_at(batch, 0).numbers
    if run.known < run.length:
        entries = [cell for cell in entries if not np.isnan(_reverse(numbers, cell))]
    if len(entries) > MOST_CHECKED:
        chosen = np.linspace(0, len(entries) - 1, MOST_CHECKED).round().astype(int)
        entries = [entries[k] for k in chosen]
    rows = []
    with np.errstate(all="ignore"):
        for cell in entries:
            rows.append(_row(numbers, cell))
            tell("gradient", len(rows), len(entries))
    return rows


def _checked(setup: Setup, cells: Sequence[Cell] | None) -> list[Entry]:
    graph = setup.graph
    vectors = graph.page
    if cells is not None:
        vectors = tuple(vector for vector in (*graph.given, *graph.parameters) if vector in graph.gathered)
        if graph.loss is None:
            vectors = tuple(sorted(vectors, key=lambda vector: vector.id))
    every = [(vector, j) for vector in vectors for j in range(vector.size)]
    return [cell for cell in every if cells is None or cell[0].cell(cell[1]) in cells]


def _row(numbers: Pass, cell: Entry) -> CheckRow:
    vector, j = cell
    reverse = _reverse(numbers, cell)
    forward = _forward(numbers, cell)
    loss = _Loss(numbers, cell)
    numeric, error = _numeric(loss)
    relative = max(relative_difference(reverse, forward), relative_difference(reverse, numeric))
    verdict, why = verdict_of(relative), ""
    if not np.isfinite([loss.value, reverse, forward, numeric]).all():
        verdict, why = "not finite", _why_not_finite(loss.value, reverse, loss.called)
    elif loss.at_kink():
        verdict = "good" if verdict_of(relative_difference(reverse, forward)) == "good" else "wrong"
        if verdict == "good" and verdict_of(relative) != "good":
            verdict, why = "kink", f"{loss.called} has a kink here: there is no derivative, only a convention"
    elif verdict not in ("good", "fair") and _is_noise(reverse, forward, numeric, error, loss.value):
        verdict, why = "fair", "smaller than central differences can resolve"
    return CheckRow(vector.cell(j), reverse, forward, numeric, relative, verdict, why)


def _reverse(numbers: Pass, cell: Entry) -> float:
    """What back-propagation gathered."""
    return entry(numbers.derivative(cell[0].id), cell[0], 0, cell[1])


def _why_not_finite(loss: float, reverse: float, called: str) -> str:
    if not np.isfinite(loss):
        return f"{called} itself is {loss:g} here"
    if not np.isfinite(reverse):
        return f"the derivative is {reverse:g} here"
    return f"right beside this value {called} is not finite: no difference can be taken"


def _is_noise(reverse: float, forward: float, numeric: float, error: float, loss: float) -> bool:
    """Whether the three differ by no more than rounding makes of a difference quotient."""
    if relative_difference(reverse, forward) > 1e-6:
        return False
    return abs(reverse - numeric) <= max(10.0 * error, 1e3 * DOUBLE * max(1.0, abs(loss)))


# --- forward mode ------------------------------------------------------------------------------------


def _forward(numbers: Pass, cell: Entry) -> float:
    """d(loss) by one sweep of tangents."""
    graph = numbers.graph
    tangents = carry_forward(graph, numbers.values, cell, reached_from(graph, cell), numbers.samples)
    if cell[0].per_sample and graph.loss is not None:
        # It is an input of the first sample, whose cost has its share of the loss.
        return float(tangents.dot[graph.root.id][0, 0]) * numbers.setup.share(numbers.samples)
    return float(tangents.dot[graph.first.id].ravel()[0])


# --- central differences -----------------------------------------------------------------------------


class _Loss:
    """The loss of a batch as a function of one number."""

    def __init__(self, numbers: Pass, cell: Entry) -> None:
        self.numbers, self.cell = numbers, cell
        self.here = numbers.value(cell[0], 0, cell[1])
        self.value, self.sides = self(self.here)
        root = numbers.graph.root
        #: An expression has an output, and a loss only where it has samples.
        self.called = str(root.cell(0)) if root.kind == "var" and numbers.graph.loss is None else "the loss"

    def __call__(self, x: float) -> tuple[float, tuple[bytes, ...]]:
        """The loss at ``x``, and on which side of every kink it was taken."""
        numbers, vector = self.numbers, self.cell[0]
        graph = numbers.graph
        given = [numbers.values[v.id] for v in graph.given]
        values = starting_values(graph, numbers.parameters, given)
        values[vector.id] = values[vector.id].copy()
        values[vector.id].reshape(-1)[self.cell[1]] = x  # of an input, in the first sample
        go_forward(graph, values, numbers.samples, held=numbers.values)
        return float(values[graph.first.id].ravel()[0]), _sides(graph, values)

    def at_kink(self) -> bool:
        """Whether there is a kink right here."""
        step = 1e-9 * max(1.0, abs(self.here))
        return any(self(self.here + way * step)[1] != self.sides for way in (-1.0, 1.0))


def _sides(graph: Graph, values: list[Array]) -> tuple[bytes, ...]:
    """For everything that has a kink: on which side of it the operands lie."""
    every = (edge.sides(values) for edge in graph.edges)
    return tuple(sides.tobytes() for sides in every if sides is not None)


def _numeric(loss: _Loss) -> tuple[float, float]:
    """d(loss)/dx by central differences, and an estimate of its error."""
    step = 1e-2 * max(1.0, abs(loss.here))
    smallest = 1e-7 * max(1.0, abs(loss.here))
    while step > smallest and not _smooth(loss, step):
        step /= 4.0
    return ridders(lambda h: (loss(loss.here + h)[0] - loss(loss.here - h)[0]) / (2.0 * h), step)


def _smooth(loss: _Loss, step: float) -> bool:
    """Whether no kink lies within a step, and the loss is finite on both sides."""
    for way in (-step, step):
        value, sides = loss(loss.here + way)
        if sides != loss.sides or not np.isfinite(value):
            return False
    return True
