"""Formulas: the cells under the names of the books.

A `Notation` is a row of letters (`bpstep.scenario.notations`), and `Symbols` spells every cell with them: the same
cells under other letters, never another number.

    >>> from bpstep.engine import cells
    >>> bp = Symbols(NOTATIONS["bpstep"])
    >>> bp(cells.d(cells.e("o1"))), bp(cells.d(cells.w("i1", "h1")))
    ('δ(o1)', '∂E/∂w(i1→h1)')
    >>> Symbols(NOTATIONS["ng"])(cells.d(cells.e("o1")))
    'dz(o1)'

The right-hand side of a step is a template over its inputs (`Step.template`), in the arithmetic of scenario
files.  `inline` fills in the symbols and sets it as a book would: · for *, − for -, ² for ^2.
"""

from __future__ import annotations

import re
from collections.abc import Container

from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.scenario.notations import NOTATIONS, Notation
from bpstep.view.roles import Kind

__all__ = ["NOTATIONS", "Notation", "Symbols", "kind_of", "prettified"]


class Symbols:
    """Spells cells.

    ``root`` is the output of an expression; of a network it is the cost.  ``coupled`` are the neurons of softmax
    layers, which have no f′ of their own.
    """

    def __init__(self, notation: Notation, root: str | None = None, coupled: Container[str] = ()) -> None:
        self.notation = notation
        self.coupled = coupled
        self.root = root if root is not None else notation.cost

    def __call__(self, cell: Cell) -> str:
        """The symbol of a cell."""
        n = self.notation
        if cell.kind == "w":
            return f"w({cell.of}→{cell.by})"
        if cell.kind in ("y", "e", "t", "b"):
            letter = {"y": n.output, "e": n.net, "t": n.target, "b": "b"}[cell.kind]
            return f"{letter}({n.net_mark if cell.kind == 'e' else ''}{cell.of})"
        if cell.kind == "d":
            assert isinstance(cell.of, Cell)
            return self.delta(cell.of) if cell.of.kind == "e" else self.ratio(self.root, self(cell.of))
        if cell.kind == "local":
            assert isinstance(cell.of, Cell)
            assert isinstance(cell.by, Cell)
            return self.ratio(self(cell.of), self(cell.by))
        if cell.kind in ("m", "v", "dot"):
            assert isinstance(cell.of, Cell)
            return f"{cell.kind}({self(cell.of)})"
        return {"cost": n.cost, "loss": "loss", "lr": n.rate}.get(cell.kind, str(cell))

    def delta(self, net: Cell) -> str:
        """The derivative by a net input, which has a letter of its own: δ."""
        return f"{self.notation.delta}({self.notation.net_mark}{net.of})"

    def ratio(self, over: str, under: str) -> str:
        """A derivative on one line."""
        return f"∂{over}/∂{under}"

    def slope(self, neuron: str) -> str:
        """The derivative of a neuron's activation: f′."""
        return f"{self.notation.activation}′({neuron})"

    def inline(self, step: Step) -> str:
        """A whole step on one line."""
        names = [self(factor.cell) for factor in step.inputs]
        if step.op == "contribute" and len(names) == 2 and step.local is not None:
            names[1] = self.local_name(step.inputs[1].cell)
        text = prettified(step.template)
        if step.cell.kind == "y":
            text = text.replace("sigmoid(", f"{self.notation.logistic}(")
        right = text.format(*names)
        sign = step.sign.replace("-", "−")
        return f"{self(step.cell)} {sign} {right}"

    def local_name(self, cell: Cell) -> str:
        """A local derivative by its shortest name: f′(h1) where it is an activation's."""
        if cell.kind == "local" and isinstance(cell.of, Cell) and isinstance(cell.by, Cell):
            head, tail = cell.of, cell.by
            if head.kind == "y" and tail.kind == "e" and head.of == tail.of and head.of not in self.coupled:
                return self.slope(str(head.of))
        return self(cell)

    def in_words(self, cell: Cell) -> str:
        """What a cell is, in words.

        >>> from bpstep.engine import cells
        >>> Symbols(NOTATIONS["bpstep"]).in_words(cells.d(cells.e("o1")))
        'the derivative of E by e(o1), the net input of o1'
        """
        of, by = cell.of, cell.by
        if cell.kind == "d" and isinstance(of, Cell):
            inner = f", {self.in_words(of)}" if of.kind in ("e", "y", "w", "b") else ""
            return f"the derivative of {self.root} by {self(of)}{inner}"
        if cell.kind == "local" and isinstance(of, Cell) and isinstance(by, Cell):
            return f"the local derivative: how {self(of)} changes with {self(by)}"
        if cell.kind in ("m", "v") and isinstance(of, Cell):
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

    >>> prettified("{0} * (1 - {0})"), prettified("({0} - {1})^2 / 2"), prettified("3 * {0}^2")
    ('{0} · (1 − {0})', '({0} − {1})² / 2', '3{0}²')
    """
    text = re.sub(r"\^2(?![\d.])", "²", template)  # of the raised digits, only ² is in every font
    text = re.sub(r"(?<![\w.^)])(\d+) \* (?=\{)", r"\1", text)
    return text.replace(" * ", " · ").replace("==", "=").replace("-", "−")


def kind_of(cell: Cell) -> Kind:
    """The hue of a number: a value flows forward, a derivative back, a parameter stands still."""
    if cell.kind in ("d", "local", "dot"):
        return "deriv"
    if cell.kind in ("w", "b", "lr"):
        return "param"
    if cell.kind in ("m", "v"):
        return "update"
    return "value"
