"""What a step says is what it does: its formula, filled in with the numbers that it reads, gives its value."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from bpstep.engine.build import Problem
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.passes import Setup
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from bpstep.engine.steps import OPS, Step
from tests.helpers.problems import expression_trainings, expressions, mazur, network, networks, trainings

_FUNCTIONS: dict[str, Any] = {
    "exp": math.exp, "ln": math.log, "sin": math.sin, "cos": math.cos, "tan": math.tan, "sinh": math.sinh,
    "cosh": math.cosh, "tanh": math.tanh, "sqrt": math.sqrt, "abs": abs, "max": max, "min": min,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)), "softplus": lambda a: math.log1p(math.exp(a)),
    "relu": lambda a: max(a, 0.0), "leaky_relu": lambda a: a if a > 0 else 0.01 * a,
}  # fmt: skip


def right_side(step: Step, names: dict[str, Any]) -> float:
    """The arithmetic of a step's text, [p] being 1 or 0."""
    text = step.template.format(*(f"({factor.value!r})" for factor in step.inputs))
    text = re.sub(r"\[([^\[\]]+)\]", r"float(\1)", text).replace("^", "**")
    return float(eval(text, {"__builtins__": {"float": float}, **_FUNCTIONS, **names}))


def says_what_it_does(step: Step, setup: Setup) -> None:
    numbers = [step.value, *(factor.value for factor in step.inputs), *([step.was] if step.was else [])]
    if "sum(" in step.template or step.because.startswith("a^0") or not np.isfinite(numbers).all():
        return  # too long to be written out; a convention that no text expresses; inf and nan
    right = right_side(step, {**setup.settings, "t": step.when.batch})
    if step.product is not None:
        assert right == pytest.approx(step.product, rel=1e-9, abs=1e-13), step
    before = 0.0 if step.was is None else step.was
    signs = {"=": right, "+=": before + right, "-=": before - right}
    assert signs[step.sign] == pytest.approx(step.value, rel=1e-9, abs=1e-12), step


def check(problem: Problem, training: TrainingSpec) -> None:
    run = Run(problem, training)
    for step in run.steps():
        assert step.op in OPS
        says_what_it_does(step, run.setup)


@given(networks(), trainings())
@settings(max_examples=60)
def test_networks(problem: NetworkSpec, training: TrainingSpec) -> None:
    check(problem, training)


@given(expressions(), expression_trainings())
@settings(max_examples=150)
def test_expressions(problem: ExpressionSpec, training: TrainingSpec) -> None:
    check(problem, training)


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


def test_a_planted_wrong_text_is_seen() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    local = run.step(22)
    assert local.op == "local"
    says_what_it_does(local, run.setup)
    with pytest.raises(AssertionError):
        says_what_it_does(replace(local, template="{0} * (1 + {0})"), run.setup)


def test_the_words_of_mazur() -> None:
    """A line of each kind as a trace prints it."""
    run = Run(mazur(), TrainingSpec(0.5))
    expected = {
        1: "e[h1] += w[i1->h1] * y[i1] | 0 + 0.15 * 0.05",
        3: "e[h1] += b[h1] | 0.0275 + 0.35",
        4: "y[h1] = sigmoid(e[h1]) | sigmoid(0.3775)",
        17: "cost += (y[o1] - t[o1])^2 / 2 | 0 + (0.7514 - 0.01)^2 / 2",
        19: "d(cost) = 1 | 1",
        20: "d(cost, y[o1]) = y[o1] - t[o1] | 0.7514 - 0.01",
        21: "d(y[o1]) += d(cost) * d(cost, y[o1]) | 0 + 1 * 0.7414",
        22: "d(y[o1], e[o1]) = y[o1] * (1 - y[o1]) | 0.7514 * (1 - 0.7514)",
        28: "d(w[h1->o1]) += d(e[o1]) * y[h1] | 0 + 0.1385 * 0.5933",
        30: "d(b[o1]) += d(e[o1]) | 0 + 0.1385",
        34: "d(y[h1]) += d(e[o1]) * w[h1->o1] | 0 + 0.1385 * 0.4",
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
