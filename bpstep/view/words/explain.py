"""`explain`: this step in words, as a case of a rule, in symbols and in numbers; of a slope, its curve."""

from __future__ import annotations

import textwrap

from bpstep.debugger.session import Session
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Step
from bpstep.view.drawing.braille import plot_function
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import group
from bpstep.view.scene.frame import Frame
from bpstep.view.words.cases import general_formula
from bpstep.view.words.curve import curve_of
from bpstep.view.words.inline import inline
from bpstep.view.words.narrate import sentence
from bpstep.view.words.remarks import closing_remarks

__all__ = ["explain_lines"]

Lines = list[tuple[str, str]]


def explain_lines(session: Session, width: int) -> Lines:
    """This step: what it does, why, its general formula, its numbers; of a slope, the curve."""
    frame = Frame.of(session)
    step = frame.step
    if step is None:
        return [
            ("Nothing is computed yet: the first step is the first operation of the forward pass.", "text")
        ]
    s = frame.symbols
    lines: Lines = [(f"step {group(step.number)}   {step.op}   {s(step.cell)}   ({step.cell})", "strong")]
    lines += [(line, "text") for line in textwrap.wrap(sentence(frame, step), width - 2)]
    lines += [("", ""), (f"in general   {general_formula(frame, step)}", "text")]
    lines.append((f"here         {inline(frame, step, s)}", "text"))
    equation = step.equation(max(6, session.options.digits)).replace("*", "×")
    lines.append((f"in numbers   {equation}", "text"))
    rule = session.setup.rule
    if rule is not CORRECT and not session.conceals and step.when.phase != "forward":
        lines += [(line, "alarm") for line in textwrap.wrap(f"rule {rule.name}: {rule.says}", width - 2)]
    for remark in closing_remarks(frame, step):
        lines += [(line, "dim") for line in textwrap.wrap(remark, width - 2)]
    if s.notation.name == "pdp" and step.cell.kind == "d":
        net = f"∂{s.root}/∂{s.net}"
        lines.append((f"The book's δ has the opposite sign: −{net}. Here δ is always +{net}.", "dim"))
    return [*lines, *_curve_lines(frame, step, width)]


def _curve_lines(frame: Frame, step: Step, width: int) -> Lines:
    """The function with its tangent, and its slope as a function, both with the point marked."""
    curve = curve_of(frame, step) if step.op == "local" else None
    if curve is None:
        return []
    numbers = frame.numbers
    half = min(34, (width - 4) // 2)
    canvas = Canvas(2 * half + 4, 10)
    plot_function(
        canvas, 0, 0, half, 10, curve.value, name=curve.name, variable=curve.variable, at=curve.at, slope=step.value,
        numbers=numbers,
    )  # fmt: skip
    plot_function(
        canvas, half + 4, 0, half, 10, curve.slope, name="its slope", variable=curve.variable, at=curve.at,
        slope=None, numbers=numbers,
    )  # fmt: skip
    return [("", ""), *((line, "value") for line in canvas.text().split("\n"))]
