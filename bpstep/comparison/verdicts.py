"""What may be said of wrong numbers: one mistake, two at once, a part of them, or honestly nothing.

Where several mistakes give the very same numbers they are all named, with one more number that would tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bpstep.comparison.first import wrong_start
from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis, Mistake
from bpstep.comparison.net import THE_INPUTS, Net
from bpstep.comparison.parts import Parts, parts_of
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.scalars import scalar_mistakes, scalar_pairs
from bpstep.comparison.search import (
    Match,
    Wanted,
    best_of,
    numbers_of,
    pairs,
    possible,
    scalar_matches_of_two,
    scalar_singles,
    singles,
)
from bpstep.comparison.sheet import Mask, Place, Sheet
from bpstep.comparison.walk import Walk
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Finding", "found_in"]

#: Of more mistakes that give the same numbers, it is not looked for what would tell them apart.
_MOST_COMPARED = 12
#: Pairs are not tried where their number, times that of the deltas of a pass, is larger than this.
_MOST_WORK = 2_000_000_000
#: What is smaller may be 0 for no other reason than that it was printed with three decimals.
_MAY_BE_ROUNDED_AWAY = 5e-4


_SINGLE = Tolerance(2e-6)
_ROUNDED = Match(
    (Hypothesis(Mistake("rounded-to-float32", "the numbers are right, but computed in float32", ()), "", None, (), True,
                "", ()),),
    0, 0.0, 0.0, {},
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found.  ``matches`` give the same numbers; ``apart`` is a number that would tell them apart ("" where
    nothing would, or there is one only).  ``tried`` counts the mistakes tried, ``pairs_tried`` whether two at once
    were; ``patterns`` are sentences about slots that are wrong in a simple way; ``possible`` fit,
    but so few or so inexact numbers that it may be by accident.  Of a ``part``, ``others`` give others of the wrong
    numbers, and all of them together ``explained``."""

    verdict: str
    matches: tuple[Match, ...] = ()
    apart: str = ""
    tried: int = 0
    pairs_tried: bool = False
    patterns: tuple[str, ...] = ()
    possible: tuple[Match, ...] = ()
    others: tuple[Match, ...] = ()
    explained: int = 0


def found_in(
    sheet: Sheet,
    wanted: Mapping[Key, Wanted],
    near: Tolerance,
    first: Sequence[Place],
    tell: Listener = unheard,
) -> Finding:
    """Look for the mistake that makes a learner's numbers; ``first`` are the wrong ones all of whose operands agree."""
    wrong = {key for key, slot in wanted.items() if slot.wrong.any()}
    if not wrong:
        return Finding("right")
    if _starts_elsewhere(sheet, {key: wanted[key].wrong for key in wrong}):
        return Finding("given", patterns=_updated(sheet, wanted, near))
    if _rounded_away(wanted):
        few = (
            "your numbers are all 0, and the right ones so small that rounding makes them 0: give more digits"
        )
        return Finding("none", patterns=(few,))
    if _in_single_precision(wanted):
        count = sum(int(slot.wrong.sum()) for slot in wanted.values())
        return Finding("mistake", (replace(_ROUNDED, explained=count),), tried=1)
    patterns = tuple(_patterns(sheet, wanted, near))
    if sheet.net is None:
        return _of_expression(sheet, wanted, near, first, patterns)
    every = hypotheses(sheet.net)
    whole, part = singles(sheet.net, wanted, every, near)
    best = best_of(whole)
    if best:
        return Finding(
            "mistake", tuple(best), _apart(sheet, sheet.net, best, near), len(every), False, patterns
        )
    try_pairs = len(every) ** 2 * _reach(sheet.net) <= _MOST_WORK
    if try_pairs:
        best = best_of(pairs(sheet.net, wanted, every, near, tell))
        if best:
            apart = _apart(sheet, sheet.net, best, near)
            return Finding("pair", tuple(best), apart, len(every), True, patterns)
    net = sheet.net
    parts = parts_of(part, lambda match: numbers_of(net, match.hypotheses), wanted, first, near)
    return _of_parts(parts, whole, len(every), try_pairs, patterns)


def _of_parts(
    parts: Parts, whole: Sequence[Match], tried: int, pairs_tried: bool, patterns: tuple[str, ...]
) -> Finding:
    if not parts.same:
        return Finding("none", (), "", tried, pairs_tried, patterns, tuple(possible(whole)))
    return Finding(
        "part", parts.same, "", tried, pairs_tried, patterns, others=parts.others, explained=parts.explained
    )


def _updated(sheet: Sheet, wanted: Mapping[Key, Wanted], near: Tolerance) -> tuple[str, ...]:
    """A word about parameters that are those after the update."""
    run, batch = sheet.run, sheet.batch
    if run.setup_of(batch).training.learning_rate is None:
        return ()
    graph, after = run.setup_of(batch).graph, run.snapshot(batch + 1).parameters
    places = {v.cell(j): graph.flat_place(v, j) for v in graph.parameters for j in range(v.size)}
    for key, slot in wanted.items():
        cells = sheet.slots[key].cell
        for index in map(tuple, np.argwhere(slot.wrong).tolist()):
            place = places.get(cells(index))
            if place is None or not near.agree(after[place], slot.yours[index], slot.scale):
                return ()
    return (
        "your parameters are those after the update: leave them out, or say after which epoch (--epoch 1)",
    )


def _rounded_away(wanted: Mapping[Key, Wanted]) -> bool:
    """Whether every wrong number is 0, and the right one so small that it may have been rounded to 0."""
    return all(
        not slot.yours[slot.wrong].any()
        and bool((np.abs(slot.right[slot.wrong]) < _MAY_BE_ROUNDED_AWAY).all())
        for slot in wanted.values()
    )


def _in_single_precision(wanted: Mapping[Key, Wanted]) -> bool:
    """Whether the numbers are the right ones, as float32 has them: seen only where more exact ones are asked for."""
    return all(
        bool(np.array_equal(slot.yours[slot.given].astype(np.float32), slot.yours[slot.given]))
        and bool(_SINGLE.agree(slot.yours, slot.right, slot.scale)[slot.given].all())
        for slot in wanted.values()
    )


def _reach(net: Net) -> int:
    """How many numbers the deltas of a pass are."""
    return net.samples * sum(layer.size for layer in net.layers)


def _starts_elsewhere(sheet: Sheet, wrong: Mapping[Key, Mask]) -> bool:
    """Whether numbers are wrong that a scenario gives, and nobody computes."""
    if sheet.net is None:
        return bool(wrong_start(sheet, wrong))
    return any(key[0] in ("w", "b", "t") or key == ("y", THE_INPUTS) for key in wrong)


def _of_expression(
    sheet: Sheet,
    wanted: Mapping[Key, Wanted],
    near: Tolerance,
    first: Sequence[Place],
    patterns: tuple[str, ...],
) -> Finding:
    if "d" not in (key[0] for key, slot in wanted.items() if slot.wrong.any()):
        return Finding("none", patterns=patterns)
    walk = Walk(sheet)
    every = scalar_mistakes(walk)
    whole, part = scalar_singles(wanted, every, near)
    best = best_of(whole)
    if best:
        return Finding("mistake", tuple(best), _apart_scalar(sheet, best, near), len(every), False, patterns)
    both = list(scalar_pairs(walk, every))
    best = best_of(scalar_matches_of_two(wanted, both, near))
    if best:
        return Finding("pair", tuple(best), _apart_scalar(sheet, best, near), len(every), True, patterns)
    parts = parts_of(part, lambda match: match.numbers, wanted, first, near)
    return _of_parts(parts, whole, len(every), bool(both), patterns)


# --- what would tell them apart -----------------------------------------------------------------------


def _apart(sheet: Sheet, net: Net, matches: Sequence[Match], near: Tolerance) -> str:
    if not 1 < len(matches) <= _MOST_COMPARED:
        return ""
    return _telling(sheet, [numbers_of(net, match.hypotheses) for match in matches], near)


def _apart_scalar(sheet: Sheet, matches: Sequence[Match], near: Tolerance) -> str:
    if not 1 < len(matches) <= _MOST_COMPARED:
        return ""
    return _telling(sheet, [match.numbers for match in matches], near)


def _telling(sheet: Sheet, numbers: Sequence[Mapping[Key, Array]], near: Tolerance) -> str:
    """The number not given in which the most of them differ from the first."""
    best, most = "", 0
    for key, slot in sheet.slots.items():
        if not all(key in known for known in numbers):
            continue
        scale = float(np.abs(slot.right).max(initial=0.0))
        differs = sum(
            (~near.agree(known[key], numbers[0][key], scale) & ~sheet.given(key)).astype(int)
            for known in numbers[1:]
        )
        count = np.asarray(differs)
        if count.size and int(count.max()) > most:
            most = int(count.max())
            index = np.unravel_index(int(count.argmax()), count.shape)
            best = sheet.name((key, tuple(int(k) for k in index)))
    return best


# --- patterns -----------------------------------------------------------------------------------------


def _patterns(sheet: Sheet, wanted: Mapping[Key, Wanted], near: Tolerance) -> list[str]:
    """Slots all of whose numbers are wrong by the same factor."""
    found = []
    for key, slot in wanted.items():
        used = slot.given & (slot.right != 0.0)
        if int(used.sum()) < 2 or not (slot.wrong & used).any() or (slot.wrong & ~used).any():
            continue
        ratios = slot.yours[used] / slot.right[used]
        if float(np.ptp(ratios)) <= 4.0 * near.relative * float(np.abs(ratios).max()) and ratios[0] != 0.0:
            first = sheet.slots[key].cell((0,) * slot.right.ndim)
            found.append(f"all numbers like {first} are {ratios.mean():.6g} times the right ones")
    return found
