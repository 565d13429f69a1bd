"""Time: any step of a run has the same bits however it is reached."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.build import Problem
from bpstep.engine.history import History
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, OptimizerSpec, TrainingSpec
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import mazur, network, networks, trainings


def bits(run: Run, numbers: list[int] | None = None) -> dict[int, str]:
    """The steps as text, in which a float reads back to the same bits and nan equals nan."""
    return {n: repr(run.step(n)) for n in numbers or range(1, run.length + 1)}


def forgetful(problem: Problem, training: TrainingSpec) -> Run:
    """A run that has room for two snapshots only, and computes the batches between them again."""
    run = Run(problem, training)
    run.history = History(run.history.snapshots[0], limit=1)
    return run


# --- however a step is reached -----------------------------------------------------------------------


@given(networks(), trainings(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_looking_does_not_matter(
    problem: NetworkSpec, training: TrainingSpec, chance: Random
) -> None:
    sequential = bits(Run(problem, training))
    numbers = list(sequential)
    chance.shuffle(numbers)
    assert bits(Run(problem, training), numbers) == sequential


@given(networks(), trainings(), st.integers(1, 12), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_what_was_not_kept_is_computed_again(
    problem: NetworkSpec, training: TrainingSpec, epochs: int, chance: Random
) -> None:
    training = replace(training, epochs=epochs)
    full = Run(problem, training)
    numbers = [1 + k * full.length // 97 for k in range(97)]
    chance.shuffle(numbers)
    run = forgetful(problem, training)
    assert bits(run, numbers) == bits(full, numbers)
    assert len(run.history.snapshots) <= 2


@given(formulas(), formula_trainings())
@settings(max_examples=30)
def test_expressions_backwards(problem: ExpressionSpec, training: TrainingSpec) -> None:
    sequential = bits(Run(problem, training))
    assert bits(Run(problem, training), list(reversed(sequential))) == sequential


def test_snapshots_are_thinned_out_evenly() -> None:
    start = Run(mazur(), TrainingSpec(0.5)).history.snapshots[0]
    history = History(start, limit=4 * start.nbytes)
    for batch in range(1, 100):
        history.keep(batch, start)
    assert sorted(history.snapshots) == [0, 32, 64, 96]
    assert [history.before(batch)[0] for batch in (0, 31, 32, 95, 99)] == [0, 0, 32, 64, 96]


@given(networks())
@settings(max_examples=30)
def test_large_batches_are_taken_sample_by_sample(problem: NetworkSpec) -> None:
    """Where the products of a whole batch would need too much memory: the same bits."""
    training = TrainingSpec(0.1, batch=None, epochs=2, l2=0.01)
    roomy = bits(Run(problem, training))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bpstep.engine.operations.MOST_AT_ONCE", 1)
        patch.setattr("bpstep.engine.arrivals.MOST_AT_ONCE", 1)
        assert bits(Run(problem, training)) == roomy


def test_wide_layers_have_the_same_bits_alone_and_side_by_side() -> None:
    """Vectorised exp and tanh must not depend on how many numbers stand beside one: the engine's lanes."""
    generator = np.random.default_rng(3)
    w1, w2 = generator.normal(0, 1, (37, 5)), generator.normal(0, 1, (3, 37))
    x, t = generator.normal(0, 1, (9, 5)), generator.normal(0, 1, (9, 3))
    for activation in ("sigmoid", "tanh", "softplus", "softmax"):
        problem = network(
            (activation, w1.tolist(), None), ("linear", w2.tolist(), None), x=x.tolist(), t=t.tolist()
        )
        together = Run(problem, TrainingSpec(batch=None, reduction="sum")).numbers(0)
        alone = Run(problem, TrainingSpec(batch=1))
        for vector in together.graph.vectors:
            if vector.per_sample:
                for sample in range(9):
                    one = alone.numbers(sample).values[vector.id]
                    assert np.array_equal(together.values[vector.id][sample], one[0]), (
                        activation,
                        vector.kind,
                    )


# --- epochs, batches, samples ------------------------------------------------------------------------


@given(networks(), trainings())
@settings(max_examples=20)
def test_a_longer_run_begins_like_a_shorter_one(problem: NetworkSpec, training: TrainingSpec) -> None:
    short, long = Run(problem, training, epochs=1), Run(problem, training, epochs=3)
    assert long.length == 3 * short.length
    numbers = list(range(1, short.length + 1))
    assert bits(long, numbers) == bits(short, numbers)


def three_samples() -> NetworkSpec:
    return network(("sigmoid", [[2.0, 1.0]], [0.5]), x=[[1, 2], [2, 1], [3, 5]], t=[[0], [1], [0]])


def test_shuffling() -> None:
    """Epoch k is in the order of default_rng([seed, k]); samples keep their numbers in the file."""
    problem = replace(three_samples(), x=np.arange(20.0).reshape(10, 2), t=np.zeros((10, 1)))
    run = Run(problem, TrainingSpec(0.1, batch=4, shuffle=7, epochs=3))
    seeds = [step for step in run.steps() if step.op == "seed"]
    orders = set()
    for epoch in (1, 2, 3):
        seen = [step.when.sample - 1 for step in seeds if step.when.epoch == epoch]
        assert seen == np.random.default_rng([7, epoch]).permutation(10).tolist()
        orders.add(tuple(seen))
    assert len(orders) == 3
    for step in run.steps():
        row = problem.x[step.when.sample - 1]
        for factor in step.inputs:
            if factor.cell.kind == "y" and factor.cell.of in problem.inputs:
                assert factor.value == row[problem.inputs.index(str(factor.cell.of))]


@pytest.mark.parametrize(("batch", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (5, [3]), (None, [3])])
def test_batches(batch: int | None, sizes: list[int]) -> None:
    run = Run(three_samples(), TrainingSpec(0.1, batch=batch, epochs=2))
    assert [len(run.rows(b)) for b in range(run.timeline.batches)] == sizes * 2
    seeds = [step.value for step in run.steps() if step.op == "seed"]
    assert seeds == [1.0 / size for size in sizes for _ in range(size)] * 2
    for number in range(run.timeline.batches):
        numbers = run.numbers(number)
        costs = numbers.values[numbers.graph.root.id][:, 0]
        assert numbers.loss == pytest.approx(float(np.mean(costs)), rel=1e-15)


def test_the_next_batch_begins_where_the_update_ended() -> None:
    run = Run(three_samples(), TrainingSpec(0.1, optimizer=OptimizerSpec("adam"), epochs=2))
    for batch in range(run.timeline.batches - 1):
        update = run.batch(batch).update
        assert update is not None
        assert update.number == batch + 1
        assert update.parameters.tobytes() == run.numbers(batch + 1).parameters.tobytes()


def test_without_a_learning_rate_nothing_is_updated() -> None:
    run = Run(three_samples(), TrainingSpec(epochs=3))
    assert not [step for step in run.steps() if step.op in ("state", "update")]
    assert run.numbers(0).parameters.tobytes() == run.numbers(8).parameters.tobytes()


def test_the_learning_rate_of_zero_is_a_learning_rate() -> None:
    run = Run(three_samples(), TrainingSpec(0.0))
    assert [step.value for step in run.steps() if step.op == "update"][:3] == [2.0, 1.0, 0.5]


def test_steps_that_do_not_exist() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    for number in (0, -1, 60):
        with pytest.raises(IndexError):
            run.step(number)


def test_the_problem_is_not_changed() -> None:
    problem = three_samples()
    before = problem.layers[0].weights.tobytes()
    list(Run(problem, TrainingSpec(0.5, epochs=5)).steps())
    assert problem.layers[0].weights.tobytes() == before


# --- numbers that are not finite ---------------------------------------------------------------------


def test_a_run_that_diverges_is_walked_to_its_end() -> None:
    """Without a warning (warnings are errors here), and each number is what arithmetic makes of it."""
    layers = ("linear", [[3.0, 2.0], [1.0, 4.0]], [1.0, 1.0]), ("linear", [[2.0, 3.0]], [0.5])
    problem = network(*layers, x=[[1, 2], [3, 4]], t=[[1], [2]], cost="squared-error")
    for name in ("sgd", "momentum", "adam", "adamw"):
        training = TrainingSpec(1e60, batch=None, epochs=8, l2=0.1, optimizer=OptimizerSpec(name))
        values = [step.value for step in Run(problem, training).steps()]
        if name in ("sgd", "momentum"):
            assert np.isinf(values).any()
            assert np.isnan(values[-1])


def test_an_expression_without_a_finite_value() -> None:
    """ln 0 is −inf and its slope inf; 0 · inf is nan: the engine shows it and goes on."""
    made = (Operation("v", "ln", ("x",)), Operation("y", "mul", ("v", 0.0)))
    values = [step.value for step in Run(ExpressionSpec(("x",), (0.0,), made, "y"), TrainingSpec()).steps()]
    assert values[0] == -np.inf
    assert np.isnan(values[1])
    assert np.isnan(values[-1])
