"""What NumPy has no function for: values, local derivatives and kinks that rows of the function table are made of.

All of them work element by element, on arrays of any one shape, and none of them raises: nan stays nan.  A local
derivative is handed the value ``y`` that the forward pass kept, and then the operands.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.specs import Array

__all__ = [
    "LEAKY_SLOPE",
    "at_power_of_zero",
    "at_tie",
    "at_zero",
    "at_zero_to_the_zero",
    "erf",
    "greater",
    "leaky",
    "normal",
    "power",
    "power_by_base",
    "power_by_exponent",
    "relu",
    "sigmoid",
    "silu_slope",
    "slope",
]

#: The slope of leaky-relu below 0, PyTorch's default.
LEAKY_SLOPE = 0.01


def sigmoid(a: Array) -> Array:
    """The logistic function 1 / (1 + exp(-a))."""
    value: Array = 1.0 / (1.0 + np.exp(-a))
    return value


def relu(a: Array) -> Array:
    """max(a, 0)."""
    value: Array = np.where(a > 0.0, a, np.where(np.isnan(a), a, 0.0))
    return value


def leaky(a: Array) -> Array:
    """a above 0, and a small part of it below."""
    value: Array = np.where(a > 0.0, a, LEAKY_SLOPE * a)
    return value


#: Of every element; exact to the last digit, unlike the usual approximations of gelu by tanh.
erf = np.vectorize(math.erf, otypes=[np.float64])


def normal(a: Array) -> Array:
    """The share of a standard normal distribution that lies below a: gelu is a times it (Hendrycks, Gimpel 2016)."""
    value: Array = 0.5 * (1.0 + erf(a * math.sqrt(0.5)))
    return value


def silu_slope(y: Array, a: Array) -> Array:
    """The slope of silu, a * sigmoid(a) (Elfwing, Uchibe, Doya 2018), where ``y`` is its value."""
    s = sigmoid(a)
    return s + y * (1.0 - s)


def greater(a: Array, b: Array) -> Array:
    """1 where a > b, a half where they tie (PyTorch's convention), else 0; nan stays nan."""
    value: Array = np.where(np.isnan(a) | np.isnan(b), np.nan, np.where(a == b, 0.5, (a > b) * 1.0))
    return value


def slope(a: Array, below: float, at_zero: float) -> Array:
    """1 above 0, ``below`` under 0, ``at_zero`` at the kink; nan stays nan."""
    value: Array = np.where(np.isnan(a), np.nan, np.where(a > 0.0, 1.0, np.where(a == 0.0, at_zero, below)))
    return value


def power(a: Array, b: Array) -> Array:
    """a^b with the same last digit wherever the cell stands: NumPy squares where one exponent is that of many cells."""
    value: Array = np.power(a, b + np.zeros_like(a))
    return value


def power_by_base(y: Array, a: Array, b: Array) -> Array:
    """d(a^b)/da; 0 where b is 0, whatever a."""
    slope: Array = np.where(b == 0.0, 0.0, b * power(a, b - 1.0))
    return slope


def power_by_exponent(y: Array, a: Array, b: Array) -> Array:
    """d(a^b)/db."""
    # 0^b is 0 for every b > 0, so it does not change with b: PyTorch's convention for 0 * ln 0.
    slope: Array = np.where((a == 0.0) & (b >= 0.0), 0.0, y * np.log(a))
    return slope


def at_zero(a: Array) -> NDArray[np.bool_]:
    """The kink of relu and abs."""
    kink: NDArray[np.bool_] = a == 0.0
    return kink


def at_tie(a: Array, b: Array) -> NDArray[np.bool_]:
    """The kink of max and min."""
    kink: NDArray[np.bool_] = a == b
    return kink


def at_zero_to_the_zero(a: Array, b: Array) -> NDArray[np.bool_]:
    """Where b * a^(b - 1) has no value, and 0 is taken."""
    kink: NDArray[np.bool_] = (a == 0.0) & (b == 0.0)
    return kink


def at_power_of_zero(a: Array, b: Array) -> NDArray[np.bool_]:
    """Where y * ln(a) has no value, and 0 is taken."""
    kink: NDArray[np.bool_] = (a == 0.0) & (b >= 0.0)
    return kink
