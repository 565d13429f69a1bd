"""The letters of the books: one row a notation (formats, section 6).

The choice of a notation changes every formula on the screen, never a number.  A row of the table is all that another
notation takes: the view spells cells with it (`bpstep.view.formula`), and the parser of expressions reads them back.

Two cells never have one name.  Where a book has one letter for the net input of a neuron and for its output (autodiff
calls every value v), a mark makes the difference: ``v(→h1)`` is what runs into h1, its net input, and ``v(h1)`` its
output.  It is an arrow, because no name can begin with one.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOTATIONS", "Notation"]


@dataclass(frozen=True)
class Notation:
    """The letters of a book.

    ``delta`` is ∂cost/∂net input.  ``activation`` stands for any of them, ``logistic`` for the logistic function.
    ``cost`` is that of one sample.
    """

    name: str
    net: str
    output: str
    delta: str
    activation: str
    logistic: str
    target: str
    cost: str
    rate: str
    #: What tells a net input from an output where a book has one letter for both.
    net_mark: str = ""


_ROWS = (
    Notation("bpstep", "e", "y", "δ", "f", "s", "t", "E", "η"),
    Notation("nielsen", "z", "a", "δ", "σ", "σ", "y", "C", "η"),
    Notation("ng", "z", "a", "dz", "g", "g", "y", "J", "α"),
    Notation("pdp", "net", "o", "δ", "f", "f", "t", "E", "η"),
    Notation("autodiff", "v", "v", "bar v", "φ", "φ", "t", "L", "γ", "→"),
)

#: The notations, by name.
NOTATIONS: dict[str, Notation] = {row.name: row for row in _ROWS}
