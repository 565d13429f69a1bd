"""Curves with names and a mark: whatever they are, each name stands whole, and so does what is said of the mark."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.plots import MARGIN, Curve, Mark, draw_curves

LOSSES = st.floats(1e-6, 1e6)
NAMES = ("main", "b", "before", "plain", "a run with a long name")


@given(st.lists(LOSSES, min_size=1, max_size=4), st.integers(1, 4), LOSSES, st.integers(8, 16), st.booleans())
def test_names_and_the_mark_are_whole(
    ends: list[float], epochs: int, marked: float, rows: int, log: bool
) -> None:
    curves = [
        Curve(name, [(k, end) for k in range(1, epochs + 1)], "value")
        for name, end in zip(NAMES, ends, strict=False)
    ]
    mark = Mark(epochs, marked, f"epoch {epochs}   loss here")
    canvas = Canvas(74, rows + 2)
    curves.append(Curve("marked", [(epochs, marked)], "value"))
    assert draw_curves(canvas, 0, rows, curves, log=log, mark=mark)
    drawn = "\n".join(line[MARGIN:] for line in canvas.text().split("\n"))
    assert mark.label in drawn
    for curve in curves:
        assert curve.name in drawn, (curve.name, drawn)
