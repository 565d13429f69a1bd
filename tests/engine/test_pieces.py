"""The values, parts and ops of a whole run of steps at once are those of its steps, one by one, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpstep.engine.build import Problem
from bpstep.engine.cells import Cell
from bpstep.engine.pieces import piece_parts, piece_values
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import networks, trainings


def check(problem: Problem, training: TrainingSpec, rule: Rule = CORRECT, wrt: Cell | None = None) -> None:
    if rule.refuses(problem, training):
        return
    run = Run(problem, training, rule=rule, wrt=wrt)
    for step in run.steps():
        place = run.place(step.number)
        batch, block = run.batch(place.batch), place.block
        row, piece, within = block.locate(place.offset)
        at = row - block.first_row, within
        values = piece_values(batch, block, piece, place.sample)
        assert values.shape == (len(block.nodes), piece.width)
        assert np.array_equal([values[at]], [step.value], equal_nan=True), step
        assert np.signbit(values[at]) == np.signbit(step.value) or np.isnan(step.value)
        parts = piece_parts(batch, block, piece, place.sample)
        assert parts[at] == (1 if step.part is None else step.part[0]), step
        ops = piece.ops
        assert ops[within % len(ops)] == step.op


def seeds(problem: Problem) -> st.SearchStrategy[Cell]:
    """What tangents may be taken by."""
    graph = Setup(problem, TrainingSpec()).graph
    vectors = [*(v for v in graph.given if v not in graph.constants), *graph.parameters]
    return st.sampled_from(
        [
            vector.cell(vector.number(row, column))
            for vector in vectors
            for row in range(len(vector.names))
            for column in range(max(1, len(vector.columns)))
        ]
    )


@given(networks(), trainings(), st.sampled_from(["correct", "overwrite", "article"]))
@settings(max_examples=40)
def test_networks(problem: NetworkSpec, training: TrainingSpec, name: str) -> None:
    check(problem, training, RULES[name])


@given(formulas(), formula_trainings(), st.sampled_from(["correct", "overwrite"]))
@settings(max_examples=40)
def test_expressions(problem: ExpressionSpec, training: TrainingSpec, name: str) -> None:
    check(problem, training, RULES[name])


@given(st.data(), networks(), trainings())
@settings(max_examples=40)
def test_networks_in_forward_mode(data: st.DataObject, problem: NetworkSpec, training: TrainingSpec) -> None:
    graph = Setup(problem, TrainingSpec()).graph
    assume(any(graph.consumers[vector.id] for vector in (*graph.given, *graph.parameters)))
    check(problem, training, wrt=data.draw(seeds(problem)))


@given(st.data(), formulas(), formula_trainings())
@settings(max_examples=30)
def test_expressions_in_forward_mode(
    data: st.DataObject, problem: ExpressionSpec, training: TrainingSpec
) -> None:
    graph = Setup(problem, TrainingSpec()).graph
    assume(any(vector not in graph.constants for vector in (*graph.given, *graph.parameters)))
    check(problem, training, wrt=data.draw(seeds(problem)))
