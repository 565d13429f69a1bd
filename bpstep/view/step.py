"""The step pane: what this operation does, in symbols, in numbers, and in words.

Three rows, column by column: the symbol, the number under it, its role under the number.  The row of
symbols is the step's own formula; the table is made from its template, so every kind of step, of a network
or an expression, is laid out by the same few lines.
"""

from __future__ import annotations

import re

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Factor, Step
from bpstep.view.beside import Beside
from bpstep.view.canvas import Canvas, Run
from bpstep.view.formula import Symbols, kind_of, prettified
from bpstep.view.layout import FormulaTable, Operator, Term, cut, hairline, number_run
from bpstep.view.narrate import sentence
from bpstep.view.numbers import NumberFormat, group, shortest
from bpstep.view.roles import PHASE_KINDS, role_for
from bpstep.view.spelling import symbols_of

__all__ = ["draw", "formula_table", "title"]

#: A function of one number: s(e), or cos(v).
_CALL = re.compile(r"^(−?[a-z_]+)\(\{0\}\)$")
_PLACE = re.compile(r"\{(\d+)\}")


def draw(session: Session, width: int, height: int) -> Canvas:
    """The pane of the step that was done last; at the start, of what is about to begin."""
    canvas = Canvas(width, height)
    title(session, canvas)
    roomy = height >= 6
    top = 2 if roomy else 1
    step = session.step
    if step is None:
        _draw_start(session, canvas, top)
        return canvas
    used = formula_table(session, step).draw(canvas, 2, top, width=width - 3)
    last = height - 1
    if top + used <= last:
        canvas.put(2, last, cut(sentence(session, step), width - 3), "dim")
    return canvas


def title(session: Session, canvas: Canvas) -> None:
    """The title line: which step this is, and what comes then."""
    step, upcoming = session.step, session.upcoming
    right: list[tuple[str, str]] = []
    if step is None:
        hairline(canvas, 0, 0, canvas.width, [("start", "strong")])
        return
    kind = PHASE_KINDS[step.when.phase]
    left = [(f"step {group(step.number)}", "strong"), (f"  {step.op}", role_for(kind, "read"))]
    parted = Beside(session).runs(step)
    if parted:
        right = parted
    elif upcoming is not None:
        right = [("then  ", "dim"), (symbols_of(session).inline(upcoming), "dim")]
    else:
        right = [("the end", "dim")]
    hairline(canvas, 0, 0, canvas.width, left, right=right)


def _draw_start(session: Session, canvas: Canvas, top: int) -> None:
    canvas.put(1, top, "Nothing is computed yet. Every · is a number that no step has written.", "text")
    upcoming = session.upcoming
    if upcoming is not None:
        at = canvas.put(1, top + 2, "Press  ", "text")
        at = canvas.put(at, top + 2, "→", "key")
        at = canvas.put(at, top + 2, "   for step 1:  ", "text")
        canvas.put(at, top + 2, symbols_of(session).inline(upcoming), "value")


def formula_table(session: Session, step: Step) -> FormulaTable:
    """The three rows of a step."""
    symbols, numbers = symbols_of(session), NumberFormat(session.options.digits)
    kind = kind_of(step.cell)
    parts: list[Term | Operator] = [_left(step, symbols, numbers), *_right(session, step, symbols, numbers)]
    arrived, _ = _arrived(step)
    state = "final" if step.is_final else "partial"
    result = number_run(numbers, kind, step.value, state, part="written")
    parts.append(Term(Run(""), result, Run(arrived, "dim")))
    return FormulaTable(*parts)


def _left(step: Step, symbols: Symbols, numbers: NumberFormat) -> Term:
    """The cell that is written, and what stood in it before."""
    kind = kind_of(step.cell)
    symbol = Run(f" {symbols(step.cell)}", kind)
    if step.sign == "=":
        short = symbols.local_name(step.cell) if step.op == "local" else ""
        under = short if short != symbols(step.cell) else ""
        return Term(symbol, Run(f" {under}", kind), Run(_role_of_left(step), "dim"), signed=False)
    was = Run(" 0", kind) if step.was is None else number_run(numbers, kind, step.was)
    label = "old" if step.op == "update" else "so far"
    return Term(symbol, was, Run(f" {label}", "dim"), signed=False)


def _role_of_left(step: Step) -> str:
    if step.op == "local":
        return " slope"
    return {"state": " new state", "seed": " the start"}.get(step.op, "")


def _right(session: Session, step: Step, symbols: Symbols, numbers: NumberFormat) -> list[Term | Operator]:
    """Operators and factors in turn, ending with the operator before the result."""
    sign, number_sign = step.sign.replace("-", "−"), step.sign[0].replace("-", "−")
    if step.op == "contribute" and step.upstream is not None and step.local is not None:
        return [
            Operator(sign, number_sign if sign != "=" else "="),
            _factor(step, step.upstream, symbols, numbers, "upstream"),
            Operator("·", "×"),
            _local_factor(step, step.local, symbols, numbers),
            Operator("", "="),
        ]
    template = prettified(step.template)
    if step.cell.kind == "y" or (step.op == "local" and step.cell.by and step.when.layer):
        template = template.replace("sigmoid(", f"{symbols.notation.logistic}(")
    if _CALL.match(template):
        return _called(session, step, symbols, numbers, template)
    literals, places = _split(template)
    made: list[Term | Operator] = []
    lead = number_sign if sign != "=" else "="
    for literal, place in zip(literals, places, strict=False):
        text = literal if made else f"{sign} {literal}".strip()
        digits = literal.replace("·", "×") if made else f"{lead} {literal}".strip()
        made.append(Operator(text, digits))
        factor = step.inputs[place]
        made.append(_factor(step, factor, symbols, numbers, _label(step, factor.cell, session)))
    if not places:
        return [
            Operator(f"{sign} {literals[0]}", f"= {literals[0]}"),
            Term(Run(""), Run("")),
            Operator("", "="),
        ]
    made.append(Operator(literals[-1], f"{literals[-1].replace('·', '×')}  =".strip()))
    return made


def _called(
    session: Session, step: Step, symbols: Symbols, numbers: NumberFormat, template: str
) -> list[Term | Operator]:
    """A function of one number, as one column: s(e(h1)) over s(0.3775)."""
    (read,) = step.inputs
    kind = kind_of(read.cell)
    symbol = template.format(symbols(read.cell))
    number = template.format(numbers.show("value", read.value).strip())
    label = _CURVES.get(template.partition("(")[0], "")
    return [
        Operator("=", "="),
        Term(
            Run(symbol, kind),
            Run(number, f"{kind}-read"),
            Run(label or _label(step, read.cell, session), "dim"),
        ),
        Operator("", "="),
    ]


def _split(template: str) -> tuple[list[str], list[int]]:
    """The literals between the places of a template, and the inputs that stand in these places."""
    pieces = _PLACE.split(template)
    return [piece.strip() for piece in pieces[::2]], [int(piece) for piece in pieces[1::2]]


def _factor(step: Step, factor: Factor, symbols: Symbols, numbers: NumberFormat, label: str) -> Term:
    kind = kind_of(factor.cell)
    number = number_run(numbers, kind, factor.value, part="read")
    if factor.cell.kind == "t":  # a target is shown as the author wrote it
        number = Run(
            f" {shortest(factor.value)}" if factor.value >= 0 else shortest(factor.value), number.role
        )
    name = symbols.local_name(factor.cell)
    return Term(Run(name, kind), number, Run(label, "dim"))


def _local_factor(step: Step, local: Factor, symbols: Symbols, numbers: NumberFormat) -> Term:
    """The local derivative of a contribution, under the name by which a student knows it."""
    known = step.inputs[1].cell if len(step.inputs) > 1 else None
    if known is None:
        return Term(Run("1", "param"), Run(" 1", "param-read"), Run("local", "dim"))
    kind = kind_of(known)
    number = number_run(numbers, kind, local.value, part="read")
    return Term(Run(symbols.local_name(known), kind), number, Run("local", "dim"))


_CURVES = {"s": "logistic", "σ": "logistic", "tanh": "hyperbolic tangent", "relu": "rectifier"}
_LABELS = {
    "w": "weight",
    "b": "bias",
    "e": "net input",
    "t": "target",
    "lr": "learning rate",
    "m": "state m",
    "v": "state v",
}


def _label(step: Step, cell: Cell, session: Session) -> str:
    if step.op == "update" and cell.kind == "d":
        return "gradient"
    if cell.kind == "y":
        spot = session.index.find(cell)
        return "input" if spot is not None and spot.kind == "given" else "output"
    return _LABELS.get(cell.kind, "")


def _arrived(step: Step) -> tuple[str, bool]:
    """How much of the sum is there, in words."""
    if step.op == "update":
        return "new", True
    if step.op == "local":
        return "slope here", True
    if step.part is None:
        return "", True
    k, n = step.part
    if n == 1:
        return "the only one", True
    return (f"all {n} arrived", True) if k == n else (f"{k} of {n} arrived", False)
