"""The decision of a net with two inputs: its first output over the plane of these, as a map of digits.

Each point of the map is an input that the net is given, with the parameters at the end of an epoch.  A digit is the
first of the output where that lies between 0 and 1; elsewhere 0 is the lowest output on the map and 9 the highest.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.passes import go_forward, starting_values
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.drawing.numbers import NumberFormat, group, shortest
from bpstep.view.drawing.plots import MARGIN
from bpstep.view.symbols.spelling import symbols_of

__all__ = ["draw_decision"]

#: Above the map stand the title of the pane and what the digits mean.
_TOP = 2
_WIDEST = 61


def draw_decision(session: Session, canvas: Canvas, epoch: int) -> None:
    """The map behind an epoch (from 0), bold where the output is over one half, and the samples in it."""
    run = session.run
    batch = min((epoch + 1) * run.timeline.batches_per_epoch, run.timeline.batches)
    problem = run.setup_of(min(batch, run.timeline.batches - 1)).problem
    assert isinstance(problem, NetworkSpec)
    width, height = min(canvas.width - MARGIN - 4, _WIDEST), canvas.height - 6
    if width < 12 or height < 5:
        return
    plane = _plane_around(problem.x, width, height)
    found = _outputs_of(run, batch, plane.points)[:, 0].reshape(height, width)
    bottom, top = (0.0, 1.0) if found.min() >= 0.0 and found.max() <= 1.0 else (found.min(), found.max())
    parts = (found - bottom) / (top - bottom) if top > bottom else np.zeros_like(found)
    s = symbols_of(session)
    output = s(cells.y(problem.layers[-1].neurons[0]))
    text = f"{output} after epoch {group(epoch + 1)}: {_what_digits_mean(bottom, top)}"
    canvas.put(2, 1, cut(text, canvas.width - 3), "dim")
    _draw_digits(canvas, parts)
    for sample, target in zip(problem.x, problem.t[:, 0], strict=True):
        column, row = plane.place_of(sample)
        canvas.put(MARGIN + column - 1, _TOP + row, f"[{shortest(float(target))}]", "value-chip")
    _draw_axes(canvas, plane, *problem.inputs)
    canvas.put(2, canvas.height - 1, f"[{s.notation.target}] are the samples with their targets.", "text")


@dataclass(frozen=True, eq=False)
class _Plane:
    """A part of the plane of two inputs: ``low`` and ``high`` of each, in so many columns and rows."""

    low: Array
    high: Array
    width: int
    height: int

    @cached_property
    def across(self) -> Array:
        """The first input in each column."""
        return np.linspace(self.low[0], self.high[0], self.width)

    @cached_property
    def up(self) -> Array:
        """The second input in each row, from the top."""
        return np.linspace(self.high[1], self.low[1], self.height)

    @property
    def points(self) -> Array:
        """Both inputs at each place, row by row: (places, 2)."""
        return np.stack([np.tile(self.across, self.height), np.repeat(self.up, self.width)], axis=1)

    def place_of(self, sample: Array) -> tuple[int, int]:
        """The column and the row of a sample."""
        size = self.high - self.low
        column = round(float((sample[0] - self.low[0]) / size[0]) * (self.width - 1))
        row = round(float((self.high[1] - sample[1]) / size[1]) * (self.height - 1))
        return column, row


def _plane_around(x: Array, width: int, height: int) -> _Plane:
    """The plane with some samples, (samples, 2), and a quarter as much again on each side."""
    low, high = x.min(axis=0), x.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    return _Plane(low - 0.25 * spread, high + 0.25 * spread, width, height)


def _outputs_of(run: Run, batch: int, points: Array) -> Array:
    """What the net gives for inputs (points, inputs), with the parameters at the start of a batch."""
    graph = run.setup_of(min(batch, run.timeline.batches - 1)).graph
    given = [
        points if vector.kind == "y" else np.zeros((len(points), len(vector.names))) for vector in graph.given
    ]
    values = starting_values(graph, run.snapshot(batch).parameters, given)
    with np.errstate(all="ignore"):
        go_forward(graph, values, len(points))
    cost = graph.producer(graph.root)
    assert cost is not None, "a network ends with its cost"
    return values[cost.edges[0].tail.id]


def _what_digits_mean(bottom: float, top: float) -> str:
    """The legend of the map."""
    if (bottom, top) == (0.0, 1.0):
        return "3 is 0.3 and more, under 0.4; bold from 0.5 on"
    numbers = NumberFormat(3)
    return f"0 is lowest ({numbers.bare(bottom)}), 9 highest ({numbers.bare(top)}); bold is the upper half"


def _draw_digits(canvas: Canvas, parts: Array) -> None:
    """A digit for each part of the way from the lowest output to the highest, (rows, columns)."""
    for row, numbers in enumerate(parts.tolist()):
        for column, part in enumerate(numbers):
            digit = str(min(9, int(part * 10))) if math.isfinite(part) else "?"
            canvas.put(MARGIN + column, _TOP + row, digit, "value-read" if part >= 0.5 else "dim")


def _draw_axes(canvas: Canvas, plane: _Plane, first: str, second: str) -> None:
    """The names of both inputs, and where each of them begins and ends."""
    left, right, upper, lower = (
        shortest(float(f"{end:.4g}"))
        for end in (plane.across[0], plane.across[-1], plane.up[0], plane.up[-1])
    )
    for row, text in ((0, upper), (plane.height // 2, second), (plane.height - 1, lower)):
        canvas.put(2, _TOP + row, cut(text, MARGIN - 3), "dim")
    below = _TOP + plane.height
    canvas.put(MARGIN, below, left, "dim")
    canvas.put(MARGIN + plane.width // 2, below, first, "dim")
    canvas.put(MARGIN + plane.width - len(right), below, right, "dim")
