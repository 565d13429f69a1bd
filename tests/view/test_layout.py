"""Layout: the number stands under its symbol, in every picture; narrow rows shrink, then fold."""

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.layout import FormulaTable, Operator, Term, Track, cut, hairline, number_run
from bpstep.view.drawing.numbers import NumberFormat

MODULES = [
    *(
        f"drawing.{name}"
        for name in ("braille", "canvas", "fractions", "glyphs", "layout", "naming", "numbers", "roles")
    ),
    "panes.ledger",
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"bpstep.view.{name}"))
    assert result.attempted
    assert not result.failed


def term(symbol, number, label="", *, signed=True):
    return Term(Run(symbol), Run(number), Run(label), signed=signed)


def drawn(table, width=80):
    canvas = Canvas(width, table.rows(width - 3))
    assert table.draw(canvas, 2, 0, width=width - 3) == canvas.height
    return canvas.text().split("\n")


# The step panes of four pictures. Symbols and numbers stand as they do there; so do labels, within a column.
FORWARD_TERM = [
    term(" e(h1)", " 0.007500", "so far", signed=False), Operator("+=", "+"),
    term("w(i2→h1)", " 0.2000", "weight"), Operator("·", "×"),
    term("y(i2)", " 0.1000", "input"), Operator("", "="),
    term("", " 0.02750…", "2 of 3 arrived"),
]  # fmt: skip
LOCAL = [
    term("∂y(o1)/∂e(o1)", "f′(o1)", "logistic", signed=False), Operator("=", "="),
    term("s(e)", " 0.7514", "y(o1)"), Operator("·", "×"),
    term("(1 −  s(e))", "(1 −  0.7514)", "1 − y(o1)", signed=False), Operator("", "="),
    term("", "+0.1868", "slope of s here", signed=False),
]  # fmt: skip
EXPRESSION = [
    term(" ∂y/∂v", "   0", "so far", signed=False), Operator("+=", "+"),
    term("∂y/∂u", "+2.695", "upstream"), Operator("·", "×"),
    term("∂u/∂v", "+0.1304", "local"), Operator("", "="),
    term("", "+0.3515", "now, 1 of 1"),
]  # fmt: skip
WIDE_LAYER = [
    term(" ∂E/∂y(h17)", " +0.004086", "so far", signed=False), Operator("+=", "+"),
    term("δ(o3)", "+0.07377", "upstream"), Operator("·", "×"),
    term("w(h17→o3)", " 0.07776", "local"), Operator("", "="),
    term("", "+0.009822…", "3 of 10 arrived"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("items", "picture"),
    [
        (FORWARD_TERM, ["   e(h1)     +=   w(i2→h1)  ·   y(i2)",
                        "   0.007500  +    0.2000    ×   0.1000  =   0.02750…",
                        "  so far          weight        input       2 of 3 arrived"]),
        (LOCAL, ["  ∂y(o1)/∂e(o1)  =   s(e)    ·  (1 −  s(e))",
                 "  f′(o1)         =   0.7514  ×  (1 −  0.7514)  =  +0.1868",
                 "  logistic           y(o1)      1 − y(o1)         slope of s here"]),
        (EXPRESSION, ["   ∂y/∂v  +=   ∂y/∂u     ·   ∂u/∂v",
                      "     0    +   +2.695     ×  +0.1304  =  +0.3515",
                      "  so far       upstream      local       now, 1 of 1"]),
        (WIDE_LAYER, ["   ∂E/∂y(h17)  +=   δ(o3)     ·   w(h17→o3)",
                      "   +0.004086   +   +0.07377   ×   0.07776    =  +0.009822…",
                      "  so far            upstream      local          3 of 10 arrived"]),
    ],
    ids=["b", "c", "f", "g"],
)  # fmt: skip
def test_step_panes_of_the_pictures(items, picture):
    assert drawn(FormulaTable(*items)) == picture


def test_a_row_that_is_too_long_shrinks_its_gaps_then_its_names_then_folds():
    items = [
        term(" ∂E/∂y(hidden)", " 0", "so far", signed=False), Operator("+=", "+"),
        term("δ(o1)", "+0.1385", "upstream"), Operator("·", "×"),
        term("w(hidden→o1)", " 0.4000", "local"), Operator("", "="),
        term("", "+0.05540…", "1 of 2"),
    ]  # fmt: skip
    table = FormulaTable(*items, names=("hidden", "height"))
    assert drawn(table, 68)[1] == "   0              +   +0.1385    ×   0.4000        =  +0.05540…"
    assert drawn(table, 60)[:2] == ["   ∂E/∂y(hidden) +=  δ(o1)    ·  w(hidden→o1)",
                                    "   0             +  +0.1385   ×  0.4000       = +0.05540…"]  # fmt: skip
    assert drawn(table, 56)[:2] == ["   ∂E/∂y(hidd…) +=  δ(o1)    ·  w(hidd…→o1)",
                                    "   0            +  +0.1385   ×  0.4000      = +0.05540…"]  # fmt: skip
    assert drawn(table, 51)[:2] == ["   ∂E/∂y(hi…)+= δ(o1)   · w(hi…→o1)",
                                    "   0         + +0.1385  × 0.4000   =+0.05540…"]  # fmt: skip
    assert drawn(table, 45) == [
        "   ∂E/∂y(hi…) +=  δ(o1)    ·  w(hi…→o1)",
        "   0          +  +0.1385   ×  0.4000",
        "  so far          upstream    local",
        "",
        "  = +0.05540…",
        "     1 of 2",
    ]


@given(st.lists(st.tuples(st.text("∂Ey()", max_size=12), st.floats(-1e6, 1e6), st.text("abc ", max_size=9)),
                min_size=1, max_size=6), st.integers(30, 90))  # fmt: skip
def test_every_digit_stands_under_the_first_letter_of_its_symbol(terms, width):
    numbers, items = NumberFormat(), []
    for symbol, x, label in terms:
        items += [Operator("·", "×"), term(symbol or "y", numbers.deriv(x), label.strip())]
    lines = drawn(FormulaTable(*items[1:]), width)
    found = []
    for top in range(0, len(lines), 3):
        starts = [at for at, char in enumerate(lines[top])
                  if char not in " ·" and lines[top][at - 1] == " "]  # fmt: skip
        found += [lines[top + 1][at : at + 1].isdigit() and lines[top + 1][at - 1] in " +−" for at in starts]
    assert found == [True] * len(terms)
    assert all(len(line) <= width - 1 for line in lines)


@pytest.mark.parametrize(
    "items",
    [(), (Operator("·", "×"),), (term("a", " 1"), Operator("·", "×")), (term("a", " 1"), term("b", " 2")),
     (term("a", " 1"), term("b", " 2"), term("c", " 3"))],
)  # fmt: skip
def test_terms_and_operators_take_turns(items):
    with pytest.raises(ValueError, match="one operator between"):
        FormulaTable(*items)


def test_a_track_hangs_signs():
    track = Track.holding(10, ["+0.1385", "w(h1→o1)", ""])
    assert track == Track(10, 11, 19)
    assert [track.start(text) for text in ("+0.1385", "−1", " 0.4000", "δ")] == [10, 10, 10, 11]
    assert Track.holding(10, ["+1"], least=9).width == 9
    assert Track.holding(10, ["δ"], signed=False) == Track(10, 10, 11)


@pytest.mark.parametrize(
    ("x", "state", "part", "run"),
    [
        (0.1385, "final", "known", ("+0.1385", "deriv")),
        (0.1385, "final", "read", ("+0.1385", "deriv-read")),
        (0.1385, "partial", "written", ("+0.1385…", "deriv-chip")),
        (None, "unset", "read", (" ·", "dim")),
        (0.1385, "stale", "read", ("+0.1385~", "dim")),
        (2.0, "overridden", "known", ("+2.000*", "deriv-read")),
        (float("nan"), "final", "read", (" nan!", "not-finite")),
        (float("inf"), "final", "written", ("+inf!", "deriv-chip")),
        (None, "asked", "known", (" ?", "deriv-chip")), (0.5, "final", "absent", ("+0.5000", "dim")),
    ],
)  # fmt: skip
def test_the_role_of_a_number_says_its_state_and_its_part(x, state, part, run):
    assert number_run(NumberFormat(), "deriv", x, state, part=part) == run


def test_cut():
    shown = [cut("hidden", width) for width in (7, 6, 5, 1, 0, -1)]
    assert shown == ["hidden", "hidden", "hidd…", "…", "", ""]


def test_a_title_line_keeps_its_left_label_and_cuts_the_right_one():
    def line(width):
        canvas = Canvas(width, 1)
        left = [("step 34", "strong"), ("  contribute", "deriv-read")]
        hairline(canvas, 0, 0, width, left, right=[("then  ", "dim"), ("δ(o1) = ∂E/∂y(o1)", "dim")])
        return canvas.text()

    assert line(60) == "─ step 34  contribute ──────────── then  δ(o1) = ∂E/∂y(o1) ─"
    assert line(40) == "─ step 34  contribute ─ then  δ(o1) =… ─"
    assert line(30) == "─ step 34  contribute ────────"
    assert line(18) == "─ step 34  cont… ─"
    assert {len(line(width)) for width in range(10, 90)} == set(range(10, 90))


def test_a_tab_strip_is_a_title_line_with_several_labels():
    canvas = Canvas(48, 1)
    tabs = [[("weights", "strong")], [("nodes", "dim")], [("loss", "dim")]]
    hairline(canvas, 0, 0, 48, *tabs, right=[("Tab next view", "dim")])
    assert canvas.text() == "─ weights ─ nodes ─ loss ─────── Tab next view ─"
