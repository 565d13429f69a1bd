"""A step on one line, and the names of what it reads.

A local derivative has a name, ∂u/∂v.  Where it is a derivative of the root itself, the whole derivative has the same
name: ``∂E/∂y(o1) += ∂E/∂E · ∂E/∂y(o1)`` would say one thing with two meanings.  There the local one is written out:
``∂E/∂y(o1) += 1 · (y(o1) − t(o1))``.
"""

from __future__ import annotations

from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols, enclosed

__all__ = ["inline", "names_of", "written_out"]


def inline(frame: Frame, step: Step, symbols: Symbols | None = None) -> str:
    """A whole step on one line."""
    s = symbols or frame.symbols
    return f"{s(step.cell)} {step.sign.replace('-', '−')} {s.filled(step.template, names_of(frame, step, s))}"


def names_of(frame: Frame, step: Step, s: Symbols) -> list[str]:
    """The names of what a step reads, none of them that of the cell that it writes."""
    whole = s(step.cell)
    return [_name_of(frame, step, factor.cell, s, whole) for factor in step.inputs]


def _name_of(frame: Frame, step: Step, cell: Cell, s: Symbols, whole: str) -> str:
    if _is_one(cell, s):
        return "1"
    head, tail = cell.of, cell.by
    if isinstance(head, Cell) and isinstance(tail, Cell) and s.ratio(s(head), s(tail)) == whole:
        return enclosed(written_out(frame, step, s))
    return s.local_name(cell)


def _is_one(cell: Cell, s: Symbols) -> bool:
    """Whether a cell is the derivative of what is differentiated by itself."""
    return cell.kind == "d" and isinstance(cell.of, Cell) and s(cell.of) == s.root


def written_out(frame: Frame, contribution: Step, s: Symbols) -> str:
    """The local derivative of a contribution as a formula; where no step of its own computes it, the name of the cell
    that it is, or 1: what went into a sum as it was comes back as it is."""
    local = frame.step_at(contribution.number - 1) if contribution.number > 1 else contribution
    if local.op != "local" or contribution.local is None or local.cell != contribution.local.cell:
        factors = contribution.inputs[1:]
        return s.local_name(factors[0].cell) if factors else "1"
    return s.filled(local.template, [s(factor.cell) for factor in local.inputs])
