"""Derivatives of what is known only by its values: differences, extrapolated; and how two derivatives are compared.

A difference quotient knows nothing of derivatives, so it catches every mistake, but it is inexact: too large a step
bends, too small a step drowns in rounding.  Ridders' extrapolation halves the step and tells how far the result is to
be trusted (Ridders 1982; Press et al., Numerical Recipes, section 5.7).

The relative difference |a - b| / max(|a|, |b|) is read in the bands of Stanford's CS231n: above 1e-2 the gradient
is wrong; up to 1e-4 is good where the function has kinks; without kinks 1e-7 and less is to be expected.

    >>> slope = slope_at(lambda x: x**3, 2.0)
    >>> round(slope.value, 8), slope.is_kink
    (12.0, False)
    >>> kink = slope_at(abs, 0.0)
    >>> kink.is_kink, round(kink.left, 6), round(kink.right, 6)
    (True, -1.0, 1.0)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bpstep.lazily import dataclass

__all__ = ["DOUBLE", "Slope", "relative_difference", "ridders", "slope_at", "verdict_of"]

#: The relative rounding error of a double.
DOUBLE = float(np.finfo(np.float64).eps)

#: Central differences begin with these steps, relative to a value of 1; the result that is trusted most is taken.
_STEPS = (1e-2, 1e-3, 1e-4, 1e-5)
#: No more than this, relative to the slope, can be hoped for: then no other step is tried.
_EXACT = 1e-10
#: The slopes on both sides stay apart where so much is left of their gap at a quarter of the step: of a smooth function
#: a quarter is left, and rounding grows to four times as much.
_LEAST_LEFT, _MOST_LEFT = 0.6, 2.5
#: A gap of so many rounding errors, or of so little beside the slopes, is none.
_NOISY, _SLIGHT = 8.0, 1e-4


@dataclass(frozen=True)
class Slope:
    """The derivative of a function at a place: ``value`` and an estimate of its ``error``.

    At a kink there is none, but one to the ``left`` and one to the ``right``; elsewhere these are the value.
    """

    value: float
    error: float
    is_kink: bool
    left: float
    right: float


def relative_difference(a: float, b: float) -> float:
    """|a - b| / max(|a|, |b|); 0 where both are 0, infinite where one of them is not finite."""
    if not (np.isfinite(a) and np.isfinite(b)):
        return float("inf")
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def verdict_of(relative: float) -> str:
    """The band of a relative difference."""
    if relative <= 1e-7:
        return "good"
    if relative <= 1e-4:
        return "fair"
    return "doubtful" if relative <= 1e-2 else "wrong"


def ridders(
    quotient: Callable[[float], float], step: float, levels: int = 6, order: int = 2
) -> tuple[float, float]:
    """A difference quotient extrapolated to a step of 0, and an estimate of the error.

    The error of ``quotient(h)`` is a series in powers of h**order: 2 for a central difference, 1 for a one-sided one.
    """
    factor = 2.0
    rows = [[quotient(step)]]
    best, error = rows[0][0], float("inf")
    for level in range(1, levels):
        step /= factor
        row = [quotient(step)]
        power = factor**order
        for k in range(level):
            row.append((row[k] * power - rows[-1][k]) / (power - 1.0))
            power *= factor**order
            now = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - rows[-1][k]))
            if now <= error:
                best, error = row[k + 1], now
        if abs(row[-1] - rows[-1][-1]) >= 2.0 * error:
            break
        rows.append(row)
    return best, error


def slope_at(f: Callable[[float], float], x: float, precision: float = DOUBLE) -> Slope:
    """The derivative of ``f`` at ``x`` by differences; ``precision`` is the relative rounding error of ``f``.

    A kink is seen in what does not go away: of a smooth function the slopes to the left and to the right come together
    as fast as the step gets smaller, at a kink they stay apart.
    """
    scale = max(1.0, abs(x))
    step = 16.0 * precision ** (1.0 / 3.0) * scale
    if _stays_apart(f, x, step, precision):
        here = f(x)
        right, error = ridders(lambda h: (f(x + h) - here) / h, step / 16.0, 4, order=1)
        left, other = ridders(lambda h: (here - f(x - h)) / h, step / 16.0, 4, order=1)
        return Slope((left + right) / 2.0, max(error, other), True, left, right)
    best, error = float("nan"), float("inf")
    for start in _STEPS:
        if start * scale < step / 16.0:
            break
        value, trust = ridders(lambda h: (f(x + h) - f(x - h)) / (2.0 * h), start * scale)
        if trust < error:
            best, error = value, trust
        if error <= _EXACT * abs(best):
            break
    return Slope(best, error, False, best, best)


def _stays_apart(f: Callable[[float], float], x: float, step: float, precision: float) -> bool:
    """Whether the slopes on both sides stay apart while the step becomes 16 times smaller."""
    here = f(x)
    gaps, enough = [], 0.0
    for h in (step, step / 4.0, step / 16.0):
        after, before = f(x + h), f(x - h)
        right, left = (after - here) / h, (here - before) / h
        steepest = max(abs(right), abs(left))
        rounding = precision * (max(abs(after), abs(here), abs(before)) + abs(x) * steepest) / h
        gaps.append(abs(right - left))
        enough = max(_NOISY * rounding, _SLIGHT * steepest)
    stays = all(_LEAST_LEFT * a < b < _MOST_LEFT * a for a, b in pairwise(gaps))
    return stays and gaps[-1] > enough
