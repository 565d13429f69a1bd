"""What one step is, for whoever looks at it.

A step writes one cell: ``cell = f(...)``, ``cell += a * b`` or ``cell -= lr * gradient``.  A `Step` is
made when somebody looks at it, and says everything about it in names and numbers:

    step 35     d(y[h1]) += d(e[o2]) * w[h1->o2]        0.0554 + (-0.0381) * 0.5 = 0.03635
                cell        upstream   local            was                        value

``template`` is the right-hand side with a place for each of the ``inputs``, so that a face may fill in
the names of a book's notation, or the numbers.  The formula is an equation: every number in it is an input or
stands there as a constant, and with the inputs put in it gives the value.

    >>> from bpstep.engine import cells
    >>> step = Step(1, When(1, 1, 1, "forward", "out", "o1"), "apply", cells.y("o1"), "=", None, 0.5, None,
    ...             (Factor(cells.e("o1"), 0.0),), "sigmoid({0})")
    >>> step.formula
    'y[o1] = sigmoid(e[o1])'

In rounded numbers, too, a line is an equation for whoever works it out (`bpstep.engine.calculator`): the right-hand
side has as many digits as it takes for the value to come out to the last digit that is shown.

    >>> step.equation(3)
    'sigmoid(0) = 0.5'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bpstep.engine.calculator import is_sum, short_texts
from bpstep.engine.cells import Cell

__all__ = ["OPS", "Factor", "Step", "When"]

#: The opposite of 0, at the beginning of a text: it is 0.
_MINUS_ZERO = re.compile(r"^-0(?![.\d])")

#: Parentheses that a minus does not need: at the beginning of a text, and inside others.
_LEADING = re.compile(r"^\((-[^()]*)\)(?!\^)")
_IN_TWO = re.compile(r"\((\(-[^()]*\))\)")

#: Every kind of step.
OPS = (
    "term", "bias", "apply", "cost", "reduce", "seed", "local", "contribute", "tangent", "state", "update",
)  # fmt: skip


class Factor(NamedTuple):
    """A cell that a step reads, and the value that it reads there."""

    cell: Cell
    value: float


class When(NamedTuple):
    """The address of a step.  ``epoch``, ``batch`` and ``sample`` count from 1; ``sample`` is the number
    in the file, which shuffling leaves alone."""

    epoch: int
    batch: int
    sample: int
    phase: str
    layer: str
    node: str


class Step(NamedTuple):
    """One step of a run.

    ``sign`` is ``=``, ``+=`` or ``-=``.  ``was`` is the cell's value before (None where nothing stood
    there), ``value`` after.  ``part`` is (k, n) where this is contribution k of n to its cell.
    ``product`` is what this step adds to a sum.  ``upstream`` and ``local`` are there on a `contribute`
    (and a `tangent`), whose product they make.  ``because`` names a
    convention that the step applies, such as a derivative at a kink.
    """

    number: int
    when: When
    op: str
    cell: Cell
    sign: str
    was: float | None
    value: float
    part: tuple[int, int] | None
    inputs: tuple[Factor, ...]
    template: str
    upstream: Factor | None = None
    local: Factor | None = None
    product: float | None = None
    because: str = ""

    @property
    def formula(self) -> str:
        """The step in the names of the cells."""
        return self.formula_in(str(self.cell), [str(factor.cell) for factor in self.inputs])

    def formula_in(self, cell: str, names: Sequence[str]) -> str:
        """The step, where its cell and its inputs are called so."""
        return f"{cell} {self.sign} {self.template.format(*names)}"

    @property
    def right(self) -> str:
        """The right-hand side in the names of the cells; of a contribution, what it adds."""
        return self.template.format(*(str(factor.cell) for factor in self.inputs))

    @property
    def numbers(self) -> str:
        """The right-hand side in numbers of four digits or as many more as it takes, as one would type it into a
        calculator; with what stood in the cell before, where something did."""
        return self.numbers_for(4)

    def numbers_for(self, digits: int) -> str:
        """The right-hand side in rounded numbers, from which the value comes out to so many significant digits."""
        template, factors = self.whole
        texts = short_texts(template, [factor.value for factor in factors], self.value, digits)
        text = template.format(*(f"({text})" if text[0] == "-" else text for text in texts))
        return _bare(text) if "-" in text else text

    def share_in_numbers(self, digits: int) -> str:
        """What this step adds to a sum, in rounded numbers."""
        share = self.value if self.product is None else self.product
        return self._replace(was=None, value=share).numbers_for(digits)

    def equation(self, digits: int = 4) -> str:
        """The right-hand side in numbers, and the value to so many significant digits."""
        return f"{self.numbers_for(digits)} = {self.value + 0.0:.{digits}g}"

    @property
    def share(self) -> tuple[str, tuple[Factor, ...]]:
        """The right-hand side: of a contribution, what it adds."""
        return self.template, self.inputs

    @property
    def whole(self) -> tuple[str, tuple[Factor, ...]]:
        """The right-hand side with what stood in the cell before as one more number, which a sum goes on from."""
        if self.sign == "=" or self.was is None:
            return self.share
        before, factors = f"{{{len(self.inputs)}}}", (*self.inputs, Factor(self.cell, self.was))
        if self.sign == "-=":
            right = f"({self.template})" if is_sum(self.template) else self.template
            return f"{before} - {right}", factors
        if self.template.startswith("-"):
            return f"{before} - {self.template[1:]}", factors
        return f"{before} + {self.template}", factors

    @property
    def is_product(self) -> bool:
        """Whether a contribution is upstream times one cell, or upstream alone (times 1)."""
        return self.upstream is not None and self.template in ("{0}", "{0} * {1}")

    @property
    def known(self) -> Factor | None:
        """The cell that a contribution takes its local derivative from, where that is one cell: of d(e[o1], y[h1]) the
        weight."""
        return self.inputs[1] if self.is_product and len(self.inputs) > 1 else None

    @property
    def is_final(self) -> bool:
        """Whether the cell has all its contributions with this step."""
        return self.part is None or self.part[0] == self.part[1]


def _bare(text: str) -> str:
    """A text without the parentheses that a minus does not need; the opposite of 0 is 0."""
    if text[0] in "(-":
        text = _MINUS_ZERO.sub("0", text)
        if (leading := _LEADING.match(text)) is not None:
            text = leading[1] + text[leading.end() :]
    return _IN_TWO.sub(r"\1", text) if "((-" in text else text
