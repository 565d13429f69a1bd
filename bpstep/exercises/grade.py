"""What comes of an answer, and the truth that it is held against.

An answer a is right where |a − t| ≤ max(rel·|t|, 0.001·|largest contribution to t|), t being the true value; where t
is 0, within 1e-9.  So who rounds every step to the four digits on the screen passes, and 0 never does unless t is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.answers import Hole
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass

__all__ = [
    "CARRIED", "CORRECT_ANSWER", "NOT_GRADED", "OF_ZERO", "WRONG", "Grade", "Truth", "in_six_digits", "named",
    "tolerance_text", "truth_of",
]  # fmt: skip

CORRECT_ANSWER, CARRIED, WRONG, NOT_GRADED = "correct", "carried-forward", "wrong", "not-graded"

#: An answer may always be as far off as this share of the largest contribution.
_LEAST_SHARE = 0.001
#: How near 0 an answer must be where 0 is right.
OF_ZERO = 1e-9


@dataclass(frozen=True)
class Grade:
    """What came of an answer.  ``echo`` is the answer with its value; ``diagnoses`` are the wrong rules that match."""

    verdict: str
    says: tuple[str, ...] = ()
    echo: str = ""
    value: float | None = None
    diagnoses: tuple[str, ...] = ()
    hole: Hole | None = None

    @property
    def is_right(self) -> bool:
        """Whether the item is solved."""
        return self.verdict in (CORRECT_ANSWER, CARRIED)


@dataclass(frozen=True)
class Truth:
    """The right value of a cell, what was added up to it, and how far off an answer may be."""

    cell: Cell
    value: float
    steps: tuple[Step, ...]
    tolerance: float

    def holds(self, answer: float) -> bool:
        """Whether an answer is near enough."""
        return abs(answer - self.value) <= self.tolerance


def truth_of(cell: Cell, steps: Sequence[Step], rel: float, absolute: float | None) -> Truth:
    """The truth about a cell that these steps write."""
    value = steps[-1].value
    if absolute is not None:
        return Truth(cell, value, tuple(steps), absolute)
    if value == 0.0:
        return Truth(cell, value, tuple(steps), OF_ZERO)
    parts = [step.product if step.product is not None else step.value for step in steps]
    largest = max(abs(part) for part in parts)
    return Truth(cell, value, tuple(steps), max(rel * abs(value), _LEAST_SHARE * largest))


def tolerance_text(rel: float, absolute: float | None) -> str:
    """How far off an answer may be, in words."""
    return f"within {absolute:g}" if absolute is not None else f"within {rel * 100:g}%"


def in_six_digits(value: float) -> str:
    """A number that a learner goes on with: more digits than an answer needs.

    >>> in_six_digits(-0.0554000001)
    '−0.0554'
    """
    return f"{value:.6g}".replace("-", "−")


def named(cell: Cell) -> str:
    """A cell as a learner knows it: f′(e[o1]) for a neuron's own slope."""
    head, tail = cell.of, cell.by
    own = cell.kind == "local" and isinstance(head, Cell) and isinstance(tail, Cell) and head.of == tail.of
    if own and isinstance(head, Cell) and head.kind == "y":
        return f"f′({tail})"
    is_delta = cell.kind == "d" and isinstance(head, Cell) and head.kind == "e"
    return f"delta[{head.of}]" if is_delta and isinstance(head, Cell) else str(cell)
