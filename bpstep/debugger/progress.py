"""Long work: how it says how far it is, how often, and how much of it is done between two reports."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bpstep.engine.progress import Listener

if TYPE_CHECKING:
    from bpstep.engine.run import Run

__all__ = ["BETWEEN_REPORTS", "paced", "reach"]

#: Seconds between two reports: a screen stays live, and nothing waits for the drawing.
BETWEEN_REPORTS = 0.03


def paced(count: int, seconds: float) -> int:
    """So many at a time that they take about the time between two reports, where ``count`` took ``seconds``."""
    if seconds < BETWEEN_REPORTS / 2:
        return min(count * 2, 65536)
    return max(1, count // 2) if seconds > 2 * BETWEEN_REPORTS else count


def reach(run: Run, batch: int, report: Listener) -> None:
    """Compute a run as far as the beginning of a batch: training that nobody has looked at yet may take its time."""
    at, count = run.history.before(batch)[0], 64
    while at < batch:
        started, until = time.perf_counter(), min(batch, at + count)
        run.snapshot(until)
        at, count = until, paced(count, time.perf_counter() - started)
        report("update", at, batch)
