"""A step as somebody works it out on paper: all that a cell is made of on one line.

    ∂E/∂y(h1) = δ(o1) · w(h1→o1) + δ(o2) · w(h1→o2) = 0.1385 × 0.4 + (−0.0381) × 0.5 = 0.03635

What a run does in several steps (a sum, contribution by contribution) is one line here.  Its numbers have as many
digits as it takes for the result to come out, by `bpstep.engine.calculator`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpstep.engine.steps import Factor, Step
from bpstep.exercises.worked_step import BRACKET
from bpstep.view.drawing.numbers import shortest
from bpstep.view.symbols.formula import Symbols

__all__ = ["DIGITS", "merged", "paper", "worked_line"]

#: So many significant digits has every number that is worked out.
DIGITS = 4

#: A sum of more steps than this is not written out.
_MOST_STEPS = 12

#: From where to where a number is written without an exponent.
_SMALLEST, _LARGEST = 1e-5, 1e6


def paper(value: float, digits: int = DIGITS) -> str:
    """A number as it is written by hand: with an exponent only where it must be, and zeros at the end only where it is
    rounded.

    >>> paper(0.00043857), paper(-0.038098), paper(1234.5), paper(0.0), paper(-2.50004e-9), paper(-0.5)
    ('0.0004386', '−0.03810', '1234', '0', '−2.500e−9', '−0.5')
    """
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else f"{value}"
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    sign = "−" if value < 0.0 else ""
    if float(f"{mantissa}e{power}") == abs(value) and _SMALLEST <= abs(value) < _LARGEST:
        return shortest(value)
    if _SMALLEST <= abs(value) < _LARGEST:
        return f"{sign}{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - int(power))}f}"
    return f"{sign}{mantissa}e{'−' if int(power) < 0 else ''}{abs(int(power))}"


def merged(steps: Sequence[Step]) -> Step:
    """Several steps that write one cell, as one step that has all their operands."""
    template, factors = steps[0].whole
    inputs: list[Factor] = list(factors)
    for step in steps[1:]:
        moved = step.template.format(*(f"{{{len(inputs) + k}}}" for k in range(len(step.inputs))))
        template += f" - {moved[1:]}" if moved.startswith("-") else f" + {moved}"
        inputs += step.inputs
    last = steps[-1]
    return last._replace(template=template, inputs=tuple(inputs), was=None, sign="=", product=None)


def worked_line(steps: Sequence[Step], symbols: Symbols) -> str:
    """What these steps do: in letters, in numbers, and what comes out."""
    cell, value = symbols.local_name(steps[-1].cell), paper(steps[-1].value)
    if len(steps) > _MOST_STEPS:
        return f"{cell} = {value}, a sum of {len(steps)} terms"
    whole = merged(steps)
    letters = symbols.filled(whole.template, [symbols.local_name(factor.cell) for factor in whole.inputs])
    numbers = whole.numbers_for(DIGITS).replace(" * ", " × ").replace("-", "−")
    told = [text for text in (letters, numbers) if text != value]
    bracket = BRACKET if "[" in whole.template else ""
    return " = ".join([cell, *dict.fromkeys(told), value]) + bracket
