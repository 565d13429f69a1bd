"""The words of single steps: what each kind reads as, what it says at a kink.  (That all of them are true is in
`test_equations`.)"""

from __future__ import annotations

from collections import Counter

import pytest

from bpstep.engine.build import Problem
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, Operation, TrainingSpec
from bpstep.engine.steps import OPS
from bpstep.engine.vectors import Vector
from tests.engine.test_equations import holds
from tests.helpers.problems import mazur, network


def check(problem: Problem, training: TrainingSpec) -> None:
    for step in Run(problem, training).steps():
        assert step.op in OPS
        holds(step)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("constant", [-2.0, -1.0, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("place", [0, 1])
def test_constant_operands(name: str, constant: float, place: int) -> None:
    """Signs, parentheses and the power rule, wherever the constant stands."""
    operands: tuple[str | float, ...] = ("x",)
    if FUNCTIONS[name].arity == 2:
        operands = (constant, "x") if place == 0 else ("x", constant)
    for x in (0.7, -1.3):
        problem = ExpressionSpec(("x",), (x,), (Operation("y", name, operands),), "y")
        check(problem, TrainingSpec())


def test_the_words_of_mazur() -> None:
    """A line of each kind as a trace prints it."""
    run = Run(mazur(), TrainingSpec(0.5))
    expected = {
        1: "e[h1] += w[i1->h1] * y[i1] | 0.15 * 0.05",
        3: "e[h1] += b[h1] | 0.0275 + 0.35",
        4: "y[h1] = sigmoid(e[h1]) | sigmoid(0.3775)",
        17: "cost += (y[o1] - t[o1])^2 / 2 | (0.7514 - 0.01)^2 / 2",
        19: "d(cost) = 1 | 1",
        20: "d(cost, y[o1]) = y[o1] - t[o1] | 0.7514 - 0.01",
        21: "d(y[o1]) += d(cost) * d(cost, y[o1]) | 1 * 0.7414",
        22: "d(y[o1], e[o1]) = y[o1] * (1 - y[o1]) | 0.7514 * (1 - 0.7514)",
        28: "d(w[h1->o1]) += d(e[o1]) * y[h1] | 0.1385 * 0.5933",
        30: "d(b[o1]) += d(e[o1]) | 0.1385",
        34: "d(y[h1]) += d(e[o1]) * w[h1->o1] | 0.1385 * 0.4",
        35: "d(y[h1]) += d(e[o2]) * w[h1->o2] | 0.0554 + (-0.0381) * 0.5",
        48: "w[i1->h1] -= lr * d(w[i1->h1]) | 0.15 - 0.5 * 0.0004386",
    }
    assert {n: f"{run.step(n).formula} | {run.step(n).numbers}" for n in expected} == expected


def test_a_contribution_is_upstream_times_local() -> None:
    step = Run(mazur(), TrainingSpec(0.5)).step(34)
    assert step.upstream is not None
    assert step.local is not None
    assert (str(step.upstream.cell), str(step.local.cell)) == ("d(e[o1])", "d(e[o1], y[h1])")
    assert step.value == step.product == step.upstream.value * step.local.value
    assert (step.was, step.part) == (None, (1, 2))


@pytest.mark.parametrize(
    ("function", "operands", "at", "says"),
    [
        ("relu", ("x",), 0.0, "relu′(0) = 0"),
        ("abs", ("x",), 0.0, "abs′(0) = 0"),
        ("max", ("x", 2.0), 2.0, "a tie in max counts ½ for each operand"),
        ("min", ("x", 2.0), 2.0, "a tie in min counts ½ for each operand"),
        ("pow", (0.0, "x"), 2.0, "a^0 and 0^b count as constants"),
        ("pow", ("x", 2.0), 0.0, ""),
        ("relu", ("x",), 0.5, ""),
        ("max", ("x", 2.0), 2.5, ""),
    ],
)
def test_a_step_at_a_kink_says_so(
    function: str, operands: tuple[str | float, ...], at: float, says: str
) -> None:
    problem = ExpressionSpec(("x",), (at,), (Operation("y", function, operands),), "y")
    (local,) = (step for step in Run(problem, TrainingSpec()).steps() if step.op == "local")
    assert local.because == says
    wrong = Run(problem, TrainingSpec(), rule=RULES["no-derivative"])
    (local,) = (step for step in wrong.steps() if step.op == "local")
    assert local.because == "" or local.value != 1.0  # no convention stands behind what a wrong rule takes


def test_kinks_of_neurons_and_costs() -> None:
    for activation, says in (
        ("leaky-relu", "leaky-relu′(0) = 0.01"),
        ("relu", "relu′(0) = 0"),
        ("linear", ""),
    ):
        problem = network((activation, [[0.0]], None), x=[[1]], t=[[0]], cost="absolute-error")
        cost, slope = (step for step in Run(problem, TrainingSpec()).steps() if step.op == "local")
        assert (cost.value, cost.because) == (0.0, "|y − t|′ = 0 at y = t")
        assert slope.because == says


def test_the_seed_of_an_averaged_batch_says_why() -> None:
    problem = network(("linear", [[1.0]], None), x=[[1], [2]], t=[[0], [0]])
    seeds = [step for step in Run(problem, TrainingSpec(batch=None)).steps() if step.op == "seed"]
    assert [(step.value, step.because) for step in seeds] == [(0.5, "the loss is the mean of 2 samples")] * 2
    summed = Run(problem, TrainingSpec(batch=None, reduction="sum"))
    assert [(s.value, s.because) for s in summed.steps() if s.op == "seed"] == [(1.0, "")] * 2


@pytest.mark.parametrize("rule", ["correct", "overwrite"])
def test_a_sum_is_worked_out_once_for_all_steps_of_a_batch(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sample comes back to the sums of all parameters: made anew each time, a batch would take the square of its
    length."""
    made: Counter[object] = Counter()
    contributions = PartialSums.contributions

    def counted(self: PartialSums, vector: Vector, sample: int, j: int) -> Array:
        made[vector, sample if vector.per_sample else 0, j] += 1
        return contributions(self, vector, sample, j)

    monkeypatch.setattr(PartialSums, "contributions", counted)
    count = 40
    problem = network(
        ("tanh", [[0.5, 0.25], [-0.5, 0.75]], [0.1, 0.2]), ("sigmoid", [[0.3, -0.4]], [0.5]),
        x=[[0.1 * k, 1.0] for k in range(count)], t=[[0.3]] * count,
    )  # fmt: skip
    run = Run(problem, TrainingSpec(0.5, batch=None, l2=0.1), rule=RULES[rule])
    assert len(list(run.steps())) == run.length
    assert sum(made.values()) > 100
    assert set(made.values()) == {1}
