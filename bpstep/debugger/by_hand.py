"""The asker's way: the cost as a function of one number, everything without it already a number.

A student takes one hidden weight w, works out whatever does not depend on it, and writes the rest as a formula in w.
That is right, and it is what this module does: one statement for every cell that depends on the number, in which
every other cell is its value, as the steps of this sample read it.  A statement is a list of pieces: text, cells that
depend on the number, numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.moment import Moment
from bpstep.engine.calculator import worked_out
from bpstep.engine.cells import Cell
from bpstep.engine.dependence import dependents
from bpstep.engine.operation import Operation, ShareOf
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor
from bpstep.engine.vectors import Reader, Said
from bpstep.lazily import dataclass

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
    if spot is None or spot.kind not in ("given", "parameter") or spot.at in moment.setup.graph.constants:
        return None
    cell = spot.at.cell(spot.j)  # d(e[h1], w[x1->h1]) is y[x1] under another name
    page = _Page(moment, dependents(moment.setup, [(spot.at, spot.j)]).value)
    made = tuple(
        page.statement(operation, row)
        for operation in moment.setup.graph.operations
        for row in range(operation.head.size)
        if page.masks[operation.head.id][row]
    )
    if not made:
        told = f"{cell} is used by no cell that the output is computed from: there is nothing to work out"
        raise CommandError(told, 0, ExitCode.FAILED)
    read = [factor.value for factor in page.read if factor.cell == cell]
    if any(repr(value) != repr(read[0]) for value in read):
        told = f"{cell} was set by hand between two of its uses: there is no one page for both"
        raise CommandError(told, 0, ExitCode.FAILED)
    here = read[0] if read else moment.value(cell)  # a maximum of many cells is told by the largest alone
    assert here is not None, "what is given has a value"
    return ByHand(cell, here, made)


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
        steps = moment.write_steps(spot)
        return Statement(cell, tuple(self.pieces(operation, row, steps)), moment.run.step(steps[-1]).value)

    def pieces(self, operation: Operation, i: int, steps: Sequence[int]) -> list[Piece]:
        """The right-hand side, from the steps that made it."""
        if operation.is_sum:
            return self.added_up(operation, i, steps)
        (step,) = steps
        share = operation.share(i)
        if share is not None:
            return self.share(share, step)
        return self.written_out(operation.addends(Reader(self.numbers(step), self.sample, 1), i))

    def numbers(self, step: int) -> list[Array]:
        """The arrays of the forward pass, as a step found them."""
        place = self.moment.place
        return self.moment.run.batch_at(place.batch, step - 1 - place.batch_base).numbers.values

    def written_out(self, addends: Sequence[Said]) -> list[Piece]:
        """What is added up in one step: those that depend on the number, and what the others make together."""
        terms: list[Piece] = []
        known = 0.0
        for said in addends:
            places = {name: self.named(factor) for name, factor in said.names.items()}
            names = [name for name in places if f"{{{name}}}" in said.text]
            if len(addends) > 1 and all(isinstance(places[name], float) for name in names):
                template = said.text.format(**{name: f"{{{k}}}" for k, name in enumerate(names)})
                known += worked_out(template, [said.names[name].value for name in names])
            else:
                terms += [" + ", *_filled(said.text, places)]
        return [*terms[1:], *(_constant(known) if len(addends) > 1 else [])]

    def added_up(self, operation: Operation, i: int, steps: Sequence[int]) -> list[Piece]:
        """A term for each that depends on the number, and what the others make together."""
        terms: list[Piece] = []
        known = 0.0
        for k, number in enumerate(steps):
            said = operation.said(Reader(self.numbers(number), self.sample, 1), i, k)
            places = {name: self.named(factor) for name, factor in said.names.items()}
            if all(isinstance(piece, float) for piece in places.values()):
                known += self.moment.run.step(number).product or 0.0
            else:
                terms += [" + ", *_number_first(_filled(said.text, places))]
        return [*terms[1:], *_constant(known)]

    def named(self, factor: Factor) -> Piece:
        """What is read: the cell where it depends on the number, else the number."""
        spot = self.moment.index.find(factor.cell)
        assert spot is not None, "a formula reads cells of the graph"
        if not self.masks[spot.at.id][spot.j]:
            return factor.value
        self.read.append(factor)
        return factor.cell

    def share(self, share: ShareOf, step: int) -> list[Piece]:
        """exp of the own net input over the sum of all; those that do not depend on the number are one number, but for
        what is too large to be one."""
        powers: list[Piece] = []
        known = 0.0
        read = Reader(self.numbers(step), self.sample, 1)
        nets = [self.named(read(*cell)) for cell in share.cells]
        for e in nets:
            if isinstance(e, float) and e < _LARGEST_POWER:
                known += math.exp(e)
            else:
                powers += [" + ", "exp(", e, ")"]
        return ["exp(", nets[share.own], ") / (", *powers[1:], *_constant(known), ")"]


def _number_first(pieces: list[Piece]) -> list[Piece]:
    """Of a product of a cell and a number, the number stands first."""
    if len(pieces) == 3 and pieces[1] == " * " and isinstance(pieces[2], float):
        return [pieces[2], pieces[1], pieces[0]]
    return pieces


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
