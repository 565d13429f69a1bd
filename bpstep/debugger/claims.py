"""What an ``expect`` claims of a number, read: the expression, the number as it is written, how near is near enough.

delta[h1] = 0.00877           within half a unit of the last digit written
loss ~ 0.29 rel=2% abs=1e-6   within the larger of the two; 1 % where neither is given
"""

from __future__ import annotations

import math
import re

from bpstep.debugger.errors import CommandError
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["Claim", "claim_of"]

_NUMBER = re.compile(
    r"(?P<sign>[-+−]?)(?P<digits>(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE](?P<exponent>[-+−]?[0-9]+))?"
)
_OPTION = re.compile(rf"(?P<name>rel|abs)=(?P<number>{_NUMBER.pattern})(?P<percent>%?)")
_WORD = re.compile(r"\S+")

#: What says how near a number must be, where nobody does.
_NEAR = 0.01
#: No exponent of a float has more digits.
_EXPONENT_DIGITS = 4


@dataclass(frozen=True)
class Claim:
    """``EXPR = NUMBER`` or ``EXPR ~ NUMBER``: ``text`` is the expression, ``number`` as it is written at ``start``."""

    text: str
    number: str
    value: float
    tolerance: float
    start: int
    exact: bool


def claim_of(text: str, column: int = 0) -> Claim | None:
    """The claim about a number that a text makes; None where it has no ``=`` and no ``~``.

    Raises `CommandError`, which points into a line where the text begins at ``column``.
    """
    place = _sign(text)
    if place is None:
        return None
    sign, left = text[place], text[:place].strip()
    if not left:
        raise CommandError(f'expected an expression before "{sign}"', column + place)
    behind = text[place + 1 :]
    start = place + 1 + len(behind) - len(behind.lstrip())
    found = _NUMBER.match(text, start)
    if found is None:
        raise CommandError(_no_number(sign, text[start:]), column + start)
    number, rest = found.group(), [(word.group(), word.start()) for word in _WORD.finditer(text, found.end())]
    value = _value(found, column + start)
    if sign == "~":
        if rest and rest[0][1] == found.end():
            raise CommandError(_no_number(sign, text[start:]), column + start)
        return Claim(left, number, value, _tolerance(rest, value, column), start, exact=False)
    if rest:
        raise CommandError(_behind_the_number(text[found.end() :]), column + rest[0][1])
    return Claim(left, number, value, _half_a_unit(found), start, exact=True)


def _sign(text: str) -> int | None:
    """Where the ``=`` or ``~`` of a claim stands; the signs of comparisons, and of [a = b], are no such sign."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        around = text[place - 1 : place] in tuple("<>=!") or text[place + 1 : place + 2] == "="
        if depth <= 0 and (char == "~" or (char == "=" and not around)):
            return place
    return None


def _no_number(sign: str, found: str) -> str:
    what = quoted(found) if found else "the end"
    hint = '; two expressions are compared with "=="' if sign == "=" and found else ""
    return f'expected a number behind "{sign}", found {what}{hint}'


def _behind_the_number(rest: str) -> str:
    if rest.strip().startswith(("rel", "abs")):
        return '"=" means within half a unit of the last digit; a tolerance goes with "~"'
    return f'expected nothing behind the number, found {quoted(rest.strip())}; two expressions are compared with "=="'


def _value(found: re.Match[str], column: int) -> float:
    """The number; `CommandError` where no float is so large."""
    value = float(found.group().replace("−", "-"))
    if not math.isfinite(value):
        raise CommandError(f"the number {quoted(found.group())} is too large", column)
    return value


def _half_a_unit(found: re.Match[str]) -> float:
    """Half a unit of the last digit written, and a little for the rounding of the sum."""
    decimals = len(found["digits"].partition(".")[2])
    exponent = (found["exponent"] or "0").replace("−", "-")
    if len(exponent.lstrip("+-0")) > _EXPONENT_DIGITS:
        return 0.0
    return float(f"5e{int(exponent) - decimals - 1}") * (1 + 1e-9)


def _tolerance(options: list[tuple[str, int]], value: float, column: int) -> float:
    """``rel=…`` and ``abs=…``: the larger of the two distances."""
    near: dict[str, float] = {}
    for word, start in options:
        found = _OPTION.fullmatch(word)
        if found is None or found["sign"] in ("-", "−"):
            raise CommandError(f"expected rel=1% or abs=1e-6, found {quoted(word)}", column + start)
        name, number, percent = (
            found["name"],
            _value(_number_in(found), column + start),
            bool(found["percent"]),
        )
        if name in near:
            raise CommandError(f"{name} is given twice", column + start)
        if name == "abs" and percent:
            raise CommandError("abs is a distance, such as abs=0.001; only rel may be in %", column + start)
        if name == "rel" and not percent and number >= 1.0:
            raise CommandError(
                f"rel={found['number']} is {number * 100:g} %; expected rel={found['number']}% or a fraction under 1",
                column + start,
            )
        near[name] = number / 100 if percent else number
    if not near:
        near = {"rel": _NEAR}
    return max(near.get("rel", 0.0) * abs(value), near.get("abs", 0.0))


def _number_in(option: re.Match[str]) -> re.Match[str]:
    found = _NUMBER.fullmatch(option["number"])
    assert found is not None, "the number of an option is one"
    return found
