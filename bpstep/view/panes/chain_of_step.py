"""What the chain pane shows at a step: its ledger, and what is to be said below it; beside a slope the curve.

Every ledger is made from the same facts: the steps that write the cell.  At the start there is none: so the pane
(`chain`) asks for this module when there is a step.
"""

from __future__ import annotations

from dataclasses import replace

from bpstep.engine.steps import Step
from bpstep.view.drawing.braille import plot_function
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import folded_lines
from bpstep.view.panes.backward_ledger import backward_ledger
from bpstep.view.panes.forward_ledger import forward_ledger
from bpstep.view.panes.gathering import FEWEST_DIGITS, MARGIN, Placed
from bpstep.view.scene.frame import Frame
from bpstep.view.words.curve import curve_of
from bpstep.view.words.remarks import closing_remarks, where_it_goes

__all__ = ["draw_chain", "fitting_ledger"]


def draw_chain(frame: Frame, step: Step, canvas: Canvas) -> None:
    """How the number of a step comes about, below the title of the pane."""
    width, height = canvas.width, canvas.height
    placed = fitting_ledger(frame, step, height, width)
    if placed is None:
        top = 2 if height >= 10 else 1
        for row, (text, role) in enumerate(
            folded_lines(where_it_goes(frame, step, height - top), width - 3), top
        ):
            canvas.put(2, row, text, role)
        return
    ledger, top, stacked = placed
    if _LEFT + ledger.width(stacked=stacked) < _CURVE_AT:
        _draw_tangent(frame, step, canvas)
    places = ledger.draw(canvas, _LEFT, top, stacked=stacked, width=width - 3)
    row = places.total if ledger.total else places.end
    room = (places.equals if ledger.total else width) - 3
    for remark in closing_remarks(frame, step):
        if row >= height:
            break
        if ledger.total and not stacked and row == places.total:
            row += 1
            room = width - 3
            continue
        if len(remark) <= room:
            canvas.put(2, row, remark, "dim")
            row += 1
            room = width - 3


def fitting_ledger(frame: Frame, step: Step, height: int, width: int) -> Placed | None:
    """The ledger of a step in as many digits as there is room for: a number loses digits, it is never cut.

    Where three digits are too many the rule in symbols, whose fractions keep the columns apart, is left out; then there
    is room for more digits again.
    """
    make = forward_ledger if step.when.phase == "forward" else backward_ledger
    most = frame.options.digits
    placed = None
    for with_rule in (True, False):
        for digits in range(most, min(most, FEWEST_DIGITS) - 1, -1):
            placed = make(frame, step, height, width, digits)
            if placed is None:
                return None
            ledger, top, stacked = placed
            if not with_rule:
                ledger = replace(ledger, head=ledger.head[:1], factors=(), brackets=())
                placed = ledger, top, stacked
            if ledger.width(stacked=stacked, roomy=False) <= width - MARGIN:
                return placed
    return placed


#: Where a ledger begins.
_LEFT = 2
#: Where the curve stands, and how wide it is, where the pane has room for both.
_CURVE_AT, _CURVE_WIDTH, _CURVE_HEIGHT = 55, 28, 10


def _draw_tangent(frame: Frame, step: Step, canvas: Canvas) -> None:
    """Beside a local derivative: the function, with its tangent at this point."""
    room = canvas.width >= _CURVE_AT + _CURVE_WIDTH and canvas.height >= _CURVE_HEIGHT
    curve = curve_of(frame, step) if step.op == "local" and room else None
    if curve is None:
        return
    height = min(canvas.height - 1, _CURVE_HEIGHT)
    plot_function(
        canvas, _CURVE_AT, 1, _CURVE_WIDTH, height, curve.value, name=curve.name,
        variable=curve.variable, at=curve.at, slope=step.value, numbers=frame.numbers,
    )  # fmt: skip
