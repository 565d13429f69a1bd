"""One number can be enough: the difference that a gradient check prints, ‖a − b‖ / (‖a‖ + ‖b‖), names the mistake.

Courses let their students compare the whole gradient with a numerical one, and print that one figure.  Every mistake
has a figure of its own, and so have two at once:

    4-5-3-1, the course's data     dW2 doubled 0.1734…, db1 four times too large 0.2544…, both 0.2851…

A figure of twelve digits leaves little room for accidents; one of three fits dozens of mistakes, which is then said.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.net import Net, net_of
from bpstep.comparison.population import Column, Key, Population, Program, Rows
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Figure", "Likely", "figure_read", "likely_mistakes"]

#: The other gradient is a numerical one; steps of 1e-7, as courses take them, leave the figure some six good digits.
_EXACT = 5e-7
_PAIRS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Figure:
    """A figure as it was printed: its value, and half a unit of its last digit."""

    value: float
    half_unit: float

    @property
    def near(self) -> float:
        """How far another figure may be."""
        return max(self.half_unit, _EXACT * max(self.value, 1e-3))


@dataclass(frozen=True)
class Likely:
    """What a figure says.  ``found``: mistakes, or pairs, and their own figures, the nearest first.  ``by_chance``: how
    many of the ``tried`` a figure drawn at random would meet.  ``right``: the figure is that of a right gradient."""

    figure: Figure
    found: tuple[tuple[tuple[Hypothesis, ...], float], ...]
    tried: int
    by_chance: float
    right: bool = False

    @property
    def pairs(self) -> bool:
        """Whether no single mistake has this figure."""
        return bool(self.found) and len(self.found[0][0]) > 1


def figure_read(text: str) -> Figure:
    """A printed figure.  Raises `ValueError` where it is none.

    >>> figure_read("0.2851")
    Figure(value=0.2851, half_unit=5e-05)
    """
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise ValueError(text)
    mantissa, _, exponent = text.strip().lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return Figure(value, float(f"5e{-decimals - 1}"))


def likely_mistakes(
    run: Run,
    figure: Figure,
    batch: int = 0,
    tell: Listener = unheard,
) -> Likely:
    """The mistakes in a network's gradient that a figure comes from; two at once where no single one does."""
    net = net_of(run, batch)
    every = hypotheses(net)
    if figure.value <= 1e-7:
        return Likely(figure, (), len(every), 0.0, right=True)
    right = Population(net, [()]).columns
    figures = _figures_of(net, [one for one in every if one.mistake.whole is None], right)
    for one in every:
        if one.mistake.whole is not None:
            figures.append(((one,), _figure(one.mistake.whole(net), right)))
    found = _near(figures, figure)
    if found:
        return Likely(figure, found, len(every), _by_chance(figures, figure))
    twisted = [one for one in every if one.mistake.whole is None]
    both = _pair_figures(net, twisted, right, tell)
    return Likely(figure, _near(both, figure), len(both), _by_chance(both, figure))


_Figures = list[tuple[tuple[Hypothesis, ...], float]]


def _near(figures: _Figures, figure: Figure) -> tuple[tuple[tuple[Hypothesis, ...], float], ...]:
    near = [one for one in figures if abs(one[1] - figure.value) <= figure.near]
    return tuple(sorted(near, key=lambda one: abs(one[1] - figure.value)))


def _by_chance(figures: _Figures, figure: Figure) -> float:
    """How many different figures lie about as near, if they are as dense everywhere as around this one."""
    around = {round(value, 12) for _, value in figures if abs(value - figure.value) <= 0.05}
    return len(around) * figure.near / 0.05


def _figures_of(net: Net, every: list[Hypothesis], right: dict[Key, Column]) -> _Figures:
    parts = [one.program for one in every]
    values = _figures(net, parts, None, right)
    return [((one,), float(value)) for one, value in zip(every, values, strict=True)]


def _pair_figures(net: Net, every: list[Hypothesis], right: dict[Key, Column], tell: Listener) -> _Figures:
    parts = [one.program for one in every]
    both = np.array(
        [(a, b) for a, b in combinations(range(len(every)), 2) if every[a].mistake is not every[b].mistake],
        dtype=np.intp,
    ).reshape(-1, 2)
    found: _Figures = []
    for start in range(0, len(both), _PAIRS_AT_ONCE):
        tell("pair", start, len(both))
        some = both[start : start + _PAIRS_AT_ONCE]
        values = _figures(net, parts, some, right)
        found += [((every[a], every[b]), float(value)) for (a, b), value in zip(some, values, strict=True)]
    return found


def _figures(net: Net, parts: Sequence[Program], chosen: Rows | None, right: dict[Key, Column]) -> Array:
    """The figure of every program."""
    count = len(parts) if chosen is None else len(chosen)
    apart, length = np.zeros(count), np.zeros(count)

    def watch(key: Key, column: Column, rows: Rows) -> None:
        if key[0] in ("d(w)", "d(b)"):
            axes = tuple(range(1, column.values.ndim))
            off = column.values - right[key].values
            apart[rows] += (off * off).sum(axis=axes)[column.of[rows]]
            length[rows] += (column.values * column.values).sum(axis=axes)[column.of[rows]]

    Population(net, parts, watch, chosen)
    own = sum(float((right[key].values ** 2).sum()) for key in right if key[0] in ("d(w)", "d(b)"))
    with np.errstate(all="ignore"):
        figures: Array = np.sqrt(apart) / (np.sqrt(length) + np.sqrt(own))
    return np.where(np.isfinite(figures), figures, -1.0)


def _figure(numbers: dict[Key, Array], right: dict[Key, Column]) -> float:
    keys = [key for key in right if key[0] in ("d(w)", "d(b)")]
    mine = np.concatenate([numbers[key].ravel() for key in keys])
    own = np.concatenate([right[key].values.ravel() for key in keys])
    return float(np.linalg.norm(mine - own) / (np.linalg.norm(mine) + np.linalg.norm(own)))
