"""Equations in what is printed: wherever a line says number = number, both sides are worked out, and have to meet.

    +6.684e−4  = 0.05000 × 0.2413 × 0.4000 × 0.1868 × 0.7414
    w(h1→o1)    0.3589   = w − η · ∂E/∂w(h1→o1) = 0.4000 − 0.5000 × 0.08217     54

A line is cut at its equals signs; of the first part counts the longest formula in numbers that it ends with, of the
others the one that they begin with.  A part with a name in it is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.fuzz.equations import NotAFormulaError, leading
from tests.fuzz.intervals import Interval

__all__ = ["false_equations"]

_EQUALS = re.compile(r"(?<![<>=!:≈+−*/-])=(?!=)")
_WRITTEN = str.maketrans({"−": "-", "×": "*", "·": "*", "²": "^2", "³": "^3"})
#: 1 where two numbers are equal, else 0.
_COMPARED = re.compile(r"\[((?:[^][<>=]|\[[^][]*\])+)=((?:[^][<>=]|\[[^][]*\])+)\]")
#: Where a formula may begin: with the part, behind a colon or in a new column, but not behind an operator.
_BEGINS = re.compile(r"(?:^\s*|(?<![-+*/^\s])\s{2,}|: )(?=[-+(\d]|[a-z]+\()")
#: Where a column ends: what follows is a number with its own sign.
_COLUMN = re.compile(r"\s{2,}(?=[-+][\d.])")
#: What stands behind this is only the last factor of something with names in it.
_OPERATOR = re.compile(r"\s[-+*/x]\s")
_CONTINUED = re.compile(r"\s*[-+*/]\s")
#: With this a formula goes on: then it was not the whole of it.
_GOES_ON = re.compile(r"\s?[\w(\[δ∂ηαγ′^/*+.-]")


def false_equations(text: str, digits: int) -> Iterator[str]:
    """The lines of a text that say what is not so; numbers are written in ``digits`` digits or more."""
    for line in text.split("\n"):
        if "=" in line and _is_false(line.translate(_WRITTEN), digits):
            yield line


def _is_false(line: str, digits: int) -> bool:
    parts = _EQUALS.split(_COMPARED.sub(r"[\1 == \2]", line))
    known: list[Interval] = []
    for number, part in enumerate(parts):
        found = _ending(part, digits) if number == 0 else _beginning(part, digits)
        if found is not None:
            known.append(found)
        elif number == 0:
            return False
    return any(a.high < b.low or b.high < a.low for a, b in pairwise(known))


def _ending(part: str, digits: int) -> Interval | None:
    """The longest formula that the last column of a part ends with; None where it goes on from the line above."""
    if _CONTINUED.match(part):
        return None
    for begin in _BEGINS.finditer(part):
        if _COLUMN.search(part.rstrip(), begin.end()) or _OPERATOR.search(part[: begin.end()]):
            continue
        try:
            found, rest = leading(part[begin.end() :], digits)
        except NotAFormulaError:
            continue
        if not rest.strip():
            return found
    return None


def _beginning(part: str, digits: int) -> Interval | None:
    """The formula that a part begins with, where it is one in numbers and ends there."""
    try:
        found, rest = leading(_COLUMN.split(part.lstrip())[0], digits)
    except NotAFormulaError:
        return None
    return None if rest and _GOES_ON.match(rest) and not rest.startswith("  ") else found
