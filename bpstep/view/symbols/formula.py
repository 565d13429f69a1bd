"""Formulas: the cells under the names of the books, and the signs of a book for the arithmetic between them.

A `Notation` is a row of letters (formats, section 6), and `Symbols` spells every cell with them: the same
cells under other letters, never another number.

    >>> from bpstep.engine import cells
    >>> bp = Symbols(NOTATIONS["bpstep"])
    >>> bp(cells.d(cells.e("o1"))), bp(cells.d(cells.w("i1", "h1")))
    ('δ(o1)', '∂E/∂w(i1→h1)')
    >>> Symbols(NOTATIONS["ng"])(cells.d(cells.e("o1")))
    'dz(o1)'

A sample's cost and the loss of a batch are two cells, with two names; what is differentiated is the loss:

    >>> Symbols(NOTATIONS["bpstep"], batch=True)(cells.d(cells.COST))
    '∂loss/∂E'

The right-hand side of a step is a template over its inputs (`Step.template`), in the arithmetic of scenario
files.  `Symbols.filled` puts names in its places, and sets it as a book would: · for *, − for -, ² for ^2.

    >>> bp.filled("{0} * (1 - {0})", ["y(h1)"]), bp.filled("{0} * {1} + {2}^2", ["β₂", "v", "∂E/∂w"])
    ('y(h1) · (1 − y(h1))', 'β₂ · v + (∂E/∂w)²')
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from bpstep.engine.cells import Cell
from bpstep.scenario.notations import NOTATIONS, Notation, letter_of_setting
from bpstep.view.drawing.glyphs import FULL, GlyphSet
from bpstep.view.drawing.naming import fitted
from bpstep.view.drawing.roles import Kind

__all__ = ["LOSS", "NOTATIONS", "Notation", "Symbols", "enclosed", "kind_of", "prettified"]

#: The name of the loss of a batch, in every notation.
LOSS = "loss"

_PLACE = re.compile(r"\{(\d+)\}")


class Symbols:
    """Spells cells with the letters of a book, in the characters of a glyph set.

    ``output`` is the output of an expression, "" in a network.  ``taken`` are the names of variables and neurons, which
    no index may have.  ``batch`` says that the loss is another cell than the cost.  ``coupled`` are the neurons of
    softmax layers, which have no f′ of their own.  ``shared`` are the variables that are parameters, whose derivative
    gathers over the samples of a batch.  ``long`` are the names that are shortened where there is no room for them.

    ``root`` is the name of what is differentiated, ``goal`` of what all paths lead to: the cost of the sample, or
    the output.
    """

    def __init__(
        self,
        notation: Notation,
        *,
        output: str = "",
        taken: Container[str] = (),
        batch: bool = False,
        coupled: Container[str] = (),
        shared: Container[str] = (),
        long: tuple[str, ...] = (),
        glyphs: GlyphSet = FULL,
    ) -> None:
        letters: dict[str, Any] = {name: glyphs.spell(letter) for name, letter in notation.letters.items()}
        #: The book, and its letters as they are written here.
        self.book, self.notation = notation, replace(notation, **letters)
        self.glyphs = glyphs
        self.coupled, self.taken, self.shared, self.long = coupled, taken, shared, long
        self.is_network = not output
        self.goal = output or self.notation.cost
        self.root = LOSS if batch else self.goal

    # --- cells ----------------------------------------------------------------------------------------

    def __call__(self, cell: Cell) -> str:
        """The symbol of a cell."""
        n, of = self.notation, cell.of
        if cell.kind == "w":
            return self.glyphs.spell(f"w({of}→{cell.by})")
        if cell.kind == "e":
            return f"{n.net}({n.net_mark}{of})"
        if cell.kind in ("y", "t", "b") and of:
            letter = {"y": n.output, "t": n.target, "b": "b"}[cell.kind]
            return f"{letter}({of})"
        if cell.kind == "d":
            assert isinstance(of, Cell)
            return f"{n.delta}({n.net_mark}{of.of})" if of.kind == "e" else self.derivative(self(of))
        if cell.kind == "local":
            assert isinstance(of, Cell)
            assert isinstance(cell.by, Cell)
            # Of x·x each use has a derivative of its own: ∂v/∂x[1], ∂v/∂x[2].
            return self.ratio(self(of), self(cell.by)) + (f"[{cell.place}]" if cell.place else "")
        if isinstance(of, Cell):
            return f"{cell.kind}({self(of)})"
        if cell.kind == "setting":
            return self.glyphs.spell(letter_of_setting(str(of), self.book))
        if cell.kind == "sum":
            return self._sum(str(of))
        return {"cost": n.cost, "loss": LOSS, "lr": n.rate}.get(cell.kind, str(cell))

    def _sum(self, terms: str) -> str:
        """A sum that is too long to be written out: over all weights, or over the net inputs of a layer."""
        index = self.free_letter("i")
        named = re.sub(r"\be\b", self(Cell("e", index)), terms)
        return self.written(f"Σ {terms}" if named == terms else f"Σ{index} {named}")

    def ratio(self, over: str, under: str) -> str:
        """A derivative on one line."""
        return f"∂{over}/∂{under}"

    def derivative(self, name: str) -> str:
        """The derivative of the root by what has a name."""
        return self.ratio(self.root, name)

    def slope(self, neuron: str) -> str:
        """The derivative of a neuron's activation: f′."""
        return f"{self.prime}({neuron})"

    def local_name(self, cell: Cell) -> str:
        """A local derivative by its shortest name: f′(h1) where it is an activation's."""
        return (
            self.slope(str(cell.by.of)) if isinstance(cell.by, Cell) and self.is_slope(cell) else self(cell)
        )

    def is_slope(self, cell: Cell) -> bool:
        """Whether a cell is the f′ of a neuron."""
        head, tail = cell.of, cell.by
        if cell.kind != "local" or not isinstance(head, Cell) or not isinstance(tail, Cell):
            return False
        return (head.kind, tail.kind) == ("y", "e") and head.of == tail.of and head.of not in self.coupled

    def free_letter(self, letter: str) -> str:
        """A letter for any neuron or variable, that is not the name of one."""
        while letter in self.taken:
            letter += "′"
        return letter

    def fitted(self, text: str, width: int) -> str:
        """A text in at most so many columns: where it is longer, its names are shortened, so that they stay
        different."""
        return fitted(text, self.long, width)

    @property
    def net(self) -> str:
        """The net input of the neuron at hand: in its card, in its block of the program."""
        return self.notation.net + self.glyphs.spell(self.notation.net_mark)

    @property
    def prime(self) -> str:
        """The slope of the activation of the neuron at hand."""
        return f"{self.notation.activation}′"

    def total_of(self, cell: Cell) -> str:
        """What the paths of one sample add up to: the derivative by a cell, or one sample's share of a gradient."""
        whole = self(Cell("d", cell))
        gathers = self.root != self.goal and (cell.kind in ("w", "b") or str(cell) in self.shared)
        return f"what this sample adds to {whole}" if gathers else whole

    # --- arithmetic -----------------------------------------------------------------------------------

    def written(self, template: str) -> str:
        """A template as this book, and these characters, write it."""
        text = prettified(template)
        if self.is_network:
            text = re.sub(r"\bsigmoid\(", f"{self.notation.logistic}(", text)
        return self.glyphs.spell(text)

    def filled(self, template: str, names: Sequence[str]) -> str:
        """A template with names in its places; a derivative that is raised to a power stands in parentheses."""
        text = self.written(template)

        def name(found: re.Match[str]) -> str:
            symbol = names[int(found[1])]
            raised = text[found.end() :].startswith(("²", "^"))
            if re.match(r"[eE]\d", symbol) and text[: found.start()][-1:].isdigit():
                return f" · {symbol}"  # 2e3 would be a number
            return f"({symbol})" if raised and "/" in symbol else symbol

        return _PLACE.sub(name, text)

    # --- words ----------------------------------------------------------------------------------------

    @property
    def root_in_words(self) -> str:
        """What is differentiated, in a sentence."""
        return f"the {LOSS}" if self.root == LOSS else self.root

    def in_words(self, cell: Cell) -> str:
        """What a cell is, in words.

        >>> from bpstep.engine import cells
        >>> Symbols(NOTATIONS["bpstep"]).in_words(cells.d(cells.e("o1")))
        'the derivative of E by e(o1), the net input of o1'
        """
        of, by = cell.of, cell.by
        if cell.kind == "d" and isinstance(of, Cell):
            inner = f", {self.in_words(of)}" if of.kind in ("e", "y", "w", "b") else ""
            return f"the derivative of {self.root_in_words} by {self(of)}{inner}"
        if cell.kind == "local" and isinstance(of, Cell) and isinstance(by, Cell):
            return f"the local derivative: how {self(of)} changes with {self(by)}"
        if cell.is_state:
            assert isinstance(of, Cell)
            return f"the optimizer's state for {self(of)}"
        if cell.kind == "dot" and isinstance(of, Cell):
            return f"the tangent of {self(of)}"
        return _WORDS.get(cell.kind, "the value of {of}").format(of=of, by=by)


_WORDS = {
    "e": "the net input of {of}", "y": "the output of {of}", "w": "the weight from {of} to {by}",
    "b": "the bias of {of}", "t": "the target of {of}", "cost": "the cost", "loss": "the loss of the batch",
    "lr": "the learning rate",
}  # fmt: skip


def prettified(template: str) -> str:
    """A template in the signs of a book.

    >>> prettified("{0} * (1 - {0})"), prettified("({0} - {1})^2 / 2")
    ('{0} · (1 − {0})', '({0} − {1})² / 2')
    >>> prettified("3 * {0}^2"), prettified("1e-09 * {0}")
    ('3{0}²', '1e−09 · {0}')
    """
    text = re.sub(r"\^2(?![\d.])", "²", template)  # of the raised digits, only ² is in every font
    text = re.sub(r"(?<![\w.^)])(?<!e[-+])([1-9]\d*) \* (?=\{)", r"\1", text)
    for typed, printed in ((" * ", " · "), ("==", "="), ("<=", "≤"), (">=", "≥"), ("-", "−")):
        text = text.replace(typed, printed)
    return text


def enclosed(text: str) -> str:
    """A formula as a factor: in parentheses where it is a sum, or begins with a minus.

    >>> enclosed("y − t"), enclosed("cos(v − 1)"), enclosed("−t / y")
    ('(y − t)', 'cos(v − 1)', '(−t / y)')
    """
    depth = 0
    for place, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and (char == "−" if place == 0 else text[place : place + 3] in (" + ", " − ", " - ")):
            return f"({text})"
    return text


def kind_of(cell: Cell) -> Kind:
    """The hue of a number: a value flows forward, a derivative back, a parameter stands still."""
    if cell.kind in ("d", "local", "dot"):
        return "deriv"
    if cell.kind in ("w", "b", "lr"):
        return "param"
    if cell.is_state:
        return "update"
    return "value"
