"""The ways from a cell to the root: counted, not walked.

A derivative written out is a sum over all ways from its cell to the root, and each way is a product of the local
derivatives on it.  The ways from a cell are those of its users, each with one edge more; so their number and their
length are had by going backward once (dynamic programming, whole numbers without limit): a net with 10^40 ways is
counted as fast as it is read.

    >>> from bpstep.engine.build import build
    >>> from bpstep.engine.specs import ExpressionSpec, Operation
    >>> square = Operation("v", "mul", ("x", "x")), Operation("y", "mul", ("v", "v"))      # y = (x * x) * (x * x)
    >>> ways = ways_to_root(build(ExpressionSpec(("x",), (2.0,), square, "y")))
    >>> ways.count[0], ways.length[0]                                                      # four ways of two edges
    ([4], [8])
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from bpstep.engine.edge import Edge, uses_over
from bpstep.engine.graph import Graph
from bpstep.lazily import dataclass

__all__ = ["Ways", "multiplications", "ways_to_root"]

#: A cell: the id of its vector, and its number there.
_Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Ways:
    """``count[vector.id][j]`` ways lead from cell ``j`` of a vector to the root, and all of them together have
    ``length[vector.id][j]`` edges."""

    count: dict[int, list[int]]
    length: dict[int, list[int]]


def ways_to_root(graph: Graph, named: Set[_Cell] = frozenset()) -> Ways:
    """The ways from every cell.

    ``named`` are cells whose derivative is worked out once and kept: a way that comes to one of them ends there.
    """
    root = graph.root
    ways = Ways({root.id: [1]}, {root.id: [0]})
    for vector in reversed(graph.vectors):
        if vector is root:
            continue
        shared, single = _by_reach(graph.consumers[vector.id])
        count, length = _onward(shared, 0, ways, named)
        each = [_onward(single, j, ways, named) for j in range(vector.size)]
        ways.count[vector.id] = [count + own for own, _ in each]
        ways.length[vector.id] = [length + own for _, own in each]
    return ways


def _by_reach(edges: Iterable[Edge]) -> tuple[list[Edge], list[Edge]]:
    """The edges over which every cell of the tail is used by every cell of the head, and the others.

    Over the first ones all cells of the tail have the same users, so what lies beyond them is counted once.
    """
    shared: list[Edge] = []
    single: list[Edge] = []
    for edge in edges:
        (shared if edge.is_dense else single).append(edge)
    return shared, single


def _onward(edges: list[Edge], j: int, ways: Ways, named: Set[_Cell]) -> tuple[int, int]:
    """The number and the length of the ways from a cell over some edges."""
    count = length = 0
    for use in uses_over(edges, j):
        on, beyond = use.edge.head.id, 0
        if named and (on, use.i) in named:
            more = 1
        else:
            more, beyond = ways.count[on][use.i], ways.length[on][use.i]
        count += more
        length += more + beyond
    return count, length


def multiplications(graph: Graph, named: Set[_Cell] = frozenset()) -> int:
    """The multiplications for every derivative by a parameter, one an edge, where some derivatives have a name.

    A way that comes to a cell that is ``named`` ends there, with one multiplication by what was kept.  With no name at
    all this is the work by hand, with a name for every cell it is the work in reverse mode: keeping is the whole
    difference.
    """
    ways, pages = ways_to_root(graph, named), {vector.id for vector in graph.page}
    return sum(
        length
        for vector in graph.vectors
        if vector is not graph.root
        for j, length in enumerate(ways.length[vector.id])
        if vector.id in pages or (vector.id, j) in named
    )
