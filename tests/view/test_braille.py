"""Braille: dots where the curve is, labels where it is not."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.view.drawing.braille import Plot, bounds, plot_function
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.glyphs import ASCII, SAFE


def logistic(x):
    return 1 / (1 + math.exp(-x))


def each(function):
    """A function of one number, for many."""
    return lambda xs: [function(x) for x in xs]


def dots_of(plot):
    """The dots (column, row) that a plot shows, read back from its characters."""
    canvas = Canvas(plot.width, plot.height)
    plot.draw(canvas, 0, 0)
    bits = [(0x01, 0, 0), (0x02, 0, 1), (0x04, 0, 2), (0x40, 0, 3),
            (0x08, 1, 0), (0x10, 1, 1), (0x20, 1, 2), (0x80, 1, 3)]  # fmt: skip
    found = set()
    for y, line in enumerate(canvas.text().split("\n")):
        for x, char in enumerate(line):
            if char != " ":
                found |= {(2 * x + dx, 4 * y + dy) for bit, dx, dy in bits if ord(char) - 0x2800 & bit}
    return found


def draw_picture():
    """The function and tangent of picture c: the logistic function at e(o1)."""
    canvas, e = Canvas(28, 9), 1.105905967
    slope = logistic(e) * (1 - logistic(e))
    plot_function(canvas, 1, 0, 26, 9, each(logistic), name="s(e)", variable="e", at=e, slope=slope)
    return canvas


def test_the_tangent_of_the_picture():
    assert (
        draw_picture().text()
        == """\
 1                  ⡠⣊⠥⠤⠒⠒⠒
                  ⢠⠞⠉
   s(e)         ⢀⠖⡃
              ⢀⡴⠃ ⡂
            ⢀⣔⠏⠁  ⡂ slope
           ⢔⡕⠃    ⡂ +0.1868
         ⣀⠔⠁      ⡂
 0 ⠤⠤⠤⠒⠒⠉         ⡂
   −4          e 1.106    4"""
    )


def test_the_picture_without_braille():
    assert (
        draw_picture().text(SAFE)
        == """\
 1                  ▄██▄▀▀▀
                  ▄█▀
   s(e)         ▄██
              ▄█▀ █
            ▄██▀  █ slope
           ██▀    █ +0.1868
         ▄█▀      █
 0 ▄▄▄▀▀▀         █
   −4          e 1.106    4"""
    )
    assert draw_picture().text(ASCII).split("\n")[5] == "           ::'    : +0.1868"


def test_hues_of_function_tangent_and_labels():
    rows = draw_picture().rows()
    role_of = {text.strip(): role for row in rows for text, role in row if text.strip()}
    assert [role_of[text] for text in ("s(e)", "e 1.106", "slope", "+0.1868", "−4", "0")] == [
        "value", "value", "deriv-read", "deriv-read", "dim", "dim"]  # fmt: skip
    assert Run("⡂", "value") in rows[6]


def test_labels_give_way_at_the_edges_of_the_window():
    def axis(at):
        canvas = Canvas(27, 9)
        plot_function(canvas, 0, 0, 27, 9, each(logistic), name="s(e)", variable="e", at=at, slope=0.1)
        return canvas.text().split("\n")[-1].split()

    assert axis(0.0) == ["−4", "e", "0", "4"]
    assert axis(-3.9) == ["e", "−3.900", "4"]
    assert axis(3.9) == ["−4", "e", "3.900"]
    assert axis(40.0) == ["−50", "e", "40.00"]


@pytest.mark.parametrize("function", [logistic, math.tanh, lambda x: max(x, 0.0), lambda x: x, lambda x: 1.0])
@given(at=st.floats(-30, 30))
def test_a_plot_stays_in_its_place_and_covers_no_curve_with_labels(function, at):
    canvas = Canvas(40, 14)
    slope = (function(at + 1e-6) - function(at - 1e-6)) / 2e-6
    plot = plot_function(canvas, 4, 2, 30, 10, each(function), name="f(e)", variable="e", at=at, slope=slope)
    text = canvas.text().split("\n")
    assert text[:2] == ["", ""]
    assert text[12:] == ["", ""]
    assert all(line[:4].strip() == "" and len(line) <= 34 for line in text)
    shown = sum(0x2800 < ord(char) < 0x2900 for line in text for char in line)
    bare = Canvas(40, 14)
    plot.draw(bare, 4, 2)
    assert shown == sum(char not in " \n" for char in bare.text())


def test_the_corners_of_the_window_are_the_outermost_dots():
    plot = Plot(5, 3, xs=(-1, 1), ys=(0, 10))
    plot.polyline([(-1, 0), (1, 10)], "value")
    dots = dots_of(plot)
    assert {(0, 11), (9, 0)} <= dots
    assert plot.cell(-1, 10) == (0, 0)
    assert plot.cell(1, 0) == (4, 2)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_a_curve_has_no_gaps(gain, shift):
    plot = Plot(20, 6, xs=(-2, 2), ys=(-1.1, 1.1))
    plot.curve(each(lambda x: math.tanh(gain * x + shift)), "value")
    dots = sorted(dots_of(plot))
    assert {column for column, _ in dots} == set(range(40))
    for one, other in pairwise(range(40)):
        rows = [{row for column, row in dots if column == which} for which in (one, other)]
        assert min(abs(a - b) for a in rows[0] for b in rows[1]) <= 1


def test_what_is_not_finite_interrupts_and_what_is_far_outside_is_cut():
    plot = Plot(10, 2, xs=(0, 10), ys=(0, 1))
    plot.polyline([(0, 0.0), (3, 0.0), (4, math.nan), (6, 1.0), (7, math.inf), (8, 0.0), (9, 0.0)], "value")
    columns = {column for column, _ in dots_of(plot)}
    assert {0, 6} <= columns
    assert not columns & {8, 10, 12, 14}
    steep = Plot(10, 2, xs=(0, 10), ys=(0, 1))
    steep.polyline([(0, -1e300), (10, 1e300)], "value")
    assert {column for column, _ in dots_of(steep)} <= {9, 10}
    steep.polyline([(-5, 2), (20, 2)], "value")
    steep.polyline([(-5, -5), (-4, 8)], "value")
    assert {column for column, _ in dots_of(steep)} <= {9, 10}


def test_a_vertical_is_dotted():
    plot = Plot(4, 2, xs=(0, 7), ys=(0, 7))
    plot.vertical(3, "value", top=4)
    assert dots_of(plot) == {(3, 3), (3, 5), (3, 7)}
    plot.vertical(0, "value")
    assert {(0, 1), (0, 3), (0, 5), (0, 7)} <= dots_of(plot)


def test_the_last_role_of_a_cell_wins_and_empty_cells_cover_nothing():
    plot, canvas = Plot(3, 1, xs=(0, 5), ys=(0, 3)), Canvas(3, 1)
    plot.dot(0, 0, "value")
    plot.dot(1, 1, "deriv-read")
    plot.dot(99, 0, "value")
    canvas.put(0, 0, "abc", "faint")
    plot.draw(canvas, 0, 0)
    assert canvas.row(0) == (Run("⠑", "deriv-read"), Run("bc", "faint"))
    assert not plot.is_free(0, 0, 1)
    assert plot.is_free(1, 0, 2)
    assert not plot.is_free(1, 0, 3)


@pytest.mark.parametrize(
    ("function", "xs", "ys"),
    [(logistic, (-4, 4), (0, 1)), (math.tanh, (-4, 4), (-1, 1)), (lambda x: max(x, 0.0), (-4, 4), (0, 4)),
     (lambda x: 2.0, (-4, 4), (1, 3)), (lambda x: math.nan, (-4, 4), (-1, 1)),
     (lambda x: x / 1000, (0, 3), (0, 0.003))],
)  # fmt: skip
def test_bounds_are_round(function, xs, ys):
    assert bounds(each(function), xs) == ys


@pytest.mark.parametrize(
    ("width", "height", "xs", "ys"), [(0, 1, (0, 1), (0, 1)), (1, 1, (1, 1), (0, 1)), (1, 1, (0, 1), (2, 1))]
)
def test_a_plot_needs_a_window(width, height, xs, ys):
    with pytest.raises(ValueError, match="from low to high"):
        Plot(width, height, xs, ys)
