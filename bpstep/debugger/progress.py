"""Long work: how often it says how far it is, and how much of it is done between two reports."""

from __future__ import annotations

__all__ = ["BETWEEN_REPORTS", "paced"]

#: Seconds between two reports: a screen stays live, and nothing waits for the drawing.
BETWEEN_REPORTS = 0.03


def paced(count: int, seconds: float) -> int:
    """So many at a time that they take about the time between two reports, where ``count`` took ``seconds``."""
    if seconds < BETWEEN_REPORTS / 2:
        return min(count * 2, 65536)
    return max(1, count // 2) if seconds > 2 * BETWEEN_REPORTS else count
