"""The chain rule from the root to here, all factors in a row, where there is only one way.

    ∂y     ∂y     ∂y     ∂u
    ──  =  ──  ·  ──  ·  ──   =   1 · exp(u) · cos(v)
    ∂v     ∂y     ∂u     ∂v

That is how a textbook differentiates y = e^{sin(x²)}.  In a network there are many ways, and the ledger shows one
line for each; in an expression there is often just one, and then nothing needs to be hidden in a factor that is
known already.  A way that forks, or is too long for a line, begins with the last derivative that was one number.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols, enclosed
from bpstep.view.words.inline import written_out

__all__ = ["MOST_FACTORS", "Link", "chain_to"]

#: More factors than this do not fit a line.
MOST_FACTORS = 5


@dataclass(frozen=True)
class Link:
    """A factor: over and under its hairline, its formula, and its value (None where it is not known yet)."""

    over: str
    under: str
    formula: str
    cell: Cell
    value: float | None


def chain_to(
    frame: Frame, contribution: Step, symbols: Symbols, most: int = MOST_FACTORS
) -> list[Link] | None:
    """The factors from the root to a contribution of an expression; None where it is none, or the first.  Of more than
    ``most`` those before are one: what is known already."""
    if frame.setup.is_network or contribution.local is None or contribution.upstream is None:
        return None
    links = [_link(frame, contribution, symbols)]
    upstream = contribution.upstream.cell
    while len(links) < most - 1:
        made = _only_step(frame, upstream)
        if made is None or made.upstream is None or made.local is None:
            break
        links.insert(0, _link(frame, made, symbols))
        upstream = made.upstream.cell
    head = upstream.owner
    formula = "1" if symbols(head) == symbols.root else "…"
    links.insert(0, Link(f"∂{symbols.root}", f"∂{symbols(head)}", formula, upstream, frame.value(upstream)))
    return links


def _only_step(frame: Frame, cell: Cell) -> Step | None:
    """The step that made a derivative, if it has only one contribution."""
    spot = frame.index.find(cell)
    if spot is None:
        return None
    steps = frame.moment.write_steps(spot)
    return frame.step_at(steps[0]) if len(steps) == 1 else None


def _link(frame: Frame, contribution: Step, symbols: Symbols) -> Link:
    """The local derivative of a contribution."""
    assert contribution.local is not None
    head, tail = contribution.local.cell.of, contribution.local.cell.by
    assert isinstance(head, Cell)
    assert isinstance(tail, Cell)
    text = enclosed(written_out(frame, contribution, symbols))
    before = contribution.number - 1  # where it has a step of its own; back through a product it has none
    has_step = before >= 1 and frame.step_at(before).cell == contribution.local.cell
    known = (before if has_step else contribution.number) <= frame.position
    value = contribution.local.value if known else None
    return Link(f"∂{symbols(head)}", f"∂{symbols(tail)}", text, cells.local(head, tail), value)
