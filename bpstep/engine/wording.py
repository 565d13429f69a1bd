"""How functions and their local derivatives read, to whatever sort of operation or edge they belong.

Each is a text over names, and the cells that the names stand for; a constant operand is a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bpstep.engine.costs import Cost
from bpstep.engine.functions import Function, constant_operand, enclosed
from bpstep.engine.softmax import FAR_APART
from bpstep.engine.steps import Factor
from bpstep.engine.vectors import Said

__all__ = ["applied", "slope_of_cost", "slope_of_function", "slope_of_share"]

_Operands = Sequence[Factor | float]


def applied(function: Function, operands: _Operands) -> Said:
    """A function of its operands."""
    text, names = function.text, {}
    for letter, operand in zip("ab", operands, strict=False):
        if isinstance(operand, Factor):
            names[letter] = operand
        else:
            text = text.replace(f"{{{letter}}}", constant_operand(function, operand))
    return Said(text, names, all_read=True)


def slope_of_function(function: Function, which: int, y: Factor, operands: _Operands) -> Said:
    """Its local derivative by operand ``which`` (from 0), where its value is ``y``."""
    text = function.partial_text(which, tuple("" if isinstance(o, Factor) else o for o in operands))
    names, numbers = {"y": y}, []
    for letter, operand in zip("ab", operands, strict=False):
        if isinstance(operand, Factor):
            names[letter] = operand
            numbers.append(np.array(operand.value))
        else:
            text = text.replace(f"{{{letter}}}", enclosed(operand))
            numbers.append(np.array(operand))
    if not function.at_kinks or not bool(function.at_kinks[which](*numbers)):
        return Said(text, names)
    return Said(function.text_at_kink or text, names, function.convention)


def slope_of_cost(cost: Cost, y: Factor, t: Factor, terms: int) -> Said:
    """The local derivative of a cost of so many terms by one output."""
    text = cost.texts_of(t.value, terms)[1]
    kink = cost.at_kink
    at_kink = kink is not None and bool(kink(np.array(y.value), np.array(t.value)))
    return Said(text, {"y": y, "t": t}, cost.convention if at_kink else "", all_read=True)


def slope_of_share(
    i: int, j: int, y: Callable[[int], Factor], e: Callable[[int], Factor],
    share: Callable[[int], tuple[str, dict[str, Factor]]], *, in_order: bool,
) -> Said:  # fmt: skip
    """A place in the Jacobian of softmax: share ``y(i)`` by cell ``e(j)``.

    ``in_order`` says that no shares after ``i`` are there yet: then y_j is told by y_i * exp(e_j - e_i), or, where they
    are too far apart, by its own words, ``share(j)``.
    """
    own = y(i)
    if i == j:
        return Said("{y} * (1 - {y})", {"y": own})
    if not in_order or j < i:
        return Said("-{y} * {other}", {"y": own, "other": y(j)})
    net, other = e(i), e(j)
    if abs(other.value - net.value) < FAR_APART:
        return Said("-{y}^2 * exp({other} - {own})", {"y": own, "other": other, "own": net})
    text, names = share(j)
    return Said(f"-{{y}} * {text}", {"y": own, **names})
