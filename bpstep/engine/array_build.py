"""From one operation over arrays, as the user wrote it, to the operation of the graph, and its edges.

A row of a table says what a function makes: which cells meet, and the sorts of its operation and of its edges.  To add
a function over arrays, add a row (and its sort of edge, where there is none for it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bpstep.engine.array_edges import ToChosen, ToLargest, ToOperand, ToOutput, ToShare
from bpstep.engine.array_factors import ToFactor, ToKernels, ToMatrix, ToPicture, ToTerm
from bpstep.engine.array_operations import (
    CellByCell,
    Choice,
    CostOf,
    Detached,
    Largest,
    Shares,
)
from bpstep.engine.array_pairs import Listed, times_used
from bpstep.engine.array_sums import Sum, SumOfProducts
from bpstep.engine.arrays import (
    Meeting,
    Source,
    groups,
    matching,
    met_by_matmul,
    met_by_windows,
    over_axis,
    windows,
    windows_of,
)
from bpstep.engine.costs import COSTS
from bpstep.engine.edge import Edge
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.operation import Operation
from bpstep.engine.specs import Operand, Places, Taken, Window
from bpstep.engine.specs import Operation as Spec
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["array_operation"]


@dataclass(frozen=True, eq=False)
class _Request:
    """An operation that is to be made: its head, what was written, its operands, and where edges get their numbers."""

    head: Vector
    spec: Spec
    sources: tuple[Source, ...]
    #: The operands in the order of the text: the number of their source, or a constant.
    operands: tuple[int | float, ...]
    next_edge: Callable[[], int]
    marks: Callable[[Spec, Vector], frozenset[str]]

    def meeting(self, tables: Callable[[], tuple[Places, ...]]) -> Meeting:
        return Meeting(self.sources, tables)

    def place(self, source: int) -> int:
        """Which operand, from 0, a source is."""
        return next(k for k, one in enumerate(self.operands) if one == source and isinstance(one, int))

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [source.shape for source in self.sources]

    @property
    def window(self) -> Window:
        assert self.spec.window is not None, f"{self.spec.function} has a window"
        return self.spec.window

    def edges(
        self, meeting: Meeting, sort: type[Listed], sources: Sequence[int], *, shown: bool = True, **more: Any
    ) -> list[Edge]:
        """An edge to each vector that some sources are taken from; several where a cell is used more than once.

        ``more`` are fields of the edge: a number for all, or a function of the source.
        """
        wanted = [
            (source, tail, nth)
            for source in sources
            for tail in self.sources[source].vectors
            for nth in range(times_used(meeting, source, tail))
        ]
        tails = [tail for _, tail, _ in wanted]
        found: list[Edge] = []
        for at, (source, tail, nth) in enumerate(wanted):
            place = tails[: at + 1].count(tail) if tails.count(tail) > 1 else 0
            fields = {name: value(source) if callable(value) else value for name, value in more.items()}
            found.append(
                sort(
                    self.next_edge(),
                    self.head,
                    tail,
                    shown,
                    meeting=meeting,
                    source=source,
                    nth=nth,
                    nth_place=place,
                    marks=self.marks(self.spec, tail),
                    **fields,
                )
            )
        return found


def array_operation(
    head: Vector, spec: Spec, named: Mapping[str, Vector], next_edge: Callable[[], int],
    marks: Callable[[Spec, Vector], frozenset[str]],
) -> Operation:  # fmt: skip
    """The operation that computes ``head``, from the vectors that are ``named`` already; ``marks`` says those of an
    edge to one of them."""
    sources: list[Source] = []
    operands: list[int | float] = []
    for operand in spec.operands:
        if isinstance(operand, float):
            operands.append(operand)
        else:
            operands.append(len(sources))
            sources.append(_source(operand, named))
    request = _Request(head, spec, tuple(sources), tuple(operands), next_edge, marks)
    if spec.function in COSTS:
        return _cost(request)
    return _MAKERS.get(spec.function, _cell_by_cell)(request)


def _source(operand: Operand, named: Mapping[str, Vector]) -> Source:
    if isinstance(operand, Taken):
        vectors = tuple(named[name] for name in operand.arrays)
        return Source(operand.shape, vectors, operand.which.reshape(-1), operand.places.reshape(-1))
    vector = named[str(operand)]
    return Source(vector.dims, (vector,))


# --- a function for each row: what is made ----------------------------------------------------------------


def _cell_by_cell(to: _Request) -> Operation:
    function = FUNCTIONS[to.spec.function]
    meeting = to.meeting(lambda: matching(to.shapes, to.spec.shape))
    edges = to.edges(
        meeting, ToOperand, range(len(to.sources)), of=function, which=to.place, operands=to.operands
    )
    return CellByCell(to.head, tuple(edges), meeting=meeting, of=function, over=to.operands)


def _matmul(to: _Request) -> Operation:
    a, b = to.shapes
    meeting = to.meeting(lambda: met_by_matmul(a, b))
    if len(a) > 2 or len(b) > 2 or not all(source.is_whole for source in to.sources):
        return SumOfProducts(
            to.head, tuple(to.edges(meeting, ToFactor, (0, 1), shown=False)), meeting=meeting
        )
    size = (a[0] if len(a) > 1 else 1, a[-1], b[-1] if len(b) > 1 else 1)
    edges = to.edges(meeting, ToMatrix, (0, 1), shown=False, size=size)
    return SumOfProducts(to.head, tuple(edges), meeting=meeting, size=size)


def _conv(to: _Request) -> Operation:
    x, k = to.shapes
    meeting = to.meeting(lambda: met_by_windows(x, k, to.window))
    if any(to.window.padding) or not all(source.is_whole for source in to.sources):
        return SumOfProducts(
            to.head, tuple(to.edges(meeting, ToFactor, (0, 1), shown=False)), meeting=meeting
        )
    columns = windows_of(x, to.window).T
    size = (to.sources[1].size // len(columns), *columns.shape)
    edges = to.edges(meeting, ToPicture, (0,), shown=False, size=size)
    edges += to.edges(meeting, ToKernels, (1,), shown=False, size=size, columns=columns)
    return SumOfProducts(to.head, tuple(edges), meeting=meeting, size=size, columns=columns)


def _sum(to: _Request) -> Operation:
    meeting = to.meeting(lambda: (_taken_together(to),))
    return Sum(to.head, tuple(to.edges(meeting, ToTerm, (0,), shown=False)), meeting=meeting)


def _largest(to: _Request) -> Operation:
    """Of equal cells, all are the largest along an axis, and the first alone is under a window."""
    meeting, first_only = to.meeting(lambda: (_taken_together(to),)), to.spec.window is not None
    return Largest(to.head, tuple(to.edges(meeting, ToLargest, (0,), first_only=first_only)), meeting=meeting)


def _taken_together(to: _Request) -> Places:
    """The cells that become one, a row each: those under a window, or along an axis."""
    if to.spec.window is None:
        return over_axis(to.shapes[0], to.spec.axis)
    under = windows(to.shapes[0], to.window)
    return under.reshape(-1, under.shape[-1])


def _softmax(to: _Request) -> Operation:
    shape, axis = to.shapes[0], to.spec.axis
    meeting = to.meeting(lambda: (groups(shape, -1 if axis is None else axis),))
    return Shares(to.head, tuple(to.edges(meeting, ToShare, (0,))), meeting=meeting)


def _where(to: _Request) -> Operation:
    meeting = to.meeting(lambda: matching(to.shapes, to.spec.shape))
    sides = [side for side in to.operands[1:] if not isinstance(side, float)]
    edges = to.edges(meeting, ToChosen, sides, if_set=lambda source: to.operands[1] == source)
    return Choice(
        to.head, tuple(edges), meeting=meeting, sides=(to.operands[1], to.operands[2]),
        constants=to.sources[0].vectors,
    )  # fmt: skip


def _detach(to: _Request) -> Operation:
    meeting = to.meeting(lambda: matching(to.shapes, to.spec.shape))
    return Detached(to.head, (), meeting=meeting, constants=to.sources[0].vectors)


def _cost(to: _Request) -> Operation:
    cost = COSTS[to.spec.function]
    every = np.arange(to.sources[0].size).reshape(1, -1)
    meeting = to.meeting(lambda: (every, every))
    edges = to.edges(meeting, ToOutput, (0,), cost=cost)
    return CostOf(to.head, tuple(edges), meeting=meeting, cost=cost, constants=to.sources[1].vectors)


_MAKERS: dict[str, Callable[[_Request], Operation]] = {
    "matmul": _matmul,
    "conv": _conv,
    "sum": _sum,
    "sum-pool": _sum,
    "largest": _largest,
    "max-pool": _largest,
    "softmax": _softmax,
    "where": _where,
    "detach": _detach,
}
