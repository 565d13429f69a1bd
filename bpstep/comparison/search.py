"""Which mistake gives all of a learner's numbers?

Every hypothesis is run, and its numbers are laid beside the learner's.  It is *believed* if it gives every wrong number
that it reaches, and spoils no right one.  If no single one gives them all, two at once are tried; the search drops a
pair with its first number that is not the learner's, so it looks at all of them.

Numbers can agree by accident: with few wrong numbers, inexact ones, and tens of thousands of pairs, something will fit.
So `Match.chance` estimates how many of the hypotheses that spoil nothing would fit numbers that are wrong at
random, and what might be an accident is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.net import Net
from bpstep.comparison.population import Column, Key, Population, Rows
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.scalars import ScalarMistake
from bpstep.comparison.sheet import DERIVATIVES, Mask, Sheet
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = [
    "Match",
    "Wanted",
    "best_of",
    "numbers_of",
    "pairs",
    "possible",
    "scalar_matches_of_two",
    "scalar_singles",
    "singles",
    "wanted_of",
]

#: More than this is no longer believed: the number of hypotheses that would fit by accident.
MOST_CHANCE = 2e-2
#: So many numbers (programs times cells) are computed at once.
_AT_ONCE = 8_000_000
_PAIRS_AT_ONCE = 50_000
#: A hypothesis whose worst number is so many times as far off as the best one's is not named beside it.
_FARTHER = 20.0
_EQUALLY_NEAR = 1e-9
#: No two programs compute the same number more exactly.
_EXACT = 1e-10


@dataclass(frozen=True, eq=False)
class Wanted:
    """A slot as the search sees it: which numbers are given, which of them are wrong, and the largest right one."""

    right: Array
    yours: Array
    given: Mask
    wrong: Mask
    scale: float


@dataclass(frozen=True, eq=False)
class Match:
    """Mistakes that give a learner's numbers: one, or two at once.

    ``explained`` of the wrong numbers are theirs; ``worst`` is the largest relative distance of any number they reach.
    """

    hypotheses: tuple[Hypothesis, ...]
    explained: int
    worst: float
    chance: float
    numbers: Mapping[Key, Array]

    @property
    def title(self) -> str:
        """Their names and places."""
        return " and ".join(hypothesis.title for hypothesis in self.hypotheses)


def wanted_of(sheet: Sheet, tolerance: Tolerance) -> dict[Key, Wanted]:
    """The slots that a learner gave something for."""
    found = {}
    for key in sheet.yours:
        slot, yours, given = sheet.slots[key], sheet.yours[key], sheet.given(key)
        scale = float(np.abs(slot.right).max(initial=0.0))
        wrong = given & ~tolerance.agree(yours, slot.right, scale)
        found[key] = Wanted(slot.right, yours, given, wrong, scale)
    return found


# --- one mistake --------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Tally:
    """Of every program: how many wrong numbers it gives, how many it reaches and does not give, how many right ones it
    spoils, how many wrong ones it does not reach, and how far off the worst of those it gives is."""

    explained: NDArray[np.int64]
    missed: NDArray[np.int64]
    spoiled: NDArray[np.int64]
    untouched: NDArray[np.int64]
    worst: Array

    @classmethod
    def of(cls, programs: int) -> _Tally:
        zeros = np.zeros(programs, dtype=np.int64)
        return cls(zeros, zeros.copy(), zeros.copy(), zeros.copy(), np.zeros(programs))

    def add(self, wanted: Wanted, values: Array, of: Rows, rows: Rows, near: Tolerance) -> None:
        """Count the numbers of one slot, distinct array by distinct array."""
        axes = tuple(range(1, values.ndim))
        agree = near.agree(values, wanted.yours, wanted.scale) & wanted.given
        touched = ~near.agree(values, wanted.right, wanted.scale) & wanted.given
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(wanted.yours), 1e-3 * wanted.scale) + np.finfo(float).tiny
            off = np.where(agree, np.abs(values - np.where(wanted.given, wanted.yours, 0.0)) / size, 0.0)
        for total, mask in (
            (self.explained, wanted.wrong & agree),
            (self.missed, touched & ~agree & wanted.wrong),
            (self.spoiled, touched & ~agree & ~wanted.wrong),
            (self.untouched, wanted.wrong & ~touched & ~agree),
        ):
            total[rows] += mask.sum(axis=axes)[of]
        self.worst[rows] = np.maximum(self.worst[rows], off.max(axis=axes, initial=0.0)[of])


def singles(
    net: Net, wanted: Mapping[Key, Wanted], every: Sequence[Hypothesis], near: Tolerance
) -> tuple[list[Match], list[Match]]:
    """The hypotheses that give all of the wrong numbers, and those that give some, and spoil nothing."""
    tally = _Tally.of(len(every))
    for start, some in _portions(net, every):
        rows = np.arange(start, start + len(some))
        twisted = [k for k, hypothesis in enumerate(some) if hypothesis.mistake.whole is None]
        population = Population(net, [some[k].program for k in twisted])
        for key, slot in wanted.items():
            column = population.columns[key]
            tally.add(slot, column.values, column.of, rows[twisted], near)
        for k in set(range(len(some))) - set(twisted):
            followed = some[k].mistake.whole(net)  # type: ignore[misc]
            for key, slot in wanted.items():
                tally.add(slot, followed[key][np.newaxis], np.zeros(1, dtype=np.intp), rows[[k]], near)
    return _fitting(tally, every, [{}] * len(every), near)


def scalar_singles(
    wanted: Mapping[Key, Wanted], every: Sequence[ScalarMistake], near: Tolerance
) -> tuple[list[Match], list[Match]]:
    """The same of an expression, whose mistakes come with their derivatives."""
    tally = _Tally.of(len(every))
    for k, one in enumerate(every):
        given = one.by_slot
        for key, slot in wanted.items():
            values = given.get(key, slot.right)
            tally.add(slot, values[np.newaxis], np.zeros(1, dtype=np.intp), np.array([k]), near)
    return _fitting(tally, [one.hypothesis for one in every], [one.by_slot for one in every], near)


def scalar_matches_of_two(
    wanted: Mapping[Key, Wanted], both: Sequence[tuple[ScalarMistake, ScalarMistake, Array]], near: Tolerance
) -> list[Match]:
    """The pairs that together give all of the wrong derivatives of an expression, and spoil none."""
    if not both or any(other.wrong.any() for key, other in wanted.items() if key != DERIVATIVES):
        return []
    slot = wanted[DERIVATIVES]
    rows, worst = np.arange(len(both), dtype=np.intp), np.zeros(len(both))
    stay = _staying(slot, Column(np.stack([numbers for _, _, numbers in both]), rows), rows, worst, near)
    assert stay is not None
    wrong = int(slot.wrong.sum())
    found = []
    for k in np.flatnonzero(stay).tolist():
        a, b, numbers = both[k]
        chance = _chance(wrong, len(both), float(worst[k]))
        found.append(
            Match((a.hypothesis, b.hypothesis), wrong, float(worst[k]), chance, {DERIVATIVES: numbers})
        )
    return found


def _fitting(
    tally: _Tally, every: Sequence[Hypothesis], numbers: Sequence[Mapping[Key, Array]], near: Tolerance
) -> tuple[list[Match], list[Match]]:
    """Those that give all wrong numbers, and those that give some; none of them misses or spoils one."""
    whole: list[Match] = []
    part: list[Match] = []
    harmless = tally.spoiled == 0
    tried = int((harmless & (tally.explained + tally.missed > 0)).sum())
    for k in np.flatnonzero(harmless & (tally.missed == 0) & (tally.explained > 0)).tolist():
        explained = int(tally.explained[k])
        chance = _chance(explained, tried, float(tally.worst[k]))
        match = Match((every[k],), explained, float(tally.worst[k]), chance, numbers[k])
        (part if tally.untouched[k] else whole).append(match)
    return whole, part


def _chance(explained: int, tried: int, worst: float) -> float:
    """How many of the hypotheses tried give so many numbers that are wrong at random as nearly as that: a number is
    taken to lie anywhere within a few times the size of the right one."""
    return float(tried * min(1.0, 2.0 * worst + _EXACT) ** explained)


def _portions(net: Net, every: Sequence[Hypothesis]) -> list[tuple[int, Sequence[Hypothesis]]]:
    largest = max(layer.weights.size for layer in net.layers) + net.samples * max(x.size for x in net.layers)
    each = max(1, _AT_ONCE // largest)
    return [(start, every[start : start + each]) for start in range(0, len(every), each)]


def best_of(matches: Sequence[Match]) -> list[Match]:
    """Those that fit as exactly as the best of them, and are no accident."""
    believed = [match for match in matches if match.chance <= MOST_CHANCE]
    if not believed:
        return []
    nearest = min(match.worst for match in believed)
    return [match for match in believed if match.worst <= max(_FARTHER * nearest, _EQUALLY_NEAR)]


def possible(matches: Sequence[Match]) -> list[Match]:
    """Those that fit, but may do so by accident; the nearest first."""
    return sorted((match for match in matches if match.chance > MOST_CHANCE), key=lambda match: match.worst)


# --- two at once --------------------------------------------------------------------------------------


def pairs(
    net: Net,
    wanted: Mapping[Key, Wanted],
    every: Sequence[Hypothesis],
    near: Tolerance,
    tell: Listener = unheard,
) -> list[Match]:
    """The pairs of mistakes that together give all of the wrong numbers.  ``tell`` hears how far it is."""
    twisted = [hypothesis for hypothesis in every if hypothesis.mistake.whole is None]
    programs = [hypothesis.program for hypothesis in twisted]
    both = np.array(
        [(a, b) for a, b in combinations(range(len(twisted)), 2) if _can_meet(twisted[a], twisted[b])],
        dtype=np.intp,
    ).reshape(-1, 2)
    wrong = sum(int(slot.wrong.sum()) for slot in wanted.values())
    found: list[Match] = []
    for start in range(0, len(both), _PAIRS_AT_ONCE):
        tell("pair", start, len(both))
        some = both[start : start + _PAIRS_AT_ONCE]
        worst = np.zeros(len(some))

        def watch(key: Key, column: Column, rows: Rows, worst: Array = worst) -> Mask | None:
            return _staying(wanted.get(key), column, rows, worst, near)

        population = Population(net, programs, watch, some)
        if not all(key in population.columns for key in wanted):
            continue
        for k in population.alive.tolist():
            a, b = some[k]
            chance = _chance(wrong, len(both), float(worst[k]))
            found.append(Match((twisted[a], twisted[b]), wrong, float(worst[k]), chance, {}))
    return found


def _can_meet(a: Hypothesis, b: Hypothesis) -> bool:
    """Whether two hypotheses are two mistakes: not the same row at places that overlap."""
    same = a.mistake is b.mistake and a.value == b.value
    overlap = a.everywhere or b.everywhere or bool(set(a.layers) & set(b.layers))
    return not (same and overlap)


def _staying(wanted: Wanted | None, column: Column, rows: Rows, worst: Array, near: Tolerance) -> Mask | None:
    """Which programs have all of the learner's numbers in a slot."""
    if wanted is None:
        return None
    given, of = wanted.given, column.of[rows]
    used, place = np.unique(of, return_inverse=True)
    values = column.values[used][:, given]
    yours = wanted.yours[given]
    agree: Mask = np.logical_and.reduce(near.agree(values, yours, wanted.scale), axis=1)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(yours), 1e-3 * wanted.scale) + np.finfo(float).tiny
        off = (np.abs(values - yours) / size).max(axis=1, initial=0.0)
    worst[rows] = np.maximum(worst[rows], off[place])
    stay: Mask = agree[place]
    return stay


def numbers_of(net: Net, hypotheses: Sequence[Hypothesis]) -> Mapping[Key, Array]:
    """All numbers of a pass with these mistakes in it."""
    whole = hypotheses[0].mistake.whole
    if whole is not None:
        return whole(net)
    program = tuple(twist for hypothesis in hypotheses for twist in hypothesis.program)
    return {key: column.values[0] for key, column in Population(net, [program]).columns.items()}
