"""How far long work is: whoever does it reports, and whoever wants to hears."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Listener", "unheard"]

#: Who is told how far long work is: ``what`` is counted (steps, updates, gradients), ``done``, ``of`` so many.
Listener = Callable[[str, int, int], None]


def unheard(what: str, done: int, of: int) -> None:
    """Nobody listens."""
