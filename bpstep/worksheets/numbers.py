"""The numbers of a variant: drawn like those of the author, and chosen so that a sheet can be read and marked.

Every parameter, and every input that is no whole number, is drawn anew: two digits, no larger than the largest of its
layer, or of its array (rounded up to 1, 2 or 5).  What is equal in a layer's biases stays equal.  Of some
draws the one is taken about which there is the least to complain:

    a value that is 0, or has zeros before or behind its digits        nobody likes to write 0.00004386
    a step that takes more than five digits to come out               two numbers nearly cancel
    a mistake that gives the right value, within what is let pass      it could not be told
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np

from bpstep.debugger.session import Session
from bpstep.engine.calculator import digits_for
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array, ExpressionSpec
from bpstep.exercises.asked import writes_of
from bpstep.exercises.grade import Truth, truth_of
from bpstep.lazily import dataclass
from bpstep.scenario.model import Scenario
from bpstep.worksheets.mistakes import Mistakes
from bpstep.worksheets.worked import DIGITS, merged

__all__ = ["Draws", "tolerance_truth"]

#: So many draws are looked at for one sheet, and the best of them for mistakes that could not be told.
_MOST_DRAWS, _MOST_LOOKS = 16, 3

#: Between these a value is easily read and written.
_SMALLEST, _LARGEST = 1e-3, 1e4

#: What is smaller has come of numbers that cancel.
_NOTHING = 1e-12

#: A step on paper has numbers of at most so many digits.
_MOST_DIGITS = DIGITS + 1

#: An answer is right within this share of the right value, as in an exercise that says nothing else.
_REL = 0.01

#: The grid, by the first digit of the largest number: so many steps from 0 to it, of two digits each.
_STEPS = {"1": 20, "2": 20, "5": 25}


def tolerance_truth(session: Session, cell: Cell) -> Truth:
    """The truth about a cell of the pass at the cursor, and how far off an answer may be."""
    steps = [session.run.step(number) for number in writes_of(session, cell)]
    return truth_of(cell, steps, _REL, None)


@dataclass
class Draws:
    """Draws the numbers of one scenario for a class; no two sheets have the same, as long as there are others."""

    scenario: Scenario
    cells: Sequence[Cell]
    seed: int

    def __post_init__(self) -> None:
        self.mistakes = Mistakes()
        self._taken: set[bytes] = set()

    def variant(self, number: int) -> Session:
        """A session with the numbers of the sheet of this number, from 1."""
        rng = np.random.default_rng([zlib.crc32(self.scenario.name.encode()), self.seed, number])
        drawn = (_redrawn(self.scenario, rng) for _ in range(_MOST_DRAWS))
        found = self._readable(one for one in drawn if _numbers(one) not in self._taken)
        self._taken.add(_numbers(found.scenario))
        return found

    def _readable(self, drawn: Iterable[Scenario]) -> Session:
        """The first draw that nothing is wrong with, or the one with the least; where all are taken, the author's own
        numbers."""
        rated: list[tuple[float, Session]] = []
        for scenario in drawn:
            session = Session(scenario)
            rated.append((self._unread(session), session))
            if sum(unread == 0 for unread, _ in rated) == _MOST_LOOKS:
                break
        best, least = Session(self.scenario) if not rated else rated[0][1], math.inf
        for unread, session in sorted(rated, key=itemgetter(0))[:_MOST_LOOKS]:
            complaints = unread + self._blurred(session, least - unread)
            if complaints < least:
                best, least = session, complaints
        return best

    def _unread(self, session: Session) -> float:
        """How many values are hard to read or to work out; infinite where one is not finite."""
        count = _left_over(session)
        for cell in self.cells:
            steps = [session.run.step(number) for number in writes_of(session, cell)]
            value = steps[-1].value
            if not math.isfinite(value):
                return math.inf
            whole = merged(steps)
            digits = digits_for(whole.template, [factor.value for factor in whole.inputs], value, DIGITS)
            count += not _SMALLEST <= abs(value) < _LARGEST
            count += digits > _MOST_DIGITS
        return count

    def _blurred(self, session: Session, most: float) -> int:
        """How many mistakes could not be told from the right value; where they are ``most``, no more are looked for."""
        count = 0
        for cell in self.cells:
            if count >= most:
                break
            count += self.mistakes.found(session, tolerance_truth(session, cell)).blurred
        return count


def _left_over(session: Session) -> int:
    """How many values are what rounding leaves where 0 is meant."""
    found = session.run.numbers(0).values
    return sum(int(((np.abs(values) < _NOTHING) & (values != 0.0)).sum()) for values in found)


def _numbers(scenario: Scenario) -> bytes:
    """All the numbers that may differ from sheet to sheet."""
    problem = scenario.problem
    if isinstance(problem, ExpressionSpec):
        return b"".join(np.asarray(value, dtype=float).tobytes() for value in problem.values)
    parts = [problem.x, *(layer.weights for layer in problem.layers)]
    parts += [layer.bias for layer in problem.layers if layer.bias is not None]
    return b"".join(part.tobytes() for part in parts)


def _redrawn(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """The scenario with other parameters and inputs, on the grid."""
    problem = scenario.problem
    if isinstance(problem, ExpressionSpec):
        return replace(scenario, problem=replace(problem, values=_other_values(problem, rng)))
    layers = tuple(
        replace(
            layer,
            weights=_drawn(layer.weights, rng),
            bias=None if layer.bias is None else _alike(layer.bias, lambda b: _drawn(b, rng)),
        )
        for layer in problem.layers
    )
    is_whole = bool((problem.x == np.round(problem.x)).all())
    x = problem.x if is_whole else _drawn(problem.x, rng, keeps_sign=True)
    return replace(scenario, problem=replace(problem, layers=layers, x=x))


def _other_values(problem: ExpressionSpec, rng: np.random.Generator) -> tuple[float | Array, ...]:
    """The inputs of an expression, drawn anew: single numbers as if they were of one layer, an array by itself.

    An array of whole numbers that no update changes stays: classes, masks, states that begin with 0.
    """
    numbers = [value for value in problem.values if not isinstance(value, np.ndarray)]
    others = iter(_drawn(np.array(numbers), rng, keeps_sign=True).tolist())
    return tuple(
        next(others)
        if not isinstance(value, np.ndarray)
        else value
        if name not in problem.parameters and bool((value == np.round(value)).all())
        else _drawn(value, rng, keeps_sign=True)
        for name, value in zip(problem.inputs, problem.values, strict=True)
    )


def _drawn(array: Array, rng: np.random.Generator, *, keeps_sign: bool = False) -> Array:
    """Other numbers of the same size: multiples of the step of the grid, none of them 0."""
    largest = _rounded_up(float(np.abs(array).max(initial=0.0)))
    grid = _STEPS[f"{largest:e}"[0]]
    steps = rng.integers(2, grid + 1, array.shape).astype(np.float64)
    signs = np.where(array < 0.0, -1.0, 1.0) if keeps_sign else rng.choice([-1.0, 1.0], array.shape)
    found = np.array([float(f"{value:.12g}") for value in (steps * signs * (largest / grid)).flat])
    return found.reshape(array.shape)


def _alike(array: Array, draw: Callable[[Array], Array]) -> Array:
    """Numbers drawn so that what was equal stays equal."""
    different, places = np.unique(array, return_inverse=True)
    return draw(different)[places.reshape(array.shape)]


def _rounded_up(value: float) -> float:
    """1, 2 or 5 times a power of ten, at least as large; 1 for 0.

    >>> _rounded_up(0.55), _rounded_up(3.0), _rounded_up(0.2), _rounded_up(0.0)
    (1.0, 5.0, 0.2, 1.0)
    """
    if value <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{k * power:.12g}") for k in (1, 2, 5, 10) if value <= k * power * (1 + 1e-12))
