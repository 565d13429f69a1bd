"""Every path from a cell to the root, and the product along each.

Written out, a derivative is a sum over all paths from the cell to the cost (or the output), and each path is the
product of the local derivatives along it.  That is what a student computes who starts at any layer; the paths share
their tails, and the shared tail is delta.  How many paths there are is counted exactly, whatever their number
(`bpstep.engine.ways`); they are listed up to a bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.moment import Moment
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Use
from bpstep.engine.vectors import Vector, entry
from bpstep.engine.ways import ways_to_root
from bpstep.lazily import dataclass

__all__ = [
    "MOST_PATHS",
    "Path",
    "Paths",
    "SharedTails",
    "Tails",
    "derivative_of",
    "is_told",
    "paths",
    "shared_tails",
]

#: No more paths than this are listed.
MOST_PATHS = 64


@dataclass(frozen=True)
class Path:
    """One way from the cell to the root: the cells on it, the local derivatives between them, their product.

    ``uses`` tells ways over the same cells apart (x is used twice in x·x): of each step the edge, and which use.
    """

    cells: tuple[Cell, ...]
    factors: tuple[float, ...]
    product: float
    uses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Paths:
    """All paths of a cell: how many, those that are listed, and the sum of their products.

    ``seed`` is the derivative of the root that every product starts from (1, or 1/m of a batch).  ``derivative`` is
    the cell's own, where it is computed.
    """

    cell: Cell
    count: int
    listed: tuple[Path, ...]
    total: float | None
    seed: float
    derivative: float | None


@dataclass(frozen=True)
class Tails:
    """Where the paths of two cells join: ``heads`` are what leads there from each of them (the sum of the products),
    ``listed`` the ways on from there, the same for both; ``total`` their sum, which is the derivative by ``join``."""

    join: Cell
    heads: tuple[float, float]
    count: int
    listed: tuple[Path, ...]
    total: float


@dataclass(frozen=True)
class SharedTails:
    """The paths of two cells side by side, cut where they join.  ``totals`` are the derivatives by the two cells,
    ``counts`` the numbers of their paths."""

    cells: tuple[Cell, Cell]
    counts: tuple[int, int]
    tails: tuple[Tails, ...]
    totals: tuple[float, float]
    seed: float


def paths(moment: Moment, cell: Cell) -> Paths | None:
    """The paths of a cell; None where it has none (a target, a derivative, the clock)."""
    spot = moment.index.find(cell)
    if (
        spot is None
        or spot.kind not in ("value", "given", "parameter")
        or spot.at in moment.setup.graph.constants
    ):
        return None
    _refuse_untold(moment, cell)
    count = ways_to_root(moment.setup.graph).count[spot.at.id][spot.j]
    listed: list[Path] = []
    for path in _walk(moment, spot.at, spot.j):
        if len(listed) == MOST_PATHS:
            break
        listed.append(path)
    seed = _seed(moment)
    total = None
    if len(listed) == count:
        total = sum((path.product for path in listed), start=0.0) * seed
    return Paths(cell, count, tuple(listed), total, seed, moment.value(cells.d(cell)))


def _seed(moment: Moment) -> float:
    """The derivative of the loss by this sample's cost (of the output by itself), with which every product begins."""
    return moment.setup.share(moment.batch.numbers.samples)


def is_told(moment: Moment, cell: Cell) -> bool:
    """Whether the derivative by a cell may be told: every product along a path is a part of it.

    While something is asked, only what has been computed may; of an input, which has no derivative of its own, those
    of the cells that use it decide.  A rule that is a secret is told by none.
    """
    spot = moment.index.find(cell)
    return spot is not None and not moment.conceals and _is_computed(moment, spot.at, spot.j)


def _is_computed(moment: Moment, vector: Vector, j: int) -> bool:
    if not moment.is_veiled:
        return True
    if moment.setup.wrt is not None:  # tangents come to what the products of paths come to, in the end
        return False
    numbers, sample = moment.batch.numbers, moment.place.sample
    d = numbers.d[vector.id]
    if d is not None:
        return not math.isnan(entry(d, vector, sample, j))
    return all(_is_computed(moment, use.edge.head, use.i) for use in numbers.graph.users(vector, j))


def _refuse_untold(moment: Moment, cell: Cell) -> None:
    if not is_told(moment, cell):
        message = f"the paths of {cell} multiply to what lies ahead: answer, hint or reveal first"
        raise CommandError(message, 0, ExitCode.FAILED)


def _walk(moment: Moment, vector: Vector, j: int) -> Iterator[Path]:
    """Depth first, in the order in which the contributions arrive."""
    graph = moment.setup.graph
    waiting: list[tuple[Vector, int, Path]] = [(vector, j, Path((vector.cell(j),), (), 1.0))]
    while waiting:
        at, place, so_far = waiting.pop()
        if at is graph.root:
            product = 1.0
            for factor in reversed(so_far.factors):
                product *= factor
            yield replace(so_far, product=product)
            continue
        steps = [(use.edge.head, use.i, _onward(so_far, moment, use)) for use in graph.users(at, place)]
        waiting += reversed(steps)


def _onward(so_far: Path, moment: Moment, use: Use) -> Path:
    """A way, one step further."""
    cells_on = (*so_far.cells, use.edge.head.cell(use.i))
    factors = (*so_far.factors, _local(moment, use))
    return Path(cells_on, factors, so_far.product, (*so_far.uses, (use.edge.id, use.nth)))


def _local(moment: Moment, use: Use) -> float:
    """The local derivative of one step of a path, as it was used: an edit may have come behind its step."""
    eras = moment.run.eras(moment.place.batch)
    if len(eras) > 1 and moment.setup.wrt is None:
        return _used(moment, use)
    numbers = eras[0].batch.numbers  # in forward mode an edit comes before a batch or behind it
    local = numbers.local[use.edge.id]
    return use.slope(use.edge.local(numbers.values) if local is None else local, moment.place.sample)


def _used(moment: Moment, use: Use) -> float:
    """The same, asked of the step that used it: of the contribution; of the wire to an input, which has none, of the
    term that went forward over it."""
    edge, graph = use.edge, moment.setup.graph
    contributions = _steps_of(moment, cells.d(edge.tail.cell(use.j)))
    if contributions:
        before = graph.uses_before(edge, use.j)
        if not edge.tail.per_sample:  # it has contributions from every sample of the batch
            before += moment.place.sample * graph.uses_of(edge.tail, use.j)
        step = moment.run.step(contributions[before + use.nth])
        assert step.local is not None
        return step.local.value
    weight = edge.stands_for(use.i, use.j)
    assert weight is not None, "only a wire has no step of its own"
    vector, j = weight
    _, term = vector.place(j)
    return moment.run.step(_steps_of(moment, edge.head.cell(use.i))[term]).inputs[0].value


def _steps_of(moment: Moment, cell: Cell) -> Sequence[int]:
    """The steps that write a cell in this sample or batch, done or not."""
    spot = moment.index.find(cell)
    if spot is None:
        return []
    return moment.write_steps(spot)


# --- two cells side by side --------------------------------------------------------------------------

#: A cell of the graph: the id of its vector, and its number there.
_Place = tuple[int, int]


def shared_tails(moment: Moment, first: Cell, second: Cell) -> SharedTails | None:
    """The paths of two cells, cut at the first cells that both of them lead to; None where that makes no sense."""
    both = [paths(moment, cell) for cell in (first, second)]
    if first == second or both[0] is None or both[1] is None:
        return None
    graph = moment.setup.graph
    reached = [set(_leads_to(moment, cell, frozenset())) for cell in (first, second)]
    common = frozenset(reached[0] & reached[1])
    # Ways are followed only until they first meet what both lead to: there they join.
    ways = [_leads_to(moment, cell, common) for cell in (first, second)]
    joins = sorted(place for place in common if place in ways[0] or place in ways[1])
    tails, counts_on = [], ways_to_root(graph).count
    for vector_id, j in joins:
        vector = graph.vectors[vector_id]
        listed: list[Path] = []
        for path in _walk(moment, vector, j):
            if len(listed) == MOST_PATHS:
                break
            listed.append(path)
        count = counts_on[vector_id][j]
        heads = (ways[0].get((vector_id, j), 0.0), ways[1].get((vector_id, j), 0.0))
        tails.append(Tails(vector.cell(j), heads, count, tuple(listed), _beyond(moment, vector, j)))
    if not tails:  # from the root itself no way leads on
        return None
    found = [sum(tail.heads[k] * tail.total for tail in tails) * both[0].seed for k in (0, 1)]
    counts = (both[0].count, both[1].count)
    return SharedTails((first, second), counts, tuple(tails), (found[0], found[1]), both[0].seed)


def _leads_to(moment: Moment, cell: Cell, until: frozenset[_Place]) -> dict[_Place, float]:
    """Every cell that a cell leads to, with the sum of the products of the ways there: forward mode by hand.

    No way is followed beyond a cell of ``until``.
    """
    spot = moment.index.find(cell)
    assert spot is not None
    graph = moment.setup.graph
    found: dict[_Place, float] = {(spot.at.id, spot.j): 1.0}
    for vector in graph.vectors:
        for j in range(vector.size):
            arriving = found.get((vector.id, j))
            if arriving is None or (vector.id, j) in until:
                continue
            for use in graph.users(vector, j):
                found[use.user] = found.get(use.user, 0.0) + arriving * _local(moment, use)
    del found[spot.at.id, spot.j]
    return found


def derivative_of(moment: Moment, cell: Cell) -> float:
    """The derivative of the root by a cell, as the sum over all paths from there, with the seed of this sample."""
    spot = moment.index.find(cell)
    assert spot is not None
    _refuse_untold(moment, cell)
    return _beyond(moment, spot.at, spot.j) * _seed(moment)


def _beyond(moment: Moment, vector: Vector, j: int) -> float:
    """The sum over all ways from a cell to the root of the products along them, whatever their number."""
    graph = moment.setup.graph
    sums: dict[_Place, float] = {(graph.root.id, 0): 1.0}
    for at in reversed(graph.vectors[vector.id :]):
        if at is graph.root or (at is not vector and at.is_parameter):
            continue
        for place in range(at.size):
            sums[at.id, place] = sum(sums[use.user] * _local(moment, use) for use in graph.users(at, place))
    return sums[vector.id, j]
