"""Differences of functions that are known exactly: the derivative within its error, kinks where they are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.engine.differences import ridders, slope_at

_NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3))


@given(st.lists(_NUMBERS, min_size=1, max_size=6), _NUMBERS)
def test_polynomials(coefficients: list[float], x: float) -> None:
    polynomial = np.polynomial.Polynomial(coefficients)
    slope, right = slope_at(lambda at: float(polynomial(at)), x), float(polynomial.deriv()(x))
    assert not slope.is_kink
    assert slope.value == pytest.approx(right, rel=1e-8, abs=1e-9 * max(1.0, abs(float(polynomial(x)))))


@given(_NUMBERS, _NUMBERS, _NUMBERS, st.floats(0.02, 5))
def test_a_kink_is_seen_and_where_there_is_none_it_is_not(
    at: float, left: float, right: float, beside: float
) -> None:
    def bent(x: float) -> float:
        return math.sin(x) + (right if x > at else left) * (x - at)

    here = slope_at(bent, at)
    assert here.is_kink == (left != right)
    assert (here.left, here.right) == pytest.approx((math.cos(at) + left, math.cos(at) + right), abs=1e-6)
    for x, slope in ((at - beside, left), (at + beside, right)):
        away = slope_at(bent, x)
        assert not away.is_kink
        assert away.value == pytest.approx(math.cos(x) + slope, abs=1e-7)


@pytest.mark.parametrize(
    ("f", "x", "right"),
    [
        (lambda x: math.exp(20 * x), 0.5, 20 * math.exp(10)),
        (lambda x: math.sin(100 * x), 0.3, 100 * math.cos(30)),
        (lambda x: math.log(x) if x > 0 else math.nan, 1e-3, 1e3),
        (lambda x: 1e8 + math.sin(x), 1.0, math.cos(1.0)),
        (lambda x: math.log1p(math.exp(1000 * x)) / 1000, 0.0, 0.5),
        (lambda x: abs(x) ** 3, 0.0, 0.0),
        (lambda x: 7.0, 2.0, 0.0),
        (lambda x: max(x, 0.0), 1e-4, 1.0),
        (lambda x: max(x, 0.0), -1e-4, 0.0),
    ],
)
def test_what_is_smooth_is_no_kink_however_steep(f: Callable[[float], float], x: float, right: float) -> None:
    slope = slope_at(f, x)
    assert not slope.is_kink
    assert slope.value == pytest.approx(right, rel=1e-5, abs=1e-8)


def test_where_nothing_is_finite_nothing_is_known() -> None:
    slope = slope_at(lambda x: math.nan, 1.0)
    assert math.isnan(slope.value)
    assert slope.error == math.inf


def test_one_sided_quotients_are_extrapolated_by_every_power() -> None:
    value, error = ridders(lambda h: (math.exp(1 + h) - math.exp(1)) / h, 0.01, order=1)
    assert value == pytest.approx(math.e, rel=1e-10)
    assert abs(value - math.e) <= 10 * error
