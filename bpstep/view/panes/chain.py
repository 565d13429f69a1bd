"""The chain pane: how the number of this step comes about, as far as it has come.

Going back it is the chain rule to here: a ledger with the rule in symbols at its head, one line per consumer,
the product of each line, and the sum so far.  What is already one known number (a delta) is bracketed: it was
computed once, and is used again and again.  Going forward it is the sum to here; in the update, the gradient
that is used.  At the start it is what will be computed.
"""

from __future__ import annotations

from textwrap import wrap

from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.scene.frame import Frame
from bpstep.view.words.cases import has_update, update_formulas
from bpstep.view.words.general import Network
from bpstep.view.words.inline import inline

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
    else:
        from bpstep.view.panes.chain_of_step import draw_chain

        draw_chain(frame, step, canvas)
    return canvas


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
