"""Curves with axes, in braille: whole numbers across (epochs, layers), a linear or a logarithmic scale up.

A curve bears its name at its end, so that it is known without its colour, on paper and in a pipe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bpstep.lazily import dataclass
from bpstep.view.drawing.braille import Plot
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import group, shortest

__all__ = ["MARGIN", "Curve", "Mark", "draw_curves"]

#: The columns left of the plot, for the numbers of the scale.
MARGIN = 8


@dataclass(frozen=True)
class Curve:
    """A curve: its name, its points (a whole number, a value) in order, and its role."""

    name: str
    points: Sequence[tuple[int, float]]
    role: str


@dataclass(frozen=True)
class Mark:
    """A point that is marked with ◆, and what is said of it."""

    x: int
    y: float
    label: str


def draw_curves(
    canvas: Canvas,
    top: int,
    height: int,
    curves: Sequence[Curve],
    *,
    log: bool,
    mark: Mark | None = None,
    names: bool = True,
) -> bool:
    """Draw curves over the whole width, from the row ``top`` on: ``height`` rows, and two below them for the axis.

    What can not stand on a logarithmic axis is left out.  False where nothing can be drawn, or there is no room.
    """
    width = canvas.width - MARGIN - 2

    def stands(y: float) -> bool:
        return math.isfinite(y) and (y > 0.0 or not log)

    values = [y for curve in curves for _, y in curve.points if stands(y)]
    if not values or width < 10 or height < 3:
        return False
    last = max((x for curve in curves for x, _ in curve.points), default=1)
    scale: Callable[[float], float] = _log10 if log else float
    low, high = _range(values, log)
    plot, x = Plot(width, height, (0.0, float(max(2, last))), (low, high)), MARGIN
    _draw_grid(canvas, x, top, plot, log)
    for curve in curves:
        points = [(float(k), scale(y)) for k, y in curve.points if stands(y)]
        plot.polyline(points if len(points) > 1 else points * 2, curve.role)
    plot.draw(canvas, x, top)
    canvas.path([(x - 1, top), (x - 1, top + height), (x + width, top + height)], "hairline")
    _draw_scale(canvas, x, top + height + 1, width, plot)
    spans: list[_Span] = []
    if mark is not None and stands(mark.y):
        spans = _draw_mark(canvas, x, top, plot.cell(float(mark.x), scale(mark.y)), mark.label)
    if names:
        _draw_names(canvas, plot, curves, scale, (x, top), spans)
    return True


#: Where something is written in a plot: the row, the first column, and the one behind the last.
_Span = tuple[int, int, int]


def _draw_grid(canvas: Canvas, x: int, top: int, plot: Plot, log: bool) -> None:
    low, high = plot.ys
    for tick in _ticks(low, high, log):
        row = top + round(plot.row(tick)) // 4
        canvas.put(x, row, "┄" * plot.width, "faint")
        text = _power(tick) if log else shortest(float(f"{tick:.6g}"))
        canvas.put(x - 1 - len(text), row, text, "dim")


def _draw_mark(canvas: Canvas, x: int, top: int, at: tuple[int, int], label: str) -> list[_Span]:
    """The mark and its label; where they stand."""
    column, row = at
    left = column - len(label) - 2
    left, above = left if left > 0 else column + 2, max(0, row - 1)
    canvas.put(x + column, top + row, "◆", "value-read")
    canvas.put(x + left, top + above, label, "value-read")
    return [(row, column, column + 1), (above, left, left + len(label))]


def _log10(value: float) -> float:
    return math.log10(value)


def _range(values: Sequence[float], log: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if log:
        return math.floor(math.log10(low)), max(math.ceil(math.log10(high)), math.floor(math.log10(low)) + 1)
    return (0.0 if low > 0.0 else low), (high if high > low else low + 1.0)


def _ticks(low: float, high: float, log: bool) -> list[float]:
    if not log:
        return [low + (high - low) * k / 4 for k in range(5)]
    step = max(1, math.ceil((high - low) / 6))
    return [float(power) for power in range(round(low), round(high) + 1, step)]


def _power(tick: float) -> str:
    return f"1e{round(tick)}".replace("-", "−") if tick < -3 or tick > 4 else f"{10.0**tick:g}"


def _draw_scale(canvas: Canvas, x: int, row: int, width: int, plot: Plot) -> None:
    """Whole numbers under the axis: 0, the end, and what fits between."""
    last = round(plot.xs[1])
    for number in sorted({last * part // 4 for part in range(5)}):
        text = group(number)
        before = 0 if number == 0 else len(text) if number == last else len(text) // 2
        canvas.put(x + round(width * number / last) - before, row, text, "dim")


def _draw_names(
    canvas: Canvas,
    plot: Plot,
    curves: Sequence[Curve],
    scale: Callable[[float], float],
    at: tuple[int, int],
    taken: list[_Span],
) -> None:
    """The name of each curve at its end, or as near to it as nothing else is written."""
    for curve in curves:
        points = [(k, y) for k, y in curve.points if math.isfinite(y) and y > 0.0]
        if not points:
            continue
        column, row = plot.cell(float(points[-1][0]), scale(points[-1][1]))
        start = max(0, min(column + 1, plot.width - len(curve.name)))
        end = start + len(curve.name)
        nearest = sorted(range(plot.height), key=lambda place: (abs(place - row), place < row))
        free = (y for y in nearest if not any(y == one and start < b and a < end for one, a, b in taken))
        place = next(free, None)
        if place is not None:
            taken.append((place, start, end))
            canvas.put(at[0] + start, at[1] + place, curve.name, curve.role)
