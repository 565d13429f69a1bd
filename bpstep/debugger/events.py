"""What can happen in training, as stops: the loss rises, a number is not finite, a unit dies, a delta vanishes.

An event is a row: its name, what it means, and where in a batch it happens.  It happens where it *begins*: a unit
that is dead already does not die again, so a run halts once and not at every batch from there on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.debugger.divergence import first_not_finite
from bpstep.debugger.positions import NOWHERE, Positions, final_positions
from bpstep.engine import cells
from bpstep.engine.passes import Pass
from bpstep.engine.run import Run
from bpstep.engine.specs import NetworkSpec
from bpstep.lazily import dataclass

__all__ = ["EVENTS", "Event"]

#: Where no delta of a layer is larger than this, nothing is left to learn from.
_VANISHED = 1e-6


@dataclass(frozen=True)
class Event:
    """A row: ``positions(run, batch)`` are the positions of a batch at which it happens."""

    name: str
    says: str
    positions: Callable[[Run, int], Positions]


def _rising(run: Run, batch: int) -> Positions:
    """At the last step of the loss of an epoch whose loss is larger than the epoch's before."""
    epoch, within = divmod(batch, run.timeline.batches_per_epoch)
    if epoch == 0 or within != run.timeline.batches_per_epoch - 1:
        return NOWHERE
    if not run.epoch_loss(epoch) > run.epoch_loss(epoch - 1):
        return NOWHERE
    root = run.setup_of(batch).graph.root.cell(0)
    for cell in (cells.LOSS, root):
        found = final_positions(run, [cell], batch)
        if len(found):
            return found[-1:]
    return NOWHERE


def _not_finite(run: Run, batch: int) -> Positions:
    """At the first value of the run that is not finite."""
    if not np.isfinite(run.snapshot(batch).parameters).all():
        return NOWHERE
    numbers, update = run.numbers(batch), run.batch(batch).update
    after = [update.parameters] if update is not None else []
    arrays = [*numbers.values, *(d for d in numbers.d if d is not None), *after]
    if np.isfinite(numbers.loss) and all(np.isfinite(array).all() for array in arrays):
        return NOWHERE
    step = first_not_finite(run, batch, batch + 1)
    return NOWHERE if step is None else np.array([step.number], dtype=np.int64)


def _dead(run: Run, batch: int) -> Positions:
    """At the last f′ of a unit that is 0 for every sample, if it was not so in the batch before."""
    now = _dead_units(run, batch)
    before = _dead_units(run, batch - 1) if batch else set()
    found = [
        final_positions(run, [cells.local(cells.y(name), cells.e(name))], batch)[-1:] for name in now - before
    ]
    return np.sort(np.concatenate(found)) if found else NOWHERE


def _dead_units(run: Run, batch: int) -> set[str]:
    problem, numbers = run.setup_of(batch).problem, run.numbers(batch)
    if not isinstance(problem, NetworkSpec):
        return set()
    found = set()
    for vector in numbers.graph.vectors:
        for edge in numbers.graph.consumers[vector.id]:
            if edge.role == "activation" and not edge.couples:
                slopes = numbers.local[edge.id]
                if slopes is not None:
                    found |= {vector.names[k] for k in np.flatnonzero((slopes == 0.0).all(axis=0))}
    return found


def _vanished(run: Run, batch: int) -> Positions:
    """At the last delta of a layer in which none is larger than `_VANISHED`, if it was not so before."""
    now = _vanished_layers(run.numbers(batch))
    before = _vanished_layers(run.numbers(batch - 1)) if batch else {}
    found = [
        final_positions(run, [cells.d(cells.e(names[-1]))], batch)[-1:]
        for layer, names in now.items()
        if layer not in before
    ]
    return np.sort(np.concatenate(found)) if found else NOWHERE


def _vanished_layers(numbers: Pass) -> dict[str, tuple[str, ...]]:
    found = {}
    for vector in numbers.graph.gathered:
        d = numbers.d[vector.id]
        if vector.kind == "e" and d is not None and bool((np.abs(d) < _VANISHED).all()):
            found[vector.layer] = vector.names
    return found


_ROWS = (
    Event("rising", "the loss of an epoch is larger than that of the epoch before", _rising),
    Event("not-finite", "the first value of the run that is not finite", _not_finite),
    Event("dead", "a unit's f′ has become 0 for every sample of the batch", _dead),
    Event("vanished", f"every delta of a layer has become smaller than {_VANISHED:g}", _vanished),
)

#: The events, by name.
EVENTS: dict[str, Event] = {row.name: row for row in _ROWS}
