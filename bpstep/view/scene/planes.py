"""Arrays as rows and columns: what of an array is drawn where it has more axes than a page, and what it is called.

A `Plane` is index arithmetic alone, rows and columns of cell numbers, and so costs nothing for an array of any size:

    U, (3, 2)            its three rows of two
    x, (3,)              a column; turned, a row
    X, (2, 4, 4)         one of its two channels: X[2]
    U.T, E[3], …         the cells that a shaping operation took, under their own names
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bpstep.engine.arrays import Source
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Places
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["Of", "Plane", "Span", "itself", "name_of", "shape_of", "span_of", "transposed", "whole"]

#: The first and the last row, and the first and the last column, of some cells.
Span = tuple[int, int, int, int]

#: What of a cell is looked at: the cell `itself`, its derivative (`cells.d`), its tangent (`cells.dot`).
Of = Callable[[Cell], Cell]


@dataclass(frozen=True, eq=False)
class Plane:
    """``rows`` × ``columns`` cells of a source; ``first`` is the number of the first of them, ``down`` and ``along``
    lead to the next below and beside it.  So many axes of the source ``lead`` to this piece of it."""

    source: Source
    first: int
    rows: int
    columns: int
    down: int
    along: int
    lead: int = 0

    @classmethod
    def of(cls, source: Source, n: int = 0) -> Plane:
        """The last two axes of an array, where its cell ``n`` lies; of one axis, a column."""
        if len(source.shape) < 2:
            return cls(source, 0, source.size, 1, 1, 1)
        rows, columns = source.shape[-2:]
        size = rows * columns
        return cls(source, n // size * size, rows, columns, columns, 1, len(source.shape) - 2)

    @property
    def turned(self) -> Plane:
        """The same cells, with rows for columns."""
        return Plane(self.source, self.first, self.columns, self.rows, self.along, self.down, self.lead)

    @property
    def piece(self) -> tuple[int, ...]:
        """Which piece of the source it is: the indices, from 0, of the axes that lead to it."""
        at = np.unravel_index(
            self.first // (self.rows * self.columns), self.source.shape[: self.lead] or (1,)
        )
        return tuple(int(k) for k in at)[: self.lead]

    @property
    def name(self) -> str:
        """What it is called: of an array with more axes, with the indices of this piece."""
        name = name_of(self.source)
        return f"{name}[{','.join(str(k + 1) for k in self.piece)}]" if self.lead else name

    @property
    def shape(self) -> str:
        """Its shape, as it stands beside an equation."""
        return shape_of(self.rows, self.columns)

    def number(self, row: int, column: int) -> int:
        """The number of a cell within the source."""
        return self.first + row * self.down + column * self.along

    def cell(self, row: int, column: int) -> Cell:
        """The name of a cell."""
        vector, j = self.source.cell(self.number(row, column))
        return vector.cell(j)

    def place(self, n: int) -> tuple[int, int]:
        """The row and the column of cell ``n`` of the source."""
        n = min(max(0, n - self.first), self.rows * self.columns - 1)
        if self.rows == 1 or self.columns == 1:
            return (n // self.down, 0) if self.columns == 1 else (0, n // self.along)
        if self.down >= self.along:
            return n // self.down, n % self.down // self.along
        return n % self.along // self.down, n // self.along


def itself(cell: Cell) -> Cell:
    """The cell: of a variable, its value."""
    return cell


def shape_of(rows: int, columns: int) -> str:
    """The shape of a matrix, as it stands beside an equation."""
    return f"({rows}×{columns})"


def whole(vector: Vector) -> Source:
    """A variable as it stands."""
    return Source(vector.dims, (vector,))


def name_of(source: Source) -> str:
    """What an operand is called, as short as it can be said: ``U``, ``Uᵀ``, ``x[2]``, ``rows(E)``, ``(a, b)``."""
    names = [vector.layer for vector in source.vectors]
    if source.places is None:
        return names[0]
    if len(names) > 1:
        return f"({', '.join(names)})" if len(names) < 4 else f"({names[0]}, … {names[-1]})"
    vector = source.vectors[0]
    if source.size == 1:
        return vector.names[int(source.places[0])]
    if len(vector.dims) == 2 and source.shape == vector.dims[::-1] and _is_turned(source.places, vector.dims):
        return f"{names[0]}ᵀ"
    return _taken(names[0], source.places, vector.dims)


def transposed(name: str) -> str:
    """A transposed array: Uᵀ; of one that was transposed, itself."""
    return name.removesuffix("ᵀ") if name.endswith("ᵀ") else f"{name}ᵀ"


def _is_turned(places: Places, dims: tuple[int, ...]) -> bool:
    return bool((places == np.arange(math.prod(dims)).reshape(dims).T.reshape(-1)).all())


def _taken(name: str, places: Places, dims: tuple[int, ...]) -> str:
    """What some cells of an array are called: ``A[2]``, ``A[1..3]``, ``A[..,2]``, ``rows(A)``; all of them ``A``."""
    if len(places) == math.prod(dims) and (np.diff(places) == 1).all():
        return name
    each = math.prod(dims[1:])
    if len(places) % each == 0 and (places.reshape(-1, each) % each == np.arange(each)).all():
        rows = places[::each] // each
        if len(rows) == 1:
            return f"{name}[{rows[0] + 1}]"
        return f"{name}[{rows[0] + 1}..{rows[-1] + 1}]" if (np.diff(rows) == 1).all() else f"rows({name})"
    if len(dims) == 2 and len(places) == dims[0] and (places == np.arange(dims[0]) * each + places[0]).all():
        return f"{name}[..,{places[0] + 1}]"
    return f"{name}[…]"


def span_of(plane: Plane, numbers: Places) -> Span | None:
    """The rows and columns that some cells of a plane's source fill; None where they do not fill a rectangle."""
    inside = numbers[(numbers >= plane.first) & (numbers < plane.first + plane.rows * plane.columns)]
    if not len(inside):
        return None
    places = [plane.place(int(n)) for n in (inside.min(), inside.max())]
    (top, left), (bottom, right) = places
    if (bottom - top + 1) * (abs(right - left) + 1) != len(inside):
        return None
    return top, bottom, min(left, right), max(left, right)
