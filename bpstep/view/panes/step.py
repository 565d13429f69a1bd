"""The step pane: what this operation does, in symbols, in numbers, and in words.

Three rows, column by column: the symbol, the number under it, its role under the number.  The row of
symbols is the step's own formula; the table is made from its template, so every kind of step, of a network
or an expression, is laid out by the same few lines.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpstep.engine.cells import Cell
from bpstep.engine.functions import called
from bpstep.engine.steps import Factor, Step
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.layout import NOTHING, FormulaTable, Operator, Term, hairline, number_run
from bpstep.view.drawing.numbers import ASKED, MARKS, MINUS, NumberFormat, exact_enough, group, shortest
from bpstep.view.drawing.roles import PHASE_KINDS, Kind, role_for
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import ratio_text, state_of
from bpstep.view.symbols.formula import Symbols, enclosed, kind_of
from bpstep.view.words.inline import inline, names_of
from bpstep.view.words.narrate import sentence

if TYPE_CHECKING:
    from bpstep.comparison.marked import Mark

__all__ = ["draw", "formula_table", "holds_words", "in_words", "rows_wanted", "title"]

_START = "Nothing is computed yet. Every · is a number that no step has written."

#: A function of one number: s(e), or cos(v).
_CALL = re.compile(r"^(−?[^\W\d]+)\(\{0\}\)$")
_PLACE = re.compile(r"\{(\d+)\}")


def draw(frame: Frame, width: int, height: int) -> Canvas:
    """The pane of the step that was done last; at the start, of what is about to begin."""
    canvas = Canvas(width, height)
    title(frame, canvas)
    step = frame.step
    if step is None:
        _draw_start(frame, canvas, 2 if height >= _AIRY else 1)
        return canvas
    top = 2 if height >= max(_AIRY, rows_wanted(frame, width) + 1) else 1
    used = frame.once(_table_here).draw(canvas, 2, top, width=width - 3)
    if holds_words(frame, width, height):
        words = in_words(frame, width)
        for y, line in enumerate(words, max(top + used, height - len(words))):
            canvas.put(2, y, line, "dim")
    return canvas


#: From this many rows on there is a blank one below the title.
_AIRY = 6


def rows_wanted(frame: Frame, width: int) -> int:
    """The rows in which title, formula and words of the step have room."""
    return frame.once(_rows_of_formula, width) + len(in_words(frame, width))


def holds_words(frame: Frame, width: int, height: int) -> bool:
    """Whether a pane of this size has room for the step in words."""
    return frame.step is None or rows_wanted(frame, width) <= height


def in_words(frame: Frame, width: int) -> list[str]:
    """What the step does in words, in lines."""
    return frame.once(_wrapped, width)


def _wrapped(frame: Frame, width: int) -> list[str]:
    text, room = "" if frame.step is None else sentence(frame, frame.step), max(1, width - 3)
    return textwrap.wrap(text, room) if len(text) > room else [text] if text else []


def _rows_of_formula(frame: Frame, width: int) -> int:
    return 1 + (FormulaTable.ROWS if frame.step is None else frame.once(_table_here).rows(width - 3))


def title(frame: Frame, canvas: Canvas) -> None:
    """The title line: which step this is, and what comes then."""
    step, upcoming = frame.step, frame.upcoming
    right: list[tuple[str, str]] = []
    if step is None:
        hairline(canvas, 0, 0, canvas.width, [("start", "strong")])
        return
    kind = PHASE_KINDS[step.when.phase]
    left = [(f"step {group(step.number)}", "strong"), (f"  {step.op}", role_for(kind, "read"))]
    parted = frame.twin.runs(step, frame.numbers)
    mark = frame.yours.of_step(step)
    if parted:
        right = parted
    elif mark is not None and not mark.agrees:
        right = [(f"{MARKS['disagrees']} {ratio_text(mark)}", "alarm")]
    elif upcoming is not None:
        room = canvas.width - sum(len(text) for text, _ in left) - len("─  ─ then   ─")
        right = [("then  ", "dim"), (frame.symbols.fitted(_ahead(frame, upcoming), room), "dim")]
    else:
        right = [("the end", "dim")]
    hairline(canvas, 0, 0, canvas.width, left, right=right)


def _draw_start(frame: Frame, canvas: Canvas, top: int) -> None:
    says = textwrap.wrap(_START, canvas.width - 2)
    for y, line in enumerate(says, top):
        canvas.put(1, y, line, "text")
    y, upcoming = top + max(2, len(says)), frame.upcoming
    if upcoming is not None:
        at = canvas.put(1, y, "Press  ", "text")
        at = canvas.put(at, y, "→", "key")
        at = canvas.put(at, y, "   for step 1:  ", "text")
        canvas.put(at, y, frame.symbols.fitted(_ahead(frame, upcoming), canvas.width - at), "value")


def _ahead(frame: Frame, upcoming: Step) -> str:
    """A step that is to come; of one that is asked for, the cell alone."""
    if frame.hides(upcoming):
        return f"{frame.symbols(upcoming.cell)} = {ASKED}"
    return inline(frame, upcoming)


def _table_here(frame: Frame) -> FormulaTable:
    assert frame.step is not None
    return formula_table(frame, frame.step)


def formula_table(frame: Frame, step: Step) -> FormulaTable:
    """The three rows of a step: what is read, with as many digits as it takes for the value to come out."""
    symbols, numbers = frame.symbols, frame.numbers
    kind = kind_of(step.cell)
    template, factors = step.whole
    exact = exact_enough(template, [factor.value for factor in factors], step.value, numbers)
    parts: list[Term | Operator] = [_left(frame, step, symbols, exact), *_right(frame, step, symbols, exact)]
    arrived, _ = _arrived(step)
    state = "final" if step.is_final else "partial"
    result = number_run(numbers, kind, step.value, state, part="written")
    yours = _yours(frame.yours.of_step(step), kind, numbers)
    parts.append(Term(Run(""), result, Run(arrived, "dim"), yours=yours))
    return FormulaTable(*parts, names=symbols.long)


def _yours(mark: Mark | None, kind: Kind, numbers: NumberFormat) -> Run:
    """What a learner has for a number, with its mark."""
    if mark is None:
        return NOTHING
    text = numbers.show(kind, mark.yours, state_of(mark))
    return Run(text, "dim" if mark.agrees else "alarm")


def _has_yours(frame: Frame, step: Step) -> bool:
    """Whether a learner has any of the numbers of a step."""
    marks = (frame.yours.of_step(step), *(frame.yours.of_factor(step, factor) for factor in step.inputs))
    return any(mark is not None for mark in marks)


def _left(frame: Frame, step: Step, symbols: Symbols, numbers: NumberFormat) -> Term:
    """The cell that is written, and what stood in it before."""
    kind = kind_of(step.cell)
    yours = Run(" yours", "dim") if _has_yours(frame, step) else NOTHING
    symbol = Run(f" {symbols(step.cell)}", kind)
    if step.sign == "=":
        short = symbols.local_name(step.cell) if step.op == "local" else ""
        under = short if short != symbols(step.cell) else ""
        return Term(
            symbol, Run(f" {under}", kind), Run(_role_of_left(step), "dim"), signed=False, yours=yours
        )
    # The first contribution is the product alone: nothing stood there before.
    was = Run(" ·", "dim") if step.was is None else number_run(numbers, kind, step.was)
    label = "old" if step.op == "update" else "so far"
    return Term(symbol, was, Run(f" {label}", "dim"), signed=False, yours=yours)


def _role_of_left(step: Step) -> str:
    if step.op == "local":
        return " slope"
    return {"state": " new state", "seed": " the start"}.get(step.op, "")


def _right(frame: Frame, step: Step, symbols: Symbols, numbers: NumberFormat) -> list[Term | Operator]:
    """Operators and factors in turn, ending with the operator before the result."""
    sign = step.sign.replace("-", "−")
    lead = "=" if sign == "=" else "" if step.was is None else sign[0]
    names = names_of(frame, step, symbols)
    marks = [frame.yours.of_factor(step, factor) for factor in step.inputs]
    if step.op == "contribute" and step.local is not None and _is_product(step):
        return [
            Operator(sign, lead),
            _factor(step.inputs[0], names[0], numbers, "upstream", marks[0]),
            Operator("·", "×"),
            _local_factor(step.local, step.inputs[1:], names[1:], numbers, marks[1:]),
            Operator("", "="),
        ]
    template = symbols.written(step.template)
    if step.sign == "-=":
        template = enclosed(template)
    if _CALL.match(template):
        called_with = _called(frame, step, symbols, numbers, template)
        return [Operator(sign, lead), called_with, Operator("", "=")]
    literals, places = _split(template)
    if not places:
        return [
            Operator(f"{sign} {literals[0]}", f"{lead} {literals[0]}".strip()),
            Term(Run(""), Run("")),
            Operator("", "="),
        ]
    made: list[Term | Operator] = []
    for k, place in enumerate(places):
        before, behind = literals[k], literals[k + 1]
        made.append(_operator(sign, lead, before) if not made else Operator(before, _in_numbers(before)))
        factor, label = step.inputs[place], _label(step, step.inputs[place].cell, frame)
        made.append(_enclosed(_factor(factor, names[place], numbers, label, marks[place]), before, behind))
    made.append(Operator(literals[-1], f"{literals[-1].replace('·', '×')}  =".strip()))
    return made


def _is_product(step: Step) -> bool:
    """Whether a contribution reads as upstream × local, and local has a name or is a constant."""
    return step.template == "{0} * {1}" or len(step.inputs) == 1


def _operator(sign: str, lead: str, before: str) -> Operator:
    """The sign of the step with what stands before its first factor; a minus takes the place of a plus."""
    number = _in_numbers(before)
    number = number if lead == "+" and before.startswith("−") else f"{lead} {number}"
    return Operator(f"{sign} {before}".strip(), number.strip())


def _in_numbers(literal: str) -> str:
    """What stands between two numbers: 2x is a product, and so is 2 × 1.2."""
    return re.sub(r"(?<=\d)$", " ×", literal.replace("·", "×"))


def _enclosed(term: Term, before: str, behind: str) -> Term:
    """A term in parentheses where what stands beside it would tear it apart: (∂E/∂w)², 0.5 − (−1)."""
    raised = behind.startswith(("²", "^"))
    symbol, number = term.symbol, term.number
    if raised and "/" in symbol.text:
        symbol = Run(f"({symbol.text})", symbol.role)
    if number.text.startswith(MINUS) and (raised or before.endswith(("−", "/"))):
        number = Run(f"({number.text.rstrip()})", number.role)
    return Term(symbol, number, term.label, yours=term.yours)


def _called(frame: Frame, step: Step, symbols: Symbols, numbers: NumberFormat, template: str) -> Term:
    """A function of one number, as one column: s(e(h1)) over s(0.3775)."""
    read = step.inputs[0]
    kind = kind_of(read.cell)
    number = template.format(numbers.bare(read.value))
    known = called().get(step.template.partition("(")[0].removeprefix("-"))
    label = known.says.removeprefix("the ") if known is not None else ""
    return Term(
        Run(template.format(symbols(read.cell)), kind),
        Run(number, f"{kind}-read"),
        Run(label or _label(step, read.cell, frame), "dim"),
        yours=_yours(frame.yours.of_factor(step, read), kind, numbers),
    )


def _split(template: str) -> tuple[list[str], list[int]]:
    """The literals between the places of a template, and the inputs that stand in these places."""
    pieces = _PLACE.split(template)
    return [piece.strip() for piece in pieces[::2]], [int(piece) for piece in pieces[1::2]]


def _factor(factor: Factor, name: str, numbers: NumberFormat, label: str, mark: Mark | None = None) -> Term:
    kind = kind_of(factor.cell)
    number = number_run(numbers, kind, factor.value, part="read")
    if factor.cell.kind in ("t", "setting"):  # as the author wrote it
        text = shortest(factor.value)
        number = Run(text if text.startswith(MINUS) else f" {text}", number.role)
    return Term(Run(name, kind), number, Run(label, "dim"), yours=_yours(mark, kind, numbers))


def _local_factor(
    local: Factor,
    known: Sequence[Factor],
    names: Sequence[str],
    numbers: NumberFormat,
    marks: Sequence[Mark | None],
) -> Term:
    """The local derivative of a contribution, under the name by which a student knows it; a constant as such."""
    if not known:
        one = shortest(local.value)
        return Term(Run(one, "param"), Run(f" {one}", "param-read"), Run("local", "dim"))
    return _factor(Factor(known[0].cell, local.value), names[0], numbers, "local", marks[0])


_LABELS = {
    "w": "weight",
    "b": "bias",
    "e": "net input",
    "t": "target",
    "lr": "learning rate",
    "setting": "setting",
}


def _label(step: Step, cell: Cell, frame: Frame) -> str:
    if step.op == "update" and cell.kind == "d":
        return "gradient"
    if cell.kind == "y":
        spot = frame.index.find(cell)
        return "input" if spot is not None and spot.kind == "given" else "output"
    return f"state {cell.kind}" if cell.is_state else _LABELS.get(cell.kind, "")


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
