"""How a learner wants to see a session; none of it changes a number."""

from __future__ import annotations

from bpstep.lazily import dataclass

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """Digits of a number, names of the cells, the characters to draw with, the colours; whether an array of one axis
    (a layer, a sample) stands as a column, and a weight matrix at its left, or as a row with the matrix at its right.
    """

    digits: int = 4
    notation: str = "bpstep"
    glyphs: str = "full"
    theme: str = "dark"
    layout: str = "columns"
