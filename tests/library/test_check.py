"""The gradient check of any function: right gradients pass, wrong ones do not, kinks are told apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpstep
from bpstep.engine.specs import Array

A = np.array([[1.0, 2.0, -1.0], [3.0, 4.0, 0.5]])
B = np.array([0.5, -1.0])
X = np.array([0.3, -0.2, 0.8])


def net(x: dict[str, Array]) -> tuple[float, dict[str, Array]]:
    """A layer of tanh and half the square of its sum, with its gradient."""
    y = np.tanh(x["W"] @ X + x["b"])
    delta = y.sum() * (1 - y**2)
    return float(y.sum() ** 2 / 2), {"W": np.outer(delta, X), "b": delta}


def test_right_gradients_agree_in_every_form() -> None:
    by_name = bpstep.check(net, {"W": A, "b": B})
    assert by_name.ok
    assert [entry.name for entry in by_name.entries][-2:] == ["b[0]", "b[1]"]
    assert all(entry.verdict == "good" for entry in by_name.entries)

    def listed(x: list[Array]) -> float:
        return net({"W": x[0], "b": x[1]})[0]

    gradient = net({"W": A, "b": B})[1]
    report = bpstep.check(listed, [A, B], list(gradient.values()))
    assert [entry.name for entry in report.entries] == [
        *(f"x[0][{i}, {j}]" for i in range(2) for j in range(3)), "x[1][0]", "x[1][1]",
    ]  # fmt: skip
    assert report.ok
    assert bpstep.check(math.sin, 0.5, math.cos).entries[0].name == "x"
    assert bpstep.check(lambda x: float((x**2).sum()), [1, 2], lambda x: 2 * x).ok


@given(
    st.lists(st.floats(-2, 2).map(lambda v: round(v, 2)), min_size=2, max_size=5),
    st.integers(0, 4),
    st.sampled_from([1.0, 2.0, -1.0, 0.0, 1.001]),
)
@settings(max_examples=40)
def test_a_wrong_entry_is_found_and_no_other(numbers: list[float], which: int, factor: float) -> None:
    x = np.array(numbers) + 3.0
    gradient = 3 * x**2 + np.cos(x)
    which %= len(x)
    gradient[which] *= factor
    report = bpstep.check(lambda v: float((v**3 + np.sin(v)).sum()), x, gradient)
    assert [entry.name for entry in report.entries if not entry.ok] == (
        [f"x[{which}]"] if factor != 1 else []
    )
    if factor != 1.0:
        assert report.worst.name == f"x[{which}]"
        assert report.worst.relative == pytest.approx(abs(factor - 1) / max(abs(factor), 1), rel=1e-6)
        assert f"1 of {len(x)} disagree" in str(report)


def relu(x: Array) -> float:
    return float(np.maximum(x, 0).sum())


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_at_a_kink_any_slope_between_passes_and_is_told_apart(slope: float) -> None:
    report = bpstep.check(relu, np.array([0.0, 1.0, -1.0]), np.array([slope, 1.0, 0.0]))
    assert [entry.verdict for entry in report.entries] == ["kink", "good", "good"]
    assert "its slopes are 0 on the left and 1 on the right" in str(report)
    assert report.worst.verdict == "good"


@pytest.mark.parametrize("slope", [-0.5, 1.5])
def test_at_a_kink_other_slopes_are_wrong(slope: float) -> None:
    (entry,) = bpstep.check(relu, np.array([0.0]), np.array([slope])).entries
    assert (entry.verdict, entry.ok) == ("wrong", False)
    (entry,) = bpstep.check(lambda x: -abs(x), 0.0, slope * 2).entries
    assert entry.verdict == "kink" if abs(slope) <= 0.5 else "wrong"


@pytest.mark.parametrize(
    ("f", "x", "gradient", "why"),
    [
        (lambda x: math.nan, 1.0, 0.0, "f itself is nan here"),
        (lambda x: x * x, 1.0, math.nan, "your gradient is nan here"),
        (lambda x: np.log(x), 0.0, math.inf, "f itself is -inf here"),
        (lambda x: np.sqrt(x), 0.0, 1.0, "right beside this x, f is not finite"),
    ],
)
def test_what_is_not_finite_is_told(f: Callable[[Any], Any], x: float, gradient: float, why: str) -> None:
    report = bpstep.check(f, x, gradient)
    assert (report.entries[0].verdict, report.ok) == ("not finite", False)
    assert why in str(report)


def test_single_precision_is_seen() -> None:
    def single(x: Array) -> np.float32:
        return np.float32(100 + np.tanh(x.astype(np.float32)).sum())

    assert bpstep.check(single, X, 1 - np.tanh(X) ** 2).ok
    assert not bpstep.check(single, X, np.tanh(X)).ok


def test_of_many_entries_some_are_taken_evenly() -> None:
    report = bpstep.check(lambda x: float(x @ x), np.linspace(1, 2, 3000), lambda x: 2 * x)
    assert (len(report.entries), report.of, report.ok) == (1000, 3000, True)
    assert (report.entries[0].name, report.entries[-1].name) == ("x[0]", "x[2999]")
    assert "1000 entries of 3000, evenly spaced" in str(report).replace("\u202f", "").replace(" 000", "000")


def test_the_function_may_change_what_it_is_given() -> None:
    def greedy(x: Array) -> float:
        x *= 2
        return float(x.sum())

    x = np.array([1.0, 2.0])
    assert bpstep.check(greedy, x, np.array([2.0, 2.0])).ok
    assert x.tolist() == [1.0, 2.0]


def test_what_the_function_raises_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        bpstep.check(lambda x: 1 / 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda: bpstep.check(lambda x: 1.0, X), "f gives 1.0 alone; expected (value, gradient), or"),
        (lambda: bpstep.check(lambda x: x, X, X), "f gives an array of the shape (3,); expected one number"),
        (lambda: bpstep.check(lambda x: "no", X, X), "the value of f holds text; expected numbers"),
        (lambda: bpstep.check(lambda x: None, X, X), "the value of f holds Python objects"),
        (lambda: bpstep.check(relu, A, A.T), "has the shape (3, 2); expected (2, 3), as x has; its transpose"),
        (lambda: bpstep.check(relu, [], 0), "x holds no number; expected at least one"),
        (lambda: bpstep.check(relu, {}, {}), "x holds no number; expected at least one"),
        (lambda: bpstep.check(relu, "abc", 0), "x holds text; expected numbers"),
        (lambda: bpstep.check(relu, [[1], [2, 3]], 0), "x is no array of numbers"),
        (lambda: bpstep.check(relu, [math.inf], 0), "x[0] is inf; expected finite numbers"),
        (lambda: bpstep.check(net, {"W": A, "b": B}, {"W": A}), "the gradient holds W; expected a dictionary of W, b"),
        (lambda: bpstep.check(lambda x: 0.0, [A, B], [A]), "the gradient is 1 arrays; expected 2 arrays, as x"),
        (lambda: bpstep.check(lambda x: 0.0, [A, B], A), "the gradient is a ndarray; expected 2 arrays, as x"),
    ],
)  # fmt: skip
def test_what_can_not_be_checked_is_one_line(do: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as caught:
        do()
    assert says in str(caught.value)


def test_chance_is_told() -> None:
    chance = np.random.default_rng(1)
    with pytest.raises(ValueError, match="for the same x; expected no chance in it"):
        bpstep.check(lambda x: float(chance.normal()), 1.0, 0.0)


def test_its_rows_are_flat() -> None:
    rows = bpstep.check(math.sin, 0.5, math.cos).to_dicts()
    assert [sorted(row) for row in rows] == [sorted(rows[0])]
    assert rows[0]["verdict"] == "good"
