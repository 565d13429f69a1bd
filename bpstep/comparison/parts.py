"""Mistakes that give only some of the wrong numbers: which of them may be told.

Such a mistake is told only where it begins something: among the numbers that it gives must be a *first* wrong one, all
of whose operands are right.  What only gives numbers that follow from other wrong ones meets them by accident, most
often where both are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bpstep.comparison.population import Key
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.search import Match, Wanted, best_of
from bpstep.comparison.sheet import Place
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Parts", "parts_of"]

#: So many of those that give the most are looked at.
_MOST = 60


@dataclass(frozen=True, eq=False)
class Parts:
    """``same`` give the very same of the wrong numbers, the most of all; ``others`` give others, one after the other;
    ``explained`` is how many all of them give together."""

    same: tuple[Match, ...] = ()
    others: tuple[Match, ...] = ()
    explained: int = 0


def parts_of(
    matches: Sequence[Match],
    numbers: Callable[[Match], Mapping[Key, Array]],
    wanted: Mapping[Key, Wanted],
    first: Sequence[Place],
    near: Tolerance,
) -> Parts:
    """Of mistakes that give some of the wrong numbers, and spoil none, those that can be believed."""
    begins = _mask(wanted, {key: _at(slot.wrong, first, key) for key, slot in wanted.items()})
    given: list[tuple[Match, NDArray[np.bool_]]] = []
    for match in sorted(best_of(matches), key=lambda one: -one.explained)[:_MOST]:
        known = numbers(match)
        mask = _mask(
            wanted, {key: _given(slot, known.get(key, slot.right), near) for key, slot in wanted.items()}
        )
        if (mask & begins).any():
            given.append((match, mask))
    if not given:
        return Parts()
    best, covered = given[0][0], given[0][1].copy()
    same = tuple(match for match, mask in given if (mask == given[0][1]).all())
    others = []
    for match, mask in given:
        if not (mask & covered).any():
            others.append(match)
            covered |= mask
    return Parts((best, *(match for match in same if match is not best)), tuple(others), int(covered.sum()))


def _at(wrong: NDArray[np.bool_], first: Sequence[Place], key: Key) -> NDArray[np.bool_]:
    found = np.zeros_like(wrong)
    for place, index in first:
        if place == key:
            found[index] = True
    return found


def _given(slot: Wanted, values: Array, near: Tolerance) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = slot.wrong & near.agree(
        np.broadcast_to(values, slot.yours.shape), slot.yours, slot.scale
    )
    return found


def _mask(wanted: Mapping[Key, Wanted], masks: Mapping[Key, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return np.concatenate([masks[key].reshape(-1) for key in wanted])
