"""One row of a canvas: labels over strokes, cell by cell.

A row that stands in two pictures is one object until somebody draws on it: most rows of a picture look as they did
in the picture before, and what is one object need not be copied, nor compared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bpstep.view.drawing.glyphs import HEAVY, STROKES, arms

__all__ = ["Line", "blank_line"]

# Or-ing two packed arms gives 3 where light meets heavy: heavy wins.
_HEAVIER = tuple(arms(*(min(packed >> shift & 3, HEAVY) for shift in (0, 2, 4, 6))) for packed in range(256))


class Line:
    """The cells of a row.  ``shared`` says that it stands in several pictures: who draws on it takes a copy first."""

    __slots__ = ("chars", "packed", "roles", "shared", "stroke_roles", "weights")

    def __init__(self, width: int) -> None:
        self.chars = [""] * width  # labels; "" lets the strokes through
        self.roles = [""] * width
        # Strokes; made with the first, for many rows have labels alone, and go the quicker way.
        self.packed: list[int] = []
        self.weights: list[int] = []  # only decide which role a stroke gets
        self.stroke_roles: list[str] = []
        self.shared = False

    def copy(self) -> Line:
        """The same row, to be drawn on."""
        twin = Line.__new__(Line)
        twin.chars, twin.roles = self.chars[:], self.roles[:]
        twin.packed, twin.weights, twin.stroke_roles = self.packed[:], self.weights[:], self.stroke_roles[:]
        twin.shared = False
        return twin

    # -- drawing ---------------------------------------------------------------------------------------------

    def put(self, x: int, text: str, role: str, *, beneath: bool = False) -> None:
        """Write a label that fits the row; ``beneath`` those that are there already."""
        if beneath and any(self.chars[x : x + len(text)]):
            for at, char in enumerate(text, x):
                if not self.chars[at]:
                    self.chars[at], self.roles[at] = char, role
            return
        self.chars[x : x + len(text)] = text
        self.roles[x : x + len(text)] = [role] * len(text)

    def stroke(self, x: int, shape: int, weight: int, role: str, *, beneath: bool = False) -> None:
        """Join a stroke with those in a cell: the heaviest gives the role, of equals the uppermost."""
        if not self.packed:
            self._take_strokes()
        self.packed[x] = _HEAVIER[self.packed[x] | shape]
        if weight + (not beneath) > self.weights[x]:
            self.weights[x], self.stroke_roles[x] = weight, role

    def clear(self, part: slice) -> None:
        """Take away labels and strokes in some cells."""
        count = part.stop - part.start
        self.chars[part], self.roles[part] = [""] * count, [""] * count
        if self.packed:
            self.packed[part], self.weights[part], self.stroke_roles[part] = (
                [0] * count,
                [0] * count,
                [""] * count,
            )

    def draw(self, other: Line, here: slice, there: slice, *, beneath: bool = False) -> None:
        """Draw cells of another row over cells of this one, or beneath them: strokes join, labels cover."""
        if any(self.chars[here]) or any(self.packed[here]):
            self._join(other, here, there, beneath)
            return
        self.chars[here], self.roles[here] = other.chars[there], other.roles[there]
        if other.packed:
            if not self.packed:
                self._take_strokes()
            self.packed[here], self.weights[here] = other.packed[there], other.weights[there]
            self.stroke_roles[here] = other.stroke_roles[there]

    def restyle(self, part: slice, change: Callable[[str], str]) -> None:
        """Change the roles of some cells ("" where nothing is drawn); what was blank is drawn as a blank."""
        for x in range(part.start, part.stop):
            if not self.chars[x] and not any(self.packed[x : x + 1]):
                self.chars[x] = " "
            self.roles[x] = change(self.roles[x])
            if self.packed:
                self.stroke_roles[x] = change(self.stroke_roles[x])

    def _take_strokes(self) -> None:
        """Have room for strokes."""
        width = len(self.chars)
        self.packed, self.weights, self.stroke_roles = [0] * width, [0] * width, [""] * width

    def _join(self, other: Line, here: slice, there: slice, beneath: bool) -> None:
        by = here.start - there.start
        for x, char in enumerate(other.chars[there], there.start):
            if char and not (beneath and self.chars[x + by]):
                self.chars[x + by], self.roles[x + by] = char, other.roles[x]
        for x, shape in enumerate(other.packed[there], there.start):
            if shape:
                self.stroke(x + by, shape, other.weights[x], other.stroke_roles[x], beneath=beneath)

    # -- emitting --------------------------------------------------------------------------------------------

    def shown(self) -> tuple[str, list[str]]:
        """The text of the row, and the role of each of its cells."""
        if not any(self.packed):  # labels alone, as in most rows
            return "".join([char or " " for char in self.chars]), self.roles
        text = "".join([char or STROKES[shape] for char, shape in zip(self.chars, self.packed, strict=True)])
        labelled = zip(self.chars, self.roles, self.stroke_roles, strict=True)
        return text, [role if char else stroke for char, role, stroke in labelled]

    def is_drawn_as(self, other: Line) -> bool:
        """Whether another row of the same width was drawn as this one; under its labels one that was not may look the
        same all the same."""
        if self.chars != other.chars or self.roles != other.roles:
            return False
        if self.packed and other.packed:
            return self.packed == other.packed and self.stroke_roles == other.stroke_roles
        return not any(self.packed) and not any(other.packed)


@lru_cache(maxsize=64)
def blank_line(width: int) -> Line:
    """The row on which nothing is drawn: one for all pictures of a width."""
    line = Line(width)
    line.shared = True
    return line
