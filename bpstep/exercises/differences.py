"""By what two products differ: a factor with a name, or a slip that is known of a slope.

Products are compared by their values at all points of a derivation; a factor is found if it explains every point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from bpstep.debugger.expressions import parse
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array
from bpstep.exercises.derivation import Derivation, Line
from bpstep.exercises.grade import named
from bpstep.exercises.products import alike, value_of
from bpstep.exercises.slips import slips_of
from bpstep.exercises.worked_out import nodes_between
from bpstep.lazily import dataclass

__all__ = ["Known", "difference", "known_of", "ways_on"]

#: No more cells than these are tried for a factor that is missing, or too much.
_MOST_KNOWN = 60

#: How near two sums must be to be looked at closely, relative to the sizes of their terms.
_QUICK = 1e-6

_ONE = np.ones(1)

#: Something with a name, at all points.
Named = tuple[str, Array]


@dataclass(frozen=True, eq=False)
class Known:
    """What may make two products differ: factors with a name, and slips in a slope (each with its effect)."""

    factors: tuple[Named, ...]
    slips: tuple[Named, ...]


def known_of(derivation: Derivation, line: Line) -> Known:
    """What may make a line differ from the one before."""
    return Known(tuple(_factors(derivation, line)), tuple(_slips(derivation)))


def ways_on(derivation: Derivation, cell: Cell) -> list[tuple[Cell, Array]]:
    """From a cell to the next net inputs or variables (or the root): each with the product of what lies between."""
    here, values = derivation.points[0], derivation.values
    found: list[tuple[Cell, Array]] = []
    waiting: list[tuple[Cell, Array]] = [(cell, np.ones(len(derivation.points)))]
    while waiting:
        at, so_far = waiting.pop()
        spot = here.index.find(at)
        if spot is None:
            continue
        for use in here.setup.graph.users(spot.at, spot.j):
            head = use.edge.head.cell(use.i)
            way = (head, so_far * values(cells.local(head, at)))
            (found if head.kind in ("e", "var", "cost") else waiting).append(way)
    return found


def _factors(derivation: Derivation, line: Line) -> Iterator[Named]:
    """What a factor may be: the cells of both lines, the slopes and outputs on the way, and 1 − y."""
    values, here = derivation.values, derivation.points[0]
    before = derivation.lines[-1].cells if derivation.lines else ()
    wanted: dict[Cell, None] = dict.fromkeys((*line.cells, *before))
    every = nodes_between(derivation)
    for node in (derivation.cell, *every):
        if node.kind == "var":
            wanted |= dict.fromkeys(cells.local(head, node) for head, _ in ways_on(derivation, node))
    nodes = [node for node in every if node.kind == "e"]
    for node in nodes:
        wanted |= dict.fromkeys((cells.local(cells.y(str(node.of)), node), cells.y(str(node.of)), node))
    own = derivation.cell
    if own.kind == "w":
        wanted |= dict.fromkeys((cells.y(str(own.of)), own))
    wanted |= dict.fromkeys(cells.d(node) for node in every)
    for cell in list(wanted)[:_MOST_KNOWN]:
        if here.index.find(cell) is not None:
            yield named(cell), values(cell)
    for node in nodes[:_MOST_KNOWN]:
        yield f"1 − y[{node.of}]", 1 - values(cells.y(str(node.of)))


def _slips(derivation: Derivation) -> Iterator[tuple[str, Array]]:
    """The slips that are known of each slope on the way: what is said of one, and by what it differs from the slope."""
    here, values, points = derivation.points[0], derivation.values, len(derivation.points)
    root = here.setup.graph.root.cell(0)
    nodes = [node for node in nodes_between(derivation) if node.kind == "e"]
    outputs = [cells.y(str(node.of)) for node in nodes]
    slopes = [cells.local(y, node) for y, node in zip(outputs, nodes, strict=True)]
    slopes += [cells.local(root, y) for y in outputs]
    for slope in slopes[:_MOST_KNOWN]:
        spot = here.index.find(slope)
        if spot is None:
            continue
        numbers = here.moment.write_steps(spot)
        steps = [here.run.step(number) for number in numbers]
        for slip in slips_of(here, slope, steps) if steps else []:
            with np.errstate(all="ignore"):
                ratio = value_of(parse(here.scope, slip.text).node, values, points) / values(slope)
            yield f"a slip at {named(slope)}. {slip.says.rstrip('.')}", ratio


def difference(before: Sequence[Array], after: Sequence[Array], known: Known, many: bool) -> str:
    """By what some products all differ from what they should be, where that has a name; "" where it has none."""
    is_, has, lacks = ("are", "have", "lack") if many else ("is", "has", "lacks")
    for text, factor in ((f"{has} the wrong sign", -1.0), (f"{is_} twice what it should be", 0.5),
                         (f"{is_} half of what it should be", 2.0)):  # fmt: skip
        if _all_alike([value * factor for value in after], before):
            return text
    for name, values in known.factors:
        if _all_alike([value * values for value in after], before):
            return f"{lacks} the factor {name}"
        if _all_alike(after, [value * values for value in before]):
            return f"{has} the factor {name} once too often"
    for says, ratio in known.slips:
        if _may_be(after, _ONE, before, ratio) and _all_alike(after, [value * ratio for value in before]):
            return f"{has} {says}"
    for (name, values), (other, instead) in permutations(known.factors, 2):
        if _may_be(after, instead, before, values) and _all_alike(
            [value * instead for value in after], [value * values for value in before]
        ):
            return f"{has} {name} where {other} belongs"
    return ""


def _may_be(after: Sequence[Array], instead: Array, before: Sequence[Array], values: Array) -> bool:
    """Whether two lists of products have the same sum at the first point: quick to see where they are not alike."""
    a = float(instead[0]) * sum(float(value[0]) for value in after)
    b = float(values[0]) * sum(float(value[0]) for value in before)
    size = abs(float(instead[0])) * sum(abs(float(value[0])) for value in after)
    return abs(a - b) <= _QUICK * size


def _all_alike(some: Sequence[Array], others: Sequence[Array]) -> bool:
    """Whether two lists hold the same values, in whatever order."""
    left = list(others)
    for value in some:
        place = next((k for k, other in enumerate(left) if alike(value, other)), None)
        if place is None:
            return False
        del left[place]
    return not left
