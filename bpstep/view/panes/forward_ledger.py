"""The ledger of the forward pass: the sum to here, of a net input, the cost, the loss of a batch, a tangent."""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.view.drawing.canvas import Run
from bpstep.view.drawing.fractions import Item
from bpstep.view.drawing.numbers import shortest
from bpstep.view.panes.gathering import Maker, Placed, gathering, is_penalty, way_of, with_summaries
from bpstep.view.panes.ledger import Ledger, Line
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.general import Expression, Network

__all__ = ["forward_ledger"]

#: What a contribution is where its factors stand in columns.
_PRODUCTS = ("{0} * {1}", "{0}")
#: Columns beside a formula in its line: the name, the result, the note.
_BESIDE = 38


def forward_ledger(frame: Frame, step: Step, height: int, width: int, digits: int) -> Placed | None:
    """The sum to here; None where a step is no part of a sum."""
    if step.op not in ("term", "bias", "cost", "reduce", "tangent", "local"):
        return None
    found = gathering(frame, step)
    if found is None:
        return None
    make = Maker.of(frame, step, found, digits)
    roomy = height >= 10
    room = max(1, height - (6 if roomy else 3))
    first, last = make.window(room)
    lines = [_line(make, place, width) for place in range(first, last)]
    lines = with_summaries(make, lines, (first, last), room)
    head: list[Item] = [Run(_head(make, make.contribution_here()), kind_of(found.cell))]
    top = 2 if roomy and len(lines) + 6 <= height else 1
    ledger = Ledger(head=head, lines=lines, total=make.total(), ruled=roomy and found.total > 1)
    return ledger, top, roomy


def _head(make: Maker, contribution: Step) -> str:
    """The whole sum in symbols."""
    s, frame = make.symbols, make.frame
    if contribution.op == "tangent":
        return f"{s(contribution.cell)} = Σ local × the tangent that arrives"
    if not frame.setup.is_network:
        rule = Expression.of(s)
        terms = s.glyphs.spell(f"{s(contribution.cell)} = Σ of its terms")
        return rule.loss(frame) if contribution.op == "reduce" else terms
    rules = Network.of(frame)
    if contribution.op == "cost":
        return rules.cost()
    if contribution.op == "reduce":
        return rules.loss()
    node = contribution.when.node
    index = s.free_letter("i")
    w, y = s(cells.w(index, node)), s(cells.y(index))
    bias = f" + {s(cells.b(node))}" if frame.index.find(cells.b(node)) is not None else ""
    return f"{s(contribution.cell)} = {s.glyphs.spell(f'Σ{index}')} {w} · {y}{bias}"


def _line(make: Maker, place: int, width: int) -> Line:
    """A product under its columns; any other contribution as one formula in numbers."""
    contribution = make.contribution(place)
    when = make.when(place)
    if contribution.template in _PRODUCTS:
        factors = [
            make.number(contribution, f.cell, make.value_now(contribution, f), when)
            for f in contribution.inputs
        ]
    else:
        factors = [_formula(make, contribution, when, width - _BESIDE)]
    name = Run(way_of(contribution), make.name_role(when))
    return Line(name, factors, make.result(contribution, when), make.note(when))


def _formula(make: Maker, contribution: Step, when: str, room: int) -> Run:
    """A contribution in numbers, as far as they are known, else in symbols."""
    values = [make.value_now(contribution, factor) for factor in contribution.inputs]
    texts = [
        make.symbols(factor.cell) if value is None else _number(make, factor.cell, value)
        for factor, value in zip(contribution.inputs, values, strict=True)
    ]
    text = make.symbols.filled(contribution.template, texts).replace(" · ", " × ")
    if len(text) > room:
        return Run(Network.of(make.frame).penalty if is_penalty(contribution) else "", "dim")
    kind = kind_of(contribution.inputs[0].cell) if contribution.inputs else "value"
    return Run(text, "dim" if None in values else f"{kind}-read" if when == "now" else kind)


def _number(make: Maker, cell: Cell, value: float) -> str:
    """A number in a formula; a target is written as the author wrote it, unless that is longer than a number is."""
    text = make.numbers.bare(value)
    if cell.kind == "t" and len(shortest(value)) <= len(text):
        text = shortest(value)
    return f"({text})" if value < 0.0 else text
