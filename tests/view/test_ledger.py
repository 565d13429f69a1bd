"""The ledger: numbers under their fractions, on two lines and in one, as in the pictures b to g."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.console import Console
from bpstep.debugger.expressions import parse
from bpstep.scenario.loader import load
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.fractions import Fraction, Sum, draw_formula, formula_width
from bpstep.view.drawing.layout import NOTHING, Track
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.panes.ledger import Bracket, Ledger, Line
from bpstep.view.panes.unfolded import chain_to
from bpstep.view.scene.frame import Frame
from tests.helpers.moments import EVERY, moments, opened_at


def runs(*texts):
    return [Run(text) for text in texts]


def drawn(ledger, x=2, *, stacked=True, width=None):
    canvas = Canvas(86, ledger.height(stacked=stacked))
    places = ledger.draw(canvas, x, 0, stacked=stacked, width=width)
    assert places.end == canvas.height
    return canvas.text().split("\n")


CONTRIBUTE = Ledger(
    head=[Run("∂E/∂y(h1)"), Run("="), Sum("k")],
    factors=[Fraction("∂E", "∂y(k)"), Fraction("∂y(k)", "∂e(k)"), Fraction("∂e(k)", "∂y(h1)")],
    lines=[
        Line(Run("via o1"), runs("+0.7414", "+0.1868", " 0.4000"), Run("+0.05540"), Run("now")),
        Line(Run("via o2"), runs("−0.2171", "+0.1755", " 0.5000"), Run(" ·"), Run("next")),
    ],
    brackets=[Bracket(0, 1, "δ(k) known"), Bracket(2, 2, "local")],
    total=Line(result=Run("+0.05540…"), note=Run("1 of 2")),
)


def test_the_ledger_of_the_key_picture_in_one_line_per_row():
    assert drawn(CONTRIBUTE, 1, stacked=False) == [
        " ∂E/∂y(h1) = Σk   ∂E/∂y(k) ·  ∂y(k)/∂e(k) ·  ∂e(k)/∂y(h1)",
        " via o1          +0.7414   × +0.1868      ×  0.4000       = +0.05540   now",
        " via o2          −0.2171   × +0.1755      ×  0.5000       =  ·         next",
        "                 ╰───── δ(k) known ─────╯   ╰── local ──╯   +0.05540…  1 of 2",
    ]


def test_a_local_step_shows_the_product_that_it_will_enter():
    ledger = Ledger(
        head=[Run("δ(o1)"), Run("="), Fraction("∂E", "∂e(o1)"), Run("=")],
        factors=[Fraction("∂E", "∂y(o1)"), Fraction("∂y(o1)", "∂e(o1)")],
        lines=[Line(factors=runs("+0.7414", "+0.1868"), result=Run(" ·"), note=Run("next"))],
        brackets=[Bracket(0, 0, "ready"), Bracket(1, 1, "now")],
    )
    assert drawn(ledger) == [
        "              ∂E           ∂E        ∂y(o1)",
        "  δ(o1) =  ───────  =   ───────  ·  ───────",
        "            ∂e(o1)       ∂y(o1)      ∂e(o1)",
        "",
        "                       +0.7414   × +0.1868    =   ·         next",
        "                       ╰ ready ╯   ╰─ now ─╯",
    ]


def test_a_weighted_sum_has_a_formula_for_a_head_and_a_bias_without_a_factor():
    ledger = Ledger(
        head=[Run("e(h1) = Σ w(i→h1) · y(i)  +  b(h1)")],
        lines=[
            Line(Run("via i1"), runs(" 0.1500", " 0.05000"), Run(" 0.007500")),
            Line(Run("via i2"), runs(" 0.2000", " 0.1000"), Run(" 0.02000"), Run("now")),
            Line(Run("bias"), runs(" 0.3500"), Run(" ·"), Run("next")),
        ],
        total=Line(result=Run(" 0.02750…"), note=Run("2 of 3")),
        ruled=True,
    )
    assert drawn(ledger) == [
        "  e(h1) = Σ w(i→h1) · y(i)  +  b(h1)",
        "",
        "  via i1   0.1500   ×  0.05000   =   0.007500",
        "  via i2   0.2000   ×  0.1000    =   0.02000   now",
        "  bias     0.3500                =   ·         next",
        "                                    ──────────",
        "                                     0.02750…  2 of 3",
    ]


def test_the_gradient_that_an_update_uses():
    ledger = Ledger(
        head=[Run("∂E/∂w(i1→h1)"), Run("=")],
        factors=[Fraction("∂E", "∂e(h1)"), Fraction("∂e(h1)", "∂w(i1→h1)")],
        lines=[Line(factors=runs("+0.008771", " 0.05000"), result=Run("+4.386e−4"))],
        brackets=[Bracket(0, 0, "δ(h1)"), Bracket(1, 1, "y(i1)")],
    )
    assert drawn(ledger) == [
        "                       ∂E          ∂e(h1)",
        "  ∂E/∂w(i1→h1) =   ────────── ·  ──────────",
        "                     ∂e(h1)       ∂w(i1→h1)",
        "",
        "                  +0.008771   ×  0.05000     =  +4.386e−4",
        "                  ╰─ δ(h1) ─╯   ╰─ y(i1) ─╯",
    ]


EXPRESSION = Ledger(
    head=[Fraction("∂y", "∂v"), Run("=")],
    factors=[Fraction("∂y", "∂y"), Fraction("∂y", "∂u"), Fraction("∂u", "∂v")],
    lines=[
        Line(factors=runs("1", "e^u", "cos v"), operator="·", lead=Run("=")),
        Line(factors=runs("+1.000", "+2.695", "+0.1304"), result=Run("+0.3515"), note=Run("now"),
             lead=Run("=")),
    ],
    brackets=[Bracket(0, 1, "∂y/∂u upstream"), Bracket(2, 2, "local")],
)  # fmt: skip


def test_an_expression_has_a_line_of_formulas_and_one_of_numbers():
    assert drawn(EXPRESSION) == [
        "   ∂y        ∂y          ∂y          ∂u",
        "  ────  =   ────     ·  ────     ·  ────",
        "   ∂v        ∂y          ∂u          ∂v",
        "",
        "        =   1        ·  e^u      ·  cos v",
        "        =  +1.000    × +2.695    × +0.1304    =  +0.3515    now",
        "           ╰─ ∂y/∂u upstream ──╯   ╰ local ╯",
    ]
    assert drawn(EXPRESSION, 1, stacked=False) == [
        " ∂y/∂v =   ∂y/∂y    ·  ∂y/∂u    ·  ∂u/∂v",
        "       =   1        ·  e^u      ·  cos v",
        "       =  +1.000    × +2.695    × +0.1304   = +0.3515    now",
        "          ╰─ ∂y/∂u upstream ──╯   ╰ local ╯",
    ]


def test_a_wide_layer_has_a_line_for_what_is_left_out_and_a_sum_without_a_rule():
    ledger = Ledger(
        head=[Run("∂E/∂y(h17)"), Run("="), Sum("k")],
        factors=[Fraction("∂E", "∂e(k)"), Fraction("∂e(k)", "∂y(h17)")],
        lines=[
            Line(Run("via o3"), runs("+0.07377", " 0.07776"), Run("+0.005736"), Run("now")),
            Line(Run("… o5 to o10"), (), Run(" ·"), equals=""),
        ],
        total=Line(result=Run("+0.009822…"), note=Run("3 of 10"), equals="Σ"),
    )
    assert drawn(ledger) == [
        "                      ∂E         ∂e(k)",
        "  ∂E/∂y(h17) = Σ   ──────── ·  ────────",
        "               k     ∂e(k)      ∂y(h17)",
        "",
        "  via o3          +0.07377  ×  0.07776   =  +0.005736  now",
        "  … o5 to o10                                ·",
        "                                         Σ  +0.009822… 3 of 10",
    ]


def test_the_hole_of_a_wrong_answer_has_words_under_its_numbers():
    ledger = Ledger(
        head=[],
        factors=[Fraction("∂E", "∂y(o1)"), Fraction("∂y(o1)", "∂e(o1)")],
        product=Fraction("∂E", "∂e(o1)"),
        lines=[
            Line(factors=runs("+0.7414", " ?"), result=Run(" ?")),
            Line(factors=runs("you have", "missing"), result=Run("asked"), operator="", equals=""),
        ],
    )
    assert drawn(ledger) == [
        "        ∂E        ∂y(o1)          ∂E",
        "     ───────  ·  ───────   =   ───────",
        "      ∂y(o1)      ∂e(o1)        ∂e(o1)",
        "",
        "    +0.7414   ×  ?         =   ?",
        "     you have    missing       asked",
    ]


def test_places_say_where_things_are():
    canvas = Canvas(86, 20)
    places = CONTRIBUTE.draw(canvas, 2, 5)
    assert (places.lines, places.brackets, places.total, places.end) == (9, 11, 11, 12)
    assert places.factors == (Track(17, 18, 26), Track(29, 30, 38), Track(41, 42, 50))
    lines = canvas.text().split("\n")
    assert lines[9][places.equals] == "="
    assert lines[9][places.result.x :].startswith("+0.05540")
    assert lines[9][places.note :] == "now"
    assert lines[6][places.factors[1].at :].startswith("───────")


def test_columns_stay_where_they_are_while_numbers_grow():
    longer = [Line(Run("via o1"), runs("+0.008190", "−4.386e−4", "−0.09022"), Run("−0.001894…"), Run("now"))]
    grown = Ledger(CONTRIBUTE.head, CONTRIBUTE.factors, longer, CONTRIBUTE.brackets, CONTRIBUTE.total)
    one, other = (ledger.draw(Canvas(86, 20), 2, 0) for ledger in (CONTRIBUTE, grown))
    assert one.factors == other.factors
    assert (one.equals, one.result, one.note) == (other.equals, other.result, other.note)


def test_where_there_is_no_room_columns_are_as_wide_as_what_they_hold():
    assert max(map(len, drawn(CONTRIBUTE))) == 2 + CONTRIBUTE.width()
    short = Ledger(
        head=[Run("e = Σ w·y")],
        lines=[Line(Run("via i1"), runs(" 0.15", " 0.05"), Run(" 0.0075"), Run("now"))],
    )
    roomy = drawn(short)[-1]
    assert len(roomy) == 2 + short.width()
    assert drawn(short, width=len(roomy) - 2)[-1] == roomy
    assert drawn(short, width=len(roomy) - 3)[-1] == "  via i1   0.15 ×  0.05 =  0.0075 now"


@pytest.mark.parametrize(
    ("label", "width", "closed", "text"),
    [("now", 9, True, "╰─ now ─╯"), ("ready", 9, True, "╰ ready ╯"), ("upstream", 9, True, " upstream"),
     ("far too long", 9, True, " far too…"), ("local", 9, False, " local")],
)  # fmt: skip
def test_a_bracket_gives_up_its_arms_before_its_name(label, width, closed, text):
    canvas = Canvas(20, 1)
    Bracket(0, 0, label, closed=closed).draw(canvas, 0, [Track(0, 1, width)])
    assert canvas.text() == text


def test_a_line_with_a_hole_has_no_operator_beside_it():
    line = Line(Run("x"), [Run("+1"), NOTHING, Run("+3")], Run("+3"))
    assert drawn(Ledger(head=[Run("y")], lines=[line]))[-1] == "  x  +1                      +3         =  +3"


def test_formulas_in_one_line_and_on_two():
    items = [Run("∂y/∂v"), Run("="), Sum("k"), Fraction("∂y", "∂u"), Run("·"), Fraction("∂u", "∂v")]
    canvas = Canvas(40, 5)
    assert draw_formula(canvas, 0, 1, items) == formula_width(items) == 24
    assert draw_formula(canvas, 0, 4, items, stacked=False) == formula_width(items, stacked=False) == 24
    assert canvas.text().split("\n") == [
        "            ∂y       ∂u",
        "∂y/∂v = Σ  ────  ·  ────",
        "        k   ∂u       ∂v",
        "",
        "∂y/∂v = Σk ∂y/∂u · ∂u/∂v",
    ]


NUMBER = st.floats(-1e12, 1e12)


@given(st.lists(st.lists(NUMBER, min_size=1, max_size=4), min_size=1, max_size=5), st.booleans())
def test_numbers_stand_under_each_other_and_under_their_fraction(table, stacked):
    numbers, count = NumberFormat(), max(map(len, table))
    lines = [Line(Run(f"via {index}"), [Run(numbers.deriv(x)) for x in row], Run(numbers.deriv(row[0])))
             for index, row in enumerate(table)]  # fmt: skip
    ledger = Ledger([Run("d")], [Fraction("∂E", "∂y")] * count, lines, [Bracket(0, count - 1, "δ")])
    canvas = Canvas(120, ledger.height(stacked=stacked))
    places = ledger.draw(canvas, 0, 0, stacked=stacked)
    rows = canvas.text().split("\n")
    head = rows[stacked]
    for row, line in zip(table, rows[places.lines :], strict=False):
        for x, track in zip(row, places.factors, strict=False):
            assert line[track.x : track.end].rstrip() == numbers.deriv(x)
            assert head[track.at] in "─∂"
    bracket = rows[places.brackets]
    assert bracket.strip() == bracket[places.factors[0].x : places.factors[-1].end]
    assert all(len(row) <= ledger.width(stacked=stacked) for row in rows)


@pytest.mark.parametrize("name", ["gru-cell", "bptt", "convolution"])
def test_a_factor_without_a_step_of_its_own_has_its_own_name(name: str) -> None:
    """Back through a product the local derivative is a cell: not what the step before happens to compute."""
    session = Console(load(name))
    seen = 0
    for number in range(1, min(session.length, 300)):
        session.position = number
        step = session.step
        if (
            step is None
            or step.op != "contribute"
            or step.local is None
            or step.inputs[-1].cell.kind == "local"
        ):
            continue
        frame = Frame.of(session)
        links = chain_to(frame, step, frame.symbols)
        assert links is not None
        assert links[-1].formula == frame.symbols(step.inputs[-1].cell)
        seen += 1
    assert seen > 10


@pytest.mark.parametrize("rule", ["correct", "overwrite"])
@pytest.mark.parametrize("name", [name for name in EVERY if not opened_at(name).setup.is_network])
def test_a_formula_over_a_number_gives_it(name: str, rule: str) -> None:
    """Each factor of a chain that is written out, typed at the prompt at this moment, is the number below it."""
    commands = (f"set rule = {rule}",)
    session = opened_at(name, commands)
    for position in moments(name, commands):
        session.position = position
        frame, step = Frame.of(session), session.step
        assert step is not None
        if step.op != "contribute":
            continue
        for link in chain_to(frame, step, frame.symbols) or ():
            if link.value is not None and link.formula != "…":
                typed = parse(session.scope, link.formula).value(session.moment)
                assert typed == pytest.approx(link.value, rel=1e-9, nan_ok=True), (position, link)
