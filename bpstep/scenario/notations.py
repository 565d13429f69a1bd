"""The letters of the books: one row a notation (formats, section 6).

The choice of a notation changes every formula on the screen, never a number.  A row of the table is all that another
notation takes: the view spells cells with it (`bpstep.view.symbols.formula`), and the parser of expressions reads
them back.

Two cells never have one name.  Where a book has one letter for the net input of a neuron and for its output (autodiff
calls every value v), a mark makes the difference: ``v(→h1)`` is what runs into h1, its net input, and ``v(h1)`` its
output.  It is an arrow, because no name can begin with one.
"""

from __future__ import annotations

from functools import cache

from bpstep.lazily import dataclass

__all__ = ["ASCII_LETTERS", "ASCII_NAMES", "NOTATIONS", "Notation", "in_ascii", "letter_of_setting"]


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
    #: What there is to know of its δ, as the legend says it behind the letter.
    delta_says: str = ""
    #: Whether the book's δ is −∂cost/∂net input; bpstep's is + all the same, and says so.
    delta_is_negative: bool = False

    @property
    def letters(self) -> dict[str, str]:
        """The letters, by what they stand for."""
        return {
            name: text for name, text in vars(self).items() if isinstance(text, str) and name not in _PROSE
        }


#: The fields of a notation that are no letters.
_PROSE = ("name", "delta_says")


_ROWS = (
    Notation("bpstep", "e", "y", "δ", "f", "s", "t", "E", "η"),
    Notation("nielsen", "z", "a", "δ", "σ", "σ", "y", "C", "η"),
    Notation("ng", "z", "a", "dz", "g", "g", "y", "J", "α"),
    Notation("pdp", "net", "o", "δ", "f", "f", "t", "E", "η", delta_is_negative=True),
    Notation(
        "autodiff", "v", "v", "bar v", "φ", "φ", "t", "L", "γ", "→",
        delta_says="is v with a bar: the derivative by that v",
    ),
)  # fmt: skip

#: The notations, by name.
NOTATIONS: dict[str, Notation] = {row.name: row for row in _ROWS}

#: The letters of an optimizer's settings, and of the number of the update, as far as they are free.
_SETTINGS = {"beta1": "β₁", "beta2": "β₂", "epsilon": "ε", "momentum": "μ", "weight_decay": "decay", "t": "t"}

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


@cache
def letter_of_setting(name: str, notation: Notation) -> str:
    """The letter of an optimizer's setting, or its name, where the book has that letter for something else.

    >>> letter_of_setting("epsilon", NOTATIONS["ng"]), letter_of_setting("alpha", NOTATIONS["ng"])
    ('ε', 'alpha_')
    """
    taken = {form for letter in (notation.cost, notation.rate) for form in (letter, *in_ascii(letter))}
    for letter in (_SETTINGS.get(name, name), name):
        if taken.isdisjoint((letter, *in_ascii(letter))):
            return letter
    return f"{name}_"
