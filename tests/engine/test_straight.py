"""Straight-line code has the bits of the arrays that it was recorded from, or refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from bpstep.engine import run as run_module
from bpstep.engine.edits import LEARNING_RATE, Edit
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from bpstep.engine.straight import CanNotRecordError, Tape, record
from bpstep.scenario.loader import load
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import mazur, network, networks, trainings


def by_arrays(monkeypatch: pytest.MonkeyPatch, run: Run, batch: int) -> Run:
    """The same run, without straight-line code."""
    made = Run(
        run.setup.problem,
        run.setup.training,
        rule=run.setup.rule,
        epochs=run.timeline.epochs,
        edits=run.edits,
    )
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "WORTH_WRITING_OUT", 10**9)
        made.snapshot(batch)
    return made


def hold_equal(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    last = run.timeline.batches
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "WORTH_WRITING_OUT", 1)
        run.snapshot(last)
    other = by_arrays(monkeypatch, run, last)
    for batch in range(last + 1):
        ours, theirs = run.snapshot(batch), other.snapshot(batch)
        assert ours.parameters.tobytes() == theirs.parameters.tobytes(), batch
        for mine, its in zip(ours.states, theirs.states, strict=True):
            assert mine.tobytes() == its.tobytes(), batch
        if batch < last:
            assert run.loss(batch) == other.numbers(batch).loss or np.isnan(run.loss(batch))


@settings(max_examples=60, deadline=None)
@given(networks(), trainings())
def test_random_networks(problem: NetworkSpec, training: TrainingSpec) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hold_equal(patch, Run(problem, replace(training, learning_rate=0.3, epochs=4)))


@settings(max_examples=30, deadline=None)
@given(formulas(), formula_trainings())
def test_random_expressions(problem: ExpressionSpec, training: TrainingSpec) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hold_equal(patch, Run(problem, replace(training, learning_rate=0.1, epochs=3)))


@pytest.mark.parametrize("name", ["xor", "mazur-2-2-2", "xor-direct", "vanishing"])
def test_shipped_networks_are_written_out(name: str) -> None:
    scenario = load(name)
    run = Run(scenario.problem, scenario.training, epochs=300)
    code = record(run.setup, run.rows(0), [array[list(run.rows(0))] for array in run.given])
    start = run.snapshot(0)
    *numbers, loss = code.run((*start.parameters.tolist(), 0.0), run.rate_at(0, 0), 1)
    assert numbers == run.snapshot(1).parameters.tolist()
    assert loss == run.numbers(0).loss


def _with(optimizer: OptimizerSpec) -> Callable[[Setup], Setup]:
    return lambda setup: replace(setup, training=replace(setup.training, optimizer=optimizer))


def test_edits_end_the_code_and_begin_another(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load("xor")
    index = Run(scenario.problem, scenario.training).index_of(0)
    cell = index.graph.given[0].cell(0)
    edits = [
        Edit(3, 0, "set lr", LEARNING_RATE, 1.5),
        Edit(5, 7, "set lr", LEARNING_RATE, 0.7),
        Edit(8, 0, "set y", cell, 0.5, sample=2),
        Edit(12, 40, "set w", index.graph.parameters[0].cell(0), 2.0),
        Edit(
            15, 0, "set cost", change=lambda s: replace(s, problem=replace(s.problem, cost="squared-error"))
        ),  # type: ignore[arg-type]
        Edit(20, 0, "set optimizer", change=_with(OptimizerSpec("momentum"))),
        Edit(24, 0, "set optimizer", change=_with(OptimizerSpec("adam"))),
    ]
    hold_equal(monkeypatch, Run(scenario.problem, scenario.training, epochs=60, edits=edits))


def test_what_depends_on_a_number_is_left_to_arrays() -> None:
    relu = network(("relu", [[1.0, -1.0]], None), x=[[1.0, 2.0]], t=[[0.0]])
    with pytest.raises(CanNotRecordError):
        record(
            Setup(relu, TrainingSpec(learning_rate=0.1)), (0,), [np.array([[1.0, 2.0]]), np.array([[0.0]])]
        )


def test_wrong_rules_and_runs_without_updates_are_left_to_arrays() -> None:
    given = [np.array([[0.05, 0.1]]), np.array([[0.01, 0.99]])]
    for setup in (
        Setup(mazur(), TrainingSpec(learning_rate=0.5), RULES["article"]),
        Setup(mazur(), TrainingSpec()),
    ):
        with pytest.raises(CanNotRecordError):
            record(setup, (0,), given)


def test_a_division_by_zero_is_left_to_arrays_which_give_inf(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = replace(network(("linear", [[0.0]], None), x=[[1.0]], t=[[0.5]]), cost="binary-cross-entropy")
    run = Run(problem, TrainingSpec(learning_rate=0.1), epochs=5)
    monkeypatch.setattr(run_module, "WORTH_WRITING_OUT", 1)
    assert not np.isfinite(run.snapshot(5).parameters).all()


def test_only_what_is_needed_is_written_and_calls_go_together() -> None:
    tape = Tape()
    a, b = tape.leaf("a"), tape.leaf("b")
    unused = a + 1.0
    assert unused is not a
    total = np.exp(np.array([a, b], dtype=object)).sum()
    text = tape.source([total], "f", ["a", "b"])
    assert text.count("exp(") == 1
    assert "a + 1.0" not in text
    assert tape.function([total], "f", ["a", "b"])(0.0, 1.0) == (1.0 + float(np.exp(1.0)),)
    assert repr(a * b) == repr(a * b), "it is noted once"
    assert repr(a * -0.0) != repr(a * 0.0)
    assert 1.0 * a is a
    assert -0.0 + a is a
    assert a - 0.0 is a
    assert a - -0.0 is not a, "-0.0 - -0.0 is 0.0"
    assert 0.0 + a is not a, "0.0 + -0.0 is 0.0, so this must stay"


def test_a_long_run_remembers_every_snapshot_and_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load("xor")
    run = Run(scenario.problem, scenario.training, epochs=500)
    run.snapshot(500)
    assert set(run.history.snapshots) == set(range(501))
    assert len(run.history.losses) == 500
    monkeypatch.setattr("bpstep.engine.history.KEEP_BYTES", 40 * 1000)
    small = Run(scenario.problem, scenario.training, epochs=500)
    small.history.room = 50
    small.snapshot(500)
    assert small.history.spacing > 1
    assert len(small.history.snapshots) <= 51
    for batch in (3, 77, 250, 499):
        assert small.snapshot(batch).parameters.tobytes() == run.snapshot(batch).parameters.tobytes()
