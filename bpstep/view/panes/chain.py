"""The chain pane: how the number of this step comes about, as far as it has come.

Going back it is the chain rule to here: a ledger with the rule in symbols at its head, one line per consumer,
the product of each line, and the sum so far.  What is already one known number (a delta) is bracketed: it was
computed once, and is used again and again.  Going forward it is the sum to here; in the update, the gradient
that is used.  Every ledger is made from the same facts: the steps that write the cell.
"""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap

from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.drawing.braille import plot_function
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, folded_lines, hairline
from bpstep.view.panes.backward_ledger import backward_ledger
from bpstep.view.panes.forward_ledger import forward_ledger
from bpstep.view.panes.gathering import FEWEST_DIGITS, MARGIN, Placed
from bpstep.view.scene.frame import Frame
from bpstep.view.words.cases import has_update, update_formulas
from bpstep.view.words.curve import curve_of
from bpstep.view.words.general import Network
from bpstep.view.words.inline import inline
from bpstep.view.words.remarks import closing_remarks, where_it_goes

__all__ = ["draw", "title"]


def title(step: Step | None) -> str:
    """What the pane is called at a step."""
    if step is None:
        return "what will be computed"
    if step.when.phase == "update":
        return "the gradient it uses"
    if step.op == "apply":
        return "where it goes"
    if step.op in ("tangent", "local"):
        return "chain rule to here"
    return "sum to here" if step.when.phase == "forward" else "chain rule to here"


def draw(frame: Frame, width: int, height: int) -> Canvas:
    """The pane for the step that was done last."""
    canvas = Canvas(width, height)
    step = frame.step
    hairline(canvas, 0, 0, width, [(title(step), "dim")])
    if step is None:
        _draw_plan(frame, canvas)
        return canvas
    placed = _fitting(frame, step, height, width)
    if placed is None:
        top = 2 if height >= 10 else 1
        for row, (text, role) in enumerate(
            folded_lines(where_it_goes(frame, step, height - top), width - 3), top
        ):
            canvas.put(2, row, text, role)
        return canvas
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
    return canvas


def _fitting(frame: Frame, step: Step, height: int, width: int) -> Placed | None:
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


def _draw_plan(frame: Frame, canvas: Canvas) -> None:
    """At the start: what the three phases will do."""
    s = frame.symbols
    lines = [("" if place else "▶ forward", "value", text) for place, text in enumerate(_forward(frame))]
    if frame.setup.wrt is not None:
        by = s(frame.setup.wrt)
        lines.append(("▶ tangents", "deriv", f"dot(every cell) = its derivative by {by}, beside its value"))
    else:
        lines.append(("◀ backward", "deriv", f"∂{s.root}/∂(every cell): upstream × local, summed"))
    if has_update(frame):
        states, update = update_formulas(frame)
        texts = [*states, update]
        lines += [("" if place else "Δ update", "update", text) for place, text in enumerate(texts)]
    folded = [
        ("" if place else name, role, line)
        for name, role, text in lines
        for place, line in enumerate(wrap(text.replace(" · ", "·"), canvas.width - 15))
    ]
    lines = folded if len(folded) < canvas.height else lines
    groups = sum(1 for name, _, _ in lines if name)
    row, airy = 0, len(lines) + groups < canvas.height
    for name, role, text in lines:
        row += 2 if name and airy else 1
        canvas.put(2, row, name, role)
        canvas.put(14, row, cut(text.replace(" · ", "·"), canvas.width - 15), "text")


def _forward(frame: Frame) -> list[str]:
    """The forward pass, and what it ends with."""
    problem = frame.setup.problem
    if isinstance(problem, NetworkSpec):
        rules = Network.of(frame)
        neuron = f"{rules.net(*problem.layers)}, {rules.outputs(*problem.layers)}"
        return [neuron, ", ".join(text for text in (rules.cost(), rules.loss()) if text)]
    statements = (frame.step_at(k) for k in range(1, min(4, len(problem.operations)) + 1))
    return [", ".join(inline(frame, step) for step in statements)]
