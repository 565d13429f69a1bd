"""The check finds nothing wrong with right gradients, and every wrong rule where it makes a difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from bpstep.engine.check import check_gradients
from bpstep.engine.compare import first_difference, gradient_rows
from bpstep.engine.differences import relative_difference, verdict_of
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from bpstep.scenario.loader import load
from tests.helpers.problems import network, networks


@given(networks(smooth=True))
@settings(max_examples=40)
def test_right_gradients_pass(problem: NetworkSpec) -> None:
    rows = check_gradients(Run(problem, TrainingSpec(0.1, batch=None, l2=0.1)))
    assert all(row.ok for row in rows), [row for row in rows if not row.ok]


#: Two samples, biases, tanh and a square layer: every rule has something to spoil here.
def touchy() -> NetworkSpec:
    return network(
        ("tanh", [[0.5, -0.4], [0.3, 0.8]], [0.1, -0.2]),
        ("sigmoid", [[0.7, -0.5], [0.4, 0.9]], [0.3, 0.2]),
        ("sigmoid", [[0.6, -0.7]], [0.1]),
        x=[[1.0, 0.5]], t=[[1.0]],
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, rule in RULES.items()
        if name != "correct" and not rule.refuses(touchy(), TrainingSpec(0.5))
    ],
)
def test_every_wrong_rule_is_caught(name: str) -> None:
    run = Run(touchy(), TrainingSpec(0.5), rule=RULES[name])
    rows = check_gradients(run)
    assert any(row.verdict == "wrong" for row in rows), name


def test_a_kink_is_told_apart() -> None:
    relu = ExpressionSpec(("x",), (0.0,), (Operation("y", "relu", ("x",)),), "y")
    (row,) = check_gradients(Run(relu, TrainingSpec()))
    assert (row.verdict, row.reverse) == ("kink", 0.0)
    assert "convention" in row.why
    beside = ExpressionSpec(("x",), (1e-3,), (Operation("y", "relu", ("x",)),), "y")
    (row,) = check_gradients(Run(beside, TrainingSpec()))
    assert row.verdict == "good"


def test_nothing_over_nothing_is_fine() -> None:
    problem = network(("relu", [[1.0]], [-5.0]), ("linear", [[1.0]], None), x=[[1.0]], t=[[0.0]])
    rows = check_gradients(Run(problem, TrainingSpec()))
    assert all(row.ok for row in rows)
    assert relative_difference(0.0, 0.0) == 0.0


def test_bands() -> None:
    assert [verdict_of(x) for x in (1e-9, 1e-5, 1e-3, 0.5)] == ["good", "fair", "doubtful", "wrong"]


def test_only_some_of_very_many() -> None:
    rows = check_gradients(
        Run(
            network(("linear", np.ones((40, 40)).tolist(), None), x=[[0.1] * 40], t=[[0.0] * 40]),
            TrainingSpec(),
        )
    )
    assert len(rows) == 1000


# --- diff -----------------------------------------------------------------------------------------------


def both(name: str, rule: str) -> tuple[Run, Run]:
    scenario = load(name)
    return Run(scenario.problem, scenario.training), Run(
        scenario.problem, scenario.training, rule=RULES[rule]
    )


def test_the_article_is_too_large_by_one_over_the_slope() -> None:
    """Ratio 1 at the output, exactly 1/f6′ in the next layer, different for each neuron in the first."""
    right, wrong = both("article-2-3-2-1", "article")
    rows = {str(row.cell): row for row in gradient_rows(right, wrong)}
    y = next(s for s in right.steps() if str(s.cell) == "y[f6]").value
    slope = y * (1.0 - y)
    assert rows["w[f4->f6]"].ratio == 1.0
    for cell in ("w[f1->f4]", "w[f3->f5]"):
        assert rows[cell].ratio == pytest.approx(1.0 / slope, rel=1e-12)
    first = {rows[f"w[x1->f{k}]"].ratio for k in (1, 2, 3)}
    assert len(first) == 3
    assert min(r for r in first if r is not None) > 1.0 / slope
    found = first_difference(right, wrong)
    assert found is not None
    assert str(found.correct.cell) == "d(y[f4])"
    assert found.rule.value == pytest.approx(found.correct.value / slope)


def test_on_linear_neurons_the_article_is_right_to_the_last_bit() -> None:
    assert first_difference(*both("article-linear", "article")) is None


def test_the_first_difference_is_the_first() -> None:
    right, wrong = both("xor", "overwrite")
    found = first_difference(right, wrong)
    assert found is not None
    for a, b in zip(
        right.steps(1, found.correct.number - 1), wrong.steps(1, found.correct.number - 1), strict=True
    ):
        assert a.value == b.value
    assert found.correct.value != found.rule.value


@pytest.mark.parametrize(
    ("operation", "x", "why"),
    [("ln", -1.0, "y itself is nan here"), ("sqrt", 0.0, "the derivative is inf here")],
)
def test_what_is_not_finite_agrees_with_nothing(operation: str, x: float, why: str) -> None:
    with np.errstate(all="ignore"):
        run = Run(ExpressionSpec(("x",), (x,), (Operation("y", operation, ("x",)),), "y"), TrainingSpec())
        row = check_gradients(run)[0]
    assert (row.ok, row.verdict, row.why) == (False, "not finite", why)
    assert row.relative == math.inf
