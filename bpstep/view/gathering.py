"""The ledgers of the chain pane: sums seen growing, made from the steps that write a cell.

A ledger shows the whole sum at once: contributions that have arrived with their products, the one of this
step, the next, and the rest as far as there is room.  What a contribution will read is shown as soon as it is
known, because the point of the backward pass is just that: it is known already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpstep.debugger.readings import write_steps
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Factor, Step
from bpstep.view.canvas import Run
from bpstep.view.formula import Symbols, kind_of, prettified
from bpstep.view.fractions import Fraction, Item, Sum
from bpstep.view.layout import NOTHING, number_run
from bpstep.view.ledger import Bracket, Ledger, Line
from bpstep.view.numbers import NumberFormat, shortest
from bpstep.view.roles import Part
from bpstep.view.spelling import symbols_of
from bpstep.view.unfolded import Link, chain_to

__all__ = ["Gathering", "Placed", "backward_ledger", "forward_ledger", "gathering"]

#: A ledger, the row where it begins, and whether its fractions stand on two lines.
Placed = tuple[Ledger, int, bool]


#: From so many columns on, a delta is shown as what it is made of.
_FINE = 76


@dataclass(frozen=True)
class Gathering:
    """The steps that write a cell; ``at`` is the place of the current one among them, ``pending`` says that
    the current step only prepares it (a `local`)."""

    cell: Cell
    steps: Sequence[int]
    at: int
    pending: bool

    @property
    def total(self) -> int:
        """The number of contributions."""
        return len(self.steps)


def gathering(session: Session, step: Step) -> Gathering | None:
    """The sum that a step belongs to; None where it belongs to none."""
    number, cell, pending = step.number, step.cell, False
    if step.op == "local":
        number, pending = number + 1, True
        cell = session.run.step(number).cell
    elif step.op == "update":
        return _gradient_of(session, step)
    spot = session.index.find(cell)
    if spot is None:
        return None
    steps = write_steps(session.moment, session.index.writes(session.moment.place.schedule, spot))
    return Gathering(cell, steps, steps.index(number), pending)


def _gradient_of(session: Session, step: Step) -> Gathering | None:
    """The finished gradient that an update uses."""
    gradient = cells.d(step.cell)
    spot = session.index.find(gradient)
    if spot is None:
        return None
    steps = write_steps(session.moment, session.index.writes(session.moment.place.schedule, spot))
    return Gathering(gradient, steps, len(steps), False)


@dataclass(frozen=True)
class _Maker:
    """Makes the lines of one ledger."""

    session: Session
    step: Step
    sum: Gathering
    symbols: Symbols
    numbers: NumberFormat

    def number(self, cell: Cell, value: float | None, when: str) -> Run:
        """A factor: bold where this step reads it, dim where it is not known yet."""
        state = "unset" if value is None else "final"
        return number_run(
            self.numbers, kind_of(cell), value, state, part="read" if when == "now" else "known"
        )

    def given(self, factor: Factor, when: str) -> Run | None:
        """A target, as the author wrote it; None for any other cell."""
        if factor.cell.kind != "t":
            return None
        text = shortest(factor.value)
        return Run(text if factor.value < 0 else f" {text}", "value-read" if when == "now" else "value")

    def value_now(self, factor: Factor, done: bool) -> float | None:
        """A factor's value as far as it is known at this moment."""
        if done:
            return factor.value
        reading = self.session.read(factor.cell)
        return None if reading is None else reading.value

    def when(self, place: int) -> str:
        """Where a line stands in time: done, now, next, or later."""
        at = self.sum.at
        if place == at:
            return "next" if self.sum.pending else "now"
        if place < at:
            return "done"
        return "next" if place == at + 1 and not self.sum.pending else "later"

    def result(self, contribution: Step, when: str) -> Run:
        """The product of a line, once it is there."""
        kind = kind_of(self.sum.cell)
        if when in ("next", "later"):
            return Run(" ·", "dim")
        alone = self.sum.total == 1 and when == "now"
        part: Part = "written" if alone else "read" if when == "now" else "known"
        return number_run(self.numbers, kind, contribution.product, part=part)

    def name_role(self, when: str) -> str:
        return "strong" if when == "now" else "dim" if when in ("next", "later") else "text"

    def note(self, when: str) -> Run:
        """``now`` and ``next`` mark the two lines that matter."""
        if when == "now" and self.step.when.phase != "update":
            return Run("now", f"{kind_of(self.sum.cell)}-read")
        return Run("next", "dim") if when == "next" else NOTHING

    def total(self) -> Line | None:
        """The sum so far, as the chip of this step, with its count."""
        n = self.sum.total
        if n == 1:
            return None
        if self.step.when.phase == "update":
            written = self.session.read(self.sum.cell)
            value = None if written is None else written.value
            result = number_run(self.numbers, kind_of(self.sum.cell), value, part="read")
            return Line(result=result, note=Run(f"{n} of {n}", "dim"))
        arrived = self.sum.at + (not self.sum.pending)
        reading = self.session.read(self.sum.cell)
        value = None if reading is None else reading.value
        state = "unset" if value is None else "partial" if arrived < n else "final"
        part: Part = "known" if self.sum.pending else "written"
        result = number_run(self.numbers, kind_of(self.sum.cell), value, state, part=part)
        bold = f"{kind_of(self.sum.cell)}-read"
        return Line(result=result, note=Run(f"{arrived} of {n}", bold if arrived < n else "dim"))

    def window(self, room: int) -> tuple[int, int]:
        """The lines that are shown: all, or those around this step."""
        n, at = self.sum.total, min(self.sum.at, self.sum.total - 1)
        if n <= room:
            return 0, n
        if room <= 3:  # this line and the next; for the others there is the sum
            return min(at, n - 2), min(at, n - 2) + 2
        if at + 2 <= room - 1:
            return 0, room - 1
        if n - at <= room - 1:
            return n - room + 1, n
        first = at + 2 - (room - 2)
        return first, at + 2


def _maker(session: Session, step: Step, found: Gathering) -> _Maker:
    return _Maker(session, step, found, symbols_of(session), NumberFormat(session.options.digits))


def _place(height: int, lines: int) -> tuple[int, int, bool, bool]:
    """Where a ledger of so many lines begins in a pane, how many of them fit, whether fractions are stacked,
    and whether there is a row for brackets."""
    if height < 10:
        return 1, max(1, height - 3), False, True
    if lines <= 2:
        return 2, 2, True, True
    room = height - 7
    return (1, lines, True, True) if lines <= room else (1, height - 6, True, False)


# --- backward ----------------------------------------------------------------------------------------------


def backward_ledger(session: Session, step: Step, height: int, width: int) -> Placed | None:
    """The chain rule to here; None where a step is no part of a sum (the seed, an optimizer's state)."""
    if step.op not in ("local", "contribute", "update"):
        return None
    found = gathering(session, step)
    if found is None:
        return None
    make = _maker(session, step, found)
    contribution = session.run.step(found.steps[min(found.at, found.total - 1)])
    if contribution.upstream is None:
        return None
    links = chain_to(session, contribution, make.symbols) if found.total == 1 else None
    if links is not None and len(links) > 2:
        return _unfolded_ledger(make, contribution, links, height)
    top, room, stacked, with_brackets = _place(height, found.total)
    shape = _Shape.of(session, make, contribution, fine=width >= _FINE)
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


def _unfolded_ledger(make: _Maker, contribution: Step, links: list[Link], height: int) -> Placed:
    """All factors from the root to here: in symbols, as formulas, as numbers."""
    when = make.when(0)
    numbers = [make.number(link.cell, link.value, when if link is links[-1] else "done") for link in links]
    lines = [
        Line(Run("", "dim"), [Run(link.formula, "deriv") for link in links], operator="·"),
        Line(Run("", "dim"), numbers, make.result(contribution, when), make.note(when)),
    ]
    last = len(links) - 1
    assert contribution.upstream is not None
    upstream = f"{make.symbols(contribution.upstream.cell)} upstream"
    brackets = (Bracket(0, last - 1, upstream), Bracket(last, last, "now" if make.sum.pending else "local"))
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
    heads: tuple[Fraction, ...]
    split: bool

    @classmethod
    def of(cls, session: Session, make: _Maker, contribution: Step, *, fine: bool) -> _Shape:
        s, root = make.symbols, make.symbols.root
        cell = make.sum.cell.of
        assert isinstance(cell, Cell)
        assert contribution.upstream is not None
        via = contribution.upstream.cell.of
        assert isinstance(via, Cell)
        many = make.sum.total > 1
        running = "k" if many and via.kind in ("e", "y") and cell.kind in ("e", "y") else ""
        split = fine and running != "" and _made_of_two(session, contribution)
        head = f"{_letter(via, s)}({running})" if running else "k" if many and via.kind == "var" else s(via)
        heads = [Fraction(f"∂{root}", f"∂{head}"), Fraction(f"∂{head}", f"∂{s(cell)}")]
        if split:
            output = f"{s.notation.output}(k)"
            heads = [
                Fraction(f"∂{root}", f"∂{output}"),
                Fraction(f"∂{output}", f"∂{head}"),
                Fraction(f"∂{head}", f"∂{s(cell)}"),
            ]
        left = s(make.sum.cell)
        return cls(left, running or ("k" if via.kind == "var" else "n"), tuple(heads), split)

    def brackets(self, make: _Maker, alone: bool) -> tuple[Bracket, ...]:
        last = len(self.heads) - 1
        if make.step.op == "local":
            return (Bracket(0, last - 1, "ready"), Bracket(last, last, "now"))
        if self.split:
            return (
                Bracket(0, 1, f"{make.symbols.notation.delta}(k) known"),
                Bracket(2, 2, "local", "dim", closed=False),
            )
        step = make.session.run.step(make.sum.steps[min(make.sum.at, make.sum.total - 1)])
        assert step.upstream is not None
        upstream = make.symbols(step.upstream.cell)
        local = "local"
        if alone and len(step.inputs) > 1:
            local = make.symbols.local_name(step.inputs[1].cell)
        known = upstream if alone else "known"
        return (Bracket(0, last - 1, known), Bracket(last, last, local, "dim", closed=alone))


def _letter(cell: Cell, s: Symbols) -> str:
    return s.notation.net if cell.kind == "e" else s.notation.output


def _made_of_two(session: Session, contribution: Step) -> bool:
    """Whether the upstream delta is one output derivative times one f′ (it is not, in a softmax layer)."""
    assert contribution.upstream is not None
    net = contribution.upstream.cell.of
    if not isinstance(net, Cell) or net.kind != "e":
        return False
    return session.index.find(cells.local(cells.y(str(net.of)), net)) is not None and not _is_softmax(
        session, net
    )


def _is_softmax(session: Session, net: Cell) -> bool:
    spot = session.index.find(net)
    assert spot is not None
    return session.setup.graph.consumers[spot.at.id][0].width > 1


def _backward_lines(make: _Maker, shape: _Shape, room: int) -> list[Line]:
    first, last = make.window(room)
    lines = [_backward_line(make, shape, place) for place in range(first, last)]
    return _with_summaries(make, lines, (first, last), room)


def _with_summaries(make: _Maker, lines: list[Line], shown: tuple[int, int], room: int) -> list[Line]:
    """The lines of a window, with one line each for what stands before and behind it, where there is room."""
    first, last = shown
    if first > 0 and len(lines) < room:
        lines = [_left_out(make, 0, first), *lines]
    if last < make.sum.total and len(lines) < room:
        lines = [*lines, _left_out(make, last, make.sum.total)]
    return lines


def _backward_line(make: _Maker, shape: _Shape, place: int) -> Line:
    contribution = make.session.run.step(make.sum.steps[place])
    upstream, local = contribution.upstream, contribution.local
    assert upstream is not None
    assert local is not None
    when = make.when(place)
    done = when in ("done", "now")
    factors: list[Run] = []
    if shape.split:
        factors += _delta_factors(make, upstream, when, done)
    else:
        factors.append(make.number(upstream.cell, make.value_now(upstream, done), when))
    known = contribution.inputs[1].cell if len(contribution.inputs) > 1 else cells.b("1")
    value = (
        local.value
        if done or (local.cell.by == make.sum.cell.of and when == "now")
        else _ahead(make, local, place)
    )
    factors.append(make.number(known, value, when))
    name = _via(make, contribution, place) if make.sum.total > 1 else ""
    return Line(Run(name, make.name_role(when)), factors, make.result(contribution, when), make.note(when))


def _ahead(make: _Maker, local: Factor, place: int) -> float | None:
    """A local derivative that is read later: known if its cell is, or if this step has just written it."""
    if make.sum.pending and place == make.sum.at:
        return local.value
    reading = make.session.read(local.cell)
    return None if reading is None else reading.value


def _delta_factors(make: _Maker, upstream: Factor, when: str, done: bool) -> list[Run]:
    """Delta as what it was made of: the derivative by the output, and f′."""
    net = upstream.cell.of
    assert isinstance(net, Cell)
    output = cells.y(str(net.of))
    parts = (cells.d(output), cells.local(output, net))
    return [make.number(cell, _read(make, cell), when) for cell in parts]


def _read(make: _Maker, cell: Cell) -> float | None:
    reading = make.session.read(cell)
    return None if reading is None else reading.value


def _via(make: _Maker, contribution: Step, place: int) -> str:
    assert contribution.upstream is not None
    via = contribution.upstream.cell.of
    assert isinstance(via, Cell)
    if via.kind == "loss":
        return "l2"
    target = make.sum.cell.of
    if isinstance(target, Cell) and target.kind in ("w", "b"):
        return f"sample {contribution.when.sample}"
    return f"via {via.of}" if via.of else "via E"


def _left_out(make: _Maker, first: int, last: int) -> Line:
    """One line for those that there is no room for: before the window with their subtotal."""
    names = [_name_of(make, place) for place in (first, last - 1)]
    text = f"… {names[0]}" if last - first == 1 else f"… {names[0]} to {names[1]}"
    result = Run(" ·", "dim")
    if first == 0 and make.sum.at >= last:
        before = make.session.run.step(make.sum.steps[last - 1])
        result = number_run(make.numbers, kind_of(make.sum.cell), before.value)
    return Line(Run(text, "dim"), (), result)


def _name_of(make: _Maker, place: int) -> str:
    contribution = make.session.run.step(make.sum.steps[place])
    if contribution.op in ("term", "bias", "cost", "reduce", "tangent"):
        return _forward_name(contribution).removeprefix("via ")
    return _via(make, contribution, place).removeprefix("via ")


# --- forward -----------------------------------------------------------------------------------------------


def forward_ledger(session: Session, step: Step, height: int, width: int) -> Placed | None:
    """The sum to here: of a net input, the cost, the loss of a batch; in forward mode, of a tangent."""
    if step.op not in ("term", "bias", "cost", "reduce", "tangent", "local"):
        return None
    found = gathering(session, step)
    if found is None:
        return None
    make = _maker(session, step, found)
    roomy = height >= 10
    room = max(1, height - (6 if roomy else 3))
    first, last = make.window(room)
    lines = [_forward_line(make, place) for place in range(first, last)]
    lines = _with_summaries(make, lines, (first, last), room)
    operator = "−" if step.op == "cost" else "×"
    lines = [Line(x.name, x.factors, x.result, x.note, operator=operator) for x in lines]
    made = session.run.step(found.steps[min(found.at, found.total - 1)])
    head: list[Item] = [Run(_forward_head(session, made, make.symbols), kind_of(found.cell))]
    top = 2 if roomy and len(lines) + 6 <= height else 1
    ledger = Ledger(head=head, lines=lines, total=make.total(), ruled=roomy and found.total > 1)
    return ledger, top, roomy


def _forward_head(session: Session, step: Step, s: Symbols) -> str:
    n = s.notation
    if step.op in ("term", "bias"):
        node = step.when.node
        spot = session.index.find(cells.b(node))
        bias = f"  +  b({node})" if spot is not None else ""
        return f"{s(step.cell)} = Σ w(i→{node}) · {n.output}(i){bias}"
    if step.op == "cost":
        text = prettified(step.template).replace("{0}", f"{n.output}(k)").replace("{1}", f"{n.target}(k)")
        return f"{s(step.cell)} = Σk {text}"
    if step.op == "tangent":
        return f"{s(step.cell)} = Σ local × the tangent that arrives"
    return f"loss = the {session.setup.training.reduction} over the batch"


def _forward_name(contribution: Step) -> str:
    if contribution.op == "term":
        return f"via {contribution.inputs[1].cell.of}"
    if contribution.op == "bias":
        return "bias"
    if contribution.op == "cost":
        return f"via {contribution.when.node}"
    if contribution.op == "tangent":
        arriving = contribution.inputs[-1].cell.of
        of = arriving.of if isinstance(arriving, Cell) else None
        return f"via {of}" if of else f"sample {contribution.when.sample}"
    return "l2" if contribution.inputs[0].cell.kind == "w" else f"sample {contribution.when.sample}"


def _forward_line(make: _Maker, place: int) -> Line:
    contribution = make.session.run.step(make.sum.steps[place])
    when = make.when(place)
    done = when in ("done", "now")
    shown = contribution.inputs if contribution.op in ("term", "bias", "cost", "tangent") else ()
    factors = [make.given(f, when) or make.number(f.cell, make.value_now(f, done), when) for f in shown]
    name = Run(_forward_name(contribution), make.name_role(when))
    return Line(name, factors, make.result(contribution, when), make.note(when))
