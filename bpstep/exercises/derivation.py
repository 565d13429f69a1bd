"""A derivation of one's own: the derivative by one cell, written line by line.

Each line is an expression over cells, and each must be equal to the one before; the first to the derivative itself.
Equal means equal as expressions: lines are compared at several *points*, sets of weights and inputs, of which the
first is the learner's own and the others are redrawn from it.  Two expressions that agree at all of them to nine
digits are taken to be the same.

    derive w[h1->o1]
    = delta[o1] * y[h1]                       equal: the chain rule's last step
    = (y[o1] - t[o1]) * local[o1] * y[h1]     equal: here δ(o1) was worked out
    = (y[o1] - t[o1]) * y[h1]                 not equal, and not taken

A point is the net of this moment with one sample, run under the right rule up to the end of its backward pass: a
learner derives on paper and may use what the run has not shown yet.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import parse
from bpstep.debugger.paths import derivative_of
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.build import Problem
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array, ExpressionSpec, TrainingSpec
from bpstep.exercises.products import Values, alike, value_of
from bpstep.exercises.variants import generator, redrawn
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import Node, first_value
from bpstep.scenario.model import Scenario

__all__ = ["Derivation", "Line", "begun"]

#: So many redrawn points are compared besides the learner's own.
_REDRAWN = 8

#: No derivation has more lines.
MOST_LINES = 100


@dataclass(frozen=True, eq=False)
class Line:
    """A line that was written, and its values at all points."""

    text: str
    node: Node
    cells: tuple[Cell, ...]
    values: Array


@dataclass(frozen=True, eq=False)
class Derivation:
    """The derivative by ``cell`` so far.  ``truth`` are its values at the points, shape (points,)."""

    cell: Cell
    points: tuple[Session, ...]
    truth: Array
    lines: tuple[Line, ...] = ()
    #: Whether the net learns from several samples, of which this one is meant.
    alone: bool = False

    @property
    def last(self) -> Array:
        """The values that the next line must have."""
        return self.lines[-1].values if self.lines else self.truth

    @property
    def values(self) -> Values:
        """The values of a cell at all points; nan where nothing ever stands in it."""

        def found(cell: Cell) -> Array:
            read = [point.moment.value(cell) for point in self.points]
            return np.array([np.nan if value is None else value for value in read])

        return found

    def read(self, session: Session, text: str, column: int) -> Line:
        """The line that a text means; `CommandError` where it can be none."""
        here = self.points[0]
        here.options = session.options
        expression = parse(here.scope, text, column)
        if not text.strip() or first_value(expression.node) is None:
            raise CommandError("expected a value, found a condition", column)
        own = cells.d(self.cell)
        if own in expression.cells:
            raise CommandError(f"{own} is what is derived: write what it is equal to", column)
        if expression.needs_every_step:
            raise CommandError("a line speaks of cells, not of the step at the cursor", column)
        values = value_of(expression.node, self.values, len(self.points))
        for cell in expression.cells:
            if np.isnan(self.values(cell)).any():
                raise CommandError(f"{cell} has no value before the update", column, ExitCode.FAILED)
        return Line(text, expression.node, expression.cells, values)

    def follows(self, line: Line) -> bool:
        """Whether a line is equal to the one before."""
        return alike(line.values, self.last)

    def with_line(self, line: Line) -> Derivation:
        """The derivation, one line further."""
        if len(self.lines) == MOST_LINES:
            raise CommandError(f"a derivation has at most {MOST_LINES} lines", 0, ExitCode.FAILED)
        return replace(self, lines=(*self.lines, line))


def begun(session: Session, text: str, column: int) -> Derivation:
    """A derivation of the derivative by the cell that a text names: a parameter or an input."""
    cell = parse(session.scope, text, column).cell
    spot = session.index.find(cell) if cell is not None else None
    if spot is None or spot.kind not in ("given", "parameter") or spot.at in session.setup.graph.constants:
        raise CommandError("expected a parameter or an input", column)
    cell = spot.at.cell(spot.j)  # d(e[h1], w[x1->h1]) is y[x1] under another name
    own = _as_it_stands(session)
    scenarios = [own, *(redrawn(own, generator(str(cell), point)) for point in range(_REDRAWN))]
    points = [_point(scenario) for scenario in scenarios]
    truth = np.array([_derivative(point, cell) for point in points])
    good = [k for k in range(len(points)) if np.isfinite(truth[k])]
    if 0 not in good or len(good) < 2:
        raise CommandError(f"the derivative by {cell} is no number here", column, ExitCode.FAILED)
    alone = session.moment.batch.numbers.samples > 1
    return Derivation(cell, tuple(points[k] for k in good), truth[good], alone=alone)


def _derivative(point: Session, cell: Cell) -> float:
    """The derivative by a cell; of a network's input, which has none of its own, along all ways from there."""
    value = point.moment.value(cells.d(cell))
    return derivative_of(point.moment, cell) if value is None else value


def _point(scenario: Scenario) -> Session:
    """A session at the end of its backward pass."""
    session = Session(scenario)
    session.position = 1
    session.position = session.moment.place.schedule.sample.length
    return session


def _as_it_stands(session: Session) -> Scenario:
    """The net with the parameters and the sample of the cursor, as a scenario of this sample alone.

    What is derived is the sample's own E: without the mean over a batch, and without a penalty on the weights.
    """
    moment, setup = session.moment, session.setup
    numbers, graph = moment.batch.numbers, setup.graph
    given = [numbers.values[vector.id][moment.place.sample] for vector in graph.given]
    problem = _with_numbers(setup.problem, numbers.parameters, given)
    return replace(session.scenario, problem=problem, training=TrainingSpec(), notes=(), story="")


def _with_numbers(problem: Problem, parameters: Array, given: list[Array]) -> Problem:
    """A problem with other parameters (end to end) and one sample."""
    if isinstance(problem, ExpressionSpec):
        rest, shapes = iter(given), dict(zip(problem.inputs, map(np.shape, problem.values), strict=True))
        sizes = [math.prod(shapes[name]) for name in problem.parameters]
        own = dict(zip(problem.parameters, np.split(parameters, np.cumsum(sizes)[:-1]), strict=False))
        flat = [own[name] if name in own else next(rest) for name in problem.inputs]
        values = [
            numbers.reshape(shapes[name]) if shapes[name] else numbers.item()
            for name, numbers in zip(problem.inputs, flat, strict=True)
        ]
        return replace(problem, values=tuple(values), by_sample={})
    layers, at = [], 0
    for layer in problem.layers:
        size = layer.weights.size
        weights = parameters[at : at + size].reshape(layer.weights.shape).copy()
        at += size
        bias = layer.bias
        if bias is not None:
            bias = parameters[at : at + bias.size].copy()
            at += bias.size
        layers.append(replace(layer, weights=weights, bias=bias))
    return replace(problem, layers=tuple(layers), x=given[0][None, :].copy(), t=given[1][None, :].copy())
