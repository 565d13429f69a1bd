"""Braille: curves, with two by four dots in every cell.

A `Plot` is a window onto the plane.  Curves, segments and dotted verticals leave dots in it; in a cell that
several of them touch, the last one gives the role.  Drawn on a canvas it covers only the cells where there
are dots.  Where a font has no braille, the glyph set turns the dots into half blocks (`▀▄█`, or `'.:` in
ASCII) when the canvas is emitted.

    >>> from bpstep.view.drawing.canvas import Canvas
    >>> plot, canvas = Plot(12, 2, xs=(-3, 3), ys=(0, 9)), Canvas(12, 2)
    >>> plot.curve(lambda xs: [x * x for x in xs], "value")
    >>> plot.draw(canvas, 0, 0)
    >>> print(canvas.text())
    ⠓⢄        ⡠⠎
      ⠑⠢⢄⣀⣀⡠⠔⠊
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import NumberFormat, shortest

__all__ = ["Function", "Plot", "bounds", "plot_function"]

#: A function of one number, which is given many at a time.
Function = Callable[[Sequence[float]], Sequence[float]]

# The bit of each dot in a braille character, by row and column of the dot.
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_ACROSS, _DOWN = 2, 4

# How far the tangent is drawn to either side, as a part of the window.
_TANGENT = 0.3


class Plot:
    """A window of `width` × `height` cells onto the values `xs` = (left, right), `ys` = (bottom, top)."""

    def __init__(self, width: int, height: int, xs: tuple[float, float], ys: tuple[float, float]) -> None:
        if width < 1 or height < 1 or not xs[0] < xs[1] or not ys[0] < ys[1]:
            raise ValueError("a plot needs at least one cell and a range from low to high on both axes")
        self.width, self.height, self.xs, self.ys = width, height, xs, ys
        self._dots = [0] * (width * height)
        self._roles = [""] * (width * height)

    def column(self, x: float) -> float:
        """Dot columns from the left edge to x; the outermost dots stand at the ends of the range."""
        return (x - self.xs[0]) / (self.xs[1] - self.xs[0]) * (self.width * _ACROSS - 1)

    def row(self, y: float) -> float:
        """Dot rows from the upper edge down to y."""
        return (self.ys[1] - y) / (self.ys[1] - self.ys[0]) * (self.height * _DOWN - 1)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Find the cell (column, row) that a point lies in, for a mark on the curve."""
        return round(self.column(x)) // _ACROSS, round(self.row(y)) // _DOWN

    def dot(self, column: int, row: int, role: str) -> None:
        """Set one dot, if it lies in the window."""
        if 0 <= column < self.width * _ACROSS and 0 <= row < self.height * _DOWN:
            index = row // _DOWN * self.width + column // _ACROSS
            self._dots[index] |= _BITS[row % _DOWN][column % _ACROSS]
            self._roles[index] = role

    def polyline(self, points: Iterable[tuple[float, float]], role: str) -> None:
        """Join points (x, y) by straight lines. A point that is not finite interrupts the line."""
        placed = [(self.column(x), self.row(y)) for x, y in points]
        for start, end in pairwise(placed):
            if all(map(math.isfinite, (*start, *end))):
                self._segment(start, end, role)

    def curve(self, function: Function, role: str) -> None:
        """Draw y = function(x) over the whole window."""
        last = self.width * _ACROSS - 1
        left, right = self.xs
        xs = [left + (right - left) * column / last for column in range(last + 1)]
        self.polyline(zip(xs, function(xs), strict=True), role)

    def vertical(self, x: float, role: str, top: float | None = None) -> None:
        """Draw a dotted vertical at x, from y = `top` (or the upper edge) to the lower edge."""
        column = round(self.column(x))
        first = 0 if top is None else round(self.row(top))
        for row in range(max(first, 0) | 1, self.height * _DOWN, 2):
            self.dot(column, row, role)

    def is_free(self, column: int, row: int, length: int) -> bool:
        """Say whether `length` cells of a row lie in the window and have no dots: room for a label."""
        if not (0 <= column <= self.width - length and 0 <= row < self.height):
            return False
        start = row * self.width + column
        return not any(self._dots[start : start + length])

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Put the dots on a canvas, the upper left cell at (x, y)."""
        for index, dots in enumerate(self._dots):
            if dots:
                row, column = divmod(index, self.width)
                canvas.put(x + column, y + row, chr(0x2800 + dots), self._roles[index])

    def _segment(self, start: tuple[float, float], end: tuple[float, float], role: str) -> None:
        clipped = _clip(start, end, self.width * _ACROSS - 1, self.height * _DOWN - 1)
        if clipped is None:
            return
        (column, row), (last_column, last_row) = clipped
        count = max(1, math.ceil(max(abs(last_column - column), abs(last_row - row))))
        for number in range(count + 1):
            part = number / count
            at = column + (last_column - column) * part, row + (last_row - row) * part
            self.dot(round(at[0]), round(at[1]), role)


def _clip(
    start: tuple[float, float], end: tuple[float, float], width: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Cut a segment to (0, 0)-(width, height), after Liang and Barsky (1984); None if nothing is left."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for step, room in ((-dx, x), (dx, width - x), (-dy, y), (dy, height - y)):
        if step == 0:
            if room < -0.5:  # half a dot outside still rounds to the outermost dot
                return None
        elif step < 0:
            first = max(first, (room + 0.5) / step)
        else:
            last = min(last, (room + 0.5) / step)
    if first > last:
        return None
    return (x + first * dx, y + first * dy), (x + last * dx, y + last * dy)


def bounds(function: Function, xs: tuple[float, float]) -> tuple[float, float]:
    """Choose a range of y for a function: what it takes over xs, widened to round numbers.

    >>> bounds(lambda xs: [1 / (1 + math.exp(-x)) for x in xs], (-4, 4))
    (0.0, 1.0)
    >>> bounds(lambda xs: [max(x, 0.0) for x in xs], (-4, 4))
    (0.0, 4.0)
    """
    left, right = xs
    sampled = function([left + (right - left) * part / 64 for part in range(65)])
    finite = [y for y in sampled if math.isfinite(y)] or [0.0]
    low, high = min(finite), max(finite)
    if low == high:
        low, high = low - 1, high + 1
    step = 10.0 ** math.floor(math.log10(high - low))
    return _tidy(math.floor(low / step) * step), _tidy(math.ceil(high / step) * step)


def _tidy(x: float) -> float:
    return float(f"{x:.12g}")  # 3 · 0.1 is 0.30000000000000004


def plot_function(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    height: int,
    function: Function,
    *,
    name: str,
    variable: str,
    at: float,
    slope: float | None,
    numbers: NumberFormat | None = None,
    xs: tuple[float, float] | None = None,
    ys: tuple[float, float] | None = None,
) -> Plot:
    """Draw a function with its tangent at a point, in `width` × `height` cells with the numbers at the axes.

    `name` is the function's symbol (`s(e)`), `variable` its argument's; `slope` is the derivative at
    `at`, or None for a curve without tangent.
    The window is −4 to 4, or wide enough for `at`, and as high as the function needs, unless `xs` and `ys`
    say otherwise.  `name` and the slope stand where the curve leaves room for them.
    """
    numbers = numbers or NumberFormat()
    xs = xs or _window(at)
    ys = ys or bounds(function, xs)
    top, bottom = shortest(ys[1]), shortest(ys[0])
    margin = max(len(top), len(bottom)) + 1
    plot = Plot(width - margin, height - 1, xs, ys)
    value, reach = function([at])[0], (xs[1] - xs[0]) * _TANGENT
    plot.curve(function, "value")
    plot.vertical(at, "value", value)
    if slope is not None:
        ends = (at - reach, value - slope * reach), (at + reach, value + slope * reach)
        plot.polyline(ends, "deriv-read")
    plot.draw(canvas, x + margin, y)
    canvas.put(x + margin - 1 - len(top), y, top, "dim")
    canvas.put(x + margin - 1 - len(bottom), y + height - 2, bottom, "dim")
    _label_axis(canvas, x + margin, y + height - 1, plot, f"{variable} {numbers.bare(at)}", at)
    _label_curve(
        canvas, x + margin, y, plot, name, ["slope", numbers.deriv(slope)] if slope is not None else [], at
    )
    return plot


def _window(at: float) -> tuple[float, float]:
    half = 4.0 if abs(at) <= 4 else float(math.ceil(abs(at) * 1.25))
    return -half, half


def _label_axis(canvas: Canvas, x: int, y: int, plot: Plot, label: str, at: float) -> None:
    """Write the ends of the axis and, under the dotted vertical, where we are; ends give way."""
    left, right = (shortest(end) for end in plot.xs)
    start = plot.cell(at, plot.ys[0])[0] - len(label) // 2
    start = max(0, min(start, plot.width - len(label)))
    if start > len(left):
        canvas.put(x, y, left, "dim")
    if start + len(label) < plot.width - len(right):
        canvas.put(x + plot.width - len(right), y, right, "dim")
    canvas.put(x + start, y, label, "value")


def _label_curve(
    canvas: Canvas, x: int, y: int, plot: Plot, name: str, slope: Sequence[str], at: float
) -> None:
    """Write the function's name at an edge of the window, and the slope beside the dotted vertical."""
    column, length = plot.cell(at, plot.ys[0])[0], max(map(len, slope), default=0)
    beside = (column + 2, column - 1 - length)
    rows = _from(plot.height // 2, plot.height - len(slope))
    free = ((start, row) for row in rows for start in beside
            if all(plot.is_free(start, row + line, length) for line in range(len(slope))))  # fmt: skip
    start, row = next(free, (0, plot.height))
    taken = range(row, min(row + len(slope), plot.height))
    for line, text in zip(taken, slope, strict=False):
        canvas.put(x + start, y + line, text, "deriv-read")
    for row in _from(plot.height // 4, plot.height - 1):
        for start in (0, plot.width - len(name)):
            if row not in taken and plot.is_free(start, row, len(name)):
                canvas.put(x + start, y + row, name, "value")
                return


def _from(first: int, last: int) -> list[int]:
    """List the rows from 0 to `last`, those nearest to `first` first and, of two, the lower one."""
    return sorted(range(last + 1), key=lambda row: (abs(row - first), -row))
