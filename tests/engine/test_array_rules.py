"""The wrong rules of programs over arrays: each gives what it says that it does, and every formula holds."""

from __future__ import annotations

import numpy as np
import pytest

from bpstep.engine.calculator import worked_out
from bpstep.engine.check import check_gradients
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, Operation, TrainingSpec, Window
from tests.engine.test_array_programs import DRAWN, op

X, W, A = DRAWN(size=3), DRAWN(size=(3, 3)), DRAWN(size=(4, 3))


def _spec(inputs: dict[str, Array], *statements: Operation) -> ExpressionSpec:
    return ExpressionSpec(tuple(inputs), tuple(inputs.values()), statements, "y", tuple(inputs))


RECURRENT = _spec(
    {"W": W, "h0": X},
    op("v1", "matmul", "W", "h0", shape=(3,)), op("h1", "tanh", "v1", shape=(3,)),
    op("v2", "matmul", "W", "h1", shape=(3,), handed_on=("h1",)), op("h2", "tanh", "v2", shape=(3,)),
    op("y", "sum", "h2"),
)  # fmt: skip
NORMALISED = _spec(
    {"A": A},
    op("s", "sum", "A", shape=(3,), axis=0), op("m", "div", "s", 4.0, shape=(3,), is_statistic=True),
    op("d", "sub", "A", "m", shape=(4, 3)), op("q", "pow", "d", 2.0, shape=(4, 3)),
    op("t", "sum", "q", shape=(3,), axis=0), op("v", "div", "t", 4.0, shape=(3,), is_statistic=True),
    op("r", "sqrt", "v", shape=(3,)), op("u", "div", "d", "r", shape=(4, 3)), op("w", "sin", "u", shape=(4, 3)),
    op("y", "sum", "w"),
)  # fmt: skip
SHARES = _spec(
    {"a": X}, op("p", "softmax", "a", shape=(3,)), op("s", "sin", "p", shape=(3,)), op("y", "sum", "s")
)
POOLED = _spec(
    {"A": DRAWN(size=(4, 4))},
    op("p", "max-pool", "A", shape=(2, 2), window=Window((2, 2), (2, 2), (0, 0))),
    op("s", "sin", "p", shape=(2, 2)), op("y", "sum", "s"),
)  # fmt: skip
SQUARE = _spec(
    {"W": W, "x": X},
    op("v", "matmul", "W", "x", shape=(3,)),
    op("s", "sin", "v", shape=(3,)),
    op("y", "sum", "s"),
)

CASES = {
    "truncated": RECURRENT,
    "constant-statistics": NORMALISED,
    "softmax-diagonal": SHARES,
    "max-to-all": POOLED,
    "transpose-forgotten": SQUARE,
}


def _gradient(spec: ExpressionSpec, rule: str, name: str) -> Array:
    numbers = Run(spec, TrainingSpec(), rule=RULES[rule]).numbers(0)
    vector = next(vector for vector in numbers.graph.vectors if vector.layer == name)
    return numbers.derivative(vector.id).reshape(vector.dims)


def test_truncated_is_the_last_pass_alone() -> None:
    h1 = np.tanh(W @ X)
    delta = 1.0 - np.tanh(W @ h1) ** 2
    assert _gradient(RECURRENT, "truncated", "W") == pytest.approx(np.outer(delta, h1))


def test_constant_statistics_scales_alone() -> None:
    mean, spread = A.mean(axis=0), A.std(axis=0)
    expected = np.cos((A - mean) / spread) / spread
    assert _gradient(NORMALISED, "constant-statistics", "A") == pytest.approx(expected)


def test_softmax_diagonal_is_the_diagonal() -> None:
    p = np.exp(X) / np.exp(X).sum()
    assert _gradient(SHARES, "softmax-diagonal", "a") == pytest.approx(np.cos(p) * p * (1 - p))


def test_max_to_all_reaches_every_cell() -> None:
    upstream = _gradient(POOLED, "correct", "p")
    assert _gradient(POOLED, "max-to-all", "A") == pytest.approx(np.kron(upstream, np.ones((2, 2))))


def test_transpose_forgotten_goes_through_the_matrix_itself() -> None:
    assert _gradient(SQUARE, "transpose-forgotten", "x") == pytest.approx(W @ np.cos(W @ X))


@pytest.mark.parametrize("rule", CASES)
def test_every_formula_of_a_wrong_rule_holds(rule: str) -> None:
    for step in Run(CASES[rule], TrainingSpec(), rule=RULES[rule]).steps():
        right = worked_out(step.template, [factor.value for factor in step.inputs])
        assert step.value == pytest.approx(right + (step.was or 0.0), rel=1e-12, abs=1e-15), step


@pytest.mark.parametrize("rule", CASES)
def test_check_catches_it(rule: str) -> None:
    assert RULES[rule].refuses(CASES[rule], TrainingSpec()) == ""
    assert {row.verdict for row in check_gradients(Run(CASES[rule], TrainingSpec()))} == {"good"}
    assert "wrong" in {
        row.verdict for row in check_gradients(Run(CASES[rule], TrainingSpec(), rule=RULES[rule]))
    }


@pytest.mark.parametrize("rule", CASES)
def test_where_it_makes_no_sense_it_says_so(rule: str) -> None:
    plain = ExpressionSpec(("x",), (3.0,), (op("y", "exp", "x"),), "y")
    assert RULES[rule].refuses(plain, TrainingSpec())
