"""The ledger of the backward pass: the chain rule to here, one line for each way that a derivative comes back.

What is already one known number (a delta) is bracketed: it was computed once, and is used again and again.  Where
there is only one way, an expression's chain is written out from the root (`unfolded`).
"""

from __future__ import annotations

from dataclasses import replace

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.functions import constant_text
from bpstep.engine.steps import Factor, Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Run
from bpstep.view.drawing.fractions import Fraction, Item, Sum
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.panes.gathering import (
    FEWEST_DIGITS,
    MARGIN,
    Maker,
    Placed,
    gathering,
    is_penalty,
    way_of,
    with_summaries,
)
from bpstep.view.panes.ledger import Bracket, Ledger, Line
from bpstep.view.panes.unfolded import MOST_FACTORS, Link, chain_to
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols, enclosed
from bpstep.view.words.inline import written_out

__all__ = ["backward_ledger"]

#: From so many columns on, a delta is shown as what it is made of.
_FINE = 76


def backward_ledger(frame: Frame, step: Step, height: int, width: int, digits: int) -> Placed | None:
    """The chain rule to here; None where a step is no part of a sum (the seed, an optimizer's state)."""
    if step.op not in ("local", "contribute", "update"):
        return None
    found = gathering(frame, step)
    if found is None:
        return None
    make = Maker.of(frame, step, found, digits)
    contribution = make.contribution_here()
    if contribution.upstream is None:
        return None
    if is_penalty(contribution):  # the rule at the head is that of the samples
        contribution = make.contribution(0)
    unfolded = _unfolded(make, contribution, height, width) if found.total == 1 else None
    if unfolded is not None:
        return unfolded
    top, room, stacked, with_brackets = _place(height, found.total)
    shape = _Shape.of(make, contribution, fine=width >= _FINE)
    lines = _backward_lines(make, shape, room)
    head: list[Item] = [Run(shape.left, "deriv"), Run("=", "dim")]
    if found.total > 1:
        head.append(Sum(shape.over))
    alone = found.total == 1
    brackets = shape.brackets(make, alone) if with_brackets else ()
    ledger = Ledger(
        head=head, factors=shape.heads, lines=lines, brackets=brackets, total=make.total(),
        ruled=stacked and not alone and with_brackets,
    )  # fmt: skip
    return ledger, top, stacked


def _unfolded(make: Maker, contribution: Step, height: int, width: int) -> Placed | None:
    """All factors from the root to here, as many as have room with the fewest digits that numbers may have; None where
    two say as much."""
    tight = replace(make, numbers=NumberFormat(min(make.numbers.digits, FEWEST_DIGITS)))
    for most in range(MOST_FACTORS, 2, -1):
        links = chain_to(make.frame, contribution, make.symbols, most)
        if links is None or len(links) <= 2:
            return None
        ledger, _, stacked = _unfolded_ledger(tight, contribution, links, height)
        plain = replace(ledger, head=ledger.head[:1], factors=(), brackets=())
        if plain.width(stacked=stacked, roomy=False) <= width - MARGIN:
            return _unfolded_ledger(make, contribution, links, height)
    return None


def _unfolded_ledger(make: Maker, contribution: Step, links: list[Link], height: int) -> Placed:
    """All factors from the root to here: in symbols, as formulas, as numbers."""
    when = make.when(0)
    numbers = [
        make.number(contribution, link.cell, link.value, when if link is links[-1] else "done")
        for link in links
    ]
    lines = [
        Line(Run("", "dim"), [Run(link.formula, "deriv") for link in links], operator="·"),
        Line(Run("", "dim"), numbers, make.result(contribution, when), make.note(when)),
    ]
    last = len(links) - 1
    assert contribution.upstream is not None
    upstream = f"{make.symbols(contribution.upstream.cell)} upstream"
    brackets = (
        Bracket(0, last - 1, upstream, short="upstream"),
        Bracket(last, last, "now" if make.sum.pending else "local"),
    )
    ledger = Ledger(
        head=[Run(make.symbols(make.sum.cell), "deriv"), Run("=", "dim")],
        factors=[Fraction(link.over, link.under) for link in links],
        lines=lines,
        brackets=brackets,
    )
    return ledger, 2 if height >= 10 else 1, height >= 10


@dataclass(frozen=True)
class _Shape:
    """How the contributions to one cell read: the fractions at the head, and how many factors stand for
    the upstream derivative (two where delta is shown as what it is made of)."""

    left: str
    over: str
    heads: tuple[Item, ...]
    split: bool

    @classmethod
    def of(cls, make: Maker, contribution: Step, *, fine: bool) -> _Shape:
        s, many = make.symbols, make.sum.total > 1
        via, (head, tail) = _upstream(contribution).owner, _ends(contribution)
        running = s.free_letter("k") if many and {via.kind, tail.kind} <= {"e", "y"} else ""
        index = running or s.free_letter("k" if via.kind == "var" else "n")
        if many and via.kind == "var":
            via = head = cells.var(index)
        elif running:
            via, head = (Cell(cell.kind, running) for cell in (via, head))
        upstream, local = _fraction(s, s.root, via), _fraction(s, s(head), tail)
        split = fine and running != "" and _made_of_two(make.frame, contribution)
        if split:
            output = cells.y(running)
            heads: list[Item] = [_fraction(s, s.root, output), _fraction(s, s(output), head), local]
        else:
            heads = [upstream, local]
        if not many and local == _fraction(s, s.root, tail):  # the whole derivative has the same name
            written = enclosed(written_out(make.frame, contribution, s))
            heads = [Run("1", "deriv"), Run(written, "deriv")]
        return cls(s(make.sum.cell), index, tuple(heads), split)

    def brackets(self, make: Maker, alone: bool) -> tuple[Bracket, ...]:
        s, last = make.symbols, len(self.heads) - 1
        if make.step.op == "local":
            return (Bracket(0, last - 1, "ready"), Bracket(last, last, "now"))
        if self.split:
            known = f"{s(cells.d(cells.e(self.over)))} known"
            return (Bracket(0, 1, known), Bracket(2, 2, "local", "dim", closed=False))
        if not alone:
            return (Bracket(0, last - 1, "known"), Bracket(last, last, "local", "dim", closed=False))
        step = make.contribution_here()
        names = [s.local_name(factor.cell) for factor in step.inputs] if len(step.inputs) <= 2 else []
        upstream, local = (name if "∂" not in name else "" for name in (*names, "", "")[:2])
        before = Bracket(0, last - 1, upstream or "upstream", short="known")
        return (before, Bracket(last, last, local or "local", "dim"))


def _upstream(contribution: Step) -> Cell:
    """The derivative that comes back to a contribution."""
    assert contribution.upstream is not None
    return contribution.upstream.cell


def _ends(contribution: Step) -> tuple[Cell, Cell]:
    """What a contribution's local derivative is of, and by."""
    assert contribution.local is not None
    head, tail = contribution.local.cell.of, contribution.local.cell.by
    assert isinstance(head, Cell)
    assert isinstance(tail, Cell)
    return head, tail


def _fraction(s: Symbols, over: str, under: Cell) -> Fraction:
    return Fraction(f"∂{over}", f"∂{s(under)}")


def _made_of_two(frame: Frame, contribution: Step) -> bool:
    """Whether the upstream delta is one output derivative times one f′ (it is not, in a softmax layer)."""
    assert contribution.upstream is not None
    net = contribution.upstream.cell.of
    if not isinstance(net, Cell) or net.kind != "e":
        return False
    return frame.index.find(cells.local(cells.y(str(net.of)), net)) is not None and not _is_softmax(
        frame, net
    )


def _is_softmax(frame: Frame, net: Cell) -> bool:
    spot = frame.index.find(net)
    assert spot is not None
    return frame.setup.graph.consumers[spot.at.id][0].uses > 1


def _backward_lines(make: Maker, shape: _Shape, room: int) -> list[Line]:
    first, last = make.window(room)
    lines = [_backward_line(make, shape, place) for place in range(first, last)]
    return with_summaries(make, lines, (first, last), room)


def _backward_line(make: Maker, shape: _Shape, place: int) -> Line:
    contribution = make.contribution(place)
    upstream, local = contribution.upstream, contribution.local
    assert upstream is not None
    assert local is not None
    when = make.when(place)
    if is_penalty(contribution):
        return _penalty_line(make, contribution, when)
    factors: list[Run] = []
    if shape.split:
        factors += _delta_factors(make, contribution, upstream, when)
    else:
        factors.append(make.number(contribution, upstream.cell, make.value_now(contribution, upstream), when))
    known = contribution.inputs[1].cell if len(contribution.inputs) > 1 else cells.b("1")
    factors.append(make.number(contribution, known, _local_now(make, contribution, local, place), when))
    name = way_of(contribution) if make.sum.total > 1 else ""
    return Line(Run(name, make.name_role(when)), factors, make.result(contribution, when), make.note(when))


def _penalty_line(make: Maker, contribution: Step, when: str) -> Line:
    """The share of the penalty: its factors are not those at the head, so its line says which they are."""
    s, weight = make.symbols, contribution.inputs[-1]
    name = f"l2: {constant_text(make.frame.setup.training.l2)} · {s(weight.cell)}"
    return Line(Run(name, make.name_role(when)), (), make.result(contribution, when), make.note(when))


def _local_now(make: Maker, contribution: Step, local: Factor, place: int) -> float | None:
    """A local derivative as far as it is known: the step before its contribution has just written it; 1 of a bias."""
    written = make.sum.pending and place == make.sum.at
    constant = isinstance(local.cell.by, Cell) and local.cell.by.kind == "b"
    return local.value if written or constant else make.value_now(contribution, local)


def _delta_factors(make: Maker, contribution: Step, upstream: Factor, when: str) -> list[Run]:
    """Delta as what it was made of: the derivative by the output, and f′."""
    net = upstream.cell.of
    assert isinstance(net, Cell)
    output = cells.y(str(net.of))
    parts = (cells.d(output), cells.local(output, net))
    return [make.number(contribution, cell, make.frame.value(cell), when) for cell in parts]


def _place(height: int, lines: int) -> tuple[int, int, bool, bool]:
    """Where a ledger of so many lines begins in a pane, how many of them fit, whether fractions are stacked,
    and whether there is a row for brackets."""
    if height < 10:
        return 1, max(1, height - 3), False, True
    if lines <= 2:
        return 2, 2, True, True
    room = height - 7
    return (1, lines, True, True) if lines <= room else (1, height - 6, True, False)
