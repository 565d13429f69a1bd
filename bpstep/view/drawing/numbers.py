"""Numbers: how every number on the screen is written.

Four significant digits with trailing zeros, a true minus, `0` only for zero.  The first column of a number is
its sign: a derivative always fills it, a value only with a minus, and so the two differ without colour while
their digits stand under each other:

    >>> numbers = NumberFormat()
    >>> [numbers.show("value", 0.7514), numbers.show("deriv", 0.1868), numbers.show("value", -0.2858)]
    [' 0.7514', '+0.1868', '−0.2858']

What a cell's state adds stands behind the digits; what is not there is a dot where the first digit would be:

    >>> [numbers.show("deriv", 0.0554, "partial"), numbers.show("value", 2.0, "stale")]
    ['+0.05540…', ' 2.000~']
    >>> numbers.show("deriv", None)
    ' ·'

In a field a number loses digits rather than its place, but not below three, and never its sign or exponent:

    >>> numbers.show("deriv", 0.009822, width=numbers.card)
    '+0.00982'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from bpstep.engine.calculator import digits_for
from bpstep.english import group
from bpstep.lazily import dataclass

__all__ = [
    "ASKED", "CARD", "FIELD", "MARKS", "MINUS", "UNSET", "NumberFormat", "exact_enough", "group", "plain",
    "shortest",
]  # fmt: skip

MINUS: Final = "−"
UNSET: Final = "·"
ASKED: Final = "?"

#: What stands behind a number in each state that shows; a learner's own number agrees with this one, or does not.
MARKS: Final = {"partial": "…", "stale": "~", "overridden": "*", "agrees": "✓", "disagrees": "✗"}

#: Columns of a number with its sign: in formulas, tables and the program; in a card.
FIELD: Final = 9
CARD: Final = 8

_DIGITS, _FEWEST, _MOST = 4, 3, 12
_SMALLEST_POWER, _LARGEST_POWER = -3, 3  # 0.001 ≤ |x| < 10 000 is written without an exponent


@dataclass(frozen=True)
class NumberFormat:
    """Writes numbers with 2 to 12 significant digits (`set digits`); each above 4 widens the fields."""

    digits: int = _DIGITS

    def __post_init__(self) -> None:
        if not 2 <= self.digits <= _MOST:
            raise ValueError(f"digits must be from 2 to {_MOST}, not {self.digits}")

    @property
    def field(self) -> int:
        """Columns of a number with its sign, in formulas, tables and the program; a mark stands behind it."""
        return FIELD + max(0, self.digits - _DIGITS)

    @property
    def card(self) -> int:
        """Columns of a number with its sign, in a card."""
        return CARD + max(0, self.digits - _DIGITS)

    def show(self, kind: str, x: float | None, state: str = "final", width: int | None = None) -> str:
        """Write a number: its sign column, its digits, the mark of its state.

        `kind` is a kind of `roles`: `deriv` always has a sign, the others only a minus.  `state` is a cell's
        state or "asked"; `x` may be None where there is no number.  With a `width` (at least 8) the text is
        made to fit and padded to exactly that.  A number with its mark always fits in `field` + 1.
        """
        if width is not None and width < CARD:
            raise ValueError(f"a field is at least {CARD} columns wide, not {width}")
        if state == "asked":
            text = " " + ASKED
        elif x is None or state == "unset":
            text = " " + UNSET
        else:
            text = _shown(self.digits, x, MARKS.get(state, ""), width, signed=kind == "deriv")
        return text if width is None else text.ljust(width)

    def packed(self, kind: str, x: float, state: str, width: int) -> str:
        """Write a number where two digits are too many: without its point, and with one digit if it must be.

        >>> NumberFormat().packed("deriv", 8.771e-4, "final", 6)
        '+88e−5'
        """
        sign, mark = _sign(x, always=kind == "deriv"), MARKS.get(state, "")
        if not math.isfinite(x):
            return sign + _not_finite(x)
        ways = (f"{sign}{_without_point(abs(x), digits)}{mark}" for digits in (2, 1))
        return next((text for text in ways if len(text) <= width), f"{sign}{_without_point(abs(x), 1)}{mark}")

    def value(self, x: float | None, state: str = "final", width: int | None = None) -> str:
        """Write a value or a parameter: `show("value", …)`."""
        return self.show("value", x, state, width)

    def deriv(self, x: float | None, state: str = "final", width: int | None = None) -> str:
        """Write a derivative: `show("deriv", …)`."""
        return self.show("deriv", x, state, width)

    def bare(self, x: float) -> str:
        """Write a value inside a sentence or a title: no column for a sign that it does not have."""
        return self.show("value", x).strip()


@lru_cache(maxsize=8192)
def _shown(digits: int, x: float, mark: str, width: int | None, *, signed: bool) -> str:
    """A number with its sign and a mark in at most ``width`` columns; of what stands on a screen, most stood there
    before."""
    sign = _sign(x, always=signed)
    if not math.isfinite(x):
        return sign + _not_finite(x) + mark
    longest = math.inf if width is None else width - len(sign) - len(mark)
    return sign + next(text for text in _shorter_and_shorter(abs(x), digits) if len(text) <= longest) + mark


def _shorter_and_shorter(x: float, most: int) -> Iterator[str]:
    """Give the ways to write x ≥ 0 in at most so many digits, the best first.

    Where even three digits do not fit beside sign and exponent (1.23e−10 in a card), the point goes
    first (123e−12); fewer digits remain for magnitudes that no lesson reaches (1e−100 in a card).
    """
    fewest = min(_FEWEST, most)
    for digits in range(most, fewest - 1, -1):
        yield _digits(x, digits)
    for digits in range(fewest, 0, -1):
        yield _without_point(x, digits)


def _sign(x: float, *, always: bool) -> str:
    if math.isnan(x) or x == 0:
        return " "
    return MINUS if x < 0 else "+" if always else " "


def _not_finite(x: float) -> str:
    return "nan!" if math.isnan(x) else "inf!"


def _split(x: float, digits: int) -> tuple[str, int]:
    """Round x ≥ 0 to significant digits: its mantissa (`4.386`) and the power of ten."""
    mantissa, _, power = f"{x:.{digits - 1}e}".partition("e")
    return mantissa, int(power)


def _digits(x: float, digits: int) -> str:
    if x == 0:
        return "0"
    mantissa, power = _split(x, digits)
    if _SMALLEST_POWER <= power <= _LARGEST_POWER:
        return f"{x:.{max(0, digits - 1 - power)}f}"
    return mantissa + _exponent(power)


def _without_point(x: float, digits: int) -> str:
    mantissa, power = _split(x, digits)
    return mantissa.replace(".", "") + _exponent(power - digits + 1)


def _exponent(power: int) -> str:
    return f"e{MINUS if power < 0 else ''}{abs(power)}"


def shortest(x: float) -> str:
    """Write a number as a person would: no more digits than tell it from its neighbours.

    >>> shortest(0.5), shortest(-4.0), shortest(1e-05)
    ('0.5', '−4', '1e−5')
    """
    if not math.isfinite(x):
        return _sign(x, always=False).strip() + _not_finite(x)
    mantissa, e, power = repr(float(x)).removesuffix(".0").partition("e")
    return mantissa.replace("-", MINUS) + (_exponent(int(power)) if e else "")


def exact_enough(
    template: str, numbers: Sequence[float], result: float | None, shown: NumberFormat
) -> NumberFormat:
    """The format for the numbers on the right of an equation whose result is ``shown``: with as many digits as it takes
    for who works it out to get the last digit of the result.

        >>> exact = exact_enough("{0} * {1}", [1.2345, 3.4567], 1.2345 * 3.4567, NumberFormat())
        >>> f"{exact.bare(1.2345)} × {exact.bare(3.4567)} = {NumberFormat().bare(1.2345 * 3.4567)}"
        '1.2345 × 3.4567 = 4.267'
    """
    if result is None:
        return shown
    return NumberFormat(min(_MOST, digits_for(template, numbers, result, shown.digits)))


def plain(x: float, digits: int = _DIGITS, *, signed: bool = False) -> str:
    """Write a number in ASCII, without columns, for transcripts.

    >>> plain(-0.0381), plain(4.386e-4), plain(0.1385, signed=True), plain(float("inf"))
    ('-0.03810', '4.386e-4', '+0.1385', 'inf')
    """
    text = NumberFormat(digits).show("deriv" if signed else "value", x)
    return text.strip().replace(MINUS, "-").rstrip("!")
