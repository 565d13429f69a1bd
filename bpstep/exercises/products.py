"""An expression as a sum of products: the shape in which a derivative is written out.

A line of a derivation is a sum of *terms*, each a product of *factors*, and a factor may be such a sum again:

    y[x1] * (w1 * delta1 + w2 * delta2)      one term of two factors; the second is a sum of two terms

Nothing is multiplied out and nothing is simplified: the shape is that of the text.  Every part carries its values at
all the points at which lines are compared, arrays of shape (points,), so that parts are recognised by what they are
and not by how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import Call, CellRef, Node, Number, evaluate_all

__all__ = ["Factor", "Term", "Values", "alike", "multiplied_out", "same_size", "terms_of", "value_of"]

#: The values of a cell at all points: shape (points,).
Values = Callable[[Cell], Array]

#: Two lines are equal where they differ by no more than this, relative to the larger; less than the second is 0.
_RELATIVE, _NOTHING = 1e-9, 1e-300

#: A power up to this is a factor that stands there so often.
_MOST_POWER = 4


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor and its values; ``node`` is None of several that were taken together.  ``divides``: 1 over it."""

    node: Node | None
    values: Array
    divides: bool = False

    @property
    def cell(self) -> Cell | None:
        """The cell, where the factor is nothing but one."""
        return self.node.cell if isinstance(self.node, CellRef) and not self.divides else None

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum of terms in turn."""
        return isinstance(self.node, Call) and self.node.function in ("add", "sub") and not self.divides


@dataclass(frozen=True, eq=False)
class Term:
    """A product: its factors, its values with the sign that it has in the sum, and the sign that is not in them."""

    factors: tuple[Factor, ...]
    values: Array
    sign: float = 1.0


def value_of(node: Node, values: Values, points: int) -> Array:
    """The values of an expression at all points."""
    return np.broadcast_to(np.asarray(evaluate_all(node, values), dtype=np.float64), (points,))


def alike(a: Array, b: Array) -> bool:
    """Whether two expressions have the same values at every point."""
    return bool(np.all(np.isfinite(a)) and np.all(np.abs(a - b) <= _bound(a, b)))


def same_size(a: Array, b: Array) -> bool:
    """Whether they are alike but for a sign: t − y for y − t."""
    return alike(np.abs(a), np.abs(b))


def _bound(a: Array, b: Array) -> Array:
    found: Array = np.maximum(_RELATIVE * np.maximum(np.abs(a), np.abs(b)), _NOTHING)
    return found


def terms_of(node: Node, values: Values, points: int) -> list[Term]:
    """The terms of a sum, from left to right; of what is no sum, the one that it is."""
    return [_term(part, sign, values, points) for part, sign in _summands(node)]


def multiplied_out(terms: Iterable[Term], values: Values, points: int, most: int) -> list[Term]:
    """The same sum, multiplied out where a factor is a sum of products; as it is where that makes too many terms.

    A difference such as y − t or 1 − y stays together.
    """
    given = list(terms)
    waiting, found = given[::-1], []
    while waiting:
        term = waiting.pop()
        place, inner = _first_sum(term, values, points)
        if not inner:
            found.append(term)
            continue
        before, behind = term.factors[:place], term.factors[place + 1 :]
        outer = term.sign * _product((*before, *behind), points)
        waiting += [
            Term((*before, *part.factors, *behind), outer * part.values, term.sign * part.sign)
            for part in reversed(inner)
        ]
        if len(waiting) + len(found) > most:
            return given
    return found


def _first_sum(term: Term, values: Values, points: int) -> tuple[int, list[Term]]:
    """The first factor of a term that is a sum of products: its place, and its terms; none where there is none."""
    for place, factor in enumerate(term.factors):
        if factor.is_sum and factor.node is not None:
            inner = terms_of(factor.node, values, points)
            if all(len(part.factors) > 1 for part in inner):
                return place, inner
    return 0, []


def _product(factors: Iterable[Factor], points: int) -> Array:
    """The product of some factors, at all points."""
    found = np.ones(points)
    for factor in factors:
        found = found * factor.values
    return found


def _summands(node: Node) -> Iterator[tuple[Node, float]]:
    """What is added, with its sign; without recursion, for a sum may be as long as its text."""
    waiting = [(node, 1.0)]
    while waiting:
        at, sign = waiting.pop()
        if isinstance(at, Call) and at.function in ("add", "sub"):
            left, right = at.operands
            waiting += [(right, -sign if at.function == "sub" else sign), (left, sign)]
        elif isinstance(at, Call) and at.function == "neg":
            waiting.append((at.operands[0], -sign))
        else:
            yield at, sign


def _term(node: Node, sign: float, values: Values, points: int) -> Term:
    """One product, its factors from left to right."""
    found: list[Factor] = []
    waiting, inside = [(node, False)], sign
    while waiting:
        at, divides = waiting.pop()
        if isinstance(at, Call) and at.function in ("mul", "div"):
            left, right = at.operands
            waiting += [(right, divides != (at.function == "div")), (left, divides)]
        elif isinstance(at, Call) and at.function == "neg":
            waiting.append((at.operands[0], divides))
            inside = -inside
        elif (often := _power(at)) and isinstance(at, Call):
            waiting += [(at.operands[0], divides)] * often
        else:
            value = value_of(at, values, points)
            with np.errstate(all="ignore"):
                found.append(Factor(at, 1.0 / value if divides else value, divides))
    return Term(tuple(found), sign * value_of(node, values, points), inside)


def _power(node: Node) -> int:
    """How often a factor stands in a small whole power; 0 of everything else."""
    if not (isinstance(node, Call) and node.function == "pow" and isinstance(node.operands[1], Number)):
        return 0
    exponent = node.operands[1].value
    return int(exponent) if exponent in range(2, _MOST_POWER + 1) else 0
