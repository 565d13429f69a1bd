"""The equations that bpstep prints, worked out by somebody else: `evaluated` reads a formula and gives its interval.

It shares no code with the program.  A text is cut at its numbers, names and signs; names are looked up by the caller;
precedence is that of mathematics (``-x^2`` is ``-(x^2)``, ``a^b^c`` is ``a^(b^c)``); ``[a > b]`` is 1 or 0.

    >>> evaluated("2 * x^2 - 1", {"x": exactly(3.0)})
    Interval(low=16.99..., high=17.00...)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from tests.fuzz import intervals as of
from tests.fuzz.intervals import ANYTHING, Interval, exactly

__all__ = ["NotAFormulaError", "evaluated", "holds", "leading", "rounded"]

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(r"\s*(<=|>=|==|!=|\*\*|[-+*/^()<>,\[\]]|[^\W\d]\w*)")
_COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
#: Parentheses and operators within one another; no formula of a lesson has so many.
_DEEPEST = 200


class NotAFormulaError(ValueError):
    """The text is none; the program must not have printed it."""


def rounded(text: str, digits: int = 4) -> Interval:
    """All numbers that are written so in this many significant digits (or in more, where more are written)."""
    number = float(text)
    if number == 0.0 or not math.isfinite(number):
        return exactly(number)
    written = len(re.sub(r"[eE].*|\.", "", text).lstrip("0"))
    # Three digits and more are as many as there was room for; of fewer, zeros were left out.
    meant = written if written >= 3 else max(digits, written)
    half = 0.5 * 10.0 ** (math.floor(math.log10(abs(number))) + 1 - meant)
    return Interval(number - half, number + half)


def evaluated(text: str, names: Mapping[str, Interval], digits: int | None = None) -> Interval:
    """The interval of a formula.  Its numbers are exact, or rounded to ``digits`` where that is given."""
    reader = _Reader(text, names, digits)
    found = reader.sum()
    if reader.next:
        raise NotAFormulaError(f"{text!r} goes on with {reader.next!r}")
    return found


def leading(text: str, digits: int) -> tuple[Interval, str]:
    """The interval of the formula in rounded numbers that a text begins with, and the rest of the text."""
    reader = _Reader(text, {}, digits)
    found = reader.sum()
    return found, text[reader.end :]


def holds(value: float, right: Interval) -> bool:
    """Whether a number may be what a formula says.  Where an intermediate result is too large for a float, or has no
    value, the formula says nothing."""
    if not (math.isfinite(right.low) and math.isfinite(right.high)):
        return True
    return value in right


class _Reader:
    """Reads a formula from left to right, and works it out as it goes."""

    def __init__(self, text: str, names: Mapping[str, Interval], digits: int | None) -> None:
        self.text, self.names, self.digits = text, names, digits
        self.at, self.end, self.depth = 0, 0, 0
        self.by_length = sorted(names, key=len, reverse=True)
        self.next = ""
        self.take()

    def take(self) -> str:
        """The token at hand; the one behind it comes to hand."""
        taken, self.end = self.next, self.at
        rest = self.text[self.at :].lstrip()
        self.at = len(self.text) - len(rest)
        if not rest:
            self.next = ""
            return taken
        name = next((name for name in self.by_length if rest.startswith(name)), None)
        number = _NUMBER.match(rest)
        token = _TOKEN.match(rest)
        if name is not None and not (token and len(token[1]) > len(name)):
            self.next = name
        elif number is not None:
            self.next = number[0]
        elif token is not None:
            self.next = token[1]
        else:
            self.next = rest[0]  # no formula goes on with this
        self.at += len(self.next)
        return taken

    def expect(self, sign: str) -> None:
        if self.take() != sign:
            raise NotAFormulaError(f"{self.text!r}: expected {sign!r} before {self.text[self.at :]!r}")

    def sum(self) -> Interval:
        found = self.product()
        while self.next in ("+", "-"):
            operation = of.plus if self.take() == "+" else of.minus
            found = operation(found, self.product())
        return found

    def product(self) -> Interval:
        found = self.signed()
        while self.next in ("*", "/"):
            operation = of.times if self.take() == "*" else of.over
            found = operation(found, self.signed())
        return found

    def signed(self) -> Interval:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotAFormulaError(f"{self.text[:60]!r}… is too deep")
        try:
            if self.next == "-":
                self.take()
                return -self.signed()
            if self.next == "+":
                self.take()
                return self.signed()
            return self.raised()
        finally:
            self.depth -= 1

    def raised(self) -> Interval:
        base = self.atom()
        if self.next in ("^", "**"):
            self.take()
            is_whole = self.next.isdecimal() and base.low <= 0.0
            # Under what may be negative, a whole exponent is meant as it stands, also where numbers are rounded.
            digits, self.digits = self.digits, None if is_whole else self.digits
            found = of.power(base, self.signed())
            self.digits = digits
            return found
        return base

    def atom(self) -> Interval:
        token = self.take()
        if token in self.names:
            return self.names[token]
        if token == "(":
            found = self.sum()
            self.expect(")")
            return found
        if token == "[":
            left = self.sum()
            sign = self.take()
            if sign not in _COMPARISONS:
                raise NotAFormulaError(f"{self.text!r}: {sign!r} is no comparison")
            found = of.compared(sign, left, self.sum())
            self.expect("]")
            return found
        if token in of.FUNCTIONS and self.next == "(":
            return self.call(token)
        if _NUMBER.fullmatch(token):
            return exactly(float(token)) if self.digits is None else rounded(token, self.digits)
        if token in ("nan", "inf"):
            return ANYTHING if token == "nan" else exactly(math.inf)
        raise NotAFormulaError(f"{self.text!r}: {token!r} has no value")

    def call(self, name: str) -> Interval:
        self.expect("(")
        operands = [self.sum()]
        while self.next == ",":
            self.take()
            operands.append(self.sum())
        self.expect(")")
        try:
            return of.called(name, operands)
        except TypeError:
            raise NotAFormulaError(f"{self.text!r}: {name} of {len(operands)}") from None
