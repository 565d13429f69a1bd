"""The values of a whole run of steps at once are those of its steps, one by one, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.build import Problem
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.engine.values import piece_values
from tests.helpers.problems import expression_trainings, expressions, networks, trainings


def check(problem: Problem, training: TrainingSpec, name: str) -> None:
    if RULES[name].refuses(problem, training):
        return
    run = Run(problem, training, rule=RULES[name])
    for step in run.steps():
        place = run.place(step.number)
        row, piece, within = place.block.locate(place.offset)
        values = piece_values(run.batch(place.batch), piece, place.sample)
        assert values.shape == (len(place.block.nodes), piece.width)
        assert np.array_equal([values[row, within]], [step.value], equal_nan=True), step
        assert np.signbit(values[row, within]) == np.signbit(step.value) or np.isnan(step.value)


@given(networks(), trainings(), st.sampled_from(["correct", "overwrite", "article"]))
@settings(max_examples=40)
def test_networks(problem: NetworkSpec, training: TrainingSpec, name: str) -> None:
    check(problem, training, name)


@given(expressions(), expression_trainings(), st.sampled_from(["correct", "overwrite"]))
@settings(max_examples=40)
def test_expressions(problem: ExpressionSpec, training: TrainingSpec, name: str) -> None:
    check(problem, training, name)
