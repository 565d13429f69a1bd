"""The tables say the same thing three times: as arithmetic, as text, and as mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS, Function
from tests.helpers.meanings import with_definitions

A, B, Y, T = sympy.symbols("a b y t", real=True)
K = sympy.Integer(3)
_FUNCTIONS = with_definitions({
    "exp": sympy.exp, "ln": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "sqrt": sympy.sqrt, "abs": sympy.Abs,
    "sigmoid": lambda e: 1 / (1 + sympy.exp(-e)),
    "softplus": lambda e: sympy.log(1 + sympy.exp(e)),
    "relu": lambda e: sympy.Piecewise((e, e > 0), (0, True)),
    "leaky_relu": lambda e: sympy.Piecewise((e, e > 0), (e / 100, True)),
    "erf": sympy.erf, "silu": lambda e: e / (1 + sympy.exp(-e)),
    "gelu": lambda e: e * (1 + sympy.erf(e / sympy.sqrt(2))) / 2,
    "max": lambda a, b: sympy.Piecewise((a, a > b), (b, True)),
    "min": lambda a, b: sympy.Piecewise((a, a < b), (b, True)),
})  # fmt: skip
_NAMES = {"a": A, "b": B, "y": Y, "t": T, **_FUNCTIONS}


def mathematics(text: str) -> sympy.Expr:
    """A text of the table as sympy reads it."""
    return formula(text.format(a="a", b="b", y="(y)", t="t", K="3"), {})


def formula(text: str, cells: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    """A formula as sympy reads it, with these names of cells besides; [p] is Iverson's bracket."""
    names, pieces = {**_NAMES, **cells}, dict[str, sympy.Expr]()

    def bracket(found: re.Match[str]) -> str:
        left, sign, right = re.match(r"(.+?) (<=|>=|==|<|>) (.+)", found[1]).groups()  # type: ignore[union-attr]
        make = {"<": sympy.Lt, ">": sympy.Gt, "<=": sympy.Le, ">=": sympy.Ge, "==": sympy.Eq}[sign]
        condition = make(sympy.sympify(left, names), sympy.sympify(right, names))
        name = f"piece{len(pieces)}"
        pieces[name] = sympy.Piecewise((1, condition), (0, True))
        return name

    return sympy.sympify(re.sub(r"\[([^\]]+)\]", bracket, text.replace("^", "**")), {**names, **pieces})


POINTS = [(0.3, 1.7), (1.2, 0.4), (0.75, 2.5)]


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_the_text_of_a_function_is_its_value_and_its_derivative(row: Function) -> None:
    value = mathematics(row.text)
    for operand, symbol in enumerate((A, B)[: row.arity]):
        told = mathematics(row.partial_texts[operand]).subs(Y, value)
        meant = sympy.diff(value, symbol)
        for a, b in POINTS + ([(-0.6, 1.1)] if row.name not in ("ln", "sqrt", "pow") else []):
            at = {A: sympy.Float(a, 30), B: sympy.Float(b, 30)}
            arguments = [np.array([x]) for x in (a, b)[: row.arity]]
            y = row.value(*arguments)
            assert float(y[0]) == pytest.approx(float(value.subs(at)), rel=1e-12)
            expected = float(meant.subs(at).evalf(30))
            assert float(told.subs(at).evalf(30)) == pytest.approx(expected, rel=1e-12, abs=1e-14)
            assert float(row.partials[operand](y, *arguments)[0]) == pytest.approx(
                expected, rel=1e-11, abs=1e-14
            )


@pytest.mark.parametrize(
    ("name", "arguments", "slopes"),
    [
        ("relu", (0.0,), (0.0,)),
        ("leaky-relu", (0.0,), (0.01,)),
        ("abs", (0.0,), (0.0,)),
        ("max", (2.0, 2.0), (0.5, 0.5)),
        ("min", (2.0, 2.0), (0.5, 0.5)),
        ("pow", (0.0, 0.0), (0.0, 0.0)),
    ],
)
def test_conventions_at_kinks(name: str, arguments: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    row = FUNCTIONS[name]
    arrays = [np.array([x]) for x in arguments]
    with np.errstate(all="ignore"):
        y = row.value(*arrays)
        found = tuple(float(partial(y, *arrays)[0]) for partial in row.partials)
    assert found == slopes
    assert all(at_kink(*arrays).all() for at_kink in row.at_kinks)


def test_a_power_of_zero() -> None:
    """x^2 has a derivative at 0 like anywhere else; 0^b does not change with b, though 0 · ln 0 has no value."""
    power, zero, two = FUNCTIONS["pow"], np.array([0.0]), np.array([2.0])
    with np.errstate(all="ignore"):
        assert [float(partial(zero, zero, two)[0]) for partial in power.partials] == [0.0, 0.0]
    assert [bool(at_kink(zero, two)[0]) for at_kink in power.at_kinks] == [False, True]


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("div", "pow")])
def test_nan_stays_nan(name: str) -> None:
    row = FUNCTIONS[name]
    arrays = [np.array([np.nan])] * row.arity
    with np.errstate(all="ignore"):
        assert np.isnan(row.value(*arrays)).all()


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_the_text_of_a_cost_is_its_term_and_its_slope(name: str, target: float) -> None:
    row = COSTS[name]
    term_text, slope_text = row.texts(target)
    term, slope = mathematics(term_text), mathematics(slope_text)
    at = {Y: sympy.Float(0.7, 30), T: sympy.Float(target, 30)}
    y, t = np.array([0.7]), np.array([target])
    expected = float(sympy.diff(term, Y).subs(at).evalf(30))
    assert float(row.term(y, t, 3)[0]) == pytest.approx(float(term.subs(at)), rel=1e-12)
    assert float(slope.subs(at)) == pytest.approx(expected, rel=1e-12)
    assert float(row.slope(y, t, 3)[0]) == pytest.approx(expected, rel=1e-12)


def test_what_is_no_elementary_function_says_what_it_is() -> None:
    """So tests and skeletons know it; `with_definitions` tells what a row says of itself by others."""
    known = {"exp", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "abs", "max", "min", "erf"}
    assert all(row.definition or row.call in known for row in FUNCTIONS.values() if row.call)
    for row in FUNCTIONS.values():
        if row.definition:
            assert mathematics(row.definition).subs(A, 0.75).evalf() == pytest.approx(
                float(row.value(np.array([0.75]))[0]), rel=1e-14
            )


def test_a_factor_of_zero_silences_a_logarithm() -> None:
    for name, y, t in (("cross-entropy", 0.0, 0.0), ("binary-cross-entropy", 1.0, 1.0)):
        row = COSTS[name]
        with np.errstate(all="ignore"):
            assert row.term(np.array([y]), np.array([t]), 1)[0] == 0.0
            assert np.isfinite(row.slope(np.array([y]), np.array([t]), 1)[0])


def test_a_planted_wrong_derivative_is_seen() -> None:
    sigmoid = FUNCTIONS["sigmoid"]
    wrong = Function(
        sigmoid.name, "s", sigmoid.value, sigmoid.text, (lambda y, a: 1.0 - y * y,), ("1 - {y}^2",)
    )
    with pytest.raises(AssertionError):
        test_the_text_of_a_function_is_its_value_and_its_derivative(wrong)


@given(st.floats(-700, 700))
@settings(max_examples=50)
def test_the_logistic_is_a_share(e: float) -> None:
    with np.errstate(all="ignore"):
        y = FUNCTIONS["sigmoid"].value(np.array([e]))
    assert 0.0 <= y[0] <= 1.0
