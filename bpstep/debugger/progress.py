"""Long work: how it says how far it is, how often, and how much of it is done between two reports."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["BETWEEN_REPORTS", "Report", "paced", "unheard"]

#: Who is told how far long work is: ``what`` is counted (steps, updates, gradients), ``done``, ``of`` so many.
Report = Callable[[str, int, int], None]

#: Seconds between two reports: a screen stays live, and nothing waits for the drawing.
BETWEEN_REPORTS = 0.03


def unheard(what: str, done: int, of: int) -> None:
    """Nobody listens."""


def paced(count: int, seconds: float) -> int:
    """So many at a time that they take about the time between two reports, where ``count`` took ``seconds``."""
    if seconds < BETWEEN_REPORTS / 2:
        return min(count * 2, 65536)
    return max(1, count // 2) if seconds > 2 * BETWEEN_REPORTS else count
