"""The tables of a program over arrays: arrays as they stand in a book, and below the values the derivatives by them.

    Rows of 3      1       2       3          K (2×2)   1     2          ∂E/∂K   1      2
    h1            0.54    0.20   −0.60        1         0.5  −0.25       1      (1)___  (2)___
    h2            0.41    0.60   −0.66        2         0.25 −0.5        2      (3)___  (4)___

Arrays of one axis stand below each other, those of one length in one table; an array of more axes has tables of its
own, one for each of its last two axes.  A table in which there is nothing to read or to write is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.worksheets.blocks import Entry, Table
from bpstep.worksheets.shown import Row, Shown, is_told, table_of

__all__ = ["tables_of_arrays"]

#: So many numbers have room beside each other.
_MOST_COLUMNS = 8


@dataclass(frozen=True)
class _Aspect:
    """What is shown of a cell: how a table of it is called, by the name of the array, and what stands in a place."""

    title: Callable[[str], str]
    entry: Callable[[Vector, Cell], Entry]


def tables_of_arrays(shown: Shown) -> list[Table | None]:
    """Single numbers, the values of all arrays, and then what else there is about them, the last array first."""
    vectors = [vector for vector in shown.session.setup.graph.vectors if vector.kind == "var"]
    arrays = [vector for vector in vectors if vector.size > 1]
    value, *others = _aspects(shown)
    found = [_numbers(shown, [vector for vector in vectors if vector.size == 1])]
    found += _of_aspect(value, arrays)
    for aspect in others:
        found += _of_aspect(aspect, arrays[::-1])
    return found


def _aspects(shown: Shown) -> tuple[_Aspect, ...]:
    s, graph = shown.symbols, shown.session.setup.graph

    def by(vector: Vector, cell: Cell) -> Entry:
        return "" if vector in graph.constants else shown.entry(cells.d(cell))

    return (
        _Aspect(lambda name: name, lambda vector, cell: _value(shown, vector, cell)),
        _Aspect(lambda name: f"dot({name})", lambda vector, cell: shown.entry(cells.dot(cell))),
        _Aspect(s.derivative, by),
        _Aspect(
            lambda name: f"{name} after the update",
            lambda vector, cell: shown.after(cell) if vector.is_parameter else "",
        ),
    )


def _value(shown: Shown, vector: Vector, cell: Cell) -> Entry:
    return shown.number(cell) if vector in _given(shown) else shown.entry(cell)


def _given(shown: Shown) -> Sequence[Vector]:
    graph = shown.session.setup.graph
    return (*graph.given, *graph.parameters)


def _numbers(shown: Shown, vectors: Sequence[Vector]) -> Table | None:
    """The variables of one cell, a row each."""
    aspects = _aspects(shown)
    rows = [
        (vector.layer, *(aspect.entry(vector, vector.cell(0)) for aspect in aspects)) for vector in vectors
    ]
    return table_of("Numbers", ("", "value", *(aspect.title("…") for aspect in aspects[1:])), rows)


def _of_aspect(aspect: _Aspect, arrays: Sequence[Vector]) -> Iterator[Table]:
    """The tables of one aspect: those of one axis by their length, and every other array by itself."""
    lines = sorted((vector for vector in arrays if len(vector.dims) == 1), key=lambda vector: vector.size)
    for length, alike in groupby(lines, key=lambda vector: vector.size):
        rows = [_row(aspect, aspect.title(vector.layer), vector, range(length)) for vector in alike]
        yield from _beside(f"Rows of {length}", rows)
    for vector in arrays:
        if len(vector.dims) > 1:
            yield from _planes(aspect, vector)


def _row(aspect: _Aspect, name: str, vector: Vector, numbers: Sequence[int]) -> Row:
    return (name, *(aspect.entry(vector, vector.cell(j)) for j in numbers))


def _planes(aspect: _Aspect, vector: Vector) -> Iterator[Table]:
    """The last two axes as rows and columns, for each place along the axes before them."""
    lead, (height, width) = vector.dims[:-2], vector.dims[-2:]
    for n, place in enumerate(np.ndindex(*lead)):
        name = f"{vector.layer}[{','.join(str(k + 1) for k in place)}]" if lead else vector.layer
        firsts = range(n * height * width, (n + 1) * height * width, width)
        rows = [
            _row(aspect, str(r), vector, range(first, first + width)) for r, first in enumerate(firsts, 1)
        ]
        yield from _beside(aspect.title(name), rows)


def _beside(title: str, rows: Sequence[Row]) -> Iterator[Table]:
    """Rows of numbers as tables that there is room for, without the rows in which nothing stands."""
    told = [row for row in rows if any(map(is_told, row[1:]))]
    if not told:
        return
    width = len(told[0]) - 1
    for first in range(0, width, _MOST_COLUMNS):
        columns = range(first, min(first + _MOST_COLUMNS, width))
        heads = ("", *(str(k + 1) for k in columns))
        yield Table(title, heads, tuple((row[0], *(row[k + 1] for k in columns)) for row in told))
