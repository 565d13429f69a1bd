"""Garbage is collected while nobody waits for it: right behind a frame, a little at a time.

A key makes some thousands of objects, and nearly all of them go away by themselves.  To look through those that stay
takes as long as a key does, or longer: so Python is not left to do it in the middle of one.  Before the first frame
nothing is collected at all; what is there by then is no garbage, and is never looked through again.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen

__all__ = ["begin", "tidy"]

#: After so many new objects Python collects by itself: where something works for long and paints no frame.
_AT_THE_LATEST = 50_000
#: So many are looked through behind a frame, in about a millisecond.
_A_FEW = 4_000
#: So many collections of younger objects go before one of those that have stayed.
_OFTEN = 50


def begin() -> None:
    """From now on garbage is collected."""
    gc.freeze()
    gc.set_threshold(_AT_THE_LATEST)
    gc.enable()


def tidy(screen: Screen[Any]) -> None:
    """Have garbage collected when the next frame of a screen is painted, if there may be some."""
    if gc.isenabled() and gc.get_count()[0] > _A_FEW:
        screen.call_after_refresh(_collect)


def _collect() -> None:
    _, middle, old = gc.get_count()
    gc.collect(2 if old > _OFTEN else 1 if middle > _OFTEN else 0)
