"""The cost table: how far an output is from its target, one row a cost.

A cost is a sum over the outputs, and a row is one term of that sum: its value and its derivative by
the output, as arithmetic and as text over ``{y}`` (output), ``{t}`` (target) and ``{K}`` (number of
outputs).

    >>> half = COSTS["half-squared-error"]
    >>> y, t = np.array([0.75]), np.array([0.25])
    >>> half.term(y, t, 1), half.slope(y, t, 1)
    (array([0.125]), array([0.5]))

A term of a cross-entropy whose factor t (or 1 - t) is 0 is 0, and so is its derivative, whatever the
logarithm beside it says: 0 * ln 0 is 0 here, as everywhere in information theory.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["COSTS", "Cost"]


@dataclass(frozen=True)
class Cost:
    """One row: ``term(y, t, K)`` and ``slope(y, t, K)`` = d(term)/dy, element by element.

    ``texts(t)`` gives the text of both for one target, because a term that vanishes (a factor t of 0)
    should not be written out.  ``formula`` is the whole cost as a textbook prints it, over the same places, each of
    the output k.  It is a number for outputs within its ``domain``, and means what it is named after with the
    activation that it ``goes_with``; ``targets`` are the least and the greatest that it has a meaning for.
    """

    name: str
    formula: str
    term: Callable[[Array, Array, int], Array]
    slope: Callable[[Array, Array, int], Array]
    texts: Callable[[float], tuple[str, str]]
    at_kink: Callable[[Array, Array], NDArray[np.bool_]] | None = None
    convention: str = ""
    domain: tuple[float, float] = (-np.inf, np.inf)
    goes_with: str = ""
    targets: tuple[float, float] = (-np.inf, np.inf)

    def texts_of(self, t: float, terms: int) -> tuple[str, str]:
        """`texts` for one target among so many terms."""
        term, slope = self.texts(t)
        return term.replace("{K}", str(terms)), slope.replace("{K}", str(terms))

    def sides(self, y: Array, t: Array) -> Array | None:
        """On which side of its kink each term lies, -1, 0 or 1; None where it has none."""
        return None if self.at_kink is None else np.sign(y - t)

    def refuses(self, t: Array) -> str:
        """Why it is no cost for these targets; "" where it is one."""
        least, greatest = self.targets
        if ((t >= least) & (t <= greatest)).all():
            return ""
        return f"{self.name} needs targets from {least:g} to {greatest:g}"


def _unless_zero(factor: Array, other: Array) -> Array:
    """factor * other, and 0 where the factor is 0 even if the other is not finite."""
    return np.where(factor == 0.0, 0.0, factor * other)


def _half(y: Array, t: Array, outputs: int) -> Array:
    off = y - t
    return 0.5 * off * off


def _binary_term(y: Array, t: Array, outputs: int) -> Array:
    return -(_unless_zero(t, np.log(y)) + _unless_zero(1.0 - t, np.log(1.0 - y)))


def _binary_slope(y: Array, t: Array, outputs: int) -> Array:
    return -_unless_zero(t, 1.0 / y) + _unless_zero(1.0 - t, 1.0 / (1.0 - y))


def _binary_texts(t: float) -> tuple[str, str]:
    if t == 0.0:
        return "-ln(1 - {y})", "1 / (1 - {y})"
    if t == 1.0:
        return "-ln({y})", "-1 / {y}"
    return "-({t} * ln({y}) + (1 - {t}) * ln(1 - {y}))", "-{t} / {y} + (1 - {t}) / (1 - {y})"


def _averaged_texts(t: float) -> tuple[str, str]:
    term, slope = _binary_texts(t)
    return f"({term}) / {{K}}", f"({slope}) / {{K}}"


def _entropy_texts(t: float) -> tuple[str, str]:
    return ("0", "0") if t == 0.0 else ("-{t} * ln({y})", "-{t} / {y}")


def _always(term: str, slope: str) -> Callable[[float], tuple[str, str]]:
    return lambda t: (term, slope)


_ROWS = (
    Cost(
        "half-squared-error", "½ Σk ({y} − {t})²", _half, lambda y, t, outputs: y - t,
        _always("({y} - {t})^2 / 2", "{y} - {t}"),
    ),
    Cost(
        "squared-error", "Σk ({y} − {t})²",
        lambda y, t, outputs: (y - t) * (y - t), lambda y, t, outputs: 2.0 * (y - t),
        _always("({y} - {t})^2", "2 * ({y} - {t})"),
    ),
    Cost(
        "mean-squared-error", "Σk ({y} − {t})² / {K}",
        lambda y, t, outputs: (y - t) * (y - t) / outputs,
        lambda y, t, outputs: 2.0 * (y - t) / outputs,
        _always("({y} - {t})^2 / {K}", "2 * ({y} - {t}) / {K}"),
    ),
    Cost(
        "absolute-error", "Σk |{y} − {t}|",
        lambda y, t, outputs: np.abs(y - t), lambda y, t, outputs: np.sign(y - t),
        _always("abs({y} - {t})", "[{y} > {t}] - [{y} < {t}]"),
        at_kink=lambda y, t: y == t, convention="|y − t|′ = 0 at y = t",
    ),
    Cost(
        "binary-cross-entropy", "−Σk ({t} ln {y} + (1 − {t}) ln(1 − {y}))",
        _binary_term, _binary_slope, _binary_texts,
        domain=(0.0, 1.0), goes_with="sigmoid", targets=(0.0, 1.0),
    ),
    Cost(
        "mean-binary-cross-entropy", "−Σk ({t} ln {y} + (1 − {t}) ln(1 − {y})) / {K}",
        lambda y, t, outputs: _binary_term(y, t, outputs) / outputs,
        lambda y, t, outputs: _binary_slope(y, t, outputs) / outputs,
        _averaged_texts,
        domain=(0.0, 1.0), goes_with="sigmoid", targets=(0.0, 1.0),
    ),
    Cost(
        "cross-entropy", "−Σk {t} ln {y}",
        lambda y, t, outputs: -_unless_zero(t, np.log(y)),
        lambda y, t, outputs: -_unless_zero(t, 1.0 / y),
        _entropy_texts, domain=(0.0, np.inf), goes_with="softmax",
    ),
)  # fmt: skip

COSTS: dict[str, Cost] = {row.name: row for row in _ROWS}
