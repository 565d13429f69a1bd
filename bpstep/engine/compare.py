"""Two rules side by side: where a wrong one parts from the right one, and what becomes of every gradient.

A rule changes values, never the number or the order of steps, so two runs of the same problem are compared step by
step.  Values are compared by their bits, block by block as whole arrays, so 300,000 steps are no wait.

A wrong gradient may be too long, or turned, or both, and the two are not the same: one that is only too long is a
larger learning rate.  So a comparison also says by how many degrees each layer's gradient is turned, and how many times
as long it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.blocks import Section
from bpstep.engine.cells import Cell
from bpstep.engine.pieces import piece_values
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.rule import Rule
from bpstep.engine.run import Run
from bpstep.engine.specs import Array
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass

__all__ = [
    "Comparison",
    "Difference",
    "GradientRow",
    "Turn",
    "compare_runs",
    "first_difference",
    "gradient_rows",
]


#: An angle under this, in degrees, is rounding.
_NO_TURN = 1e-5


@dataclass(frozen=True)
class Difference:
    """The first step whose value differs in any bit, in both runs."""

    correct: Step
    rule: Step


@dataclass(frozen=True)
class GradientRow:
    """One gradient under both rules; ``ratio`` is rule / correct, None where correct is 0."""

    cell: Cell
    correct: float
    rule: float

    @property
    def ratio(self) -> float | None:
        """How many times too large."""
        return None if self.correct == 0.0 else self.rule / self.correct


@dataclass(frozen=True)
class Turn:
    """One layer's gradient under both rules, as a direction and a length; ``layer`` is "" of the whole gradient.

    ``degrees`` is the angle between the two, from 0 to 180; ``length`` how many times as long the rule's is.  Both are
    None where either gradient is 0, or has a value that is not finite: then there is no direction.
    """

    layer: str
    degrees: float | None
    length: float | None

    @property
    def is_turned(self) -> bool:
        """Whether the angle is more than rounding."""
        return self.degrees is not None and self.degrees >= _NO_TURN


@dataclass(frozen=True)
class Comparison:
    """A rule beside the right one: where they first part, every gradient under both, and how each layer's is turned.

    Of runs that are not ``whole``, known only so far, it tells what is known.
    """

    rule: Rule
    first: Difference | None
    rows: tuple[GradientRow, ...]
    turns: tuple[Turn, ...]
    whole: bool = True


def compare_runs(
    correct: Run,
    rule: Run,
    batch: int = 0,
    tell: Listener = unheard,
) -> Comparison:
    """Two runs of one problem side by side; the gradients are those after a batch (from 0), which must have some.
    ``tell`` hears how far it is, as in `first_difference`."""
    name, whole = rule.setup_of(batch).rule, correct.known == correct.length
    rows = gradient_rows(correct, rule, batch)
    if not whole:
        rows = [row for row in rows if not np.isnan(row.correct)]
    turns = tuple(gradient_turns(correct, rule, batch))
    return Comparison(name, first_difference(correct, rule, tell), tuple(rows), turns, whole)


def first_difference(correct: Run, rule: Run, tell: Listener = unheard) -> Difference | None:
    """The first step at which two runs of one problem part; None where they never do, as far as they are known.
    ``tell`` hears how many batches are looked at, of how many."""
    if correct.setup.rule is rule.setup.rule:
        return None
    for batch in range(correct.timeline.batches):
        if correct.timeline.start_of_batch(batch) >= correct.known:
            break
        tell("update", batch, correct.timeline.batches)
        found = _first_in_batch(correct, rule, batch)
        if found is not None:
            known = found <= correct.known
            return Difference(correct.step(found), rule.step(found)) if known else None
    return None


def _first_in_batch(correct: Run, rule: Run, batch: int) -> int | None:
    if correct.values_edited(batch):
        start, end = correct.timeline.start_of_batch(batch), correct.timeline.start_of_batch(batch + 1)
        both = zip(correct.steps(start + 1, end), rule.steps(start + 1, end), strict=True)
        return next((a.number for a, b in both if _bits(a.value) != _bits(b.value)), None)
    plan = correct.timeline.segment_of_batch(batch).schedule_of(batch)
    other = rule.timeline.segment_of_batch(batch).schedule_of(batch)
    base = correct.timeline.start_of_batch(batch)
    for sample in range(plan.samples):
        found = _first_in_section(correct, rule, batch, (plan.sample, other.sample), sample)
        if found is not None:
            return base + found + 1
        base += plan.sample.length
    found = _first_in_section(correct, rule, batch, (plan.tail, other.tail), plan.samples - 1)
    return None if found is None else base + found + 1


def _first_in_section(
    correct: Run, rule: Run, batch: int, sections: tuple[Section, Section], sample: int
) -> int | None:
    for block, twin in zip(sections[0].blocks, sections[1].blocks, strict=True):
        first = None
        for piece, other in zip(block.pieces, twin.pieces, strict=True):
            a = piece_values(correct.batch(batch), block, piece, sample)
            b = piece_values(rule.batch(batch), twin, other, sample)
            rows, columns = np.nonzero(_different(a, b))
            if len(rows):
                offsets = block.offsets(piece)[rows, columns]
                first = min(int(offsets.min()), first if first is not None else int(offsets.min()))
        if first is not None:
            return first
    return None


def _different(a: Array, b: Array) -> NDArray[np.bool_]:
    both = (np.ascontiguousarray(x).view(np.uint64) for x in (a, b))
    found: NDArray[np.bool_] = np.not_equal(*both) & ~(np.isnan(a) & np.isnan(b))
    return found


def _bits(number: float) -> bytes:
    return np.float64(number).tobytes()


def gradient_rows(correct: Run, rule: Run, batch: int = 0) -> list[GradientRow]:
    """Every gradient after a batch that is asked for (`Graph.page`), under both rules."""
    vectors = correct.setup_of(batch).graph.page
    right, wrong = correct.batch(batch).numbers, rule.batch(batch).numbers
    rows = []
    for vector in vectors:
        a, b = right.derivative(vector.id), wrong.derivative(vector.id)
        pairs = zip(a.ravel()[: vector.size].tolist(), b.ravel()[: vector.size].tolist(), strict=True)
        rows += [GradientRow(cell, *pair) for cell, pair in zip(vector.cells(), pairs, strict=True)]
    return rows


def gradient_turns(correct: Run, rule: Run, batch: int) -> list[Turn]:
    """Each layer's gradient after a batch, and the whole one, where there are several layers; the whole one is last.

    The runs need not be of one rule, only of one net: two runs with different learning rates can be compared, too.
    Where one of them is in forward mode there are no gradients to compare.
    """
    if any(run.setup_of(batch).wrt is not None for run in (correct, rule)):
        return []
    layers: dict[str, tuple[list[Array], list[Array]]] = {}
    for vector in correct.setup_of(batch).graph.page:
        both = layers.setdefault(vector.layer if correct.setup_of(batch).is_network else "", ([], []))
        for run, parts in zip((correct, rule), both, strict=True):
            parts.append(run.batch(batch).numbers.derivative(vector.id).ravel())
    flat = [(layer, np.concatenate(a), np.concatenate(b)) for layer, (a, b) in layers.items()]
    if len(flat) > 1:
        flat.append(("", np.concatenate([a for _, a, _ in flat]), np.concatenate([b for _, _, b in flat])))
    return [_turn(layer, a, b) for layer, a, b in flat]


def _turn(layer: str, a: Array, b: Array) -> Turn:
    """The angle between two arrays of one shape, and the ratio of their lengths.

    The angle is 2·atan2(|u − v|, |u + v|) of the two unit vectors, which is as exact near 0 as near 90 degrees
    (Kahan, How Futile are Mindless Assessments of Roundoff, section 12); an arc cosine loses half the digits there.
    """
    with np.errstate(all="ignore"):
        lengths = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        if not all(np.isfinite(lengths)) or 0.0 in lengths:
            return Turn(layer, None, None)
        u, v = a / lengths[0], b / lengths[1]
        angle = 2.0 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    return Turn(layer, float(np.degrees(angle)), lengths[1] / lengths[0])
