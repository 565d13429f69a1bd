"""A step as a line of the program: as short as its block allows.

A line says only what the head of its block does not: in the block of h1 ``e += w(i1)·y(i1)`` is what is written out
as ``e(h1) += w(i1→h1) · y(i1)``, and ∂y is short for ∂E/∂y(h1).
"""

from __future__ import annotations

from bpstep.engine.cells import Cell, d
from bpstep.engine.steps import Step
from bpstep.view.symbols.formula import Symbols

__all__ = ["brief"]

#: A longer update is not written out.
_LONG_UPDATE = 24


def brief(step: Step, s: Symbols) -> str:
    """A step's formula, as short as its block allows.

    It says only what the head of the block does not: ``e += w(i1)·y(i1)`` in the block of h1.
    """
    if not s.is_network and step.op not in ("state", "update"):
        return _brief_expression(step, s)
    left, sign = _left(step, s), step.sign.replace("-", "−")
    return f"{left:<2} {sign} {_right(step, s)}" if sign == "=" else f"{left} {sign} {_right(step, s)}"


def _left(step: Step, s: Symbols) -> str:
    cell, n = step.cell, s.notation
    if step.op in ("update", "state"):
        return s(cell)
    if step.op == "local":
        return _slope(cell, step.when.node, s)
    if cell.kind == "d":
        return s(cell) if step.op == "seed" else _derivative(cell, s)
    if cell.kind == "dot":
        return _tangent(cell, s)
    return {"e": s.net, "y": n.output, "cost": n.cost}.get(cell.kind, s(cell))


def _slope(cell: Cell, node: str, s: Symbols) -> str:
    """f′; in a softmax layer, which output's answer to which net input it is; the slope of the cost."""
    head, tail = cell.of, cell.by
    assert isinstance(head, Cell)
    assert isinstance(tail, Cell)
    if s.is_slope(cell):
        return s.prime
    over, under = (_in_block(end, node, s) for end in (head, tail))
    return s.ratio(over, under)


def _in_block(cell: Cell, node: str, s: Symbols) -> str:
    """A net input or an output; that of the block's own neuron without its name."""
    own = {"e": s.net, "y": s.notation.output}.get(cell.kind)
    return own if own is not None and cell.of == node else s(cell)


def _derivative(cell: Cell, s: Symbols) -> str:
    of = cell.of
    assert isinstance(of, Cell)
    n = s.notation
    if of.kind == "e":
        return n.delta
    if of.kind == "w":
        return f"∂w({of.of})"
    if of.kind == "cost":
        return f"∂{s(of)}"
    return {"y": f"∂{n.output}", "b": "∂b"}.get(of.kind, s(cell))


def _tangent(cell: Cell, s: Symbols) -> str:
    """In forward mode ∂e is short for dot(e), the derivative of e by the one number that the run is about."""
    of = cell.of
    assert isinstance(of, Cell)
    n = s.notation
    letter = {"e": s.net, "y": n.output, "cost": n.cost, "w": "w", "b": "b"}.get(of.kind, s(of))
    return f"∂{letter}"


def _right(step: Step, s: Symbols) -> str:
    if step.op in ("state", "update"):
        return _update(step, s)
    text = _tight(s.filled(step.template, [_short(step, factor.cell, s) for factor in step.inputs]))
    if step.op == "cost" and text.endswith("/2"):
        return s.glyphs.spell(f"½{text.removesuffix('/2')}")
    return text


def _update(step: Step, s: Symbols) -> str:
    """What an optimizer does with one parameter, which stands at the left, from its gradient ∂ and its state (m, v)."""
    cells = [factor.cell for factor in step.inputs]
    names = ["∂" if cell.kind == "d" else cell.kind if cell.is_state else s(cell) for cell in cells]
    text = _tight(s.filled(step.template, names))
    return text if step.op == "state" or len(text) <= _LONG_UPDATE else f"{s.notation.rate}·(…)"


def _tight(text: str) -> str:
    """A formula without blanks around its operators."""
    return text.replace(" · ", "·").replace(" − ", "−").replace(" / ", "/").replace(" + ", "+")


def _short(step: Step, cell: Cell, s: Symbols) -> str:
    """The name of a cell that is read, relative to the neuron of the block."""
    n, node = s.notation, step.when.node
    if step.op == "term":
        return f"w({cell.of})" if cell.kind == "w" else f"{n.output}({cell.of})"
    if step.op == "contribute" and cell.kind == "w":
        return f"w({cell.of if step.cell == d(cell) else cell.by})"
    if cell.kind == "dot":
        of = cell.of
        assert isinstance(of, Cell)
        own = _tangent(cell, s)
        return own if of.of == node else f"{own}({of.of})"
    if step.op == "tangent" and cell.kind == "w":
        return f"w({cell.of})"
    if cell.kind == "d":
        of = cell.of
        assert isinstance(of, Cell)
        if s(of) == s.root:
            return "1"
        if of.of == node or of.kind == "cost":
            return _derivative(cell, s)
        return s(cell) if of.kind == "e" else f"∂{s(of)}"
    if cell.kind == "local":
        return _slope(cell, node, s)
    if cell.of == node and step.op != "cost":
        return {"y": n.output, "e": s.net, "b": "b", "t": n.target}.get(cell.kind, s(cell))
    if cell.kind == "t":
        return n.target
    return s(cell)


def _brief_expression(step: Step, s: Symbols) -> str:
    names = [_ratio_free(factor.cell, s) for factor in step.inputs]
    text = s.filled(step.template, names)
    if step.op == "apply":
        return f"{step.cell} = {text}"
    sign = step.sign.replace("-", "−")
    if step.op in ("local", "seed"):
        return f"{s(step.cell)} {sign} {text}"
    return f"{_ratio_free(step.cell, s)} {sign} {text.replace(' · ', '·')}"


def _ratio_free(cell: Cell, s: Symbols) -> str:
    """∂v for ∂y/∂v: the root is the same in the whole listing."""
    if cell.kind in ("d", "dot"):
        return f"∂{s(cell.owner)}"
    return f"({s(cell)})" if cell.kind == "local" else s(cell)
