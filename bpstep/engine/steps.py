"""What one step is, for whoever looks at it.

A step writes one cell: ``cell = f(...)``, ``cell += a * b`` or ``cell -= lr * gradient``.  A `Step` is
made when somebody looks at it, and says everything about it in names and numbers:

    step 34     d(y[h1]) += d(e[o1]) * w[h1->o1]        0 + 0.1385 * 0.4 = 0.0554
                cell        upstream   local            was                value

``template`` is the right-hand side with a place for each of the ``inputs``, so that a face may fill in
the names of a book's notation, or the numbers:

    >>> from bpstep.engine import cells
    >>> step = Step(1, When(1, 1, 1, "forward", "out", "o1"), "apply", cells.y("o1"), "=", None, 0.5, None,
    ...             (Factor(cells.e("o1"), 0.0),), "sigmoid({0})")
    >>> step.formula
    'y[o1] = sigmoid(e[o1])'
"""

from __future__ import annotations

from dataclasses import dataclass

from bpstep.engine.cells import Cell

__all__ = ["OPS", "Factor", "Step", "When"]

#: Every kind of step.
OPS = (
    "term", "bias", "apply", "cost", "reduce", "seed", "local", "contribute", "tangent", "state", "update",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Factor:
    """A cell that a step reads, and the value that it reads there."""

    cell: Cell
    value: float


@dataclass(frozen=True, slots=True)
class When:
    """The address of a step.  ``epoch``, ``batch`` and ``sample`` count from 1; ``sample`` is the number
    in the file, which shuffling leaves alone."""

    epoch: int
    batch: int
    sample: int
    phase: str
    layer: str
    node: str


@dataclass(frozen=True, slots=True)
class Step:
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
        names = [str(factor.cell) for factor in self.inputs]
        return f"{self.cell} {self.sign} {self.template.format(*names)}"

    @property
    def numbers(self) -> str:
        """The right-hand side in numbers of four digits, as one would type it into a calculator."""
        right = self.template.format(*(_short(factor.value) for factor in self.inputs))
        if self.sign == "=":
            return right
        before = 0.0 if self.was is None else self.was
        return f"{before:.4g} {self.sign[0]} {right}"

    @property
    def is_final(self) -> bool:
        """Whether the cell has all its contributions with this step."""
        return self.part is None or self.part[0] == self.part[1]


def _short(number: float) -> str:
    text = f"{number:.4g}"
    return f"({text})" if text.startswith("-") else text
