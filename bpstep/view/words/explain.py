"""`explain`: this step in words, as a case of a rule, in symbols and in numbers; of a slope, its curve."""

from __future__ import annotations

import textwrap

from bpstep.debugger.session import Session
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Step
from bpstep.view.drawing.braille import plot_function
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import group
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.words.array_rules import statements_told
from bpstep.view.words.cases import general_formula
from bpstep.view.words.curve import curve_of
from bpstep.view.words.inline import inline
from bpstep.view.words.meeting import Met, met_in
from bpstep.view.words.met_back import back_as_arrays, met_back
from bpstep.view.words.met_forward import met_forward
from bpstep.view.words.narrate import as_the_right_rule_has_it, sentence
from bpstep.view.words.of_arrays import statement_told
from bpstep.view.words.remarks import closing_remarks

__all__ = ["explain_lines"]

Lines = list[tuple[str, str]]

#: The columns of the names at the left.
_NAME = 13


def explain_lines(session: Session, width: int) -> Lines:
    """This step: what it does, why, its general formula, its numbers; of a slope, the curve."""
    frame = Frame.of(session)
    step = frame.step
    if step is None:
        return _start_lines(frame, width)
    s = frame.symbols
    lines: Lines = [(f"step {group(step.number)}   {step.op}   {s(step.cell)}   ({step.cell})", "strong")]
    lines += [(line, "text") for line in textwrap.wrap(sentence(frame, step), width - 2)]
    met = met_in(frame, step) if has_arrays(frame) else None
    lines += [("", ""), *(_operation_lines(met, width) if met is not None else [])]
    lines.append((f"in general   {general_formula(frame, step)}", "text"))
    lines.append((f"here         {inline(frame, step, s)}", "text"))
    equation = step.equation(max(6, session.options.digits)).replace("*", "×").replace("-", "−")
    lines.append((f"in numbers   {equation}", "text"))
    lines += _meeting_lines(met, width) if met is not None else []
    rule = session.setup.rule
    if rule is not CORRECT and not session.conceals and step.when.phase != "forward":
        lines += [(line, "alarm") for line in textwrap.wrap(f"rule {rule.name}: {rule.says}", width - 2)]
    for remark in closing_remarks(frame, step):
        lines += [(line, "dim") for line in textwrap.wrap(remark, width - 2)]
    if s.notation.delta_is_negative and step.cell.kind == "d":
        net = f"∂{s.root}/∂{s.net}"
        lines.append((f"The book's δ has the opposite sign: −{net}. Here δ is always +{net}.", "dim"))
    return [*lines, *_curve_lines(frame, step, width)]


def _start_lines(frame: Frame, width: int) -> Lines:
    """At the start: what is about to be computed."""
    text = "Nothing is computed yet: the first step is the first operation of the forward pass."
    lines = [(line, "text") for line in textwrap.wrap(text, width - 2)]
    first = frame.upcoming
    met = met_in(frame, first) if first is not None and has_arrays(frame) else None
    if met is None:
        return lines
    lines += [("", ""), *((f"  {line}", "text") for line in statements_told(frame)), ("", "")]
    told = met.frame.symbols.glyphs.spell(f"The first operation is {met.with_shapes}.")
    return [*lines, *((line, "text") for line in textwrap.wrap(told, width - 2))]


def _operation_lines(met: Met, width: int) -> Lines:
    """The operation over arrays that the step belongs to, the statement that it is a part of, and going back its rule
    in whole arrays."""
    rows = [("operation", met.with_shapes)]
    stated = statement_told(met.frame, met.head)
    rows += [("statement", stated)] if stated else []
    if met.focus.edge is not None:
        rows.append(("as arrays", back_as_arrays(met)))
    lines: Lines = []
    for name, text in rows:
        wrapped = textwrap.wrap(met.frame.symbols.glyphs.spell(text), max(20, width - _NAME - 2))
        lines += [(f"{name if k == 0 else '':<{_NAME}}{line}", "text") for k, line in enumerate(wrapped)]
    return lines


def _meeting_lines(met: Met, width: int) -> Lines:
    """How the cells meet; going back, where a transpose, a sum or a mask comes from, by the right rule."""
    if met.step.op in ("tangent", "seed"):
        return []
    text = met_forward(met) if met.focus.edge is None else as_the_right_rule_has_it(met.frame) + met_back(met)
    wrapped = textwrap.wrap(met.frame.symbols.glyphs.spell(text), width - 2)
    return [("", ""), *((line, "text") for line in wrapped)]


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
