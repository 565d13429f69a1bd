"""Where a run diverges: the first value that is not finite."""

from __future__ import annotations

import numpy as np

from bpstep.engine.run import Run
from bpstep.engine.steps import Step

__all__ = ["first_not_finite", "is_finite"]


def is_finite(run: Run, batch: int) -> bool:
    """Whether the parameters at the start of a batch are finite, and the loss of the batch before."""
    return bool(np.isfinite(run.snapshot(batch).parameters).all()) and bool(np.isfinite(run.loss(batch - 1)))


def first_not_finite(run: Run, batch: int, until: int) -> Step | None:
    """The first step of some batches whose value is not finite: by halving, then step by step."""
    low, high = batch, until
    while high - low > 1:
        middle = (low + high) // 2
        if is_finite(run, middle):
            low = middle
        else:
            high = middle
    for at in range(low, high):
        first, last = run.timeline.start_of_batch(at) + 1, run.timeline.start_of_batch(at + 1)
        for step in run.steps(first, last):
            if not np.isfinite(step.value):
                return step
    return None
