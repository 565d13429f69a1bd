"""From a place in the schedule to a step: order and numbers meet here, and only here.

A `Describer` takes a `Place` (which step is it?) and looks into a `Pass` (what are the numbers?) to make
the `Step`.  How a step of each kind reads is told in `forward`, `backward`, `tangent` and `update`, one
function a kind; `partial` has the sums seen growing.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.describe.backward import BACKWARD_STEPS
from bpstep.engine.describe.forward import FORWARD_STEPS
from bpstep.engine.describe.here import Here
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.describe.tangent import TANGENT_STEPS
from bpstep.engine.describe.update import UPDATE_STEPS
from bpstep.engine.passes import Pass
from bpstep.engine.steps import Step, When
from bpstep.engine.timeline import Place
from bpstep.engine.update import Update

__all__ = ["Describer"]

_DESCRIBE: dict[tuple[str, str], Callable[[Here], Step]] = {
    **FORWARD_STEPS, **BACKWARD_STEPS, **TANGENT_STEPS, **UPDATE_STEPS,
}  # fmt: skip


class Describer:
    """Describes the steps of one batch from its ``numbers`` and what its ``update`` did."""

    def __init__(self, numbers: Pass, update: Update | None = None, sums: PartialSums | None = None) -> None:
        self.numbers = numbers
        self.update = update
        self.sums = PartialSums(numbers) if sums is None else sums

    def step(self, place: Place) -> Step:
        """The step at ``place``."""
        block = place.block
        row, piece, within = block.locate(place.offset)
        sample = self.numbers.rows[place.sample] + 1
        when = When(place.epoch + 1, place.batch + 1, sample, block.phase, block.layer, block.node(row))
        number = place.base + place.offset + 1
        here = Here(
            self.numbers, self.sums, self.update, number, when, place.sample, row, piece, within, block.in_tail
        )  # fmt: skip
        return _DESCRIBE[block.phase, piece.op](here)
