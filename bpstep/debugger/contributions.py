"""The steps that write a cell: which they are, in the sample or batch of a place, and how many of them are done."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from bpstep.engine.schedule import Writes
from bpstep.engine.timeline import Place

__all__ = ["arrived", "finals", "is_settled", "write_steps"]


def arrived(place: Place, writes: Writes, *, begun: bool) -> tuple[int, int]:
    """(k, n): how many of the steps that write a cell are done at a place, of how many there are.

    Before the first step of a run, when nothing has ``begun``, none is.
    """
    k = _done(place, writes.each, in_tail=False) + _done(place, writes.tail, in_tail=True) if begun else 0
    if not writes.by_batch:
        return k, len(writes.each) + len(writes.tail)
    before = place.sample * len(writes.each)
    return before + k, place.schedule.samples * len(writes.each) + len(writes.tail)


def is_settled(place: Place, writes: Writes) -> bool:
    """Whether a cell that no step writes is known to be 0 at a place where a step was done."""
    if writes.settled is None:
        return False
    is_over = place.in_tail or place.offset >= writes.settled
    return is_over and (not writes.by_batch or place.sample == place.schedule.samples - 1)


def _done(place: Place, offsets: Sequence[int], *, in_tail: bool) -> int:
    """How many of some offsets lie at or before a place."""
    if not offsets:
        return 0
    if place.in_tail != in_tail:
        return len(offsets) if place.in_tail else 0
    return bisect_right(offsets, place.offset)


def finals(place: Place, writes: Writes) -> list[int]:
    """The positions of the batch of a place at which a cell becomes final."""
    plan, start = place.schedule, place.batch_base
    if writes.tail:
        return [place.tail_base + writes.tail[-1] + 1]
    if writes.are_never:
        return []
    last = 1 + (writes.each[-1] if writes.settled is None else writes.settled)
    if writes.by_batch:
        return [start + (plan.samples - 1) * plan.sample.length + last]
    return [start + sample * plan.sample.length + last for sample in range(plan.samples)]


def write_steps(place: Place, writes: Writes) -> Sequence[int]:
    """The numbers of the steps that write a cell, of this sample or, where it gathers by batch, of this batch."""
    plan, start, tail = place.schedule, place.batch_base, place.tail_base
    if writes.by_batch:
        steps = [start + s * plan.sample.length + o + 1 for s in range(plan.samples) for o in writes.each]
        return [*steps, *(tail + o + 1 for o in writes.tail)]
    if writes.tail:
        return [tail + offset + 1 for offset in writes.tail]
    first = place.sample_base + 1
    each = writes.each
    if not each or not isinstance(each, range):
        return [first + offset for offset in each]
    return range(first + each[0], first + each[-1] + 1, each.step)
