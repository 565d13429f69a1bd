"""The factor that an answer left out: the chain rule with a hole where the factor belongs."""

from __future__ import annotations

from bpstep.debugger.answers import Hole
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.exercises.grade import named
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.fractions import Fraction, Item, draw_formula
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.symbols.spelling import symbols_of

__all__ = ["HIGH", "LOW", "draw_hole", "hole_line"]

#: Rows that it takes with fractions on two lines, and on one.
HIGH, LOW = 6, 3


def hole_line(session: Session, hole: Hole) -> str:
    """It in one line, with the cells as the question names them."""
    have = NumberFormat(session.options.digits).deriv(hole.upstream.value)
    up, local, asked = named(hole.upstream.cell), named(hole.local), named(hole.asked)
    return f"You gave {up}. One step further back: {up} · {local} = {asked}, {have} × ? = ?"


def draw_hole(canvas: Canvas, x: int, y: int, session: Session, hole: Hole, *, stacked: bool) -> None:
    """Three fractions, what is known of them, and which is which; `HIGH` rows, or `LOW`."""
    s = symbols_of(session)
    via, target = hole.upstream.cell.of, hole.asked.of
    assert isinstance(via, Cell)
    assert isinstance(target, Cell)
    chain = (
        Fraction(f"∂{s.root}", f"∂{s(via)}"),
        Fraction(f"∂{s(via)}", f"∂{s(target)}", "deriv-read"),
        Fraction(f"∂{s.root}", f"∂{s(target)}"),
    )
    have = NumberFormat(session.options.digits).deriv(hole.upstream.value)
    column = max(len(have), *(f.bar if stacked else f.width(stacked=False) for f in chain))
    signs = ("·", "=")
    if stacked:
        items: list[Item] = [chain[0], Run("·", "dim"), chain[1], Run("=", "dim"), chain[2]]
        draw_formula(canvas, x, y + 1, items, bar=column)
    rows = [
        [Run(have, "deriv"), Run("?", "alarm"), Run("?", "deriv-read")],
        [Run("you gave", "dim"), Run("missing", "alarm"), Run("asked", "dim")],
    ]
    top = y + 4 if stacked else y + 1
    for place, fraction in enumerate(chain):
        left = x + place * (column + 5)
        if not stacked:
            fraction.draw(canvas, left, y, stacked=False)
            if place < len(signs):
                canvas.put(left + column + 2, y, signs[place], "dim")
        if place < len(signs):
            canvas.put(left + column + 2, top, "×" if place == 0 else "=", "dim")
        for row, runs in enumerate(rows):
            canvas.put(left, top + row, *runs[place])
