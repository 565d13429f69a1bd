"""The one parser: Python's precedence, cells by every name, bounds, and errors that know their column."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.engine.cells import Cell
from bpstep.engine.specs import Taken
from bpstep.scenario.arithmetic import (
    ArithmeticSyntaxError,
    Call,
    Name,
    Vocabulary,
    cells_of,
    evaluate,
    parse_cell,
    parse_cells,
    parse_expression,
    postorder,
)
from bpstep.scenario.notations import NOTATIONS
from bpstep.scenario.statements import compile_statements

VALUES = {"x": 1.25, "y": -0.5, "z": 3.0}


def lookup(cell: Cell) -> float:
    return VALUES[str(cell.of)]


def texts() -> st.SearchStrategy[str]:
    """Random arithmetic, as text that Python understands too."""
    leaf = st.one_of(
        st.sampled_from(sorted(VALUES)),
        st.floats(0.1, 9).map(lambda value: f"{value:.3g}"),
    )

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner)
        return st.one_of(
            pair.map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
            pair.map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
            inner.map(lambda text: f"-{text}"),
            st.tuples(inner, st.sampled_from(["2", "3"])).map(lambda p: f"({p[0]})**{p[1]}"),
            st.tuples(st.sampled_from(["sin", "cos", "tanh"]), inner).map(lambda p: f"{p[0]}({p[1]})"),
        )

    return st.recursive(leaf, grow, max_leaves=12)


@given(texts())
def test_it_means_what_python_means(text: str) -> None:
    names = {**{k: np.float64(v) for k, v in VALUES.items()}, "sin": np.sin, "cos": np.cos, "tanh": np.tanh}
    with np.errstate(all="ignore"):
        expected = float(eval(text, {"__builtins__": {}}, names))
    for written in (text, text.replace("**", "^")):
        found = evaluate(parse_expression(written, cells=True, names=VALUES), lookup)
        assert found == pytest.approx(expected, rel=1e-12) or (math.isnan(found) and math.isnan(expected))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2^2", -4.0),
        ("2^3^2", 512.0),
        ("2^-1", 0.5),
        ("8 / 4 / 2", 1.0),
        ("1 - 2 - 3", -4.0),
        ("2 + 3 * 4", 14.0),
        ("max(1, 2) - min(1, 2)", 1.0),
        ("log(exp(1)) + ln(exp(2))", 3.0),
        ("pi", math.pi),
        ("1/0", math.inf),
        ("ln(-1)", math.nan),
        ("1 < 2 and not 3 <= 2 or 1 == 2", 1.0),
        ("finite(1/0)", 0.0),
        ("1e3 + .5", 1000.5),
        ("3 − 2 · 2 × 2 ÷ 4", 1.0),
        ("2³ + 2⁻¹ − −3²", 17.5),
        ("e^0 + e^-1^2 - e^(-1)", 1.0),
        ("π − pi", 0.0),
        ("σ(0) + s(0)", 1.0),
        ("½(1 + 3)²", 8.0),
        ("2e^0 + 3(4)", 14.0),
        ("[1 > 0] + 0.5 * [1 = 1] + [2 ≤ 1]", 1.5),
        ("1 ≤ 2 and 2 ≠ 3", 1.0),
        ("leaky_relu(-100)", -1.0),
        ("10^10^10", math.inf),
        ("9" * 300 + "^" + "9" * 300, math.inf),
    ],
)
def test_values(text: str, value: float) -> None:
    assert evaluate(parse_expression(text, cells=True), lookup) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("y[h1]", "y[h1]"),
        ("w[ i1 -> h1 ]", "w[i1->h1]"),
        ("w[i1→h1]", "w[i1->h1]"),
        ("delta[h1]", "d(e[h1])"),
        ("local[h1]", "d(y[h1], e[h1])"),
        ("d(w[i1->h1])", "d(w[i1->h1])"),
        ("d(cost,y[o1])", "d(cost, y[o1])"),
        ("dot(y[h1])", "dot(y[h1])"),
        ("m(w[i1->h1])", "m(w[i1->h1])"),
        ("x", "x"),
        ("loss", "loss"),
        ("w(i1→h1)", "w[i1->h1]"),
        ("δ(h1)", "d(e[h1])"),
        ("f′(h1)", "d(y[h1], e[h1])"),
        ("f'(e(h1))", "d(y[h1], e[h1])"),
        ("∂E/∂w(i1→h1)", "d(w[i1->h1])"),
        ("∂y(h1)/∂e(h1)", "d(y[h1], e[h1])"),
        ("dE/dw(i1->h1)", "d(w[i1->h1])"),
        ("D(h1)", "d(e[h1])"),
        ("η", "lr"),
        ("E", "cost"),
    ],
)
def test_cells(text: str, canonical: str) -> None:
    assert str(parse_cell(text, ["x"])) == canonical
    assert str(parse_cell(canonical, ["x"])) == canonical


def test_variables_win_where_they_stand_bare() -> None:
    assert parse_cell("v", ["v"]) == Cell("var", "v")
    assert parse_cell("v(x)", ["v", "x"]) == Cell("v", Cell("var", "x"))
    assert parse_cell("e", ["e"]) == Cell("var", "e")
    assert parse_cell("e[h1]", ["e"]) == Cell("e", "h1")
    assert [
        str(cell) for cell in cells_of(parse_expression("d(x) * y[h1] + x", cells=True, names=["x"]))
    ] == [
        "d(x)",
        "y[h1]",
        "x",
    ]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1 +", 3, "expected a number, a name or a parenthesis, found the end"),
        ("(1", 2, 'expected ")" to close the parenthesis, found the end'),
        ("foo(1)", 0, 'unknown function "foo"'),
        ("sin()", 4, "expected a number"),
        ("min(1)", 0, "min takes 2, not 1"),
        ("1 2", 2, 'expected an operator or the end, found "2"'),
        ("1 $ 2", 2, "unexpected character"),
        ("\x1b[31m", 0, "unexpected character"),
        ("", 0, "expected an expression"),
        ("1e999", 0, "too large"),
        ("2" + "²" * 400, 1, "too large"),
        ("(" * 200 + "1" + ")" * 200, 101, "more than 100 levels"),
        ("1 / 2x", 5, "may be read in two ways"),
    ],
)
def test_errors_know_their_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ArithmeticSyntaxError) as caught:
        parse_expression(text)
    assert message in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("notation", "printed", "canonical"),
    [
        ("nielsen", "y(o1)", "t[o1]"),
        ("nielsen", "y[o1]", "y[o1]"),
        ("nielsen", "a(h1)", "y[h1]"),
        ("nielsen", "σ′(h1)", "d(y[h1], e[h1])"),
        ("ng", "dz(h1)", "d(e[h1])"),
        ("ng", "∂J/∂a(h1)", "d(y[h1])"),
        ("ng", "dz(h1)/da(i1)", "d(e[h1], y[i1])"),
        ("pdp", "net(h1)", "e[h1]"),
        ("autodiff", "v(→h1)", "e[h1]"),
        ("autodiff", "v(h1)", "y[h1]"),
        ("autodiff", "bar v(→h1)", "d(e[h1])"),
        ("autodiff", "v(w(i1→h1))", "v(w[i1->h1])"),
    ],
)
def test_cells_in_the_letters_of_a_notation(notation: str, printed: str, canonical: str) -> None:
    words = Vocabulary(neurons=("i1", "h1", "o1"), notation=NOTATIONS[notation])
    assert str(parse_cell(printed, vocabulary=words)) == canonical
    assert str(parse_cell(canonical, vocabulary=words)) == canonical


def test_a_variable_called_e_is_no_number() -> None:
    assert evaluate(parse_expression("e^2", cells=True, names=["e"]), lambda cell: 3.0) == 9.0
    assert [n.name for n in postorder(parse_expression("e^x", names=["e"])) if isinstance(n, Name)] == [
        "e",
        "x",
    ]
    assert [n.function for n in postorder(parse_expression("e^x")) if isinstance(n, Call)] == ["exp"]


NESTED = [
    "(",
    "-",
    "+",
    "not ",
    "sin(",
    "max(1, ",
    "2^",
    "[",
    "d(",
    "dot(",
    "∂",
    "∂E/",
    "dE/",
    "f′(",
    "1-(",
    "1-2*-3^(",
]


@pytest.mark.parametrize("piece", NESTED)
@pytest.mark.parametrize("times", [99, 101, 1_000, 20_000])
def test_however_deep_it_is_nested_it_is_a_line_and_at_once(piece: str, times: int) -> None:
    text = piece * times
    started = time.process_time()
    for cells in (False, True):
        with pytest.raises(ArithmeticSyntaxError) as caught:
            parse_expression(text, cells=cells)
        assert len(str(caught.value)) < 300
        assert 0 <= caught.value.column <= len(text)
    assert time.process_time() - started < 2.0


def test_a_hundred_levels_are_allowed() -> None:
    for opened, closed in (("(", ")"), ("-", ""), ("sin(", ")"), ("1^", "")):
        assert math.isfinite(evaluate(parse_expression(opened * 100 + "1" + closed * 100), lookup))


def test_a_long_flat_chain_is_one_level() -> None:
    text = "+".join(["1"] * 9_999)
    assert evaluate(parse_expression(text), lookup) == 9_999.0
    with pytest.raises(ArithmeticSyntaxError, match="at most 20000 characters"):
        parse_expression("1" * 20_001)


@given(st.text(alphabet="xyz019.T@+-*/^()[]<>=,! >wed→and∂E′δση²½·×−π", max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for cells in (False, True):
        column = 0
        try:
            parse_expression(text, cells=cells, names=VALUES)
        except ArithmeticSyntaxError as error:
            column = error.column
        assert 0 <= column <= len(text)


def operations(*define: str, **inputs: float) -> list[str]:
    """The operations that definitions are split into, as texts."""
    found, problems = compile_statements(define, list(inputs))
    assert not problems, problems
    return [f"{made.name} = {made.function}({', '.join(map(str, made.operands))})" for made in found]


def test_definitions_are_read_as_books_write_them() -> None:
    assert operations("y = e^x", x=1) == ["y = exp(x)"]
    assert operations("y = x²", x=1) == ["y = pow(x, 2.0)"]
    assert operations("y = x·z − z", x=1, z=1) == ["v1 = mul(x, z)", "y = sub(v1, z)"]
    assert operations("y = σ(3x₁)", x1=1) == ["v1 = mul(3.0, x1)", "y = sigmoid(v1)"]
    assert operations("y = e^-x² ÷ π", x=1)[:3] == ["v1 = pow(x, 2.0)", "v2 = neg(v1)", "v3 = exp(v2)"]


def test_a_variable_called_e_is_itself_in_definitions() -> None:
    assert operations("y = e^x", x=1, e=2) == ["y = pow(e, x)"]
    _, problems = compile_statements(["y = e^x", "e = 2*x", "z = y + e"], ["x"])
    assert [problem.message for problem in problems] == ['"e" is used before it is defined']
    _, problems = compile_statements(["y = 2*e + x"], ["x"])
    assert [problem.message for problem in problems] == ['"e" is used but never defined']


# --- cells of arrays ----------------------------------------------------------------------------------------

ARRAYS = Vocabulary(
    ("x",),
    arrays={"U": (3, 2), "h1": (3,), "b": (1,), "e": (2,), "v": (2,), "y": (2,)},
    aliases={
        "q": Taken(("U", "x"), np.array([0, 0, 1]), np.array([4, 1, 0])),
        "r": Taken(("h1",), np.array(0), np.array(2)),
    },
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("U[3,1]", "U[3,1]"),
        ("U[ 3 , 1 ]", "U[3,1]"),
        ("d(U[3, 1])", "d(U[3,1])"),
        ("d(v[2], x)", "d(v[2], x)"),
        ("d(v[2], U[1,2], 2)", "d(v[2], U[1,2], 2)"),
        ("dot(h1[3])", "dot(h1[3])"),
        ("m(U[1,2])", "m(U[1,2])"),
        ("v(U[1,2])", "v(U[1,2])"),
        ("v[1]", "v[1]"),
        ("e[2]", "e[2]"),
        ("y[1]", "y[1]"),
        ("y[h2]", "y[h2]"),
        ("∂E/∂U[2,2]", "d(U[2,2])"),
        ("∂v[1]/∂U[2,2]", "d(v[1], U[2,2])"),
        ("∂v[1]/∂x[2]", "d(v[1], x, 2)"),
        ("b", "b"),
        ("b[1]", "b"),
        ("q[1]", "U[3,1]"),
        ("d(q[3])", "d(x)"),
        ("r", "h1[3]"),
    ],
)
def test_cells_of_arrays(text: str, canonical: str) -> None:
    assert str(parse_cell(text, vocabulary=ARRAYS)) == canonical
    assert str(parse_cell(canonical, vocabulary=ARRAYS)) == canonical


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("U[4,1]", 0, "4 lies behind the 3 rows of U; its shape is (3, 2)"),
        ("d(U[1,3])", 2, "3 lies behind the 2 columns of U; its shape is (3, 2)"),
        ("h1[4]", 0, "4 lies behind the 3 cells of h1; its shape is (3)"),
        ("h1[1,2]", 0, "h1 has 1 axis, not 2 for the indices; its shape is (3)"),
        ("U[2]", 0, "expected one index for each axis of U, whose shape is (3, 2)"),
        ("U[1, 1..2]", 0, "expected one index for each axis of U, whose shape is (3, 2)"),
        ("U[0,1]", 2, "indices count from 1, found 0"),
        ("U", 0, "U has the shape (3, 2); expected one of its cells, U[1,1] to U[3,2]"),
        ("d(q)", 2, "q has the shape (3); expected one of its cells, q[1] to q[3]"),
        ("q[4]", 0, "4 lies behind the 3 cells of q; its shape is (3)"),
    ],
)
def test_a_cell_that_an_array_does_not_have_is_a_line_with_its_shape(
    text: str, column: int, message: str
) -> None:
    with pytest.raises(ArithmeticSyntaxError) as caught:
        parse_cell(text, vocabulary=ARRAYS)
    assert (str(caught.value), caught.value.column) == (message, column)


@pytest.mark.parametrize(
    ("text", "all_of_them"),
    [
        ("h1", ["h1[1]", "h1[2]", "h1[3]"]),
        ("d(e)", ["d(e[1])", "d(e[2])"]),
        ("m(U) x", [*(f"m(U[{i},{j}])" for i in (1, 2, 3) for j in (1, 2)), "x"]),
        ("d(v, x)", ["d(v[1], x)", "d(v[2], x)"]),
        ("q", ["U[3,1]", "U[1,2]", "x"]),
        ("b U[1,1]", ["b", "U[1,1]"]),
        ("∂E/∂h1", ["d(h1[1])", "d(h1[2])", "d(h1[3])"]),
    ],
)
def test_the_bare_name_of_an_array_stands_for_all_of_its_cells(text: str, all_of_them: list[str]) -> None:
    assert [str(found.cell) for found in parse_cells(text, ARRAYS)] == all_of_them


@given(st.lists(st.integers(1, 4), max_size=4).map(tuple))
def test_cells_are_counted_row_by_row(shape: tuple[int, ...]) -> None:
    words = Vocabulary(arrays={"A": shape})
    names = [str(cell) for cell in words.cells_of("A")]
    if math.prod(shape) == 1:
        assert names == ["A"]
    else:
        indices = [tuple(k + 1 for k in index) for index in np.ndindex(shape)]
        assert names == [f"A[{','.join(map(str, index))}]" for index in indices]
    assert [str(parse_cell(name, vocabulary=words)) for name in names] == names
