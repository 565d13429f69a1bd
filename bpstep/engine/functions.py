"""The function table: every function bpstep can differentiate, one row each.

A row says all there is to know about a function: its value, its local derivative by each operand,
both again as text, what happens at a kink, and what it is called.  To add a function, add a row: it can
then be called in expressions and, marked as an activation, be named by a layer; nobody else has to know
(`tests/test_tables.py` adds one and sees).  The tests compare every derivative with its own text (by
sympy), and with an independent automatic differentiation (by autograd), so the two can not drift apart.

    >>> sigmoid = FUNCTIONS["sigmoid"]
    >>> s = sigmoid.value(np.array([0.0]))
    >>> s, sigmoid.partials[0](s, np.array([0.0]))          # s'(e) = s(e) * (1 - s(e))
    (array([0.5]), array([0.25]))
    >>> sigmoid.partial_text(0, ())
    '{y} * (1 - {y})'

Derivatives are handed the value that the forward pass kept (``y``), and use it where they can: this
is why a backward pass costs no more than a forward pass.

Two things that this table deliberately does not do.  It has no softmax: a softmax neuron looks at
its whole layer, so it is no function of one number (see `bpstep.engine.softmax`).  And it never
raises: 1/0 is inf and ln(-1) is nan, because a debugger must be able to walk up to the step where a
number stops being finite.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.elementary import (
    LEAKY_SLOPE,
    at_power_of_zero,
    at_tie,
    at_zero,
    at_zero_to_the_zero,
    erf,
    greater,
    leaky,
    normal,
    power,
    power_by_base,
    power_by_exponent,
    relu,
    sigmoid,
    silu_slope,
    slope,
)
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["FUNCTIONS", "Function", "called", "constant_operand", "constant_text", "enclosed"]

Operand = str | float

_CALLED = re.compile(r"([a-z_][a-z_0-9]*)\(")


@dataclass(frozen=True)
class Function:
    """One row of the table.

    ``value(a)`` or ``value(a, b)`` works element by element on arrays of any one shape.
    ``partials[i](y, a, b)`` is the derivative by operand i, where ``y`` is the value.
    ``text`` and ``partial_texts`` are the same in the arithmetic of scenario files, over the
    placeholders ``{a} {b} {y}``; ``[p]`` is 1 where p holds and else 0 (Iverson's bracket).
    ``symbol`` is the short sign on a wire, ``says`` what it is called in a sentence.  ``linear`` marks
    what has no "f′" that one could forget.  The values lie between the two ends of ``range``.
    ``at_kinks[i](a, b)`` says where the derivative by operand i does not exist, or its text has no value, and
    ``convention`` is taken instead; ``text_at_kink`` is its text there, where the other one has no value.
    ``is_activation`` marks what a layer may name.  ``definition`` is what it is in terms of other rows, over ``{a}``;
    the tests take its derivative, and a skeleton (`bpstep stub`) writes it, so a function that is no elementary one
    needs it.
    """

    name: str
    symbol: str
    value: Callable[..., Array]
    text: str
    partials: tuple[Callable[..., Array], ...]
    partial_texts: tuple[str, ...]
    linear: bool = False
    at_kinks: tuple[Callable[..., NDArray[np.bool_]], ...] = ()
    convention: str = ""
    text_at_kink: str = ""
    range: tuple[float, float] = (-np.inf, np.inf)
    says: str = ""
    is_activation: bool = False
    definition: str = ""

    @cached_property
    def call(self) -> str:
        """The name by which an expression calls it, as its text does; "" for an operator."""
        found = _CALLED.match(self.text)
        return "" if found is None else found[1]

    @property
    def arity(self) -> int:
        """The number of operands."""
        return len(self.partials)

    def partial_text(self, operand: int, constants: tuple[Operand, ...]) -> str:
        """The text of a local derivative, in its simplest form where an operand is a constant."""
        if self.name == "pow" and operand == 0 and constants and isinstance(constants[1], float):
            return _power_rule(constants[1])
        return self.partial_texts[operand]


def _power_rule(exponent: float) -> str:
    """The text of d(a^n)/da for a constant n: ``2 * a`` reads better than ``2 * a^(2 - 1)``."""
    if exponent in (0.0, 1.0):
        return constant_text(exponent)
    if exponent == 2.0:
        return "2 * {a}"
    return f"{enclosed(exponent)} * {{a}}^{enclosed(exponent - 1)}"


def constant_text(number: float) -> str:
    """The shortest text that reads back to the same float, without a needless ``.0``."""
    return repr(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def constant_operand(function: Function, number: float) -> str:
    """A constant as an operand of a function: behind an operator, a negative one stands in parentheses."""
    text = constant_text(number)
    is_infix = function.name in ("add", "sub", "mul", "div", "pow")
    return f"({text})" if is_infix and text.startswith("-") else text


def enclosed(number: float) -> str:
    """A constant as it stands behind an operator: in parentheses where it is negative."""
    text = constant_text(number)
    return f"({text})" if text.startswith("-") else text


_ROWS = (
    # -- arithmetic ------------------------------------------------------------------------------
    Function(
        "add", "+", np.add, "{a} + {b}",
        (lambda y, a, b: np.ones_like(y), lambda y, a, b: np.ones_like(y)), ("1", "1"),
        linear=True,
    ),
    Function(
        "sub", "−", np.subtract, "{a} - {b}",
        (lambda y, a, b: np.ones_like(y), lambda y, a, b: -np.ones_like(y)), ("1", "-1"),
        linear=True,
    ),
    Function(
        "mul", "×", np.multiply, "{a} * {b}",
        (lambda y, a, b: b + np.zeros_like(y), lambda y, a, b: a + np.zeros_like(y)), ("{b}", "{a}"),
        linear=True,
    ),
    Function(
        "div", "/", np.divide, "{a} / {b}",
        (lambda y, a, b: 1.0 / b, lambda y, a, b: -a / (b * b)), ("1 / {b}", "-{a} / {b}^2"),
    ),
    Function(
        "pow", "^", power, "{a}^{b}",
        (power_by_base, power_by_exponent), ("{b} * {a}^({b} - 1)", "{y} * ln({a})"),
        at_kinks=(at_zero_to_the_zero, at_power_of_zero), convention="a^0 and 0^b count as constants",
        text_at_kink="0",
    ),
    Function(
        "neg", "−", np.negative, "-{a}",
        (lambda y, a: -np.ones_like(a),), ("-1",), linear=True,
    ),
    # -- the functions of school -----------------------------------------------------------------
    Function("exp", "exp", np.exp, "exp({a})", (lambda y, a: np.exp(a),), ("exp({a})",)),
    Function("ln", "ln", np.log, "ln({a})", (lambda y, a: 1.0 / a,), ("1 / {a}",)),
    Function("sin", "sin", np.sin, "sin({a})", (lambda y, a: np.cos(a),), ("cos({a})",)),
    Function("cos", "cos", np.cos, "cos({a})", (lambda y, a: -np.sin(a),), ("-sin({a})",)),
    Function("tan", "tan", np.tan, "tan({a})", (lambda y, a: 1.0 + y * y,), ("1 + {y}^2",)),
    Function("sinh", "sinh", np.sinh, "sinh({a})", (lambda y, a: np.cosh(a),), ("cosh({a})",)),
    Function("cosh", "cosh", np.cosh, "cosh({a})", (lambda y, a: np.sinh(a),), ("sinh({a})",)),
    Function("sqrt", "√", np.sqrt, "sqrt({a})", (lambda y, a: 1.0 / (2.0 * y),), ("1 / (2 * {y})",)),
    Function(
        "abs", "abs", np.abs, "abs({a})",
        (lambda y, a: np.sign(a),), ("[{a} > 0] - [{a} < 0]",),
        at_kinks=(at_zero,), convention="abs′(0) = 0",
    ),
    Function(
        "max", "max", np.maximum, "max({a}, {b})",
        (lambda y, a, b: greater(a, b), lambda y, a, b: greater(b, a)),
        ("[{a} > {b}] + 0.5 * [{a} == {b}]", "[{b} > {a}] + 0.5 * [{a} == {b}]"),
        at_kinks=(at_tie, at_tie), convention="a tie in max counts ½ for each operand",
    ),
    Function(
        "min", "min", np.minimum, "min({a}, {b})",
        (lambda y, a, b: greater(b, a), lambda y, a, b: greater(a, b)),
        ("[{a} < {b}] + 0.5 * [{a} == {b}]", "[{b} < {a}] + 0.5 * [{a} == {b}]"),
        at_kinks=(at_tie, at_tie), convention="a tie in min counts ½ for each operand",
    ),
    # -- activations -----------------------------------------------------------------------------
    Function(
        "linear", "id", lambda a: a + 0.0, "{a}",
        (lambda y, a: np.ones_like(a),), ("1",), linear=True,
        says="a linear neuron", is_activation=True,
    ),
    Function(
        "sigmoid", "s", sigmoid, "sigmoid({a})",
        (lambda y, a: y * (1.0 - y),), ("{y} * (1 - {y})",), range=(0.0, 1.0),
        says="the logistic function", is_activation=True, definition="1 / (1 + exp(-{a}))",
    ),
    Function(
        "tanh", "tanh", np.tanh, "tanh({a})",
        (lambda y, a: 1.0 - y * y,), ("1 - {y}^2",), range=(-1.0, 1.0),
        says="the hyperbolic tangent", is_activation=True,
    ),
    Function(
        "relu", "relu", relu, "relu({a})",
        (lambda y, a: slope(a, 0.0, 0.0),), ("[{a} > 0]",),
        at_kinks=(at_zero,), convention="relu′(0) = 0", range=(0.0, np.inf),
        says="the rectifier", is_activation=True, definition="max({a}, 0)",
    ),
    Function(
        "leaky-relu", "leaky", leaky, "leaky_relu({a})",
        (lambda y, a: slope(a, LEAKY_SLOPE, LEAKY_SLOPE),), ("[{a} > 0] + 0.01 * [{a} <= 0]",),
        at_kinks=(at_zero,), convention="leaky-relu′(0) = 0.01",
        says="the leaky rectifier", is_activation=True, definition="max({a}, 0) + 0.01 * min({a}, 0)",
    ),
    Function(
        "softplus", "softplus", lambda a: np.logaddexp(0.0, a), "softplus({a})",
        (lambda y, a: sigmoid(a),), ("sigmoid({a})",), range=(0.0, np.inf),
        says="softplus", is_activation=True, definition="ln(1 + exp({a}))",
    ),
    # -- what came with arrays -------------------------------------------------------------------
    Function(
        "erf", "erf", lambda a: erf(a), "erf({a})",
        (lambda y, a: 2.0 / math.sqrt(math.pi) * np.exp(-a * a),), (f"{2.0 / math.sqrt(math.pi)} * exp(-{{a}}^2)",),
        range=(-1.0, 1.0),
    ),
    Function(
        "gelu", "gelu", lambda a: a * normal(a), "gelu({a})",
        (lambda y, a: normal(a) + a * np.exp(-0.5 * a * a) / math.sqrt(2.0 * math.pi),),
        (f"(1 + erf({{a}} / sqrt(2))) / 2 + {{a}} * exp(-{{a}}^2 / 2) / {math.sqrt(2.0 * math.pi)}",),
        definition="{a} * (1 + erf({a} / sqrt(2))) / 2",
    ),
    Function(
        "silu", "silu", lambda a: a * sigmoid(a), "silu({a})",
        (silu_slope,), ("sigmoid({a}) + {y} * (1 - sigmoid({a}))",), definition="{a} * sigmoid({a})",
    ),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}


def called() -> dict[str, Function]:
    """The rows by the names that call them, in expressions and in the texts of formulas."""
    return {row.call: row for row in FUNCTIONS.values() if row.call}
