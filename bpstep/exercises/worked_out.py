"""Which deltas a derivation works out, and how often: what is done again and again is what back-propagation keeps.

δ(n), the derivative by the net input of neuron n, is *used by name* where a line says ``delta[n]``.  It is *worked
out* where factors of a product multiply to it:

    y[x1] * local[h1] * w[h1->o1] * delta[o1]          δ(h1) is worked out once, from δ(o1)

Where a line is multiplied out, no product has the whole of δ(n), but each has some of the paths from n to the cost:
factors that multiply to what comes along k of its T paths are k/T of a working out.  Written out over all eight paths
of a net with four layers of two, δ of the output is worked out eight times, δ of the last layer four times each, of
the one before twice, and so on: in each product stands one tail, and there are so many sets of tails.

Parts are recognised by their values at all points, whatever the order of the factors, and with either sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from bpstep.debugger.answers import WorkedOut
from bpstep.debugger.paths import paths
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array
from bpstep.engine.ways import ways_to_root
from bpstep.exercises.derivation import Derivation, Line
from bpstep.exercises.products import Factor, Term, same_size, terms_of
from bpstep.lazily import dataclass

__all__ = ["nodes_between", "worked_out"]

#: Of a product of more factors it is not found out what its parts are: there are 2 to that power.
_MOST_FACTORS = 13


@dataclass(frozen=True, eq=False)
class _Part:
    """What a product of factors may be: ``share`` of the paths of a neuron, times what is behind them."""

    name: str
    share: Fraction
    values: Array


def worked_out(derivation: Derivation) -> WorkedOut:
    """What the lines made use of: of every neuron the most that one line did."""
    nodes = nodes_between(derivation)
    parts = [part for node in nodes for part in _parts(derivation, node)]
    slopes = _slopes(derivation, nodes)
    most: dict[str, Fraction] = {}
    left_out = 0
    for line in derivation.lines:
        found, skipped = _in_line(derivation, line, parts, slopes)
        left_out = max(left_out, skipped)
        for name, share in found.items():
            most[name] = max(most.get(name, Fraction(0)), share)
    worked = [(name, int(most[name])) for name in (str(node.of) for node in nodes) if most.get(name, 0) >= 1]
    used = {_named_by(cell) for line in derivation.lines for cell in line.cells}
    named = [str(node.of) for node in nodes if str(node.of) in used]
    return WorkedOut(tuple(named), tuple(worked), left_out)


def _named_by(cell: Cell) -> str:
    """The neuron or variable whose derivative a cell is; "" of every other cell."""
    of = cell.of
    return str(of.of) if cell.kind == "d" and isinstance(of, Cell) and of.kind in ("e", "y", "var") else ""


def nodes_between(derivation: Derivation) -> list[Cell]:
    """The net inputs (variables) on the ways from the cell to the root, the nearest to the root first."""
    here = derivation.points[0]
    graph = here.setup.graph
    spot = here.index.find(derivation.cell)
    assert spot is not None
    reached: dict[tuple[int, int], None] = {}
    waiting = [(spot.at, spot.j)]
    while waiting:
        at, j = waiting.pop()
        for use in graph.users(at, j):
            if use.user not in reached:
                reached[use.user] = None
                waiting.append((use.edge.head, use.i))
    vectors = {vector.id: vector for vector in graph.vectors}
    order = sorted(reached, key=lambda place: (-place[0], place[1]))
    found = [vectors[v].cell(row) for v, row in order if vectors[v] is not graph.root]
    return [cell for cell in found if cell.kind in ("e", "var")]


def _slopes(derivation: Derivation, nodes: list[Cell]) -> list[Array]:
    """The slopes f′ of the neurons, which learners write out: y * (1 - y)."""
    values = derivation.values
    found = [values(cells.local(cells.y(str(n.of)), n)) for n in nodes if n.kind == "e"]
    return [slope for slope in found if np.isfinite(slope).all()]


def _parts(derivation: Derivation, node: Cell) -> Iterator[_Part]:
    """The derivative by a neuron; and what comes back along each way to another one, or to the root."""
    name, values = str(node.of), derivation.values
    yield _Part(name, Fraction(1), values(cells.d(node)))
    pages = [paths(point.moment, node) for point in derivation.points]
    first = pages[0]
    if first is None or first.count > len(first.listed):
        return
    here = derivation.points[0]
    counts = ways_to_root(here.setup.graph).count
    met: set[tuple[tuple[int, int], ...]] = set()
    for place, path in enumerate(first.listed):
        products = np.cumprod([page.listed[place].factors for page in pages if page is not None], axis=1)
        for length, cell in enumerate(path.cells[1:], 1):
            if path.uses[:length] in met or not (cell.kind in ("e", "var") or length == len(path.factors)):
                continue
            met.add(path.uses[:length])
            spot = here.index.find(cell)
            assert spot is not None
            share = Fraction(counts[spot.at.id][spot.j], first.count)
            yield _Part(name, share, products[:, length - 1] * values(cells.d(cell)))


# --- in a line --------------------------------------------------------------------------------------


def _in_line(
    derivation: Derivation, line: Line, parts: list[_Part], slopes: list[Array]
) -> tuple[dict[str, Fraction], int]:
    """How often each neuron's derivative is worked out in a line; and how many products are too long to tell.

    A neuron that a product has is not looked for inside its factors: there stands what it is made of.
    """
    values, points = derivation.values, len(derivation.points)
    found: dict[str, Fraction] = {}
    left_out = 0
    waiting: list[tuple[Term, frozenset[str]]] = [
        (term, frozenset()) for term in terms_of(line.node, values, points)
    ]
    while waiting:
        term, known = waiting.pop()
        factors = _with_slopes(term.factors, slopes)
        has: dict[str, Fraction] = {}
        if len(factors) > _MOST_FACTORS:
            left_out += 1
        else:
            has = _in_product(factors, [part for part in parts if part.name not in known])
        for name, share in has.items():
            found[name] = found.get(name, Fraction(0)) + share
        inside = known | frozenset(has)
        for factor in factors:
            if factor.is_sum and factor.node is not None:
                waiting += [(inner, inside) for inner in terms_of(factor.node, values, points)]
    return found, left_out


def _with_slopes(factors: tuple[Factor, ...], slopes: list[Array]) -> list[Factor]:
    """Factors, with two that multiply to a neuron's slope taken together."""
    found = list(factors)
    for slope in slopes:
        pair = next(
            (
                (a, b)
                for place, a in enumerate(found)
                for b in found[place + 1 :]
                if same_size(a.values * b.values, slope)
            ),
            None,
        )
        if pair is not None:
            at = found.index(pair[0])
            found = [factor for factor in found if factor not in pair]
            found.insert(at, Factor(None, slope))
    return found


def _in_product(factors: list[Factor], parts: list[_Part]) -> dict[str, Fraction]:
    """The neurons that some factors of a product multiply to, or to a share of; a name alone is not worked out."""
    products, sizes = np.ones((1, len(factors[0].values))), np.zeros(1, dtype=np.int64)
    by_name = np.zeros(1, dtype=np.int64)
    for factor in factors:
        is_name = factor.cell is not None and factor.cell.kind == "d"
        products = np.concatenate([products, products * factor.values])
        sizes = np.concatenate([sizes, sizes + 1])
        by_name = np.concatenate([by_name, by_name + is_name])
    worked = np.abs(products[(sizes > 0) & ~((sizes == 1) & (by_name == 1))])
    found: dict[str, Fraction] = {}
    for part in parts:
        wanted = np.abs(part.values)
        if not np.isfinite(wanted).all() or not wanted.any():
            continue
        near = worked[np.abs(worked[:, 0] - wanted[0]) <= 1e-9 * wanted[0]]
        if any(same_size(row, wanted) for row in near):
            found[part.name] = max(found.get(part.name, Fraction(0)), part.share)
    return found
