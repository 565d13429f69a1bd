"""Numbers that are known up to their rounding: intervals, and the arithmetic of formulas over them.

What is printed in four digits stands for every number that rounds to it.  An equation in such numbers holds if the
interval that its right side makes contains its left side.  Every operation widens its result a
little, so an interval of two equal ends does for numbers in full, too: floats differ in their last digits only by
how they were computed.  What has no value (0/0, the logarithm of what may be negative) may be anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = [
    "ANYTHING", "FUNCTIONS", "Interval", "called", "compared", "exactly", "minus", "over", "plus", "power", "times",
]  # fmt: skip

#: How much an operation widens its result: some thousand units in the last place (a softmax may
#: shift its exponents by their maximum first), and what denormal numbers lose.
_RELATIVE, _ABSOLUTE = 1e-12, 1e-300


@dataclass(frozen=True, slots=True)
class Interval:
    """Every number from ``low`` to ``high``."""

    low: float
    high: float

    def __contains__(self, number: float) -> bool:
        if math.isnan(number):
            return self == ANYTHING
        return self.low <= number <= self.high

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)


ANYTHING = Interval(-math.inf, math.inf)


def exactly(number: float) -> Interval:
    """A number in full."""
    return ANYTHING if math.isnan(number) else Interval(number, number)


def _widened(*ends: float) -> Interval:
    if any(math.isnan(end) for end in ends):
        return ANYTHING
    low, high = min(ends), max(ends)
    return Interval(low - abs(low) * _RELATIVE - _ABSOLUTE, high + abs(high) * _RELATIVE + _ABSOLUTE)


def plus(a: Interval, b: Interval) -> Interval:
    """a + b.  The rounding of a float sum is relative to the sum, so nothing else need be allowed for."""
    return _widened(a.low + b.low, a.high + b.high)


def minus(a: Interval, b: Interval) -> Interval:
    """a - b."""
    return plus(a, -b)


def times(a: Interval, b: Interval) -> Interval:
    """a · b."""
    return _widened(*(x * y for x in (a.low, a.high) for y in (b.low, b.high)))


def over(a: Interval, b: Interval) -> Interval:
    """a / b; anything where b may be 0."""
    if b.low <= 0.0 <= b.high:
        return ANYTHING
    return _widened(*(_quotient(x, y) for x in (a.low, a.high) for y in (b.low, b.high)))


def _quotient(x: float, y: float) -> float:
    return math.nan if math.isinf(x) and math.isinf(y) else x / y


def power(a: Interval, b: Interval) -> Interval:
    """a ^ b."""
    if ANYTHING in (a, b):
        return ANYTHING
    if b.low == b.high and b.low.is_integer() and abs(b.low) < 2**53:
        return _whole_power(a, b.low)
    if a.low <= 0.0:
        return ANYTHING  # there is none where the exponent is not whole
    return _widened(*(_raised(x, y) for x in (a.low, a.high) for y in (b.low, b.high)))


def _whole_power(a: Interval, n: float) -> Interval:
    ends = [_raised(a.low, n), _raised(a.high, n)]
    if a.low <= 0.0 <= a.high:
        if n < 0:
            return ANYTHING
        ends.append(0.0 if n else 1.0)
    return _widened(*ends)


def _raised(x: float, n: float) -> float:
    try:
        return x**n if not isinstance(x**n, complex) else math.nan
    except OverflowError:
        return -math.inf if x < 0 and n % 2 == 1 else math.inf
    except ZeroDivisionError:
        return math.nan


def compared(sign: str, a: Interval, b: Interval) -> Interval:
    """1 where the comparison holds, 0 where it does not, and both ends where that depends."""
    if ANYTHING in (a, b):
        return ANYTHING
    surely, surely_not = {
        "<": (a.high < b.low, a.low >= b.high),
        "<=": (a.high <= b.low, a.low > b.high),
        ">": (a.low > b.high, a.high <= b.low),
        ">=": (a.low >= b.high, a.high < b.low),
        "==": (a.low == a.high == b.low == b.high, a.high < b.low or a.low > b.high),
        "!=": (a.high < b.low or a.low > b.high, a.low == a.high == b.low == b.high),
    }[sign]
    return Interval(float(surely), float(not surely_not))


# --- functions ------------------------------------------------------------------------------------------


def _rising(function: Callable[[float], float], lowest: float = -math.inf) -> Callable[[Interval], Interval]:
    """A function that grows; it has no value under ``lowest``."""

    def image(a: Interval) -> Interval:
        if a.low < lowest:
            return ANYTHING
        return _widened(_safely(function, a.low), _safely(function, a.high))

    return image


def _safely(function: Callable[[float], float], x: float) -> float:
    try:
        return function(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _wave(function: Callable[[float], float], top: float) -> Callable[[Interval], Interval]:
    """Sine or cosine, which is 1 at ``top`` and all 2π on."""

    def image(a: Interval) -> Interval:
        if not _can_count_turns(a):
            return ANYTHING
        ends = [function(a.low), function(a.high)]
        for turn, value in ((top, 1.0), (top + math.pi, -1.0)):
            if math.floor((a.high - turn) / math.tau) > math.floor((a.low - turn) / math.tau):
                ends.append(value)
        return _widened(*ends)

    return image


def _can_count_turns(a: Interval) -> bool:
    """Whether it can be told between which multiples of π the numbers lie: of large ones π is not known well enough."""
    finite = math.isfinite(a.low) and math.isfinite(a.high)
    return finite and (a.low == a.high or max(abs(a.low), abs(a.high)) < 1e12)


def _tan(a: Interval) -> Interval:
    if not _can_count_turns(a):
        return ANYTHING
    poles = math.floor((a.high - math.pi / 2) / math.pi) != math.floor((a.low - math.pi / 2) / math.pi)
    return ANYTHING if poles else _widened(math.tan(a.low), math.tan(a.high))


def _even(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """A function that falls to 0 and rises from there, the same on both sides."""

    def image(a: Interval) -> Interval:
        ends = [_safely(function, a.low), _safely(function, a.high)]
        return _widened(*ends, *([function(0.0)] if a.low <= 0.0 <= a.high else []))

    return image


def _dipping(function: Callable[[float], float], lowest_at: float) -> Callable[[Interval], Interval]:
    """A function that falls up to ``lowest_at`` and grows from there."""

    def image(a: Interval) -> Interval:
        ends = [_safely(function, a.low), _safely(function, a.high)]
        return _widened(*ends, *([function(lowest_at)] if a.low <= lowest_at <= a.high else []))

    return image


def _gelu(x: float) -> float:
    return x * math.erfc(-x / math.sqrt(2)) / 2


def _silu(x: float) -> float:
    return x * _sigmoid(x)


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else math.exp(x)


def _softplus(x: float) -> float:
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


_IMAGES: dict[str, Callable[..., Interval]] = {
    "exp": _rising(math.exp),
    "ln": _rising(lambda x: math.log(x) if x > 0.0 else -math.inf, 0.0),
    "sin": _wave(math.sin, math.pi / 2),
    "cos": _wave(math.cos, 0.0),
    "tan": _tan,
    "sinh": _rising(lambda x: math.sinh(x) if x > 0 else -_safely(math.sinh, -x)),
    "cosh": _even(math.cosh),
    "tanh": _rising(math.tanh),
    "sqrt": _rising(math.sqrt, 0.0),
    "abs": _even(abs),
    "sigmoid": _rising(_sigmoid),
    "relu": _rising(lambda x: max(x, 0.0)),
    "leaky_relu": _rising(lambda x: x if x > 0 else 0.01 * x),
    "softplus": _rising(_softplus),
    "erf": _rising(math.erf),
    "gelu": _dipping(_gelu, -0.7517915246935645),
    "silu": _dipping(_silu, -1.2784645427610738),
    "max": lambda a, b: Interval(max(a.low, b.low), max(a.high, b.high)),
    "min": lambda a, b: Interval(min(a.low, b.low), min(a.high, b.high)),
}
_IMAGES["log"] = _IMAGES["ln"]
#: The names of the functions.
FUNCTIONS = frozenset(_IMAGES)


def called(name: str, operands: Sequence[Interval]) -> Interval:
    """A function of intervals; KeyError or TypeError where there is none of this name and so many operands."""
    found = _IMAGES[name](*operands)
    return ANYTHING if ANYTHING in operands else found
