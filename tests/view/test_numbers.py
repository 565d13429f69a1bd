"""Numbers: four digits, a sign column, fields that are never exceeded, and never a false zero."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bpstep.view.drawing.numbers import CARD, FIELD, MARKS, NumberFormat, group, plain, shortest
from bpstep.view.drawing.roles import KINDS

FOUR = NumberFormat()
ANY = st.floats(-1e308, 1e308)  # 1.75e308 with two digits reads 1.8e308, which no float is
USUAL = st.floats(min_value=-1e6, max_value=1e6).filter(lambda x: x == 0 or abs(x) > 1e-9)
DIGITS = st.integers(2, 12)


def read(text):
    """The number that a person reads."""
    return float(text.strip().rstrip("…~*").replace("−", "-"))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0554, " 0.05540"), (1.106, " 1.106"), (0.4, " 0.4000"), (0.0275, " 0.02750"),
        (-0.2858, "−0.2858"), (0.0, " 0"), (-0.0, " 0"), (1, " 1.000"), (784, " 784.0"),
        (0.0007514, " 7.514e−4"), (4.386e-4, " 4.386e−4"), (13350, " 1.335e4"), (1e-5, " 1.000e−5"),
        (9999.4, " 9999"), (9999.6, " 1.000e4"), (0.001, " 0.001000"), (0.00099996, " 0.001000"),
        (0.00099994, " 9.999e−4"), (-1.5e300, "−1.500e300"), (5e-324, " 4.941e−324"),
        (math.nan, " nan!"), (math.inf, " inf!"), (-math.inf, "−inf!"),
    ],
)  # fmt: skip
def test_values(x, text):
    assert FOUR.value(x) == text


@pytest.mark.parametrize(
    ("x", "text"),
    [(0.7414, "+0.7414"), (-0.0381, "−0.03810"), (0.0, " 0"), (-4.386e-4, "−4.386e−4"), (1.0, "+1.000"),
     (math.inf, "+inf!"), (-math.inf, "−inf!"), (math.nan, " nan!")],
)  # fmt: skip
def test_derivatives_always_carry_their_sign(x, text):
    assert FOUR.deriv(x) == text


@pytest.mark.parametrize(
    ("state", "text"),
    [("given", "+0.05540"), ("final", "+0.05540"), ("partial", "+0.05540…"), ("stale", "+0.05540~"),
     ("overridden", "+0.05540*"), ("unset", " ·"), ("asked", " ?")],
)  # fmt: skip
def test_states(state, text):
    assert FOUR.deriv(0.0554, state) == text
    assert FOUR.deriv(0.0554, state, 10) == text.ljust(10)


def test_a_number_that_is_not_there_is_a_dot_under_the_first_digit():
    assert FOUR.value(None) == FOUR.deriv(None) == " ·"
    assert FOUR.deriv(None, width=FOUR.card) == " ·      "


@pytest.mark.parametrize(
    ("x", "state", "text"),
    [
        (0.009822, "final", "+0.00982"), (-0.0381, "final", "−0.03810"), (4.386e-4, "final", "+4.39e−4"),
        (-0.0381, "stale", "−0.0381~"), (1.234e-10, "final", "+123e−12"), (1.234e150, "final", "+123e148"),
        (-1.234e-101, "final", "−12e−102"), (0.7414, "final", "+0.7414 "), (math.inf, "stale", "+inf!~  "),
    ],
)  # fmt: skip
def test_in_a_card_digits_give_way_to_sign_and_exponent(x, state, text):
    assert FOUR.deriv(x, state, FOUR.card) == text


def test_more_digits_widen_the_fields_and_fewer_keep_them():
    six = NumberFormat(6)
    assert (six.value(0.7513650695), six.field, six.card) == (" 0.751365", FIELD + 2, CARD + 2)
    assert (NumberFormat(2).field, NumberFormat(2).card) == (FIELD, CARD)
    assert NumberFormat(2).value(1234.5) == " 1234"  # no zeros in the place of digits that we know
    assert NumberFormat(12).deriv(math.pi) == "+3.14159265359"


@pytest.mark.parametrize("digits", [1, 13])
def test_digits_have_bounds(digits):
    with pytest.raises(ValueError, match="from 2 to 12"):
        NumberFormat(digits)


def test_a_field_has_a_least_width():
    with pytest.raises(ValueError, match="at least 8"):
        FOUR.value(1.0, width=7)


STATES = ["given", "final", "asked", "unset", *MARKS]


@given(st.floats(), st.sampled_from(KINDS), st.sampled_from(STATES), DIGITS, st.integers(CARD, 20))
def test_a_number_never_exceeds_its_field(x, kind, state, digits, width):
    assert len(NumberFormat(digits).show(kind, x, state, width)) == width


@given(USUAL, DIGITS, st.sampled_from([*MARKS]))
def test_the_usual_number_with_its_mark_is_whole_in_its_field(x, digits, state):
    numbers = NumberFormat(digits)
    assert numbers.deriv(x, state, numbers.field + 1) == numbers.deriv(x, state).ljust(numbers.field + 1)


@given(ANY, DIGITS)
def test_what_is_shown_is_the_number_to_its_digits(x, digits):
    text = NumberFormat(digits).value(x)
    assume(x != 0)
    assert math.isclose(read(text), x, rel_tol=0.5000001 * 10 ** (1 - digits), abs_tol=5e-324)
    mantissa = re.sub(r"e.*", "", text).strip(" −")
    shown = len(mantissa.replace(".", "").lstrip("0"))
    assert shown == digits or (shown <= 4 and "." not in mantissa)


@given(ANY, st.integers(CARD, FIELD))
def test_a_field_keeps_three_digits_the_sign_and_the_size(x, width):
    assume(x == 0 or 1e-98 < abs(x) < 1e98)
    text = FOUR.deriv(x, width=width)
    assert text[0] == (" " if x == 0 else "+" if x > 0 else "−")
    assert math.isclose(read(text), x, rel_tol=0.0050001)


@given(ANY)
def test_signs(x):
    value, deriv = FOUR.value(x), FOUR.deriv(x)
    assert value[1:] == deriv[1:]
    assert value[0] == ("−" if x < 0 else " ")
    assert deriv[0] == ("−" if x < 0 else "+" if x > 0 else " ")
    assert (deriv == " 0") == (x == 0)  # "0" only for zero, and never "-0.0000"
    assert read(value) != 0 or x == 0
    assert "-" not in value + deriv


@given(ANY)
def test_fixed_between_a_thousandth_and_ten_thousand(x):
    shown = abs(float(f"{x:.3e}"))
    assert ("e" in FOUR.value(x)) == (shown != 0 and not 0.001 <= shown < 10_000)


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0"), (59, "59"), (1280, "1 280"), (103444, "103 444"), (2900000, "2 900 000")]
)
def test_group(n, text):
    assert group(n) == text


@given(ANY)
def test_shortest_tells_a_number_from_all_others(x):
    assert read(shortest(x)) == x


def test_shortest_as_a_person_writes():
    numbers = (0.5, 1.0, -4.0, 0.01, 1e-5, 1e16, 1.2, math.inf, -math.inf, math.nan)
    assert [shortest(x) for x in numbers] == [
        "0.5", "1", "−4", "0.01", "1e−5", "1e16", "1.2", "inf!", "−inf!", "nan!"]  # fmt: skip


@given(ANY | st.sampled_from([math.nan, math.inf, -math.inf]), DIGITS, st.booleans())
def test_plain_is_ascii_and_reads_back(x, digits, signed):
    text = plain(x, digits, signed=signed)
    assert text.isascii()
    assert " " not in text
    assert math.isnan(float(text)) if math.isnan(x) else math.isclose(float(text), x, rel_tol=0.06)


def test_bare_has_no_column_for_a_sign():
    assert (FOUR.bare(0.29837), FOUR.bare(-4.0)) == ("0.2984", "−4.000")


@given(
    st.floats(1e-90, 1e90),
    st.sampled_from([-1.0, 1.0]),
    st.integers(6, 9),
    st.sampled_from(["final", "disagrees"]),
)
def test_a_number_in_little_room_loses_digits_and_nothing_else(
    x: float, sign: float, width: int, state: str
) -> None:
    from bpstep.view.panes.pen import short_number

    text = short_number(sign * x, "deriv", width, 4, state)
    mark = MARKS.get(state, "")
    assert text.endswith(mark)
    assert float(text.removesuffix(mark).replace("−", "-")) == pytest.approx(sign * x, rel=0.51)
    assert len(text) <= max(width, len("+1e−90") + len(mark))
