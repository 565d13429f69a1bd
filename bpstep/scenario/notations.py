"""The letters of the books: one row a notation (formats, section 6).

The choice of a notation changes every formula on the screen, never a number.  A row of the table is all that another
notation takes: the view spells cells with it (`bpstep.view.symbols.formula`), and the parser of expressions reads
them back.

Two cells never have one name.  Where a book has one letter for the net input of a neuron and for its output (autodiff
calls every value v), a mark makes the difference: ``v(→h1)`` is what runs into h1, its net input, and ``v(h1)`` its
output.  It is an arrow, because no name can begin with one.
"""

from __future__ import annotations

from bpstep.lazily import dataclass

__all__ = ["ASCII_LETTERS", "ASCII_NAMES", "NOTATIONS", "SETTINGS", "Notation", "in_ascii"]


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
    #: What tells a net input from an output where a book has one letter for both: a sign, no letter.
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

#: The letters of an optimizer's settings, and of the number of the update, in every notation.
SETTINGS = {"beta1": "β₁", "beta2": "β₂", "epsilon": "ε", "momentum": "μ", "weight_decay": "decay", "t": "t"}

#: What the letters of mathematics become where there is only ASCII: a letter that they look or sound like.
ASCII_LETTERS = {
    "∂": "d", "δ": "D", "η": "n", "Σ": "S", "Δ": "^", "σ": "s", "φ": "f", "α": "A", "γ": "g", "′": "'", "→": ">",
}  # fmt: skip

#: Their names, where there is room for more than one character.
ASCII_NAMES = {"η": "eta", "α": "alpha", "γ": "gamma", "λ": "lambda", "μ": "mu", "ε": "eps", "φ": "phi"}


def in_ascii(letter: str) -> tuple[str, ...]:
    """How a letter of a notation is printed where there is only ASCII: in one character, and by its name."""
    return tuple(
        "".join(table.get(char, char) for char in letter)
        for table in (ASCII_LETTERS, {**ASCII_LETTERS, **ASCII_NAMES})
    )
