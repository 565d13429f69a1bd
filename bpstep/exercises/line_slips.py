"""What is wrong with a line of a derivation, held against the line before: the nearest difference that explains it.

Both are sums of products.  Terms that are equal are set against each other; what is left over tells the slip:

    a term of the line before only          it was left out
    a term of the line only                 it is one too many
    one of each                             they differ by a factor, which has a name or is a known slip
    the whole lines differ by one factor    the same, of every term

A factor has a name where it is a cell, or a cell over a cell, at all points; the slips that are known of a slope
(`bpstep.exercises.slips`) are looked for besides.  Where nothing is
found, that is said: by how much the lines differ, and no guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bpstep.debugger.paths import MOST_PATHS, paths
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array
from bpstep.english import counted, listed, ordinal
from bpstep.exercises.derivation import Derivation, Line
from bpstep.exercises.differences import Known, difference, known_of, ways_on
from bpstep.exercises.grade import named
from bpstep.exercises.products import Factor, Term, alike, multiplied_out, terms_of
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import CellRef

__all__ = ["what_is_wrong"]

#: No more terms than these are named one by one.
_MOST_NAMED = 3

#: A line so near to the one before, here alone, is made of rounded numbers.
_NEAR = 0.01


@dataclass(frozen=True, eq=False)
class _Piece:
    """A term that a line may be held against, and what it is called where a line leaves it out."""

    name: str
    values: Array


def what_is_wrong(derivation: Derivation, line: Line) -> str:
    """Why a line does not follow, in one sentence."""
    if not np.isfinite(line.values).all():
        return "It has no finite value, here or at other numbers."
    values, points = derivation.values, len(derivation.points)
    written = terms_of(line.node, values, points)
    spread = multiplied_out(written, values, points, MOST_PATHS)
    sums = [("", written), *([("Multiplied out, ", spread)] if len(spread) > len(written) else [])]
    known = known_of(derivation, line)
    best, most = "", -1
    for before in _befores(derivation):
        for opening, terms in sums:
            left, right = _unmatched(before, terms)
            matched = len(terms) - len(right)
            if matched > most and (matched or len(before) == len(terms) == 1):
                found = _of_terms(left, right, len(before), terms, known)
                if found:
                    best, most = _sentence((opening if right else "") + found), matched
    if best:
        return best
    whole = difference([derivation.last], [line.values], known, many=False)
    return f"The line as a whole {whole}." if whole else _how_far(derivation, line)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _befores(derivation: Derivation) -> Iterator[list[_Piece]]:
    """The sums that a line may be held against, all equal to the line before: its own terms; multiplied out; with
    each derivative in them written out by the chain rule; and what comes along each path."""
    values, points = derivation.values, len(derivation.points)
    if derivation.lines:
        terms = terms_of(derivation.lines[-1].node, values, points)
        yield _counted(terms, "the line before")
        spread = multiplied_out(terms, values, points, MOST_PATHS)
        yield _counted(spread, "the line before, multiplied out")
    else:
        ways = ways_on(derivation, derivation.cell)
        spread = [_times_derivative(derivation, head, local) for head, local in ways]
        yield [
            _Piece(f"what comes back from {_told(head)}", term.values)
            for (head, _), term in zip(ways, spread, strict=True)
        ]
    yield [piece for term in spread for piece in _opened(derivation, term)]
    yield list(_paths(derivation))


def _times_derivative(derivation: Derivation, head: Cell, local: Array) -> Term:
    """Upstream times local: the derivative by a cell, times what leads to it."""
    upstream = derivation.values(cells.d(head))
    return Term((Factor(CellRef(0, cells.d(head)), upstream), Factor(None, local)), upstream * local)


def _counted(terms: Sequence[Term], of: str) -> list[_Piece]:
    """Terms by the derivative in them, where no other has it; else by their place in a line."""
    upstream = [[f.cell for f in term.factors if f.cell is not None and f.cell.kind == "d"] for term in terms]
    many = counted(len(terms), "term")
    return [
        _Piece(
            f"the term with {named(own[0])}"
            if len(own) == 1 and upstream.count(own) == 1 and len(terms) > 1
            else f"the {ordinal(k)} of the {many} of {of}",
            term.values,
        )
        for k, (term, own) in enumerate(zip(terms, upstream, strict=True), 1)
    ]


def _opened(derivation: Derivation, term: Term) -> Iterator[_Piece]:
    """A term with the first derivative in it written out by the chain rule: a piece for each neuron it comes from."""
    inner = next((factor.cell for factor in term.factors if factor.cell and factor.cell.kind == "d"), None)
    ways = ways_on(derivation, inner.of) if inner is not None and isinstance(inner.of, Cell) else []
    if not ways or inner is None:
        yield _Piece("a term of the line before", term.values)
        return
    values = derivation.values
    with np.errstate(all="ignore"):
        rest = term.values / values(inner)
    for head, local in ways:
        yield _Piece(f"what comes back from {_told(head)}", rest * local * values(cells.d(head)))


def _paths(derivation: Derivation) -> Iterator[_Piece]:
    """What comes along each path, where they can be listed."""
    pages = [paths(point.moment, derivation.cell) for point in derivation.points]
    first = pages[0]
    if first is None or first.count > len(first.listed):
        return
    for place, path in enumerate(first.listed):
        names = [str(cell.of) for cell in path.cells if cell.kind in ("e", "var")]
        products = np.array([page.listed[place].product * page.seed for page in pages if page is not None])
        yield _Piece(f"the path {' → '.join(names)}", products)


def _told(cell: Cell) -> str:
    return "the cost" if cell.kind == "cost" else str(cell.of)


def _unmatched(before: Sequence[_Piece], terms: Sequence[Term]) -> tuple[list[_Piece], list[Term]]:
    """The terms of two sums that have no equal in the other; of very long sums, all of them."""
    left, right = list(before), []
    if len(before) * len(terms) > MOST_PATHS**2:
        return left, list(terms)
    for term in terms:
        same = next((other for other in left if alike(term.values, other.values)), None)
        if same is None:
            right.append(term)
        else:
            left.remove(same)
    return left, right


def _of_terms(left: list[_Piece], right: list[Term], of: int, terms: list[Term], known: Known) -> str:
    """What the terms that are left over tell; "" if nothing."""
    if not right:
        return f"it leaves out {listed([piece.name for piece in left])}" if len(left) <= _MOST_NAMED else ""
    which, many = _which(right, terms)
    if not left:
        return f"{which} {'are' if many else 'is'} too much"
    if len(left) == len(right) <= MOST_PATHS:
        found = difference([piece.values for piece in left], [term.values for term in right], known, many)
        if found:
            return f"{which} {found}"
    if of == len(terms) > len(right) and len(right) <= _MOST_NAMED:
        return f"{which} {'are' if many else 'is'} not what the line before has"
    return ""


def _which(some: Sequence[Term], terms: Sequence[Term]) -> tuple[str, bool]:
    """Some of the terms of a line, in words, and whether they are several."""
    if len(terms) == 1:
        return "it", False
    if len(some) > _MOST_NAMED:
        return f"{len(some)} of its {len(terms)} terms", True
    places = listed([ordinal(terms.index(term) + 1) for term in some])
    return f"its {places} {'term' if len(some) == 1 else 'terms'}", len(some) > 1


def _how_far(derivation: Derivation, line: Line) -> str:
    """By how much the lines differ, where nothing more can be said."""
    if alike(line.values[:1], derivation.last[:1]):
        return "It is the same number here, but not with other weights and inputs."
    with np.errstate(all="ignore"):
        ratios = line.values[:2] / derivation.last[:2]
    if not np.isfinite(ratios).all():
        return "It differs from the line before."
    before = "the line before" if derivation.lines else "the derivative"
    if abs(ratios[0] - 1.0) < _NEAR:
        return (
            f"It is near {before} here, but not with other weights and inputs: use cells, not their numbers."
        )
    here, there = (f"{ratio:.4g}".replace("-", "−") for ratio in ratios)
    return f"It is {here} times {before} here, and {there} times with other weights and inputs."
