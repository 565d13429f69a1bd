"""The engine equals the textbook loop in every step, bit for bit."""

import numpy as np
from hypothesis import given, settings

from bpstep.engine.reference import Line, expression_lines, network_lines
from bpstep.engine.reference_arrays import array_lines
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from tests.helpers.array_programs import programs
from tests.helpers.problems import expression_trainings, expressions, mazur, networks, trainings


def engine_lines(run: Run) -> list[Line]:
    return [(step.op, step.cell, step.value) for step in run.steps()]


def same(left: list[Line], right: list[Line]) -> None:
    assert [line[:2] for line in left] == [line[:2] for line in right]
    ours = np.array([line[2] for line in left])
    theirs = np.array([line[2] for line in right])
    equal = (ours.view(np.int64) == theirs.view(np.int64)) | (np.isnan(ours) & np.isnan(theirs))
    assert equal.all(), [(left[k], right[k]) for k in np.flatnonzero(~equal)[:5]]


@given(networks(), trainings())
@settings(max_examples=120)
def test_networks(problem: NetworkSpec, training: TrainingSpec) -> None:
    with np.errstate(all="ignore"):
        same(engine_lines(Run(problem, training)), list(network_lines(problem, training)))


@given(expressions(), expression_trainings())
@settings(max_examples=120)
def test_expressions(problem: ExpressionSpec, training: TrainingSpec) -> None:
    with np.errstate(all="ignore"):
        same(engine_lines(Run(problem, training)), list(expression_lines(problem, training)))


@given(programs(samples=None))
@settings(max_examples=100)
def test_programs_over_arrays(problem: ExpressionSpec) -> None:
    """A sample after the other, without an update; what parameters gather over them is another test's affair."""
    with np.errstate(all="ignore"):
        lines = engine_lines(Run(problem, TrainingSpec()))
        wanted = [line for sample in range(problem.samples) for line in array_lines(problem, sample)]
        same(lines, wanted)


def test_a_planted_mistake_is_seen() -> None:
    """The comparison is no formality: another last bit in one weight is noticed."""
    right, wrong = mazur(), mazur()
    wrong.layers[0].weights[0, 0] = np.nextafter(0.15, 1.0)
    ours = engine_lines(Run(wrong, TrainingSpec(0.5)))
    theirs = list(network_lines(right, TrainingSpec(0.5)))
    assert any(a[2] != b[2] for a, b in zip(ours, theirs, strict=True))
