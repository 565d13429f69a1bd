"""How a session spells its cells and steps: in the notation that was chosen, and by what is differentiated.

A local derivative has a name, ∂u/∂v.  Where it is a derivative of the root itself, the whole derivative has the same
name: ``∂E/∂y(o1) += ∂E/∂E · ∂E/∂y(o1)`` would say one thing with two meanings.  There the local one is written out:
``∂E/∂y(o1) += 1 · (y(o1) − t(o1))``.
"""

from __future__ import annotations

from functools import lru_cache

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.graph import Graph, Softmax
from bpstep.engine.steps import Step
from bpstep.view.formula import NOTATIONS, Symbols, enclosed
from bpstep.view.glyphs import GLYPH_SETS

__all__ = ["inline", "names_of", "symbols_of", "written_out"]


def symbols_of(session: Session, notation: str = "") -> Symbols:
    """The symbols of a session: its notation (or another one, by name), its characters, and the name of what is
    differentiated."""
    setup, options = session.setup, session.options
    taken, coupled = _names_in(setup.graph)
    return Symbols(
        NOTATIONS[notation or options.notation],
        output="" if setup.is_network else setup.graph.root.names[0],
        taken=taken,
        batch=setup.reduces(session.moment.place.schedule.samples),
        coupled=coupled,
        glyphs=GLYPH_SETS[options.glyphs],
    )


@lru_cache(maxsize=16)
def _names_in(graph: Graph) -> tuple[frozenset[str], frozenset[str]]:
    """The names of variables, inputs and neurons; those of neurons in softmax layers."""
    taken = (name for vector in graph.vectors if vector.kind in ("var", "y") for name in vector.names)
    softmax = (operation for operation in graph.operations if isinstance(operation, Softmax))
    return frozenset(taken), frozenset(name for operation in softmax for name in operation.head.names)


def inline(session: Session, step: Step, symbols: Symbols | None = None) -> str:
    """A whole step on one line."""
    s = symbols or symbols_of(session)
    return (
        f"{s(step.cell)} {step.sign.replace('-', '−')} {s.filled(step.template, names_of(session, step, s))}"
    )


def names_of(session: Session, step: Step, s: Symbols) -> list[str]:
    """The names of what a step reads, none of them that of the cell that it writes."""
    whole = s(step.cell)
    return [_name_of(session, step, factor.cell, s, whole) for factor in step.inputs]


def _name_of(session: Session, step: Step, cell: Cell, s: Symbols, whole: str) -> str:
    if _is_one(cell, s):
        return "1"
    head, tail = cell.of, cell.by
    if isinstance(head, Cell) and isinstance(tail, Cell) and s.ratio(s(head), s(tail)) == whole:
        return enclosed(written_out(session, step, s))
    return s.local_name(cell)


def _is_one(cell: Cell, s: Symbols) -> bool:
    """Whether a cell is the derivative of what is differentiated by itself."""
    return cell.kind == "d" and isinstance(cell.of, Cell) and s(cell.of) == s.root


def written_out(session: Session, contribution: Step, s: Symbols) -> str:
    """The local derivative of a contribution as a formula; where no step of its own computes it, its name."""
    local = session.run.step(contribution.number - 1) if contribution.number > 1 else contribution
    if local.op != "local" or contribution.local is None or local.cell != contribution.local.cell:
        return s.local_name(contribution.inputs[-1].cell)
    return s.filled(local.template, [s(factor.cell) for factor in local.inputs])
