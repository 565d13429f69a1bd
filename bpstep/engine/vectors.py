"""Vectors of cells: rows of numbers that are computed together, each cell with a name of its own.

Cells are counted row by row, from 0; ``j`` is such a number.  A vector that is computed anew for every sample is an
array of (samples, cells); what is the same for all samples (weights, biases, the loss) has the vector's own shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor
from bpstep.lazily import dataclass

__all__ = [
    "CellNumber",
    "Entry",
    "Mask",
    "Reader",
    "Said",
    "Values",
    "Vector",
    "arguments",
    "entry",
    "of_sample",
]

#: The arrays of a pass, by `Vector.id`.
Values = Sequence[Array]

#: True or false for each cell of a vector.
Mask = NDArray[np.bool_]

#: A cell's number within its vector, or an array of such numbers.
CellNumber = Any


#: A cell: its vector, and its number there.
Entry = tuple["Vector", int]

#: Kinds of which there is one cell, which needs no name.
_ALONE = ("cost", "loss")


@dataclass(frozen=True, eq=False)
class Vector:
    """A row of cells that are computed together: the outputs of a layer, its weights, a variable.

    ``names`` are the neurons that own the cells, a row each; of weights, ``columns`` are the sources.
    ``layer`` is where the vector stands in the address of a step; of a variable, its name.  ``is_parameter`` says that
    an update may change it, ``per_sample`` that its array has a row a sample.
    """

    id: int
    kind: str
    names: tuple[str, ...]
    layer: str
    columns: tuple[str, ...] = ()
    is_parameter: bool = False
    per_sample: bool = True
    #: Of an array, its axes; its cells are counted row by row.
    dims: tuple[int, ...] = ()

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of its array, without the samples."""
        return (len(self.names), len(self.columns)) if self.columns else (len(self.names),)

    @cached_property
    def size(self) -> int:
        """The number of its cells."""
        return len(self.names) * self.per_row

    @cached_property
    def per_row(self) -> int:
        """How many cells a neuron owns."""
        return max(1, len(self.columns))

    def cell(self, j: int) -> Cell:
        """The name of one of its cells."""
        if self.columns:
            row, column = divmod(j, len(self.columns))
            return Cell(self.kind, self.columns[column], self.names[row])
        return Cell(self.kind) if self.kind in _ALONE else Cell(self.kind, self.names[j])

    def number(self, row: int, column: int = 0) -> int:
        """The number of the cell in a row and a column."""
        return row * self.per_row + column

    def place(self, j: int) -> tuple[int, int]:
        """The row and the column of a cell: the inverse of `number`."""
        return divmod(j, self.per_row)

    def cells(self) -> Iterator[Cell]:
        """The names of all of its cells, row by row."""
        return (self.cell(j) for j in range(self.size))


def entry(array: Array, vector: Vector, sample: int, j: int) -> float:
    """The number in one cell, out of the array of its vector."""
    number: float = array.item(sample, j) if vector.per_sample else array.item(j)
    return number


def arguments(operands: Sequence[Vector | float], values: Values) -> list[Array]:
    """The arrays of the operands of a function, each with a row a sample or with one row for all of them."""
    return [_argument(operand, values) for operand in operands]


def _argument(operand: Vector | float, values: Values) -> Array:
    if not isinstance(operand, Vector):
        return np.array([[operand]])
    return values[operand.id] if operand.per_sample else values[operand.id][np.newaxis]


def of_sample(array: Array, sample: int) -> Array:
    """The row of a sample; of what is the same for all samples, its only row."""
    row: Array = array[sample if len(array) > 1 else 0]
    return row


class Reader(NamedTuple):
    """Reads the cells of one sample of a batch: ``samples`` of them there are."""

    values: Values
    sample: int
    samples: int

    def __call__(self, vector: Vector, j: int) -> Factor:
        """A cell, and the number in it."""
        return Factor(vector.cell(j), entry(self.values[vector.id], vector, self.sample, j))

    def each(self, operands: Sequence[Vector | float], j: int) -> list[Factor | float]:
        """Cell ``j`` of each operand of a function; a constant is a number."""
        return [self(operand, j) if isinstance(operand, Vector) else operand for operand in operands]

    def row(self, vector: Vector) -> Array:
        """The numbers of all cells."""
        array = self.values[vector.id]
        row: Array = array[self.sample] if vector.per_sample else array
        return row


class Said(NamedTuple):
    """A formula: a text over names, and what the names stand for.

    ``convention`` is the reason for it at a kink.  ``all_read`` says that every name counts as read, also one that
    the text does not need.
    """

    text: str
    names: dict[str, Factor]
    convention: str = ""
    all_read: bool = False
