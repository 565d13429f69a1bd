"""How a learner wants to see a session; none of it changes a number."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOTATION_NAMES", "Options"]

#: The notations of the books (formats, section 6).
NOTATION_NAMES = ("bpstep", "nielsen", "ng", "pdp", "autodiff")


@dataclass(frozen=True)
class Options:
    """Digits of a number, names of the cells, the characters to draw with, the colours."""

    digits: int = 4
    notation: str = "bpstep"
    glyphs: str = "full"
    theme: str = "dark"
