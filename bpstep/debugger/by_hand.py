"""The asker's way: the cost as a function of one number, everything without it already a number.

A student takes one hidden weight w, works out whatever does not depend on it, and writes the rest as a formula in w.
That is right, and it is what this module does: one statement for every cell that depends on the number, in which
every other cell is its value, as the steps of this sample read it.  A statement is a list of pieces: text, cells that
depend on the number, numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.moment import Moment, write_steps
from bpstep.engine.cells import Cell
from bpstep.engine.dependence import dependents
from bpstep.engine.graph import Apply, CostSum, Operation, Softmax, Vector, WeightedSum
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor

__all__ = ["ByHand", "Piece", "Statement", "by_hand"]

#: Text as it stands, a cell that depends on the number, or a number.
Piece = str | Cell | float
#: Of what is smaller, exp is a number.
_LARGEST_POWER = 700.0

_Masks = list[np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


@dataclass(frozen=True)
class Statement:
    """``cell = pieces``."""

    cell: Cell
    pieces: tuple[Piece, ...]
    value: float


@dataclass(frozen=True)
class ByHand:
    """What the root is as a function of ``cell``: statements in the order in which they are worked out.

    ``here`` is the number that the steps of this sample read in the cell.
    """

    cell: Cell
    here: float
    statements: tuple[Statement, ...]


def by_hand(moment: Moment, cell: Cell) -> ByHand | None:
    """The root as a function of one input or parameter; None where a cell is neither.

    `CommandError` where the cell was set by hand between two of its uses: then there is no one number to put in.
    """
    spot = moment.index.find(cell)
    if spot is None or spot.kind not in ("given", "parameter") or spot.at.kind == "t":
        return None
    cell = spot.at.cell(spot.row, spot.column)  # d(e[h1], w[x1->h1]) is y[x1] under another name
    page = _Page(moment, dependents(moment.setup, [(spot.at, spot.row, spot.column)]).value)
    made = tuple(
        page.statement(operation, row)
        for operation in moment.setup.graph.operations
        for row in range(len(operation.head.names))
        if page.masks[operation.head.id][row]
    )
    read = [factor.value for factor in page.read if factor.cell == cell]
    if any(repr(value) != repr(read[0]) for value in read):
        told = f"{cell} was set by hand between two of its uses: there is no one page for both"
        raise CommandError(told, 0, ExitCode.FAILED)
    return ByHand(cell, read[0], made)


class _Page:
    """Statements of one sample, in the numbers that its steps read: an edit may have come between two of them."""

    def __init__(self, moment: Moment, masks: _Masks) -> None:
        self.moment, self.masks = moment, masks
        self.sample = moment.place.sample
        #: The cells that stand on the page, with the numbers that were read in them.
        self.read: list[Factor] = []

    def statement(self, operation: Operation, row: int) -> Statement:
        """One cell that depends on the number."""
        moment = self.moment
        cell = operation.head.cell(row)
        spot = moment.index.find(cell)
        assert spot is not None
        steps = write_steps(moment, moment.index.writes(moment.place.schedule, spot))
        return Statement(cell, tuple(self.pieces(operation, row, steps)), moment.run.step(steps[-1]).value)

    def pieces(self, operation: Operation, row: int, steps: Sequence[int]) -> list[Piece]:
        """The right-hand side, from the steps that made it."""
        if isinstance(operation, WeightedSum):
            return self.weighted_sum(operation, row, steps)
        if isinstance(operation, CostSum):
            return self.cost(operation, steps)
        (step,) = steps
        if isinstance(operation, Softmax):
            return self.softmax(operation, row, step)
        assert isinstance(operation, Apply)
        places = {
            letter: self.operand(operand, row, step)
            for letter, operand in zip("ab", operation.operands, strict=False)
        }
        return _filled(operation.function.text, places)

    def numbers(self, step: int) -> list[Array]:
        """The arrays of the forward pass, as a step found them."""
        place = self.moment.place
        return self.moment.run.batch_at(place.batch, step - 1 - place.batch_base).numbers.values

    def operand(self, operand: Vector | float, row: int, step: int, column: int = 0) -> Piece:
        """A cell where it depends on the number, else its value."""
        if not isinstance(operand, Vector):
            return operand
        place = (row, column) if operand.kind == "w" else row
        value = self.numbers(step)[operand.id][place if operand.is_parameter else (self.sample, row)]
        if not self.masks[operand.id][place]:
            return float(value)
        self.read.append(Factor(operand.cell(row, column), float(value)))
        return operand.cell(row, column)

    def weighted_sum(self, operation: WeightedSum, row: int, steps: Sequence[int]) -> list[Piece]:
        """A term for each source that depends on the number, and what the others and the bias make together."""
        sources = [(source, place) for source in operation.sources for place in range(len(source.names))]
        terms: list[Piece] = []
        known = 0.0
        for column, ((source, place), step) in enumerate(zip(sources, steps, strict=False)):
            w = self.operand(operation.weights, row, step, column)
            y = self.operand(source, place, step)
            if isinstance(w, float) and isinstance(y, float):
                known += w * y
            else:
                terms += [" + ", y, " * ", w] if isinstance(y, float) else [" + ", w, " * ", y]
        if operation.bias is not None:
            bias = self.operand(operation.bias, row, steps[-1])
            if isinstance(bias, float):
                known += bias
            else:
                terms += [" + ", bias]
        return [*terms[1:], *_constant(known)]

    def softmax(self, operation: Softmax, row: int, step: int) -> list[Piece]:
        """exp of the own net input over the sum of all; those that do not depend on the number are one number, but for
        what is too large to be one."""
        net = operation.net
        powers: list[Piece] = []
        known = 0.0
        for place in range(len(net.names)):
            e = self.operand(net, place, step)
            if isinstance(e, float) and e < _LARGEST_POWER:
                known += math.exp(e)
            else:
                powers += [" + ", "exp(", e, ")"]
        return ["exp(", self.operand(net, row, step), ") / (", *powers[1:], *_constant(known), ")"]

    def cost(self, operation: CostSum, steps: Sequence[int]) -> list[Piece]:
        """A term for each output that depends on the number, and what the others make together."""
        outputs = operation.outputs
        found: list[Piece] = []
        known = 0.0
        for place, number in enumerate(steps):
            step = self.moment.run.step(number)
            y = self.operand(outputs, place, number)
            t = float(self.numbers(number)[operation.targets.id][self.sample, place])
            if isinstance(y, float):
                known += step.product or 0.0
                continue
            text = operation.cost.texts(t)[0].replace("{K}", str(len(outputs.names)))
            found += [" + ", *_filled(text, {"y": y, "t": t})]
        return [*found[1:], *_constant(known)]


def _filled(text: str, places: dict[str, Piece]) -> list[Piece]:
    """A text of the function table with pieces in its places."""
    found: list[Piece] = []
    rest = text
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        found += [before, places[name]] if before else [places[name]]
    return [*found, rest] if rest else found


def _constant(known: float) -> list[Piece]:
    """What does not depend on the number, added up."""
    return [" + ", known] if known else []
