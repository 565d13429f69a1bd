"""Where a number comes from: upstream times local for every contribution, recursively.

`why` makes a tree.  The steps that write a cell are its contributions; each reads cells, and each of those was
written by steps before it.  For a derivative that is the chain rule unfolded: every `via` branch is upstream times
local, and the upstream is unfolded in turn, down to y - t.  A cell that was unfolded once is not unfolded again
(the tails that paths share are shared here, too); a branch is cut where the tree would grow beyond its bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpstep.debugger.readings import Reading, write_steps
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["MOST_ROWS", "Info", "WhyNode", "info", "why", "writers"]

#: A tree has no more rows than this, and shows no more contributions of one cell than `MOST_BRANCHES`.
MOST_ROWS = 400
MOST_BRANCHES = 24


@dataclass(frozen=True)
class WhyNode:
    """A row of the tree.

    ``cell`` and its reading; ``step`` is the step that made it (the last of a sum); ``via`` is set on a
    contribution, whose ``step`` says upstream, local and product.  ``left_out`` counts contributions that are not
    shown; ``seen`` marks a cell that is unfolded elsewhere.  ``slope`` is set right at the root, where upstream is 1:
    the step of the local derivative, which is then all that there is to say.
    """

    reading: Reading
    step: Step | None = None
    via: bool = False
    children: tuple[WhyNode, ...] = ()
    left_out: int = 0
    seen: bool = False
    slope: Step | None = None


@dataclass
class _Growing:
    session: Session
    of_derivative: bool
    rows: int = 0
    unfolded: set[Cell] = field(default_factory=set)

    def is_root(self, cell: Cell) -> bool:
        """Whether this is the derivative of the root by itself."""
        graph = self.session.setup.graph
        return cell.of == graph.root.cell(0)


def writers(session: Session, cell: Cell) -> Sequence[int]:
    """The numbers of the steps done so far that wrote a cell, in this sample (in this batch, for what gathers)."""
    spot = session.index.find(cell)
    if spot is None:
        return []
    moment = session.moment
    steps = write_steps(moment, session.index.writes(moment.place.schedule, spot))
    return [n for n in steps if n <= session.position]


def why(session: Session, cell: Cell) -> WhyNode:
    """The tree of a cell at the cursor."""
    return _grow(_Growing(session, cell.kind in ("d", "local")), cell)


def _grow(growing: _Growing, cell: Cell) -> WhyNode:
    session = growing.session
    reading = session.read(cell) or Reading(cell, None, "unset")
    growing.rows += 1
    numbers = writers(session, cell)
    if not numbers or growing.rows > MOST_ROWS:
        return WhyNode(reading, left_out=len(numbers) if growing.rows > MOST_ROWS else 0)
    last = session.run.step(numbers[-1])
    if cell in growing.unfolded:
        return WhyNode(reading, last, seen=True)
    growing.unfolded.add(cell)
    if len(numbers) == 1 and (last.part is None or last.part[1] == 1):
        return _made(growing, reading, last, via=False)
    shown = numbers[:MOST_BRANCHES]
    branches = tuple(_branch(growing, session.run.step(number)) for number in shown)
    return WhyNode(reading, last, children=branches, left_out=len(numbers) - len(shown))


def _branch(growing: _Growing, step: Step) -> WhyNode:
    """One contribution: what it brought, and where its factors come from."""
    growing.rows += 1
    reading = Reading(step.cell, step.product if step.product is not None else step.value, "final")
    return _made(growing, reading, step, via=True)


def _made(growing: _Growing, reading: Reading, step: Step, *, via: bool) -> WhyNode:
    """A cell, or a contribution, and what its step read."""
    if step.upstream is not None and step.upstream.value == 1.0 and growing.is_root(step.upstream.cell):
        known = step.inputs[1].cell if len(step.inputs) > 1 else None
        slopes = writers(growing.session, known) if known is not None and known.kind == "local" else ()
        if slopes:
            return WhyNode(reading, step, via, slope=growing.session.run.step(slopes[-1]))
    return WhyNode(reading, step, via, _read(growing, step))


def _read(growing: _Growing, step: Step) -> tuple[WhyNode, ...]:
    """The cells that a step reads, as far as steps have made them."""
    if step.upstream is not None:
        inputs = [step.upstream.cell]
        known = step.inputs[1].cell if len(step.inputs) > 1 else None
        if known is not None and known.kind == "local":
            inputs.insert(0, known)
    else:
        inputs = [factor.cell for factor in step.inputs]
    if growing.of_derivative:  # the values that slopes are taken at would be another tree: why y[h1]
        inputs = [cell for cell in inputs if cell.kind in ("d", "local")]
    made = [cell for cell in dict.fromkeys(inputs) if writers(growing.session, cell)]
    return tuple(_grow(growing, cell) for cell in made[:MOST_BRANCHES])


@dataclass(frozen=True)
class Info:
    """What there is to say of a cell: its reading, all steps that write it here, those that are done, and what was
    set by hand (after which step, and how it was written)."""

    reading: Reading
    writes: tuple[int, ...]
    done: tuple[Step, ...]
    by_hand: tuple[tuple[int, str], ...] = ()


def info(session: Session, cell: Cell) -> Info:
    """A cell's state, its history, the steps that wrote it."""
    spot = session.index.find(cell)
    assert spot is not None
    moment = session.moment
    steps = write_steps(moment, session.index.writes(moment.place.schedule, spot))
    done = tuple(session.run.step(n) for n in steps if n <= session.position)
    reading = session.read(cell)
    assert reading is not None
    starts = session.run.timeline.start_of_batch
    by_hand = tuple((starts(e.batch) + e.offset, e.text) for e in session.run.edits if e.cell == cell)
    return Info(reading, tuple(steps[:1000]), done[-12:], by_hand)
