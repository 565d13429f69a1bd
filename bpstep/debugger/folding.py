"""Folding equal tails: from every path on its own to back-propagation, one name at a time.

Each path from a weight to the cost is a *head* times a *tail*, and many paths have the same tail.  Who multiplies
every path out works out the same tail again and again.  A *fold* gives what is behind one neuron a name, its δ: from
then on every path that comes to this neuron ends there, with one multiplication by what was kept.

    a1 → b1 → c1 → d1   ×   d1 → o → E
    a1 → b1 → c2 → d1   ×   d1 → o → E        fold d1:   …  ×  δ(d1)
    a1 → b2 → c1 → d1   ×   d1 → o → E
    a1 → b2 → c2 → d1   ×   d1 → o → E

The tail that is cut off is the shortest that has no name yet, so the folds that are offered come from the cost
backward; any other neuron may be folded by its name.  When every neuron is folded, the multiplications that are left
are those of one backward sweep.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bpstep.debugger.moment import Moment
from bpstep.debugger.paths import Path, Paths, derivative_of, paths
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.ways import multiplications
from bpstep.engine.work import work_of
from bpstep.lazily import dataclass

__all__ = ["Bracket", "Folded", "Row", "beginning", "fold_of", "foldable", "next_fold"]


@dataclass(frozen=True)
class Row:
    """One or several paths that begin alike: ``head`` and ``tail`` share the cell where they are cut.

    ``ends`` is the derivative that the tail ends with, where it has a name; then ``paths`` paths are in it.  ``tail``
    is empty where nothing is left to fold.  The factors are the local derivatives between the cells; ``kept`` is the
    number that the tail ends with: the named derivative, or that of the root.
    """

    head: tuple[Cell, ...]
    head_factors: tuple[float, ...]
    tail: tuple[Cell, ...]
    tail_factors: tuple[float, ...]
    ends: Cell | None
    kept: float
    paths: int

    @property
    def head_value(self) -> float:
        """The product of the head."""
        return math.prod(reversed(self.head_factors))

    @property
    def tail_value(self) -> float:
        """The product of the tail, with the number that it ends with."""
        value = self.kept
        for factor in reversed(self.tail_factors):
            value *= factor
        return value

    @property
    def product(self) -> float:
        """What the row contributes to the derivative of the page."""
        return self.tail_value * self.head_value


@dataclass(frozen=True)
class Bracket:
    """Rows, from ``first`` to ``last``, whose tails begin at one neuron: ``name``, with the derivative that all its
    tails add up to, and how many of them there are."""

    name: str
    cell: Cell
    value: float
    first: int
    last: int
    tails: int


@dataclass(frozen=True)
class Folded:
    """A page with its folds.

    ``by_hand``, ``now`` and ``least`` are multiplications for every derivative of the net: path by path, with these
    folds, and with all of them (which is reverse mode).  ``pages`` is the number of all paths of all parameters.
    """

    found: Paths
    rows: tuple[Row, ...]
    brackets: tuple[Bracket, ...]
    names: tuple[tuple[Cell, float], ...]
    by_hand: int
    now: int
    least: int
    pages: int


def foldable(moment: Moment) -> list[str]:
    """The names that can be folded, in the order in which a backward sweep makes their derivatives."""
    graph = moment.setup.graph
    computed = [operation.head for operation in graph.operations if operation.head is not graph.root]
    return list(dict.fromkeys(name for v in graph.gathered if v in computed for name in v.names))


def next_fold(moment: Moment, folded: Sequence[str]) -> str | None:
    """The name that is folded next where none is said; None where all are."""
    return next((name for name in foldable(moment) if name not in folded), None)


def fold_of(moment: Moment, page: Cell, folds: Sequence[str] = ()) -> Folded | None:
    """The paths of a cell with some names folded, in that order; None where the cell has no paths."""
    found = paths(moment, page)
    if found is None:
        return None
    folded = frozenset(folds)
    rows = sorted(_rows(moment, found, folded), key=lambda row: _order(moment, row))
    graph = moment.setup.graph
    every = _named_cells(moment, foldable(moment))
    names = tuple(
        (cells.d(cell), derivative_of(moment, cell)) for cell in (beginning(moment, name) for name in folds)
    )
    return Folded(
        found, tuple(rows), tuple(_brackets(moment, rows)), names,
        multiplications(graph), multiplications(graph, _named_cells(moment, folded)), multiplications(graph, every),
        work_of(graph).paths,
    )  # fmt: skip


def _rows(moment: Moment, found: Paths, folded: frozenset[str]) -> Iterable[Row]:
    """The paths of a page, each up to the first cell that has a name; those that are alike up to there are one."""
    begun: dict[tuple[tuple[int, int], ...], tuple[Path, int, int]] = {}
    for path in found.listed:
        end = next(
            (k for k, cell in enumerate(path.cells) if k and _name(cell) in folded), len(path.cells) - 1
        )
        _, _, count = begun.get(path.uses[:end], (path, end, 0))
        begun[path.uses[:end]] = path, end, count + 1
    for path, end, count in begun.values():
        up_to = path.cells[: end + 1]
        named = _name(up_to[-1]) in folded
        cut = _cut(up_to)
        factors = path.factors[: len(up_to) - 1]
        ends = up_to[-1] if named else None
        value = derivative_of(moment, ends) if ends is not None else found.seed
        yield Row(up_to[: cut + 1], factors[:cut], up_to[cut:], factors[cut:], ends, value, count)


def _cut(way: tuple[Cell, ...]) -> int:
    """Where the last tail without a name begins: where a way comes to its last neuron; its end if there is none."""
    last = len(way) - 1
    begins = [k for k in range(1, last) if _name(way[k]) and _name(way[k]) != _name(way[k - 1])]
    return begins[-1] if begins else last


def _name(cell: Cell) -> str:
    """The neuron or variable that a cell belongs to; "" of a parameter and of the cost."""
    return str(cell.of) if cell.kind in ("e", "y", "var") else ""


def _order(moment: Moment, row: Row) -> tuple[int, ...]:
    """Rows whose tails begin at one neuron stand together, equal tails beside each other."""
    if len(row.tail) < 2:
        return ()
    places = []
    for cell in (*row.tail, *row.head):
        spot = moment.index.find(cell)
        assert spot is not None
        places += [spot.at.id, spot.j]
    return tuple(places)


def _brackets(moment: Moment, rows: list[Row]) -> Iterable[Bracket]:
    first = 0
    while first < len(rows):
        cell = rows[first].tail[0]
        last = first
        while last + 1 < len(rows) and rows[last + 1].tail[0] == cell:
            last += 1
        tails = {(row.tail, row.ends) for row in rows[first : last + 1]}
        if len(rows[first].tail) > 1:
            yield Bracket(_name(cell), cells.d(cell), derivative_of(moment, cell), first, last, len(tails))
        first = last + 1


def beginning(moment: Moment, name: str) -> Cell:
    """Where what is behind a name begins: at a neuron's net input, at a variable."""
    found = (Cell(kind, name) for kind in ("e", "var", "y"))
    return next(cell for cell in found if moment.index.find(cell) is not None)


def _named_cells(moment: Moment, names: Iterable[str]) -> frozenset[tuple[int, int]]:
    wanted = frozenset(names)
    return frozenset(
        (vector.id, row)
        for vector in moment.setup.graph.gathered
        if not vector.is_parameter
        for row, name in enumerate(vector.names)
        if name in wanted
    )
